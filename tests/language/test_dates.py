"""Years and dates in Chinese text."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.language.dates import dates_in, relative_years, years_in

YEARS = [
    ("2025年托位数", (2025,)),
    ("2023-2025年", (2023, 2024, 2025)),
    ("2022年至2024年", (2022, 2023, 2024)),
    ("2023-25年", (2023, 2024, 2025)),
    ("２０２４年", (2024,)),
    ("二〇二四年新年", (2024,)),
    ("那25年呢", (2025,)),
    ("覆盖率，22年干到多少了", (2022,)),
    ("“十四五”期间", (2021, 2022, 2023, 2024, 2025)),
    ("十五五规划", (2026, 2027, 2028, 2029, 2030)),
    ("2030规划纲要", (2030,)),
    ("某卫发〔2025〕19号", (2025,)),
    ("到2025年，再到2030年", (2025, 2030)),
    ("工作25年", ()),
    ("25年来", ()),
    ("近20年", ()),
    ("20年以上", ()),
    ("2025个", ()),
    ("去年和今年", ()),
    ("党的二十大", ()),
    ("1000天", ()),
]


@pytest.mark.parametrize(("text", "expected"), YEARS)
def test_years(text: str, expected: tuple[int, ...]) -> None:
    assert years_in(text) == expected


def test_relative_years_need_a_reference() -> None:
    assert years_in("今年的目标和明年的", 2025) == (2025, 2026)
    assert years_in("前年、去年", 2025) == (2023, 2024)
    assert relative_years("今年比去年") == ("今年", "去年")


def test_dates_with_month_and_day() -> None:
    (first, last) = dates_in("1月13日—18日在省城举办")
    assert (first.month, first.day, last.month, last.day) == (1, 13, 1, 18)
    (date,) = dates_in("2023年4月21日召开")
    assert (date.year, date.month, date.day) == (2023, 4, 21)
    (written,) = dates_in("四月二十一号")
    assert (written.month, written.day) == (4, 21)
    (until,) = dates_in("6月底前完成")
    assert (until.month, until.day) == (6, 0)
    (numeric,) = dates_in("2025/4/21")
    assert (numeric.year, numeric.month, numeric.day) == (2025, 4, 21)


@pytest.mark.parametrize("text", ["6个月", "坐月子", "13月", "岁月"])
def test_no_dates(text: str) -> None:
    assert dates_in(text) == ()


@given(st.dates(min_value=datetime.date(1950, 1, 1), max_value=datetime.date(2099, 12, 31)))
def test_every_written_date_is_found(day: datetime.date) -> None:
    text = f"会议于{day.year}年{day.month}月{day.day}日召开"
    (found,) = dates_in(text)
    assert (found.year, found.month, found.day) == (day.year, day.month, day.day)
    assert text[found.start : found.end] == found.surface


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("二三年要到多少", (2023,)),
        ("22到25逐年都是几", (2022, 2023, 2024, 2025)),
        ("24、25两年一样不", (2024, 2025)),
        ("这二三年来", ()),
        ("干了一二年", ()),
        ("一二年级", ()),
    ],
)
def test_years_by_their_last_digits_in_talk(text: str, years: tuple[int, ...]) -> None:
    assert years_in(text) == years
