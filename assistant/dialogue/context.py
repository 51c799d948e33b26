"""What a conversation has said so far: the last question as it stands alone, its slots, and the answer to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.dialogue.tables import ASKS, CLASSES
from assistant.language.dates import RELATIVE, years_in
from assistant.language.names import names_in
from assistant.search.catalog import Catalog
from assistant.search.understand import Part, scope_parts

_YEAR = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?:\s*年?\s*(?:[-–—~]|至|到)\s*(?:19|20)?\d\d)?\s*年?(?:度|底|末)?|(?<!\d)\d\d年(?:底|末)?|"
    + "|".join(sorted(RELATIVE, key=len, reverse=True))
)
_PLAN = re.compile(r"[“\"]?十[一二三四五六]五[”\"]?(?:期间|时期)?")
_LONG_TAIL = 4  # characters behind the asking that belong to the subject: 怎么提升基层能力
_MARKS = re.compile(r"\[\d+\]")
_TRAILING = re.compile(r"(?:是|的|在|要|把|被|让|给|有|为|和|跟|[，,。？?！!；;：:\s])+$")


@dataclass(frozen=True, slots=True)
class Slots:
    """The exchangeable parts of a question: places, people, institutions, documents and years, in order."""

    text: str
    parts: tuple[Part, ...]

    def of(self, kind: str) -> tuple[Part, ...]:
        """The parts of one kind; places that stand side by side (山西省方山县) are one."""
        found: list[Part] = []
        for part in (p for p in self.parts if p.kind == kind):
            if kind == "place" and found and found[-1].end == part.start:
                part = Part(kind, part.value, found.pop().start, part.end)
            if not found or part.start >= found[-1].end:
                found.append(part)
        return tuple(found)

    def rest(self) -> str:
        """The text without its slots."""
        kept = list(self.text)
        for part in self.parts:
            kept[part.start : part.end] = " " * (part.end - part.start)
        return "".join(kept)


def read_slots(text: str, catalog: Catalog) -> Slots:
    """The slots of a normalised question."""
    parts = list(scope_parts(text, catalog))
    for pattern in (_YEAR, _PLAN):
        for match in pattern.finditer(text):
            inside = any(p.kind == "document" and p.start <= match.start() < p.end for p in parts)
            if not inside and years_in(match[0], 2000):
                parts.append(Part("year", match[0], match.start(), match.end()))
    return Slots(text, tuple(sorted(parts, key=lambda part: part.start)))


@dataclass(frozen=True)
class Context:
    """The last question, standing alone, and the answer to it without marks."""

    question: str
    answer: str
    catalog: Catalog
    slots: Slots = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "slots", read_slots(self.question, self.catalog))

    @property
    def subject(self) -> str:
        """What the last question is about: its words before it asks, or the words left when the asking is cut out."""
        asking = ASKS.search(self.question)
        if not asking:
            return _TRAILING.sub("", self.question)
        before = _TRAILING.sub("", self.question[: asking.start()])
        after = re.sub(
            r"^(?:个|些|位|家|项|种|次|张|辆|座|台|所|处|栋|公里|是|叫|算|在|的|一)+",
            "",
            self.question[asking.end() :],
        )
        after = _TRAILING.sub("", after)
        return before if len(before) >= 2 and len(after) < _LONG_TAIL else before + after

    @property
    def scope(self) -> str:
        """Place, person, institution or document of the last question, as it was written."""
        documents = self.slots.of("document")
        places = self.slots.of("place")
        if documents and places and places[0].end <= documents[0].start:
            return self.question[places[0].start : documents[0].end]
        for kind in ("place", "organisation", "person", "document"):
            found = self.slots.of(kind)
            if found:
                return "和".join(dict.fromkeys(self.question[p.start : p.end] for p in found))
        return ""

    @property
    def year(self) -> str:
        """The year of the last question as it was written, or empty."""
        found = self.slots.of("year")
        return found[0].value if found else ""

    def person(self) -> str:
        """Whom a pronoun means: the first person of the answer, else the last of the question; may be empty."""
        said = self._people(self.answer)
        asked = [part.value for part in self.slots.of("person")]
        if asked and asked[-1] in said:
            return asked[-1]
        return next(iter(said), asked[-1] if asked else "")

    def _people(self, text: str) -> list[str]:
        known = [(text.find(name), name) for name in self.catalog.people if name in text]
        others = [(name.start, name.text) for name in names_in(text) if len(name.text) > 1]
        alone = re.match(r"(?:是|叫)?([一-鿿·]{2,4})[。！!]?$", text.strip())
        lone = [(0, alone[1])] if alone and not known and not others else []
        return [name for _, name in sorted(known + others + lone)]

    def organisation(self) -> str:
        """The institution that the answer names, else the last question; may be empty."""
        for slots in (read_slots(self.answer, self.catalog), self.slots):
            found = slots.of("organisation")
            if found:
                return slots.text[found[0].start : found[0].end]
        return ""

    def place(self) -> str:
        """The place of the last question or of the first person or place in the answer; may be empty."""
        own = self.slots.of("place")
        if own:
            return self.question[own[0].start : own[0].end]
        people = [part.value for part in self.slots.of("person")]
        homes = [region for name in people for region in self._home(name)]
        said = read_slots(self.answer, self.catalog).of("place")
        return next(iter([*homes, *(part.value for part in said)]), "")

    def _home(self, name: str) -> Sequence[str]:
        person = self.catalog.people.get(name)
        return person.regions[:1] if person else ()


def without_marks(text: str) -> str:
    """An answer without its citation marks."""
    return _MARKS.sub("", text)


def class_swap(text: str, question: str) -> tuple[str, str] | None:
    """The question with a word exchanged for the word of its class in `text`, and the rest of the text; or None."""
    for members in CLASSES:
        new = _member(text, members)
        old = _member(question, members)
        if new and old and new[0] != old[0]:
            changed = question.replace(old[1], new[0][0], 1)
            return changed, text.replace(new[1], "", 1)
    return None


def _member(text: str, members: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...], str] | None:
    spellings = sorted(
        ((word, member) for member in members for word in member), key=lambda pair: -len(pair[0])
    )
    return next(((member, word) for word, member in spellings if word in text), None)
