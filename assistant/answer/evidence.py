"""The passages behind an answer, those that it rests on first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from assistant.search.retrieval import MOST
from assistant.types import Chunk, Citation, Hit, Span

_LEAD = 1.0  # of the scores of what an answer rests on before the best of the others


def rested_first(
    hits: Sequence[Hit], citations: Sequence[Citation], chunk_at: Callable[[Span], Chunk | None]
) -> tuple[Hit, ...]:
    """The hits with those before all others that hold what is cited, in the order of the citations.

    Retrieval knows the question only; which passages answer it is known when the answer is. What an answer cites beyond
    the hits (one side of a comparison is looked for by itself, a section is told from its headings) is added: `chunk_at`
    gives the chunk of a span.
    """
    best = max((hit.score for hit in hits), default=0.0)
    rested = list({hit.chunk.id: hit for hit in _rested(hits, citations, chunk_at)}.values())
    known = {hit.chunk.id for hit in rested}
    first = [replace(hit, score=best + _LEAD * (1 - n / len(rested))) for n, hit in enumerate(rested)]
    return (*first, *(hit for hit in hits if hit.chunk.id not in known))[:MOST]


def _rested(
    hits: Sequence[Hit], citations: Sequence[Citation], chunk_at: Callable[[Span], Chunk | None]
) -> Iterator[Hit]:
    for span in (citation.span for citation in citations):
        held = max(hits, key=lambda hit: hit.chunk.span.overlap(span), default=None)
        if held is not None and 2 * held.chunk.span.overlap(span) >= span.end - span.start:
            yield held
        elif (chunk := chunk_at(span)) is not None:
            yield Hit(chunk, 0.0)
