"""What a question asks for, part by part."""

from __future__ import annotations

import pytest

from assistant.answer.asking import asked_parts, members_asked, numbers_asked, sides_of, wants_points
from assistant.types import AnswerKind


def test_clauses_that_ask_are_parts() -> None:
    parts = asked_parts("食堂排查是哪个单位牵头，截止到哪天？")
    assert [part.text for part in parts] == ["食堂排查是哪个单位牵头", "截止到哪天"]
    assert parts[1].kind is AnswerKind.DATE


@pytest.mark.parametrize("question", ["最后那章分成哪几块", "概括一下投入机制", "会上主要抓了哪几件事"])
def test_the_points_of_a_matter(question: str) -> None:
    assert wants_points(question)


@pytest.mark.parametrize("question", ["补贴一年发几次", "谁当组长", "病床要到多少张"])
def test_one_thing_is_not_the_points_of_a_matter(question: str) -> None:
    assert not wants_points(question)


@pytest.mark.parametrize(
    ("question", "count"),
    [("部署的四件事落在哪", 4), ("三个老毛病是啥", 3), ("三个月内办好吗", 0), ("第三条说什么", 0)],
)
def test_how_many_members_a_question_counts(question: str, count: int) -> None:
    assert members_asked(question) == count


def test_how_many_numbers_a_question_wants() -> None:
    assert numbers_asked("总投资多少，县里掏多少", 0) == 2
    assert numbers_asked("城乡两头各是多少", 0) == 2
    assert numbers_asked("市里每年给多少钱", 0) == 1
    assert numbers_asked("谁负责", 0) == 0


def test_each_side_of_a_question() -> None:
    assert sides_of("望湖县的管网，原打算换多少公里，到十月换了多少", ()) == (
        "望湖县的管网，原打算换多少公里",
        "望湖县的管网，到十月换了多少",
    )
    assert sides_of("工厂和商铺的电价各是多少", ("工厂", "商铺", "电价")) == (
        "工厂的电价各是多少",
        "商铺的电价各是多少",
    )
    assert sides_of("谁负责养犬登记", ("养犬", "登记")) == ()
