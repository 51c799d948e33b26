"""Fits the weights of chunks, sentences or drafts to what was collected, and writes them where the assistant reads them.

    python -m training.answers.fit chunks|sentences|drafts [--no-reader] [--out FOLDER] [--dry]

Chunks and sentences: a listwise regression (the softmax of ListNet, Cao and others 2007): of a question's rows, those
that are right come first. Drafts: a conditional logit (McFadden 1974) over the drafts of a question and the
alternative of giving no answer; right is what the scoring rule accepts. Folds are made of whole questions, so the
figures printed are of questions that the fold has not seen.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from assistant.models.files import WEIGHTS
from assistant.models.learned import FILE, some_answer
from training.answers.collect import OUT
from training.reader.evaluate import auroc

FOLDS = 5
_AS_GOOD = 0.005  # of the share settled: thresholds this near the best are as good
RIDGES = (0.03, 0.1, 0.3, 1.0, 3.0)
SUPPORT = (
    30  # rows in which a feature must be said, or it is left out: fewer teach nothing about other questions
)
BESIDE = (
    0.3  # price of a right draft all of whose citations, where another's rest on the key, rest on other text
)
UNANSWERABLE = (
    0.25  # of the questions of a set: so many are counted to have no answer, however many were collected
)
# Features of drafts that can only speak for one, or only against it, whatever chance says in the questions at hand.
FOR = frozenset(
    [
        "own",
        "whole",
        "headed",
        "present",
        "units",
        "sure",
        "answerable",
        "held",
        "held_all",
        "best_held",
        "quoted",
        "relevance",
        "alone_answerable",
        "alone_relevance",
        "similar",
        "region",
        "year",
        "person",
        "organisation",
        "document",
        "cells_year",
        "cells_named",
        "cells_alike",
        "row_named",
        "number_year",
        "members_fit",
        "points_headed",
        "points_alike",
        "points_person",
        "points_sort",
        "parts_least",
        "gain",
        "sides_likely",
        "region_least",
        "year_least",
        "person_least",
        "document_least",
    ]
)
AGAINST = frozenset(
    [
        "unknown",
        "known",
        "quantity_known",
        "missed",
        "behind",
        "alone_missed",
        "alone_behind",
        "no_units",
        "outside",
        "unexplained",
        "repealed",
        "apart",
        "wrong",
        "lacks",
        "measure",
        "years_left",
        "places_left",
        "numbers_short",
        "parts_unmet",
        "weakest",
        "members_off",
        "cells_years_off",
        "cells_one",
        "number_year_off",
        "aim_only",
        "reached_only",
        "deferred",
        "neither",
        "points_prose",
        "row_other",
        "row_lead",
        "column_off",
        "column_left",
        "column_extra",
    ]
)
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Question:
    """x: (rows, features); right: (rows,) 0 or 1; weight: what it counts among the questions of its set."""

    group: str
    set: str
    answerable: bool
    x: Floats
    right: Floats
    about: list[dict[str, Any]]
    weight: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit one stage."""
    options = _options(arguments)
    mode = "unread" if options.no_reader else "read"
    names, questions = read(options.out / f"{options.stage}-{mode}.jsonl")
    fit = partial(fit_drafts, signs=_signs(names)) if options.stage == "drafts" else fit_lists
    report = report_drafts if options.stage == "drafts" else report_lists
    folds = np.arange(len(questions)) % FOLDS
    # Of ridges that do about as well the strongest is taken, which learns least by heart.
    best, chosen = -np.inf, RIDGES[0]
    for ridge in RIDGES:
        scores: list[Floats] = [np.zeros(0)] * len(questions)
        for fold in range(FOLDS):
            weights = fit([q for q, f in zip(questions, folds, strict=True) if f != fold], ridge)
            for i in np.flatnonzero(folds == fold):
                scores[i] = questions[i].x @ weights
        value, told = report(questions, scores)
        print(f"ridge {ridge}: {told}")
        if value > best - _AS_GOOD:
            best, chosen, held = max(best, value), ridge, scores
    weights = fit(questions, chosen)
    print("now:", report(questions, [q.x @ weights for q in questions])[1], "(in sample)")
    threshold = best_threshold(questions, held) if options.stage == "drafts" else 0.5
    print(f"chosen ridge {chosen}, threshold {threshold:.2f}")
    for name, weight in sorted(zip(names, weights, strict=True), key=lambda p: -abs(p[1])):
        print(f"  {name} {weight:.3f}")
    if not options.dry:
        write(options.stage, mode, dict(zip(names, weights, strict=True)), threshold)


