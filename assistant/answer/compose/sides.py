"""Questions of two or three sides: for each side the sentence that answers it best, within the side's own scope."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from types import MappingProxyType

from assistant.answer.asking import ASKS_AIMED, ASKS_REACHED, sides_of
from assistant.answer.compose.desk import Desk
from assistant.answer.compose.tables import value_parts
from assistant.answer.drafts import Draft, Part, one_glance
from assistant.answer.ranking import Candidate, fits, said
from assistant.language.regions import short_name
from assistant.search.matching import Matcher
from assistant.search.passages import Unit
from assistant.types import BlockKind, Query, Scope, Term

_LOOKED_AT = 48  # candidates among which the sides are looked for
_OTHERS = 0.3  # weight of the other sides' words beside a side's own
_PIECE = 95  # characters of a side's piece
_PAIR = 1.0  # worth of being of the side of a pair that is asked for
_PAIRS = tuple(  # aims and results, the rule that was and the rule that is: how they are asked for, how papers show them
    (tuple(map(re.compile, words)), tuple(map(re.compile, marks)))
    for words, marks in (
        (
            (ASKS_AIMED, ASKS_REACHED),
            (r"规划|计划|方案|要点|目标|力争", r"通报|公报|报告|总结|实际|侧记|新闻"),
        ),
        ((r"[老旧原]|以前|过去|废止", r"新|现行|现在|如今"), (r"已废止", r"现行")),
    )
)


def sided_drafts(desk: Desk) -> Iterator[Draft]:
    """The best sentence of each side; where one sentence is the best of two sides, the next best of either as well."""
    queries = side_queries(desk)
    if not queries:
        return
    ranked = [_ranked(desk, query) for query in queries]
    if not all(candidates for _, candidates in ranked):
        return
    best = [candidates[0] for _, candidates in ranked]
    choices = [best]
    if len({id(c.unit) for c in best}) < len(best):
        choices = [
            [others[1] if n == own and len(others) > 1 else c for n, c in enumerate(best)]
            for own, (_, others) in enumerate(ranked)
        ]
    for chosen in choices:
        draft = _draft([side for side, _ in ranked], chosen)
        if draft is not None:
            yield draft


def side_queries(desk: Desk) -> list[Query]:
    """Each side as a question of its own; what only another side names is neither its scope nor among its words.

    A side that names no place, no person, no year takes those of the first side, as talk does.
    """
    texts = sides_of(desk.question, tuple(term.text for term in desk.query.terms))
    if len(texts) < 2 or desk.understood is None:
        return []
    asked = [desk.understood(text, "") for text in texts]
    first = asked[0]
    return [
        replace(query, terms=_terms(desk.query, query), scope=_scope(query.scope, first.scope))
        for query in asked
    ]


def _scope(own: Scope, first: Scope) -> Scope:
    if not (own.regions or own.people or own.organisations):
        own = replace(own, regions=first.regions, people=first.people, organisations=first.organisations)
    return replace(own, years=own.years or first.years)


def _terms(whole: Query, side: Query) -> tuple[Term, ...]:
    known = {term.text for term in side.terms}
    others = (replace(t, weight=_OTHERS * t.weight) for t in whole.terms if t.text not in known)
    places = {short_name(region) for region in whole.scope.regions if region not in side.scope.regions}
    return (*side.terms, *(t for t in others if t.text not in places))


def _ranked(desk: Desk, query: Query) -> tuple[Desk, list[Candidate]]:
    """The desk of a side, and the candidates that answer the side, best first."""
    matcher = Matcher(query.terms, desk.passages.rarity)
    found = []
    for candidate in desk.body()[:_LOOKED_AT]:
        unit = candidate.unit
        told = fits(unit, query.scope, desk.passages.homes) | said(unit, query, matcher)
        found.append(replace(candidate, features=MappingProxyType({**candidate.features, **told})))
    inside = [c for c in found if c.in_scope]
    inside.sort(key=lambda c: -(c.score + _PAIR * sum(_on_side(query, c.unit, *pair) for pair in _PAIRS)))
    return replace(desk, query=query, matcher=matcher, candidates=inside), inside


def _on_side(
    query: Query, unit: Unit, words: Sequence[re.Pattern[str]], marks: Sequence[re.Pattern[str]]
) -> int:
    """1 where one side of a pair (the aim, the old rule) is asked for and the unit is of that side, -1 of the other."""
    asked = [bool(pattern.search(query.standalone)) for pattern in words]
    text = f"{unit.document.title} {unit.document.kind} {unit.document.status} {unit.text}"
    held = [bool(pattern.search(text)) for pattern in marks]
    if asked[0] == asked[1] or held[0] == held[1]:
        return 0
    return 1 if asked == held else -1


def _draft(sides: Sequence[Desk], chosen: Sequence[Candidate]) -> Draft | None:
    pieces = (_pieces(desk, candidate.unit) for desk, candidate in zip(sides, chosen, strict=True))
    parts = one_glance(chain.from_iterable(pieces))
    return Draft(parts, min(candidate.whole for candidate in chosen)) if parts else None


def _pieces(desk: Desk, unit: Unit) -> list[Part]:
    if unit.block.kind is BlockKind.ROW and "header_start" in unit.block.attributes:
        return list(value_parts(desk, unit))
    return [desk.quote(unit, most=_PIECE, whole=_PIECE)]
