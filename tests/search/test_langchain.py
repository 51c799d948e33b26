"""The retriever among LangChain's own parts."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.documents import Document as Page
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableLambda

from assistant.chain import AnswerChain
from assistant.language.clean import compact
from assistant.search.langchain import PolicyRetriever

QUESTION = "晋中2025年人均预期寿命目标"


@pytest.fixture
def retriever(chain: AnswerChain) -> PolicyRetriever:
    return PolicyRetriever(find=chain.find, k=4)


def test_it_is_a_retriever(retriever: PolicyRetriever, chain: AnswerChain) -> None:
    assert isinstance(retriever, BaseRetriever)
    pages = retriever.invoke(QUESTION)
    assert [page.id for page in pages] == [hit.chunk.id for hit in chain.find(QUESTION, 4)]
    assert len(pages) == 4


def test_offsets_in_the_metadata_give_the_text(retriever: PolicyRetriever, chain: AnswerChain) -> None:
    for page in retriever.invoke("方山医养结合"):
        text = chain.library.document(page.metadata["doc"]).text
        assert compact(text[page.metadata["start"] : page.metadata["end"]]) == page.page_content


def test_the_metadata_is_plain(retriever: PolicyRetriever) -> None:
    """Vector stores and tracers take only plain values."""
    page = retriever.invoke("长治在培训班上谁发的言")[0]
    assert page.metadata["speaker"]
    assert page.metadata["kind"] in {"paragraph", "item", "heading", "title", "row"}
    assert type(page.metadata["kind"]) is str
    assert isinstance(page.metadata["score"], float)
    assert all(isinstance(year, int) for year in page.metadata["years"])
    assert Page.model_validate_json(page.model_dump_json()) == page


def test_batches_and_async_calls_give_the_same(retriever: PolicyRetriever) -> None:
    questions = [QUESTION, "方山医养结合"]
    single = [retriever.invoke(question) for question in questions]
    assert retriever.batch(questions) == single
    assert asyncio.run(retriever.ainvoke(QUESTION)) == single[0]


def test_it_composes_and_is_traced(retriever: PolicyRetriever) -> None:
    seen: list[str] = []

    class Tracer(BaseCallbackHandler):
        def on_retriever_start(
            self, serialized: dict[str, Any], query: str, *, run_id: UUID, **kwargs: Any
        ) -> None:
            seen.append(query)

    composed = retriever | RunnableLambda(len)
    assert composed.invoke(QUESTION, {"callbacks": [Tracer()]}) == 4
    assert seen == [QUESTION]
