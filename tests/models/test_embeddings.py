"""The local encoder as LangChain embeddings."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import InMemoryVectorStore

from assistant.models.embeddings import LocalEmbeddings
from assistant.models.encoder import Encoder


@pytest.fixture(scope="module")
def embeddings() -> LocalEmbeddings:
    return LocalEmbeddings()


def test_it_keeps_the_contract_of_langchain(embeddings: LocalEmbeddings) -> None:
    assert isinstance(embeddings, Embeddings)
    documents = embeddings.embed_documents(["山西", "晋中"])
    query = embeddings.embed_query("山西")
    assert [len(vector) for vector in documents] == [384, 384]
    assert all(type(number) is float for vector in [*documents, query] for number in vector)
    assert embeddings.embed_documents([]) == []
    assert len(query) == embeddings.dimension == 384


def test_the_asynchronous_half_agrees(embeddings: LocalEmbeddings) -> None:
    assert asyncio.run(embeddings.aembed_query("山西")) == embeddings.embed_query("山西")
    assert asyncio.run(embeddings.aembed_documents(["山西"])) == embeddings.embed_documents(["山西"])


def test_it_is_the_encoder(embeddings: LocalEmbeddings) -> None:
    encoder = Encoder()
    assert embeddings.version == encoder.version
    assert np.array_equal(
        np.asarray(embeddings.embed_query("山西"), np.float32), encoder.encode_query("山西")
    )
    assert LocalEmbeddings(encoder=encoder).embed_documents(["山西"]) == embeddings.embed_documents(["山西"])
    embeddings.verify()


def test_a_vector_store_of_langchain_finds_with_it(embeddings: LocalEmbeddings) -> None:
    store = InMemoryVectorStore(embeddings)
    store.add_texts(["适龄儿童免疫规划疫苗接种率保持在90%以上。", "推进医疗废物集中处置设施建设。"])
    assert "疫苗" in store.similarity_search("打疫苗的比例", k=1)[0].page_content
