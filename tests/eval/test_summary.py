"""Figures that were worked out by hand, and what holds of all figures."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.metrics import NO_LINE, NOT_REFUSED, REFUSED, SOME_FACTS
from eval.statistics import Interval
from eval.summary import (
    NO_DOCUMENT,
    SEVERAL,
    Result,
    Slice,
    Summary,
    cluster_of,
    document_of,
    slice_of,
    summarise,
)
from eval.types import CATEGORIES, Quote
from tests.eval.running import item_of, result_of

PLAN, PLAN_2, NOTICE = Quote("plan", "管网"), Quote("plan", "水价"), Quote("notice", "施行")
DEEP = {1: 0, 3: 1, 5: 1, 10: 2}
NOTHING = {1: 0, 3: 0, 5: 0, 10: 0}
UNABLE = {"answerable": False, "citations": 0}


def silent(result: Result) -> Result:
    """The same result of a question that got no line."""
    return Result(result.item, None, result.score)


SMALL = [
    result_of(
        item_of("a", evidence=(PLAN,)),
        citations=2, faithful=True, length=10, seconds=0.1, confidence=0.9, citations_valid=2,
    ),
    result_of(
        item_of("b", evidence=(PLAN, PLAN_2), category="table"), False,
        status="answered", reason=SOME_FACTS, facts=0.5, recalled=DEEP, reciprocal_rank=0.5, ndcg=0.6, citations=1,
        citations_good=0, citations_valid=0, evidence_cited=0, faithful=False, length=20, seconds=0.2, confidence=0.8,
    ),
    result_of(
        item_of("c", evidence=(NOTICE,)), False,
        reason=REFUSED, recalled=NOTHING, reciprocal_rank=0.0, ndcg=0.0, length=5, seconds=0.3,
    ),
    silent(result_of(
        item_of("d", evidence=(PLAN, NOTICE)), False,
        status="error", reason=NO_LINE, recalled=NOTHING, reciprocal_rank=0.0, ndcg=0.0, citations=0,
        citations_good=0, citations_valid=0, evidence_cited=0, length=0, seconds=None,
    )),
    result_of(item_of("e", answerable=False), status="declined", length=5, seconds=0.4, confidence=0.1),
    result_of(
        item_of("f", answerable=False, about=("notice",)), False,
        reason=NOT_REFUSED, citations=1, citations_valid=1, faithful=True, length=20, seconds=0.5, confidence=0.7,
    ),
    result_of(item_of("g", answerable=False), length=5, seconds=0.6),
    result_of(
        item_of("h", evidence=(PLAN,)), False,
        status="declined", reason=REFUSED, citations=0, citations_good=0, citations_valid=0, evidence_cited=0,
        length=5, seconds=0.7,
    ),
]  # fmt: skip


def value(interval: Interval | None) -> float:
    assert interval is not None
    return interval.value


def test_the_figures_of_a_small_set() -> None:
    whole = summarise(SMALL).whole
    assert (whole.questions, whole.answerable, whole.errors) == (8, 5, 1)
    shares = (whole.correct, whole.answered, whole.refused)
    assert [value(share) for share in shares] == [3 / 8, 1 / 5, 2 / 3]
    assert value(whole.facts) == pytest.approx(1.5 / 5)
    assert {k: value(found) for k, found in whole.recall.items()} == pytest.approx(
        {1: 2 / 7, 3: 3 / 7, 5: 3 / 7, 10: 4 / 7}
    )
    assert (value(whole.mrr), value(whole.ndcg)) == pytest.approx((2.5 / 5, 2.6 / 5))
    assert value(whole.citation_precision) == pytest.approx(2 / 4)
    assert value(whole.citation_recall) == pytest.approx(2 / 7)
    assert value(whole.citation_validity) == pytest.approx(4 / 5)
    assert value(whole.fidelity) == pytest.approx(2 / 3)
    assert whole.length == pytest.approx(70 / 8)
    assert (whole.p50, whole.p95) == pytest.approx((0.4, 0.67))
    assert list(whole.reasons.items()) == [(NO_LINE, 1), (NOT_REFUSED, 1), (REFUSED, 2), (SOME_FACTS, 1)]


def test_refusal_is_measured_with_not_answerable_as_the_positive_class() -> None:
    refusal = summarise(
        SMALL
    ).whole.refusal  # c, e, g and h refused, e and g rightly, f was to be refused too
    assert (refusal.precision, refusal.recall) == pytest.approx((2 / 4, 2 / 3))
    assert refusal.f1 == pytest.approx(4 / 7)


def test_risk_is_told_of_the_answers_given_and_coverage_of_all_questions() -> None:
    summary = summarise(SMALL)
    assert summary.coverage == pytest.approx((1 / 8, 2 / 8, 3 / 8))
    assert summary.risk == pytest.approx((0, 1 / 2, 2 / 3))


def test_a_system_without_confidence_has_no_curve() -> None:
    summary = summarise([result_of(item_of("1")), result_of(item_of("2"), False)])
    assert (summary.coverage, summary.risk) == ((), ())


def test_slices_are_by_category_and_by_document() -> None:
    summary = summarise(SMALL)
    assert {name: part.questions for name, part in summary.categories.items()} == {
        "fact": 4, "table": 1, "unanswerable": 3,
    }  # fmt: skip
    assert {name: part.questions for name, part in summary.documents.items()} == {
        "plan": 3, "notice": 2, SEVERAL: 1, NO_DOCUMENT: 2,
    }  # fmt: skip
    assert summary.categories["table"] == slice_of(SMALL[1:2])
    assert summary.documents["notice"] == slice_of([SMALL[2], SMALL[5]])


def test_questions_on_the_same_documents_are_drawn_together() -> None:
    assert [cluster_of(result.item) for result in SMALL] == [
        "plan", "plan", "notice", "notice+plan", "e", "notice", "g", "plan",
    ]  # fmt: skip
    swapped = item_of("x", evidence=(NOTICE, PLAN, NOTICE))
    assert cluster_of(swapped) == "notice+plan"
    assert document_of(result_of(swapped)) == SEVERAL


def test_where_nothing_can_be_measured_there_is_no_figure() -> None:
    whole = slice_of([result_of(item_of("1", answerable=False), seconds=None)])
    assert (whole.facts, whole.mrr, whole.ndcg, whole.p50, whole.p95) == (None,) * 5
    assert (whole.citation_precision, whole.citation_recall, whole.citation_validity) == (None,) * 3
    assert (set(whole.recall.values()), whole.fidelity) == ({None}, None)
    assert whole.answered == Interval(0.0, 0.0, 1.0)


def test_nothing_at_all_has_figures_too() -> None:
    summary = summarise([])
    assert summary.whole.questions == 0
    assert summary.whole.correct == Interval(0.0, 0.0, 1.0)
    assert (summary.whole.length, summary.whole.p50) == (0.0, None)
    assert (summary.categories, summary.documents, summary.coverage) == ({}, {}, ())


def test_answers_without_citations_have_recall_but_no_precision() -> None:
    whole = slice_of(
        [result_of(item_of("1"), citations=0, citations_good=0, citations_valid=0, evidence_cited=0)]
    )
    assert (whole.citation_precision, whole.citation_validity) == (None, None)
    assert value(whole.citation_recall) == 0.0


@st.composite
def results(draw: st.DrawFn, id: int) -> Result:
    able = draw(st.booleans())
    evidence = tuple(draw(st.lists(st.sampled_from((PLAN, PLAN_2, NOTICE)), max_size=3))) if able else ()
    item = item_of(str(id), answerable=able, category=draw(st.sampled_from(CATEGORIES)), evidence=evidence)
    cited = draw(st.integers(0, 3))
    return result_of(
        item,
        draw(st.booleans()),
        citations=cited,
        citations_good=draw(st.integers(0, cited)),
        citations_valid=draw(st.integers(0, cited)),
        evidence_cited=draw(st.integers(0, len(evidence))),
        faithful=draw(st.sampled_from((None, True, False))),
        seconds=draw(st.none() | st.floats(0, 10)),
        confidence=draw(st.none() | st.floats(0, 1)),
    )


sets = st.integers(1, 12).flatmap(lambda size: st.tuples(*map(results, range(size)))).map(list)


def total(parts: dict[str, Slice], share: str) -> float:
    return sum(float(getattr(part, share).value) * part.questions for part in parts.values())


@settings(max_examples=25)
@given(asked=sets)
def test_slices_add_up(asked: list[Result]) -> None:
    summary: Summary = summarise(asked)
    for parts in (dict(summary.categories), dict(summary.documents)):
        assert sum(part.questions for part in parts.values()) == len(asked)
        assert sum(part.answerable for part in parts.values()) == summary.whole.answerable
        assert sum(part.errors for part in parts.values()) == summary.whole.errors
        assert total(parts, "correct") == pytest.approx(summary.whole.correct.value * len(asked))
        reasons = [n for part in parts.values() for n in part.reasons.values()]
        assert sum(reasons) == sum(summary.whole.reasons.values()) == sum(not r.score.correct for r in asked)


@settings(max_examples=25)
@given(asked=sets)
def test_every_interval_holds_its_value(asked: list[Result]) -> None:
    whole = summarise(asked).whole
    found = [*whole.recall.values(), whole.facts, whole.mrr, whole.ndcg, whole.fidelity]
    found += [whole.citation_precision, whole.citation_recall, whole.citation_validity]
    found += [whole.correct, whole.answered, whole.refused]
    for interval in filter(None, found):
        assert 0 <= interval.low <= interval.value + 1e-9
        assert interval.value <= interval.high + 1e-9 <= 1 + 2e-9
        assert math.isfinite(interval.value)
