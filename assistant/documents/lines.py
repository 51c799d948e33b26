"""The lines of a file, and the paragraphs that they are joined to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from assistant.language.clean import is_blank


class LineKind(StrEnum):
    """What a line is, before lines are joined."""

    TEXT = "text"
    TITLE = "title"
    HEADING = "heading"
    ANNEX = "annex"  # the word 附件 with its number, above a new part
    CAPTION = "caption"  # of a table
    TABLE = "table"
    SIGNATURE = "signature"  # post and name of a speaker
    FURNITURE = "furniture"


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not blank: offsets without surrounding white space; `gap` counts blank lines before it."""

    start: int
    end: int
    text: str
    gap: int
    kind: LineKind = LineKind.TEXT
    reason: str = ""  # of furniture; of the header of a table; of a certain title
    indent: float = 0.0  # white space before it, in Chinese characters

    @property
    def width(self) -> float:
        """Width on paper, in Chinese characters."""
        return len(self.text) - 0.5 * sum(map(str.isascii, self.text))


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines that belong together, all of one kind."""

    kind: LineKind
    lines: tuple[Line, ...]

    @property
    def start(self) -> int:
        """Offset of the first character."""
        return self.lines[0].start

    @property
    def end(self) -> int:
        """Offset after the last character."""
        return self.lines[-1].end


def lines_of(text: str) -> list[Line]:
    """The lines of a text that show anything."""
    found, gap = [], 0
    for first, last in _stretches(text):
        start, end = first, last
        while start < end and is_blank(text[start]):
            start += 1
        while end > start and is_blank(text[end - 1]):
            end -= 1
        if start == end:
            gap += 1
            continue
        indent = sum(0.5 if char in " \t" else 1.0 for char in text[first:start] if char.isspace())
        if "\t" in text[start:end]:
            # An empty cell at either end of a table row is a tab, and belongs to the row.
            while start > first and text[start - 1] == "\t":
                start -= 1
            while end < last and text[end] == "\t":
                end += 1
        found.append(Line(start, end, text[start:end], gap, indent=indent))
        gap = 0
    return found


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for raw in text.splitlines(keepends=True):
        yield at, at + len(raw)
        at += len(raw)
