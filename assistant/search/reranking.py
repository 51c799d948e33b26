"""Passages put into another order by a reranking model, without forgetting why they were found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

from assistant.search.fusion import min_max
from assistant.types import Hit

SHARE = 0.6  # of the reranker in the final score; the rest is the order found before


def reranked(hits: Sequence[Hit], scores: Sequence[float]) -> list[Hit]:
    """The hits by both scores, each brought to 0 … 1, best first; `scores` has one for each hit."""
    before = min_max({hit.chunk.id: hit.score for hit in hits})
    now = min_max({hit.chunk.id: score for hit, score in zip(hits, scores, strict=True)})
    mixed = [
        replace(
            hit,
            score=SHARE * now[hit.chunk.id] + (1 - SHARE) * before[hit.chunk.id],
            parts=MappingProxyType({**hit.parts, "rerank": now[hit.chunk.id]}),
        )
        for hit in hits
    ]
    return sorted(mixed, key=lambda hit: (-hit.score, hit.chunk.id))
