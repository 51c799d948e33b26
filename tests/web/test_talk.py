"""A conversation goes on: history, growth, refusals, bounds."""

from __future__ import annotations

from itertools import pairwise

import pytest

from assistant.errors import QuestionError
from assistant.types import Answer, Status, Turn
from assistant.web.samples import samples
from assistant.web.talk import MOST_EXCHANGES, Exchange, Talk, go_on, turns, usable
from tests.web.double import DROPPED, FAILED, SCRIPT, WRITTEN, Scripted

QUESTION = next(iter(SCRIPT))


def last(asker: Scripted, talk: Talk, text: str) -> Talk:
    *_, whole = go_on(asker, talk, text, 100)
    return whole


def test_the_second_turn_carries_the_first(scripted: Scripted) -> None:
    talk = last(scripted, last(scripted, (), QUESTION), "那方山县呢？")
    assert scripted.asked[-1].history == (
        Turn("user", QUESTION),
        Turn(
            "assistant", "晋中市2025年人均预期寿命的目标为78.1岁，2022年实际为77.3岁。（该规划为征求意见稿）"
        ),
    )
    assert [exchange.whole for exchange in talk] == [True, True]


def test_an_answer_grows(scripted: Scripted) -> None:
    steps = list(go_on(scripted, (), QUESTION, 100))
    assert steps[0][-1].answer is None
    grown = [step[-1].answer.text for step in steps[1:] if step[-1].answer]
    assert all(later.startswith(earlier) for earlier, later in pairwise(grown))
    assert [step[-1].whole for step in steps] == [False] * (len(steps) - 1) + [True]


def test_what_a_failing_model_wrote_is_replaced(scripted: Scripted) -> None:
    question = list(WRITTEN)[1]
    first, *_, whole = [step[-1] for step in go_on(scripted, (), question, 100)][1:]
    assert first.answer
    assert first.answer.text == WRITTEN[question].grown[0].text
    assert whole.answer
    assert (whole.answer.text, whole.answer.notice) == (WRITTEN[question].text, FAILED)
    assert whole.whole


def test_the_history_has_no_notice(scripted: Scripted) -> None:
    question = next(iter(WRITTEN))
    talk = last(scripted, last(scripted, (), question), QUESTION)
    assert talk[0].answer
    assert talk[0].answer.notice == DROPPED
    said = "到2025年，人均预期寿命达到78.1岁。2022年为77.3岁。（该规划为征求意见稿）"
    assert scripted.asked[-1].history == (Turn("user", question), Turn("assistant", said))


@pytest.mark.parametrize("text", ["", " \n\t", "\0"])
def test_a_blank_question_is_refused(text: str) -> None:
    with pytest.raises(QuestionError, match="问题是空的"):
        usable(text, 10)


def test_a_lone_surrogate_does_no_harm() -> None:
    usable("问题\ud800", 10).encode()


def test_a_long_question_becomes_an_answer_that_says_so(scripted: Scripted) -> None:
    asked = len(scripted.asked)
    talk = last(scripted, (), "长" * 101)
    assert talk[-1].answer
    assert talk[-1].answer.status is Status.ERROR
    assert "最多 100 字" in talk[-1].answer.text
    assert len(scripted.asked) == asked
    assert turns(talk) == ()


def test_a_failure_becomes_an_answer_without_its_secrets() -> None:
    asker = Scripted(script={"q": RuntimeError("secret detail")})
    answer = last(asker, (), "q")[-1].answer
    assert answer
    assert answer.status is Status.ERROR
    assert "secret" not in answer.text + answer.error
    assert "意料之外" in answer.text


def test_a_conversation_does_not_grow_without_end(scripted: Scripted) -> None:
    talk: Talk = tuple(Exchange(str(n), Answer(Status.ANSWERED, "a"), whole=True) for n in range(99))
    assert len(last(scripted, talk, QUESTION)) == MOST_EXCHANGES


def test_samples_fit_the_library() -> None:
    everything = {document.id for document in Scripted().library.documents()}
    assert 6 <= len(samples(everything)) <= 8
    assert samples(set()) == []
    assert len(samples({"fangshan-plan-2025"})) < len(samples(everything))
