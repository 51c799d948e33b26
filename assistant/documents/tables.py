"""Tables in plain text: cells parted by tabs or bars, merged group cells, rows shifted by a column."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.documents.cells import SUM
from assistant.documents.grids import cells_of
from assistant.documents.lines import Line

_UNIT = re.compile(r"[（(]([^（）()]{1,12})[）)]\s*$")
_VALUE = re.compile(r"[≤≥<>＜＞≈约]?\s*[-−]?\d[\d,.]*\s*(?:[%‰％]|万|亿|元|个|人|张|所|岁)?|[-—/－]|无")
_SHARED = re.compile(r"单位[：:]\s*([^\s）)；;，,]{1,12})")
_SERIAL = re.compile(r"序号|编号|项次|No\.?|NO\.?|#")


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it is meant: `cells` by column header, in the order of the columns."""

    line: Line
    group: str
    indicator: str
    unit: str
    cells: dict[str, str] = field(default_factory=dict)
    flag: str = ""

    def as_json(self) -> str:
        """The cells as a JSON object."""
        return json.dumps(self.cells, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its header line and its rows."""

    header: Line
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(lines: Sequence[Line], caption: str = "") -> Table:
    """Read the lines of a table; the first one holds the column headers."""
    header, body = lines[0], lines[1:]
    columns = cells_of(header.text)
    names = tuple(name or f"第{i}列" for i, name in enumerate(columns, 1))
    cut = [cells_of(line.text) for line in body]
    serial = _has_serials(columns, cut)
    kept, cut = names[serial:], [cells[serial:] for cells in cut]
    if not serial and len(kept) > 3 and _SERIAL.fullmatch(kept[1]):  # the rows of a group are counted
        kept, cut = kept[:1] + kept[2:], [cells[:1] + cells[2:] for cells in cut]
    grouped = _has_groups(cut, len(kept))
    aligned = [_align(cells, len(kept), grouped) for cells in cut]
    groups = _groups([cells[0] for cells, _ in aligned]) if grouped else [""] * len(aligned)
    shared = _SHARED.search(caption)
    rows = []
    for line, (cells, flag), group in zip(body, aligned, groups, strict=True):
        first = 1 if grouped else 0
        indicator = cells[first] if len(cells) > first else ""
        if not indicator and SUM.fullmatch(cells[0]):  # of all groups
            group, indicator = "", cells[0]
        unit = _UNIT.search(indicator) or shared
        values = dict(zip(kept[first + 1 :], cells[first + 1 :], strict=False))
        rows.append(Row(line, group, indicator, unit.group(1).strip() if unit else "", values, flag))
    return Table(header, names, tuple(rows))


def _has_serials(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """1 where the first column only counts the rows, so that the second one says what a row is about; else 0."""
    if len(columns) < 3 or not rows:
        return 0
    firsts = [cells[0].strip(".、．") for cells in rows if cells[0]]
    counting = len(firsts) > 1 and firsts == [str(n) for n in range(1, len(firsts) + 1)]
    return 1 if counting or _SERIAL.fullmatch(columns[0]) else 0


def _has_groups(rows: Sequence[Sequence[str]], width: int) -> bool:
    """Whether the first column holds merged group cells: some are empty, and the second column names the rows.

    A row without a name in a table of figures is a gap, not a member of a group: its second cell is a value.
    """
    merged = any(len(cells) == width > 2 and not cells[0] and cells[1] for cells in rows)
    named = [bool(cells[1]) and not _VALUE.fullmatch(cells[1]) for cells in rows if len(cells) == width > 2]
    return merged and 2 * sum(named) > len(named)


def _align(cells: list[str], width: int, grouped: bool) -> tuple[list[str], str]:
    """Bring a row to the width of the header, and say what had to be done."""
    if len(cells) == width:
        shifted = grouped and bool(cells[0]) and bool(_VALUE.fullmatch(cells[1]))
        if shifted and not cells[-1]:
            return ["", *cells[:-1]], "列错位，已右移一列"
        return cells, "列错位，未能修复" if shifted else ""
    if len(cells) == width - 1 and grouped and len(cells) > 1 and _VALUE.fullmatch(cells[1]):
        return ["", *cells], "列错位，已右移一列"
    if len(cells) > width and not any(cells[width:]):
        return cells[:width], ""
    return (cells + [""] * width)[:width], "列数与表头不符"


def _groups(firsts: Sequence[str]) -> list[str]:
    """Fill merged cells down; rows above the first label belong to it, as a label stands in the middle of its cell."""
    out: list[str] = []
    current = next((label for label in firsts if label), "")
    for label in firsts:
        current = label or current
        out.append(current)
    return out
