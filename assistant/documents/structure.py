"""From an original text to blocks: titles, headings, paragraphs, list items, statements, tables, furniture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from assistant.documents.items import lead, split_items
from assistant.documents.layout import Line, LineKind, Paragraph, classify, lines_of, paragraphs
from assistant.documents.markers import Marked, marker_of
from assistant.documents.repeats import mark_repeats
from assistant.documents.speakers import Speaker, signature, spoken_by, stands_before
from assistant.documents.tables import Row, read_table
from assistant.language.clean import CleanText, clean
from assistant.types import Block, BlockKind, Span

UNNUMBERED = 4  # the level of a subheading without a number
_LEAD_WIDTH = 30  # an item's opening words up to this length name it


@dataclass(slots=True)
class _Headings:
    """The headings that stand above the place reached so far."""

    stack: list[tuple[int, str]] = field(default_factory=list)

    def enter(self, level: int, text: str) -> None:
        self.leave(level)
        self.stack.append((level, text))

    def leave(self, level: int) -> None:
        while self.stack and self.stack[-1][0] >= level:
            self.stack.pop()

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(text for _, text in self.stack)


def parse(doc: str, text: str, title: str = "") -> list[Block]:
    """The blocks of a text in the order of their beginnings; containers stand before what they hold.

    `title` is the document's known title, or empty. Every non-blank character lies in at least one block.
    """
    parser = _Parser(doc, text, title)
    return sorted(parser.blocks(), key=lambda b: (b.span.start, -b.span.end))


class _Parser:
    def __init__(self, doc: str, text: str, title: str) -> None:
        self.doc, self.text = doc, text
        lines = mark_repeats(classify(_sign(lines_of(text)), title))
        self.paragraphs = paragraphs(_captions(lines))
        self.furniture = [Span(doc, p.start, p.end) for p in self.paragraphs if p.kind is LineKind.FURNITURE]
        self.headings = _Headings()

    def blocks(self) -> list[Block]:
        found: list[Block] = []
        caption = ""
        body_begun = False
        for paragraph in self.paragraphs:
            if paragraph.kind is LineKind.TABLE:
                found += self._table(paragraph, caption)
            elif paragraph.kind is LineKind.TEXT:
                found += self._text(paragraph)
            else:
                found.append(self._single(paragraph, body_begun))
            body_begun = body_begun or paragraph.kind in (LineKind.TEXT, LineKind.HEADING)
            caption = self._clean(paragraph).text if paragraph.kind is LineKind.CAPTION else ""
        return self._statements(found)

    def _clean(self, part: Paragraph | Line) -> CleanText:
        inside = [] if isinstance(part, Paragraph) and part.kind is LineKind.FURNITURE else self.furniture
        return clean(self.text, part.start, part.end, inside)

    def _single(self, paragraph: Paragraph, body_begun: bool) -> Block:
        span, text = Span(self.doc, paragraph.start, paragraph.end), self._clean(paragraph).text
        if paragraph.kind is LineKind.FURNITURE:
            return Block(BlockKind.FURNITURE, span, text, (), {"reason": paragraph.lines[0].reason})
        if paragraph.kind is LineKind.SIGNATURE:
            self.headings.leave(0)
            speaker = signature(paragraph.lines[0].text)
            assert speaker is not None  # noqa: S101 - the line was classified by this very function
            return Block(BlockKind.HEADING, span, text, (), {"speaker": speaker.name, "post": speaker.post})
        if paragraph.kind is LineKind.CAPTION:
            return Block(BlockKind.PARAGRAPH, span, text, self.headings.path, {"caption": text})
        if paragraph.kind is LineKind.TITLE:
            self.headings.leave(UNNUMBERED)
            if not body_begun or self.headings.path == ():
                return Block(BlockKind.TITLE, span, text)
            self.headings.enter(UNNUMBERED, text)
            return Block(BlockKind.HEADING, span, text, self.headings.path, {"level": str(UNNUMBERED)})
        marked = marker_of(paragraph.lines[0].text)
        assert marked is not None  # noqa: S101 - only numbered lines are classified as headings
        self.headings.enter(marked.level, text)
        return Block(
            BlockKind.HEADING, span, text, self.headings.path, {"level": str(marked.level), "marker": marked.text}
        )

    def _text(self, paragraph: Paragraph) -> Iterator[Block]:
        cleaned = self._clean(paragraph)
        marked = marker_of(cleaned.text)
        if marked:
            self._enter_article(marked, cleaned.text)
        speaker = spoken_by(cleaned.text)
        attributes = {"speaker": speaker.name, "post": speaker.post} if speaker else {}
        items = split_items(cleaned.text[marked.end :] if marked and marked.article else cleaned.text)
        offset = marked.end if marked and marked.article else 0
        first = items[0].start + offset if items else len(cleaned)
        if first:
            kind = BlockKind.ITEM if marked else BlockKind.PARAGRAPH
            own = attributes | ({"marker": marked.text} if marked else {})
            yield self._block(kind, cleaned, 0, first, own)
        for item in items:
            start, end = item.start + offset, item.end + offset
            yield self._block(BlockKind.ITEM, cleaned, start, end, attributes | {"marker": item.marker})

    def _enter_article(self, marked: Marked, text: str) -> None:
        self.headings.leave(marked.level)
        name = lead(text)
        if marked.article:
            self.headings.enter(marked.level, marked.text)
        elif name and len(name) <= _LEAD_WIDTH and len(name) + marked.end < len(text) - 1:
            self.headings.enter(marked.level, marked.text + name)

    def _block(self, kind: BlockKind, cleaned: CleanText, start: int, end: int, attributes: dict[str, str]) -> Block:
        span = cleaned.span(self.doc, start, end)
        return Block(kind, span, cleaned.text[start:end], self.headings.path, attributes)

    def _table(self, paragraph: Paragraph, caption: str) -> Iterator[Block]:
        table = read_table(paragraph.lines, caption)
        path = self.headings.path
        common = {"caption": caption, "columns": "\t".join(table.columns)}
        span = Span(self.doc, paragraph.start, paragraph.end)
        yield Block(BlockKind.TABLE, span, self._clean(paragraph).text, path, common)
        header = Span(self.doc, table.header.start, table.header.end)
        where = {"header_start": str(header.start), "header_end": str(header.end)}
        for row in table.rows:
            attributes = common | where | _row_attributes(row)
            yield Block(BlockKind.ROW, Span(self.doc, row.line.start, row.line.end), row_text(row), path, attributes)

    def _statements(self, blocks: list[Block]) -> list[Block]:
        """Give the blocks between signatures to their speakers, and wrap each statement in a block of its own."""
        signed = [i for i, b in enumerate(blocks) if b.kind is BlockKind.HEADING and "speaker" in b.attributes]
        if not signed:
            return blocks
        edges = [-1, *signed, len(blocks)]
        bodies = [blocks[a + 1 : b] for a, b in zip(edges, edges[1:], strict=False)]
        bodies[0] = _after_title(bodies[0])
        speakers = [Speaker(blocks[i].attributes["speaker"], blocks[i].attributes["post"]) for i in signed]
        before = stands_before(speakers, ["".join(b.text for b in body) for body in bodies])
        spoken = bodies[1:] if before else bodies[:-1]
        owner: dict[int, dict[str, str]] = {}
        wrapped = []
        for speaker, body, place in zip(speakers, spoken, signed, strict=True):
            attributes = {"speaker": speaker.name, "post": speaker.post, "organisation": speaker.organisation}
            owner.update({id(b): attributes for b in [*body, blocks[place]]})
            wrapped.append(self._statement([b for b in body if b.kind is not BlockKind.FURNITURE], blocks[place], attributes))
        unsigned = bodies[0] if before else bodies[-1]
        if not before and unsigned:
            owner.update({id(b): {"unsigned": "yes"} for b in unsigned})
            wrapped.append(self._statement(unsigned, unsigned[0], {"unsigned": "yes"}))
        return wrapped + [_owned(b, owner.get(id(b), {})) for b in blocks]

    def _statement(self, body: Sequence[Block], sign: Block, attributes: dict[str, str]) -> Block:
        parts = [*body, sign]
        span = Span(self.doc, min(b.span.start for b in parts), max(b.span.end for b in parts))
        return Block(BlockKind.STATEMENT, span, "".join(b.text for b in body), (), attributes)


def row_text(row: Row) -> str:
    """A row as one reads it aloud: group, indicator, and each cell with its column."""
    cells = "，".join(f"{name}：{value}" for name, value in row.cells.items() if value)
    return f"{row.group + ' ' if row.group else ''}{row.indicator}：{cells}"


def _row_attributes(row: Row) -> dict[str, str]:
    values = {"group": row.group, "indicator": row.indicator, "unit": row.unit, "cells": row.as_json(), "flag": row.flag}
    return {key: value for key, value in values.items() if value}


def _owned(block: Block, attributes: dict[str, str]) -> Block:
    if not attributes or block.kind is BlockKind.FURNITURE:
        return block
    return replace(block, attributes=dict(block.attributes) | attributes)


def _after_title(body: list[Block]) -> list[Block]:
    """What follows the last title: a lead may stand before the headline and belongs to nobody."""
    last = max((i for i, b in enumerate(body) if b.kind is BlockKind.TITLE), default=-1)
    return body[last + 1 :]


def _sign(lines: Sequence[Line]) -> list[Line]:
    return [replace(line, kind=LineKind.SIGNATURE) if signature(line.text) else line for line in lines]


def _captions(lines: Sequence[Line]) -> list[Line]:
    """A line that is only the name of a speaker is the caption of a photograph."""
    names = {s.name for line in lines if line.kind is LineKind.SIGNATURE and (s := signature(line.text))}
    out = []
    for line in lines:
        caption = line.kind is not LineKind.SIGNATURE and "".join(line.text.split()) in names
        out.append(replace(line, kind=LineKind.FURNITURE, reason="图片说明") if caption else line)
    return out
