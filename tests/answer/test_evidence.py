"""What an answer rests on stands first among its passages."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assistant.answer.evidence import rested_first
from assistant.types import Chunk, Citation, Hit, Span

CHUNKS = [Chunk(f"c{n}", Span("d", 100 * n, 100 * n + 100), "", "") for n in range(30)]


def _at(span: Span) -> Chunk | None:
    return next((chunk for chunk in CHUNKS if chunk.span.overlap(span)), None)


def _hits(*numbers: int) -> list[Hit]:
    return [Hit(CHUNKS[n], 9.0 - place) for place, n in enumerate(numbers)]


def _cited(*numbers: int) -> list[Citation]:
    return [Citation(Span("d", 100 * n + 10, 100 * n + 40), "", "") for n in numbers]


def _order(hits: tuple[Hit, ...]) -> list[str]:
    return [hit.chunk.id for hit in hits]


def test_cited_chunks_come_first_in_the_order_of_the_citations() -> None:
    assert _order(rested_first(_hits(1, 2, 3, 4), _cited(4, 2), _at)) == ["c4", "c2", "c1", "c3"]


def test_a_chunk_that_was_cited_but_not_found_is_added() -> None:
    assert _order(rested_first(_hits(1, 2), _cited(7), _at)) == ["c7", "c1", "c2"]


def test_a_chunk_cited_twice_stands_once() -> None:
    assert _order(rested_first(_hits(1, 2), _cited(2, 2), _at)) == ["c2", "c1"]


def test_without_citations_nothing_changes() -> None:
    assert rested_first(_hits(3, 1), (), _at) == tuple(_hits(3, 1))


@given(st.lists(st.integers(0, 29), unique=True, max_size=20), st.lists(st.integers(0, 29), max_size=6))
def test_at_most_twenty_each_once_best_first(found: list[int], cited: list[int]) -> None:
    told = rested_first(_hits(*found), _cited(*cited), _at)
    scores = [hit.score for hit in told]
    assert len(told) == min(20, len({*found, *cited}))
    assert len(set(_order(told))) == len(told)
    assert scores == sorted(scores, reverse=True)
