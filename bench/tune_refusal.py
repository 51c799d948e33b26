"""Fit the logistic model of `assistant.answer.refusal` on the development and the practice questions.

    python bench/tune_refusal.py

Prints the weights to be copied into `assistant/answer/refusal.py`, with the area under the ROC curve and the share of
right decisions under five-fold cross-validation by question, so that the figures are of questions the fold has not seen.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(ROOT := Path(__file__).resolve().parent.parent))

from assistant.answer.compose import compose
from assistant.answer.refusal import FEATURES, features, out_of_scope, unknown_regions, wrong_matter
from assistant.chain import build
from assistant.index import ingest
from assistant.models.embeddings import LocalEmbeddings
from assistant.settings import Settings
from assistant.types import Question, Turn

SETS = (  # name, documents, questions
    ("corpus", "corpus", "eval/questions/dev.jsonl"),
    ("practice", "eval/corpora/practice", "eval/questions/practice.jsonl"),
)
FOLDS, RIDGE, STEPS, RATE = 5, 1.0, 3000, 0.5


def collect(library: Path, questions: Path) -> tuple[list[tuple[float, ...]], list[bool]]:
    """Features of the drafts that reach the model, and whether their questions are answerable."""
    chain = build(Settings(library=library))
    state = chain._state()
    rows, labels = [], []
    for line in questions.read_text(encoding="utf-8").splitlines():
        given = json.loads(line)
        history = tuple(Turn(role, text) for role, text in given.get("history", []))
        found = chain._search.invoke(Question(given["question"], history))
        if found.answer is not None:
            continue
        desk = state.answerer.desk(found.query, found.hits)
        draft, _ = compose(desk)
        missing = unknown_regions(found.query.scope.regions, state.regions)
        if (
            draft is None
            or draft.sure
            or draft.lacks
            or missing
            or out_of_scope(desk)
            or wrong_matter(desk, draft)
        ):
            continue
        rows.append(features(desk, draft))
        labels.append(bool(given["answerable"]))
    chain.library.close()
    return rows, labels


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
    """Ingest both document sets, fit, cross-validate, print."""
    rows, labels = [], []
    embeddings = LocalEmbeddings()
    with tempfile.TemporaryDirectory() as folder:
        for name, documents, questions in SETS:
            library = Path(folder) / name
            ingest(
                [ROOT / documents],
                library,
                embeddings=embeddings,
                embedder_version=embeddings.version,
                chunk_tokens=Settings().chunk_tokens,
            )
            more, marks = collect(library, ROOT / questions)
            rows += more
            labels += marks
    x, y = np.array(rows), np.array(labels, dtype=float)
    folds = np.arange(len(x)) % FOLDS
    held = np.zeros(len(x))
    for fold in range(FOLDS):
        held[folds == fold] = x[folds == fold] @ fit(x[folds != fold], y[folds != fold])
    print(f"{len(x)} questions reach the model, {int(y.sum())} answerable")
    print(f"cross-validated AUROC {auroc(held, y):.3f}")
    for threshold in (0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85):
        edge = np.log(threshold / (1 - threshold))
        kept, refused = (held >= edge)[y > 0].mean(), (held < edge)[y == 0].mean()
        print(f"  threshold {threshold:.2f}: answerable kept {kept:.3f}, unanswerable refused {refused:.3f}")
    print("FEATURES =", FEATURES)
    print("WEIGHTS =", tuple(round(float(w), 2) for w in fit(x, y)))


if __name__ == "__main__":
    main()
