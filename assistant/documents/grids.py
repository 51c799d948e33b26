"""Which lines are rows of a table, how a row is parted into cells, and which lines above it are its caption."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.documents.lines import Line, LineKind
from assistant.documents.markers import ANNEX, HASHES, marker_of
from assistant.language.clean import comparable, squeeze
from assistant.language.sentences import ends_sentence

BARS, EDGES = re.compile(r"[|｜│┃]"), re.compile(r"^\s*[|｜│┃]|[|｜│┃]\s*$")
SPACES = re.compile(r"[ \u3000\u00a0]{2,}")
_LEAST_ROWS, _LEAST_SPACED = 3, 3  # rows and cells that a table without bars and with few tabs must have
_LONGEST_CELL = 40
CAPTION = re.compile(
    r"(?:附?表|附件)\s*[\d一二三四五六七八九十]*[-—\d]*[\s：:、]?.{0,60}|[（(]?\s*(?:计量)?单位\s*[：:].{1,16}|.{2,44}(?:表|名单|清单|一览|统计|明细|情况)(?:[（(].{1,24}[）)])?"
)
HEADER = "表头"  # the reason of a table's first line
_CAPTION_LINES, _CAPTION_WIDTH = 3, 60.0


def cells_of(line: str) -> list[str]:
    """The cells of a table row, cleaned; empty cells count."""
    if "\t" in line:
        return [squeeze(part) for part in line.split("\t")]
    if BARS.search(line):
        return [squeeze(part) for part in BARS.split(EDGES.sub("", line))]
    return [squeeze(part) for part in SPACES.split(line.strip())]


def mark_tables(lines: Sequence[Line]) -> list[Line]:
    """Turn the rows of tables into table lines, and the short lines right above a table into captions.

    Two tabs or three bars make a row where another row is beside it; fewer tabs, or runs of blanks, make one only in a
    run of rows with the same number of cells.
    """
    out = list(lines)
    shown = [i for i, line in enumerate(lines) if line.kind is not LineKind.FURNITURE]
    for run in _runs(lines, shown):
        header = comparable(lines[run[0]].text)
        for n, i in enumerate(run):
            again = n > 0 and comparable(lines[i].text) == header
            kind = LineKind.FURNITURE if again else LineKind.TABLE
            out[i] = replace(lines[i], kind=kind, reason="重复的表头" if again else "" if n else HEADER)
        _mark_captions(out, shown, run[0])
    return out


def _runs(lines: Sequence[Line], shown: Sequence[int]) -> Iterator[list[int]]:
    """The tables: places of their lines in a row, the header first."""
    run: list[int] = []
    for i in [*shown, None]:
        if run and (i is None or not _same_table(lines[run[0]], lines[run[-1]], lines[i])):
            if _is_table([lines[k] for k in run]):
                yield run
            run = []
        if i is not None and lines[i].kind is LineKind.TEXT and _parting(lines[i].text):
            run.append(i)


def _parting(text: str) -> str:
    """What parts the cells of a line: tabs, bars, blanks, or nothing."""
    if "\t" in text:
        return "tabs"
    if len(BARS.findall(text)) >= 3:
        return "bars"
    parts = SPACES.split(text.strip())
    spaced = len(parts) >= _LEAST_SPACED and max(map(len, parts)) <= _LONGEST_CELL
    return "blanks" if spaced and not re.search(r"[。；]", text) else ""


def _same_table(first: Line, last: Line, line: Line) -> bool:
    parting = _parting(line.text)
    if line.kind is not LineKind.TEXT or line.reason == HEADER or parting != _parting(first.text):
        return False
    if line.gap == 0:
        return True
    widths = len(cells_of(first.text)), len(cells_of(line.text))
    return parting != "blanks" and min(widths) > 2 and widths[0] == widths[1]


def _is_table(run: Sequence[Line]) -> bool:
    parting = _parting(run[0].text)
    rows = [cells_of(line.text) for line in run]
    if parting == "bars" or (parting == "tabs" and max(map(len, rows)) > 2):
        return len(run) > 1
    if len(run) < _LEAST_ROWS or len({len(row) for row in rows}) > 1:
        return False
    if any(len(cell) > _LONGEST_CELL for row in rows for cell in row) or not all(rows[0]):
        return False
    # Names in columns look like a table too, but have no numbers; contents pages have them in the header as well.
    counted = any(
        sum(any(c.isdigit() for c in row[k]) for row in rows[1:]) * 2 >= len(rows)
        for k in range(1, len(rows[0]))
    )
    return (parting == "tabs" or counted) and not re.fullmatch(r"\d+", rows[0][-1])


def _mark_captions(out: list[Line], shown: Sequence[int], first: int) -> None:
    place = shown.index(first)
    below = out[first]
    for i in reversed(shown[max(0, place - _CAPTION_LINES) : place]):
        line = out[i]
        if line.kind is not LineKind.TEXT or below.gap > 1 or not _may_caption(line):
            return
        out[i] = below = replace(line, kind=LineKind.CAPTION)


def _may_caption(line: Line) -> bool:
    if line.width > _CAPTION_WIDTH or ends_sentence(line.text) or ANNEX.fullmatch(line.text):
        return False
    return bool(CAPTION.fullmatch(line.text)) and not (marker_of(line.text) or HASHES.match(line.text))
