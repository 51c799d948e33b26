"""How much of a question a text says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.search.matching import PARTIAL, SYNONYM, Matcher, matcher_for
from assistant.types import AnswerKind, Query, Term

WORDS = st.text("高标准农田公交线路补贴驻村学校食堂博物馆藏品", min_size=1, max_size=5)
TERMS = st.lists(
    st.builds(Term, WORDS, st.lists(WORDS, max_size=3).map(tuple), st.floats(0.1, 2.0)), max_size=5
)
TEXTS = st.lists(WORDS, max_size=8).map("，".join)


def rare(_: str) -> float:
    return 0.5


def test_a_term_its_synonym_and_its_parts_count_differently() -> None:
    matcher = Matcher([Term("高标准农田", ("良田",))], rare)
    assert matcher.coverage("建设高标准农田") == 1.0
    assert matcher.coverage("建设良田") == SYNONYM
    assert 0 < matcher.coverage("标准农田") <= PARTIAL
    assert matcher.coverage("修建公路") == 0.0


def test_white_space_and_width_do_not_matter() -> None:
    matcher = Matcher([Term("DRG付费")], rare)
    assert matcher.coverage("推行ＤＲＧ付费") == 1.0
    assert matcher.coverage("推行drg付费") == 1.0


def test_rare_terms_weigh_more() -> None:
    matcher = Matcher([Term("甲鱼节"), Term("工作")], lambda word: 0.9 if word == "甲鱼节" else 0.1)
    assert matcher.coverage("甲鱼节") == pytest.approx(0.9)
    assert matcher.coverage("工作") == pytest.approx(0.1)


def test_terms_that_a_text_lacks() -> None:
    matcher = Matcher([Term("甲鱼节"), Term("票价")], lambda word: 1.0 if word == "票价" else 0.5)
    missing = matcher.missing("甲鱼节定于9月20日举办")
    assert [wanted.text for wanted in missing] == ["票价"]
    assert not missing[0].known
    assert matcher.missing("甲鱼节", "票价") == []


def test_the_words_of_the_place_count_by_their_share() -> None:
    matcher = Matcher([Term("甲鱼节")], rare)
    assert matcher.coverage("定于9月20日", "甲鱼节", 0.8) == pytest.approx(0.8)
    assert matcher.coverage("甲鱼节", "甲鱼节", 0.8) == 1.0


def test_a_query_without_terms_is_covered_by_nothing() -> None:
    matcher = matcher_for(Query("？", "？", AnswerKind.FACT), rare)
    assert matcher.coverage("什么都有") == 0.0
    assert matcher.missing("什么都有") == []


@given(TERMS, TEXTS, TEXTS)
def test_coverage_is_a_share(terms: list[Term], text: str, beside: str) -> None:
    matcher = Matcher(terms, rare)
    assert 0.0 <= matcher.coverage(text, beside) <= 1.0 + 1e-9
    assert all(0.0 <= strength <= 1.0 for strength in matcher.strengths(text, beside))
    assert len(matcher.strengths(text)) == len(matcher.wanted)


@given(TERMS, TEXTS, TEXTS)
def test_more_text_never_says_less(terms: list[Term], text: str, more: str) -> None:
    matcher = Matcher(terms, rare)
    assert matcher.coverage(text + "。" + more) >= matcher.coverage(text) - 1e-9
    assert matcher.coverage(text, more) >= matcher.coverage(text) - 1e-9
    before = {wanted.text for wanted in matcher.missing(text)}
    assert {wanted.text for wanted in matcher.missing(text + "。" + more)} <= before


@given(TERMS)
def test_a_text_of_all_terms_says_everything(terms: list[Term]) -> None:
    matcher = Matcher(terms, rare)
    everything = "，".join(term.text for term in terms)
    assert matcher.missing(everything) == []
    assert matcher.coverage(everything) == pytest.approx(1.0 if terms else 0.0)
