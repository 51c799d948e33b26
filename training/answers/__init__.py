"""Learns from the development questions what to believe: of chunks, of sentences, of drafts."""
