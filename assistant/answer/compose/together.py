"""Answers of several pieces: two sentences, a sentence with what follows it, a whole row, a whole list.

A question may ask two things at once, or for what stands spread over a list; which of these answers it is chosen
later, with all others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assistant.answer.compose.desk import Desk, place_of
from assistant.answer.compose.grid import cells, header, row_name
from assistant.answer.compose.sections import items_after
from assistant.answer.drafts import LONGEST, Draft, Part
from assistant.answer.ranking import Candidate
from assistant.documents.markers import ORDINALS
from assistant.language.sentences import before_marks
from assistant.search.passages import Unit
from assistant.types import BlockKind, Span

_PIECE = 95  # characters of one of several pieces
_NEXT = 3  # sentences that may stand beside the best one
_WINDOW = 12  # candidates among which another side is looked for
_LISTS = 8  # candidates whose lists are looked at
_ROW, _ROWS = 150, 12  # characters of a row that is told whole; rows of a table that is told column by column
_TABLES, _NAMED_ALIKE = 3, 3  # tables that are looked into; rows that a question may name alike
_LONGEST_COUNT = 30  # sentences in which members are counted off


def pairs(desk: Desk) -> Iterator[tuple[Candidate, Candidate]]:
    """The best sentence with each of the next ones, and with the best one of another document, place or person."""
    inside = [c for c in desk.body() if c.in_scope][:_WINDOW]
    if not inside:
        return
    first = inside[0]
    yield from ((first, other) for other in inside[1 : 1 + _NEXT])
    across = next((c for c in inside[1:] if _side(c.unit) != _side(first.unit)), None)
    if across is not None and across not in inside[1 : 1 + _NEXT]:
        yield first, across


def both_draft(desk: Desk, first: Candidate, second: Candidate) -> Draft | None:
    """Two sentences, in the order of the text where they stand in one document."""
    turned = first.unit.doc == second.unit.doc and second.unit.index < first.unit.index
    a, b = (second, first) if turned else (first, second)
    return _joined(desk, [a, b])


def _joined(desk: Desk, chosen: Sequence[Candidate]) -> Draft | None:
    parts = [desk.quote(c.unit, most=_PIECE, whole=_PIECE) for c in chosen]
    if sum(len(part.text) for part in parts) > LONGEST:
        return None
    said = "".join(c.unit.text for c in chosen), "".join(c.unit.where for c in chosen)
    return Draft(tuple(parts), desk.matcher.coverage(*said, 1.0))


def whole_draft(desk: Desk, candidate: Candidate) -> Draft | None:
    """A sentence with all its clauses, where it is not too long."""
    if candidate.unit.block.kind is BlockKind.ROW:
        return None
    part = _whole(candidate.unit)
    return Draft((part,), candidate.whole) if len(part.text) <= LONGEST else None


def onward_draft(desk: Desk, candidate: Candidate) -> Draft | None:
    """A sentence whole, with the one that follows it in its paragraph."""
    unit, units = candidate.unit, desk.passages.pages(candidate.unit.doc).units
    after = units[unit.index + 1] if unit.index + 1 < len(units) else None
    if unit.block.kind is BlockKind.ROW or after is None:
        return None
    if after.block.heading_path != unit.block.heading_path or after.block.kind not in (
        BlockKind.PARAGRAPH,
        BlockKind.ITEM,
    ):
        return None
    parts = (_whole(unit), _whole(after))
    if sum(len(part.text) for part in parts) > LONGEST:
        return None
    return Draft(parts, desk.matcher.coverage(unit.text + after.text, unit.where, 1.0))


def row_draft(desk: Desk, candidate: Candidate) -> Draft | None:
    """A row with all its columns."""
    unit = candidate.unit
    if unit.block.kind is not BlockKind.ROW or len(unit.text) > _ROW:
        return None
    return Draft((Part(unit.text, (unit.span(), *header(unit))),), candidate.whole)


def cell_drafts(desk: Desk) -> Iterator[Draft]:
    """Of the tables that the best candidates are of: the rows that the question names, with the columns it asks for."""
    rows = [c for c in desk.body()[:_WINDOW] if c.in_scope and header(c.unit)]
    tables = {header(c.unit): c for c in reversed(rows)}
    for candidate in list(tables.values())[: -_TABLES - 1 : -1]:
        grid = desk.grid(candidate.unit)
        best = grid.best_rows()
        if 0 < len(best) <= _NAMED_ALIKE:
            draft = _told(desk, candidate, best, grid.best_columns())
            if draft is not None:
                yield draft


def column_draft(desk: Desk, candidate: Candidate) -> Draft | None:
    """Every row of a row's table, with those columns that answer in this one."""
    if not header(candidate.unit):
        return None
    columns, rows = desk.columns(candidate.unit), desk.grid(candidate.unit).rows
    draft = _told(desk, candidate, rows, columns) if 1 < len(rows) <= _ROWS else None
    return draft if draft is not None and len(draft.parts) > 1 else None


