"""Tables that were copied with one cell in each line: folded back into rows before anything else looks at them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.documents.lines import Line
from assistant.language.sentences import ends_sentence

_WIDEST = 24.0  # a cell, in Chinese characters
_COLUMNS = range(8, 1, -1)
_LEAST_ROWS = 2
LEAST_NAMED = 0.6  # of a header's cells that must hold the name of a column
_NO_NAME = re.compile(r"表\s*\d.*|[\d.,%]+|附件.*|附[：:].*|.*表(?:（.*）)?|[（(].*[）)]|\d.*[个元人日]")
_CAPTION_LINES = 8  # lines of a run that may stand above the header
_SERIAL = re.compile(r"序号|编号|项次|No\.?|NO\.?")
_HEADER = re.compile(
    r"序号|编号|项次|项目|名称|指标|内容|任务|事项|类别|类型|对象|标准|金额|比例|限额|数量|计价|单价|价格|合计|投资|总额|单位|部门|机构|"
    r"牵头|责任|配合|负责|主讲|教师|课程|时间|日期|时限|期限|年度|地点|地址|区域|地区|区县|县区|乡镇|街道|电话|联系|窗口|备注|说明|"
    r"建设期|工期|周期|是否|办理|^[区县市镇乡]$|属性|目标|任务数|进度|等次|等级|级别|条件|要求|适用|20\d\d年?|"
    r"姓名|职务|职称|年龄|性别|人数|人次|户数|人口|总数|计划|实际|增减|增速|同比|占比|得分|排名|次数|面积|规模"
)
# What a cell may hold: a figure, a date, nothing, or else a text.
_FIGURE = re.compile(
    r"[≤≥<>＜＞≈约+＋−－-]?\s*\d[\d,.]*(?:\s*[—–~～至-]+\s*\d[\d,.]*)*\s*(?:[%‰％]|[\u4e00-\u9fff]{1,3}(?:/[\u4e00-\u9fff]{1,3})?)?"
)
_YEAR = re.compile(r"(?:19|20)\d\d年?(?:目标|计划|实际|任务|完成)?")
_DATE = re.compile(
    r"(?:每年|\d{2,4}年)?(?:\d{1,2}月)?(?:\d{1,2}[日号])?(?:底|上旬|中旬|下旬|上午|下午)?(?:之?前|以前|内)?(?:\d{1,2}:\d\d.*)?"
)
SUM = re.compile(r"合\s*计|总\s*计|共\s*计")  # the name of a row of sums
_EMPTY = re.compile(r"[—–／/-]+|无|…+")
_BODY = re.compile(
    r".{1,24}(?:局|委|办|院|会|政府|中心|公司|站|校|队|厅|部|社|处|所|企业|单位|委员会|支队|街道|小组)"
)
_LONGEST_NAME = 24  # characters
_NAMED_WORTH, _LEFT_COST = (
    0.5,
    0.25,
)  # of a cell: a header cell that names a column; a line of the run left over


def fold_cells(lines: Sequence[Line]) -> list[Line]:
    """The lines with the cells of each such table joined by tabs, one line a row, the header first.

    A table is a run of short lines in which the same number of lines again and again makes a row: below a header of
    column names stands a column that counts the rows, or one whose every cell is of one type.
    """
    out: list[Line] = []
    at = 0
    for start, end in _runs(lines):
        while at < end and (found := _table(lines, max(at, start), end)):
            first, lengths = found
            out += lines[at:first]
            at = first
            for length in lengths:
                out.append(_joined(lines[at : at + length], shared=length < lengths[0]))
                at += length
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


def _table(lines: Sequence[Line], start: int, end: int) -> tuple[int, list[int]] | None:
    """Place of the header, and the cells of it and of each row, of the table that explains most of a run, if any."""
    best = 0.0
    found: tuple[int, list[int]] | None = None
    texts = [line.text for line in lines[start:end]]
    for first in range(min(len(texts), _CAPTION_LINES)):
        for columns in _COLUMNS:
            header = texts[first : first + columns]
            if first + columns * (_LEAST_ROWS + 1) > len(texts) or not _is_header(header):
                continue
            body = texts[first + columns :]
            for lengths in ([columns] * _rows(body, columns, header), _grouped(body, columns)):
                left = len(body) - sum(lengths)
                worth = sum(lengths) + columns * _NAMED_WORTH * named(header) - _LEFT_COST * left
                if len(lengths) >= _LEAST_ROWS and (not found or worth > best):
                    best, found = worth, (start + first, [columns, *lengths])
    return found


def _grouped(cells: Sequence[str], columns: int) -> list[int]:
    """The cells of each row, where a row lacks its first cell when it shares it with the row above; else nothing.

    At least two rows must be whole: one alone may be a caption taken for a header.
    """
    kinds = [shape(cell) for cell in cells[:columns]]
    if kinds[:2] != ["text", "text"] or "figure" not in kinds:
        return []
    lengths: list[int] = []
    at = 0
    while True:
        whole, short = cells[at : at + columns], cells[at : at + columns - 1]
        if len(whole) == columns and fits(whole, kinds):
            lengths.append(columns)
        elif lengths and len(short) == columns - 1 and fits(short, kinds[1:]):
            lengths.append(columns - 1)
        else:
            return lengths if columns - 1 in lengths and lengths.count(columns) > 1 else []
        at += lengths[-1]


def _is_header(cells: Sequence[str]) -> bool:
    """Whether cells may name columns: all different, no figures but years, and a name of a column among them."""
    if len(set(cells)) < len(cells) or any(len(c) > _LONGEST_NAME or _NO_NAME.fullmatch(c) for c in cells):
        return False
    return named(cells) > 0 and all(shape(c) == "text" or _YEAR.fullmatch(c) for c in cells)


def named(cells: Sequence[str]) -> float:
    """The share of cells that hold the name of a column."""
    return sum(bool(_HEADER.search(cell)) for cell in cells) / len(cells)


def _rows(cells: Sequence[str], columns: int, header: Sequence[str]) -> int:
    """How many rows follow a header: the first two say what each column holds, the others must agree with them.

    The first column holds names, or dates, or counts the rows; of a table of words alone, the rows must be counted,
    or a column that is not the first must hold the names of bodies, below a header that names its columns.
    """
    rows = [cells[i : i + columns] for i in range(0, len(cells) - columns + 1, columns)]
    if len(rows) < _LEAST_ROWS:
        return 0
    if _SERIAL.fullmatch(header[0]) or rows[0][0] in ("1", "1."):
        return _counted(rows)
    kinds = [_kind([row[j] for row in rows[:_LEAST_ROWS]]) for j in range(columns)]
    if kinds[0] not in ("text", "date") or kinds.count("mixed") > columns // 3:
        return 0
    bodies = [j for j in range(1, columns) if all(_BODY.fullmatch(row[j]) for row in rows[:_LEAST_ROWS])]
    if not {"figure", "date"} & set(kinds) and (not bodies or named(header) < LEAST_NAMED):
        return 0
    if kinds[0] == "date" and "figure" not in kinds and named(header) < LEAST_NAMED:
        return 0
    fitting = 0
    for row in rows:
        if not fits(row, kinds) or not all(
            _BODY.fullmatch(row[j]) or _EMPTY.fullmatch(row[j]) for j in bodies
        ):
            break
        fitting += 1
    return fitting if columns > 2 or (fitting > _LEAST_ROWS and named(header) >= LEAST_NAMED) else 0


def _counted(rows: Sequence[Sequence[str]]) -> int:
    """How many rows begin with 1, 2, 3 …"""
    count = 0
    for row in rows:
        if row[0].strip(".、．") != str(count + 1):
            break
        count += 1
    return count


def shape(cell: str) -> str:
    if not cell:
        return "empty"
    shapes = (("empty", _EMPTY), ("date", _YEAR), ("figure", _FIGURE), ("date", _DATE))
    return next((name for name, pattern in shapes if pattern.fullmatch(cell)), "text")


def _kind(cells: Sequence[str]) -> str:
    """What the cells of a column hold, empty ones aside."""
    shapes = {shape(cell) for cell in cells} - {"empty"}
    if shapes == {"figure", "date"}:
        return "figure"
    return shapes.pop() if len(shapes) == 1 else "mixed"


def fits(row: Sequence[str], kinds: Sequence[str]) -> bool:
    """Whether a row holds what its columns hold; in a wide table one cell may hold a word for a figure."""
    pairs = [(shape(cell), kind) for cell, kind in zip(row, kinds, strict=True)]
    first, column = pairs[0]
    if first not in (column, "empty") and (column, first) != ("date", "text"):
        return False
    either = {"date", "figure"}
    odd = [s for s, k in pairs[1:] if k != "mixed" and s not in (k, "empty") and not {s, k} <= either]
    return len(odd) <= len(row) // 4


def _joined(cells: Sequence[Line], *, shared: bool = False) -> Line:
    """The cells of one row as a line; where its first cell is `shared` with the row above, behind an empty one."""
    text = "\t" * shared + "\t".join(cell.text for cell in cells)
    return Line(cells[0].start, cells[-1].end, text, cells[0].gap, indent=cells[0].indent)
