"""How a draft meets what the question asks for: each of its parts, the number of members, the points of a matter."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from assistant.answer.asking import (
    ASKS_AIMED,
    ASKS_REACHED,
    asked_parts,
    members_asked,
    numbers_asked,
    wants_points,
)
from assistant.answer.compose import Alternative, Desk
from assistant.answer.compose.sections import section_sort
from assistant.answer.ranking import Candidate, kind_present
from assistant.language.dates import years_in
from assistant.language.numbers import numbers_in
from assistant.search.matching import Matcher
from assistant.search.passages import Unit
from assistant.types import AnswerKind, BlockKind, Term

HEADED = frozenset(
    ("list", "series", "section", "outline", "enumeration", "statement")
)  # of what a heading holds
_POINTED = HEADED | {"set", "counted"}  # made of points
_STRUCTURED = _POINTED | {"column", "places"}  # made of members, each a part of its own
_TELLING = (
    AnswerKind.NUMBER,
    AnswerKind.DATE,
    AnswerKind.PERSON,
)  # kinds that show in the words of an answer
_WHOLE_TABLES = ("column", "table", "sided", "asked", "both")
_NAMED = 0.6  # of what names the row, or asks for the column, that the question names best
_FEW, _MANY = 3.0, 8.0  # members that a summary has, about
_YEAR = re.compile(r"(?:19|20)\d\d")
_CALENDAR = frozenset("年月日号")
_TELLS_REACHED = re.compile(r"实际|完成|达到了|已经|累计|实现了|同比|比上年")
_TELLS_AIMED = re.compile(r"目标|计划|力争|提高[到至]|逐步|预计|到20\d\d年|以上|任务")
_DEFERRED = re.compile(
    r"另行|[另再]作?通知|下期|网站(?:上)?公布|已在.{1,12}公布|详见|参见|待定|商.{1,8}另定|尚未"
)
_OR = re.compile(r"[^，。？?]{1,14}还是[^，。？?]{1,14}")


def demands(desk: Desk, one: Alternative, rested: Sequence[Candidate]) -> dict[str, float]:
    """Features, each 0 … 1 or -1 … 1; what the question does not ask for is left out."""
    found = _parts(desk, one, rested) | _weakest(desk, rested) | _cells(desk, one, rested)
    found |= _of_its_year(desk, one, rested) | _side_of_time(desk, one) | _unsettled(desk, one)
    if one.by == "sided":
        found["sides_likely"] = one.draft.likely
    if wants_points(desk.question):
        found |= _points(desk, one, rested)
    if one.by in _STRUCTURED and (wanted := members_asked(desk.question)):
        found["members_fit"] = float(len(one.draft.parts) == wanted)
        found["members_off"] = min(1.0, abs(len(one.draft.parts) - wanted) / 5.0)
    return found


def _parts(desk: Desk, one: Alternative, rested: Sequence[Candidate]) -> dict[str, float]:
    """What a question of several parts, or for several numbers, misses in a draft."""
    question, text = desk.question, one.draft.text
    told: dict[str, float] = {}
    wanted = numbers_asked(question, len(desk.query.scope.years))
    if wanted > 1:
        known = {n.value for n in numbers_in(question)}
        said = {n.value for n in numbers_in(_YEAR.sub("", text))} - known
        told["numbers_short"] = max(0, wanted - len(said)) / wanted
    parts = asked_parts(question)
    if len(parts) < 2:
        return told
    kinds = [part for part in parts if part.kind in _TELLING]
    if kinds:
        told["parts_unmet"] = sum(kind_present(p.kind, text, p.units) < 1.0 for p in kinds) / len(kinds)
    where = "".join(c.unit.where for c in rested)
    covered = []
    for part in parts:
        terms = tuple(term for term in desk.query.terms if term.text in part.text)
        if terms:
            covered.append(_matcher(terms, desk.passages.rarity).coverage(text, where))
    if len(covered) > 1:
        told["parts_least"] = min(covered)
    return told


@lru_cache(maxsize=64)
def _matcher(terms: tuple[Term, ...], rarity: Callable[[str], float]) -> Matcher:
    """The matcher of some terms of a question, made once for all its drafts."""
    return Matcher(terms, rarity)


def _weakest(desk: Desk, rested: Sequence[Candidate]) -> dict[str, float]:
    """Of a draft that rests on several sentences, how far the worst of them is behind the best, and how little it adds."""
    if len({id(c.unit) for c in rested}) < 2:
        return {}
    scores = [c.score for c in rested]
    alone = max(desk.matcher.coverage(c.unit.text) for c in rested)
    joined = desk.matcher.coverage("".join(c.unit.text for c in rested))
    told = {"weakest": min(1.0, max(scores) - min(scores)), "gain": joined - alone}
    for name in ("region", "year", "person", "document"):
        told[f"{name}_least"] = min(0.0, *(c.features[name] for c in rested))
    return told


def _of_its_year(desk: Desk, one: Alternative, rested: Sequence[Candidate]) -> dict[str, float]:
    """Whether the numbers of an answer stand behind the year asked for, or behind another one.

    A number belongs to the last year named before it in its sentence; where none is, to no year at all.
    """
    years = set(desk.query.scope.years)
    if desk.query.kind is not AnswerKind.NUMBER or not years:
        return {}
    right = wrong = 0
    for candidate in rested:
        text = candidate.unit.text
        if candidate.unit.block.kind is BlockKind.ROW:
            continue
        named = [(match.start(), int(match[0])) for match in _YEAR.finditer(text)]
        for part in one.draft.parts:
            at = text.find(part.text)
            if at < 0:
                continue
            for number in numbers_in(part.text):
                own = [year for place, year in named if place < at + number.start]
                if own and int(number.value) != own[-1] and number.unit not in _CALENDAR:
                    right += own[-1] in years
                    wrong += own[-1] not in years
    if not right + wrong:
        return {}
    return {"number_year": right / (right + wrong), "number_year_off": float(not right)}


def _side_of_time(desk: Desk, one: Alternative) -> dict[str, float]:
    """Whether a draft tells what is aimed at where it is asked what was reached, or the other way round."""
    question, text = desk.question, one.draft.text
    reached, aimed = bool(ASKS_REACHED.search(question)), bool(ASKS_AIMED.search(question))
    if reached == aimed:
        return {}
    tells = bool(_TELLS_REACHED.search(text)), bool(_TELLS_AIMED.search(text))
    if tells[0] == tells[1]:
        return {}
    return {"aim_only": float(reached and tells[1]), "reached_only": float(aimed and tells[0])}


def _unsettled(desk: Desk, one: Alternative) -> dict[str, float]:
    """Whether a draft says that something is told elsewhere or later, or names neither side of an A还是B."""
    said = one.draft.text
    told = {"deferred": float(bool(_DEFERRED.search(said)) and not _DEFERRED.search(desk.question))}
    found = _OR.search(desk.question)
    if found:
        words = tuple(term for term in desk.query.terms if term.text in found[0])
        if words:
            told["neither"] = 1.0 - _matcher(words, desk.passages.rarity).coverage(said)
    return told


def _points(desk: Desk, one: Alternative, rested: Sequence[Candidate]) -> dict[str, float]:
    """Where the points of a matter are wanted: whether a draft is made of points, of how many, and of which matter."""
    if one.by not in _POINTED:
        return {"points_prose": 1.0, "points_one": float(len(one.draft.parts) == 1)}
    count = len(one.draft.parts)
    fit = 1.0 if _FEW <= count <= _MANY else 0.5 if count == _FEW - 1 else 0.0
    path = common_path(rested)
    heading = path[-1] if path else ""
    return {
        "points_listed": 1.0,
        f"points_{one.by}": 1.0,
        "points_count": fit,
        "points_headed": desk.matcher.coverage(heading) if heading else 0.0,
        "points_alike": desk.alike(["，".join(path[-2:])])[0] if heading else 0.0,
        "points_person": max((c.features["person"] for c in rested), default=0.0),
        "points_apart": float(not path),
        "points_sort": float(max((section_sort(desk.question, name) for name in path[-2:]), default=0)),
    }


def _cells(desk: Desk, one: Alternative, rested: Sequence[Candidate]) -> dict[str, float]:
    """Of a draft out of a table: whether it tells the row and the year asked for, and no others."""
    rows = [c.unit for c in rested if c.unit.block.kind is BlockKind.ROW]
    if not rows:
        return {}
    told: dict[str, float] = {}
    years = set(desk.query.scope.years)
    columns = set(years_in(one.draft.text))
    if years and columns:
        told["cells_year"] = len(years & columns) / len(years)
        told["cells_years_off"] = float(not years & columns)
    names = [unit.block.attributes.get("indicator", "") for unit in rows]
    told["cells_named"] = max(desk.matcher.coverage(name) for name in names)
    told["cells_alike"] = max(c.similar for c in rested if c.unit.block.kind is BlockKind.ROW)
    if one.by == "column":
        told["cells_one"] = float(sum(bool(name) and name in desk.question for name in names) == 1)
    return told | _singled(desk, one, rows)


def _singled(desk: Desk, one: Alternative, rows: Sequence[Unit]) -> dict[str, float]:
    """How the rows and the columns that a draft tells are those that the question singles out of their table."""
    grids = {id(grid): grid for grid in map(desk.grid, rows) if len(grid.rows) > 1}
    if not grids:
        return {}
    text = one.draft.text
    named = [max(grid.named.get(row.index, 0.0) for row in rows) for grid in grids.values()]
    many = float(len(one.draft.parts) > 1 and one.by in _WHOLE_TABLES)
    told = {
        "row_named": max(named),
        "row_other": float(max(named) < _NAMED),
        "row_lead": max(grid.lead for grid in grids.values()) * many,
    }
    missing, extra, asked = [], [], []
    for grid in grids.values():
        wanted = grid.wanted
        if not any(wanted.values()):
            continue
        said = {column for column in wanted if column in text}
        best = max((wanted[c] for c in said), default=0.0)
        missing.append(1.0 - best)
        full = [c for c, value in wanted.items() if value >= _NAMED]
        asked.append(sum(c not in said for c in full) / len(full))
        extra.append(sum(wanted[c] < _NAMED for c in said) / len(said) if said else 0.0)
    if missing:
        told |= {"column_off": min(missing), "column_left": min(asked), "column_extra": max(extra)}
    return told


def common_path(rested: Sequence[Candidate]) -> tuple[str, ...]:
    """The headings under which all that a draft rests on stands; empty without a common one."""
    paths = [c.unit.block.heading_path for c in rested]
    path = paths[0] if paths else ()
    while any(other[: len(path)] != path for other in paths):
        path = path[:-1]
    return path
