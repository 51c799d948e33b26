"""Fine-tunes the encoder on questions with the passages that answer them."""
