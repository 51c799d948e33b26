"""The default mode needs no network and tries none: neither taking documents in nor answering does."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ELSEWHERE = "192.0.2.1"  # an address of nobody, kept for documentation by RFC 5737

# Audit hooks see every use of a socket from Python, whichever library makes it, and stay on for good.
GUARD = """
import os, sys

LOG = os.environ["SOCKET_GUARD_LOG"]
NEAR = ("127.", "::1", "localhost")

def refuse(event, arguments):
    with open(LOG, "a", encoding="utf-8") as log:
        log.write(f"{event} {arguments!r}\\n")
    raise OSError(f"blocked by the test: {event} {arguments!r}")

def watch(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1] if len(arguments) > 1 else None
        if isinstance(address, tuple) and not str(address[0]).startswith(NEAR):
            refuse(event, arguments[1:])
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        if arguments[0] is not None and not str(arguments[0]).startswith(NEAR):
            refuse(event, arguments)

sys.addaudithook(watch)
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """What the guard noted; it is absent when nothing was tried."""
    return tmp_path / "tried.txt"


@pytest.fixture
def guarded(tmp_path: Path, log: Path) -> dict[str, str]:
    """The environment of a process that cannot reach anything but this machine."""
    (tmp_path / "sitecustomize.py").write_text(GUARD, "utf-8")
    return {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}", "SOCKET_GUARD_LOG": str(log)}


def alone(command: list[str]) -> list[str]:
    """The command in a network of its own without any way out, where this machine allows that to us.

    It holds back what the guard cannot see: native code that opens sockets by itself.
    """
    inside = ["unshare", "--user", "--map-root-user", "--net", "--"]
    if (
        shutil.which("unshare")
        and subprocess.run([*inside, "true"], capture_output=True, check=False).returncode == 0
    ):
        return inside + command
    return command


def call(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        alone([sys.executable, *arguments]),
        cwd=ROOT,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=240,
        check=False,
    )


def test_the_guard_of_the_suite_is_on() -> None:
    with pytest.raises(Exception, match=ELSEWHERE), socket.socket() as tried:
        tried.connect((ELSEWHERE, 80))


@pytest.mark.parametrize(
    "attempt",
    [
        f"socket.create_connection(('{ELSEWHERE}', 80), 1)",
        f"socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('{ELSEWHERE}', 53))",
        "socket.getaddrinfo('example.invalid', 443)",
        "__import__('urllib.request').request.urlopen('http://example.invalid', timeout=1)",
    ],
)
def test_the_guard_of_a_process_notices(attempt: str, guarded: dict[str, str], log: Path) -> None:
    done = call(guarded, "-c", f"import socket\n{attempt}")
    assert done.returncode == 1
    assert "blocked by the test" in done.stderr
    assert log.read_text("utf-8").startswith("socket.")


def test_ingest_and_ask_without_a_network(guarded: dict[str, str], log: Path, tmp_path: Path) -> None:
    library = str(tmp_path / "library")
    done = call(guarded, "-m", "assistant", "ingest", "--library", library)
    assert done.returncode == 0, done.stderr
    question = "晋中市2025年人均预期寿命的目标是多少？"
    done = call(guarded, "-m", "assistant", "ask", question, "--json", "--library", library)
    assert done.returncode == 0, done.stderr
    line = json.loads(done.stdout)
    assert line["status"] == "answered"
    assert line["retrieved"]
    assert not log.exists(), log.read_text("utf-8")
