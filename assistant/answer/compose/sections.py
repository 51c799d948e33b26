"""Answers out of structure: the items of a section, the points of a statement, the members of a list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.answer.clauses import narrow
from assistant.answer.compose.desk import Desk
from assistant.answer.drafts import LONGEST, Draft, Part
from assistant.documents.items import lead
from assistant.language.clean import clean
from assistant.language.sentences import sentences
from assistant.search.passages import Pages
from assistant.types import AnswerKind, Block, BlockKind, Span

_PARTS = re.compile(r"哪几|哪些|几个方面|几条|几项|几点|方面|分别|措施|内容|任务|重点|工作|怎么|如何")
_LEAST_HEADING = 0.45  # of the question that a heading must cover


def section_draft(desk: Desk) -> Draft | None:
    """The leading words of the items or paragraphs under the heading that the question names."""
    found = _section(desk)
    if found is None:
        return None
    pages, blocks, coverage = found
    items = [b for b in blocks if b.kind is BlockKind.ITEM]
    parts = list(_leads(pages, items if len(items) > 1 else blocks))
    return Draft(_fitting(parts), coverage) if parts else None


def _section(desk: Desk) -> tuple[Pages, list[Block], float] | None:
    """The section whose heading covers the question best, among the sections of the candidates."""
    best: tuple[float, int, Pages, tuple[str, ...]] | None = None
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for rank, candidate in enumerate(desk.candidates[:40]):
        if not candidate.in_scope:
            continue
        path = candidate.unit.block.heading_path
        for depth in range(1, len(path) + 1):
            key = (candidate.unit.doc, path[:depth])
            if key in seen:
                continue
            seen.add(key)
            pages = desk.passages.pages(candidate.unit.doc)
            place = f"{pages.document.title} {pages.document.region}"
            coverage = desk.matcher.coverage(path[depth - 1], place, 1.0)
            if best is None or coverage > best[0] + 1e-9:
                best = (coverage, rank, pages, path[:depth])
    if best is None or best[0] < _LEAST_HEADING:
        return None
    pages, path = best[2], best[3]
    inside = [b for b in pages.blocks if b.heading_path[: len(path)] == path and b.kind in (BlockKind.ITEM, BlockKind.PARAGRAPH, BlockKind.HEADING)]
    below = [b for b in inside if b.kind is BlockKind.HEADING and len(b.heading_path) == len(path) + 1]
    body = below if len(below) > 1 else [b for b in inside if b.kind is not BlockKind.HEADING]
    return (pages, body, best[0]) if body else None


def _leads(pages: Pages, blocks: Sequence[Block]) -> Iterator[Part]:
    furniture = [b.span for b in pages.blocks if b.kind is BlockKind.FURNITURE]
    for block in blocks:
        cleaned = clean(pages.document.text, block.span.start, block.span.end, furniture)
        text = cleaned.text
        if block.kind is BlockKind.PARAGRAPH and len(blocks) == 1:
            for start, end in sentences(text):
                stop = end - 1 if text[end - 1] in "。；" else end
                yield Part(text[start:stop], (cleaned.span(pages.document.id, start, stop),))
            continue
        name = lead(text)
        start = text.find(name) if name else 0
        yield Part(name or text, (cleaned.span(pages.document.id, max(start, 0), max(start, 0) + len(name or text)),))


def _fitting(parts: Sequence[Part]) -> tuple[Part, ...]:
    """As many parts as a short answer holds, at least one; all are cut alike when they are too many."""
    total = 0
    kept = []
    for part in parts:
        total += len(part.text) + 1
        if kept and total > LONGEST:
            break
        kept.append(part)
    return tuple(kept)


def statement_draft(desk: Desk) -> Draft | None:
    """What the person, the institution or the place asked for says: the leading sentences of the statement."""
    best = desk.best()
    if best is None or "speaker" not in best.unit.block.attributes:
        return None
    speaker = best.unit.block.attributes["speaker"]
    if desk.query.scope.people and speaker not in desk.query.scope.people:
        return None
    pages = desk.passages.pages(best.unit.doc)
    paragraphs: dict[Span, list[Part]] = {}
    for unit in pages.units:
        kind = unit.block.kind
        if unit.speaker == speaker and kind in (BlockKind.PARAGRAPH, BlockKind.ITEM):
            start, end = narrow(unit, desk.matcher, AnswerKind.SUMMARY, 60, 60)
            paragraphs.setdefault(unit.block.span, []).append(Part(unit.text[start:end], (unit.span(start, end),)))
    leads = [parts[0] for parts in paragraphs.values()]
    return Draft(_fitting(leads), best.whole) if leads else None


def list_draft(desk: Desk) -> Draft | None:
    """The members of a list: items of the section or the paragraph whose opening words the question names."""
    best = desk.best()
    section = _section(desk)
    if best is not None and (section is None or section[2] < best.whole + 0.05):
        items = _items_after(desk, best.unit.block)
        if items:
            return Draft(_fitting(items), best.whole)
        if best.own >= 0.5 or section is None:
            return None
    if section is None or not _PARTS.search(desk.question):
        return None
    return section_draft(desk)


def _items_after(desk: Desk, block: Block) -> list[Part]:
    """The list that a paragraph ending in a colon introduces."""
    pages = desk.passages.pages(block.span.doc)
    if block.kind is not BlockKind.PARAGRAPH or not block.text.endswith(("：", ":")):
        return []
    following = [b for b in pages.blocks if b.span.start >= block.span.end and b.kind is not BlockKind.FURNITURE]
    items = []
    for other in following:
        if other.kind is not BlockKind.ITEM:
            break
        items.append(other)
    return list(_leads(pages, items)) if len(items) > 1 else []
