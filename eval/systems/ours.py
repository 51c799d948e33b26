"""This project's assistant: whole, with a language model, and with a part taken away.

Which servers the environment names matters to `ours-model` alone, and of them only the chat server: what it answers
differently from `ours` is then the model's doing.
"""

from __future__ import annotations

from pathlib import Path

from assistant.chain import AnswerChain, build
from assistant.errors import InputError, RemoteError
from assistant.exchange import answer_line
from assistant.index import ingest
from assistant.models.embeddings import LocalEmbeddings
from assistant.models.probe import probe
from assistant.settings import Settings
from assistant.types import Question
from eval.model import unset
from eval.systems.base import Line, Place


class Ours:
    """The chain over a library of its own."""

    def __init__(self, chain: AnswerChain) -> None:
        self._chain = chain

    def answer(self, question: Question) -> Line:
        return answer_line("", question.text, self._chain.invoke(question), seconds=0.0)


def whole(place: Place) -> Ours:
    """As it is shipped: without any server."""
    return _opened(place)


def with_model(place: Place) -> Ours:
    """With the chat server of the environment.

    Raises InputError where none is configured, RemoteError where it does not answer: each answer would then be the
    extractive one, under a wrong name.
    """
    if lacks := unset(Settings()):
        raise InputError(lacks)
    for finding in probe(Settings(embed_url="", rerank_url="")):
        if not finding.ok:
            raise RemoteError(finding.said)
    return _opened(place, model=True)


def without_reader(place: Place) -> Ours:
    """No passage is read by the local reader: words, vectors and structure alone rank what was found."""
    return _opened(place, reader=False)


def without_vectors(place: Place) -> Ours:
    """Words and bigrams alone find the passages, and no sentence is compared by meaning."""
    return _opened(place, vectors=False)


def without_structure(place: Place) -> Ours:
    """Documents taken as plain paragraphs: no headings, speakers, tables or furniture."""
    return _opened(place, structure=False)


def without_glossary(place: Place) -> Ours:
    """Neither the glossary nor the segmenter's dictionary, which lie beside the corpus, are read."""
    empty = place.scratch / "no-glossary"
    empty.mkdir(parents=True, exist_ok=True)
    return _opened(place, beside=empty)


def _opened(
    place: Place,
    *,
    reader: bool = True,
    vectors: bool = True,
    structure: bool = True,
    model: bool = False,
    beside: Path | None = None,
) -> Ours:
    library = place.scratch / ("library" if structure else "library-plain")
    chat_url = Settings().chat_url if model else ""
    settings = Settings(
        library=library,
        reader=reader,
        vectors=vectors,
        structure=structure,
        corpus=beside or Settings().corpus,
        chat_url=chat_url,
        embed_url="",
        rerank_url="",
    )
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
