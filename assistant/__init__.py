"""Question answering over Chinese policy documents; every statement is proven by the original text."""

__version__ = "0.1.0"
