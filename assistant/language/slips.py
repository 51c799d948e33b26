"""One slip of the fingers in a question mended: two characters exchanged, or one typed twice.

A change counts where it turns characters that make no word of the dictionary into one, or into three in a row, that
stand in the library, and what was typed stands there nowhere. Names are left alone. Of the slips that Damerau (1964)
counts, these two show by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from assistant.language import segment
from assistant.language.names import names_in
from assistant.language.regions import regions_in

_HAN = re.compile(r"[一-鿿]+")
_PLACE = re.compile(r"[一-鿿]{2,3}[省市县区乡镇村州旗]")
_SMALL = frozenset("的了吗呢是有在和不我你他她这那要会能就也都又还个一")
_LEAST = 2  # characters that must find a word by an exchange
_LONGEST = 80  # characters of a question that is looked at


def mended(text: str, knows: Callable[[str], bool], dictionary: Path | None = None) -> str:
    """The text with its likeliest slip mended, or as it is; `knows` tells whether a word stands in the library."""
    if len(text) > _LONGEST:
        return text
    cutter, names = segment.load(dictionary), _names(text)
    left = _astray(text, cutter)
    best, fewest = text, left
    for changed, at, typed, least in _changes(text):
        now = _astray(changed, cutter)
        if now >= fewest or not names.isdisjoint((at, at + 1)) or knows(typed):
            continue
        word = _word_over(changed, at, cutter)
        told = word and cutter.knows(word) and word not in segment.idle_words() and knows(word)
        if (told and left - now >= least) or any(map(knows, _threes(changed, at))):
            best, fewest = changed, now
    return best


def _names(text: str) -> frozenset[int]:
    """The places of characters that may belong to the name of a place or a person: nobody knows what was meant there."""
    found = [range(m.start(), m.end()) for m in _PLACE.finditer(text)]
    found += [range(region.start, region.end) for region in regions_in(text)]
    found += [range(name.start, name.end) for name in names_in(text)]
    return frozenset(place for stretch in found for place in stretch)


def _changes(text: str) -> Iterator[tuple[str, int, str, int]]:
    """Each text that one slip may have spoilt, where the slip is, what was typed, and how many characters must be won."""
    for run in _HAN.finditer(text):
        counted = run.start() > 0 and text[run.start() - 1].isdigit()  # a unit stands there
        for i in range(run.start() + counted, run.end() - 1):
            a, b = text[i], text[i + 1]
            if a == b:
                yield text[:i] + text[i + 1 :], i, a + b, 1
            else:
                yield text[:i] + b + a + text[i + 2 :], i, a + b, _LEAST


def _threes(text: str, at: int) -> Iterator[str]:
    """The stretches of three Han characters with the place in their middle or at their end."""
    for start in (at - 1, at):
        piece = text[max(0, start) : start + 3]
        if _HAN.fullmatch(piece) and len(piece) == 3 and not any(char in _SMALL for char in piece):
            yield piece


def _word_over(text: str, at: int, cutter: segment.Segmenter) -> str:
    """The word of two characters or more that the characters at a place and behind it stand in, or empty."""
    marks = sorted(cutter.boundaries(text))
    start = max(mark for mark in marks if mark <= at)
    end = min(mark for mark in marks if mark > at)
    if end == at + 1 and at + 1 < len(text):
        return ""
    return text[start:end] if end - start > 1 else ""


def _astray(text: str, cutter: segment.Segmenter) -> int:
    """How many characters stand in no word of two characters or more, function words aside."""
    idle = segment.idle_words()
    return sum(
        len(word)
        for word in cutter.cut(text)
        if not word.isascii() and not (len(word) > 1 and cutter.knows(word)) and word not in idle
    )
