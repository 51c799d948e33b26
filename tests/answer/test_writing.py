"""What a language model writes, cut into sentences with their marks, however the pieces come."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assistant.answer.writing import Sentence, Splitter


def cut(*pieces: str) -> list[Sentence]:
    """The sentences of a text that comes in these pieces."""
    splitter = Splitter()
    found = [sentence for piece in pieces for sentence in splitter.feed(piece)]
    return [*found, *splitter.finish()]


def said(*pieces: str) -> list[tuple[str, tuple[int, ...]]]:
    """The texts and marks of the sentences."""
    return [(sentence.text, sentence.marks) for sentence in cut(*pieces)]


@pytest.mark.parametrize(
    "text",
    [
        "共有公厕35座[2]。",
        "共有公厕35座。[2]",
        "共有公厕35座。 [2]",
        "共有公厕35座［2］。",
        "共有公厕35座【2】。",
        "共有公厕35座[资料2]。",
        "共有公厕35座（资料2）。",
        "共有公厕35座(来源2)。",
        "共有公厕35座[ 2 ]。",
        "共有公厕[2]35座。",
    ],
)
def test_a_mark_before_or_after_the_full_stop(text: str) -> None:
    [(sentence, marks)] = said(text)
    assert sentence.strip("。 ") == "共有公厕35座"
    assert marks == (2,)


@pytest.mark.parametrize(
    "marks", ["[1][3]", "[1, 3]", "[1，3]", "[1、3]", "[1] [3]", "【1】【3】", "[1][3][1]"]
)
def test_several_marks(marks: str) -> None:
    for text in (f"共有公厕35座{marks}。", f"共有公厕35座。{marks}"):
        [(sentence, numbers)] = said(text)
        assert sentence.replace(" ", "") == "共有公厕35座。"
        assert numbers == (1, 3)


def test_marks_belong_to_the_sentence_before_them() -> None:
    assert said("甲县35座。[1]乙县20座[2]。[3]丙县8座") == [
        ("甲县35座。", (1,)),
        ("乙县20座。", (2, 3)),
        ("丙县8座", ()),
    ]


@pytest.mark.parametrize(
    "text", ["比率（%）为3.5[1]。", "依据某发〔2025〕19号[1]。", "（2025年）实施[1]。", "5岁[1]。"]
)
def test_other_brackets_are_no_marks(text: str) -> None:
    assert said(text) == [(text.replace("[1]", ""), (1,))]


@pytest.mark.parametrize(
    "bullet", ["- ", "* ", "• ", "1. ", "1、", "（1）", "(1) ", "① ", "## ", "  - ", "1) "]
)
def test_bullets_go(bullet: str) -> None:
    assert said(f"{bullet}建公厕[1]。\n{bullet}修道路[2]。") == [("建公厕。", (1,)), ("修道路。", (2,))]


@pytest.mark.parametrize("text", ["3.5万人参加。", "35座公厕。", "2025年完成。", "1.5倍。", "12个县。"])
def test_a_number_that_begins_a_line_is_no_bullet(text: str) -> None:
    assert said(text) == [(text, ())]


def test_emphasis_goes() -> None:
    assert said("共有**公厕**`35`座__[1]__。") == [("共有公厕35座。", (1,))]


def test_a_lead_in_stays_with_its_first_item() -> None:
    assert said("包括以下三项[1]：\n\n- 建公厕[2]；\n- 修道路；\n- 植树[3]。") == [
        ("包括以下三项：建公厕；", (1, 2)),
        ("修道路；", ()),
        ("植树。", (3,)),
    ]


def test_lines_begin_lines() -> None:
    assert [s.begins_line for s in cut("甲。乙。\n丙。\n\n丁。")] == [False, False, True, True]


@pytest.mark.parametrize("text", ["", "\n\n", "。。。", "[1][2]", "**\n---\n", "……！"])
def test_nothing_said_is_no_sentence(text: str) -> None:
    assert said(text) == []


def test_a_sentence_comes_as_soon_as_it_is_over() -> None:
    splitter = Splitter()
    assert splitter.feed("甲县35座") == []
    assert splitter.feed("。") == []  # a mark may follow
    assert splitter.feed("[1") == []
    assert [s.marks for s in splitter.feed("]乙")] == [(1,)]
    assert splitter.feed("县8座。\n") == []  # it may still
    assert [s.text for s in splitter.feed("丙县3座。丁")] == ["乙县8座。", "丙县3座。"]
    assert [s.text for s in splitter.finish()] == ["丁"]


PARTS = st.lists(
    st.sampled_from(
        [
            *("甲县", "35座", "3.5%", "2025年", "，", "。", "！", "；", "：", "：\n", "\n", "\n\n", " ", "”", "）", "）。"),
            *("[1]", "[2][3]", "【4】", "［5］", "（资料6）", "[1,2]", "[", "]", "（", "**", "- ", "1. ", "## ", "`", "（一）"),
        ]
    ),
    max_size=14,
).map("".join)  # fmt: skip


@example(text="甲县35座。 [1]乙县8座。", cuts=[])
@example(text="甲县35座。\n[1]乙县8座。", cuts=[6, 7])
@given(text=PARTS, cuts=st.lists(st.integers(0, 60), max_size=8))
def test_pieces_cut_anywhere_give_the_same_sentences(text: str, cuts: list[int]) -> None:
    ends = sorted({min(at, len(text)) for at in cuts} | {0, len(text)})
    pieces = [text[a:b] for a, b in zip(ends, ends[1:], strict=False)]
    assert cut(*pieces) == cut(text)
    assert cut(*text) == cut(text)


@given(text=PARTS)
def test_no_word_is_lost(text: str) -> None:
    words = "".join(char for s in cut(text) for char in s.text if char in "甲县座年")
    assert words == "".join(char for char in text if char in "甲县座年")
