"""Two sets of answers to the same questions, compared question by question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from assistant.errors import InputError
from assistant.types import Question
from eval.compare import Verdict, compare
from eval.summary import Result
from eval.types import Quote
from tests.eval.running import item_of, result_of, verdicts


def by_marks(first: str, second: str) -> Verdict:
    return compare(verdicts(first), verdicts(second))


def test_wins_and_losses_are_those_of_the_second() -> None:
    verdict = by_marks("++--+", "+-+++")
    assert (verdict.questions, verdict.wins, verdict.losses) == (5, ("3", "4"), ("2",))
    assert (verdict.test.wins, verdict.test.losses) == (2, 1)
    assert verdict.correct.value == pytest.approx(1 / 5)
    assert verdict.correct.low <= 1 / 5 <= verdict.correct.high


def test_the_other_way_round_is_the_mirror() -> None:
    there, back = by_marks("++--+-+", "+-+++++"), by_marks("+-+++++", "++--+-+")
    assert (there.wins, there.losses) == (back.losses, back.wins)
    assert there.test.p == back.test.p
    assert there.correct.value == pytest.approx(-back.correct.value)


@pytest.mark.parametrize(("wins", "p", "significant"), [(5, 2 / 2**5, False), (6, 2 / 2**6, True)])
def test_only_a_clear_lead_is_significant(wins: int, p: float, significant: bool) -> None:
    verdict = by_marks("-" * wins + "+" * 4, "+" * wins + "+" * 4)
    assert verdict.test.p == pytest.approx(p)
    assert verdict.significant is significant


def test_the_same_answers_differ_in_nothing() -> None:
    verdict = by_marks("+-+-", "+-+-")
    assert (verdict.wins, verdict.losses, verdict.test.p, verdict.significant) == ((), (), 1.0, False)
    assert (verdict.correct.value, verdict.facts.value) == (0.0, 0.0)
    assert 0 < verdict.smallest <= 1


def test_no_questions_say_nothing() -> None:
    verdict = compare([], [])
    assert (verdict.questions, verdict.test.p, verdict.smallest, verdict.slices) == (0, 1.0, 1.0, ())


def test_facts_are_compared_where_there_can_be_some() -> None:
    first = [
        result_of(item_of("1"), False, facts=0.25),
        result_of(item_of("2"), False, facts=None),  # its key has no facts
        result_of(item_of("3", answerable=False)),
    ]
    second = [replace(first[0], score=replace(first[0].score, facts=0.75)), *first[1:]]
    assert compare(first, second).facts.value == pytest.approx(0.5 / 2)


def on(id: str, category: str, *documents: str) -> Result:
    evidence = tuple(Quote(document, "管网") for document in documents)
    return result_of(item_of(id, category=category, evidence=evidence))


def wrong(results: Sequence[Result], *ids: str) -> list[Result]:
    return [
        result_of(result.item, False) if result.item.id in ids else result for result in results
    ]  # fmt: skip


def test_slices_are_compared_and_their_p_adjusted() -> None:
    questions = [on(str(n), "table" if n % 2 else "fact", "plan") for n in range(11)]
    questions += [on("11", "table", "notice"), on("12", "fact", "plan", "notice")]
    verdict = compare(wrong(questions, *map(str, range(1, 12, 2))), questions)
    slices = {one.name: (one.questions, one.test.wins, one.test.losses) for one in verdict.slices}
    assert slices == {
        "table": (6, 6, 0), "fact": (7, 0, 0), "plan": (11, 5, 0), "notice": (1, 1, 0), "跨文件": (1, 0, 0),
    }  # fmt: skip
    adjusted = {one.name: one.adjusted for one in verdict.slices}
    assert adjusted == pytest.approx(
        {"table": 5 * 2 / 2**6, "plan": 4 * 2 / 2**5, "fact": 1.0, "notice": 1.0, "跨文件": 1.0}
    )


def test_a_document_may_be_named_like_a_category() -> None:
    questions = [on("1", "summary", "summary"), on("2", "fact", "summary")]
    verdict = compare(questions, questions)
    assert sorted(one.questions for one in verdict.slices) == [1, 1, 2]


@pytest.mark.parametrize(
    "other",
    [
        verdicts("+++")[:2],
        verdicts("+++")[::-1],
        [*verdicts("++"), result_of(item_of("3", question=Question("别的？")))],
        [*verdicts("++"), result_of(item_of("3", key_facts=(("97%",),)))],
        [],
    ],
    ids=["fewer", "another order", "another text", "another key", "none"],
)
def test_other_questions_cannot_be_compared(other: list[Result]) -> None:
    with pytest.raises(InputError, match="两次评测的题目或答案要点不同，不能逐题比较"):
        compare(verdicts("+++"), other)


def test_where_a_question_stands_in_its_file_does_not_matter() -> None:
    """A blank line more in the file of the second run."""
    moved = [
        replace(result, item=replace(result.item, line=result.item.line + 1)) for result in verdicts("++")
    ]
    assert compare(verdicts("++"), moved).test.p == 1.0
