"""Fit the logistic model of `assistant.answer.refusal` on the development questions.

    python bench/tune_refusal.py [QUESTIONS.jsonl]

Prints the weights to be copied into `assistant/answer/refusal.py`, with the area under the ROC curve and the share of
right decisions under five-fold cross-validation by question, so that the figures are of questions the fold has not seen.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(ROOT := Path(__file__).resolve().parent.parent))

from assistant.answer.compose import compose
from assistant.answer.refusal import FEATURES, features, judge
from assistant.chain import build
from assistant.settings import Settings
from assistant.types import Question, Turn

FOLDS, RIDGE, STEPS, RATE = 5, 1.0, 3000, 0.5


def collect(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features (n, f), answerable or not (n,), and whether the rules alone already refuse (n,)."""
    chain = build(Settings())
    state = chain._state()
    rows, labels, ruled = [], [], []
    for line in path.read_text(encoding="utf-8").splitlines():
        given = json.loads(line)
        history = tuple(Turn(role, text) for role, text in given.get("history", []))
        found = chain._search.invoke(Question(given["question"], history))
        if found.answer is not None:
            continue
        desk = state.answerer.desk(found.query, found.hits)
        draft, reason = compose(desk)
        verdict = judge(desk, draft, state.regions, reason)
        if draft is None or draft.sure or desk.best() is None or verdict.confidence == 0.0:
            continue
        rows.append(features(desk, draft))
        labels.append(bool(given["answerable"]))
        ruled.append(verdict.answers)
    return np.array(rows), np.array(labels, dtype=float), np.array(ruled)


def fit(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Weights of a ridge-penalised logistic regression by gradient descent; the last feature is the bias."""
    weights = np.zeros(x.shape[1])
    penalty = np.full(x.shape[1], RIDGE / len(x))
    penalty[-1] = 0.0
    for _ in range(STEPS):
        p = 1.0 / (1.0 + np.exp(-x @ weights))
        weights -= RATE * (x.T @ (p - y) / len(x) + penalty * weights)
    return weights


def auroc(scores: np.ndarray, labels: np.ndarray) -> float:
    """Area under the ROC curve by the rank-sum statistic (Mann and Whitney, 1947)."""
    order = scores.argsort().argsort() + 1
    positive = labels > 0
    n, m = positive.sum(), (~positive).sum()
    return float((order[positive].sum() - n * (n + 1) / 2) / (n * m))


def main() -> None:
    """Fit, cross-validate, print."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "eval/questions/dev.jsonl"
    x, y, _ = collect(path)
    folds = np.arange(len(x)) % FOLDS
    held = np.zeros(len(x))
    for fold in range(FOLDS):
        held[folds == fold] = x[folds == fold] @ fit(x[folds != fold], y[folds != fold])
    right = ((held > 0) == (y > 0)).mean()
    print(f"{len(x)} questions reach the model, {int(y.sum())} answerable")
    print(f"cross-validated: AUROC {auroc(held, y):.3f}, right decisions {right:.3f}")
    for threshold in (-1.0, -0.5, 0.0, 0.5, 1.0):
        kept, refused = (held > threshold)[y > 0].mean(), (held <= threshold)[y == 0].mean()
        print(f"  threshold {threshold:+.1f}: answerable kept {kept:.3f}, unanswerable refused {refused:.3f}")
    weights = fit(x, y)
    print("FEATURES =", FEATURES)
    print("WEIGHTS =", tuple(round(float(w), 2) for w in weights))


if __name__ == "__main__":
    main()
