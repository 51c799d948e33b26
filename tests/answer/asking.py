"""Asking and reading answers in the tests of the answerer."""

from __future__ import annotations

import re

from assistant.chain import AnswerChain
from assistant.language.clean import comparable
from assistant.types import Answer, Question, Status, Turn

_MARK = re.compile(r"\[\d+\]")


def ask(chain: AnswerChain, question: str, *history: str) -> Answer:
    """The answer to a question; `history` alternates between user and assistant, the user first."""
    turns = tuple(Turn(("user", "assistant")[i % 2], text) for i, text in enumerate(history))
    answer = chain.invoke(Question(question, turns))
    for citation in answer.citations:
        assert citation.quote == chain.library.document(citation.span.doc).slice(citation.span)
    return answer


def plain(answer: Answer) -> str:
    """What the answer says, without marks and white space, in one spelling."""
    return comparable(_MARK.sub("", answer.text))


def told(chain: AnswerChain, question: str, *history: str) -> str:
    """What is said to a question that must be answered."""
    answer = ask(chain, question, *history)
    assert answer.status is Status.ANSWERED, answer.text
    assert answer.citations
    return plain(answer)


def refused(chain: AnswerChain, question: str, *history: str) -> str:
    """What is said to a question that the documents do not answer."""
    answer = ask(chain, question, *history)
    assert answer.status is Status.NOT_FOUND, answer.text
    return plain(answer)
