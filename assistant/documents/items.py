"""Lists that stand inside a paragraph: 一是 … 二是 …, ■ … ■ …, （一） … （二） …."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.documents.markers import BULLET, INLINE, INLINE_DIGITS, ORDINALS, marker_of

_FAMILIES = [[form.format(word) for word in ORDINALS] for form in INLINE] + [
    [form.format(n) for n in range(1, 30)] for form in INLINE_DIGITS
]
_BOUNDARY = "。；：，;:,！？!?”）)"


@dataclass(frozen=True, slots=True)
class Item:
    """A member of a list: where it begins and ends in the paragraph, and its marker."""

    start: int
    end: int
    marker: str


def split_items(text: str) -> list[Item]:
    """The members of the list inside a cleaned paragraph, or nothing when it holds none."""
    starts = max((_sequence(text, family) for family in _FAMILIES), key=len, default=[])
    bullets = [(m.start(), m.group()) for m in BULLET.finditer(text)]
    starts = max(starts, bullets, key=len)
    if len(starts) < 2 and not (starts and starts[0][0] == 0):
        return []
    ends = [start for start, _ in starts[1:]] + [len(text)]
    return [Item(start, end, marker) for (start, marker), end in zip(starts, ends, strict=True)]


def lead(text: str) -> str:
    """The opening words of an item that name it: up to the first full stop or colon, without the marker."""
    marked = marker_of(text)
    body = text[marked.end :] if marked else re.sub(rf"^(?:第?[{ORDINALS}](?:是|要|，)|[■●•▪◆])", "", text)
    return re.split(r"[。：:；]", body.strip(), maxsplit=1)[0].strip()


def _sequence(text: str, family: list[str]) -> list[tuple[int, str]]:
    """Positions of the members of one family of markers, in order, from the first that opens the text or is 一."""
    first = next((i for i, marker in enumerate(family) if _stands(text, marker, 0)), 0)
    found: list[tuple[int, str]] = []
    at = 0
    for marker in family[first:]:
        place = _find(text, marker, at)
        if place < 0:
            break
        found.append((place, marker))
        at = place + len(marker)
    return found


def _find(text: str, marker: str, at: int) -> int:
    place = text.find(marker, at)
    while place >= 0 and not _stands(text, marker, place):
        place = text.find(marker, place + 1)
    return place


def _stands(text: str, marker: str, place: int) -> bool:
    """Whether a marker stands at a place: at a boundary, and not as the beginning of 1.5 or 1.1.2."""
    if not text.startswith(marker, place) or (place and text[place - 1] not in _BOUNDARY):
        return False
    return not (marker[-1] == "." and text[place + len(marker) : place + len(marker) + 1].isdigit())
