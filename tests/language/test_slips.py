"""Slips of the fingers in questions."""

from __future__ import annotations

import pytest

from assistant.language.slips import mended

LIBRARY = (
    "李明文说方山县卫生健康局推进家庭医生签约服务，村卫生室标准化建设，老年人健康管理率达到百分之七十二。"
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("家庭生医签约率是多少", "家庭医生签约率是多少"),  # exchanged
        ("山方县村卫生室有几个", "山方县村卫生室有几个"),  # a name: there may be such a county
        ("李文明说了什么", "李文明说了什么"),
        ("村卫卫生室有几个", "村卫生室有几个"),  # typed twice
        ("家庭医生签约率是多少", "家庭医生签约率是多少"),
        ("各要提多少个点", "各要提多少个点"),  # rare, but what was meant
        ("2025年一平米收几块", "2025年一平米收几块"),
        ("爸爸妈妈能签约吗", "爸爸妈妈能签约吗"),
        ("", ""),
        ("村" * 200, "村" * 200),
    ],
)
def test_slips(typed: str, meant: str) -> None:
    assert mended(typed, LIBRARY.__contains__) == meant
