"""The questions offered at the beginning of a conversation."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("samples.toml")


def samples(documents: Collection[str]) -> list[str]:
    """The questions that a library with these document ids can be asked."""
    return [question for question, needs in _all() if needs <= set(documents)]


@cache
def _all() -> list[tuple[str, frozenset[str]]]:
    tables = tomllib.loads(FILE.read_text("utf-8"))["sample"]
    return [(table["question"], frozenset(table["documents"])) for table in tables]
