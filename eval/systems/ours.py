"""This project's assistant, whole and with a part taken away."""

from __future__ import annotations

import time

from assistant.chain import AnswerChain, build
from assistant.exchange import answer_line
from assistant.index import ingest
from assistant.models.embeddings import LocalEmbeddings
from assistant.settings import Settings
from assistant.types import Question
from eval.systems.base import Line, Place


class Ours:
    """The chain over a library of its own."""

    def __init__(self, chain: AnswerChain) -> None:
        self._chain = chain

    def answer(self, question: Question) -> Line:
        start = time.perf_counter()
        answer = self._chain.invoke(question)
        return answer_line("", question.text, answer, time.perf_counter() - start)


def whole(place: Place) -> Ours:
    """As it is shipped."""
    return _opened(place)


def without_vectors(place: Place) -> Ours:
    """Words and bigrams alone find the passages, and no sentence is compared by meaning."""
    return _opened(place, vectors=False)


def without_structure(place: Place) -> Ours:
    """Documents taken as plain paragraphs: no headings, speakers, tables or furniture."""
    return _opened(place, structure=False)


def _opened(place: Place, *, vectors: bool = True, structure: bool = True) -> Ours:
    library = place.scratch / ("library" if structure else "library-plain")
    settings = Settings(library=library, vectors=vectors, structure=structure)
    embeddings = LocalEmbeddings(threads=settings.threads)
    ingest(
        [place.corpus],
        library,
        embeddings=embeddings,
        embedder_version=embeddings.version,
        chunk_tokens=settings.chunk_tokens,
        structure=structure,
    )
    chain = build(settings)
    chain.warm()
    return Ours(chain)
