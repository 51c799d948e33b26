"""Documents, blocks and chunks as rows of SQLite, and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import fields
from types import MappingProxyType
from typing import Any, TypeVar

from assistant.types import Block, BlockKind, Chunk, Document, Span

T = TypeVar("T")

# The columns that `chunk` reads: document id first, then the chunk's own.
CHUNK_COLUMNS = 'documents.id, chunks.id, start, "end", chunks.text, context, attributes'

# Fields of Document that have columns of their own; the others go into one JSON column.
OWN_COLUMNS = ("id", "text", "hash")
METADATA = tuple(f.name for f in fields(Document) if f.name not in OWN_COLUMNS)


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in runs of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def passage(chunk: Chunk) -> str:
    """What is embedded for a chunk: its context, then its text."""
    return f"{chunk.context}\n{chunk.text}" if chunk.context else chunk.text


def input_hash(chunk: Chunk) -> str:
    """SHA-256 of the chunk's id, context and text: it changes when anything that is indexed changes."""
    parts = (chunk.id, chunk.context, chunk.text)
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def document_row(document: Document) -> tuple[str, str, str, str]:
    """Columns id, text, hash, metadata."""
    metadata = {name: getattr(document, name) for name in METADATA}
    return document.id, document.text, document.hash, _json(metadata)


def document(row: Sequence[Any]) -> Document:
    """The document of a row with columns id, text, hash, metadata."""
    metadata = {k: v for k, v in json.loads(row[3]).items() if k in METADATA}
    return Document(id=row[0], text=row[1], hash=row[2], **metadata)


def block_row(block: Block) -> tuple[str, int, int, str, str, str]:
    """Columns kind, start, end, text, heading_path, attributes."""
    span = block.span
    path, attributes = _json(block.heading_path), _json(dict(block.attributes))
    return block.kind.value, span.start, span.end, block.text, path, attributes


def block(row: Sequence[Any]) -> Block:
    """The block of a row with the document's id first, then the columns of `block_row`."""
    doc, kind, start, end, text, path, attributes = row
    return Block(
        kind=BlockKind(kind),
        span=Span(doc, start, end),
        text=text,
        heading_path=tuple(json.loads(path)),
        attributes=MappingProxyType(json.loads(attributes)),
    )


def chunk_row(chunk: Chunk) -> tuple[str, str, int, int, str, str, str]:
    """Columns id, input, start, end, text, context, attributes."""
    attributes = {
        "heading_path": chunk.heading_path,
        "speaker": chunk.speaker,
        "region": chunk.region,
        "years": chunk.years,
        "kind": chunk.kind.value,
        "tokens": chunk.tokens,
    }
    span = chunk.span
    return chunk.id, input_hash(chunk), span.start, span.end, chunk.text, chunk.context, _json(attributes)


def chunk(row: Sequence[Any]) -> Chunk:
    """The chunk of a row with the columns of CHUNK_COLUMNS."""
    doc, own, start, end, text, context, attributes = row
    values = json.loads(attributes)
    return Chunk(
        id=own,
        span=Span(doc, start, end),
        text=text,
        context=context,
        heading_path=tuple(values["heading_path"]),
        speaker=values["speaker"],
        region=values["region"],
        years=tuple(values["years"]),
        kind=BlockKind(values["kind"]),
        tokens=values["tokens"],
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
