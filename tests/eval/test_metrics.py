"""The scoring rule, case by case: each test is one sentence of the rule, with values worked out by hand."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assistant.types import Question, Span
from eval.documents import Corpus, normalise
from eval.metrics import (
    FAILED,
    FORBIDDEN,
    NO_FACT,
    NO_LINE,
    NOT_REFUSED,
    REASONS,
    REFUSED,
    SOME_FACTS,
    TOO_LONG,
    facts_found,
    faithful,
    forbidden_found,
    held,
    ndcg,
    overlaps,
    plain_answer,
    recall_curve,
    reciprocal_rank,
    room,
    score,
    valid,
    why_wrong,
)
from eval.types import DEPTHS, Item, Quote, Score
from tests.eval.conftest import WriteDocuments

GRID = "".join(map(chr, range(0x4E00, 0x4E00 + 400)))  # 400 different characters: an offset is a quote
PLAN = "到2025年，全市人均预期寿命达到78.1岁。\n孕产妇系统管理率保持在90%以上。\n每千人口执业医师3.6人。\n"
TWICE = "总体要求：坚持预防为主。\n保障措施：加强领导。\n附则：坚持预防为主。\n"
SPACED = "甲 乙\t丙\n丁　戊\n\n\n己庚辛壬癸"  # ten characters among white space
TEXTS = {"grid": GRID, "plan": PLAN, "twice": TWICE, "spaced": SPACED}

Record = dict[str, Any]


@pytest.fixture
def corpus(write_documents: WriteDocuments) -> Corpus:
    return Corpus(write_documents(TEXTS))


def item(answerable: bool = True, **key: Any) -> Item:
    """A question with a key; an answerable one asks for 78.1 unless told otherwise."""
    facts: Record = {"key_facts": (("78.1",),), "reference": "78.1岁"} if answerable else {}
    return Item("1", Question("问"), "fact", answerable, **{**facts, **key})


def told(answer: str = "78.1岁", status: str = "answered", **more: Any) -> Record:
    """An answer line."""
    return {"id": "1", "question": "问", "status": status, "answer": answer, **more}


def at(doc: str, start: int, end: int) -> Record:
    """A retrieved passage."""
    return {"doc": doc, "start": start, "end": end, "score": 1.0}


def cited(doc: str, start: int, end: int) -> Record:
    """A citation whose quote is the original."""
    return {"doc": doc, "start": start, "end": end, "quote": TEXTS[doc][start:end], "label": ""}


def words(doc: str, quote: str) -> Record:
    """A citation of the words where they first stand."""
    start = TEXTS[doc].index(quote)
    return cited(doc, start, start + len(quote))


def quotes(*stretches: tuple[int, int]) -> tuple[Quote, ...]:
    """Evidence: stretches of the grid."""
    return tuple(Quote("grid", GRID[start:end]) for start, end in stretches)


def scored(corpus: Corpus, asked: Item, line: Record | None) -> Score:
    return score(line, asked, corpus.evidence(asked.evidence), corpus)


def grid(start: int, end: int) -> Span:
    return Span("grid", start, end)


# --- how texts are compared ---


@pytest.mark.parametrize(
    ("said", "wording"),
    [
        ("７８．１岁", "78.1岁"),
        ("78.1岁", "７８．１岁"),
        ("（含）", "(含)"),
        ("90％", "90%"),
        ("ＩＣＵ", "ICU"),
        ("37℃", "37°C"),
        ("第①项", "第1项"),
        ("100㎡", "100m2"),
    ],
)
def test_compatible_characters_are_equal(said: str, wording: str) -> None:
    assert facts_found(said, [[wording]]) == [True]


@pytest.mark.parametrize(("said", "wording"), [("icu", "ICU"), ("Icu", "iCU"), ("ＩＣＵ", "icu")])
def test_case_is_ignored(said: str, wording: str) -> None:
    assert facts_found(said, [[wording]]) == [True]


@pytest.mark.parametrize("space", [" ", "\t", "\n", "\r\n", "\u3000", "\u00a0", "\u2003", " \n\t "])
def test_white_space_of_every_kind_is_ignored_in_the_answer(space: str) -> None:
    assert facts_found(f"人均{space}预期{space}寿命", [["人均预期寿命"]]) == [True]


def test_white_space_is_ignored_in_a_wording() -> None:
    assert facts_found("人均预期寿命", [[" 人均 预期\n寿命 "]]) == [True]


def test_marks_are_removed_before_comparing() -> None:
    assert facts_found("人均[1]预期[23]寿命[4][5]", [["人均预期寿命"]]) == [True]


def test_a_mark_inside_a_number_does_not_part_it() -> None:
    assert facts_found("达到78[1].1岁", [["78.1岁"]]) == [True]


def test_the_number_of_a_mark_is_no_fact() -> None:
    assert facts_found("达到预期[3]", [["3"]]) == [False]


@pytest.mark.parametrize("brackets", ["[注]", "[1a]", "[]", "(1)", "【1】", "[-1]", "［1］", "[ 1 ]"])
def test_other_brackets_are_no_marks(brackets: str) -> None:
    assert facts_found(f"人均{brackets}预期", [["人均预期"]]) == [False]
    assert facts_found(f"人均{brackets}预期", [[f"人均{brackets}预期"]]) == [True]


def test_punctuation_counts() -> None:
    assert facts_found("人均，预期", [["人均预期"]]) == [False]


def test_a_plain_answer_has_no_marks_no_white_space_no_capitals_no_full_width() -> None:
    assert plain_answer(" 达到 ７８.１[1] Ｋm，\n好[12]") == "达到78.1km,好"


@given(st.text("人均预期寿命 \n\t　１２12ＡaA，,。.[]%％", max_size=30))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


# --- facts and forbidden strings ---


def test_any_wording_of_a_fact_is_enough() -> None:
    fact = [["二〇二五年", "2025年", "25年底"]]
    assert facts_found("到2025年", fact) == facts_found("25年底前", fact) == [True]
    assert facts_found("到2026年", fact) == [False]


def test_every_fact_is_told_for_itself() -> None:
    assert facts_found("甲和丙", [["甲"], ["乙"], ["丙", "丁"]]) == [True, False, True]


def test_a_wording_must_stand_in_one_piece() -> None:
    assert facts_found("预期的寿命", [["预期寿命"]]) == [False]


def test_an_empty_answer_has_no_fact() -> None:
    assert facts_found("", [["甲"]]) == [False]


def test_forbidden_strings_are_compared_like_facts() -> None:
    assert forbidden_found("约９０[1] ％", ["90%", "91%"]) == ["90%"]


@pytest.mark.parametrize("nothing", ["", " ", "\n　"])
def test_an_empty_forbidden_string_forbids_nothing(nothing: str) -> None:
    assert forbidden_found("78.1岁", [nothing]) == []


# --- right or wrong ---


def test_an_answer_with_every_fact_is_correct() -> None:
    assert why_wrong(told("目标78.1岁[1]"), item()) == ""


def test_a_missing_line_is_wrong() -> None:
    assert why_wrong(None, item()) == NO_LINE
    assert why_wrong(None, item(answerable=False)) == NO_LINE


def test_an_error_is_wrong_whatever_it_says() -> None:
    assert why_wrong(told(status="error"), item()) == FAILED
    assert why_wrong(told(status="error"), item(answerable=False)) == FAILED


@pytest.mark.parametrize("status", ["", "ANSWERED", "refused", None, 1, []])
def test_a_status_that_nobody_knows_is_an_error(status: Any) -> None:
    assert why_wrong(told(status=status), item()) == FAILED
    assert why_wrong(told(status=status), item(answerable=False)) == FAILED


def test_a_line_without_status_is_an_error() -> None:
    assert why_wrong({"id": "1", "answer": "78.1岁"}, item()) == FAILED


@pytest.mark.parametrize("status", ["not_found", "declined"])
def test_both_refusals_are_right_for_what_the_documents_do_not_say(status: str) -> None:
    assert why_wrong(told("资料中没有。", status), item(answerable=False)) == ""


@pytest.mark.parametrize("status", ["not_found", "declined"])
def test_both_refusals_are_wrong_for_what_the_documents_say(status: str) -> None:
    assert why_wrong(told("资料中没有；相近的是78.1岁。", status), item()) == REFUSED


def test_answering_what_the_documents_do_not_say_is_wrong() -> None:
    assert why_wrong(told("资料中没有。"), item(answerable=False)) == NOT_REFUSED


def test_a_refusal_may_be_long_and_may_hold_forbidden_strings() -> None:
    asked = item(answerable=False, forbidden=("90%",))
    assert why_wrong(told("90%" * 200, "not_found"), asked) == ""


def test_a_forbidden_string_makes_a_full_answer_wrong() -> None:
    assert why_wrong(told("78.1岁，不是77.3岁"), item(forbidden=("77.3",))) == FORBIDDEN


def test_one_of_several_forbidden_strings_is_enough() -> None:
    assert why_wrong(told("78.1岁，乙"), item(forbidden=("甲", "乙"))) == FORBIDDEN


def test_a_forbidden_string_across_a_mark_is_found() -> None:
    assert why_wrong(told("78.1岁，77[1].3"), item(forbidden=("77.3",))) == FORBIDDEN


def test_forbidden_is_told_before_missing_facts_and_length() -> None:
    assert why_wrong(told("错" * 300), item(forbidden=("错",))) == FORBIDDEN


def test_no_fact_at_all() -> None:
    assert why_wrong(told("不清楚"), item(key_facts=(("甲",), ("乙",)))) == NO_FACT


def test_all_facts_are_needed() -> None:
    two = item(key_facts=(("甲",), ("乙", "丙")))
    assert why_wrong(told("甲"), two) == why_wrong(told("丙"), two) == SOME_FACTS
    assert why_wrong(told("甲丙"), two) == ""


def test_missing_facts_are_told_before_length() -> None:
    assert why_wrong(told("长" * 500), item()) == NO_FACT
    assert why_wrong(told("78.1" + "长" * 500), item(key_facts=(("78.1",), ("乙",)))) == SOME_FACTS


def test_every_reason_is_in_the_list_of_reasons_once() -> None:
    reasons = (NO_LINE, FAILED, NOT_REFUSED, REFUSED, FORBIDDEN, TOO_LONG, NO_FACT, SOME_FACTS)
    assert sorted(REASONS) == sorted(reasons)
    assert len(set(REASONS)) == len(REASONS)
    assert "" not in REASONS


# --- length ---


def of_length(length: int) -> str:
    """An answer with the fact and so many characters."""
    return "78.1" + "字" * (length - 4)


@pytest.mark.parametrize(
    ("reference", "limit"),
    [
        ("", 200),
        ("短", 200),
        ("长" * 66, 200),  # three times is 198
        ("长" * 67, 201),
        ("长" * 100, 300),
    ],
)
def test_an_answer_may_have_200_characters_or_three_times_the_reference(reference: str, limit: int) -> None:
    asked = item(reference=reference)
    assert room(reference) == limit
    assert why_wrong(told(of_length(limit)), asked) == ""
    assert why_wrong(told(of_length(limit + 1)), asked) == TOO_LONG


def test_white_space_and_marks_do_not_lengthen_an_answer() -> None:
    spaced = " \n".join(of_length(200)) + "[1][2][13]"
    assert why_wrong(told(spaced), item()) == ""


def test_white_space_does_not_lengthen_a_reference() -> None:
    assert room("长 \n" * 67) == 201


def test_length_is_counted_after_compatibility_characters_are_taken_apart(corpus: Corpus) -> None:
    assert scored(corpus, item(), told("㎡㎡")).length == 4
    assert room("㎡" * 67) == 402


def test_the_length_of_an_answer_is_told_normalised(corpus: Corpus) -> None:
    assert scored(corpus, item(), told("达到 78.1\n岁[1]")).length == 7


def test_the_share_of_facts_does_not_depend_on_length(corpus: Corpus) -> None:
    long = scored(corpus, item(), told(of_length(2000)))
    assert (long.facts, long.correct, long.reason) == (1.0, False, TOO_LONG)


def test_the_share_of_facts_does_not_depend_on_forbidden_strings(corpus: Corpus) -> None:
    wrong = scored(corpus, item(forbidden=("岁",)), told())
    assert (wrong.facts, wrong.correct) == (1.0, False)


def test_the_share_of_facts_is_a_share(corpus: Corpus) -> None:
    four = item(key_facts=(("甲",), ("乙",), ("丙",), ("丁",)))
    assert scored(corpus, four, told("甲丙丁")).facts == 0.75


def test_an_unanswerable_question_has_no_share_of_facts(corpus: Corpus) -> None:
    assert scored(corpus, item(answerable=False), told("没有", "not_found")).facts is None


def test_a_question_without_key_facts_has_no_share_of_facts(corpus: Corpus) -> None:
    fared = scored(corpus, item(key_facts=()), told("随便"))
    assert (fared.correct, fared.facts) == (True, None)


# --- what the passages hold ---


def test_80_percent_of_a_quote_is_held_and_79_is_not(corpus: Corpus) -> None:
    place = [grid(100, 200)]
    assert held(place, [grid(100, 180)], corpus)
    assert not held(place, [grid(100, 179)], corpus)
    assert held(place, [grid(120, 200)], corpus)
    assert not held(place, [grid(121, 200)], corpus)


def test_exactly_80_percent_is_enough_at_every_length(corpus: Corpus) -> None:
    for size in range(5, 401, 5):
        assert held([grid(0, size)], [grid(0, size * 4 // 5)], corpus)
        assert not held([grid(0, size)], [grid(0, size * 4 // 5 - 1)], corpus)


def test_two_passages_hold_a_quote_together(corpus: Corpus) -> None:
    assert held([grid(100, 200)], [grid(90, 140), grid(160, 250)], corpus)  # 40 and 40
    assert not held([grid(100, 200)], [grid(90, 140), grid(161, 250)], corpus)


def test_what_passages_share_is_counted_once(corpus: Corpus) -> None:
    assert not held([grid(0, 100)], [grid(0, 50), grid(0, 50), grid(10, 40), grid(20, 60)], corpus)
    assert held([grid(0, 100)], [grid(0, 50), grid(10, 20), grid(30, 80)], corpus)


def test_passages_may_come_in_any_order(corpus: Corpus) -> None:
    assert held([grid(0, 100)], [grid(60, 100), grid(0, 40)], corpus)


def test_passages_of_another_document_hold_nothing(corpus: Corpus) -> None:
    assert not held([grid(0, 10)], [Span("plan", 0, 10)], corpus)
    assert not held([grid(0, 10)], [Span("plan", 0, 10), grid(0, 7)], corpus)


def test_white_space_does_not_count_towards_the_80_percent(corpus: Corpus) -> None:
    whole = [Span("spaced", 0, len(SPACED))]
    assert held(whole, [Span("spaced", 0, SPACED.index("辛") + 1)], corpus)  # 8 of 10
    assert not held(
        whole, [Span("spaced", 0, SPACED.index("庚") + 1)], corpus
    )  # 7 of 10, most of the stretch


def test_a_quote_is_found_although_its_white_space_differs(corpus: Corpus) -> None:
    asked = item(evidence=(Quote("spaced", "丁 戊己\t庚"),))
    assert scored(corpus, asked, told(retrieved=[at("spaced", 0, len(SPACED))])).recalled[1] == 1


@pytest.mark.parametrize("where", ["总体要求：坚持预防为主", "附则：坚持预防为主"])
def test_a_quote_that_stands_twice_is_held_in_either_place(corpus: Corpus, where: str) -> None:
    asked = item(evidence=(Quote("twice", "坚持预防为主。"),))
    start = TWICE.index(where)
    line = told(retrieved=[at("twice", start, start + len(where))])
    assert scored(corpus, asked, line).recalled[1] == 1


def test_halves_of_two_places_do_not_make_one_quote(corpus: Corpus) -> None:
    places = corpus.places(Quote("twice", "坚持预防为主。"))
    first, second = places
    passages = [Span("twice", first.start, first.start + 4), Span("twice", second.end - 4, second.end)]
    assert not held(places, passages, corpus)


def test_a_quote_that_stands_nowhere_is_never_held(corpus: Corpus) -> None:
    asked = item(evidence=(Quote("plan", "没有这句话"), Quote("unknown", "甲")))
    fared = scored(corpus, asked, told(retrieved=[at("plan", 0, len(PLAN))]))
    assert (fared.evidence, fared.recalled) == (2, dict.fromkeys(DEPTHS, 0))


def test_an_empty_passage_holds_nothing(corpus: Corpus) -> None:
    assert not held([grid(0, 1)], [grid(0, 0), grid(1, 1)], corpus)


def test_a_passage_that_reaches_beyond_the_text_counts_as_far_as_the_text_goes(corpus: Corpus) -> None:
    assert held([grid(390, 400)], [grid(392, 10**9)], corpus)
    assert not held([grid(390, 400)], [grid(400, 10**9)], corpus)


# --- recall at k ---


def test_recall_at_each_k_counts_the_first_k_passages(corpus: Corpus) -> None:
    asked = item(evidence=quotes((0, 10), (20, 30), (40, 50), (60, 70)))
    far = at("grid", 300, 310)
    line = told(retrieved=[at("grid", 0, 10), far, at("grid", 20, 30), far, at("grid", 40, 50), far, far])
    assert scored(corpus, asked, line).recalled == {1: 1, 3: 2, 5: 3, 10: 3}


def test_the_tenth_passage_counts_and_the_eleventh_does_not(corpus: Corpus) -> None:
    asked = item(evidence=quotes((0, 10)))
    far, near = at("grid", 300, 310), at("grid", 0, 10)
    tenth = scored(corpus, asked, told(retrieved=[far] * 9 + [near]))
    assert (tenth.recalled, tenth.reciprocal_rank) == ({1: 0, 3: 0, 5: 0, 10: 1}, 0.1)
    eleventh = scored(corpus, asked, told(retrieved=[far] * 10 + [near]))
    assert (eleventh.recalled, eleventh.reciprocal_rank, eleventh.ndcg) == (
        dict.fromkeys(DEPTHS, 0),
        0.0,
        0.0,
    )


def test_fewer_passages_than_k_are_all_counted(corpus: Corpus) -> None:
    asked = item(evidence=quotes((0, 10), (20, 30)))
    line = told(retrieved=[at("grid", 300, 310), at("grid", 0, 30)])
    assert scored(corpus, asked, line).recalled == {1: 0, 3: 2, 5: 2, 10: 2}


def test_one_passage_can_hold_several_quotes(corpus: Corpus) -> None:
    asked = item(evidence=quotes((0, 10), (20, 30), (25, 40)))
    assert scored(corpus, asked, told(retrieved=[at("grid", 0, 100)])).recalled[1] == 3


def test_two_passages_together_count_at_the_second_rank(corpus: Corpus) -> None:
    curve = recall_curve([[grid(100, 200)]], [grid(100, 140), grid(140, 180), grid(180, 200)], corpus, 10)
    assert curve == [0, 1, 1]


def test_the_recall_curve_is_as_long_as_the_passages_and_no_longer_than_asked(corpus: Corpus) -> None:
    evidence, passages = [[grid(0, 10)]], [grid(0, 10)] * 4
    assert recall_curve(evidence, passages, corpus, 3) == [1, 1, 1]
    assert recall_curve(evidence, passages, corpus, 10) == [1, 1, 1, 1]
    assert recall_curve(evidence, [], corpus, 10) == []


def test_nothing_retrieved_recalls_nothing(corpus: Corpus) -> None:
    asked = item(evidence=quotes((0, 10)))
    assert scored(corpus, asked, told(retrieved=[])).recalled == dict.fromkeys(DEPTHS, 0)
    assert scored(corpus, asked, told()).recalled == dict.fromkeys(DEPTHS, 0)


def test_a_question_without_evidence_has_no_rank_measures(corpus: Corpus) -> None:
    fared = scored(corpus, item(), told(retrieved=[at("grid", 0, 10)]))
    assert (fared.evidence, fared.reciprocal_rank, fared.ndcg) == (0, None, None)


def test_a_refusal_keeps_what_it_retrieved(corpus: Corpus) -> None:
    asked = item(evidence=quotes((0, 10)))
    refused = scored(corpus, asked, told("没有", "not_found", retrieved=[at("grid", 0, 10)]))
    assert (refused.correct, refused.recalled[1]) == (False, 1)


MALFORMED: list[Any] = [
    None,
    "grid",
    5,
    [],
    {},
    {"doc": "grid"},
    {"doc": "grid", "start": 0},
    {"doc": "grid", "start": None, "end": 10},
    {"doc": "grid", "start": "a", "end": 10},
    {"doc": "grid", "start": math.nan, "end": 10},
    {"doc": "grid", "start": -5, "end": 10},
    {"doc": "grid", "start": 10, "end": 0},
    {"doc": "grid", "start": [0], "end": [10]},
]
NO_PLACE = pytest.mark.parametrize("record", [*MALFORMED, at("unknown", 0, 10)], ids=repr)


@NO_PLACE
def test_a_passage_that_names_no_place_holds_nothing(corpus: Corpus, record: Any) -> None:
    asked = item(evidence=quotes((0, 10)))
    fared = scored(corpus, asked, told(retrieved=[record]))
    assert (fared.recalled[10], fared.reciprocal_rank, fared.ndcg) == (0, 0.0, 0.0)


@pytest.mark.parametrize("record", [{"doc": "grid"}, at("unknown", 0, 10)], ids=["malformed", "unknown"])
def test_a_passage_that_names_no_place_keeps_its_rank(corpus: Corpus, record: Any) -> None:
    asked = item(evidence=quotes((0, 10)))
    fared = scored(corpus, asked, told(retrieved=[record, at("grid", 0, 10)]))
    assert (fared.recalled[1], fared.recalled[3], fared.reciprocal_rank) == (0, 1, 0.5)


@pytest.mark.parametrize("key", ["retrieved", "citations"])
def test_an_infinite_offset_names_no_place(corpus: Corpus, key: str) -> None:
    record = json.loads('{"doc": "grid", "start": 0, "end": 1e999, "quote": ""}')
    assert scored(corpus, item(), told() | {key: [record]}).correct


@pytest.mark.parametrize("key", ["retrieved", "citations"])
def test_null_in_place_of_a_list_is_an_empty_list(corpus: Corpus, key: str) -> None:
    assert scored(corpus, item(), told() | {key: None}).correct


def test_null_in_place_of_an_answer_says_nothing(corpus: Corpus) -> None:
    assert scored(corpus, item(), {**told(), "answer": None}).length == 0


# --- ranks ---


@pytest.mark.parametrize(
    ("curve", "value"),
    [([], 0.0), ([0, 0], 0.0), ([1], 1.0), ([3, 3], 1.0), ([0, 1], 0.5), ([0, 0, 0, 2], 0.25)],
)
def test_the_reciprocal_rank_is_that_of_the_first_quote_held(curve: list[int], value: float) -> None:
    assert reciprocal_rank(curve) == value


@pytest.mark.parametrize(
    ("curve", "count", "value"),
    [
        ([1], 1, 1.0),
        ([0, 1], 1, 1 / math.log2(3)),  # 0.6309
        ([1, 1, 2], 2, 1.5 / (1 + 1 / math.log2(3))),  # 0.9197: gains 1 0 1 beside 1 1
        ([0, 1], 3, 0.6309297536 / 2.1309297536),  # 0.2961: gains 0 1 beside 1 1 1
        ([2], 2, 1.0),  # both at once: nothing could be better
        ([0, 2], 2, 1 / math.log2(3)),
        ([0, 2, 3], 3, (2 / math.log2(3) + 0.5) / (2 + 1 / math.log2(3))),  # gains 0 2 1 beside 2 1
        ([1, 1, 1], 1, 1.0),
        ([], 2, 0.0),
        ([0, 0, 0], 2, 0.0),
    ],
)
def test_ndcg_by_hand(curve: list[int], count: int, value: float) -> None:
    assert ndcg(curve, count) == pytest.approx(value)


def test_ndcg_without_quotes_is_0() -> None:
    assert ndcg([0, 0], 0) == 0.0


def test_ndcg_looks_at_ten_ranks() -> None:
    assert ndcg([0] * 9 + [1], 1) == pytest.approx(1 / math.log2(11))
    assert ndcg([0] * 10 + [1], 1) == 0.0


def test_ndcg_asks_for_no_more_quotes_than_ranks() -> None:
    assert ndcg(list(range(1, 11)), 15) == pytest.approx(1.0)


def test_a_repeated_passage_gains_nothing(corpus: Corpus) -> None:
    asked = item(evidence=quotes((0, 10), (20, 30)))
    near, far = at("grid", 0, 10), at("grid", 300, 310)
    once = scored(corpus, asked, told(retrieved=[near, far, far]))
    again = scored(corpus, asked, told(retrieved=[near, near, near]))
    assert once.ndcg == again.ndcg == pytest.approx(1 / (1 + 1 / math.log2(3)))


def test_a_better_order_has_a_higher_ndcg(corpus: Corpus) -> None:
    asked = item(evidence=quotes((0, 10)))
    near, far = at("grid", 0, 10), at("grid", 300, 310)
    values = [
        scored(corpus, asked, told(retrieved=[far] * before + [near])).ndcg or 0.0 for before in range(11)
    ]
    assert values == sorted(set(values), reverse=True)
    assert (values[0], values[10]) == (1.0, 0.0)


# --- citations ---


def test_overlap_is_half_of_the_shorter(corpus: Corpus) -> None:
    assert overlaps(grid(0, 20), grid(15, 25), corpus)  # 5 of 10
    assert not overlaps(grid(0, 20), grid(16, 26), corpus)  # 4 of 10
    assert overlaps(grid(100, 200), grid(110, 111), corpus)  # the shorter lies inside


def test_half_of_an_odd_length_is_rounded_up(corpus: Corpus) -> None:
    assert overlaps(grid(0, 20), grid(15, 24), corpus)  # 5 of 9
    assert not overlaps(grid(0, 20), grid(16, 25), corpus)  # 4 of 9


def test_overlap_is_the_same_both_ways(corpus: Corpus) -> None:
    assert overlaps(grid(15, 25), grid(0, 20), corpus)
    assert not overlaps(grid(16, 26), grid(0, 20), corpus)


def test_neighbours_and_other_documents_do_not_overlap(corpus: Corpus) -> None:
    assert not overlaps(grid(0, 10), grid(10, 20), corpus)
    assert not overlaps(grid(0, 10), Span("plan", 0, 10), corpus)


def test_an_empty_span_overlaps_nothing(corpus: Corpus) -> None:
    assert not overlaps(grid(5, 5), grid(0, 10), corpus)
    assert not overlaps(grid(5, 5), grid(5, 5), corpus)


def test_shared_white_space_is_no_overlap(corpus: Corpus) -> None:
    blank = SPACED.index("\n\n\n")
    assert not overlaps(Span("spaced", 0, blank + 3), Span("spaced", blank, len(SPACED)), corpus)


def test_white_space_does_not_count_towards_half(corpus: Corpus) -> None:
    end = SPACED.index("戊") + 1
    first, second = Span("spaced", 0, end), Span("spaced", end - 1, SPACED.index("己") + 1)
    assert SPACED[second.start : second.end] == "戊\n\n\n己"
    assert overlaps(first, second, corpus)  # 1 of 2 characters, though 1 of 5 code points


def test_citation_precision_counts_the_citations_that_overlap_evidence(corpus: Corpus) -> None:
    asked = item(evidence=quotes((0, 10), (20, 30)))
    line = told(citations=[cited("grid", 0, 10), cited("grid", 5, 20), cited("grid", 100, 110)])
    fared = scored(corpus, asked, line)
    assert (fared.citations, fared.citations_good) == (3, 2)


def test_citation_recall_counts_the_quotes_that_a_citation_overlaps(corpus: Corpus) -> None:
    asked = item(evidence=quotes((0, 10), (20, 30), (40, 50)))
    fared = scored(corpus, asked, told(citations=[cited("grid", 0, 30)]))
    assert (fared.citations_good, fared.evidence_cited) == (1, 2)


def test_a_quote_cited_twice_counts_once_for_recall_and_twice_for_precision(corpus: Corpus) -> None:
    asked = item(evidence=quotes((0, 10), (20, 30)))
    fared = scored(corpus, asked, told(citations=[cited("grid", 0, 10)] * 2))
    assert (fared.citations_good, fared.evidence_cited) == (2, 1)


@pytest.mark.parametrize("where", ["总体要求：坚持预防为主。", "附则：坚持预防为主。"])
def test_citing_either_place_of_a_quote_that_stands_twice_is_good(corpus: Corpus, where: str) -> None:
    asked = item(evidence=(Quote("twice", "坚持预防为主。"),))
    fared = scored(corpus, asked, told(citations=[words("twice", where)]))
    assert (fared.citations_good, fared.evidence_cited) == (1, 1)


def test_the_same_offsets_in_another_document_are_not_good(corpus: Corpus) -> None:
    asked = item(evidence=quotes((0, 10)))
    fared = scored(corpus, asked, told(citations=[cited("plan", 0, 10)]))
    assert (fared.citations, fared.citations_good, fared.citations_valid) == (1, 0, 1)


def test_an_answer_without_citations_has_none(corpus: Corpus) -> None:
    fared = scored(corpus, item(evidence=quotes((0, 10))), told(citations=[]))
    assert (fared.citations, fared.citations_good, fared.citations_valid, fared.evidence_cited) == (
        0,
        0,
        0,
        0,
    )


@NO_PLACE
def test_a_citation_that_names_no_place_counts_and_is_neither_good_nor_valid(
    corpus: Corpus, record: Any
) -> None:
    fared = scored(corpus, item(evidence=quotes((0, 10))), told(citations=[record]))
    assert (fared.citations, fared.citations_good, fared.citations_valid, fared.evidence_cited) == (
        1,
        0,
        0,
        0,
    )


def test_a_citation_is_valid_when_its_quote_is_the_original(corpus: Corpus) -> None:
    assert valid(cited("plan", 0, 10), corpus)
    assert valid(cited("plan", 0, len(PLAN)), corpus)
    assert valid(cited("spaced", 0, 8), corpus)


@pytest.mark.parametrize(("start", "end"), [(1, 10), (0, 9), (1, 11), (0, 11)])
def test_an_offset_off_by_one_makes_a_citation_invalid(corpus: Corpus, start: int, end: int) -> None:
    assert not valid({**cited("plan", 0, 10), "start": start, "end": end}, corpus)


@pytest.mark.parametrize(
    "quote", ["到2025年，全市人均预期寿命达到78.2岁", "到2025年,全市人均预期寿命达到78.1岁", "", None, 5]
)
def test_a_quote_that_differs_in_one_character_is_invalid(corpus: Corpus, quote: Any) -> None:
    right = words("plan", "到2025年，全市人均预期寿命达到78.1岁")
    assert valid(right, corpus)
    assert not valid({**right, "quote": quote}, corpus)


def test_white_space_of_a_quote_must_be_that_of_the_original(corpus: Corpus) -> None:
    right = cited("spaced", 0, 3)
    assert right["quote"] == "甲 乙"
    assert not valid({**right, "quote": "甲乙"}, corpus)


def test_a_citation_without_quote_is_invalid(corpus: Corpus) -> None:
    assert not valid(at("plan", 0, 10), corpus)


def test_an_empty_span_is_no_valid_citation(corpus: Corpus) -> None:
    assert not valid(cited("plan", 5, 5), corpus)


def test_a_citation_of_an_unknown_document_is_invalid(corpus: Corpus) -> None:
    assert not valid({**cited("plan", 0, 10), "doc": "unknown"}, corpus)


def test_a_quote_longer_than_the_text_is_invalid(corpus: Corpus) -> None:
    end = len(GRID)
    assert not valid({"doc": "grid", "start": end - 2, "end": end + 1, "quote": GRID[-2:] + "多"}, corpus)


def test_an_end_beyond_the_text_is_invalid(corpus: Corpus) -> None:
    end = len(GRID)
    assert not valid({"doc": "grid", "start": end - 2, "end": end + 5, "quote": GRID[-2:]}, corpus)


def test_a_fraction_is_no_offset(corpus: Corpus) -> None:
    assert not valid({**cited("plan", 0, 10), "start": 0.7}, corpus)


def test_valid_citations_are_counted(corpus: Corpus) -> None:
    wrong = {**cited("plan", 0, 10), "quote": "别的"}
    fared = scored(corpus, item(), told(citations=[cited("plan", 0, 10), wrong, cited("grid", 0, 5)]))
    assert (fared.citations, fared.citations_valid) == (3, 2)


# --- numbers ---


@pytest.mark.parametrize(
    "answer", ["", "没有数字", "目标[1][2]", "达到九成", "1、甲\n2、乙", "（1）甲\n（2）乙"]
)
def test_an_answer_without_numbers_has_no_fidelity(answer: str) -> None:
    assert faithful(answer, ["到2025年"]) is None


def test_every_number_must_stand_there() -> None:
    assert faithful("2025年达到78.1岁", ["到2025年，达到78.1岁"]) is True
    assert faithful("2025年达到78.2岁", ["到2025年，达到78.1岁"]) is False


def test_numbers_may_stand_in_different_citations() -> None:
    assert faithful("2025年达到78.1岁", ["2025年", "78.1"]) is True


def test_a_number_without_a_citation_is_not_proven() -> None:
    assert faithful("78.1岁", []) is False


@pytest.mark.parametrize(
    ("said", "there"),
    [
        ("90%", "９０％"),
        ("９０％", "90%"),
        ("2025年", "２０２５年"),
        ("1000元", "1,000元"),
        ("1,000元", "1000元"),
        ("1，000元", "1,000元"),
        ("1234567", "1,234,567"),
        ("78.1岁", "７８．１岁"),
        ("0.35", "约0.35"),
    ],
)
def test_spelling_of_digits_does_not_matter(said: str, there: str) -> None:
    assert faithful(said, [there]) is True


@pytest.mark.parametrize(
    ("said", "there"),
    [
        ("25年", "2025年"),
        ("2025", "12025"),
        ("78", "78.1"),
        ("8.1", "78.1"),
        ("78.1", "78.15"),
        ("000", "1,000"),
        ("1", "1,000"),
        ("10", "100"),
    ],
)
def test_a_part_of_a_longer_number_is_not_there(said: str, there: str) -> None:
    assert faithful(said, [there]) is False


def test_table_cells_parted_by_tabs_are_numbers_of_their_own() -> None:
    row = "人均预期寿命（岁）\t77.3\t77.6\t77.9\t78.1\t预期性"
    assert faithful("2022年77.3岁，2025年78.1岁", [row, "指标\t2022年\t2025年"]) is True
    assert faithful("77.5岁", [row]) is False


@pytest.mark.parametrize("wrap", ["\n", "\r\n", "\n    ", "\n　　"])
def test_a_number_cut_by_a_hard_wrap_is_there(wrap: str) -> None:
    assert faithful("2025年达到78.1岁", [f"20{wrap}25年达到78{wrap}.1岁"]) is True


def test_a_number_with_a_multiple_cut_by_a_hard_wrap_is_there() -> None:
    assert faithful("2000万元", ["20\n00万元"]) is True


@pytest.mark.parametrize("gap", ["\t", "   "])
def test_two_cells_do_not_make_one_number(gap: str) -> None:
    assert faithful("3091人", [f"床位\t30{gap}91"]) is False


@pytest.mark.parametrize(
    ("said", "there"),
    [
        ("2025年", "二〇二五年"),
        ("5家", "五家"),
        ("12000人", "一万二千人"),
        ("90%", "百分之九十"),
        ("3.5倍", "三点五倍"),
        ("30日内", "三十日内"),
        ("30日内", "三\n十日内"),
    ],
)
def test_a_chinese_numeral_of_equal_value_is_there(said: str, there: str) -> None:
    assert faithful(said, [there]) is True
    assert faithful(said.replace(said[0], "7", 1), [there]) is False


@pytest.mark.parametrize(
    ("said", "there"),
    [("第3条", "第三条"), ("2万元", "两万元"), ("3.50倍", "三点五倍"), ("1.2万", "一万二千")],
)
def test_an_ordinal_or_a_multiple_of_equal_value_is_there(said: str, there: str) -> None:
    assert faithful(said, [there]) is True


def test_chinese_numerals_of_the_answer_are_not_measured() -> None:
    assert faithful("五家", ["三家"]) is None


@pytest.mark.parametrize("mark", ["{}、", "{}.", "{}）", "（{}）", "({})", "  {}、"])
def test_numbers_that_count_the_lines_are_not_meant(mark: str) -> None:
    answer = "\n".join(mark.format(n) + f"达到{n * 100}人" for n in (1, 2, 12))
    assert faithful(answer, ["达到100人，达到200人，达到1200人"]) is True


@pytest.mark.parametrize("mark", ["{}、", "{}）", "（{}）"])
def test_numbers_that_count_lines_are_not_meant_before_a_digit_either(mark: str) -> None:
    assert faithful(mark.format(3) + "2025年建成", ["2025年建成"]) is True


@pytest.mark.parametrize("answer", ["①甲\n②乙", "１．甲\n２．乙"])
def test_circled_and_full_width_numbers_that_count_lines_are_not_meant(answer: str) -> None:
    assert faithful(answer, ["甲乙"]) is None


@pytest.mark.parametrize("answer", ["1.5倍", "共有：3、4人", "合计（30）", "2025、甲", "123、甲"])
def test_numbers_that_count_no_lines_are_meant(answer: str) -> None:
    assert faithful(answer, ["甲"]) is False


@pytest.mark.parametrize("comma", ["，", ","])
def test_a_comma_between_two_numbers_parts_them(comma: str) -> None:
    assert faithful(f"2024年为30{comma}2025年为40", ["2024年30", "2025年40"]) is True


def test_a_mark_is_no_number_and_does_not_part_one() -> None:
    assert faithful("20[1]25年[7]", ["2025年"]) is True


def test_fidelity_is_measured_by_the_original_not_by_the_quote_told(corpus: Corpus) -> None:
    forged = {**cited("plan", 0, 10), "quote": "达到99.9岁"}
    assert scored(corpus, item(), told("99.9岁", citations=[forged])).faithful is False
    right = words("plan", "达到78.1岁")
    assert scored(corpus, item(), told("78.1岁", citations=[{**right, "quote": ""}])).faithful is True


def test_only_given_answers_have_fidelity(corpus: Corpus) -> None:
    line = told("没有2030年", "not_found", citations=[])
    assert scored(corpus, item(answerable=False), line).faithful is None


# --- the whole score ---


def test_a_score_by_hand(corpus: Corpus) -> None:
    asked = item(
        evidence=(Quote("plan", "全市人均预期寿命达到78.1岁"),), key_facts=(("78.1",), ("2025年", "25年"))
    )
    line = told(
        "到2025年达到78.1岁[1]。",
        citations=[words("plan", "到2025年，全市人均预期寿命达到78.1岁")],
        retrieved=[at("twice", 0, 10), at("grid", 0, 9), at("plan", 0, len(PLAN))],
        seconds=0.25,
        confidence=0.9,
    )
    assert scored(corpus, asked, line) == Score(
        correct=True,
        reason="",
        status="answered",
        facts=1.0,
        evidence=1,
        recalled={1: 0, 3: 1, 5: 1, 10: 1},
        reciprocal_rank=1 / 3,
        ndcg=0.5,  # 1 / log2(4)
        citations=1,
        citations_good=1,
        citations_valid=1,
        evidence_cited=1,
        faithful=True,
        length=14,
        seconds=0.25,
        confidence=0.9,
    )


def test_a_missing_line_scores_nothing(corpus: Corpus) -> None:
    assert scored(corpus, item(evidence=quotes((0, 10))), None) == Score(
        correct=False,
        reason=NO_LINE,
        status="error",
        facts=0.0,
        evidence=1,
        recalled=dict.fromkeys(DEPTHS, 0),
        reciprocal_rank=0.0,
        ndcg=0.0,
        citations=0,
        citations_good=0,
        citations_valid=0,
        evidence_cited=0,
        faithful=None,
        length=0,
        seconds=None,
        confidence=None,
    )


def test_the_answer_of_an_error_counts_for_nothing(corpus: Corpus) -> None:
    fared = scored(corpus, item(), told(status="error", error="超时", seconds=3.0))
    assert (fared.correct, fared.reason, fared.status) == (False, FAILED, "error")
    assert (fared.facts, fared.length, fared.faithful, fared.seconds) == (0.0, 0, None, 3.0)


def test_an_error_is_wrong_everywhere(corpus: Corpus) -> None:
    asked = item(evidence=quotes((0, 10)))
    line = told(status="error", retrieved=[at("grid", 0, 10)], citations=[cited("grid", 0, 10)])
    fared = scored(corpus, asked, line)
    assert (fared.recalled[10], fared.reciprocal_rank, fared.evidence_cited) == (0, 0.0, 0)


@pytest.mark.parametrize("value", [None, "1.5", True, math.nan, math.inf, [], {}])
@pytest.mark.parametrize("key", ["seconds", "confidence"])
def test_what_is_no_number_is_not_measured(corpus: Corpus, key: str, value: Any) -> None:
    assert getattr(scored(corpus, item(), told() | {key: value}), key) is None


def test_whole_numbers_are_measured_too(corpus: Corpus) -> None:
    fared = scored(corpus, item(), told(seconds=2, confidence=0))
    assert (fared.seconds, fared.confidence) == (2.0, 0.0)


def test_unknown_keys_of_a_line_change_nothing(corpus: Corpus) -> None:
    assert scored(corpus, item(), told(note="甲", model={})) == scored(corpus, item(), told())


# --- what holds for every answer ---

STRETCH = st.tuples(st.integers(0, 399), st.integers(1, 60)).map(lambda p: grid(p[0], min(400, p[0] + p[1])))
STRETCHES = st.lists(STRETCH, max_size=14)
EVIDENCE = st.lists(st.lists(STRETCH, min_size=1, max_size=2), min_size=1, max_size=5)


@given(evidence=EVIDENCE, passages=STRETCHES)
def test_recall_never_falls_with_k(corpus: Corpus, evidence: list[list[Span]], passages: list[Span]) -> None:
    curve = recall_curve(evidence, passages, corpus, 14)
    assert curve == sorted(curve)
    assert all(0 <= found <= len(evidence) for found in curve)


@given(evidence=EVIDENCE, passages=STRETCHES)
def test_ndcg_and_reciprocal_rank_lie_between_0_and_1(
    corpus: Corpus, evidence: list[list[Span]], passages: list[Span]
) -> None:
    curve = recall_curve(evidence, passages, corpus, 10)
    assert 0.0 <= ndcg(curve, len(evidence)) <= 1.0 + 1e-12
    assert 0.0 <= reciprocal_rank(curve) <= 1.0


@given(evidence=EVIDENCE)
def test_passages_that_are_the_evidence_are_perfect(corpus: Corpus, evidence: list[list[Span]]) -> None:
    passages = [places[0] for places in evidence]
    curve = recall_curve(evidence, passages, corpus, 10)
    assert curve[-1] == len(evidence)


@given(evidence=EVIDENCE, passages=STRETCHES)
def test_repeating_a_list_of_passages_gains_nothing(
    corpus: Corpus, evidence: list[list[Span]], passages: list[Span]
) -> None:
    passages = passages[:5]
    once = recall_curve(evidence, passages, corpus, 10)
    again = recall_curve(evidence, passages * 2, corpus, 10)
    assert ndcg(again, len(evidence)) == ndcg(once, len(evidence))


@given(a=STRETCH, b=STRETCH)
def test_overlap_is_symmetric_and_every_stretch_overlaps_itself(corpus: Corpus, a: Span, b: Span) -> None:
    assert overlaps(a, b, corpus) == overlaps(b, a, corpus)
    assert overlaps(a, a, corpus)


@given(
    sentences=st.lists(
        st.text("全市人均寿命率达到，。１２3 45.%ＡbＣ", min_size=1, max_size=40), min_size=1, max_size=5
    ),
    data=st.data(),
)
def test_the_reference_with_the_evidence_cited_is_correct(
    tmp_path_factory: pytest.TempPathFactory, sentences: list[str], data: st.DataObject
) -> None:
    assume(all(normalise(sentence) for sentence in sentences))
    text = "\n".join(sentences)
    reference = data.draw(st.sampled_from(sentences))
    cut = data.draw(st.integers(1, len(reference)))
    folder = tmp_path_factory.mktemp("reference")
    (folder / "doc.txt").write_bytes(text.encode())
    corpus = Corpus(folder)
    asked = item(
        key_facts=((reference,), ("没有的说法", reference[:cut])),
        reference=reference,
        evidence=(Quote("doc", reference),),
    )
    start = text.index(reference)
    place = {"doc": "doc", "start": start, "end": start + len(reference)}
    line = told(f"{reference}[1]", citations=[{**place, "quote": reference}], retrieved=[place])
    fared = scored(corpus, asked, line)
    assert (fared.correct, fared.facts, fared.recalled[1], fared.ndcg) == (True, 1.0, 1, 1.0)
    assert fared.citations_good == fared.citations_valid == fared.evidence_cited == 1
    assert fared.faithful is not False


SHARES = st.none() | st.floats(0, 1)
COUNTS = st.integers(0, 50)
SCORES = st.builds(
    Score,
    correct=st.booleans(),
    reason=st.sampled_from(["", *REASONS]),
    status=st.sampled_from(["answered", "not_found", "declined", "error"]),
    facts=SHARES,
    evidence=COUNTS,
    recalled=st.fixed_dictionaries(dict.fromkeys(DEPTHS, COUNTS)),
    reciprocal_rank=SHARES,
    ndcg=SHARES,
    citations=COUNTS,
    citations_good=COUNTS,
    citations_valid=COUNTS,
    evidence_cited=COUNTS,
    faithful=st.none() | st.booleans(),
    length=COUNTS,
    seconds=st.none() | st.floats(0, 1e6),
    confidence=SHARES,
)


@given(SCORES)
def test_a_score_survives_json(fared: Score) -> None:
    assert Score.from_json(json.loads(json.dumps(fared.as_json()))) == fared
