"""Answers out of table rows."""

from __future__ import annotations

import pytest

from assistant.chain import AnswerChain
from tests.answer.asking import refused, told


@pytest.mark.parametrize(
    ("question", "value", "nature", "others"),
    [
        ("绵阳2024年农村卫生厕所普及率目标是多少", "90%", "目标", ("92", "95", "88.7")),
        ("绵阳2025年农村卫生厕所普及率要到多少", "92%", "目标", ("90%", "95", "88.7")),
        ("绵阳市2023年农村卫生厕所普及率实际是多少", "88.7%", "实际", ("90", "92", "95")),
        ("绵阳2026年主要农作物机械化率的目标值", "70%", "目标", ("65", "67", "63.2")),
    ],
)
def test_the_value_of_a_year_with_its_unit_and_nature(
    farm: AnswerChain, question: str, value: str, nature: str, others: tuple[str, ...]
) -> None:
    text = told(farm, question)
    assert value in text
    assert nature in text
    assert not any(other in text for other in others)
    assert "绵阳" in text


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("绵阳2025年粮食总产量目标是多少", "223"),
        ("绵阳高标准农田面积2024年要达到多少", "322"),
        ("绵阳2023年粮食总产量实际是多少", "218.6"),
    ],
)
def test_a_value_whose_unit_counts_ten_thousands(farm: AnswerChain, question: str, value: str) -> None:
    assert value in told(farm, question)


def test_a_row_shifted_into_its_merged_group_cell(farm: AnswerChain) -> None:
    text = told(farm, "绵阳2024年农村自来水普及率目标是多少")
    assert "86%" in text
    assert "88" not in text


def test_rows_below_a_merged_group_cell_keep_their_own_values(farm: AnswerChain) -> None:
    text = told(farm, "绵阳2025年村通公交的比例目标")
    assert "87%" in text


def test_prose_that_contradicts_the_table_is_shown(farm: AnswerChain) -> None:
    text = told(farm, "绵阳2026年农产品加工转化率要达到多少")
    assert "72%" in text
    assert "70%" in text


def test_prose_about_another_year_is_no_contradiction(farm: AnswerChain) -> None:
    text = told(farm, "绵阳2025年农产品加工转化率目标是多少")
    assert "68%" in text
    assert "70%" not in text


def test_rows_by_a_word_of_a_column(farm: AnswerChain) -> None:
    text = told(farm, "绵阳规划里哪些是约束性指标")
    assert "粮食总产量" in text
    assert "高标准农田面积" in text
    assert "转化率" not in text


def test_a_year_without_a_column_is_refused(farm: AnswerChain) -> None:
    assert "2030" in refused(farm, "绵阳2030年农村卫生厕所普及率目标是多少")


def test_a_target_is_not_given_for_an_actual_value(farm: AnswerChain) -> None:
    refused(farm, "绵阳2025年农村卫生厕所普及率实际达到了多少")


def test_an_indicator_that_the_table_lacks_is_refused(farm: AnswerChain) -> None:
    refused(farm, "绵阳2025年森林覆盖率目标是多少")
