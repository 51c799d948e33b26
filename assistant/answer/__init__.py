"""Answers: composing them from verbatim pieces, citing, verifying, refusing."""
