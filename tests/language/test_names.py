"""Names of persons in running text."""

from __future__ import annotations

import pytest

from assistant.language.names import names_in

NAMED = [
    ("书记赵国栋多次调研", [("赵国栋", "书记")]),
    ("市卫生健康委党组书记、主任周岩作报告", [("周岩", "主任")]),
    ("林晓燕局长怎么看", [("林晓燕", "局长")]),
    ("欧阳明主任", [("欧阳明", "主任")]),
    ("那位唐书记说要做什么", [("唐", "书记")]),
    ("李四明说了什么", [("李四明", "")]),
    ("陈志远是人民医院的书记？", [("陈志远", "")]),
    ("阿卜杜拉·买买提说了什么", [("阿卜杜拉·买买提", "")]),
]
NOT_NAMED = [
    "党委书记、主任怎么做",
    "县委书记要求",
    "局长安排的工作",
    "方案说了什么",
    "院长负责制",
    "任务是什么",
    "书记和主任是谁",
]


@pytest.mark.parametrize(("text", "expected"), NAMED)
def test_names_beside_posts_and_verbs(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(name.text, name.post) for name in names_in(text)] == expected
    assert all(text[name.start : name.end] == name.text for name in names_in(text))


@pytest.mark.parametrize("text", NOT_NAMED)
def test_other_words_are_no_names(text: str) -> None:
    assert names_in(text) == ()
