"""What a written sentence must have said exactly, and where the documents say it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from assistant.answer.wording import is_year, place, uncounted
from assistant.language.clean import squeeze
from assistant.language.dates import years_in
from assistant.language.names import names_in
from assistant.language.numbers import Number, numbers_in
from assistant.language.regions import short_name
from assistant.search.passages import Passages, Unit
from assistant.search.untrusted import is_command
from assistant.types import BlockKind, Span

_ENDS = ("low", "high")  # bounds of a range
# Bounds of which the second does not prove the first.
_CONTRARY = {("min", "max"), ("max", "min"), ("max", "low"), ("min", "high")}
_LONG_NAME = 6  # characters of a place name that is called by its last two
_RANGE = re.compile(r"(\d+(?:\.\d+)?)%?\s*(?:[-–—~～]+|至|到)\s*(\d+(?:\.\d+)?)(?!\d|\s*年)")
_GRADE = re.compile(r"第?[一二三四五六七八九十]+[级类等期档型]|[表图]\d{1,2}(?!\d)")
_BOTH = re.compile(
    r"[两二]处(?=说法|不一致|不同|一致|都)|两者|二者|两地"
)  # how the writer calls what is compared
_MARKER = re.compile(r"^\s*[（(]?[\d一二三四五六七八九十]{1,3}[)）.、．]")
Fact = Callable[[str, bool], bool]  # what is said, and whether it is a row of a table


class Grounds:
    """The spans of a proof as they come together: the support's own, and those of its place when a fact asks for them."""

    def __init__(self, support: Sequence[Unit], passages: Passages) -> None:
        self._support = support
        self._places = [place for unit in support for place in _places(unit, passages)]
        self._used: list[Span] = []

    @property
    def spans(self) -> tuple[Span, ...]:
        """The support's spans, then those of the places that were needed."""
        return tuple(dict.fromkeys([*(unit.span() for unit in self._support), *self._used]))

    def belong(self, text: str, people: frozenset[str]) -> bool:
        """Whether the persons that a text names are spoken of where the places are that it names."""
        homes = {form for unit in self._support for form in _forms(unit) if form in text}
        about = [unit for unit in self._support if homes & _forms(unit)]
        return not about or all(any(n in u.text + place(u) for u in about) for n in _names(text, people))

    def own(self, clause: str) -> bool:
        """Whether the numbers that a clause gives a place are told by a sentence about that place."""
        numbers = numbers_in(clause)
        homes = {form for unit in self._support for form in _forms(unit) if form in clause}
        if not homes or not numbers:
            return True
        about = [unit for unit in self._support if homes & _forms(unit) or any(h in unit.text for h in homes)]
        there = [any(says(unit, number) for unit in about) for number in numbers]
        return all(there) or not about or self._but_for_the_year(clause, about, numbers, there)

    def _but_for_the_year(
        self, clause: str, about: Sequence[Unit], numbers: Sequence[Number], said: Sequence[bool]
    ) -> bool:
        """Whether what the sentences about a place leave out is only the year, which their place gives."""
        left = [number for number, there in zip(numbers, said, strict=True) if not there]
        years = set(years_in(clause))
        return all(
            int(n.value) in years and any(told(n, place(unit), row=True) for unit in about) for n in left
        )

    def near(self, region: str) -> bool:
        """Whether the support speaks of a place, or stands where it is spoken of; a place's name need not be cited."""
        return any(region in unit.text + place(unit) for unit in self._support)

    def take(self, fact: Fact) -> bool:
        """Whether the support says a fact, or its place does, which is then cited too."""
        if any(fact(_written(unit), unit.block.kind is BlockKind.ROW) for unit in self._support):
            return True
        for text, span in self._places:
            if fact(text, False):
                self._used.append(span)
                return True
        return False


def facts(text: str, people: frozenset[str]) -> Iterator[Fact]:
    """What must be said exactly: each fact as a test of a text."""
    for found in _RANGE.finditer(text):
        ends = _ends(found)
        if float(ends[0]) >= float(ends[1]):
            yield lambda said, row: False
        yield lambda said, row, ends=ends: ends in map(_ends, _RANGE.finditer(said))  # type: ignore[misc]
    for number in numbers_in(uncounted(_BOTH.sub("", text))):
        yield lambda said, row, number=number: told(number, said, row)  # type: ignore[misc]
    for grade in _GRADE.findall(text):
        yield lambda said, row, grade=grade: grade in said  # type: ignore[misc]
    for name in _names(text, people):
        yield lambda said, row, name=name: name in said  # type: ignore[misc]


def _names(text: str, people: frozenset[str]) -> list[str]:
    return sorted({name for name in people if name in text} | {name.text for name in names_in(text)})


def _ends(found: re.Match[str]) -> tuple[str, str]:
    return found[1], found[2]


def _written(unit: Unit) -> str:
    """What a citation of a sentence shows; of a table's row not the names of its columns, which its text holds."""
    if unit.block.kind is not BlockKind.ROW:
        return unit.text
    span = unit.span()
    return squeeze(unit.document.text[span.start : span.end])


def _places(unit: Unit, passages: Passages) -> Iterator[tuple[str, Span]]:
    """What stands over a sentence: table header, headings, title, signature, each with its span."""
    pages, own, a = passages.pages(unit.doc), unit.span(), unit.block.attributes
    if "header_start" in a:
        header = Span(unit.doc, int(a["header_start"]), int(a["header_end"]))
        yield pages.document.slice(header), header
    above = set(unit.block.heading_path)
    for block in reversed(pages.blocks):
        heading = block.kind is BlockKind.HEADING and block.text in above and block.span.start <= own.start
        signature = block.kind is BlockKind.HEADING and _signs(block.attributes, a)
        if (heading or signature or block.kind is BlockKind.TITLE) and not is_command(block.text):
            yield _MARKER.sub("", block.text), block.span


def _signs(heading: Mapping[str, str], statement: Mapping[str, str]) -> bool:
    """Whether a heading is the signature of the statement."""
    return bool(heading.get("speaker")) and heading.get("speaker") == statement.get("speaker")


def _forms(unit: Unit) -> set[str]:
    """The names of the places that a sentence is about, in full and in short (新疆生产建设兵团, 兵团)."""
    return {
        form
        for name in unit.regions
        for form in (name, short_name(name), name[-2:] if len(name) > _LONG_NAME else name)
    }


def says(unit: Unit, number: Number) -> bool:
    return told(number, unit.text, unit.block.kind is BlockKind.ROW)


def told(number: Number, said: str, row: bool) -> bool:
    """Whether a text says a number: the same quantity, not at most where the other says at least.

    A number without a unit proves one with a unit only in a table, whose cells leave units out; and the two ends of a
    range prove each other only.
    """
    return any(
        number.same(other)
        and (number.bound, other.bound) not in _CONTRARY
        and (bool(other.unit) or not number.unit or (row and _fits_row(number.unit, said)))
        and (is_year(number) or (number.bound in _ENDS) <= (other.bound in _ENDS))
        for other in numbers_in(said)
    )


def _fits_row(unit: str, said: str) -> bool:
    """Whether a cell may have a unit; a rate (/10万) must be named by its row."""
    return not unit.startswith("/") or unit in "".join(said.split())
