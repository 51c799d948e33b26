"""Reading documents: decoding, structure, chunks."""

from assistant.documents.loading import PARSER_VERSION, Parsed, Source, discover, load, passed_over

__all__ = ["PARSER_VERSION", "Parsed", "Source", "discover", "load", "passed_over"]
