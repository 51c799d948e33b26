"""A cited stretch of a document, shown between what stands before and after it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.errors import InputError
from assistant.types import Block, BlockKind, Document, Span
from assistant.web.seam import Shelf

BEFORE, AFTER = (
    150,
    250,
)  # code points shown around a quote; few before it, so that it is seen without scrolling
SLACK = 60  # how many of them may be given up to begin or end at a sentence
_SENTENCE_END = re.compile(r"[。！？；\n]")
_CLAUSE_END = re.compile(r"[，、：,]")
_PATHLESS = {BlockKind.FURNITURE}


class DocumentUnknown(InputError):
    """The library holds no document of that id."""


@dataclass(frozen=True, slots=True)
class Passage:
    """`before + quote + after` is one stretch of the document's text, as it stands in the file."""

    document: Document
    span: Span
    heading_path: tuple[str, ...]
    before: str
    quote: str
    after: str

    @property
    def opens_document(self) -> bool:
        """Whether only white space of the document stands before the passage."""
        return not self.document.text[: self.span.start - len(self.before)].strip()

    @property
    def closes_document(self) -> bool:
        """Whether only white space of the document stands after the passage."""
        return not self.document.text[self.span.end + len(self.after) :].strip()


def find_document(library: Shelf, doc: str) -> Document:
    """The document of an id, in the newest state of the library. Raises DocumentUnknown."""
    library.refresh()
    for document in library.documents():
        if document.id == doc:
            return document
    raise DocumentUnknown(f"没有编号为 “{doc}” 的文件，可能已被移除，请在文件目录中查看现有文件")


def cut(document: Document, start: int, end: int, blocks: Sequence[Block] = ()) -> Passage:
    """The passage around `start:end` (code points, end exclusive). Raises InputError when it lies outside."""
    if not 0 <= start < end <= len(document.text):
        raise InputError(f"位置 {start}–{end} 不在文件之内：该文件共 {len(document.text)} 字")
    span = Span(document.id, start, end)
    text = document.text
    return Passage(
        document,
        span,
        heading_path(span, blocks),
        text[_opening(text, start) : start],
        text[start:end],
        text[end : _closing(text, end)],
    )


def heading_path(span: Span, blocks: Sequence[Block]) -> tuple[str, ...]:
    """The headings that the beginning of a span stands under, outermost first."""
    first = Span(span.doc, span.start, span.start + 1)
    holders = [b for b in blocks if b.kind not in _PATHLESS and b.span.contains(first)]
    if not holders:
        return ()
    return min(holders, key=lambda block: block.span.end - block.span.start).heading_path


def _opening(text: str, start: int) -> int:
    earliest = max(0, start - BEFORE)
    room = earliest, min(earliest + SLACK, start)
    if earliest and (found := _SENTENCE_END.search(text, *room) or _CLAUSE_END.search(text, *room)):
        earliest = found.end()
    return start - len(text[earliest:start].lstrip())


def _closing(text: str, end: int) -> int:
    latest = min(end + AFTER, len(text))
    ends = [found.end() for found in _SENTENCE_END.finditer(text, max(end, latest - SLACK), latest)]
    if ends and latest < len(text):
        latest = ends[-1]
    return end + len(text[end:latest].rstrip())
