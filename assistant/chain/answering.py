"""From settings to the chain: all wiring is here.

Question ─► standalone + understand ─► retrieve ─► answer ─► Answer
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda

from assistant import __version__
from assistant.answer.evidence import rested_first
from assistant.answer.extractive import declined, snapshots
from assistant.answer.several import joined, questions_in
from assistant.chain.models import Models
from assistant.chain.state import State
from assistant.dialogue import rewriting, standalone
from assistant.errors import QuestionError
from assistant.index import open_library
from assistant.language import synonyms as glossary
from assistant.language.clean import is_blank
from assistant.language.numbers import normalise
from assistant.language.slips import mended
from assistant.search.guard import Reason, is_out_of_scope
from assistant.settings import Settings
from assistant.types import Answer, Hit, Query, Question, Turn

DECLINED = "抱歉，这个问题不在服务范围内。我只根据资料库里的政策文件回答问题，例如“某项指标的目标是多少”“某项工作怎么开展”。"
GREETING = "您好！我根据资料库里的政策文件回答问题，并给出原文出处。请直接输入想了解的内容，例如“某项指标的目标是多少”。"
# The settings that an answer depends on.
_TOLD = {
    "chunk_tokens",
    "question_chars",
    "reader",
    "structure",
    "vectors",
    "chat_model",
    "embed_model",
    "rerank_model",
}


@dataclass(frozen=True, slots=True)
class _Found:
    """A question on its way through the chain; `answer` is set early for what is declined."""

    query: Query
    hits: tuple[Hit, ...] = ()
    notice: str = ""  # what the reader should know of the search
    answer: Answer | None = None


class AnswerChain(Runnable[Question, Answer]):
    """The way from a question with its history to an answer, as a LangChain Runnable.

    `invoke` and `batch` give whole answers; `stream` gives growing snapshots, the last one whole. Each stage is a
    Runnable of its own, so tracing callbacks see it. Raises QuestionError for a blank or an over-long question. Where a
    chat server is configured it writes the answers; what it fails to do, the extractive answerer does.
    """

    def __init__(self, settings: Settings) -> None:
        self._models = Models(settings)
        self.encoder = self._models.encoder
        self.library = open_library(
            settings.library, embedder_version=self._models.version, chroma_url=settings.chroma_url
        )
        self._longest = settings.question_chars
        self._corpus = settings.corpus
        self._dictionary = settings.corpus / "userdict.txt"
        self._record = {
            "code": __version__,
            "settings": _fingerprint(settings),
            "encoder": self.encoder.version,
            "reader": self._models.reader.version if self._models.reader is not None else "",
        }
        self._guard = threading.Lock()
        self._current: State | None = None
        understood: Runnable[Question, _Found] = RunnableLambda(self._understand).with_config(
            run_name="understand"
        )
        retrieved: Runnable[_Found, _Found] = RunnableLambda(self._retrieve).with_config(run_name="retrieve")
        self._search: Runnable[Question, _Found] = understood | retrieved
        self._write: Runnable[_Found, Answer] = RunnableLambda(self._answer).with_config(run_name="answer")

    @cached_property
    def synonyms(self) -> glossary.Synonyms:
        """The glossary beside the corpus."""
        return glossary.load(self._corpus / "glossary.toml")

    def invoke(self, input: Question | str, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:
        """The answer to a question."""
        question = self._checked(input)
        with self._pinned():
            return (self._search | self._write).invoke(question, config, **kwargs)

    def stream(
        self, input: Question | str, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Iterator[Answer]:
        """The answer as it grows: snapshots, the last one whole."""
        if self._models.chat is None:
            yield from snapshots(self.invoke(input, config, **kwargs))
            return
        # Servers take each step in a context of its own; the state of the library is pinned in this one.
        context, steps = copy_context(), self._steps(self._checked(input), config, **kwargs)
        try:
            while (answer := context.run(next, steps, None)) is not None:
                yield answer
        finally:
            context.run(steps.close)

    def _steps(self, question: Question, config: RunnableConfig | None, **kwargs: Any) -> Generator[Answer]:
        with self._pinned():
            for answer in self._answers(self._search.invoke(question, config, **kwargs)):
                yield self._recorded(answer)

    def find(self, text: str, limit: int = 20) -> list[Hit]:
        """The passages for a question without history, best first."""
        with self._pinned():
            state = self._state()
            plain = normalise(_encodable(text))
            query = state.understand(plain, plain)
            return state.retriever.retrieve(query, limit)

    def warm(self) -> None:
        """Load models and indexes now, so that the first question does not wait for them."""
        self.find("规划的主要目标是什么")
        self._models.load()

    @contextmanager
    def _pinned(self) -> Iterator[None]:
        self.library.refresh()
        with self.library.pinned():
            yield

    def _state(self) -> State:
        with self._guard:
            if self._current is None or self._current.generation != self.library.generation:
                self._current = State(self.library, self._models, self.synonyms, self._dictionary)
            return self._current

    def _checked(self, input: Question | str) -> Question:
        question = Question(input) if isinstance(input, str) else input
        if all(is_blank(char) for char in question.text):
            raise QuestionError("问题是空的，请输入要问的内容")
        if len(question.text) > self._longest:
            raise QuestionError(
                f"问题有 {len(question.text)} 个字，超过 {self._longest} 字的上限，请缩短后再问"
            )
        history = tuple(replace(turn, text=_encodable(turn.text)) for turn in question.history)
        return Question(_encodable(question.text), history)

    def _understand(self, question: Question) -> _Found:
        state = self._state()
        asked = replace(question, text=self._plain(question.text, state))
        alone = standalone(asked, state.catalog)
        model = self._models.chat
        if model is not None and is_out_of_scope(alone) is None:
            alone = rewriting.rewritten(asked, model.server, model.rewrite, alone, model.rewriting_limit)
        alone = normalise(alone)
        query = state.understand(question.text, alone)
        reason = is_out_of_scope(alone)
        return _Found(query, answer=declined(_reply(reason)) if reason else None)

    def _plain(self, text: str, state: State) -> str:
        """A question in one spelling, a slip mended where the whole library is known to hold no such word."""
        plain = normalise(text)
        sampled = state.passages.sampled
        return plain if sampled else mended(plain, state.passages.knows, self._dictionary)

    def _retrieve(self, found: _Found) -> _Found:
        if found.answer is not None:
            return found
        hits, notice = self._state().retrieve(found.query)
        return replace(found, hits=tuple(hits), notice=notice)

    def _several(self, found: _Found) -> Answer | None:
        """The joined answer to a message of several questions; a later one inherits what it leaves unsaid."""
        state, answers = self._state(), []
        earlier: tuple[Turn, ...] = ()
        for text in questions_in(found.query.standalone):
            alone = standalone(Question(text, earlier), state.catalog)
            query = state.understand(text, alone)
            answers.append(state.answerer.answer(query, state.retriever.retrieve(query)))
            earlier = (*earlier, Turn("user", alone))
        return joined(answers) if answers else None

    def _answers(self, found: _Found) -> Iterator[Answer]:
        """The answer as it grows; the last one is whole."""
        if found.answer is not None:  # declined: no model is asked what it may not do
            yield found.answer
            return
        state = self._state()
        answer = self._several(found) or state.answerer.answer(found.query, found.hits)
        grown = [answer] if state.writer is None else state.writer.stream(found.query, found.hits, answer)
        for one in grown:
            yield replace(one, notice=found.notice + one.notice)

    def _answer(self, found: _Found) -> Answer:
        *_, answer = self._answers(found)
        return self._recorded(answer)

    def _recorded(self, answer: Answer) -> Answer:
        hits = rested_first(answer.hits, answer.citations, self._state().passages.chunk_at)
        return replace(answer, hits=hits, record=self._record | {"library": self.library.generation})


def _encodable(text: str) -> str:
    """The text with a question mark for each half of a surrogate pair: JSON may hold one, and no index can."""
    return text.encode("utf-8", "replace").decode("utf-8")


def build(settings: Settings) -> AnswerChain:
    """The chain over the settings' library. Raises LibraryMissing, LibraryError and ModelError."""
    return AnswerChain(settings)


def _reply(reason: Reason) -> str:
    return GREETING if reason is Reason.SMALL_TALK else DECLINED


def _fingerprint(settings: Settings) -> str:
    told = settings.model_dump_json(include=_TOLD)
    return hashlib.sha256(told.encode()).hexdigest()[:12]
