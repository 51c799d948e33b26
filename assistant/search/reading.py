"""Chunks read by the reader: how well each answers a question, and in which of its sentences the answer stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.models.reader import Passage, Reading
from assistant.search.passages import Passages, Unit
from assistant.search.untrusted import is_command
from assistant.types import BlockKind, Chunk, Span

Read = Callable[..., Sequence[Reading]]  # of a question and passages; `certain` says when to read no further
RELEVANCE = "relevance"  # the part of a hit's score that says it was read
CERTAIN = 0.9  # of the probability that a chunk answers: those behind it are not read
_PASSAGES_KEPT = 4096


@dataclass(frozen=True, slots=True, eq=False)
class ReadChunk:
    """A chunk with its reading; `places` says where each unit, by its index, stands in what was read."""

    reading: Reading
    places: Mapping[int, tuple[int, int]]

    def share(self, unit: Unit, start: int = 0, end: int | None = None) -> float:
        """How much of the belief about where the answer stands lies in the characters start:end of a unit, 0 … 1."""
        place = self.places.get(unit.index)
        if place is None:
            return 0.0
        return self.reading.share(place[0] + start, place[1] if end is None else place[0] + end)


class Readings:
    """Reads the chunks of one library generation; threads may share it."""

    def __init__(self, passages: Passages, read: Read) -> None:
        self._passages, self._read = passages, read
        self._told = lru_cache(maxsize=_PASSAGES_KEPT)(self._tell)

    def of(self, question: str, chunks: Sequence[Chunk]) -> list[ReadChunk]:
        """The chunks read, in their order; where the first are certain the list is shorter. Raises ModelError."""
        told = [self._told(chunk.span) for chunk in chunks]
        readings = self._read(question, [passage for passage, _ in told], certain=CERTAIN)
        return [ReadChunk(reading, places) for reading, (_, places) in zip(readings, told, strict=False)]

    def judged(self, question: str, texts: Sequence[tuple[str, str]]) -> list[Reading]:
        """Pieces of text, each behind the words of its place, read as passages of their own. Raises ModelError."""
        return list(self._read(question, [Passage(where.replace("\t", " "), text) for where, text in texts]))

    def _tell(self, span: Span) -> tuple[Passage, dict[int, tuple[int, int]]]:
        """A chunk as it is read, and where its units stand in it; rows stand in lines of their own."""
        text, where, places = "", "", {}
        for unit in self._passages.units(span):
            if is_command(unit.text):
                continue
            row = unit.block.kind is BlockKind.ROW
            text += "\n" if text and row else ""
            places[unit.index] = (len(text), len(text) + len(unit.text))
            text += unit.text
            where = where or unit.where
        return Passage(where.replace("\t", " "), text), places
