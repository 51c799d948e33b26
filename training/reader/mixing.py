"""The groups of one epoch: every source in the share that the recipe gives it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cached_property
from typing import TypeVar

from training.reader.neighbours import BM25, Neighbours, bigrams
from training.reader.recipes import Mix
from training.reader.sources import Sources
from training.reader.types import Group, Passage
from training.reader.windows import (
    drafted_groups,
    fragment_groups,
    law_groups,
    paragraph_groups,
    written_groups,
)

T = TypeVar("T")
_RIVALS = 20  # articles nearest to a question among which its rivals are drawn


class Mixer:
    """Draws the groups of an epoch from the sources' training part."""

    def __init__(self, sources: Sources, mix: Mix) -> None:
        self._mix = mix
        self._sources = sources
        self._readings = sources.readings(kept_back=False)
        self._written = sources.written(kept_back=False)
        self._neighbours = Neighbours(
            [Passage(p) for p in dict.fromkeys(r.paragraph for r in self._readings)]
        )
        self._passages = Neighbours(list(dict.fromkeys(e.passage for e in self._written)))

    def epoch(self, rng: random.Random) -> list[Group]:
        """The groups of one epoch."""
        mix, groups = self._mix, list[Group]()
        readings = _draw(self._readings, mix.paragraphs, rng)
        groups += paragraph_groups(readings, self._neighbours, rng, mix.misses)
        if mix.law:
            asked = _draw(self._sources.law(kept_back=False), mix.law, rng)
            groups += law_groups(asked, self._sources.articles, self._rivals, rng, mix.rivals)
        groups += written_groups(_draw(self._written, mix.written, rng), self._passages, rng, mix.misses)
        groups += fragment_groups(self._written, mix.fragments, rng)
        if mix.drafted:
            groups += drafted_groups(_draw(self._sources.drafted, mix.drafted, rng), rng)
        return groups

    @cached_property
    def _rivals(self) -> dict[str, list[str]]:
        ids = list(self._sources.articles)
        index = BM25([bigrams(p.where + p.text) for p in self._sources.articles.values()])
        asked = self._sources.law(kept_back=False)
        return {q.question: [ids[i] for i in index.best(bigrams(q.question), _RIVALS)] for q in asked}


def _draw(items: Sequence[T], share: float, rng: random.Random) -> list[T]:
    """So many of the items as the share says; above 1 some come twice."""
    whole, rest = divmod(share, 1)
    return [*items] * int(whole) + rng.sample(items, round(rest * len(items)))
