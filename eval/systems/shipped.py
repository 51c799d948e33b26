"""What widely used libraries give as they are shipped: a splitter, a retriever, and its first chunk as the answer.

No language model: these show what retrieval alone brings, on the same documents and with the same vectors as ours. A
follow-up is searched as it was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.models.embeddings import LocalEmbeddings
from assistant.types import Question, Span
from eval.documents import Corpus
from eval.systems.base import MOST_RETRIEVED, Line, Place, line_of

CHUNK, OVERLAP = 500, 50  # characters
Ranked = Sequence[tuple[int, float]]  # numbers of chunks with scores, best first
Metadata = dict[str, int]


@dataclass(frozen=True, slots=True)
class Chunks:
    """The chunks of LangChain's recursive splitter, in the order of the documents."""

    corpus: Corpus
    spans: tuple[Span, ...]
    texts: tuple[str, ...]


class FirstChunk:
    """Answers with the first chunk that a search finds."""

    def __init__(self, chunks: Chunks, search: Callable[[str], Ranked]) -> None:
        self._chunks, self._search = chunks, search

    def answer(self, question: Question) -> Line:
        ranked = self._search(question.text)[:MOST_RETRIEVED]
        found = [(self._chunks.spans[number], score) for number, score in ranked]
        cited = [found[0][0]] if found else []
        text = f"{self._chunks.texts[ranked[0][0]]}[1]" if ranked else ""
        return line_of(self._chunks.corpus, text, cited, found)


def langchain_quickstart(place: Place) -> FirstChunk:
    """Recursive splitter, Chroma, vectors."""
    from langchain_chroma import Chroma

    chunks = _split(Corpus(place.corpus))
    store = Chroma(embedding_function=LocalEmbeddings(), collection_metadata={"hnsw:space": "cosine"})
    store.add_texts(list(chunks.texts), metadatas=[{"number": n} for n in range(len(chunks.texts))])

    def search(text: str) -> Ranked:
        found = store.similarity_search_with_score(text, k=MOST_RETRIEVED)
        return [(int(page.metadata["number"]), 1.0 - distance) for page, distance in found]

    return FirstChunk(chunks, search)


def langchain_bm25(place: Place) -> FirstChunk:
    """LangChain's BM25Retriever with its own tokenizer, which splits on white space."""
    from langchain_community.retrievers import BM25Retriever

    chunks = _split(Corpus(place.corpus))
    numbers: list[Metadata] = [{"number": n} for n in range(len(chunks.texts))]
    retriever = BM25Retriever.from_texts(list(chunks.texts), metadatas=numbers, k=MOST_RETRIEVED)

    def search(text: str) -> Ranked:
        found = retriever.invoke(text)  # without scores: the rank stands for them
        return [(int(page.metadata["number"]), 1.0 / rank) for rank, page in enumerate(found, start=1)]

    return FirstChunk(chunks, search)


def haystack_bm25(place: Place) -> FirstChunk:
    """Haystack's InMemoryBM25Retriever with its own tokenizer. Raises ImportError where haystack-ai is not installed."""
    from haystack import Document
    from haystack.components.retrievers.in_memory import InMemoryBM25Retriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    chunks = _split(Corpus(place.corpus))
    store = InMemoryDocumentStore()
    store.write_documents(
        [Document(content=text, meta={"number": number}) for number, text in enumerate(chunks.texts)]
    )
    retriever = InMemoryBM25Retriever(document_store=store, top_k=MOST_RETRIEVED)

    def search(text: str) -> Ranked:
        found = retriever.run(query=text)["documents"]
        return [(int(page.meta["number"]), float(page.score or 0.0)) for page in found]

    return FirstChunk(chunks, search)


def _split(corpus: Corpus) -> Chunks:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK, chunk_overlap=OVERLAP, add_start_index=True)
    spans, texts = [], []
    for doc, text in corpus.texts.items():
        for page in splitter.create_documents([text.original]):
            start = page.metadata["start_index"]
            spans.append(Span(doc, start, start + len(page.page_content)))
            texts.append(page.page_content)
    return Chunks(corpus, tuple(spans), tuple(texts))
