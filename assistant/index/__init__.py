"""The library: SQLite is the truth, tantivy finds words, Chroma finds vectors."""

from assistant.index.ingest import IngestReport, ingest
from assistant.index.library import Library, open_library
from assistant.index.status import LibraryStatus, status
from assistant.index.words import Unit

__all__ = [
    "IngestReport",
    "Library",
    "LibraryStatus",
    "Unit",
    "ingest",
    "open_library",
    "status",
]
