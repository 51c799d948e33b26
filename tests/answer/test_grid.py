"""Which rows and which columns of a table a question singles out."""

from __future__ import annotations

import pytest

from assistant.answer.compose.grid import Grid, Sought, row_name
from assistant.chain import AnswerChain
from assistant.language.dates import years_in
from assistant.search.passages import Passages, Unit
from assistant.types import BlockKind


@pytest.fixture(scope="module")
def rows(farm: AnswerChain) -> list[Unit]:
    passages = Passages(farm.library)
    units = [unit for document in passages.documents() for unit in passages.pages(document.id).units]
    return [unit for unit in units if unit.block.kind is BlockKind.ROW]


def grid(rows: list[Unit], question: str) -> Grid:
    return Grid(rows, Sought.of(question, years_in(question), ()))


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("农村厕所普及率是多少", "农村卫生厕所普及率"),
        ("自来水普及到百分之几", "农村自来水普及率"),
        ("有多少村通了公交", "具备条件的村通公交比例"),
    ],
)
def test_a_row_is_named_by_what_the_other_rows_do_not_say(rows: list[Unit], question: str, row: str) -> None:
    best = grid(rows, question).best_rows()
    assert [unit.block.attributes["indicator"].split("（")[0] for unit in best] == [row]


def test_words_of_no_row_name_none(rows: list[Unit]) -> None:
    assert grid(rows, "天气怎么样").best_rows() == []


def test_words_of_every_row_name_them_alike(rows: list[Unit]) -> None:
    same = grid([rows[0], rows[0]], "粮食总产量")
    assert same.best_rows() == [rows[0], rows[0]]
    assert same.lead == 0.0


def test_the_lead_tells_how_surely_one_row_is_meant(rows: list[Unit]) -> None:
    assert grid(rows, "农产品加工转化率").lead > 0.3
    assert grid(rows, "天气怎么样").lead == 0.0


@pytest.mark.parametrize(
    ("question", "columns"),
    [("2025年粮食总产量", ["2025年"]), ("24年和26年粮食总产量", ["2024年", "2026年"])],
)
def test_columns_of_the_years_asked_for(rows: list[Unit], question: str, columns: list[str]) -> None:
    assert grid(rows, question).best_columns() == columns


def test_worth_is_within_bounds(rows: list[Unit]) -> None:
    looked = grid(rows, "绵阳2025年农村自来水普及率的目标和属性")
    assert all(0.0 <= value <= 1.0 for value in (*looked.named.values(), *looked.wanted.values()))
    assert set(looked.named) == {unit.index for unit in rows}


def test_a_row_is_called_by_its_group_and_its_indicator(rows: list[Unit]) -> None:
    assert row_name(rows[0]) == "粮食生产 粮食总产量（万吨）"
