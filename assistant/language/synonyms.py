"""Everyday words and the documents' words for them, from a glossary file."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from assistant.errors import DocumentError
from assistant.language.segment import plain

# How far a substitute may be trusted beside the word itself.
SHORT_FORM, SAME_CLASS, ONE_WAY = 1.0, 0.8, 0.6


@dataclass(frozen=True, slots=True)
class Phrase:
    """A glossary entry found in a text: `text[start:end]` with what else it may be called, best first."""

    text: str
    start: int
    end: int
    synonyms: tuple[str, ...]
    weight: float  # trust in the best of the synonyms


@dataclass(frozen=True)
class Synonyms:
    """A glossary: for every word (in the form of `plain`) its substitutes with weights between 0 and 1."""

    table: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @cached_property
    def longest(self) -> int:
        """Length of the longest entry, in characters."""
        return max(map(len, self.table), default=0)

    def weighted(self, term: str) -> tuple[tuple[str, float], ...]:
        """The substitutes of a term with their weights, best first; none if the glossary does not know it."""
        found = self.table.get(plain(term), {})
        return tuple(sorted(found.items(), key=lambda pair: -pair[1]))

    def expand(self, term: str) -> tuple[str, ...]:
        """The substitutes of a term, best first."""
        return tuple(word for word, _ in self.weighted(term))

    def phrases(self, text: str) -> tuple[Phrase, ...]:
        """The glossary entries in a text from left to right, the longest at each place, none overlapping."""
        lowered = plain(text)
        if len(lowered) != len(text):
            lowered = text.lower()
        found: list[Phrase] = []
        at = 0
        while at < len(lowered):
            end = self._longest_at(lowered, at)
            if end:
                pairs = self.weighted(lowered[at:end])
                found.append(Phrase(text[at:end], at, end, tuple(word for word, _ in pairs), pairs[0][1]))
            at = end or at + 1
        return tuple(found)

    def _longest_at(self, text: str, at: int) -> int:
        latin = text[at].isascii() and text[at].isalnum()
        if latin and at and text[at - 1].isascii() and text[at - 1].isalnum():
            return 0
        for end in range(min(len(text), at + self.longest), at + 1, -1):
            inside = (
                latin
                and end < len(text)
                and text[end - 1].isalnum()
                and text[end].isascii()
                and text[end].isalnum()
            )
            if text[at:end] in self.table and not inside:
                return end
        return 0


def load(path: Path) -> Synonyms:
    """Read a glossary; a missing file is an empty one. Raises `DocumentError` for a malformed file."""
    if not path.exists():
        return Synonyms()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        unknown = sorted(set(data) - {"classes", "expand", "abbreviations"})
        if unknown:
            raise DocumentError(
                f"词汇表 {path} 里有不认识的部分：{'、'.join(unknown[:3])}。词条要写在 [expand] 或 [abbreviations] 下面。"
            )
        classes = [list(map(str, members)) for members in data.get("classes", [])]
        one_way = {str(word): list(map(str, to)) for word, to in data.get("expand", {}).items()}
        short = {str(word): list(map(str, to)) for word, to in data.get("abbreviations", {}).items()}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, TypeError, AttributeError) as error:
        raise DocumentError(f"词汇表 {path} 读不懂：{error}。请按文件开头的说明改正。") from error
    return Synonyms(_table(classes, one_way, short))


def _table(
    classes: Iterable[list[str]], one_way: Mapping[str, list[str]], short: Mapping[str, list[str]]
) -> dict[str, dict[str, float]]:
    table: dict[str, dict[str, float]] = {}

    def add(word: str, other: str, weight: float) -> None:
        if plain(word) != plain(other):
            row = table.setdefault(plain(word), {})
            row[other] = max(weight, row.get(other, 0.0))

    for word, fulls in short.items():
        for full in fulls:
            add(word, full, SHORT_FORM)
            add(full, word, SHORT_FORM)
    for members in classes:
        for word in members:
            for other in members:
                add(word, other, SAME_CLASS)
    for word, others in one_way.items():
        for other in others:
            add(word, other, ONE_WAY)
    return table
