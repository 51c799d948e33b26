"""Resident memory of the served page: after starting, after 10 and after 100 questions over the HTTP API.

    python bench/memory.py [--library DIR] [--questions N] [--page-alone] [--json]

Every tenth question is streamed. Ends non-zero above the limit, or when the last 90 questions cost more than the
slack. `--page-alone` serves the scripted chain of the tests, so that only the server and the page are measured.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

sys.path.insert(0, str(ROOT := Path(__file__).resolve().parent.parent))

from assistant.settings import Settings
from assistant.web.server import reserve
from bench.latency import gather

LIMIT = 700  # MB
SLACK = 60  # MB that the last 90 questions may add; caches fill, nothing may grow by the question
STEPS = (0, 10, 100)
ALONE = (
    "import sys; from tests.web.double import Scripted; from assistant.web.server import create_app, reserve, run;"
    "run(create_app(Scripted()), reserve('127.0.0.1', int(sys.argv[1])))"
)


@contextmanager
def served(library: Path, page_alone: bool) -> Iterator[tuple[psutil.Process, httpx.Client]]:
    """The serving process, and a client that reaches it."""
    with reserve("127.0.0.1", 0) as free:
        port = str(free.getsockname()[1])
    real = ["-m", "assistant", "serve", "--port", port, "--library", str(library.resolve())]
    command = [sys.executable, *(["-c", ALONE, port] if page_alone else real)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:
            wait(process, client)
            yield psutil.Process(process.pid), client
    finally:
        process.terminate()
        process.wait(10)


def wait(process: subprocess.Popen[bytes], client: httpx.Client) -> None:
    """Returns when the page answers; raises SystemExit when the process ends before."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if process.poll() is not None:
            raise SystemExit("the page did not start: run `make run` once, so that there is a library")
        try:
            client.get("/").raise_for_status()
            return
        except httpx.TransportError:
            time.sleep(0.2)
    raise SystemExit("the page did not answer within two minutes")


def megabytes(process: psutil.Process) -> float:
    """Resident memory of the process and of those it started."""
    family = [process, *process.children(recursive=True)]
    return sum(one.memory_info().rss for one in family) / 1e6


def measure(library: Path, many: int, page_alone: bool) -> dict[int, float]:
    """Megabytes by the number of questions asked so far."""
    questions = gather(many) or gather(1)
    found = {}
    with served(library, page_alone) as (process, client):
        for asked in range(many + 1):
            if asked in (*STEPS, many):
                found[asked] = round(megabytes(process), 1)
            if asked < many:
                question = questions[asked % len(questions)].text
                path = "/api/ask/stream" if asked % 10 == 9 else "/api/ask"
                client.post(path, json={"question": question}).raise_for_status()
    return found


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--library", type=Path, default=Settings().library)
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--page-alone", action="store_true")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = measure(arguments.library, max(arguments.questions, 11), arguments.page_alone)
    if arguments.json:
        print(json.dumps(found))
    else:
        print("| questions | resident MB |\n| --- | --- |")
        print("\n".join(f"| {asked} | {size} |" for asked, size in found.items()))
    return int(max(found.values()) > LIMIT or found[max(found)] - found[10] > SLACK)


if __name__ == "__main__":
    raise SystemExit(main())
