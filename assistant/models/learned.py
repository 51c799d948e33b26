"""Weights that were learned: plain numbers in a file, read once."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from assistant.errors import ModelError
from assistant.models.files import WEIGHTS

FILE = "learned.toml"


@dataclass(frozen=True, slots=True)
class Linear:
    """A weighted sum over named features, each first brought to about -1 … 1 by its scale; a missing feature is 0."""

    weights: Mapping[str, float]
    bias: float
    threshold: float = 0.5  # of the probability, for a yes

    def score(self, features: Mapping[str, float]) -> float:
        """The sum, no unit."""
        return self.bias + sum(weight * features.get(name, 0.0) for name, weight in self.weights.items())


def expit(score: float) -> float:
    """The logistic function."""
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, score))))


def some_answer(scores: Sequence[float]) -> float:
    """The probability that one of several scored answers is right, beside the chance that none is, whose score is 0."""
    if not scores:
        return 0.0
    most = max(scores)
    return expit(most + math.log(sum(math.exp(max(-60.0, score - most)) for score in scores)))


@cache
def learned(name: str, *, read: bool) -> Linear:
    """The weights of a decision; `read` says whether a reader is at work. Raises ModelError for an unusable file."""
    path = WEIGHTS / FILE
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))[name]["read" if read else "unread"]
        weights = {str(key): float(value) for key, value in table["weights"].items()}
        return Linear(weights, float(table["bias"]), float(table["threshold"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"文件 {path} 缺少或已损坏，请重新获取完整的程序目录。") from error
