"""Wall time of one question from a cold start: `python -m assistant ask`, median of several runs.

    python bench/cold_start.py [--library DIR] [--runs N] [--json]

Each run is a process of its own; the first one, which may read the files from the disk, counts as well.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
QUESTION = "晋中市2025年人均预期寿命的目标是多少？"


def run(arguments: list[str]) -> float:
    """Seconds that the command line takes; raises CalledProcessError when it fails."""
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "assistant", *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - start


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--library", type=Path, default=Path("data/library"))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    ask = ["ask", QUESTION, "--library", str(arguments.library.resolve())]
    figures = {
        "runs": arguments.runs,
        "ask_median_s": round(statistics.median(run(ask) for _ in range(arguments.runs)), 2),
        "help_median_s": round(statistics.median(run(["--help"]) for _ in range(arguments.runs)), 2),
    }
    if arguments.json:
        print(json.dumps(figures))
    else:
        print("  ".join(f"{name} {value}" for name, value in figures.items()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
