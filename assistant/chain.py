"""From settings to the chain: all wiring is here.

Question ─► standalone + understand ─► retrieve ─► answer ─► Answer
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda

from assistant import __version__
from assistant.answer.extractive import ExtractiveAnswerer, declined, snapshots
from assistant.answer.several import joined, questions_in
from assistant.dialogue import standalone
from assistant.errors import QuestionError
from assistant.index import Library, open_library
from assistant.language import synonyms as glossary
from assistant.language.clean import is_blank
from assistant.language.numbers import normalise
from assistant.language.regions import regions_in
from assistant.models.encoder import Encoder
from assistant.search.catalog import Catalog
from assistant.search.guard import Reason, is_out_of_scope
from assistant.search.passages import Passages
from assistant.search.retrieval import Retriever
from assistant.search.understand import understand
from assistant.settings import Settings
from assistant.types import Answer, Hit, Query, Question, Turn

DECLINED = "抱歉，这个问题不在服务范围内。我只根据资料库里的政策文件回答问题，例如“某项指标的目标是多少”“某项工作怎么开展”。"
GREETING = "您好！我根据资料库里的政策文件回答问题，并给出原文出处。请直接输入想了解的内容，例如“某项指标的目标是多少”。"
_VECTORS_KEPT = 4096  # of sentences, in memory


@dataclass(frozen=True, slots=True)
class _Found:
    """A question on its way through the chain; `answer` is set early for what is declined."""

    query: Query
    hits: tuple[Hit, ...] = ()
    answer: Answer | None = None


class _State:
    """Everything that belongs to one generation of the library."""

    def __init__(self, library: Library, encoder: Encoder, *, vectors: bool) -> None:
        self.generation = library.generation
        self.passages = Passages(library)
        documents = library.documents()
        self.catalog = Catalog.build(documents, [b for d in documents for b in library.blocks(d.id)])
        named = {r.name for d in documents for r in regions_in(d.text, self.catalog.regions)}
        self.regions = frozenset(named | set(self.catalog.regions))
        self._encoder, self._by_meaning = encoder, vectors
        self._vector = lru_cache(maxsize=_VECTORS_KEPT)(self._encode_one)
        self.encode = lru_cache(maxsize=256)(self._encode_query)
        self.retriever = Retriever(library, self.passages, self.encode if vectors else None)
        self.answerer = ExtractiveAnswerer(
            self.passages, self.retriever, self._similar, self.catalog, self.regions
        )

    def _encode_query(self, text: str) -> tuple[float, ...]:
        return tuple(float(x) for x in self._encoder.encode_query(text))

    def _encode_one(self, text: str) -> Any:
        return self._encoder.encode_passages([text])[0]

    def _similar(self, query: Query, texts: Sequence[str]) -> list[float]:
        """Cosines of a query with texts; vectors have length 1. Without vectors nothing is alike."""
        if not self._by_meaning:
            return [0.0] * len(texts)
        asked = self.encode(query.standalone)
        return [float(sum(a * b for a, b in zip(asked, self._vector(text), strict=True))) for text in texts]


class AnswerChain(Runnable[Question, Answer]):
    """The way from a question with its history to an answer, as a LangChain Runnable.

    `invoke` and `batch` give whole answers; `stream` gives growing snapshots, the last one whole. Each stage is a
    Runnable of its own, so tracing callbacks see it. Raises QuestionError for a blank or an over-long question.
    """

    def __init__(self, settings: Settings) -> None:
        self.encoder = Encoder(threads=settings.threads)
        self.library = open_library(
            settings.library, embedder_version=self.encoder.version, chroma_url=settings.chroma_url
        )
        self._longest, self._by_meaning = settings.question_chars, settings.vectors
        self._corpus = settings.corpus
        self._dictionary = settings.corpus / "userdict.txt"
        self._record = {
            "code": __version__,
            "settings": _fingerprint(settings),
            "encoder": self.encoder.version,
        }
        self._guard = threading.Lock()
        self._current: _State | None = None
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
        yield from snapshots(self.invoke(input, config, **kwargs))

    def find(self, text: str, limit: int = 20) -> list[Hit]:
        """The passages for a question without history, best first."""
        with self._pinned():
            state = self._state()
            plain = normalise(_encodable(text))
            query = understand(plain, plain, state.catalog, self.synonyms, self._dictionary)
            return state.retriever.retrieve(query, limit)

    def warm(self) -> None:
        """Load models and indexes now, so that the first question does not wait for them."""
        self.find("规划的主要目标是什么")

    @contextmanager
    def _pinned(self) -> Iterator[None]:
        self.library.refresh()
        with self.library.pinned():
            yield

    def _state(self) -> _State:
        with self._guard:
            if self._current is None or self._current.generation != self.library.generation:
                self._current = _State(self.library, self.encoder, vectors=self._by_meaning)
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
        alone = normalise(standalone(replace(question, text=normalise(question.text)), state.catalog))
        query = understand(question.text, alone, state.catalog, self.synonyms, self._dictionary)
        reason = is_out_of_scope(alone)
        return _Found(query, answer=declined(_reply(reason)) if reason else None)

    def _retrieve(self, found: _Found) -> _Found:
        if found.answer is not None:
            return found
        return replace(found, hits=tuple(self._state().retriever.retrieve(found.query)))

    def _several(self, found: _Found) -> Answer | None:
        """The joined answer to a message of several questions; a later one inherits what it leaves unsaid."""
        state, answers = self._state(), []
        earlier: tuple[Turn, ...] = ()
        for text in questions_in(found.query.standalone):
            alone = standalone(Question(text, earlier), state.catalog)
            query = understand(text, alone, state.catalog, self.synonyms, self._dictionary)
            answers.append(state.answerer.answer(query, state.retriever.retrieve(query)))
            earlier = (*earlier, Turn("user", alone))
        return joined(answers) if answers else None

    def _answer(self, found: _Found) -> Answer:
        answer = (
            found.answer or self._several(found) or self._state().answerer.answer(found.query, found.hits)
        )
        return replace(answer, record=self._record | {"library": self.library.generation})


def _encodable(text: str) -> str:
    """The text with a question mark for each half of a surrogate pair: JSON may hold one, and no index can."""
    return text.encode("utf-8", "replace").decode("utf-8")


def build(settings: Settings) -> AnswerChain:
    """The chain over the settings' library. Raises LibraryMissing, LibraryError and ModelError."""
    return AnswerChain(settings)


def _reply(reason: Reason) -> str:
    return GREETING if reason is Reason.SMALL_TALK else DECLINED


def _fingerprint(settings: Settings) -> str:
    told = settings.model_dump_json(include={"chunk_tokens", "question_chars", "structure", "vectors"})
    return hashlib.sha256(told.encode()).hexdigest()[:12]
