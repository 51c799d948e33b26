"""Repeated sidebars: a box that says again, in scrambled columns, what the article beside it says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from assistant.documents.lines import Line, LineKind
from assistant.documents.markers import BULLET

SHINGLE = 8  # characters
_LEAST_LINES, _LEAST_CHARS, _LEAST_SHARE = 5, 200, 0.85
_NOISE = re.compile(r"[^\w]|_")


def mark_repeats(lines: Sequence[Line]) -> list[Line]:
    """Turn the lines of repeated sidebars into furniture.

    A sidebar is a run of at least five lines with bullets in it, of whose eight-character shingles at least 85 % stand
    a second time outside the run. An article that repeats itself without bullets is left as it is.
    """
    grams = [_shingles(line.text) for line in lines]
    out = list(lines)
    said = Counter(g for gram in grams for g in gram)
    for start, end in _runs(lines, grams):
        inside = Counter(g for gram in grams[start:end] for g in gram)
        share = sum(n for g, n in inside.items() if said[g] > n) / max(1, sum(inside.values()))
        chars = sum(len(line.text) for line in lines[start:end])
        bullets = any(BULLET.search(line.text) for line in lines[start:end])
        if bullets and share >= _LEAST_SHARE and chars >= _LEAST_CHARS:
            first = start - 1 if start and lines[start - 1].kind is LineKind.TITLE else start
            for i in range(first, end):
                out[i] = replace(lines[i], kind=LineKind.FURNITURE, reason="重复的边栏")
    return out


def _runs(lines: Sequence[Line], grams: Sequence[list[str]]) -> list[tuple[int, int]]:
    """Runs of lines that are mostly said elsewhere; a line in the middle may be an exception."""
    places: dict[str, set[int]] = {}
    for i, gram in enumerate(grams):
        for g in gram:
            places.setdefault(g, set()).add(i)
    elsewhere = [_share(i, gram, places) for i, gram in enumerate(grams)]
    runs, start = [], None
    for i, (line, share) in enumerate(zip(lines, elsewhere, strict=True)):
        repeated = line.kind is LineKind.TEXT and share >= 0.6
        if repeated and start is None:
            start = i
        elif not repeated and start is not None:
            following = elsewhere[i + 1 : i + 3]
            if line.kind is LineKind.TEXT and len(following) == 2 and min(following) >= 0.6:
                continue
            runs.append((start, i))
            start = None
    if start is not None:
        runs.append((start, len(lines)))
    return [(a, b) for a, b in runs if b - a >= _LEAST_LINES]


def _share(i: int, gram: Sequence[str], places: dict[str, set[int]]) -> float:
    if not gram:
        return 1.0
    # The neighbours belong to the same box; only what stands further off counts as said elsewhere.
    return sum(any(abs(p - i) > 2 for p in places[g]) for g in gram) / len(gram)


def _shingles(text: str) -> list[str]:
    plain = _NOISE.sub("", text)
    return [plain[i : i + SHINGLE] for i in range(len(plain) - SHINGLE + 1)]
