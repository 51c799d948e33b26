"""Drafts of another form than the question demands."""

from __future__ import annotations

import pytest

from assistant.answer.fitting import nobody_named, ordinal_unsaid, parts_missing, sort_missing


@pytest.mark.parametrize(
    ("question", "text", "missing"),
    [
        ("“四个免费”是哪四个", "落实“四个免费”要求", True),
        ("“四个免费”是哪四个", "门票免费、停车免费、讲解免费、寄存免费", False),
        ("三定一查具体定哪三样", "定人、定岗、定责，查落实", False),
        ("哪两年做过普查", "2010年和2020年", False),
        ("试点从哪两年开始算", "2023年至2024年", False),
        ("博物馆有哪些藏品", "瓷器", False),  # no number of parts is asked for
        ("五样分别是啥", "一、二、三", True),
    ],
)
def test_fewer_parts_than_asked_for(question: str, text: str, missing: bool) -> None:
    assert parts_missing(question, text) is missing


@pytest.mark.parametrize(
    ("question", "said", "unsaid"),
    [
        ("第7期办公会是哪天开的", "办公会议纪要（第6期）", True),
        ("第七期办公会是哪天开的", "办公会议纪要（第7期）", False),
        ("第52次常务会议议了什么", "县政府第52次常务会议", False),
        ("第二次违规罚多少", "再次违规的，处200元罚款", False),  # no name of a thing
    ],
)
def test_another_number_of_a_series(question: str, said: str, unsaid: bool) -> None:
    assert ordinal_unsaid(question, said) is unsaid


def test_whose_words_it_is_takes_a_name() -> None:
    assert nobody_named("谁提到要多修路", "要多修路", ())
    assert not nobody_named("谁提到要多修路", "陈明：要多修路", ("陈明",))
    assert not nobody_named("谁提到要多修路", "太原市：要多修路", ())
    assert not nobody_named("谁负责修路", "县交通局", ())


def test_the_sort_of_thing_asked_for() -> None:
    assert sort_missing("是哪家公司承建的", "由承建单位负责")
    assert not sort_missing("是哪家公司承建的", "由城建集团承建")
    assert sort_missing("她今年多大岁数", "2024年代办317件")
    assert not sort_missing("哪家公司中标", "中标单位为中铁三局")
    assert not sort_missing("什么企业可以申请", "小微主体均可申请")
    assert not sort_missing("谁来承建", "由承建单位负责")
