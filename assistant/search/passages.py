"""The sentences of the documents, each with its place in the structure: what answers are made of."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Protocol

from assistant.language.clean import CleanText, clean
from assistant.language.dates import years_in
from assistant.language.regions import homes_in
from assistant.language.segment import plain
from assistant.language.sentences import sentences
from assistant.search.scope import document_regions, document_years
from assistant.types import Block, BlockKind, Chunk, Document, Span

_LEAVES = (BlockKind.PARAGRAPH, BlockKind.ITEM, BlockKind.HEADING, BlockKind.TITLE, BlockKind.ROW)
_SPANS_KEPT = 8192  # spans whose units are remembered: every question looks at the same chunks
_SAMPLE = 4000  # chunks that the rarity of a term is estimated from


class Texts(Protocol):
    """What this module needs of the library."""

    def documents(self) -> Sequence[Document]:
        """All documents."""

    def document(self, id: str) -> Document:
        """One document."""

    def blocks(self, doc: str) -> Sequence[Block]:
        """The structure of one document."""

    def chunks_of(self, doc: str) -> Sequence[Chunk]:
        """The chunks of one document."""

    def all_chunks(self) -> Sequence[Chunk]:
        """Every chunk."""


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """One sentence (or table row, or heading): the smallest thing that is ranked.

    `text` is what is read and matched; `origin` maps the cleaned original to offsets (for a row the two differ: the
    text is the row read aloud). `where` holds the words of the place: title, headings, speaker, caption.
    """

    document: Document
    text: str
    origin: CleanText
    block: Block
    index: int
    where: str
    regions: tuple[str, ...]
    years: tuple[int, ...]  # inherited from heading and document, not those in the text

    @property
    def doc(self) -> str:
        """Id of the document."""
        return self.document.id

    @property
    def speaker(self) -> str:
        """Who says it, or empty."""
        return self.block.attributes.get("speaker", "")

    def span(self, start: int = 0, end: int | None = None) -> Span:
        """The span of characters start:end of `origin`."""
        return self.origin.span(self.doc, start, end)


@dataclass(frozen=True)
class Pages:
    """One document taken apart."""

    document: Document
    blocks: tuple[Block, ...]
    units: tuple[Unit, ...]

    @cached_property
    def headers(self) -> frozenset[Span]:
        """The header lines of the document's tables."""
        rows = (block.attributes for block in self.blocks if "header_start" in block.attributes)
        return frozenset(Span(self.document.id, int(a["header_start"]), int(a["header_end"])) for a in rows)

    def cleaned(self, block: Block) -> CleanText:
        """A block's text with the origins of its characters, furniture left out."""
        furniture = [b.span for b in self.blocks if b.kind is BlockKind.FURNITURE]
        return clean(self.document.text, block.span.start, block.span.end, furniture)


class Passages:
    """The documents of one library generation, taken apart when they are first needed."""

    def __init__(self, texts: Texts, kept: int = 64) -> None:
        self._texts = texts
        self.pages = lru_cache(maxsize=kept)(self._pages)
        self._chunks_of = lru_cache(maxsize=kept)(texts.chunks_of)
        self._units_at = lru_cache(maxsize=_SPANS_KEPT)(self._units_of)
        self.rarity = lru_cache(maxsize=4096)(self._rarity)
        self._plain: list[str] | None = None

    def documents(self) -> Sequence[Document]:
        """All documents."""
        return self._texts.documents()

    @cached_property
    def homes(self) -> frozenset[str]:
        """The regions that documents are about."""
        return frozenset(region for d in self._texts.documents() for region in document_regions(d))

    def knows(self, term: str) -> bool:
        """Whether a term (in the form of `plain`) stands anywhere in the library."""
        return self.rarity(term) < 1.0

    @cached_property
    def sampled(self) -> bool:
        """Whether the library is so large that `knows` and `rarity` look at a part of it only."""
        return len(self._texts.all_chunks()) >= 2 * _SAMPLE

    def units(self, span: Span) -> list[Unit]:
        """The units that a span holds or touches by half of their length."""
        return list(self._units_at(span))

    def chunk_at(self, span: Span) -> Chunk | None:
        """The chunk that holds most of a span; None where none holds any of it."""
        found = max(self._chunks_of(span.doc), key=lambda chunk: chunk.span.overlap(span), default=None)
        return found if found is not None and found.span.overlap(span) else None

    def _units_of(self, span: Span) -> tuple[Unit, ...]:
        found = []
        for unit in self.pages(span.doc).units:
            own = unit.span()
            if own.overlap(span) * 2 >= own.end - own.start:
                found.append(unit)
        return tuple(found)

    def _pages(self, doc: str) -> Pages:
        document = self._texts.document(doc)
        blocks = tuple(self._texts.blocks(doc))
        return Pages(document, blocks, tuple(_units(document, blocks)))

    def _rarity(self, term: str) -> float:
        """How rare a term is in the library: 1 for a term that stands nowhere, near 0 for one that stands everywhere.

        The logarithm of N / df as in Spärck Jones (1972), brought to 0 … 1 by its own maximum.
        """
        if self._plain is None:
            chunks = self._texts.all_chunks()
            step = max(1, len(chunks) // _SAMPLE)
            self._plain = [plain(c.text + c.context) for c in chunks[::step]]
        count = sum(term in text for text in self._plain)
        total = len(self._plain)
        return math.log((total + 1) / (count + 0.5)) / math.log((total + 1) / 0.5)


def _units(document: Document, blocks: Sequence[Block]) -> Iterator[Unit]:
    furniture = [b.span for b in blocks if b.kind is BlockKind.FURNITURE]
    regions, years = document_regions(document), document_years(document)
    index = 0
    for block in blocks:
        if block.kind not in _LEAVES:
            continue
        cleaned = clean(document.text, block.span.start, block.span.end, furniture)
        where = _where(document, block)
        own = homes_in(block.attributes.get("post", "")) or regions
        said = years_in("。".join(block.heading_path)) or tuple(
            dict.fromkeys((*years, *years_in(block.text)))
        )
        for start, end in _cuts(block, cleaned):
            part = cleaned.part(start, end)
            text = block.text if block.kind is BlockKind.ROW else part.text
            yield Unit(document, text, part, block, index, where, own, said)
            index += 1


def _cuts(block: Block, cleaned: CleanText) -> list[tuple[int, int]]:
    if block.kind is BlockKind.ROW or not cleaned.text:
        return [(0, len(cleaned))] if cleaned.text else []
    return sentences(cleaned.text)


def _where(document: Document, block: Block) -> str:
    a = block.attributes
    keys = ("post", "speaker", "organisation", "caption", "group", "columns")
    own = [
        a.get(key, "")
        for key in keys
        if not (key in ("caption", "group", "columns") and block.kind is not BlockKind.ROW)
    ]
    return "｜".join(part for part in (document.title, document.region, *block.heading_path, *own) if part)
