"""Trains the reader: a small network that reads a question beside a passage."""
