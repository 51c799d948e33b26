"""Finds passages that look like an answer by their words (BM25 over pieces of the vocabulary), and names to exchange."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from training.reader.types import Passage

_K1, _B = 1.2, 0.75
_NEAREST = 8
_NAMES = {"nr": "person", "ns": "place", "nt": "body", "nz": "thing"}


class BM25:
    """BM25 (Robertson and Zaragoza 2009) over lists of pieces."""

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        self.count = len(texts)
        lengths = np.array([len(t) for t in texts], dtype=np.float32)
        norm = _K1 * (1 - _B + _B * lengths / lengths.mean())
        postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for number, pieces in enumerate(texts):
            for piece, count in Counter(pieces).items():
                postings[piece].append((number, count))
        self._postings: dict[str, tuple[NDArray[np.int64], NDArray[np.float32]]] = {}
        for piece, found in postings.items():
            at = np.array([n for n, _ in found])
            times = np.array([t for _, t in found], dtype=np.float32)
            rarity = math.log(1 + (self.count - len(found) + 0.5) / (len(found) + 0.5))
            self._postings[piece] = at, rarity * times * (_K1 + 1) / (times + norm[at])

    def scores(self, pieces: Sequence[str]) -> NDArray[np.float32]:
        """The score of each text, (texts,)."""
        total = np.zeros(self.count, dtype=np.float32)
        for piece in set(pieces):
            if piece in self._postings:
                places, gains = self._postings[piece]
                total[places] += gains
        return total

    def best(self, pieces: Sequence[str], most: int) -> list[int]:
        """The numbers of the best texts, best first."""
        scores = self.scores(pieces)
        return [int(i) for i in np.argsort(-scores, kind="stable")[:most] if scores[i] > 0]


def bigrams(text: str) -> list[str]:
    """Neighbouring pairs of characters, blanks and marks left out."""
    bare = "".join(char for char in text if char.isalnum())
    return [bare[i : i + 2] for i in range(len(bare) - 1)]


class Neighbours:
    """Passages near a question, remembered; and the names of all questions."""

    def __init__(self, passages: Sequence[Passage], cut: Callable[[str], list[str]] = bigrams) -> None:
        self._passages = passages
        self._cut = cut
        self._near: dict[str, list[int]] = {}
        self._names: dict[str, list[tuple[str, str]]] = {}
        self._known: dict[str, list[str]] = defaultdict(list)

    @cached_property
    def _index(self) -> BM25:
        return BM25([self._cut(p.text) for p in self._passages])

    def near(self, question: str, rng: random.Random, *, besides: str) -> Passage | None:
        """One of the passages nearest to a question, other than the text `besides`."""
        if question not in self._near:
            self._near[question] = self._index.best(self._cut(question), _NEAREST)
        rivals = [self._passages[i] for i in self._near[question]]
        rivals = [p for p in rivals if p.text != besides]
        return rng.choice(rivals) if rivals else None

    def names_in(self, question: str) -> list[tuple[str, str]]:
        """Names in a question with their kinds."""
        if question not in self._names:
            self._names[question] = list(_names(question))
            for name, kind in self._names[question]:
                self._known[kind].append(name)
        return self._names[question]

    def other_name(self, kind: str, rng: random.Random) -> str:
        """A name of that kind from some question seen before, or an empty text."""
        return rng.choice(self._known[kind]) if self._known[kind] else ""


def _names(question: str) -> Iterator[tuple[str, str]]:
    from jieba import posseg

    for word, flag in posseg.cut(question):
        if len(word) > 1 and (kind := _NAMES.get(flag[:2])):
            yield word, kind
