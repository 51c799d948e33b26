"""Makes an exported reader's probabilities honest.

    python -m training.reader.calibrate FOLDER [--sources FOLDER]

Fits factor and summand of the two logits (Platt 1999) on what was kept back, half of it paragraphs and half written
pairs by weight, and writes them into reader.toml.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from assistant.models import reader as run_time
from assistant.models.reader import Reader
from training.reader.evaluate import f1, paragraph_examples
from training.reader.export import CALIBRATION, describe
from training.reader.sources import Sources
from training.reader.types import Example

PARAGRAPHS = 600  # examples of that kind that are read
RIGHT = 0.5  # F1 from which a span counts as right
_STEPS, _SMALL = 100, 1e-7


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit and write."""
    options = _options(arguments)
    sources = Sources(options.sources)
    describe(options.folder, CALIBRATION)
    reader = Reader(path=options.folder)
    kinds = (paragraph_examples(sources)[:PARAGRAPHS], sources.written(kept_back=True))
    judged: list[tuple[float, bool, float]] = []
    placed: list[tuple[float, bool, float]] = []
    for examples in kinds:
        answers, spans = _logits(reader, examples)
        judged += [(logit, label, 1 / len(answers)) for logit, label in answers]
        placed += [(logit, label, 1 / len(spans)) for logit, label in spans]
    found = {"answerable": list(fit(judged)), "span": list(fit(placed))}
    describe(options.folder, found)
    print(found)


def fit(rows: Sequence[tuple[float, bool, float]]) -> tuple[float, float]:
    """Factor and summand of a logistic regression on one logit, by Newton's method; rows are logit, label, weight."""
    x = np.array([[logit, 1.0] for logit, _, _ in rows])
    y = np.array([label for _, label, _ in rows], dtype=float)
    w = np.array([weight for _, _, weight in rows]) * len(rows)
    beta = np.array([1.0, 0.0])
    for _ in range(_STEPS):
        p: NDArray[np.float64] = 1 / (1 + np.exp(-x @ beta))
        gradient = x.T @ (w * (y - p)) - _SMALL * beta
        hessian = (x * (w * p * (1 - p))[:, None]).T @ x + 1e-3 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        beta = beta + np.clip(step, -0.5, 0.5)
    return float(beta[0]), float(beta[1])


def _logits(
    reader: Reader, examples: Sequence[Example]
) -> tuple[list[tuple[float, bool]], list[tuple[float, bool]]]:
    """Logit and truth of answerability for each example, and of the best span where there is one."""
    answers, spans = [], []
    for example in tqdm(examples, desc="calibrate", mininterval=10, disable=None):
        passage = run_time.Passage(example.passage.where, example.passage.text)
        reading = reader.read(example.question, [passage])[0]
        answers.append((_logit(reading.answerable), example.answerable))
        if example.spans and reading.spans:
            best, text = reading.spans[0], example.passage.text
            right = max(f1(text[best.start : best.end], text[s:e]) for s, e in example.spans) >= RIGHT
            spans.append((_logit(best.probability), right))
    return answers, spans


def _logit(probability: float) -> float:
    p = min(1 - _SMALL, max(_SMALL, probability))
    return math.log(p / (1 - p))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sources", type=Path, default=Path("../shared/training"))
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
