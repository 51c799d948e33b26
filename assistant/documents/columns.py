"""Tables whose rows do not show their columns by themselves, brought to rows of cells parted by tabs.

Copying a table out of a page leaves single blanks between its cells, two lines of headers (the years above, plan and
actual below), and rows that lack the cell which they share with the row above. What the columns hold tells them apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

from assistant.documents.cells import LEAST_NAMED, fits, named, shape
from assistant.documents.lines import Line, LineKind
from assistant.language.clean import squeeze

_WIDEST = 24.0  # a cell, in Chinese characters
_LEAST_ROWS, _LEAST_COLUMNS, _LEAST_TOLD = 2, 3, 3  # rows, columns; rows of a table of words
_MOST_NAMES = 8  # in the upper line of a header
_SENTENCE = re.compile(r"[。；;！？!?]")
_BARS, _EDGES = re.compile(r"[|｜│┃]"), re.compile(r"^\s*[|｜│┃]|[|｜│┃]\s*$")
_SUM = re.compile(r"合\s*计|总\s*计|共\s*计")
_PERIOD = re.compile(  # what a column is named after: 2024年标准, 1—8月实际, 三季度
    r"(?:(?:19|20)\d\d年?(?:度)?)?(?:\d{1,2}(?:[—–~～至-]\d{1,2})?月|[上下]半年|[一二三四][季]度)?(?:底|末|累计|人均|平均)?[\u4e00-\u9fff]{0,4}"
)
_DAY = re.compile(r"^(?:\d{4}年)?\d{1,2}月(?:\d{1,2}日|底)")
_NUMBERED = re.compile(r"(?:附?[表图]|附件)\s*[\d一二三四五六七八九十]+")
_SPLITS: tuple[Callable[[str], list[str]], ...] = (
    lambda text: _BARS.split(_EDGES.sub("", text)) if _BARS.search(text) else [text],
    lambda text: text.split("\t"),
    lambda text: re.split(r"[ \u3000\u00a0]{2,}", text.strip()),
    str.split,
)
Cells = list[str]


@dataclass(frozen=True, slots=True)
class _Place:
    """A cell of a header, and the column of the page in which it begins, in half characters."""

    name: str
    start: int


@dataclass(frozen=True, slots=True)
class _Found:
    """A table in a run of lines: the place of its first line, how many make the header, its columns and rows."""

    first: int
    headers: int
    names: Cells
    rows: list[Cells]


def fold_columns(lines: Sequence[Line]) -> list[Line]:
    """The lines with such tables as lines of cells parted by tabs, the header in one line."""
    out: list[Line | None] = list(lines)
    shown = [i for i, line in enumerate(lines) if line.kind is not LineKind.FURNITURE]
    for run in _runs(lines, shown):
        at = 0
        while found := _table([_indented(lines[i]) for i in run[at:]]):
            _fold(out, lines, run[at + found.first :], found)
            at += found.first + found.headers + len(found.rows)
    return [line for line in out if line is not None]


def _runs(lines: Sequence[Line], shown: Sequence[int]) -> list[list[int]]:
    """Places of lines that follow each other and may be rows."""
    runs: list[list[int]] = [[]]
    for i in shown:
        line = lines[i]
        follows = line.gap == 0 or not runs[-1]
        if not _may_be_row(line):
            runs.append([])
        elif follows:
            runs[-1].append(i)
        else:
            runs.append([i])
    return [run for run in runs if len(run) > _LEAST_ROWS]


def _indented(line: Line) -> str:
    return line.text if "\t" in line.text else " " * round(2 * line.indent) + line.text


def _may_be_row(line: Line) -> bool:
    if line.kind is not LineKind.TEXT or _SENTENCE.search(line.text):
        return False
    cells = [cell for cell in re.split(r"[\s|｜│┃]+", line.text) if cell]
    return len(cells) > 1 and max(len(c) - 0.5 * sum(map(str.isascii, c)) for c in cells) <= _WIDEST


def _table(texts: Sequence[str]) -> _Found | None:
    """The table that begins first in a run, read with the first way of parting cells that gives one.

    Its rows hold figures or dates; a table of words must be announced (表4 …) and have a header that names its columns.
    """
    for begins in (_is_first_counted, _is_announced):
        for split in _SPLITS:
            cut = [[squeeze(cell) for cell in split(text)] for text in texts]
            for body in range(1, len(cut) - _LEAST_ROWS + 1):
                found = _read(cut, texts, body) if begins(cut, body) else None
                if found is not None:
                    even = len({len(row) for row in cut[: body + len(found.rows)]}) == 1
                    # What the parting shows by itself is left as it is.
                    plain = even and (found.headers, found.first) == (1, 0) and split is not str.split
                    return None if plain else found
    return None


def _is_first_counted(cut: Sequence[Cells], body: int) -> bool:
    return _is_counted(cut[body]) and not _is_counted(cut[body - 1])


def _is_announced(cut: Sequence[Cells], body: int) -> bool:
    """Whether the line above a header numbers a table, and the header names columns of words."""
    if body < 2 or not _NUMBERED.match(cut[body - 2][0]) or len(cut) < body + _LEAST_TOLD:
        return False
    header, rows = cut[body - 1], cut[body : body + _LEAST_TOLD]
    return named(header) >= LEAST_NAMED and all(len(row) == len(header) for row in rows)


def _is_counted(cells: Cells) -> bool:
    """Whether a line has a figure or a date behind its first cell."""
    return any(_is_figure(cell) or _DAY.search(cell) for cell in cells[1:])


def _is_figure(cell: str) -> bool:
    """Whether a cell holds a figure, and not the year or the months that a column is named after."""
    period = _PERIOD.fullmatch(cell) and re.match(r"(?:19|20)\d\d|\d+(?:[—–~～至-]\d+)?月", cell)
    return shape(cell) == "figure" and not period


def _read(cut: Sequence[Cells], texts: Sequence[str], body: int) -> _Found | None:
    """The table whose first row stands at `body`; None where lines do not make columns."""
    width = len(cut[body])
    if width < _LEAST_COLUMNS:
        return None
    kinds = _kinds([cells for cells in cut[body:] if len(cells) == width])
    rows: list[Cells] = []
    for cells in cut[body:]:
        row = _as_row(cells, kinds)
        if row is None:
            break
        rows.append(row)
    counted = bool({"figure", "date"} & set(kinds[1:])) or _is_announced(cut, body)
    if len(rows) < _LEAST_ROWS or not counted or kinds[0] not in ("text", "date"):
        return None
    headers, names = _header(cut[max(0, body - 2) : body], texts[max(0, body - 2) : body], width)
    return _Found(body - headers, headers, names, rows) if headers else None


def _kinds(rows: Sequence[Cells]) -> list[str]:
    """What each column holds, by most of the rows."""
    kinds = []
    for column in zip(*rows, strict=True):
        shapes = [shape(cell) for cell in column if shape(cell) != "empty"]
        kinds.append(max(("figure", "date", "text"), key=shapes.count) if shapes else "empty")
    return kinds


def _as_row(cells: Cells, kinds: Sequence[str]) -> Cells | None:
    """A line as a row of the table: as it is, or behind the cell that it shares with the row above, or as a sum."""
    if len(cells) == len(kinds):
        return cells if fits(cells, kinds) else None
    if 1 < len(cells) < len(kinds) and _SUM.fullmatch(cells[0]):
        left = len(kinds) - len(cells)
        return [cells[0], *[""] * left, *cells[1:]] if fits(cells[1:], kinds[1 + left :]) else None
    if len(cells) != len(kinds) - 1 or len(cells) < 2 or not fits(cells, kinds[1:]):
        return None
    if kinds[1] != "text" and not (cells[0].isdigit() and kinds[2] == "text"):  # a number of the row
        return None
    return ["", *cells]


def _header(above: Sequence[Cells], texts: Sequence[str], width: int) -> tuple[int, Cells]:
    """How many of the lines above the first row name the columns, and the names; 0 where they do not."""
    bottom = above[-1]
    if any(map(_is_figure, bottom)):
        return 0, []
    top = above[0] if len(above) > 1 else []
    filled = [cell for cell in bottom if cell]
    short = len(filled) < width or len(set(filled)) < len(filled)
    above_it = bool(top) and short and not _captions(top)
    if above_it and (names := _joined(top, bottom, width) or _placed(texts[0], texts[1], width)):
        return 2, names
    if len(bottom) == width and len(set(filled)) == len(filled):
        return 1, list(bottom)
    if len(bottom) == width - 1 and not _NUMBERED.match(bottom[0]):
        return 1, ["", *bottom]
    return 0, []


def _captions(cells: Cells) -> bool:
    """Whether a line stands above a table rather than in its header."""
    return bool(_NUMBERED.match(cells[0])) or any(map(_is_figure, cells))


def _placed(top: str, bottom: str, width: int) -> Cells:
    """Two lines of headers as one, by where the names stand: in order, so that each upper one is nearest to its own."""
    upper, lower = _places(top), _places(bottom)
    own = [lower.pop(0).name] if len(lower) == width else []  # the names of the rows have their name below
    alone = width - len(own) - len(lower)  # upper names without any below
    if not 0 <= alone < len(upper) <= _MOST_NAMES or len(lower) < len(upper) - alone:
        return []
    shares = min(_shares(len(upper), len(lower), alone), key=lambda found: _away(found, upper, lower))
    names, at = list(own), 0
    for above, share in zip(upper, shares, strict=True):
        names += [above.name + below.name for below in lower[at : at + share]] or [above.name]
        at += share
    return names


def _shares(upper: int, lower: int, alone: int) -> Iterator[tuple[int, ...]]:
    """How many of the lower names each upper one may have, `alone` of them none."""
    for none in combinations(range(upper), alone):
        for cuts in combinations(range(1, lower), upper - alone - 1):
            counts = iter([b - a for a, b in pairwise((0, *cuts, lower))])
            yield tuple(0 if i in none else next(counts) for i in range(upper))


def _away(shares: Sequence[int], upper: Sequence[_Place], lower: Sequence[_Place]) -> int:
    """How far the left edges of the upper names are from the first of theirs below, in half characters."""
    total = at = 0
    for above, share in zip(upper, shares, strict=True):
        total += abs(lower[at].start - above.start) if share else 0
        at += share
    return total


def _places(text: str) -> list[_Place]:
    """The cells of a line parted by blanks, and where they stand."""
    cells = re.finditer(r"\S+(?: \S+)*", text)
    return [
        _Place(squeeze(c[0]), sum(1 if char.isascii() else 2 for char in text[: c.start()])) for c in cells
    ]


def _joined(top: Cells, bottom: Cells, width: int) -> Cells:
    """Two lines of headers as one: each name of the upper line goes before its share of the lower one's."""
    if len(top) == width and len(bottom) == width:  # empty cells show what belongs together
        return _filled(top, bottom)
    upper, lower = [c for c in top if c], [c for c in bottom if c]
    if len(set(lower)) == len(lower) and len(lower) == width:
        return []
    if len(lower) == width:  # the names of the rows have their name below
        own, lower = [lower[0]], lower[1:]
    else:
        own, upper = upper[: width - len(lower)], upper[width - len(lower) :]
        if not upper:
            return []
    begins = [i for i, name in enumerate(lower) if name == lower[0]]
    if len(begins) != len(upper):  # not the same names below each
        if len(lower) % len(upper):
            return []
        begins = list(range(0, len(lower), len(lower) // len(upper)))
    return own + [upper[sum(i >= begin for begin in begins) - 1] + name for i, name in enumerate(lower)]


def _filled(top: Cells, bottom: Cells) -> Cells:
    names, current = [], ""
    for above, below in zip(top, bottom, strict=True):
        current = above or (current if below else "")
        names.append(current + below)
    return names if len(set(names)) == len(names) else []


def _fold(out: list[Line | None], lines: Sequence[Line], run: Sequence[int], found: _Found) -> None:
    first, last = lines[run[0]], lines[run[found.headers - 1]]
    out[run[0]] = replace(first, end=last.end, text="\t".join(found.names))
    for i in run[1 : found.headers]:
        out[i] = None
    for i, row in zip(run[found.headers :], found.rows, strict=False):
        out[i] = replace(lines[i], text="\t".join(row))
