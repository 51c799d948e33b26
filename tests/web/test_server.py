"""Starting and ending: the address, what is missing, Ctrl-C, and what `python app.py` says."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from assistant.errors import ServeError
from assistant.web.server import address, reserve

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import sys
from tests.web.double import Scripted
from assistant.web.server import create_app, reserve, run
run(create_app(Scripted()), reserve("127.0.0.1", int(sys.argv[1])))
"""


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **more}


def app(tmp_path: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """What `python app.py` says with an empty library."""
    settings = environment(ASSISTANT_LIBRARY=str(tmp_path / "none"), **more)
    command = [sys.executable, str(ROOT / "app.py")]
    return subprocess.run(command, env=settings, capture_output=True, text=True, timeout=60, check=False)


def test_a_port_in_use_is_told_before_anything_is_loaded(tmp_path: Path) -> None:
    with reserve("127.0.0.1", 0) as taken:
        done = app(tmp_path, ASSISTANT_PORT=str(taken.getsockname()[1]))
    assert done.returncode != 0
    assert "已被占用" in done.stderr
    assert "ASSISTANT_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_library_is_told(tmp_path: Path) -> None:
    with reserve("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    done = app(tmp_path, ASSISTANT_PORT=str(port))
    assert done.returncode != 0
    assert "ingest" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("host", ["203.0.113.7", "no such host"])
def test_an_address_of_another_computer_is_refused(host: str) -> None:
    with pytest.raises(ServeError, match="ASSISTANT_HOST"):
        reserve(host, 0)


def test_a_port_that_was_just_left_is_taken_again() -> None:
    with reserve("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        caller = socket.create_connection(("127.0.0.1", port))
        answered, _ = first.accept()
        answered.close()
        caller.close()
    with reserve("127.0.0.1", port) as again:
        assert address(again) == f"http://127.0.0.1:{port}"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
def test_interrupting_ends_it_cleanly_though_a_page_is_open() -> None:
    with reserve("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-c", SCRIPT, str(port)]
    process = subprocess.Popen(command, env=environment(), cwd=ROOT, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    with process.stderr as errors:
        assert f"http://127.0.0.1:{port}" in errors.readline()
        beat = f"http://127.0.0.1:{port}/gradio_api/heartbeat/abc"
        with httpx.stream("GET", beat, timeout=30, trust_env=False) as held:
            assert held.status_code == 200
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0  # the open page would hold it for ever
        assert "Traceback" not in errors.read()
