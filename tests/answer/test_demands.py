"""How drafts meet what a question asks for, part by part; and a question asked side by side."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from assistant.answer.compose import Alternative
from assistant.answer.sided import drafted
from assistant.answer.weighing import weighed
from assistant.chain import AnswerChain
from assistant.models.learned import learned
from assistant.types import Question

Told = list[tuple[Alternative, Mapping[str, float]]]


def drafts(chain: AnswerChain, question: str) -> Told:
    """Every draft that may answer a question, with its features."""
    found = chain._search.invoke(Question(question))
    with chain._pinned():
        desk, alternatives, _ = drafted(chain._state().answerer.desk(found.query, found.hits))
        return [(one, told) for one, told in weighed(desk, alternatives, False) if told is not None]


def holding(found: Told, *words: str, without: str = "\n") -> Mapping[str, float]:
    """The features of the briefest draft that holds all the words and not another one."""
    held = [(one, told) for one, told in found if all(w in one.draft.text for w in words)]
    held = [(one, told) for one, told in held if without not in one.draft.text]
    assert held, [one.draft.text for one, _ in found]
    return min(held, key=lambda pair: len(pair[0].draft.text))[1]


def test_a_draft_with_one_of_two_numbers_falls_short(farm: AnswerChain) -> None:
    found = drafts(farm, "嘉善新增黄桃园多少亩，改造老果园多少亩")
    assert holding(found, "800", "1500")["numbers_short"] == 0.0
    assert any(told["numbers_short"] > 0.0 for _, told in found)


@pytest.mark.parametrize(
    "question", ["绵阳2025年农村卫生厕所普及率是多少", "嘉善怎么把桃树病虫害管住", "嘉善改造多少老果园"]
)
def test_what_no_reading_can_bring_to_the_front_is_not_read(farm: AnswerChain, question: str) -> None:
    found = farm._search.invoke(Question(question))
    model = learned("drafts", read=True)
    with farm._pinned():
        desk, alternatives, _ = drafted(farm._state().answerer.desk(found.query, found.hits))
        whole = [told for _, told in weighed(desk, alternatives, False) if told is not None]
        short = [told for _, told in weighed(desk, alternatives, False, model) if told is not None]
    scores = [model.score(told) for told in whole]
    read = ["alone_relevance" in told for told in short]
    assert read[scores.index(max(scores))]
    assert [model.score(told) for told in short].index(max(map(model.score, short))) == scores.index(
        max(scores)
    )


def test_another_year_s_cell_is_told_apart(farm: AnswerChain) -> None:
    found = drafts(farm, "绵阳2025年休闲农业接待人次目标是多少")
    assert holding(found, "1600", without="1700")["cells_year"] == 1.0


def test_a_row_of_another_matter_is_not_the_one_named(farm: AnswerChain) -> None:
    found = drafts(farm, "绵阳2025年农村卫生厕所普及率是多少")
    assert holding(found, "92", "厕所")["row_named"] == 1.0
    others = [
        told["row_named"] for one, told in found if "厕所" not in one.draft.text and "row_named" in told
    ]
    assert all(value < 1.0 for value in others)


def test_points_are_known_where_points_are_wanted(farm: AnswerChain) -> None:
    found = drafts(farm, "绵阳规划的保障措施概括起来有哪几条")
    assert holding(found, "加强组织领导", "强化督导考核")["points_listed"] == 1.0
    assert any(told.get("points_prose") for _, told in found)


@pytest.mark.parametrize(
    ("question", "sides"),
    [
        ("科技特派员每月驻村几天，补贴谁出钱", ("8天", "县财政")),
        ("甲鱼节哪天办，由哪个单位牵头", ("9月20日", "县农业农村局")),
    ],
)
def test_two_sides_of_a_question_stand_in_one_draft(
    farm: AnswerChain, question: str, sides: tuple[str, str]
) -> None:
    assert any(all(side in one.draft.text for side in sides) for one, _ in drafts(farm, question))


def test_sides_are_joined_in_several_ways_each_once(farm: AnswerChain) -> None:
    sided = [
        one.draft.text for one, _ in drafts(farm, "科技特派员每月驻村几天，补贴谁出钱") if one.by == "sided"
    ]
    assert len(sided) > 1
    assert len(set(sided)) == len(sided)


def test_what_only_announces_a_list_is_no_draft(rules: AnswerChain) -> None:
    found = drafts(rules, "设立民办博物馆应当具备什么条件")
    assert found
    assert not any(len(one.draft.parts) == 1 and one.draft.text.endswith("：") for one, _ in found)
