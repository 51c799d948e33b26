"""Tables that were copied with one cell in each line: folded back into rows before anything else looks at them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.documents.lines import Line
from assistant.language.sentences import ends_sentence

_WIDEST = 24.0  # a cell, in Chinese characters
_COLUMNS = range(8, 1, -1)
_LEAST_ROWS = 2
_LEAST_NAMED = 0.6  # of a header's cells that must hold the name of a column
_NO_NAME = re.compile(r"表\s*\d.*|[\d.,%]+|附件.*|.*表(?:（.*）)?|[（(].*[）)]|\d.*[个元人日]")
_CAPTION_LINES = 8  # lines of a run that may stand above the header
_SERIAL = re.compile(r"序号|编号|项次|No\.?|NO\.?")
_HEADER = re.compile(
    r"序号|编号|项次|项目|名称|指标|内容|任务|事项|类别|类型|对象|标准|金额|比例|限额|数量|计价|单价|价格|合计|投资|总额|单位|部门|机构|"
    r"牵头|责任|配合|负责|主讲|教师|课程|时间|日期|时限|期限|年度|地点|地址|区域|地区|区县|县区|乡镇|街道|电话|联系|窗口|备注|说明|"
    r"建设期|工期|周期|是否|办理|^[区县市镇乡]$|属性|目标|任务数|进度|等次|等级|级别|条件|要求|适用|20\d\d年?"
)
# What a column of values may hold, the narrowest first.
_TYPES = (
    ("count", re.compile(r"\d{1,3}")),
    (
        "number",
        re.compile(
            r"[≤≥<>＜＞≈约]?\s*\d[\d,.]*\s*(?:%|‰|％|[万亿千百]?(?:元|个|人|张|所|户|台|套|次|公里|吨|亩|天|岁|平方米)?)"
        ),
    ),
    (
        "date",
        re.compile(
            r"(?:每年|\d{2,4}年)?(?:\d{1,2}月)?(?:\d{1,2}[日号])?(?:底|上旬|中旬|下旬)?(?:之?前|以前|内)?(?:\d{1,2}:\d\d.*)?"
        ),
    ),
    (
        "body",
        re.compile(
            r".{1,24}(?:局|委|办|院|会|政府|中心|公司|站|校|队|厅|部|社|处|所|企业|单位|委员会|支队|街道|小组)"
        ),
    ),
    ("phone", re.compile(r"[\d-]{7,16}")),
)


def fold_cells(lines: Sequence[Line]) -> list[Line]:
    """The lines with the cells of each such table joined by tabs, one line a row, the header first.

    A table is a run of short lines in which the same number of lines again and again makes a row: below a header of
    column names stands a column that counts the rows, or one whose every cell is of one type.
    """
    out: list[Line] = []
    at = 0
    for start, end in _runs(lines):
        while at < end and (found := _table(lines, max(at, start), end)):
            first, columns, rows = found
            out += lines[at:first]
            for row in range(rows + 1):
                out.append(_joined(lines[first + row * columns : first + (row + 1) * columns]))
            at = first + (rows + 1) * columns
    return out + list(lines[at:])


def _runs(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """First and last place, exclusive, of the runs of lines that may be cells."""
    start = None
    for i, line in enumerate((*lines, None)):
        cell = line is not None and _may_be_cell(line) and (start is None or line.gap == 0)
        if start is not None and not cell:
            if i - start > 2 * _LEAST_ROWS:
                yield start, i
            start = None
        if start is None and line is not None and _may_be_cell(line):
            start = i


def _may_be_cell(line: Line) -> bool:
    text = line.text
    closed = ends_sentence(text) or text.endswith(("：", ":", "，", ","))
    return line.width <= _WIDEST and "\t" not in text and "。" not in text and not closed


def _table(lines: Sequence[Line], start: int, end: int) -> tuple[int, int, int] | None:
    """Place of the header, number of columns and of rows of the table with the most rows in a run; None without one."""
    best: tuple[float, int] = (0.0, 0)
    found: tuple[int, int, int] | None = None
    for first in range(start, min(end, start + _CAPTION_LINES)):
        for columns in _COLUMNS:
            header = [line.text for line in lines[first : first + columns]]
            if first + columns * (_LEAST_ROWS + 1) > end or not _is_header(header):
                continue
            rows = _rows([line.text for line in lines[first + columns : end]], columns, header)
            worth = _named(header), rows * columns
            if rows >= _LEAST_ROWS and worth > best:
                best, found = worth, (first, columns, rows)
    return found


def _is_header(cells: Sequence[str]) -> bool:
    if len(set(cells)) < len(cells) or any(len(c) > 16 or _NO_NAME.fullmatch(c) for c in cells):
        return False
    return _named(cells) >= _LEAST_NAMED and _named(cells) * len(cells) >= 2


def _named(cells: Sequence[str]) -> float:
    """The share of cells that hold the name of a column."""
    return sum(bool(_HEADER.search(cell)) for cell in cells) / len(cells)


def _rows(cells: Sequence[str], columns: int, header: Sequence[str]) -> int:
    """How many rows follow a header."""
    rows = [cells[i : i + columns] for i in range(0, len(cells) - columns + 1, columns)]
    if _SERIAL.fullmatch(header[0]) or rows[0][0] in ("1", "1."):
        return _counted(rows)
    typed = [(j, name) for j in range(columns) if (name := _type([row[j] for row in rows[:_LEAST_ROWS]]))]
    if not any(j for j, _ in typed) or len(typed) == columns:
        return 0
    fitting = 0
    for row in rows:
        if not all(_fits(row[j], name) or row[j] in ("—", "-", "/", "无") for j, name in typed):
            break
        fitting += 1
    return fitting if columns > 2 or fitting > _LEAST_ROWS else 0


def _counted(rows: Sequence[Sequence[str]]) -> int:
    """How many rows begin with 1, 2, 3 …"""
    count = 0
    for row in rows:
        if row[0].strip(".、．") != str(count + 1):
            break
        count += 1
    return count


def _type(cells: Sequence[str]) -> str:
    """The narrowest type that all cells have, or an empty text."""
    return next((name for name, pattern in _TYPES if all(pattern.fullmatch(c) for c in cells)), "")


def _fits(cell: str, name: str) -> bool:
    wide = {"count": ("count", "number")}.get(name, (name,))
    return any(pattern.fullmatch(cell) for kind, pattern in _TYPES if kind in wide)


def _joined(cells: Sequence[Line]) -> Line:
    """The cells of one row as a line."""
    text = "\t".join(cell.text for cell in cells)
    return Line(cells[0].start, cells[-1].end, text, cells[0].gap, indent=cells[0].indent)
