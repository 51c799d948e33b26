"""Answers out of table rows: the value with its year and unit, target or actual, and what the prose says against it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.answer.asking import ASKS_AIMED
from assistant.answer.compose.desk import Desk, place_of
from assistant.answer.compose.grid import cells, header
from assistant.answer.drafts import LONGEST, Draft, Part
from assistant.answer.ranking import Candidate
from assistant.language.dates import years_in
from assistant.language.numbers import Number, numbers_in
from assistant.language.segment import plain
from assistant.language.sentences import before_marks, clauses
from assistant.search.passages import Unit
from assistant.types import AnswerKind, BlockKind

# Surer than what asks for results anywhere else: a table without actual values is said to lack them.
_ACTUAL = re.compile(r"实际|现在|目前|现状|如今|已经|达到了")
_PLAN = re.compile(r"规划|计划|方案|纲要|目标|任务")
_SAYS_NATURE = re.compile(r"(?P<aim>计划|目标|任务|预[期计算]|规划|标准)|实际|完成|执行|决算|现状|支出")
_BRACKETS = re.compile(r"[（(][^（）()]*[）)]")
_ALIKE = 0.5  # worth of likeness by vectors beside the words of the indicator
_LENGTH_COST = 0.004  # for each character of an indicator
_SAYS_MORE = 0.25  # of coverage by which a sentence is about the matter and the row is not
_VERY_ALIKE = 0.7  # likeness by vectors of a row none of whose words the question uses
_LEAST_VALUE = 0.4
_SURE = 0.6  # coverage of the question by the indicator from which the row is surely the one meant
_DATED = 0.9  # the same for a row with a column for the year asked for
_AS_GOOD = 0.3  # a row this much worse than the best sentence is still preferred for a number


def table_draft(desk: Desk) -> Draft | None:
    """The reply out of the row that the question is about, or None when no row is."""
    rows = _filtered(desk) or _rows(desk)
    if not rows:
        return None
    if isinstance(rows, Draft):
        return rows
    parts: list[Part] = []
    lacks = _lacks_actual(desk, rows[0].unit)
    for candidate in rows:
        parts += value_parts(desk, candidate.unit)
        parts += _contradictions(desk, candidate.unit)
    return Draft(tuple(parts), rows[0].whole, _indicator_coverage(desk, rows[0].unit) >= _SURE, lacks)


def _rows(desk: Desk) -> list[Candidate]:
    """The rows whose indicator the question names best, if they are as good as the best sentence."""
    best = desk.best()
    found = [c for c in desk.body() if c.unit.block.kind is BlockKind.ROW and c.in_scope]
    if best is None or not found:
        return []
    said = {id(c): desk.matcher.coverage(c.unit.block.attributes.get("indicator", "")) for c in found}
    found = [c for c in found if said[id(c)] > 0 or c.similar >= _VERY_ALIKE]
    if not found:
        return []
    value = {id(c): _likeness(desk, c) for c in found}
    chosen = max(found, key=lambda c: (value[id(c)], c.score))
    dated = bool(desk.query.scope.years) and _columns_fit(desk, chosen.unit)
    if best.unit.block.kind is not BlockKind.ROW and chosen.score < best.score - (
        _DATED if dated else _AS_GOOD
    ):
        return []
    if best.unit.block.kind is not BlockKind.ROW and chosen.own < best.own - _SAYS_MORE:
        return []
    if value[id(chosen)] < _LEAST_VALUE or not _columns_fit(desk, chosen.unit):
        return []
    named = [c for c in found if c.unit.doc == chosen.unit.doc and _named(c.unit, desk.question)]
    return named[:4] if len(named) > 1 and chosen in named else [chosen]


def _named(unit: Unit, question: str) -> bool:
    """Whether the question names the row's indicator in full."""
    name = plain(_BRACKETS.sub("", unit.block.attributes.get("indicator", "")))
    return len(name) > 1 and name in plain(question)


def _indicator_coverage(desk: Desk, unit: Unit) -> float:
    a = unit.block.attributes
    return desk.matcher.coverage(
        a.get("indicator", "") + a.get("group", ""), f"{unit.document.title} {unit.document.region}", 1.0
    )


def _likeness(desk: Desk, candidate: Candidate) -> float:
    """How surely a row is the one asked for; of two that say the same, the one that says less besides."""
    length = len(candidate.unit.block.attributes.get("indicator", ""))
    return _indicator_coverage(desk, candidate.unit) + _ALIKE * candidate.similar - _LENGTH_COST * length


def _columns_fit(desk: Desk, unit: Unit) -> bool:
    """Whether the table has a column for the years asked for."""
    wanted = desk.query.scope.years
    known = years_in(unit.block.attributes.get("columns", "").replace("\t", "。"))
    return not wanted or not known or any(year in known for year in wanted)


def value_parts(desk: Desk, unit: Unit) -> Iterator[Part]:
    """A row by its place, its indicator and the columns that the question asks for."""
    held, a = cells(unit), unit.block.attributes
    chosen = _chosen_columns(desk, unit, held)
    label, suffix = _label(a.get("indicator", ""), a.get("unit", ""))
    said = "，".join(
        f"{column}{'' if _SAYS_NATURE.search(column) else _nature(unit, column)}{held[column]}{suffix if _is_value(held[column]) else ''}"
        for column in chosen
    )
    yield Part(f"{place_of(unit)}{label}：{said}", (unit.span(), *header(unit)))


