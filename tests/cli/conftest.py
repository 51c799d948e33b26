"""The command line as it is really called: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """The environment of a called command: no colours, UTF-8."""
    return {**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="session")
def run(environment: dict[str, str]) -> Run:
    """Call `python -m assistant` and wait for it."""

    def call(*arguments: str, typed: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "assistant", *arguments],
            cwd=ROOT,
            env={**environment, **variables},
            input=typed,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    return call