def _told(desk: Desk, candidate: Candidate, rows: Sequence[Unit], columns: Sequence[str]) -> Draft | None:
    """Some rows of a candidate's table with some columns; None where they hold nothing there, or too much to read."""
    parts = []
    for row in rows:
        held = cells(row)
        told = "，".join(f"{column}：{held[column]}" for column in columns if held.get(column))
        if told:
            parts.append(Part(f"{row_name(row)}：{told}", (row.span(), *header(candidate.unit))))
    if not parts or sum(len(part.text) for part in parts) > LONGEST:
        return None
    said = "".join(row.text for row in rows)
    return Draft(tuple(parts), max(candidate.whole, desk.matcher.coverage(said, candidate.unit.where, 1.0)))


def series(desk: Desk) -> Iterator[tuple[Candidate, tuple[Part, ...]]]:
    """The lists that the best candidates open or belong to, each once."""
    seen: set[Span] = set()
    for candidate in [c for c in desk.body() if c.in_scope][:_LISTS]:
        unit = candidate.unit
        for parts in (_items(desk, unit), _points(desk, unit), _counted_off(desk, unit)):
            if len(parts) > 1 and parts[0].spans[0] not in seen:
                seen.add(parts[0].spans[0])
                yield candidate, parts


def series_draft(desk: Desk, candidate: Candidate, parts: tuple[Part, ...]) -> Draft:
    """A whole list."""
    said = "".join(part.text for part in parts)
    return Draft(parts, max(candidate.whole, desk.matcher.coverage(said, candidate.unit.where, 1.0)))


def _items(desk: Desk, unit: Unit) -> tuple[Part, ...]:
    """The items of the list that a unit introduces with its colon, or is one of."""
    blocks = desk.passages.pages(unit.doc).blocks
    at = next((n for n, block in enumerate(blocks) if block is unit.block), None)
    if at is None:
        return ()
    for block in reversed(blocks[: at + 1]):
        if block.kind is BlockKind.FURNITURE:
            continue
        if block.text.endswith(("：", ":")):
            return tuple(items_after(desk, block))
        if block.kind is not BlockKind.ITEM:
            return ()
    return ()


def _points(desk: Desk, unit: Unit) -> tuple[Part, ...]:
    """The sentences 一是 … 二是 … 三是 … of a unit's paragraph, by their first clauses."""
    units = [u for u in desk.passages.pages(unit.doc).units if u.block is unit.block]
    told = [u for u in units if _ordinal(u)]
    if len(told) < 2:
        return ()
    room = LONGEST // len(told)
    return tuple(_head(u, room) for u in told)


def _counted_off(desk: Desk, unit: Unit) -> tuple[Part, ...]:
    """The members 一是 … 二是 … that stand apart behind a unit, or that it is one of, by their first clauses."""
    units = desk.passages.pages(unit.doc).units
    own = unit.index
    while own > 0 and _place_in_count(units[own]) > 1 and units[own - 1].block.kind is BlockKind.ITEM:
        own -= 1
    first = next((u.index for u in units[own : own + 2] if _place_in_count(u) == 1), None)
    if first is None:
        return ()
    told: list[Unit] = []
    for other in units[first : first + _LONGEST_COUNT]:
        if other.block.kind is not BlockKind.ITEM:
            break
        if _place_in_count(other) == len(told) + 1:
            told.append(other)
    room = LONGEST // max(1, len(told))
    return tuple(_head(u, room) for u in told) if len(told) > 1 else ()


def _place_in_count(unit: Unit) -> int:
    """As `_ordinal`, for units that are items of their own."""
    return _ordinal(unit) if unit.block.kind is BlockKind.ITEM else 0


def _ordinal(unit: Unit) -> int:
    """1 for 一是 …, 2 for 二是 …; 0 for what does not begin so."""
    return ORDINALS.find(unit.text[0]) + 1 if len(unit.text) > 2 and unit.text[1] == "是" else 0


def _head(unit: Unit, room: int) -> Part:
    """A point without its 一是: whole where there is room, else its first clause."""
    end = len(unit.text)
    if end - 2 > room:
        end = next((n for n, char in enumerate(unit.text) if char in "，；：" and n > 5), end)
    end = before_marks(unit.text, 2, end, "，；。：、")
    return Part(unit.text[2:end], (unit.span(2, end),))


def _whole(unit: Unit) -> Part:
    end = before_marks(unit.text, 0, len(unit.text), "。；，")
    return Part(unit.text[:end], (unit.span(0, end),))


def _side(unit: Unit) -> tuple[str, str, str]:
    return unit.doc, place_of(unit), unit.speaker
