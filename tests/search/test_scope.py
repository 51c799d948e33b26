"""Whether a passage agrees with the place, year, person, institution and document that a question names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.search.scope import (
    AGREES,
    DISAGREES,
    EARLIER,
    LIES_WITHIN,
    NAMES,
    SILENT,
    document_fit,
    document_regions,
    document_years,
    organisation_fit,
    person_fit,
    region_fit,
    year_fit,
)
from assistant.types import Document, Scope

REGIONS = [
    # wanted, own, text, around, homes, fit
    ((), ("晋中市",), "", (), (), SILENT),
    (("晋中市",), ("晋中市",), "", (), (), AGREES),
    (("晋中市",), ("方山县",), "", (), (), DISAGREES),
    (("晋中市",), (), "", (), (), SILENT),
    (("晋中市",), ("方山县",), "与晋中结对", (), (), NAMES),
    (("吕梁市",), ("方山县",), "", (), (), LIES_WITHIN),  # nobody is about 吕梁
    (("吕梁市",), ("方山县",), "", (), ("吕梁市", "方山县"), DISAGREES),  # another document is
    (
        ("吕梁市",),
        ("方山县",),
        "",
        ("吕梁市",),
        ("吕梁市", "方山县"),
        LIES_WITHIN,
    ),  # 吕梁's document speaks of 方山
    (("方山县",), ("吕梁市",), "", (), (), DISAGREES),  # the whole does not stand for its part
    (("云南省", "甘肃省"), ("甘肃省",), "", (), (), AGREES),
    (("云南省",), ("",), "", (), (), SILENT),
]


@pytest.mark.parametrize(("wanted", "own", "text", "around", "homes", "fit"), REGIONS)
def test_regions(
    wanted: tuple[str, ...],
    own: tuple[str, ...],
    text: str,
    around: tuple[str, ...],
    homes: tuple[str, ...],
    fit: float,
) -> None:
    assert region_fit(wanted, own, text, around, homes) == fit


@pytest.mark.parametrize(
    ("wanted", "text", "inherited", "fit"),
    [
        ((), "2024年", (2025,), SILENT),
        ((2024,), "2024年完成", (), AGREES),
        ((2024,), "2023年完成", (2024,), DISAGREES),  # its own year outweighs the document's
        ((2024,), "完成", (2024,), SILENT),
        ((2024,), "完成", (), SILENT),
        ((2030,), "完成", (2023, 2025), DISAGREES),  # no document tells of what comes after it
        ((2020,), "完成", (2023, 2025), EARLIER),
        ((2024, 2025), "2025年完成", (), AGREES),
    ],
)
def test_years(wanted: tuple[int, ...], text: str, inherited: tuple[int, ...], fit: float) -> None:
    assert year_fit(wanted, text, inherited) == fit


@pytest.mark.parametrize(
    ("wanted", "speaker", "text", "fit"),
    [
        ((), "张三", "", SILENT),
        (("张三",), "张三", "一句话", AGREES),
        (("张三",), "", "由张三负责", AGREES),
        (("张三",), "李四", "一句话", DISAGREES),
        (("张三",), "", "一句话", DISAGREES),
    ],
)
def test_people(wanted: tuple[str, ...], speaker: str, text: str, fit: float) -> None:
    assert person_fit(wanted, speaker, text) == fit


@pytest.mark.parametrize(
    ("wanted", "own", "text", "fit"),
    [
        ((), "临江市教育局", "", SILENT),
        (("临江市教育局",), "临江市教育局", "", AGREES),
        (("临江市教育局",), "", "临江市教育局牵头", AGREES),
        (("教育局",), "临江市教育局", "", AGREES),
        (("临江市教育局",), "临江市水利局", "", DISAGREES),
        (("临江市教育局",), "", "别的话", SILENT),
    ],
)
def test_organisations(wanted: tuple[str, ...], own: str, text: str, fit: float) -> None:
    assert organisation_fit(wanted, own, text) == fit


def test_documents() -> None:
    assert document_fit(Scope(), "a") == SILENT
    assert document_fit(Scope(documents=("a", "b")), "b") == AGREES
    assert document_fit(Scope(documents=("a",)), "b") == DISAGREES


def test_what_a_document_is_about_as_a_whole() -> None:
    document = Document("d", "", "临江市规划（2023-2025年）", "", date="2023年7月", region="云南省、甘肃省")
    assert document_regions(document) == ("云南省", "甘肃省")
    assert {2023, 2025} <= set(document_years(document))
    assert document_regions(Document("d", "", "标题", "")) == ()


@given(st.text(max_size=40), st.text(max_size=6), st.lists(st.integers(1990, 2040), max_size=3))
def test_a_question_without_scope_excludes_nothing(text: str, name: str, years: list[int]) -> None:
    fits = (
        region_fit((), (name,), text),
        year_fit((), text, years),
        person_fit((), name, text),
        organisation_fit((), name, text),
        document_fit(Scope(), name),
    )
    assert set(fits) == {SILENT}


@given(st.lists(st.integers(1990, 2040), max_size=3), st.lists(st.integers(1990, 2040), max_size=3))
def test_a_year_that_is_named_always_agrees(wanted: list[int], inherited: list[int]) -> None:
    for year in wanted:
        assert year_fit(wanted, f"到{year}年底完成", inherited) == AGREES
