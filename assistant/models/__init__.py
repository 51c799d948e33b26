"""The local models: loading, tokenising, running."""
