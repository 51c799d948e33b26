"""Hybrid retrieval: words, bigrams and vectors fused, then weighed by structure and scope."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Protocol

from assistant.language.segment import bigrams, idle_words, words
from assistant.models.learned import learned
from assistant.search.fusion import normalised
from assistant.search.matching import Matcher, matcher_for
from assistant.search.passages import Passages, Unit
from assistant.search.reading import RELEVANCE, ReadChunk, Readings
from assistant.search.scope import (
    document_fit,
    document_regions,
    document_years,
    organisation_fit,
    person_fit,
    region_fit,
    year_fit,
)
from assistant.types import AnswerKind, BlockKind, Chunk, Hit, Query

MOST, READ = 20, 12  # chunks found; those of them that the reader reads
_CONTEXT = 0.5  # worth of the context fields in BM25 beside the text
Scores = Sequence[tuple[str, float]]


class WordSearch(Protocol):
    """BM25 over the terms of one unit."""

    def search(
        self, terms: Mapping[str, float], unit: str, limit: int, *, text: float, context: float
    ) -> Scores:
        """Chunk ids with scores, best first."""


class VectorSearch(Protocol):
    """Nearest chunks by cosine."""

    def search(self, vector: Sequence[float], limit: int) -> Scores:
        """Chunk ids with cosines, best first."""


class Store(Protocol):
    """What retrieval needs of the library."""

    @property
    def words(self) -> WordSearch:
        """The word index."""

    @property
    def vectors(self) -> VectorSearch:
        """The vector index."""

    def chunks(self, ids: Sequence[str]) -> Sequence[Chunk]:
        """The chunks of the ids."""


class Retriever:
    """Finds the chunks that a query is about; cheap to make, safe to share between threads.

    `encode` gives a question's vector; without it, or where it gives None, words alone are searched. With `readings`
    the first chunks are read, and ranked by that too.
    """

    def __init__(
        self,
        store: Store,
        passages: Passages,
        encode: Callable[[str], Sequence[float] | None] | None,
        readings: Readings | None = None,
        depth: int = 60,
    ) -> None:
        self._store, self._passages, self._encode, self._readings = store, passages, encode, readings
        self._depth = depth

    def retrieve(self, query: Query, limit: int = MOST, *, read: bool = True) -> list[Hit]:
        """The best chunks, best first; equal scores in the order of the ids. Without `read` no reader reads them."""
        fused = normalised(self._rankings(query))
        matcher = matcher_for(query, self._passages.rarity)
        hits = []
        for chunk in self._store.chunks(list(fused)):
            parts = fused[chunk.id] | self._structure(query, matcher, chunk)
            hits.append(_judged(chunk, parts, read=False))
        found = sorted(hits, key=_order)[:MOST]
        return (self._reread(query, found) if read else found)[:limit]

    def _reread(self, query: Query, hits: Sequence[Hit]) -> list[Hit]:
        """The hits in the order that the reader, where there is one, gives to the first of them."""
        if self._readings is None:
            return list(hits)
        read = self._readings.of(query.standalone, [hit.chunk for hit in hits[:READ]])
        judged = [
            _judged(hit.chunk, {**hit.parts, **_as_read(found)}, read=True)
            for hit, found in zip(hits, read, strict=False)
        ]
        # What was not read stays behind what was, in its own order.
        behind = min((hit.score for hit in judged), default=0.0) - max((h.score for h in hits), default=0.0)
        others = [replace(hit, score=hit.score + behind) for hit in hits[len(judged) :]]
        return sorted(judged, key=_order) + others

    def _rankings(self, query: Query) -> dict[str, dict[str, float]]:
        words, pairs = _words(query), _pairs(query)
        search = self._store.words.search
        rankings = {
            "words": dict(search(words, "words", self._depth, text=1.0, context=_CONTEXT)),
            "bigrams": dict(search(pairs, "bigrams", self._depth, text=1.0, context=_CONTEXT)),
        }
        vector = self._encode(query.standalone) if self._encode is not None else None
        if vector is not None:
            rankings["vectors"] = dict(self._store.vectors.search(vector, self._depth))
        return {name: scores for name, scores in rankings.items() if scores}

    def _structure(self, query: Query, matcher: Matcher, chunk: Chunk) -> dict[str, float]:
        scope, text = query.scope, chunk.text + chunk.context
        document = self._passages.pages(chunk.span.doc).document
        units = self._passages.units(chunk.span)
        regions = (chunk.region,) if chunk.region else document_regions(document)
        return {
            "sentence": max((matcher.coverage(u.text, u.where) for u in units), default=0.0),
            "whole": matcher.coverage(chunk.text, chunk.context),
            "region": region_fit(
                scope.regions,
                regions,
                chunk.text + chunk.speaker,
                document_regions(document),
                self._passages.homes,
            ),
            "year": year_fit(
                scope.years, chunk.text + "".join(f"{y}年" for y in chunk.years), document_years(document)
            ),
            "person": person_fit(scope.people, chunk.speaker, text),
            "organisation": organisation_fit(scope.organisations, _organisation(units), text),
            "document": document_fit(scope, chunk.span.doc),
            "row": float(
                chunk.kind is BlockKind.ROW and query.kind in (AnswerKind.NUMBER, AnswerKind.COMPARISON)
            ),
        }


def features(parts: Mapping[str, float]) -> dict[str, float]:
    """What a chunk's score is learned from: the parts of the hit, the reader's relevance brought to about -1 … 1."""
    told = {name: value for name, value in parts.items() if name != RELEVANCE}
    if RELEVANCE in parts:
        told[RELEVANCE] = max(-1.5, min(1.5, parts[RELEVANCE] / 4.0))
    return told


def _judged(chunk: Chunk, parts: Mapping[str, float], *, read: bool) -> Hit:
    return Hit(chunk, learned("chunks", read=read).score(features(parts)), MappingProxyType(dict(parts)))


def _as_read(found: ReadChunk) -> dict[str, float]:
    return {RELEVANCE: found.reading.relevance, "answerable": found.reading.answerable}


def _order(hit: Hit) -> tuple[float, str]:
    return (-hit.score, hit.chunk.id)


def _organisation(units: Sequence[Unit]) -> str:
    return next(
        (unit.block.attributes["organisation"] for unit in units if "organisation" in unit.block.attributes),
        "",
    )


def _words(query: Query) -> dict[str, float]:
    """The words looked up, with boosts: the question's own fully, their synonyms for less."""
    found: dict[str, float] = {}
    for term in query.terms:
        for word in words(term.text):
            found[word] = max(found.get(word, 0.0), term.weight)
        for synonym in term.synonyms[:6]:
            for word in words(synonym):
                found[word] = max(found.get(word, 0.0), 0.6 * term.weight)
    idle = idle_words()
    return {word: weight for word, weight in found.items() if word not in idle}


def _pairs(query: Query) -> dict[str, float]:
    found = dict.fromkeys(bigrams(query.standalone), 1.0)
    for term in query.terms:
        for synonym in term.synonyms[:6]:
            for pair in bigrams(synonym):
                found.setdefault(pair, 0.5 * term.weight)
    idle = idle_words()
    return {pair: weight for pair, weight in found.items() if pair not in idle}
