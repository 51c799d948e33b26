"""Answers of several pieces: two sentences, a sentence with what follows it, a whole row, a whole list.

A question may ask two things at once, or for what stands spread over a list; which of these answers it is chosen
later, with all others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from assistant.answer.compose.desk import Desk, place_of
from assistant.answer.compose.sections import items_after
from assistant.answer.drafts import LONGEST, Draft, Part
from assistant.answer.ranking import Candidate, kind_present, of_year, units_asked
from assistant.documents.markers import ORDINALS
from assistant.language.dates import years_in
from assistant.language.sentences import before_marks
from assistant.search.kinds import asks, kind_of
from assistant.search.matching import Matcher
from assistant.search.passages import Unit
from assistant.types import BlockKind, Span

_PIECE = 95  # characters of one of several pieces
_NEXT = 3  # sentences that may stand beside the best one
_WINDOW = 12  # candidates among which another side is looked for
_LISTS = 8  # candidates whose lists are looked at
_ROW, _ROWS = 150, 12  # characters of a row that is told whole; rows of a table that is told column by column
_LONGEST_COUNT = 30  # sentences in which members are counted off
_OWN = 1.0  # worth of covering a clause of the question, beside the score for the whole of it
_KIND = 0.4  # worth of holding what the clause asks for
_SIDE = 1.0  # worth of being of the side that a clause asks for, and of its year
_SIDES = tuple(  # aims and results, the rule that was and the rule that is: how they are asked for, how papers show them
    (tuple(map(re.compile, words)), tuple(map(re.compile, marks)))
    for words, marks in (
        (
            (
                r"目标|计划|定的|要求|打算|任务|规划|要达到|应该",
                r"实际|真正|完成|做到|干了|到了|结果|最后|通报|眼下",
            ),
            (r"规划|计划|方案|要点|目标|力争", r"通报|公报|报告|总结|实际|侧记|新闻"),
        ),
        ((r"[老旧原]|以前|过去|废止", r"新|现行|现在|如今"), (r"已废止", r"现行")),
    )
)
_CLAUSE = re.compile(r"[，,。；;？?、]")


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


def asked_draft(desk: Desk) -> Draft | None:
    """For each clause of the question that asks something of its own, the sentence that answers it best."""
    clauses = [clause for clause in _CLAUSE.split(desk.question) if asks(clause)]
    if not 1 < len(clauses) <= 3:
        return None
    body = [c for c in desk.body() if c.in_scope][: 2 * _WINDOW]
    chosen: list[Candidate] = []
    for clause in clauses:
        best = max(body, key=lambda c: _worth(desk, c, clause), default=None)
        if best is not None and best not in chosen:
            chosen.append(best)
    return _joined(desk, chosen) if len(chosen) > 1 else None


def _worth(desk: Desk, candidate: Candidate, clause: str) -> float:
    terms = [term for term in desk.query.terms if term.text in clause]
    text, units = candidate.unit.text, units_asked(clause)
    own = Matcher(terms, desk.passages.rarity).coverage(text, candidate.unit.where) if terms else 0.0
    sides = sum(_on_side(clause, candidate.unit, words, marks) for words, marks in _SIDES)
    told = _KIND * kind_present(kind_of(clause), text, units) + _SIDE * (
        sides + of_year(years_in(clause), candidate.unit)
    )
    return candidate.score + _OWN * own + told


def _on_side(
    clause: str, unit: Unit, words: Sequence[re.Pattern[str]], marks: Sequence[re.Pattern[str]]
) -> int:
    """1 where a clause asks for one side of a pair (the aim, the old rule) and the unit is of that side, -1 of the other."""
    asked = [bool(pattern.search(clause)) for pattern in words]
    said = f"{unit.document.title} {unit.document.kind} {unit.document.status} {unit.text}"
    held = [bool(pattern.search(said)) for pattern in marks]
    if asked[0] == asked[1] or held[0] == held[1]:
        return 0
    return 1 if asked == held else -1


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
    unit, a = candidate.unit, candidate.unit.block.attributes
    if unit.block.kind is not BlockKind.ROW or len(unit.text) > _ROW:
        return None
    header = (Span(unit.doc, int(a["header_start"]), int(a["header_end"])),) if "header_start" in a else ()
    return Draft((Part(unit.text, (unit.span(), *header)),), candidate.whole)


def column_draft(desk: Desk, candidate: Candidate) -> Draft | None:
    """Every row of a row's table, with those columns that answer in this one."""
    unit, a = candidate.unit, candidate.unit.block.attributes
    if unit.block.kind is not BlockKind.ROW or "header_start" not in a:
        return None
    columns = desk.columns(unit)
    rows = [
        other
        for other in desk.passages.pages(unit.doc).units
        if other.block.kind is BlockKind.ROW
        and other.block.attributes.get("header_start") == a["header_start"]
    ]
    if not columns or not 1 < len(rows) <= _ROWS:
        return None
    header = Span(unit.doc, int(a["header_start"]), int(a["header_end"]))
    parts = []
    for row in rows:
        cells = json.loads(row.block.attributes.get("cells", "{}"))
        told = "，".join(f"{column}：{cells[column]}" for column in columns if cells.get(column))
        if told:
            parts.append(Part(f"{row.block.attributes.get('indicator', '')}：{told}", (row.span(), header)))
    if len(parts) < 2 or sum(len(part.text) for part in parts) > LONGEST:
        return None
    said = "".join(row.text for row in rows)
    return Draft(tuple(parts), max(candidate.whole, desk.matcher.coverage(said, unit.where, 1.0)))


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
