"""Fusion of several rankings by weighted, normalised scores."""

from __future__ import annotations

from collections.abc import Mapping


def min_max(scores: Mapping[str, float]) -> dict[str, float]:
    """Scores brought to 0 … 1: the lowest is 0, the highest 1; a single score is 1."""
    if not scores:
        return {}
    low, high = min(scores.values()), max(scores.values())
    if high <= low:
        return dict.fromkeys(scores, 1.0)
    return {key: (score - low) / (high - low) for key, score in scores.items()}


def normalised(rankings: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """For each key its min-max normalised score in every ranking, 0 in one that does not hold it.

    A weighted sum of them is CombSUM with weights (Fox and Shaw, TREC-2, 1994).
    """
    normal = {name: min_max(scores) for name, scores in rankings.items()}
    keys = dict.fromkeys(key for scores in normal.values() for key in scores)
    return {key: {name: scores.get(key, 0.0) for name, scores in normal.items()} for key in keys}
