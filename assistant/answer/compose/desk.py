"""What every composer works with: the question, its ranked candidates, and the means to look further."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from assistant.answer.clauses import MOST, WHOLE, Asked, Belief, narrow
from assistant.answer.compose.grid import Grid, Sought, cells, header
from assistant.answer.drafts import Part
from assistant.answer.ranking import Candidate, kind_present, units_asked
from assistant.language.regions import regions_in, short_name
from assistant.models.reader import Reading
from assistant.search.catalog import Person
from assistant.search.matching import Matcher
from assistant.search.passages import Passages, Unit
from assistant.search.scope import document_regions
from assistant.types import AnswerKind, BlockKind, Query

Judge = Callable[[Sequence[tuple[str, str]]], Sequence[Reading]]  # of place and text
Alike = Callable[[Sequence[str]], Sequence[float]]
_BELIEVED = 0.1  # of the reader's belief in a chunk: a sentence with less is not narrowed by it
_CELL = 0.25  # of the reader's belief in a row, or of the question, for a column to be told
_NEAR = 0.6  # of score: candidates this close to the best may stand in for it


@dataclass(frozen=True, slots=True)
class Desk:
    """The work on one question; `search` answers another query with its own candidates."""

    query: Query
    matcher: Matcher
    passages: Passages
    candidates: Sequence[Candidate]
    search: Callable[[Query], Sequence[Candidate]]
    people: Mapping[str, Person] = field(default_factory=dict)  # every person the library names
    homes: frozenset[str] = frozenset()  # the places that documents and speakers belong to
    alike: Alike = lambda texts: [0.0] * len(texts)  # likeness of the question with texts by vectors, 0 … 1
    understood: Callable[[str, str], Query] | None = None  # a question asked after another one, understood
    opened: Callable[[str, str], Desk] | None = None  # the work on another question, asked after a first one
    judged: Judge | None = None  # how the reader finds pieces of text by themselves; None without a reader
    grids: dict[tuple[str, str, str], Grid] = field(
        default_factory=dict
    )  # the tables looked at, by question, document and header

    @property
    def question(self) -> str:
        """The question as it would be asked without history."""
        return self.query.standalone

    def body(self) -> list[Candidate]:
        """Candidates that are sentences or rows, not headings."""
        return [c for c in self.candidates if c.unit.block.kind not in (BlockKind.HEADING, BlockKind.TITLE)]

    def best(self) -> Candidate | None:
        """The best sentence or row within the question's scope, or the best at all.

        A number or a date is looked for a little further down, where the very best holds none.
        """
        body = self.body()
        inside = [c for c in body if c.in_scope] or body
        if not inside:
            return None
        kind, units = self.query.kind, units_asked(self.question)
        if (
            kind in (AnswerKind.NUMBER, AnswerKind.DATE)
            and kind_present(kind, inside[0].unit.text, units) < 1.0
        ):
            return next((c for c in near(inside) if kind_present(kind, c.unit.text, units) >= 1.0), inside[0])
        return inside[0]

    def quote(self, unit: Unit, kind: AnswerKind | None = None, most: int = MOST, whole: int = WHOLE) -> Part:
        """The smallest faithful piece of a unit, cited."""
        if unit.block.kind is BlockKind.ROW:
            return self._cells(unit)
        asked = Asked(self.matcher, kind or self.query.kind, units_asked(self.question), self._belief(unit))
        start, end = narrow(unit, asked, most, whole)
        return Part(unit.text[start:end], (unit.span(start, end),))

    def _cells(self, unit: Unit) -> Part:
        """A row by its name and the columns that the question names or the reader believes in; all, if there are none."""
        pieces = _pieces(unit)
        if not pieces:
            return Part(unit.text, (unit.span(),))
        name = unit.text[: next(iter(pieces.values()))[0]]
        told = [pieces[column] for column in self.columns(unit)]
        text = name + "，".join(unit.text[a:b] for a, b in told or pieces.values())
        return Part(text, (unit.span(), *header(unit)))

    def grid(self, unit: Unit) -> Grid:
        """The table of a row, as the question looks at it."""
        start = unit.block.attributes.get("header_start", "")
        key = self.question, unit.doc, start
        if key not in self.grids:
            rows = [
                other
                for other in self.passages.pages(unit.doc).units
                if other.block.kind is BlockKind.ROW
                and other.block.attributes.get("header_start", "") == start
            ]
            sought = Sought.of(self.question, self.query.scope.years, self.query.terms)
            self.grids[key] = Grid(rows, sought)
        return self.grids[key]

    def columns(self, unit: Unit) -> list[str]:
        """The columns of a row that the question names or the reader believes in."""
        belief = self._belief(unit)
        return [
            column
            for column, (a, b) in _pieces(unit).items()
            if (belief is not None and belief(a, b) >= _CELL)
            or self.matcher.coverage(unit.text[a:b]) >= _CELL
        ]

    def _belief(self, unit: Unit) -> Belief | None:
        """How much of what the reader believes of a unit lies in a stretch of its text; None where it was not read."""
        read = next((c.read for c in self.candidates if c.unit is unit), None)
        whole = read.share(unit) if read is not None else 0.0
        if read is None or whole < _BELIEVED:
            return None
        return lambda start, end: min(1.0, read.share(unit, start, end) / whole)


def _pieces(unit: Unit) -> dict[str, tuple[int, int]]:
    """Where each column with its value stands in a row's text: name：column：value，column：value."""
    found, at = dict[str, tuple[int, int]](), 0
    for column, value in cells(unit).items():
        piece = f"{column}：{value}"
        start = unit.text.find(piece, at) if value else -1
        if start >= 0:
            at = start + len(piece)
            found[column] = (start, at)
    return found


def near(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates, best first, that are nearly as good as the first."""
    return [c for c in candidates if c.score >= candidates[0].score - _NEAR]


def place_of(unit: Unit) -> str:
    """The short name of the place or the institution that a unit speaks for, or empty."""
    organisation = unit.block.attributes.get("organisation", "")
    if organisation:
        named = regions_in(organisation)
        hospital = re.search(r"医院|大学|中心|学校|公司|集团", organisation)
        return organisation if hospital or not named else short_name(named[0].name)
    regions = document_regions(unit.document)
    return short_name(regions[0]) if len(regions) == 1 else ""


def narrowed(query: Query, region: str, others: Sequence[str]) -> Query:
    """The query for one of several places: the words for the others are taken out."""
    names = {form for other in others for form in (other, short_name(other))}
    text = query.standalone
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "")
    terms = tuple(term for term in query.terms if term.text not in names)
    scope = replace(query.scope, regions=(region,), documents=())
    return replace(query, standalone=text, terms=terms, scope=scope)
