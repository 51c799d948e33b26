"""Tables whose rows do not show their columns by themselves, brought to rows of cells parted by tabs.

Copying a table out of a page leaves single blanks between its cells, two lines of headers (the years above, plan and
actual below), and rows that lack the cell which they share with the row above. What the columns hold tells them apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant.documents.cells import LEAST_NAMED, SUM, fits, named, shape
from assistant.documents.grids import BARS, CAPTION, EDGES, HEADER, SPACES
from assistant.documents.headers import NUMBERED, Cells, column_names, is_figure, names_columns
from assistant.documents.lines import Line, LineKind
from assistant.documents.markers import BULLET, CHAPTER, HASHES, ORDINALS, marker_of
from assistant.language.clean import squeeze

_WIDEST = 24.0  # a cell, in Chinese characters
_LEAST_ROWS, _LEAST_COLUMNS, _LEAST_TOLD = 2, 3, 3  # rows, columns; rows of a table of words
_CAPTIONED_WITHIN = 2  # lines above a header
_SENTENCE = re.compile(r"[。；;！？!?]")
_DAY = re.compile(r"^(?:\d{4}年)?\d{1,2}月(?:\d{1,2}日|底)")
_COUNTED_OFF = re.compile(rf"[{ORDINALS}]是")
_SPLITS: tuple[Callable[[str], list[str]], ...] = (
    lambda text: BARS.split(EDGES.sub("", text)) if BARS.search(text) else [text],
    lambda text: text.split("\t"),
    lambda text: SPACES.split(text.strip()),
    str.split,
)


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
        place = shown.index(run[0])
        texts = [lines[i].text for i in shown[max(0, place - _CAPTIONED_WITHIN) : place]]
        texts += [_indented(lines[i]) for i in run]
        at = len(texts) - len(run)
        while found := _table(texts, at):
            _fold(out, lines, run[found.first - len(texts) + len(run) :], found)
            at = found.first + found.headers + len(found.rows)
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


def _table(texts: Sequence[str], start: int) -> _Found | None:
    """The table that begins first at `start` or behind it, read with the first way of parting cells that gives one.

    Its rows hold figures or dates; a table of words must be announced (表4 …) and have a header that names its columns.
    """
    for begins in (_is_first_counted, _is_announced):
        for split in _SPLITS:
            cut = [[squeeze(cell) for cell in split(text)] for text in texts]
            for body in range(start + 1, len(cut) - _LEAST_ROWS + 1):
                found = _read(cut, texts, start, body) if begins(cut, body) else None
                if found is None or (split is str.split and not _is_meant(texts, found)):
                    continue
                even = len({len(row) for row in cut[start : body + len(found.rows)]}) == 1
                # What the parting shows by itself is left as it is.
                plain = even and (found.headers, found.first) == (1, start) and split is not str.split
                return None if plain else found
    return None


def _is_meant(texts: Sequence[str], found: _Found) -> bool:
    """Whether words with single blanks between them are a table: no list, and named by its caption or its header."""
    own = texts[found.first : found.first + found.headers + len(found.rows)]
    marks = (marker_of, HASHES.match, CHAPTER.match, BULLET.match, _COUNTED_OFF.match)
    if any(mark(text.strip()) for text in own for mark in marks):
        return False
    above = texts[max(0, found.first - _CAPTIONED_WITHIN) : found.first]
    captioned = any(CAPTION.fullmatch(text.strip()) for text in above)
    return captioned or names_columns(found.names) >= LEAST_NAMED


def _is_first_counted(cut: Sequence[Cells], body: int) -> bool:
    """Whether the first row with a figure stands here, or right behind a row of words below a header."""
    if _is_counted(cut[body - 1]):
        return False
    header, row = names_columns(cut[body - 1]), names_columns(cut[body])
    words = len(cut[body - 1]) == len(cut[body]) and header >= LEAST_NAMED > 2 * row
    return _is_counted(cut[body]) or (words and _is_counted(cut[body + 1]))


def _is_announced(cut: Sequence[Cells], body: int) -> bool:
    """Whether the line above a header numbers a table, and the header names columns of words."""
    if body < 2 or not NUMBERED.match(cut[body - 2][0]) or len(cut) < body + _LEAST_TOLD:
        return False
    header, rows = cut[body - 1], cut[body : body + _LEAST_TOLD]
    return named(header) >= LEAST_NAMED and all(len(row) == len(header) for row in rows)


def _is_counted(cells: Cells) -> bool:
    """Whether a line has a figure or a date behind its first cell."""
    return any(is_figure(cell) or _DAY.search(cell) for cell in cells[1:])


def _read(cut: Sequence[Cells], texts: Sequence[str], start: int, body: int) -> _Found | None:
    """The table whose first row stands at `body`; None where lines do not make columns."""
    width = _width(cut, body)
    whole = [cells for cells in cut[body:] if len(cells) == width]
    if width < _LEAST_COLUMNS or not whole:
        return None
    kinds = _kinds(whole)
    rows: list[Cells] = []
    for cells in cut[body:]:
        row = _as_row(cells, kinds)
        if row is None:
            break
        rows.append(row)
    counted = bool({"figure", "date"} & set(kinds[1:])) or _is_announced(cut, body)
    if len(rows) < _LEAST_ROWS or not counted or kinds[0] not in ("text", "date"):
        return None
    first = max(start, body - 2)
    headers, names = column_names(cut[first:body], texts[first:body], kinds)
    return _Found(body - headers, headers, names, rows) if headers else None


def _width(cut: Sequence[Cells], body: int) -> int:
    """The number of columns: as many as the line above the rows names, if rows have so many; else as the first row has."""
    counts = [len(cells) for cells in cut[body:]]
    header = len(cut[body - 1])
    return header if header in counts else counts[0]


def _kinds(rows: Sequence[Cells]) -> list[str]:
    """What each column holds, by most of the rows."""
    kinds = []
    for column in zip(*rows, strict=True):
        shapes = [shape(cell) for cell in column if shape(cell) != "empty"]
        kinds.append(max(("figure", "date", "text"), key=shapes.count) if shapes else "empty")
    return kinds


def _as_row(cells: Cells, kinds: Sequence[str]) -> Cells | None:
    """A line as a row of the table: as it is, or behind the cell that it shares with the row above, or as a sum."""
    if len(cells) == len(kinds) + 1 and len(cells[0]) == 1:  # 市 本级
        cells = [cells[0] + cells[1], *cells[2:]]
    if len(cells) == len(kinds):
        return cells if fits(cells, kinds) else None
    if 1 < len(cells) < len(kinds) and SUM.fullmatch(cells[0]):
        left = len(kinds) - len(cells)
        return [cells[0], *[""] * left, *cells[1:]] if fits(cells[1:], kinds[1 + left :]) else None
    if len(cells) != len(kinds) - 1 or len(cells) < 2 or not fits(cells, kinds[1:]):
        return None
    if kinds[1] != "text" and not (cells[0].isdigit() and kinds[2] == "text"):  # a number of the row
        return None
    return ["", *cells]


def _fold(out: list[Line | None], lines: Sequence[Line], run: Sequence[int], found: _Found) -> None:
    first, last = lines[run[0]], lines[run[found.headers - 1]]
    out[run[0]] = replace(first, end=last.end, text="\t".join(found.names), reason=HEADER)
    for i in run[1 : found.headers]:
        out[i] = None
    for i, row in zip(run[found.headers :], found.rows, strict=False):
        out[i] = replace(lines[i], text="\t".join(row))
