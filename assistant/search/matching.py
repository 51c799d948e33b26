"""How much of a question a text says: weighted coverage of the question's terms."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.language.segment import plain, question_words
from assistant.types import Query, Term

SYNONYM, PARTIAL = 0.85, 0.7  # worth of a synonym and of all the term's bigrams beside the term itself
UNKNOWN = 0.5  # importance of a term that stands nowhere in the library: its absence proves little
_LEAST_PARTIAL = 0.34
_COUNTED = re.compile(
    r"[一二两三四五六七八九十几\d]+[个项家种条份位]|(?:啥|什么|多少|哪|何|百分之).{0,3}"
)  # how many of them: says nothing of what


@dataclass(frozen=True, slots=True)
class Wanted:
    """A term as it is looked for; `weight` counts its importance in the question times its rarity in the library."""

    text: str
    synonyms: tuple[str, ...]
    weight: float
    known: bool  # whether the library uses the term or a synonym at all


class Matcher:
    """The terms of one query, ready to be held against many texts."""

    def __init__(self, terms: Sequence[Term], rarity: Callable[[str], float]) -> None:
        idle = question_words()
        told = [
            t for t in terms if plain(t.text) and not _COUNTED.fullmatch(t.text) and plain(t.text) not in idle
        ]
        self.wanted = tuple(self._wanted(term, rarity) for term in told or terms)
        self.total = sum(w.weight for w in self.wanted) or 1.0

    @staticmethod
    def _wanted(term: Term, rarity: Callable[[str], float]) -> Wanted:
        text = plain(term.text)
        synonyms = tuple(dict.fromkeys(plain(s) for s in term.synonyms if plain(s) != text))
        # A word that the library does not know counts as its best-known synonym does.
        known = [r for word in (text, *synonyms) if (r := rarity(word)) < 1.0]
        return Wanted(text, synonyms, term.weight * max(0.05, min(known) if known else UNKNOWN), bool(known))

    def strengths(self, text: str, beside: str = "", share: float = 0.8) -> tuple[float, ...]:
        """For each term how surely the text says it, 0 … 1; words of `beside` (the place) count by `share`."""
        body, place = plain(text), plain(beside)
        return tuple(
            max(_strength(w, body), share * _strength(w, place) if place else 0.0) for w in self.wanted
        )

    def coverage(self, text: str, beside: str = "", share: float = 0.8) -> float:
        """The weighted share of the terms that the text says."""
        found = self.strengths(text, beside, share)
        return sum(w.weight * s for w, s in zip(self.wanted, found, strict=True)) / self.total

    def missing(self, text: str, beside: str = "") -> list[Wanted]:
        """The terms that the text does not say at all."""
        found = self.strengths(text, beside, 1.0)
        return [w for w, s in zip(self.wanted, found, strict=True) if s <= 0.0]


def matcher_for(query: Query, rarity: Callable[[str], float]) -> Matcher:
    """The matcher of a query's terms."""
    return Matcher(query.terms, rarity)


def _strength(wanted: Wanted, text: str) -> float:
    if wanted.text in text:
        return 1.0
    if any(synonym in text for synonym in wanted.synonyms):
        return SYNONYM
    best = max((_shared(word, text) for word in (wanted.text, *wanted.synonyms[:4])), default=0.0)
    return PARTIAL * best if best >= _LEAST_PARTIAL else 0.0


def _shared(word: str, text: str) -> float:
    """The share of a word's bigrams that stand in a text; words of two characters have only themselves.

    The head of a short word carries its meaning: 床位数 is not partly said by 托位数, 近视率 is by 近视.
    """
    if len(word) < 3 or (len(word) < 5 and word[:2] not in text):
        return 0.0
    pairs = [word[i : i + 2] for i in range(len(word) - 1)]
    return sum(pair in text for pair in pairs) / len(pairs)
