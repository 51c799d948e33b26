"""Numbers in Chinese text."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.language.numbers import chinese_value, normalise, numbers_in, unsupported

FOUND = [
    ("二十个", [("20", "个", "")]),
    ("百分之八十五点五", [("85.5", "%", "")]),
    ("八成以上的乡镇", [("80", "%", "min")]),
    ("九成五", [("95", "%", "")]),
    ("一万二千元", [("12000", "元", "")]),
    ("一万二", [("12000", "", "")]),
    ("两个中心", [("2", "个", "")]),
    ("3.5万人", [("35000", "人", "")]),
    ("１２项", [("12", "项", "")]),
    ("二〇二四年", [("2024", "年", "")]),
    ("≥90％", [("90", "%", "min")]),
    ("≤5.25‰", [("5.25", "‰", "max")]),
    ("不低于60%", [("60", "%", "min")]),
    ("至少三家", [("3", "家", "min")]),
    ("不超过5公里", [("5", "公里", "max")]),
    ("控制在30%以内", [("30", "%", "max")]),
    ("10-20公里", [("10", "公里", "low"), ("20", "公里", "high")]),
    ("4—12个百分点", [("4", "百分点", "low"), ("12", "百分点", "high")]),
    ("2 % - 5%", [("2", "%", "low"), ("5", "%", "high")]),
    ("2023-2025年", [("2023", "年", "low"), ("2025", "年", "high")]),
    ("15/10 万以下", [("15", "/10万", "max")]),
    ("1,898 个", [("1898", "个", "")]),
    ("突破两百万，先后", [("2000000", "", "min")]),
    ("三百多个", [("300", "个", "")]),
    ("一百零五个", [("105", "个", "")]),
    ("3 亿元", [("300000000", "元", "")]),
    ("1月13日", [("1", "月", ""), ("13", "日", "")]),
    ("十二岁", [("12", "岁", "")]),
    ("1:1", [("1", "", ""), ("1", "", "")]),
]
NONE = [
    "十四五时期",
    "一是坚持",
    "党的二十大精神",
    "第三人民医院",
    "一个机制",
    "十分重要",
    "万一出错",
    "三位一体",
    "一起努力",
    "十五、提升",
]


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_reads_value_unit_and_bound(text: str, expected: list[tuple[str, str, str]]) -> None:
    found = numbers_in(text)
    assert [(n.value, n.unit, n.bound) for n in found] == [(Decimal(v), u, b) for v, u, b in expected]


@pytest.mark.parametrize("text", NONE)
def test_words_that_count_nothing_are_no_numbers(text: str) -> None:
    assert numbers_in(text) == ()


def test_a_fraction_is_a_number() -> None:
    (number,) = numbers_in("四分之一")
    assert number.value == Decimal("0.25")


@given(
    st.text(alphabet="一二两三四五六七八九十百千万亿〇0123456789.,%‰年个项成分之点-—第 以上至少", max_size=25)
)
def test_offsets_and_surfaces_agree_and_never_overlap(text: str) -> None:
    found = numbers_in(text)
    assert all(text[n.start : n.end] == n.surface for n in found)
    assert all(a.end <= b.start for a, b in zip(found, found[1:], strict=False))


@given(st.integers(0, 10**8), st.sampled_from(["", "个", "元", "%", "人"]))
def test_every_number_in_digits_is_found_with_its_value(value: int, unit: str) -> None:
    assert [n.value for n in numbers_in(f"共{value}{unit}。")] == [Decimal(value)]


def _spell(value: int) -> str:
    """A plain writer of numerals below ten thousand, to read back."""
    digits, places = "零一二三四五六七八九", ["", "十", "百", "千"]
    out, zero = "", False
    for power in (3, 2, 1, 0):
        digit = value // 10**power % 10
        if digit:
            out += ("零" if zero and out else "") + digits[digit] + places[power]
            zero = False
        else:
            zero = True
    return out


@given(st.integers(1, 9999))
def test_numerals_read_back(value: int) -> None:
    assert chinese_value(_spell(value)) == value


@given(st.integers(1, 9999), st.integers(1, 9999))
def test_numerals_with_ten_thousands_read_back(high: int, low: int) -> None:
    middle = "零" if low < 1000 else ""
    assert chinese_value(f"{_spell(high)}万{middle}{_spell(low)}") == high * 10_000 + low


def test_unsupported_numbers_are_named() -> None:
    sources = ["托位数达到4.5个，普惠占比不低于60%。", "到2025年完成十八项任务"]
    assert unsupported("2025年托位数4.5个，普惠占60%，共18项", sources) == ()
    assert [n.surface for n in unsupported("2024年4.5个，占60‰", sources)] == ["2024年", "60‰"]


def test_a_bare_cell_supports_a_number_with_its_unit() -> None:
    assert unsupported("目标为≤5.25‰", ["5.25"]) == ()
    assert unsupported("目标为52.5‰", ["5.25"]) != ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("二〇二五年　托位数？", "2025年 托位数？"),
        ("达到百分之九十吗", "达到90%吗"),
        ("八成以上", "80%以上"),
        ("目标是多少,谁定的?", "目标是多少，谁定的？"),
        ("1,234 人几点到：８：３０？", "1,234 人几点到：8:30？"),
        ("１２岁儿童", "12岁儿童"),
        ("一成不变的做法", "一成不变的做法"),
    ],
)
def test_questions_get_one_spelling(text: str, expected: str) -> None:
    assert normalise(text) == expected


@given(st.text(max_size=40))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
