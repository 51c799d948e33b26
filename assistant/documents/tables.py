"""Tables in plain text: cells parted by tabs or bars, merged group cells, rows shifted by a column."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.documents.layout import Line
from assistant.language.clean import squeeze

_UNIT = re.compile(r"[（(]([^（）()]{1,12})[）)]\s*$")
_VALUE = re.compile(r"[≤≥<>＜＞≈约]?\s*[-−]?\d[\d,.]*\s*(?:[%‰％]|万|亿|元|个|人|张|所|岁)?|[-—/－]|无")
_RULE = re.compile(r"[\s|:—\-+=]+")


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
    body = [line for line in lines if not _RULE.fullmatch(line.text)]
    header, columns = body[0], _cells(body[0].text)
    names = tuple(name or f"第{i}列" for i, name in enumerate(columns, 1))
    grouped = _has_groups(body[1:], len(columns))
    shared = _UNIT.search(caption) or re.search(r"单位[：:]\s*([^\s）)]+)", caption)
    raw = [_align(_cells(line.text), len(columns), grouped) for line in body[1:]]
    groups = _groups([cells[0] for cells, _ in raw]) if grouped else [""] * len(raw)
    rows = []
    for line, (cells, flag), group in zip(body[1:], raw, groups, strict=True):
        first = 1 if grouped and len(cells) > 1 else 0
        indicator = cells[first] if len(cells) > first else ""
        unit = _UNIT.search(indicator)
        values = dict(zip(names[first + 1 :], cells[first + 1 :], strict=False))
        rows.append(Row(line, group, indicator, _unit(unit) or _unit(shared), values, flag))
    return Table(header, names, tuple(rows))


def _unit(found: re.Match[str] | None) -> str:
    return found.group(1).strip() if found else ""


def _cells(line: str) -> list[str]:
    mark = "\t" if "\t" in line else "|"
    parts = line.split(mark)
    if mark == "|":
        parts = line.strip().strip("|").split("|")
    return [squeeze(part) for part in parts]


def _has_groups(lines: Sequence[Line], width: int) -> bool:
    """Whether the first column holds merged group cells: some of its cells are empty."""
    firsts = [_cells(line.text) for line in lines]
    return any(len(cells) == width and not cells[0] and len(cells) > 2 for cells in firsts)


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
    padded = (cells + [""] * width)[:width] if len(cells) < width else cells[:width]
    return padded, "列数与表头不符"


def _groups(firsts: Sequence[str]) -> list[str]:
    """Fill merged cells down; rows above the first label belong to it, as a label stands in the middle of its cell."""
    out: list[str] = []
    current = next((label for label in firsts if label), "")
    for label in firsts:
        current = label or current
        out.append(current)
    return out
