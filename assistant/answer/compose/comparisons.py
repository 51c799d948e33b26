"""Comparisons: one cited line for each side, and the verdict computed by code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.answer.compose.desk import Desk, narrowed, place_of
from assistant.answer.compose.people import asks_whose_words, introduction
from assistant.answer.compose.tables import table_draft
from assistant.answer.drafts import LONGEST, Draft, Part
from assistant.answer.ranking import kind_present, units_asked
from assistant.language.numbers import Number, numbers_in
from assistant.language.regions import regions_in, short_name
from assistant.search.matching import SYNONYM, Matcher
from assistant.search.scope import LIES_WITHIN
from assistant.types import AnswerKind, Scope, Term

_MORE = re.compile(r"哪个|哪边|谁|比|更|高|低|多|少|一样|相同|差")
_ONE_PLACE = re.compile(r"哪个|哪一个|哪里|哪儿|哪家|谁家")
_MANY_PLACES = re.compile(r"哪些|哪几|哪[两二三四五]|几个|谁|还有|都有|都在")
_LEVELS = (
    (re.compile(r"(?:哪|几|些)个?(?:省|省份|省区|自治区)"), "province"),
    (re.compile(r"(?:哪|几|些)个?(?:地级)?市"), "city"),
    (re.compile(r"(?:哪|几|些)个?县"), "county"),
)
_MEASURED = re.compile(r"多少|几|高|低|率|数|比例|目标")
_NEAR = 0.8  # of score that a passage with a number may lie behind one without
_LEAST = 0.35  # coverage below which a side says nothing to the question


def comparison_draft(desk: Desk) -> Draft | None:
    """Both sides of a comparison of places; None unless each side has something to say."""
    regions = desk.query.scope.regions
    if len(regions) < 2:
        return None
    sides: list[tuple[str, Part, dict[str, Number], float]] = []
    for region in regions[:4]:
        side = _side(desk, region, [r for r in regions if r != region])
        if side is None:
            return None
        sides.append(side)
    parts = [Part(f"{name}：{_without(name, part.text)}", part.spans) for name, part, _, _ in sides]
    verdict = (
        _verdict([(name, number) for name, _, number, _ in sides]) if _MORE.search(desk.question) else ""
    )
    if verdict:
        parts.append(Part(verdict))
    return Draft(tuple(parts), min(coverage for *_, coverage in sides))


def _side(
    desk: Desk, region: str, others: Sequence[str]
) -> tuple[str, Part, dict[str, Number], float] | None:
    query = narrowed(desk.query, region, others)
    found = desk.search(query)
    candidates = [c for c in found if c.features["region"] >= LIES_WITHIN]
    own = replace(desk, query=query, candidates=candidates)
    best = own.best()
    if best is None:
        return None
    if _MEASURED.search(desk.question):
        counted = [
            c for c in own.body() if kind_present(AnswerKind.NUMBER, c.unit.text, units_asked(desk.question))
        ]
        best = next((c for c in counted if c.score >= best.score - _NEAR), best)
    matter = Matcher([t for t in query.terms if t.text != short_name(region)], desk.passages.rarity)
    if matter.coverage(best.unit.text, best.unit.where) < _LEAST:
        return None
    name = short_name(region)
    table = table_draft(own)
    if table is not None:
        part = table.parts[0]
        return (
            name,
            Part(part.text.removeprefix(place_of(best.unit)), part.spans),
            _values(part.text, own),
            best.whole,
        )
    kind = AnswerKind.NUMBER if _MEASURED.search(desk.question) else AnswerKind.FACT
    most = min(80, LONGEST // (len(others) + 1))
    part = own.quote(best.unit, kind, most=most, whole=most - 10)
    return name, part, _values(part.text, own), best.whole


def _without(place: str, text: str) -> str:
    """The text without the place that it begins with; 株洲市有 … is left whole."""
    return (
        text[len(place) :]
        if place and text.startswith(place) and text[len(place)] not in "市县省区州盟旗"
        else text
    )


def _values(text: str, desk: Desk) -> dict[str, Number]:
    """The numbers that a text gives by unit, where a unit comes once; years, ages and what the question says do not count."""
    asked = {n.value for n in numbers_in(desk.question)}
    found = [n for n in numbers_in(text) if n.unit and n.unit not in "年月日岁" and n.value not in asked]
    by_unit: dict[str, Number] = {}
    for number in found:
        by_unit.setdefault(number.unit, number)
    return {unit: n for unit, n in by_unit.items() if len({m.value for m in found if m.unit == unit}) == 1}


def _verdict(sides: Sequence[tuple[str, dict[str, Number]]]) -> str:
    if len(sides) != 2:
        return ""
    (first, a), (second, b) = sides
    common = [unit for unit in a if unit in b]
    if len(common) != 1:
        return ""
    x, y = a[common[0]].value, b[common[0]].value
    if x == y:
        return "两者相同"
    return f"{first}高于{second}" if x > y else f"{first}低于{second}"


def places_draft(desk: Desk) -> Draft | None:
    """The places or institutions whose documents speak of the matter (哪些地方在搞 …, 哪个省提到 …)."""
    wanted = [
        w for w in desk.matcher.wanted if not any(short_name(r) == w.text for r in desk.query.scope.regions)
    ]
    if not wanted or not desk.body():
        return None
    key = max(wanted, key=lambda w: w.weight)
    term = Term(key.text, key.synonyms)
    query = replace(desk.query, standalone=key.text, terms=(term,), scope=Scope(), kind=AnswerKind.FACT)
    one = bool(_ONE_PLACE.search(desk.question)) and not _MANY_PLACES.search(desk.question)
    found = desk.body() if one else [*desk.body(), *desk.search(query)]
    only = Matcher((term,), desk.passages.rarity)
    excluded = {short_name(region) for region in desk.query.scope.regions}
    most = 60 if one else 32
    lines: dict[str, Part] = {}
    whose = asks_whose_words(desk.question)
    for candidate in found:
        label = place_of(candidate.unit)
        if not _of_level(label, desk.question):
            continue
        says = one or only.coverage(candidate.unit.text) >= SYNONYM
        if says and label and label not in lines and label not in excluded:
            quote = desk.quote(candidate.unit, AnswerKind.FACT, most=most, whole=most)
            who = introduction(desk, candidate.unit.speaker) if whose and candidate.unit.speaker else None
            said_by, spans = (who.text, who.spans) if who is not None else (label, ())
            lines[label] = Part(f"{said_by}：{quote.text}", (*spans, *quote.spans))
    best = max(c.own for c in desk.body())
    return Draft(tuple(lines.values())[: 1 if one else 5], best) if lines else None


def _of_level(label: str, question: str) -> bool:
    """Whether a place is of the level that the question asks for (哪些省 wants no cities)."""
    asked = next((level for pattern, level in _LEVELS if pattern.search(question)), "")
    named = (regions_in(label) or regions_in(label, (label,))) if label else ()
    return not asked or not named or named[0].level == asked
