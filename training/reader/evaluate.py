"""Measures an exported reader on what was kept back.

    python -m training.reader.evaluate FOLDER [--sources FOLDER] [--law]

Reads with the assistant's own `Reader`, so that what is measured is what is shipped. `--law` also embeds all articles
(minutes, kept in `build/`), to compare the order of the first 20 with the fusion's own.
"""

from __future__ import annotations

import argparse
import json
import random
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from assistant.models import reader as run_time
from assistant.models.reader import Reader
from training.reader import ranking
from training.reader.neighbours import Neighbours
from training.reader.sources import Sources
from training.reader.types import Example, Passage
from training.reader.windows import paragraph_groups

SIZE = 240  # characters of a window
_TOUCHING = 0.5  # of the spans found, beside the best, those at least half as probable are counted


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure one folder and print the figures as JSON."""
    options = _options(arguments)
    sources, reader = Sources(options.sources), Reader(path=options.folder)
    found = {
        "paragraphs": measure(reader, paragraph_examples(sources)),
        "written": measure(reader, sources.written(kept_back=True)),
    }
    if options.law:
        found["law"] = ranking.measure(reader, sources, options.build)
    print(json.dumps(found, indent=1))


def paragraph_examples(sources: Sources) -> list[Example]:
    """The kept-back paragraphs in windows of 240 characters: one with the answer, one without, for each question."""
    readings = sources.readings(kept_back=True)
    near = Neighbours([Passage(p) for p in dict.fromkeys(r.paragraph for r in readings)])
    groups = paragraph_groups(readings, near, random.Random(0), misses=1.0, size=SIZE)
    return [example for group in groups for example in group.examples]


def measure(reader: Reader, examples: Sequence[Example]) -> dict[str, float]:
    """Exact match and F1 of the best span over what can be answered, F1 of all spans, AUROC of answerability."""
    exact, single, several, labels, judged = [], [], [], [], []
    for example in tqdm(examples, desc="read", mininterval=10, disable=None):
        passage = run_time.Passage(example.passage.where, example.passage.text)
        reading = reader.read(example.question, [passage])[0]
        labels.append(example.answerable)
        judged.append(reading.answerable)
        if not example.spans:
            continue
        text = example.passage.text
        best = reading.spans[0] if reading.spans else run_time.FoundSpan(0, 0, 0.0)
        gold = [text[s:e] for s, e in example.spans]
        exact.append(float(any(comparable(text[best.start : best.end]) == comparable(g) for g in gold)))
        single.append(max(f1(text[best.start : best.end], g) for g in gold))
        chosen = [s for s in reading.spans if s.probability >= _TOUCHING * best.probability]
        several.append(overlap([(s.start, s.end) for s in chosen], example.spans))
    return {
        "spans": len(exact),
        "exact": round(100 * float(np.mean(exact)), 1),
        "f1": round(100 * float(np.mean(single)), 1),
        "f1_all": round(100 * float(np.mean(several)), 1),
        "windows": len(labels),
        "auroc": round(auroc(np.array(judged), np.array(labels)), 4),
    }


def comparable(text: str) -> str:
    """A text without marks, blanks and differences of width and case."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return "".join(char for char in plain if char.isalnum())


def f1(said: str, gold: str) -> float:
    """Harmonic mean of precision and recall over characters, as for SQuAD (Rajpurkar and others 2016) over words."""
    a, b = comparable(said), comparable(gold)
    common = sum((Counter(a) & Counter(b)).values())
    return 2 * common / (len(a) + len(b)) if common else float(a == b)


def overlap(said: Sequence[tuple[int, int]], gold: Sequence[tuple[int, int]]) -> float:
    """F1 over the characters' places."""
    a = {i for s, e in said for i in range(s, e)}
    b = {i for s, e in gold for i in range(s, e)}
    return 2 * len(a & b) / (len(a) + len(b)) if a or b else 1.0


def auroc(scores: NDArray[np.float64], labels: NDArray[np.bool_]) -> float:
    """Chance that a positive scores above a negative; ties count half (Mann and Whitney 1947)."""
    order = np.argsort(scores, kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    for value in np.unique(scores):
        same = scores == value
        ranks[same] = ranks[same].mean()
    positive, negative = labels.sum(), (~labels).sum()
    return float((ranks[labels].sum() - positive * (positive + 1) / 2) / (positive * negative))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sources", type=Path, default=Path("../shared/training"))
    parser.add_argument("--build", type=Path, default=Path("build/reader"))
    parser.add_argument("--law", action="store_true")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
