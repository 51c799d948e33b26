"""A conversation: what was asked and answered so far, and how it goes on. Nothing here knows of HTML."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from assistant.errors import AssistantError, QuestionError
from assistant.types import Answer, Question, Status, Turn
from assistant.web.seam import Asker

MOST_EXCHANGES = 30  # older ones are dropped, so that an open page cannot grow without end
MARK = re.compile(r"\[(\d{1,3})\]")
UNEXPECTED = "程序出了意料之外的问题，请再试一次；如果仍然如此，请把问题告诉管理员"
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question with its answer; the answer is None before its first words."""

    question: str
    answer: Answer | None = None
    whole: bool = False


Talk = tuple[Exchange, ...]


def usable(text: str, most: int) -> str:
    """The question without white space around it. Raises QuestionError when it is blank or over `most` characters."""
    # A lone surrogate, which a browser may send, could not be written out again as UTF-8.
    question = text.encode("utf-8", "replace").decode("utf-8").replace("\0", "").strip()
    if not question:
        raise QuestionError("问题是空的，请写上要问的话")
    if len(question) > most:
        raise QuestionError(f"问题太长：{len(question)} 字，最多 {most} 字，请精简后再问")
    return question


def turns(talk: Talk) -> tuple[Turn, ...]:
    """The conversation as the chain reads it: without marks, and without what failed."""
    told: list[Turn] = []
    for exchange in talk:
        if exchange.answer and exchange.answer.status is not Status.ERROR:
            told.append(Turn("user", exchange.question))
            told.append(Turn("assistant", MARK.sub("", exchange.answer.text)))
    return tuple(told)


def go_on(asker: Asker, talk: Talk, text: str, most: int) -> Iterator[Talk]:
    """The conversation with one more question, once for each step of the answer; never raises for a bad question."""
    try:
        question = usable(text, most)
    except QuestionError as error:
        yield (*talk, Exchange(text.strip()[:most], failed(error), whole=True))
        return
    earlier = talk[-(MOST_EXCHANGES - 1) :]
    yield (*earlier, Exchange(question))
    answer, shown = None, ""
    try:
        for answer in asker.stream(Question(question, turns(earlier))):
            if answer.text != shown:
                yield (*earlier, Exchange(question, answer))
            shown = answer.text
    except Exception as error:  # noqa: BLE001 - whatever happens becomes an answer that says so
        answer = failed(error)
    # The passages found are many times the size of the answer, and nothing on the page shows them.
    whole = replace(answer, hits=()) if answer else failed(RuntimeError("the chain gave no answer"))
    yield (*earlier, Exchange(question, whole, whole=True))


def failed(error: Exception) -> Answer:
    """An answer that says what went wrong."""
    said = explain(error)
    return Answer(Status.ERROR, said, error=said)


def explain(error: Exception) -> str:
    """One Chinese sentence for whoever asked; what was not foreseen goes to the log."""
    if isinstance(error, AssistantError):
        return str(error)
    _LOG.error("unexpected failure", exc_info=error)
    return UNEXPECTED