def read(path: Path) -> tuple[list[str], list[Question]]:
    """Feature names, the bias last, and the questions."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    said = Counter(name for line in lines for row in line["rows"] for name, v in row["features"].items() if v)
    names = [*sorted(name for name, rows in said.items() if rows >= SUPPORT), "bias"]
    counted = Counter((line["set"], line["answerable"]) for line in lines)
    questions = []
    for line in lines:
        weight = 1.0
        if not line["answerable"]:
            some = counted[line["set"], True] / counted[line["set"], False]
            weight = some * UNANSWERABLE / (1 - UNANSWERABLE)
        rows = [row for row in line["rows"] if not row.get("heading")]
        x = np.array([[row["features"].get(name, 0.0) for name in names[:-1]] + [1.0] for row in rows])
        right = np.array([float(row["right"]) for row in rows])
        x = x.reshape(len(rows), len(names))
        questions.append(Question(line["group"], line["set"], line["answerable"], x, right, rows, weight))
    return names, questions


def fit_lists(questions: Sequence[Question], ridge: float) -> Floats:
    """Weights that put right rows first."""
    told = [q for q in questions if q.right.any()]

    def loss(w: Floats) -> tuple[float, Floats]:
        total, gradient = ridge * float(w @ w), 2 * ridge * w
        for q in told:
            s = q.x @ w
            p = np.exp(s - s.max())
            p /= p.sum()
            target = q.right / q.right.sum()
            total -= float(target @ np.log(p + 1e-12))
            gradient = gradient + q.x.T @ (p - target)
        return total, gradient

    return _minimised(loss, told[0].x.shape[1])


def _signs(names: Sequence[str]) -> list[tuple[float | None, float | None]]:
    """The least and the greatest weight that each feature may have."""
    return [(0.0, None) if n in FOR else (None, 0.0) if n in AGAINST else (None, None) for n in names]


def fit_drafts(
    questions: Sequence[Question], ridge: float, signs: Sequence[tuple[float | None, float | None]] = ()
) -> Floats:
    """Weights, within `signs`, of a conditional logit over a question's drafts and one more alternative: no answer.

    That alternative scores 0, and is the right one where no draft is. Of several right drafts any will do, so it is
    the sum of their probabilities that is made large; one that cites what was not asked counts for less beside one that
    does not.
    """
    told = [q for q in questions if len(q.x)]
    x = np.concatenate([q.x for q in told])
    starts = np.cumsum([0] + [len(q.x) for q in told])
    worths = [np.append(_worth(q), not q.right.any()) for q in told]

    def loss(w: Floats) -> tuple[float, Floats]:
        scores, slope, total = x @ w, np.zeros(len(x)), 0.0
        for q, start, worth in zip(told, starts[:-1], worths, strict=True):
            s = np.append(scores[start : start + len(q.x)], 0.0)
            p = np.exp(s - s.max())
            p /= p.sum()
            of_right = float(p @ worth) + 1e-12
            total -= q.weight * np.log(of_right)
            slope[start : start + len(q.x)] = q.weight * (p - p * worth / of_right)[:-1]
        free = np.append(w[:-1], 0.0)
        return total + ridge * float(free @ free), x.T @ slope + 2 * ridge * free

    return _minimised(loss, x.shape[1], signs)


def _worth(q: Question) -> Floats:
    """(rows,): 1 for a right draft, less for one that rests on the key to a lesser share than another, 0 for a wrong one."""
    if not q.right.any():
        return q.right
    shares = np.array([row["cited"] for row in q.about])
    return np.where(q.right > 0, 1.0 - BESIDE * np.maximum(0.0, shares[q.right > 0].max() - shares), 0.0)


def _minimised(loss: Any, size: int, bounds: Sequence[tuple[float | None, float | None]] = ()) -> Floats:
    found: Floats = minimize(
        loss, np.zeros(size), jac=True, method="L-BFGS-B", bounds=bounds or None, options={"maxiter": 500}
    ).x
    return found


def report_lists(questions: Sequence[Question], scores: Sequence[Floats]) -> tuple[float, str]:
    """Mean reciprocal rank, and how often a right row is among the first 1, 3 and 5."""
    ranks = []
    for q, s in zip(questions, scores, strict=True):
        if q.right.any():
            ranks.append(1 + int(np.flatnonzero(q.right[np.argsort(-s, kind="stable")])[0]))
    r = np.array(ranks)
    mrr = float((1 / r).mean())
    return (
        mrr,
        f"MRR {mrr:.4f}, first {np.mean(r <= 1):.3f}, of 3 {np.mean(r <= 3):.3f}, of 5 {np.mean(r <= 5):.3f}",
    )


def report_drafts(questions: Sequence[Question], scores: Sequence[Floats]) -> tuple[float, str]:
    """Share of questions settled rightly at the best threshold: the likeliest draft right, or refused with reason."""
    threshold = best_threshold(questions, scores)
    said = [_settled(q, s, threshold) for q, s in zip(questions, scores, strict=True)]
    oracle = [q.right.any() if q.answerable else True for q in questions]
    first = [bool(q.right[:1].any()) for q in questions if q.answerable]
    likeliest = [
        len(s) > 0 and bool(q.right[int(np.argmax(s))])
        for q, s in zip(questions, scores, strict=True)
        if q.answerable
    ]
    weights = [q.weight for q in questions]
    value = float(np.average(said, weights=weights))
    apart = auroc(
        np.array([some_answer(list(s)) for s in scores]), np.array([q.answerable for q in questions])
    )
    by = {
        name: round(_mean([(v, q.weight) for v, q in zip(said, questions, strict=True) if q.set == name]), 3)
        for name in sorted({q.set for q in questions})
    }
    refused = _mean([(v, 1.0) for v, q in zip(said, questions, strict=True) if not q.answerable])
    any_right = float(np.mean([o for o, q in zip(oracle, questions, strict=True) if q.answerable]))
    return value, (
        f"settled {value:.3f} {by} at {threshold:.2f}; AUROC of answerability {apart:.3f}; "
        f"of the answerable: first draft right {np.mean(first):.3f}, likeliest {np.mean(likeliest):.3f}, "
        f"any {any_right:.3f}; of the others refused {refused:.3f}"
    )


def _mean(pairs: Sequence[tuple[float, float]]) -> float:
    """The weighted mean of (value, weight) pairs."""
    total = sum(w for _, w in pairs)
    return sum(v * w for v, w in pairs) / total if total else float("nan")


def best_threshold(questions: Sequence[Question], scores: Sequence[Floats]) -> float:
    """The probability from which answering settles most questions rightly: the middle of all that do about as well."""
    options = np.arange(0.05, 0.96, 0.01)
    weights = [q.weight for q in questions]
    values = [
        np.average([_settled(q, s, t) for q, s in zip(questions, scores, strict=True)], weights=weights)
        for t in options
    ]
    best = np.flatnonzero(np.array(values) >= max(values) - _AS_GOOD)
    return float(options[best[len(best) // 2]])


def _settled(q: Question, scores: Floats, threshold: float) -> bool:
    if not len(scores):
        return not q.answerable
    answers = some_answer(list(scores)) >= threshold
    return bool(q.right[int(np.argmax(scores))]) if answers else not q.answerable


def write(stage: str, mode: str, weights: dict[str, float], threshold: float) -> None:
    """Put the weights into learned.toml beside those of the other stages."""
    path = WEIGHTS / FILE
    table = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    bias = weights.pop("bias")
    kept = {name: round(float(w), 3) for name, w in sorted(weights.items()) if abs(w) >= 0.0005}
    table.setdefault(stage, {})[mode] = {
        "bias": round(float(bias), 3),
        "threshold": round(threshold, 2),
        "weights": kept,
    }
    lines = ["# Written by training/answers/fit.py; training/README.md says from what."]
    for name in sorted(table):
        for kind in sorted(table[name]):
            entry = table[name][kind]
            lines += ["", f"[{name}.{kind}]", f"bias = {entry['bias']}", f"threshold = {entry['threshold']}"]
            lines += [f"[{name}.{kind}.weights]", *(f"{k} = {v}" for k, v in entry["weights"].items())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("stage", choices=("chunks", "sentences", "drafts"))
    parser.add_argument("--no-reader", action="store_true")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--dry", action="store_true", help="print only")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
