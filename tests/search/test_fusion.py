"""Fusion of rankings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.search.fusion import min_max, normalised

KEYS = st.sampled_from("abcdefgh")
SCORES = st.dictionaries(KEYS, st.floats(-100, 100), max_size=8)
RANKINGS = st.dictionaries(st.sampled_from(["words", "bigrams", "vectors"]), SCORES, max_size=3)


def test_scores_are_brought_between_0_and_1() -> None:
    assert min_max({"a": 2.0, "b": 6.0, "c": 4.0}) == {"a": 0.0, "b": 1.0, "c": 0.5}
    assert min_max({"a": 0.3}) == {"a": 1.0}
    assert min_max({"a": 5.0, "b": 5.0}) == {"a": 1.0, "b": 1.0}
    assert min_max({}) == {}


def test_rankings_are_brought_together_by_key() -> None:
    found = normalised({"words": {"a": 10.0, "b": 0.0, "c": 5.0}, "vectors": {"b": 0.9, "c": 0.8}})
    assert found == {
        "a": {"words": 1.0, "vectors": 0.0},
        "b": {"words": 0.0, "vectors": 1.0},
        "c": {"words": 0.5, "vectors": 0.0},
    }
    assert normalised({}) == {}


@given(SCORES)
def test_normalising_keeps_order_and_bounds(scores: dict[str, float]) -> None:
    normal = min_max(scores)
    assert set(normal) == set(scores)
    assert all(0.0 <= value <= 1.0 for value in normal.values())
    ordered = sorted(scores, key=lambda key: scores[key])
    assert all(normal[a] <= normal[b] for a, b in zip(ordered, ordered[1:], strict=False))


@given(RANKINGS)
def test_every_key_has_a_part_of_every_ranking(rankings: dict[str, dict[str, float]]) -> None:
    found = normalised(rankings)
    assert set(found) == {key for scores in rankings.values() for key in scores}
    assert all(set(parts) == set(rankings) for parts in found.values())
    assert all(0.0 <= value <= 1.0 for parts in found.values() for value in parts.values())


@given(st.dictionaries(KEYS, st.integers(-1000, 1000), min_size=2), st.integers(1, 50), st.integers(-9, 9))
def test_the_scale_of_a_ranking_does_not_matter(scores: dict[str, int], factor: int, shift: int) -> None:
    plain = min_max({key: float(score) for key, score in scores.items()})
    moved = min_max({key: float(factor * score + shift) for key, score in scores.items()})
    assert moved == pytest.approx(plain)
