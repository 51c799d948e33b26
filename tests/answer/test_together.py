"""Answers of several pieces: drafts that hold two sentences, a whole row, a whole list."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.answer.compose import Desk, compose
from assistant.answer.drafts import LONGEST, Draft
from assistant.chain import AnswerChain
from assistant.types import Question


def _drafts(chain: AnswerChain, question: str, by: str) -> list[Draft]:
    found = chain._search.invoke(Question(question))
    with chain._pinned():
        desk: Desk = chain._state().answerer.desk(found.query, found.hits)
        alternatives, _ = compose(desk)
    return [one.draft for one in alternatives if one.by == by]


def test_a_list_comes_whole_with_any_of_its_items(rules: AnswerChain) -> None:
    drafts = _drafts(rules, "民办博物馆的馆舍面积、藏品、资金和人员各有什么要求", "series")
    assert any(all(word in d.text for word in ("馆址", "300件", "资金", "专业人员")) for d in drafts)


def test_a_row_comes_with_all_its_columns(farm: AnswerChain) -> None:
    drafts = _drafts(farm, "高标准农田面积的各年数字", "row")
    assert drafts
    assert all(len(d.parts) == 1 and d.text.count("：") > 1 for d in drafts)


def test_two_sentences_stand_in_the_order_of_the_text(rules: AnswerChain) -> None:
    for draft in _drafts(rules, "博物馆对谁免费，设立要什么条件", "both"):
        first, second = (part.spans[0] for part in draft.parts)
        assert first.doc != second.doc or first.start < second.start


def _all(chain: AnswerChain) -> Iterator[Draft]:
    for question in ("设立民办博物馆要具备哪些条件", "申请要交哪些材料，多久答复", "博物馆对谁免费"):
        for by in ("both", "asked", "onward", "row", "series"):
            yield from _drafts(chain, question, by)


def test_no_draft_is_longer_than_one_glance(rules: AnswerChain) -> None:
    drafts = list(_all(rules))
    assert drafts
    assert all(len(d.text) <= LONGEST for d in drafts)


def test_every_piece_is_a_stretch_of_the_original(rules: AnswerChain) -> None:
    for draft in _all(rules):
        assert all(part.spans for part in draft.parts)
