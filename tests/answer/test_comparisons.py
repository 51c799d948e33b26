"""Comparisons of places, and which places speak of something."""

from __future__ import annotations

from assistant.chain import AnswerChain
from tests.answer.asking import ask, refused, told


def test_two_places_with_a_verdict(voices: AnswerChain) -> None:
    text = told(voices, "株洲和襄阳哪个公交线路多")
    assert "78条" in text
    assert "96条" in text
    assert "株洲低于襄阳" in text or "襄阳高于株洲" in text


def test_the_verdict_does_not_depend_on_the_order(voices: AnswerChain) -> None:
    text = told(voices, "襄阳和株洲比，谁的公交线路多")
    assert "株洲低于襄阳" in text or "襄阳高于株洲" in text


def test_a_side_is_quoted_whole(voices: AnswerChain) -> None:
    text = told(voices, "株洲和襄阳哪个公交线路多")
    assert "：市有" not in text
    assert ":市有" not in text


def test_prose_against_a_table(farm: AnswerChain) -> None:
    text = told(farm, "嘉善和绵阳2025年的农村自来水普及率哪个高")
    assert "99%" in text
    assert "88%" in text
    assert "嘉善高于绵阳" in text or "绵阳低于嘉善" in text


def test_each_side_has_its_own_source(farm: AnswerChain) -> None:
    answer = ask(farm, "嘉善和绵阳的农村自来水普及率分别是多少")
    assert {citation.span.doc for citation in answer.citations} == {"jiashan-farm", "mianyang-farm"}


def test_a_comparison_of_which_one_side_is_unknown_is_refused(voices: AnswerChain) -> None:
    refused(voices, "桂林和柳州哪个公交线路多")


def test_which_places_speak_of_something(voices: AnswerChain) -> None:
    text = told(voices, "哪些地方开通了预约公交")
    assert "柳州" in text
    assert "株洲" not in text
