"""From an original text to blocks: titles, headings, paragraphs, list items, statements, tables, furniture."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from assistant.documents.heads import TITLE, is_date
from assistant.documents.items import lead, split_items
from assistant.documents.joining import paragraphs
from assistant.documents.layout import classify
from assistant.documents.lines import Line, LineKind, Paragraph, lines_of
from assistant.documents.markers import (
    ANNEX,
    ANNEX_LEVEL,
    BULLET,
    CHAPTER,
    CHAPTER_LEVEL,
    HASHES,
    QUESTION_LEVEL,
    Marked,
    marker_of,
    question_end,
)
from assistant.documents.repeats import mark_repeats
from assistant.documents.speakers import signature, spoken_by
from assistant.documents.statements import with_statements
from assistant.documents.tables import Row, read_table
from assistant.language.clean import CleanText, clean
from assistant.types import Block, BlockKind, Span

UNNUMBERED = 4  # the level of a subheading without a number
_BODY = (LineKind.TEXT, LineKind.HEADING, LineKind.ANNEX, LineKind.TABLE)
_REMARK = re.compile(
    r"[（(](?:征求意见稿|草案|送审稿|讨论稿|试行|暂行|公开.{2,6}|.*\d{4}年\d{1,2}月.*)[）)]"
)  # below a title
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


def plain(doc: str, text: str) -> list[Block]:
    """The stretches between blank lines as paragraphs: what a reader without a sense for structure would see."""
    stretches = re.finditer(r"\S(?:(?!\n[^\S\n]*\n).)*(?<=\S)", text, re.DOTALL)
    return [
        Block(BlockKind.PARAGRAPH, Span(doc, *found.span()), clean(text, *found.span()).text)
        for found in stretches
    ]


class _Parser:
    def __init__(self, doc: str, text: str, title: str) -> None:
        self.doc, self.text = doc, text
        lines = mark_repeats(classify(_sign(lines_of(text)), title))
        self.paragraphs = paragraphs(_captions(lines))
        self.furniture = [Span(doc, p.start, p.end) for p in self.paragraphs if p.kind is LineKind.FURNITURE]
        self.edges = [span.start for span in self.furniture]
        self.headings = _Headings()
        self.titled = False  # whether the title has been reached
        self.guessed = False  # whether the paragraph before is a title, though not for certain
        self.begun = False  # whether the body of the document has begun
        self.part_begins = False  # whether the paragraph before is a date under a text, or the word 附件

    def blocks(self) -> list[Block]:
        found: list[Block] = []
        captions: list[str] = []
        for paragraph in self.paragraphs:
            if paragraph.kind is LineKind.FURNITURE:
                found.append(self._furniture(paragraph))
                continue
            if paragraph.kind is LineKind.TABLE:
                found += self._table(paragraph, " ".join(captions))
            elif paragraph.kind is LineKind.TEXT:
                found += self._text(paragraph)
            else:
                found.append(self._single(paragraph))
            self.begun = self.begun or paragraph.kind in _BODY
            uncertain = paragraph.lines[0].reason != TITLE
            self.guessed = (
                paragraph.kind is LineKind.TITLE and uncertain and found[-1].kind is BlockKind.TITLE
            )
            self.part_begins = paragraph.kind is LineKind.ANNEX or is_date(paragraph.lines[-1].text)
            captioning = paragraph.kind in (LineKind.CAPTION, LineKind.TITLE)
            captions = [*captions, self._clean(paragraph).text][-3:] if captioning else []
        close = frozenset(p.start for p in self.paragraphs if not p.lines[0].gap)
        return with_statements(found, close)

    def _clean(self, part: Paragraph) -> CleanText:
        first, last = bisect_left(self.edges, part.start), bisect_left(self.edges, part.end)
        inside = [] if part.kind is LineKind.FURNITURE else self.furniture[first:last]
        return clean(self.text, part.start, part.end, inside)

    def _furniture(self, paragraph: Paragraph) -> Block:
        span = Span(self.doc, paragraph.start, paragraph.end)
        reason = {"reason": paragraph.lines[0].reason}
        return Block(BlockKind.FURNITURE, span, self._clean(paragraph).text, (), reason)

    def _single(self, paragraph: Paragraph) -> Block:
        span, text = Span(self.doc, paragraph.start, paragraph.end), self._clean(paragraph).text
        if paragraph.kind is LineKind.SIGNATURE:
            self.headings.leave(0)
            speaker = signature(paragraph.lines[0].text)
            assert speaker is not None
            return Block(BlockKind.HEADING, span, text, (), {"speaker": speaker.name, "post": speaker.post})
        if paragraph.kind is LineKind.CAPTION:
            return Block(BlockKind.PARAGRAPH, span, text, self.headings.path, {"caption": text})
        if paragraph.kind is LineKind.TITLE:
            return self._title(span, text, certain=paragraph.lines[0].reason == TITLE)
        if paragraph.kind is LineKind.ANNEX:
            return self._heading(span, text, ANNEX_LEVEL)
        hashes = HASHES.match(paragraph.lines[0].text)
        if hashes:
            shown = text.strip("#").strip()
            level = len(hashes.group(1))
            if level == 1 and not self.begun:
                return Block(BlockKind.TITLE, span, shown)
            return self._heading(span, shown, level)
        marked = marker_of(paragraph.lines[0].text)
        chapter = CHAPTER.match(paragraph.lines[0].text)
        if marked is None:
            return self._heading(span, text, CHAPTER_LEVEL, chapter.group(1) if chapter else "")
        return self._heading(span, text, marked.level, marked.text)

    def _heading(self, span: Span, text: str, level: int, marker: str = "") -> Block:
        self.headings.enter(level, text)
        attributes = {"level": str(level)} | ({"marker": marker.strip()} if marker else {})
        return Block(BlockKind.HEADING, span, text, self.headings.path, attributes)

    def _title(self, span: Span, text: str, *, certain: bool) -> Block:
        if self.begun and self.part_begins:
            above = self.headings.path[-1:] if ANNEX.match("".join(self.headings.path[-1:])) else ()
            return self._heading(span, " ".join([*above, text]), ANNEX_LEVEL)
        if is_date(text) or _REMARK.fullmatch(text):
            return Block(BlockKind.PARAGRAPH, span, text)
        self.headings.leave(UNNUMBERED)
        first = not self.titled or self.guessed
        if self.headings.path == () and (certain or first):
            self.titled = True
            return Block(BlockKind.TITLE, span, text)
        return self._heading(span, text, UNNUMBERED)

    def _text(self, paragraph: Paragraph) -> Iterator[Block]:
        cleaned = self._clean(paragraph)
        asked = question_end(cleaned.text)
        if asked:
            marked = marker_of(cleaned.text)
            level = marked.level if marked else QUESTION_LEVEL
            span = cleaned.span(self.doc, 0, asked)
            yield self._heading(span, cleaned.text[:asked], level, marked.text if marked else "")
            cleaned = cleaned.part(asked, len(cleaned))
        if len(cleaned):
            yield from self._body(paragraph, cleaned)

    def _body(self, paragraph: Paragraph, cleaned: CleanText) -> Iterator[Block]:
        marked = marker_of(cleaned.text)
        if marked:
            self._enter_article(marked, cleaned.text)
        speaker = spoken_by(cleaned.text)
        attributes = {"speaker": speaker.name, "post": speaker.post} if speaker else {}
        bullet = BULLET.match(paragraph.lines[0].text)
        offset = marked.end if marked and marked.article else 0
        items = split_items(cleaned.text[offset:])
        first = items[0].start + offset if items else len(cleaned)
        if first:
            own = marked.text if marked else bullet.group() if bullet else ""
            kind = BlockKind.ITEM if own else BlockKind.PARAGRAPH
            yield self._block(kind, cleaned, 0, first, attributes | ({"marker": own} if own else {}))
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

    def _block(
        self, kind: BlockKind, cleaned: CleanText, start: int, end: int, attributes: dict[str, str]
    ) -> Block:
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
            place = Span(self.doc, row.line.start, row.line.end)
            attributes = common | where | _row_attributes(row)
            yield Block(BlockKind.ROW, place, row_text(row), path, attributes)


def row_text(row: Row) -> str:
    """A row as one reads it aloud: group, indicator, and each cell with its column."""
    cells = "，".join(f"{name}：{value}" for name, value in row.cells.items() if value)
    name = " ".join(filter(None, (row.group, row.indicator)))
    return f"{name}：{cells}" if name else cells


def _row_attributes(row: Row) -> dict[str, str]:
    values = {
        "group": row.group,
        "indicator": row.indicator,
        "unit": row.unit,
        "cells": row.as_json(),
        "flag": row.flag,
    }
    return {key: value for key, value in values.items() if value}


def _sign(lines: Sequence[Line]) -> list[Line]:
    """Mark the lines that sign a statement; lines of posts and names below each other are a list of people."""
    signed = [signature(line.text) is not None for line in lines]
    alone = [
        sign and True not in (*signed[max(0, i - 1) : i], *signed[i + 1 : i + 2])
        for i, sign in enumerate(signed)
    ]
    return [
        replace(line, kind=LineKind.SIGNATURE) if sign else line
        for line, sign in zip(lines, alone, strict=True)
    ]


def _captions(lines: Sequence[Line]) -> list[Line]:
    """A line that is only the name of a speaker is the caption of a photograph."""
    names = {s.name for line in lines if line.kind is LineKind.SIGNATURE and (s := signature(line.text))}
    out = []
    for line in lines:
        caption = line.kind is not LineKind.SIGNATURE and "".join(line.text.split()) in names
        out.append(replace(line, kind=LineKind.FURNITURE, reason="图片说明") if caption else line)
    return out