def _chosen_columns(desk: Desk, unit: Unit, held: dict[str, str]) -> list[str]:
    years = {column: set(years_in(column)) for column in held}
    dated = [column for column, own in years.items() if own]
    if not dated:
        named = [c for c in held if desk.matcher.coverage(c) > 0]
        return named or [c for c, value in held.items() if value][:4]
    extra = [
        c
        for c in held
        if c not in dated and any(pair in desk.question for pair in (c, *c.split("性")) if len(pair) > 1)
    ]
    wanted = set(desk.query.scope.years)
    asked = [c for c in dated if years[c] & wanted]
    if not asked and _ACTUAL.search(desk.question):
        asked = [c for c in dated if _nature(unit, c) == "实际"]
    if not asked and ASKS_AIMED.search(desk.question):
        asked = dated[-1:]
    return (asked or dated) + extra


def _nature(unit: Unit, column: str) -> str:
    """Whether a column holds actual values or targets: as its name says, or in a plan by the years before and after it."""
    if said := _SAYS_NATURE.search(column):
        return "目标" if said["aim"] else "实际"
    years, written = years_in(column), years_in(unit.document.date)
    if not years or not written or not _PLAN.search(unit.document.title):
        return ""
    return "实际" if years[0] < written[0] else "目标"


def _lacks_actual(desk: Desk, unit: Unit) -> str:
    """The finding that an actual value is asked for and the years asked for hold targets only."""
    wanted = set(desk.query.scope.years)
    columns = [c for c in cells(unit) if wanted & set(years_in(c))]
    if not columns or not _ACTUAL.search(desk.question) or any(_nature(unit, c) != "目标" for c in columns):
        return ""
    return f"表中{'、'.join(columns)}只有目标值，没有实际值"


def _label(indicator: str, unit: str) -> tuple[str, str]:
    """The indicator without its unit, and the unit to put behind a value; a unit with digits stays with the indicator."""
    if not unit or any(char.isdigit() or char in "百千万亿" for char in unit):
        return indicator if unit in indicator else f"{indicator}（{unit}）" if unit else indicator, ""
    return re.sub(r"[（(]\s*" + re.escape(unit) + r"\s*[）)]\s*$", "", indicator), unit


def _is_value(cell: str) -> bool:
    return bool(re.fullmatch(r"[≤≥<>＜＞≈]?\s*[\d.,]+", cell))


def _filtered(desk: Desk) -> Draft | None:
    """The indicators of all rows that have a certain word in a column (哪些是约束性指标)."""
    if desk.query.kind is not AnswerKind.LIST:
        return None
    words = {
        w
        for c in desk.body()
        if c.unit.block.kind is BlockKind.ROW
        for w in cells(c.unit).values()
        if not _is_value(w)
    }
    word = next((w for w in sorted(words, key=len, reverse=True) if len(w) > 1 and w in desk.question), "")
    if not word:
        return None
    first = next(
        c for c in desk.body() if c.unit.block.kind is BlockKind.ROW and word in cells(c.unit).values()
    )
    rows = [u for u in desk.passages.pages(first.unit.doc).units if u.block.kind is BlockKind.ROW]
    kept = [u for u in rows if word in cells(u).values()]
    parts: list[Part] = []
    for unit in kept:
        part = Part(_BRACKETS.sub("", unit.block.attributes["indicator"]), (unit.span(),))
        if sum(len(p.text) for p in parts) + len(part.text) > LONGEST:
            break
        parts.append(part)
    return Draft(tuple(parts), first.whole, sure=True) if parts else None


def _contradictions(desk: Desk, row: Unit) -> Iterator[Part]:
    """The clause of the same document's prose that gives the indicator another value for the same year."""
    core = plain(_BRACKETS.sub("", row.block.attributes.get("indicator", "")))
    values = {years_in(c)[0]: v for c, v in cells(row).items() if years_in(c)}
    wanted = set(desk.query.scope.years) or set(values)
    for unit in desk.passages.pages(row.doc).units:
        if unit.block.kind is BlockKind.ROW or len(core) < 5:
            continue
        place = _place_of_indicator(core, plain(unit.text))
        number = _number_after(unit.text, place, row.block.attributes.get("unit", "")) if place >= 0 else None
        if number is None:
            continue
        years = set(years_in(unit.text[:place])[-1:]) or set(unit.years[-1:])
        for year in years & wanted & set(values):
            stated = numbers_in(values[year])
            if stated and stated[0].value != number.value:
                start, end = _clause_around(unit.text, place, number.end)
                yield Part(f"正文的说法不同：{unit.text[start:end]}", (unit.span(start, end),))
                return


def _place_of_indicator(core: str, text: str) -> int:
    """Where the text begins to name the indicator, allowing for a word put in between, or -1."""
    at = text.find(core)
    if at >= 0:
        return at
    half = len(core) // 2
    head, tail = core[:half], core[half:]
    at = text.find(head)
    return at if at >= 0 and 0 <= text.find(tail, at + half) - at - half <= 2 else -1


def _number_after(text: str, place: int, unit: str) -> Number | None:
    following = [
        n
        for n in numbers_in(text)
        if place <= n.start <= place + 40 and text[n.end : n.end + 1] not in "年岁"
    ]
    same = [n for n in following if n.unit == unit]
    return same[0] if same else None


def _clause_around(text: str, start: int, end: int) -> tuple[int, int]:
    """The clauses that hold the indicator and its number, with the clause of the year before them."""
    parts: Sequence[tuple[int, int]] = clauses(text)
    first = max((i for i, (a, _) in enumerate(parts) if a <= start), default=0)
    last = min((i for i, (_, b) in enumerate(parts) if b >= end), default=len(parts) - 1)
    if first and years_in(text[slice(*parts[first - 1])]):
        first -= 1
    return parts[first][0], before_marks(text, parts[first][0], parts[last][1], "，；。、")
