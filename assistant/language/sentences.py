"""Sentence and clause boundaries of cleaned Chinese text."""

from __future__ import annotations

import re

TERMINATORS = "。！？!?"
CLOSERS = "”’」』）)》〉】\"'"
_SENTENCE = re.compile(rf"[^{TERMINATORS}]*(?:[{TERMINATORS}]+[{CLOSERS}]*|$)")
_OPEN, _CLOSE = "“‘「『（(《〈【", "”’」』）)》〉】"


def ends_sentence(text: str) -> bool:
    """Whether a text ends where a sentence ends."""
    return bool(re.search(rf"[{TERMINATORS}…][{CLOSERS}]*$", text.rstrip()))


def sentences(text: str) -> list[tuple[int, int]]:
    """Offsets (start, end) of the sentences of a text; together they cover it."""
    found = [(m.start(), m.end()) for m in _SENTENCE.finditer(text) if m.end() > m.start()]
    return found or ([(0, len(text))] if text else [])


def clauses(text: str, marks: str = "，；：,;:") -> list[tuple[int, int]]:
    """Offsets of the clauses of a sentence, cut after `marks` that stand outside brackets and quotation marks."""
    cuts, depth, start = [], 0, 0
    for i, char in enumerate(text):
        if char in _OPEN:
            depth += 1
        elif char in _CLOSE:
            depth = max(0, depth - 1)
        elif char in marks and depth == 0 and not _inside_number(text, i):
            cuts.append((start, i + 1))
            start = i + 1
    if start < len(text):
        cuts.append((start, len(text)))
    return cuts


def _inside_number(text: str, i: int) -> bool:
    return 0 < i < len(text) - 1 and text[i - 1].isdigit() and text[i + 1].isdigit()


def before_marks(text: str, start: int, end: int, marks: str, least: int = 1) -> int:
    """The end of the stretch start:end without the marks that close it; at least `least` characters stay."""
    while end > start + least and text[end - 1] in marks:
        end -= 1
    return end
