"""Parts of a draft become citations, or are dropped."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer.citing import cite, proven
from assistant.answer.drafts import Draft, Part
from assistant.answer.extractive import snapshots
from assistant.chain import AnswerChain
from assistant.search.passages import Passages, Unit
from assistant.types import Answer, BlockKind, Status

NOBODY: frozenset[str] = frozenset()


@pytest.fixture(scope="module")
def passages(voices: AnswerChain) -> Passages:
    return Passages(voices.library)


def unit_with(passages: Passages, words: str) -> Unit:
    units = [u for d in passages.documents() for u in passages.pages(d.id).units if words in u.text]
    return next(unit for unit in units if unit.block.kind is not BlockKind.HEADING)


def test_a_verbatim_part_is_proven_and_an_altered_one_is_not(passages: Passages) -> None:
    unit = unit_with(passages, "公交线路96条")
    spans = (unit.span(),)
    assert proven(Part(unit.text, spans), passages, NOBODY)
    for wrong in ("97条", "960条", "百分之九十六", "9月6日"):
        assert not proven(Part(unit.text.replace("96条", wrong), spans), passages, NOBODY)


def test_the_same_number_in_other_words_is_proven(passages: Passages) -> None:
    unit = unit_with(passages, "六十五岁")
    assert proven(Part("65岁以上老人免费", (unit.span(),)), passages, NOBODY)
    assert not proven(Part("60岁以上老人免费", (unit.span(),)), passages, NOBODY)


def test_a_number_needs_its_own_span(passages: Passages) -> None:
    first, second = unit_with(passages, "公交线路96条"), unit_with(passages, "公交线路105条")
    part = Part("96条和105条", (first.span(),))
    assert not proven(part, passages, NOBODY)
    assert proven(Part(part.text, (first.span(), second.span())), passages, NOBODY)
    assert not proven(Part("96条"), passages, NOBODY)


def test_a_known_persons_name_needs_its_span(passages: Passages) -> None:
    unit = unit_with(passages, "预约公交")
    part = Part("韦春燕说开通了预约公交", (unit.span(),))
    assert not proven(part, passages, frozenset({"韦春燕"}))
    assert proven(part, passages, frozenset({"杜文涛"}))


def test_parts_that_nothing_proves_are_dropped(passages: Passages) -> None:
    unit = unit_with(passages, "公交线路96条")
    good, bad = Part(unit.text, (unit.span(),)), Part("全市有线路960条", (unit.span(),))
    text, citations = cite(Draft((bad, good)), passages, NOBODY)
    assert "960" not in text
    assert len(citations) == 1
    assert cite(Draft((bad,)), passages, NOBODY) == ("", ())
    assert cite(Draft((Part("没有出处的话"),)), passages, NOBODY) == ("", ())
    assert cite(Draft(()), passages, NOBODY) == ("", ())


def test_marks_are_numbered_by_first_use_and_shared(passages: Passages) -> None:
    first, second = unit_with(passages, "公交线路96条"), unit_with(passages, "公交线路105条")
    parts = (
        Part("甲", (second.span(),)),
        Part("乙", (first.span(), second.span())),
        Part("丙", (second.span(),)),
    )
    text, citations = cite(Draft(parts), passages, NOBODY)
    assert re.findall(r"\[(\d)\]", text) == ["1", "2", "1", "1"]
    assert [c.span for c in citations] == [second.span(), first.span()]


def test_a_label_is_the_formal_reference(farm: AnswerChain, voices: AnswerChain) -> None:
    label = farm.invoke("绵阳2025年农村卫生厕所普及率要到多少").citations[0].label
    assert label.startswith("《绵阳市农业农村发展规划")
    assert "征求意见稿" in label
    assert "附表1" in label
    label = farm.invoke("嘉善特派员每月驻村多少天").citations[-1].label
    assert "《嘉善县2025年农业农村工作计划》" in label
    assert "强化人才支撑" in label
    assert "韦春燕" in voices.invoke("柳州有多少条公交线路").citations[0].label


@given(st.data())
def test_any_stretch_is_quoted_as_it_stands(passages: Passages, data: st.DataObject) -> None:
    document = data.draw(st.sampled_from(passages.documents()))
    units = [u for u in passages.pages(document.id).units if u.block.kind is not BlockKind.ROW]
    unit = data.draw(st.sampled_from(units))
    start = data.draw(st.integers(0, len(unit.text) - 1))
    end = data.draw(st.integers(start + 1, len(unit.text)))
    text, citations = cite(Draft((Part("如下", (unit.span(start, end),)),)), passages, NOBODY)
    assert text == "如下[1]。"
    own = citations[0].span
    assert citations[0].quote == document.text[own.start : own.end]
    assert "".join(citations[0].quote.split())


@given(st.text("一段话[1]。；\n", max_size=60))
def test_snapshots_grow_to_the_whole(text: str) -> None:
    answer = Answer(Status.ANSWERED, text)
    shown = [snapshot.text for snapshot in snapshots(answer)]
    assert shown[-1] == text
    assert all(later.startswith(one) for one, later in zip(shown, shown[1:], strict=False))
