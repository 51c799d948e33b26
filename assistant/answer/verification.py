"""Proof of a written sentence: which sentences of the documents it rests on, or that it rests on none.

A sentence that a language model wrote goes out only when the passages it was given say it. Its numbers, dates, names and
places must stand in what it cites, clause by clause; its other words must mostly. The model's own marks are a hint at
most: the citation is the sentence of the document that proves it, wherever the mark pointed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from assistant.answer.contradictions import astray, cells_agree, contradicts, other_row
from assistant.answer.grounds import Grounds, facts, says
from assistant.answer.wording import (
    FEW_PAIRS,
    bare,
    claims,
    covered,
    miscounts,
    place,
    regions,
    says_something,
    share,
    shorter,
    uncounted,
    word_pairs,
)
from assistant.language.dates import years_in
from assistant.language.numbers import numbers_in
from assistant.search.passages import Passages, Unit
from assistant.search.untrusted import is_command
from assistant.types import BlockKind, Span

Similar = Callable[[str, Sequence[str]], Sequence[float]]
MOST_UNITS = 4  # sentences of the documents that one written sentence may rest on
LEAST_SAID = 0.5  # share of a sentence's words that its support must say
LEAST_ALIKE = 0.84  # cosine from which a sentence in other words may have less of them
LEAST_SAID_ALIKE = 0.3
LEAST_OF_CLAUSE = 0.5  # share of each clause's words that must be said
CLAUSE_SAID = 0.45  # share of a clause's words from which a sentence of the document speaks of it
ADDS = 0.2  # share of a clause that a further sentence must say beyond those already found
MARKED = 0.08  # advantage of a passage that the writer named
NUMBERS = 0.6  # worth of a sentence that says all the numbers
ASKED = 0.3  # worth of a sentence that speaks of all that was asked
ALIKE = 0.4  # worth of likeness by vectors
_COMPARED = 6  # sentences of the documents that vectors are compared with
_WHEN = re.compile(r"何时|什么时候|啥时候|时间|几月|几号|哪一?[年月天日]|多久|期限|几年|年份|截止")
_YEAR = re.compile(r"[（(]?(?:到|在|于)?(?:19|20)\d\d年(?:度|底|末)?[）)]?")
_MARKUP = re.compile(
    r"https?:|www\.|[a-z0-9-]+\.[a-z]{2,}(?![a-z])|!?\[[^\]]*[^\d\]\s,，、][^\]]*\]|\]\s*\(|<[a-z/!]|[{}]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Proof:
    """A sentence, or what is left of it, with the spans that prove it; `whole` says whether nothing was cut off."""

    text: str
    spans: tuple[Span, ...]
    whole: bool = True


class Verifier:
    """Proves sentences from passages. `people` are the names that the library knows."""

    def __init__(self, passages: Passages, people: frozenset[str], similar: Similar) -> None:
        self._passages, self._people, self._similar = passages, people, similar

    def prove(
        self, sentence: str, marked: Sequence[Span], offered: Sequence[Span], question: str = ""
    ) -> Proof | None:
        """The proof of a sentence (without marks) from the passages offered; None when they do not say it.

        `marked` are those of the passages that the writer named for it; `question` is what it answers. A sentence that
        is proven but for a remark or for its first or last clauses loses those.
        """
        if _MARKUP.search(sentence):
            return None
        units, near = self._units(offered), self._units(marked)
        for text in shorter(sentence.strip("。；，、 \n")):
            spans = self._spans(text, units, near, question)
            if spans:
                return Proof(text, spans, whole=bare(text) == bare(sentence))
        return self._undated(sentence.strip("。；，、 \n"), units, near, question)

    def _undated(
        self, sentence: str, units: Sequence[Unit], near: Sequence[Unit], question: str
    ) -> Proof | None:
        """The proof of a sentence without its year, where the documents are of that year but never write it down."""
        years, text = set(years_in(sentence)), _YEAR.sub("", sentence).strip("，、 ")
        spans = self._spans(text, units, near, question) if years and text != sentence else ()
        rest = [unit for unit in units if any(unit.span() == span for span in spans)]
        of_that_year = all(years <= set(unit.years) and unit.block.kind is not BlockKind.ROW for unit in rest)
        return Proof(text, spans, whole=False) if spans and of_that_year else None

    def _spans(
        self, text: str, units: Sequence[Unit], near: Sequence[Unit], question: str
    ) -> tuple[Span, ...]:
        """What proves a text as it is; empty when nothing does."""
        if not (says_something(text) or (numbers_in(text) and _WHEN.search(question))) or miscounts(text):
            return ()
        support = self._support(text, units, near, question)
        if not support or not self._said(text, support) or other_row(text, support, units):
            return ()
        grounds = Grounds(support, self._passages)
        if not all(grounds.take(fact) for fact in facts(text, self._people)):
            return ()
        if not all(grounds.near(region) for region in regions(text)):
            return ()
        if any(contradicts(text, unit) for unit in support) or astray(text, support):
            return ()
        if not all(grounds.own(clause) for clause in claims(uncounted(text))):
            return ()
        if not grounds.belong(text, self._people):
            return ()
        return grounds.spans if cells_agree(text, support) else ()

    def _units(self, spans: Iterable[Span]) -> list[Unit]:
        found: dict[Span, Unit] = {}
        for span in spans:
            for unit in self._passages.units(span):
                if not is_command(unit.text):
                    found.setdefault(unit.span(), unit)
        return list(found.values())

    def _support(self, text: str, units: Sequence[Unit], marked: Sequence[Unit], question: str) -> list[Unit]:
        """The sentences of the documents that a text rests on: the best one, then one for each clause and each place
        that it leaves out."""
        near = {unit.span() for unit in marked}
        first = self._best(text, units, near, question)
        if first is None:
            return []
        support = [first]
        for clause in claims(text):
            if len(support) == MOST_UNITS or _speaks_of(clause, support):
                continue
            other = self._best(clause, units, near, question)
            told = all(any(says(unit, n) for unit in support) for n in numbers_in(clause))
            least = max(CLAUSE_SAID, ADDS + max(share(clause, unit) for unit in support) if told else 0.0)
            if other is not None and other not in support and share(clause, other) >= least:
                support.append(other)
        for region in regions(text):
            there = [unit for unit in marked or units if region in place(unit)]
            if there and len(support) < MOST_UNITS and not any(region in place(u) + u.text for u in support):
                other = self._best(text, there, near, question)
                support += [other] if other is not None else []
        return support

    def _best(self, text: str, units: Sequence[Unit], near: set[Span], question: str) -> Unit | None:
        numbers = numbers_in(text)

        def worth(unit: Unit) -> float:
            said = sum(says(unit, number) for number in numbers) / max(1, len(numbers))
            asked = ASKED * share(question, unit) if question else 0.0
            return share(text, unit) + NUMBERS * said + asked + MARKED * (unit.span() in near)

        ranked = sorted(((worth(unit), -i, unit) for i, unit in enumerate(units)), key=lambda one: one[:2])
        top = [(value, unit) for value, _, unit in ranked[::-1][:_COMPARED] if value > 0]
        if not top:
            return None
        alike = self._similar(f"{question} {text}", [unit.text for _, unit in top])
        return max(zip(top, alike, strict=True), key=lambda one: one[0][0] + ALIKE * one[1])[0][1]

    def _said(self, text: str, support: Sequence[Unit]) -> bool:
        """Whether the support says most of the words, and some of each clause, or much the same in other words."""
        if len(word_pairs(text)) < FEW_PAIRS and numbers_in(text):
            return True  # a bare value, whose numbers are held to the support
        whole = "。".join(unit.text + "。" + place(unit) for unit in support)
        clauses_said = [covered(c, whole) for c in claims(text) if len(word_pairs(c)) >= FEW_PAIRS]
        share = covered(text, whole)
        if share >= LEAST_SAID and min(clauses_said, default=1.0) >= LEAST_OF_CLAUSE:
            return True
        if share < LEAST_SAID_ALIKE:
            return False
        return max(self._similar(text, [unit.text for unit in support])) >= LEAST_ALIKE


def _speaks_of(clause: str, support: Sequence[Unit]) -> bool:
    numbers = numbers_in(clause)
    return any(
        share(clause, unit) >= CLAUSE_SAID and all(says(unit, number) for number in numbers)
        for unit in support
    )
