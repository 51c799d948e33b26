"""What belongs to one generation of the library: everything between a question and its answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from assistant.answer.chat import ChatAnswerer
from assistant.answer.extractive import ExtractiveAnswerer
from assistant.answer.verification import Verifier
from assistant.chain.models import Models
from assistant.dialogue.standalone import standalone
from assistant.errors import LibraryError, RemoteError
from assistant.index import Library
from assistant.language.regions import regions_in
from assistant.language.synonyms import Synonyms
from assistant.search.catalog import Catalog
from assistant.search.passages import Passages
from assistant.search.reading import Readings
from assistant.search.reranking import reranked
from assistant.search.retrieval import Retriever
from assistant.search.understand import understand
from assistant.types import Hit, Query, Question, Turn

T = TypeVar("T")

OTHER_MODEL = "资料库 {path} 的向量由 {found} 算出，与现在的设置不符；请运行 python -m assistant ingest --re-embed 重新计算"
BY_WORDS = "向量服务暂时用不了（{why}），这次只按字词检索。"
UNRANKED = "重排服务暂时用不了（{why}），这次没有重排。"
_VECTORS_KEPT = 4096  # of sentences, in memory
_RESTED = 30.0  # seconds that a server which failed is left alone


class State:
    """The parts that answer from one generation; threads may share it. Raises LibraryError for vectors of another model."""

    def __init__(
        self, library: Library, models: Models, synonyms: Synonyms, dictionary: Path | None = None
    ) -> None:
        self.generation = library.generation
        found = str(library.versions.get("embedder", ""))
        if not models.fits(found):
            raise LibraryError(OTHER_MODEL.format(path=library.path, found=found))
        self._models, self._synonyms, self._dictionary = models, synonyms, dictionary
        self.passages = Passages(library)
        documents = library.documents()
        self.catalog = Catalog.build(documents, [b for d in documents for b in library.blocks(d.id)])
        named = {r.name for d in documents for r in regions_in(d.text, self.catalog.known_places)}
        self.regions = frozenset(named | set(self.catalog.known_places))
        self._vectors: dict[str, NDArray[np.float32]] = {}
        self._asked = lru_cache(maxsize=256)(self._encode_query)
        self._located = lru_cache(maxsize=256)(models.locate)
        self._vectors_rest, self._rerank_rest = _Rest(), _Rest()
        readings = Readings(self.passages, models.reader.read) if models.reader is not None else None
        place = self._place if models.by_meaning else None
        self.retriever = Retriever(library, self.passages, place, readings)
        self.answerer = ExtractiveAnswerer(
            self.passages,
            self.retriever,
            self._similar,
            self.catalog,
            self.regions,
            readings,
            self._after,
        )
        self.writer: ChatAnswerer | None = None
        if models.chat is not None:
            verifier = Verifier(self.passages, frozenset(self.catalog.people), self.alike)
            self.writer = ChatAnswerer(
                models.chat.server, models.chat.answer, verifier, self.passages, models.chat.context
            )

    def understand(self, text: str, alone: str) -> Query:
        """A question as typed, and as it stands alone, understood."""
        return understand(text, alone, self.catalog, self._synonyms, self._dictionary)

    def _after(self, text: str, before: str) -> Query:
        """A question asked right after another one, understood."""
        earlier = (Turn("user", before),) if before else ()
        return self.understand(text, standalone(Question(text, earlier), self.catalog))

    def retrieve(self, query: Query) -> tuple[list[Hit], str]:
        """The passages for a query, best first, and what the reader should know of how they were found."""
        hits, notice = self.retriever.retrieve(query), ""
        if self._models.by_meaning and self._vectors_rest.why:
            notice = BY_WORDS.format(why=self._vectors_rest.why)
        reranker = self._models.reranker
        if reranker is None or not hits:
            return hits, notice
        try:
            texts = [f"{hit.chunk.context}\n{hit.chunk.text}" for hit in hits]
            scores = self._rerank_rest.call(lambda: reranker.scores(query.standalone, texts))
        except RemoteError as error:
            return hits, notice + UNRANKED.format(why=_plain(error))
        return reranked(hits, scores), notice

    def alike(self, text: str, texts: Sequence[str]) -> list[float]:
        """Cosines of a text with others by the local encoder, whatever finds the passages; without vectors zeros."""
        if not self._models.by_meaning:
            return [0.0] * len(texts)
        known = self._vectors
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        vectors = dict(zip(missing, self._models.encoder.encode_passages(missing), strict=True))
        asked = np.asarray(self._asked(text), dtype=np.float32)
        told = [float(asked @ vectors[one]) if one in vectors else float(asked @ known[one]) for one in texts]
        self._keep(vectors)
        return told

    def _similar(self, query: Query, texts: Sequence[str]) -> list[float]:
        return self.alike(query.standalone, texts)

    def _place(self, text: str) -> Sequence[float] | None:
        """The vector that passages are looked for by; None while its server fails."""
        try:
            return self._vectors_rest.call(lambda: self._located(text))
        except RemoteError:
            return None

    def _encode_query(self, text: str) -> tuple[float, ...]:
        return tuple(float(x) for x in self._models.encoder.encode_query(text))

    def _keep(self, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        """Remember vectors of texts; once there are too many, a new memory is begun."""
        if len(self._vectors) + len(vectors) > _VECTORS_KEPT:
            self._vectors = dict(vectors)
        else:
            self._vectors.update(vectors)


class _Rest:
    """Leaves a server that failed alone for a while, so that not every question waits for it."""

    def __init__(self) -> None:
        self.why = ""  # how it failed last; empty when it did not
        self._until = 0.0

    def call(self, work: Callable[[], T]) -> T:
        """What the work gives. Raises RemoteError when it fails, or has just failed."""
        if time.monotonic() < self._until:
            raise RemoteError(self.why)
        try:
            done = work()
        except RemoteError as error:
            self.why, self._until = _plain(error), time.monotonic() + _RESTED
            raise
        self.why = ""
        return done


def _plain(error: RemoteError) -> str:
    return str(error).rstrip("。")
