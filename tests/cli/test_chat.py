"""A conversation: follow-ups carry the earlier turns, a bad question does not end it."""

from __future__ import annotations

import io

import pytest

from assistant.cli.chat import converse
from assistant.errors import LibraryError, QuestionError
from assistant.types import Answer, Question, Status, Turn

Captured = pytest.CaptureFixture[str]


def talk(monkeypatch: pytest.MonkeyPatch, typed: str) -> list[Question]:
    """Everything that is asked while the lines are typed."""
    asked = []

    def ask(question: Question) -> Answer:
        asked.append(question)
        if len(question.text) > 20:
            raise QuestionError("问题太长")
        if question.text == "坏":
            raise LibraryError("资料库打不开")
        if question.text == "错":
            return Answer(Status.ERROR, "", error="出错了")
        return Answer(Status.ANSWERED, f"答{question.text}")

    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    converse(ask)
    return asked


def test_a_follow_up_carries_the_earlier_turns(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    asked = talk(monkeypatch, "甲\n\n 乙 \n")
    assert asked == [Question("甲"), Question("乙", (Turn("user", "甲"), Turn("assistant", "答甲")))]
    assert capsys.readouterr().out == "【已回答】\n答甲\n【已回答】\n答乙\n"


def test_a_new_subject_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [one.history for one in talk(monkeypatch, "甲\n/新\n乙\n")] == [(), ()]


@pytest.mark.parametrize("word", ["/退出", "exit", "/quit"])
def test_leaving(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    assert len(talk(monkeypatch, f"甲\n{word}\n乙\n")) == 1


def test_a_bad_question_does_not_end_the_conversation(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    asked = talk(monkeypatch, "长" * 30 + "\n错\n乙\n")
    assert asked[-1] == Question("乙")
    shown = capsys.readouterr()
    assert "错误：问题太长" in shown.err
    assert "答乙" in shown.out


def test_a_library_that_fails_does(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LibraryError):
        talk(monkeypatch, "坏\n乙\n")


def test_only_the_last_turns_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = talk(monkeypatch, "".join(f"{n}\n" for n in range(20)))
    assert len(asked[-1].history) == 12
    assert asked[-1].history[-1] == Turn("assistant", "答18")
    assert asked[-1].history[0].role == "user"
