"""Learned weights: scores and probabilities."""

from __future__ import annotations

import math

import pytest

from assistant.models.learned import Linear, expit, some_answer


def test_a_score_is_the_weighted_sum_and_unknown_features_say_nothing() -> None:
    model = Linear({"a": 2.0, "b": -1.0}, bias=0.5)
    assert model.score({"a": 1.0, "other": 9.0}) == pytest.approx(2.5)
    assert expit(model.score({"b": 0.5})) == pytest.approx(0.5)


def test_some_answer_is_right_unless_none_is() -> None:
    assert some_answer([]) == 0.0
    assert some_answer([0.0]) == pytest.approx(1 / 2)
    assert some_answer([0.0, 0.0, 0.0]) == pytest.approx(3 / 4)
    assert some_answer([1.0, -2.0]) == pytest.approx((math.e + math.exp(-2)) / (1 + math.e + math.exp(-2)))
    assert some_answer([900.0, -900.0]) == pytest.approx(1.0)
