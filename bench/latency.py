"""Wall time of warm questions in one process: p50 and p95 over the first questions of eval/questions/*.jsonl.

    python bench/latency.py [--library DIR] [--questions N] [--json]

The first question is asked twice and its first time left out: it pays for loading the models.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from pathlib import Path

sys.path.insert(0, str(ROOT := Path(__file__).resolve().parent.parent))

from assistant.chain import build
from assistant.exchange import read_questions
from assistant.settings import Settings
from assistant.types import Question


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(1, math.ceil(share * len(ordered))) - 1]


def gather(limit: int) -> list[Question]:
    """The first questions of the curated sets, in the order of the file names."""
    files = sorted((ROOT / "eval" / "questions").glob("*.jsonl"))
    files = [file for file in files if file.stem != "paraphrases"]  # they hold no questions of their own
    return [question for file in files for _, question in read_questions(file)][:limit]


def measure(questions: list[Question], library: Path) -> list[float]:
    """Seconds of every question."""
    chain = build(Settings(library=library))
    chain.invoke(questions[0])
    seconds = []
    for question in questions:
        start = time.perf_counter()
        chain.invoke(question)
        seconds.append(time.perf_counter() - start)
    return seconds


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--library", type=Path, default=Settings().library)
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    questions = gather(arguments.questions)
    if not questions:
        print("eval/questions holds no questions", file=sys.stderr)
        return 1
    seconds = measure(questions, arguments.library)
    figures = {
        "questions": len(seconds),
        "p50_ms": round(percentile(seconds, 0.5) * 1000, 1),
        "p95_ms": round(percentile(seconds, 0.95) * 1000, 1),
        "max_ms": round(max(seconds) * 1000, 1),
    }
    if arguments.json:
        print(json.dumps(figures))
    else:
        print("  ".join(f"{name} {value}" for name, value in figures.items()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
