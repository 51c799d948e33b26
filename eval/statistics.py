"""Intervals and tests. Where scipy or statsmodels has the method, theirs is used."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95
RESAMPLES = 2000
SEED = 20240607
FEW_CLUSTERS = 5  # fewer than this say nothing about how clusters differ

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with its 95 % interval; all shares, or all of the value's own unit."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class McNemar:
    """The exact test of McNemar (1947) on paired verdicts: `wins` only the second has right, `losses` only the first.

    `p` is two-sided: the binomial probability of a split at least as uneven, were wins and losses as likely.
    """

    wins: int
    losses: int
    p: float


def wilson(successes: int, trials: int) -> Interval:
    """A share with Wilson's score interval (1927). Without trials the interval is 0 … 1."""
    from statsmodels.stats.proportion import proportion_confint

    if trials == 0:
        return Interval(0.0, 0.0, 1.0)
    low, high = proportion_confint(successes, trials, alpha=1 - LEVEL, method="wilson")
    return Interval(successes / trials, float(max(0.0, low)), float(min(1.0, high)))


def cluster_bootstrap(
    numerators: Sequence[float], denominators: Sequence[float], clusters: Sequence[Hashable]
) -> Interval | None:
    """Sum of numerators over sum of denominators, with the percentile interval of the cluster bootstrap.

    Whole clusters (the questions of one document) are drawn with replacement (Davison and Hinkley, 1997, 2.4), for
    questions on one document fare alike. A mean has denominators of 1. With fewer than five clusters questions are
    drawn instead. None when there is nothing to divide by.
    """
    top, bottom = np.asarray(numerators, dtype=float), np.asarray(denominators, dtype=float)
    if bottom.sum() == 0:
        return None
    top, bottom = _by_cluster(top, bottom, clusters)
    drawn = _draws(len(top))
    below = drawn @ bottom
    ratios = (drawn @ top)[below > 0] / below[below > 0]
    low, high = np.quantile(ratios, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(top.sum() / bottom.sum()), float(low), float(high))


def mcnemar(first: Sequence[bool], second: Sequence[bool]) -> McNemar:
    """Compare two systems on the same questions, in the same order."""
    from scipy.stats import binomtest

    wins = sum(b and not a for a, b in zip(first, second, strict=True))
    losses = sum(a and not b for a, b in zip(first, second, strict=True))
    p = float(binomtest(wins, wins + losses).pvalue) if wins + losses else 1.0
    return McNemar(wins, losses, p)


def paired_bootstrap(first: Sequence[float], second: Sequence[float]) -> tuple[Interval, float]:
    """The mean of second minus first over the same questions, its percentile interval, and a two-sided p.

    p is twice the share of resampled means on the other side of 0 (Efron and Tibshirani, 1993, ch. 16), never below
    what the number of resamples can show.
    """
    differences = np.asarray(second, dtype=float) - np.asarray(first, dtype=float)
    if not len(differences):
        return Interval(0.0, 0.0, 0.0), 1.0
    means = _draws(len(differences)) @ differences / len(differences)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    beyond = min(int((means <= 0).sum()), int((means >= 0).sum()))
    p = min(1.0, 2 * (beyond + 1) / (len(means) + 1))
    return Interval(float(differences.mean()), float(low), float(high)), p


def holm(p_values: Sequence[float]) -> list[float]:
    """p values adjusted for their number, by Holm's step-down method (1979), in the order given."""
    from statsmodels.stats.multitest import multipletests

    if not p_values:
        return []
    return [float(p) for p in multipletests(p_values, alpha=1 - LEVEL, method="holm")[1]]


def smallest_difference(questions: int, discordant: int, power: float = 0.8) -> float:
    """The smallest true difference of shares, 0 … 1, that McNemar's test finds with the given power at 5 %.

    For paired shares (Connor, Biometrics 1987): n = (z_a sqrt(psi) + z_b sqrt(psi - d²))² / d², with psi the share of
    questions on which the systems disagree, solved for d. `discordant` is the number seen; one more is assumed, and
    never fewer than the difference itself asks for. 1.0 when no difference could be shown.
    """
    from scipy.optimize import brentq
    from scipy.stats import norm

    if questions == 0:
        return 1.0
    seen = min(1.0, (discordant + 1) / questions)
    beyond, within = float(norm.ppf((1 + LEVEL) / 2)), float(norm.ppf(power))

    def short(d: float) -> float:
        psi = max(seen, d)
        return float(questions * d * d - (beyond * psi**0.5 + within * max(0.0, psi - d * d) ** 0.5) ** 2)

    return float(brentq(short, 1e-9, 1.0)) if short(1.0) > 0 else 1.0


def risk_coverage(correct: Sequence[bool], confidence: Sequence[float]) -> tuple[Floats, Floats]:
    """Coverage and risk, both 0 … 1, when only the most confident answers go out (El-Yaniv and Wiener, 2010).

    One point for each distinct confidence, from the highest down: the share of answers at least that sure, and the
    share of wrong ones among them. Both arrays have the shape (distinct confidences,).
    """
    order = np.argsort(-np.asarray(confidence, dtype=float), kind="stable")
    sure = np.asarray(confidence, dtype=float)[order]
    wrong = np.cumsum(~np.asarray(correct, dtype=bool)[order])
    last = np.flatnonzero(np.append(sure[1:] != sure[:-1], True)) if len(sure) else np.array([], dtype=int)
    sizes = np.asarray(last + 1, dtype=np.float64)
    return sizes / max(1, len(sure)), np.asarray(wrong[last] / sizes, dtype=np.float64)


def _by_cluster(top: Floats, bottom: Floats, clusters: Sequence[Hashable]) -> tuple[Floats, Floats]:
    """Sums for each cluster; the questions themselves when there are too few clusters."""
    number = {cluster: index for index, cluster in enumerate(dict.fromkeys(clusters))}
    if len(number) < FEW_CLUSTERS:
        return top, bottom
    places = np.array([number[cluster] for cluster in clusters])
    sums = (np.bincount(places, weights=weights) for weights in (top, bottom))
    above, below = (np.asarray(one, dtype=np.float64) for one in sums)
    return above, below


@lru_cache(maxsize=32)
def _draws(size: int) -> Floats:
    """How often each of `size` things is drawn, shape (RESAMPLES, size); the same for every call of one size."""
    generator = np.random.default_rng(SEED)
    return generator.multinomial(size, np.full(size, 1 / size), size=RESAMPLES).astype(float)
