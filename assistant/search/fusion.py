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


def fuse(
    rankings: Mapping[str, Mapping[str, float]], weights: Mapping[str, float]
) -> dict[str, dict[str, float]]:
    """The weighted sum of min-max normalised scores, as CombSUM of Fox and Shaw (TREC-2, 1994) with weights.

    Returns for each key its normalised parts and their sum under `score`; a key that a ranking does not hold gets 0
    from it.
    """
    normal = {name: min_max(scores) for name, scores in rankings.items()}
    fused: dict[str, dict[str, float]] = {}
    for key in dict.fromkeys(key for scores in normal.values() for key in scores):
        parts = {name: scores.get(key, 0.0) for name, scores in normal.items()}
        parts["score"] = sum(weights.get(name, 0.0) * value for name, value in parts.items())
        fused[key] = parts
    return fused
