"""Batches for contrastive training: questions, their passages, and passages beside them that look alike.

The sections of one document stand together in a batch, and so do an article and its rivals, so that every batch
holds hard negatives without any being encoded for it alone.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from training.reader.neighbours import BM25, bigrams
from training.reader.sources import Sources
from training.reader.types import Passage
from training.reader.windows import LONGEST, SHORTEST, window

T = TypeVar("T")
_DOCUMENTS, _LAW, _PARAGRAPHS = 3, 4, 6  # of each in a batch: documents, questions about the law, paragraphs
_SECTIONS, _ASKED = 4, 3  # most passages of a document in a batch; most questions of a passage
_NEAR, _RIVALS = 20, 1  # articles nearest to a question among which its rivals are drawn; how many


@dataclass(frozen=True, slots=True)
class Contrast:
    """Questions, passages as they are encoded, and for each question the numbers of the passages that answer it."""

    questions: tuple[str, ...]
    passages: tuple[str, ...]
    right: tuple[frozenset[int], ...]


def encoded(passage: Passage) -> str:
    """A passage in the form in which the index encodes it."""
    return f"{passage.where}\n{passage.text}" if passage.where else passage.text


class Contrasts:
    """Draws batches from the training part of the sources."""

    def __init__(self, sources: Sources) -> None:
        self._articles, self._law = sources.articles, sources.law(kept_back=False)
        self._readings = sources.readings(kept_back=False)
        self._asked: dict[Passage, list[str]] = defaultdict(list)
        self._documents: dict[str, list[Passage]] = defaultdict(list)
        for example in sources.written(kept_back=False):
            sections = self._documents[example.passage.where.split("｜")[0]]
            if example.passage not in sections:
                sections.append(example.passage)
            if example.answerable:
                self._asked[example.passage].append(example.question)
        ids = list(self._articles)
        index = BM25([bigrams(p.where + p.text) for p in self._articles.values()])
        self._rivals = {
            q.question: [ids[i] for i in index.best(bigrams(q.question), _NEAR)] for q in self._law
        }

    def batches(self, count: int, rng: random.Random) -> Iterator[Contrast]:
        """`count` batches; every source is gone through in a new random order before anything comes again."""
        documents, law = _endless(list(self._documents), rng), _endless(self._law, rng)
        readings = _endless(self._readings, rng)
        for _ in range(count):
            found: list[tuple[str, list[str]]] = []  # question, the passages that answer it
            beside: list[str] = []
            for title in (next(documents) for _ in range(_DOCUMENTS)):
                sections = self._documents[title]
                for passage in rng.sample(sections, min(_SECTIONS, len(sections))):
                    asked = self._asked[passage]
                    found += [(q, [encoded(passage)]) for q in rng.sample(asked, min(_ASKED, len(asked)))]
                    beside.append(encoded(passage))
            for question in (next(law) for _ in range(_LAW)):
                right = [encoded(self._articles[id]) for id in question.positive]
                found.append((question.question, [rng.choice(right)]))
                among = [id for id in self._rivals[question.question] if id not in question.positive]
                beside += [encoded(self._articles[id]) for id in rng.sample(among, min(_RIVALS, len(among)))]
            for reading in (next(readings) for _ in range(_PARAGRAPHS)):
                _, text = window(reading.paragraph, reading.answer, rng.randint(SHORTEST, LONGEST), rng)
                found.append((reading.question, [text]))
            yield _contrast(found, beside)


def _contrast(found: Sequence[tuple[str, list[str]]], beside: Sequence[str]) -> Contrast:
    passages = list(dict.fromkeys([p for _, right in found for p in right] + list(beside)))
    number = {passage: at for at, passage in enumerate(passages)}
    right = tuple(frozenset(number[p] for p in held) for _, held in found)
    return Contrast(tuple(question for question, _ in found), tuple(passages), right)


def _endless(items: Sequence[T], rng: random.Random) -> Iterator[T]:
    while True:
        yield from rng.sample(items, len(items))
