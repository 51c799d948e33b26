"""The package's data files: plain lists, one or more words a line, `#` for remarks."""

from __future__ import annotations

from functools import cache
from importlib import resources


def lines(name: str) -> tuple[str, ...]:
    """The lines of a data file that hold something, without remarks."""
    text = resources.files("assistant.language").joinpath("data", name).read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line.strip() and not line.startswith("#"))


@cache
def _simple() -> dict[int, int]:
    traditional, simple = lines("simplified.txt")
    return str.maketrans(traditional, simple)


def simplified(text: str) -> str:
    """The text in simplified characters, character by character."""
    return text.translate(_simple())


def word_list(name: str) -> frozenset[str]:
    """All words of a data file."""
    return frozenset(word for line in lines(name) for word in line.split())
