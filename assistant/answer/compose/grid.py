"""Which rows and which columns of a table a question singles out: by the words that tell them from one another.

A word that stands in every row hardly tells any from the others; one that stands in a single row names it. So a
piece of the question counts by how few rows (or columns) hold it, as in tf–idf (Spärck Jones 1972), counted within
the one table.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from assistant.answer.asking import ASKS_AIMED, ASKS_REACHED
from assistant.language.dates import years_in
from assistant.language.segment import plain
from assistant.search.passages import Unit
from assistant.types import Span, Term

_SINGLE, _SYNONYM = 0.2, 0.8  # worth of one character, and of a synonym, beside a pair of the question's own
_ENOUGH = 0.6  # of the best column's worth
_SORT = 0.7  # worth of a column holding the sort of thing asked for
_VALUE = re.compile(r"^[^\u4e00-\u9fff]*\d[^\u4e00-\u9fff]*$")
_IDLE = re.compile(r"[的了是在有和与跟这那吗呢啊么什哪谁几多少怎请问一下我你他们]")
# What is asked for in everyday words, and the columns that hold it.
_SORTS = tuple(
    (re.compile(asked), re.compile(column))
    for asked, column in (
        (ASKS_REACHED, r"实际|完成|现状|实绩|执行|决算"),
        (ASKS_AIMED, r"目标|计划|任务|规划|预算|预期|应"),
        (r"多少钱|钱|几块|块钱|费|价|万元|补|奖", r"元|费|金额|资金|投资|标准|价|补|奖"),
        (r"谁|哪个(?:部门|单位|科室|局)|归哪|哪家|找哪", r"单位|部门|责任|负责|牵头|联系|人$|主体|发言"),
        (
            r"什么时候|啥时候|何时|哪[天年月日]|几[号月]|几时|期限|截止|多久",
            r"时[间限]|日期|期限|月份|年限|周期|节点|截止",
        ),
        (r"电话|号码|怎么联系|联系方式", r"电话|联系"),
        (r"哪里|在哪|哪儿|地址|地方", r"地[址点]|位置|地区|区域|片区"),
        (r"百分之|几成|率|比例|占", r"率|比例|占比|%"),
        (r"第几|排名|名次", r"名次|排名|位次"),
    )
)


@dataclass(frozen=True, slots=True)
class Sought:
    """Pieces of a question with their worth, to be held against the labels of one table."""

    text: str
    pieces: Mapping[str, float]

    @classmethod
    def of(cls, text: str, years: Sequence[int], terms: Sequence[Term]) -> Sought:
        """The pairs of characters of a question, its single characters, and the synonyms of its terms."""
        found: dict[str, float] = {}
        body = plain(text)
        for char in body:
            if not _IDLE.match(char) and char.isalnum():
                found[char] = _SINGLE
        for term in terms:
            for synonym in term.synonyms:
                if len(word := plain(synonym)) > 1:
                    found[word] = _SYNONYM
        for i in range(len(body) - 1):
            if body[i : i + 2].isalnum() and not _IDLE.search(body[i : i + 2]):
                found[body[i : i + 2]] = 1.0
        found |= {str(year): 1.0 for year in years}
        return cls(text, found)

    def worth(self, labels: Sequence[str]) -> list[float]:
        """How well the question names each label, by what tells it from the others."""
        bodies = [plain(label) + " ".join(map(str, years_in(label))) for label in labels]
        told = [0.0] * len(bodies)
        for piece, weight in self.pieces.items():
            held = [piece in body for body in bodies]
            if count := sum(held):
                rare = weight * math.log((len(bodies) + 1) / count)
                told = [value + rare * own for value, own in zip(told, held, strict=True)]
        return told


class Grid:
    """One table as a question looks at it."""

    def __init__(self, rows: Sequence[Unit], sought: Sought) -> None:
        self.rows, self._sought = tuple(rows), sought

    @cached_property
    def named(self) -> dict[int, float]:
        """By a row's index: how well the question names it beside the other rows of the table, 0 … 1."""
        return dict(
            zip(
                (u.index for u in self.rows),
                _scaled(self._sought.worth(list(map(_label, self.rows)))),
                strict=True,
            )
        )

    @cached_property
    def lead(self) -> float:
        """How far the row named best is ahead of the second, 0 … 1; 0 where the question names none."""
        best = sorted(self.named.values(), reverse=True)
        return best[0] - best[1] if len(best) > 1 else 0.0

    @cached_property
    def wanted(self) -> dict[str, float]:
        """By a column's name: how well the question asks for it, 0 … 1."""
        columns = list(dict.fromkeys(column for row in self.rows for column in cells(row)))
        worth = self._sought.worth(columns)
        sorts = [column for asked, column in _SORTS if asked.search(self._sought.text)]
        for n, column in enumerate(columns):
            worth[n] += _SORT * any(pattern.search(column) for pattern in sorts)
        return dict(zip(columns, _scaled(worth), strict=True))

    def best_rows(self) -> list[Unit]:
        """The rows that the question names best; several where it names them alike; none where it names none."""
        return [row for row in self.rows if self.named[row.index] >= 0.999]

    def best_columns(self) -> list[str]:
        """The columns that the question asks for; none where it asks for none of them."""
        return [column for column, value in self.wanted.items() if value >= _ENOUGH]


def cells(row: Unit) -> dict[str, str]:
    """A row's values by the names of their columns."""
    return dict(json.loads(row.block.attributes.get("cells", "{}")))


def header(row: Unit) -> tuple[Span, ...]:
    """Where the names of a row's columns stand; empty for a row without them."""
    a = row.block.attributes
    return (Span(row.doc, int(a["header_start"]), int(a["header_end"])),) if "header_start" in a else ()


def row_name(row: Unit) -> str:
    """A row's group and indicator, as it is read aloud."""
    a = row.block.attributes
    return " ".join(name for name in (a.get("group", ""), a.get("indicator", "")) if name)


def _label(row: Unit) -> str:
    """What tells a row from others: its name, its group, and cells that are words."""
    words = [value for value in cells(row).values() if value and not _VALUE.match(value)]
    return " ".join((row_name(row), *words))


def _scaled(worth: Sequence[float]) -> list[float]:
    best = max(worth, default=0.0)
    return [value / best for value in worth] if best > 0 else [0.0] * len(worth)
