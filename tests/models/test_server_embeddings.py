"""Vectors from a server: in order, sound, in time, and never more requests than needed."""

from __future__ import annotations

import socket
import time
import traceback
from typing import Any

import numpy as np
import pytest
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import InMemoryVectorStore

from assistant.errors import RemoteError
from assistant.models.server_embeddings import ServerEmbeddings, is_served, model_of
from tests.models.server import MODEL, Drips, Empty, Fails, Garbles, Hangs, ModelServer, Vectors

KEY = "sk-secret-0123456789"
TEXTS = [f"第{number}段：推进免疫规划疫苗接种" for number in range(70)]


def embeddings(server: ModelServer, **options: Any) -> ServerEmbeddings:
    return ServerEmbeddings(server.url, options.pop("model", MODEL), options.pop("key", ""), **options)


def asked(server: ModelServer) -> list[list[str]]:
    """The texts of each request."""
    return [request.body["input"] for request in server.to("embeddings")]


def reply(*vectors: Any) -> Fails:
    """A reply with these vectors, whatever they are."""
    return Fails(200, {"data": [{"index": n, "embedding": vector} for n, vector in enumerate(vectors)]})


def test_it_keeps_the_contract_of_langchain() -> None:
    with ModelServer() as server:
        found = embeddings(server)
        assert isinstance(found, Embeddings)
        vectors = found.embed_documents(["山西", "晋中"])
        assert all(type(number) is float for vector in vectors for number in vector)
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0)
        assert found.embed_query("晋中") == vectors[1] != vectors[0]


def test_a_vector_store_of_langchain_finds_with_it() -> None:
    with ModelServer() as server:
        store = InMemoryVectorStore(embeddings(server))
        store.add_texts(TEXTS)
        assert store.similarity_search(TEXTS[41], k=1)[0].page_content == TEXTS[41]


def test_texts_go_out_in_batches_and_come_back_in_order() -> None:
    told: list[tuple[int, int]] = []
    with ModelServer(key=KEY) as server:
        found = embeddings(server, key=KEY, batch=32)
        vectors = found.embed_documents(TEXTS, lambda *step: told.append(step))
        assert asked(server) == [TEXTS[:32], TEXTS[32:64], TEXTS[64:]]
        assert [vectors[at] for at in (0, 33, 69)] == [found.embed_query(TEXTS[at]) for at in (0, 33, 69)]
    assert told == [(32, 70), (64, 70), (70, 70)]
    for request in server.to("embeddings"):
        assert request.body["model"] == MODEL
        assert request.headers["authorization"] == f"Bearer {KEY}"


def test_the_order_is_told_by_the_index() -> None:
    with ModelServer(embeddings=[Vectors(wrong="shuffled"), Vectors()]) as server:
        found = embeddings(server)
        assert found.embed_documents(TEXTS[:5]) == found.embed_documents(TEXTS[:5])


def test_without_texts_nothing_is_asked() -> None:
    with ModelServer() as server:
        assert embeddings(server).embed_documents([]) == []
        assert server.requests == []


def test_the_version_names_model_and_length_and_is_asked_for_once() -> None:
    with ModelServer(models=["bge-m3:latest"], embeddings=Vectors(length=12)) as server:
        found = embeddings(server, model="bge-m3:latest")
        assert server.requests == []
        assert [found.version, found.version] == ["server:bge-m3:latest:12"] * 2
        assert found.dimension == 12
        assert len(server.requests) == 1
        seen = embeddings(server, model="bge-m3:latest")
        seen.embed_query("山西")
        assert seen.dimension == 12
        assert len(server.requests) == 2
        assert is_served(found.version)
        assert model_of(found.version) == "bge-m3:latest"


def test_an_address_may_end_in_a_slash() -> None:
    with ModelServer() as server:
        assert ServerEmbeddings(f"{server.url}/", MODEL).dimension == 8


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (Vectors(wrong="count"), "应有 3 个向量，实有 2 个"),
        (Vectors(wrong="empty"), "应有 3 个向量，实有 0 个"),
        (Vectors(wrong="nan"), "不是有限的数"),
        (Vectors(wrong="lengths"), "长短不一"),
        (Vectors(wrong="index"), "序号不全"),
        (reply([1, 0], [0, 1], [0, 0]), "全为零"),
        (reply([1, 0], [0, 1], [0, 1e999]), "不是有限的数"),
        (reply([], [], []), "是空的"),
        (reply(1.0, 2.0, 3.0), "是空的"),
        (reply([1, 0], [0, 1], None), "长短不一"),
        (reply("AACAPw==", "AACAPw==", "AACAPw=="), "不是数字"),
        (Fails(200, {"data": [1, 2, 3]}), "没有向量"),
        (Fails(200, {"data": None}), "没有向量"),
        (Fails(200, [[1.0], [2.0], [3.0]]), "没有向量"),
    ],
)
def test_unsound_vectors_are_refused_at_once(wrong: Vectors | Fails, said: str) -> None:
    with ModelServer(embeddings=wrong) as server:
        with pytest.raises(RemoteError, match=said) as caught:
            embeddings(server).embed_documents(TEXTS[:3])
        assert len(server.requests) == 1
    assert "ASSISTANT_EMBED_MODEL" in str(caught.value)
    assert not caught.value.passing


def test_numbers_at_the_edge_of_floats_are_brought_to_length_1() -> None:
    with ModelServer(embeddings=reply([3e300, 4e300], [3e-300, 4e-300])) as server:
        vectors = embeddings(server).embed_documents(["甲", "乙"])
    assert np.allclose(vectors, [[0.6, 0.8]] * 2)


def test_vectors_that_change_their_length_are_refused() -> None:
    with ModelServer(embeddings=[Vectors(8), Vectors(8), Vectors(9)]) as server:
        found = embeddings(server)
        assert found.version.endswith(":8")
        assert len(found.embed_query("甲")) == 8
        with pytest.raises(RemoteError, match="9 维，先前的有 8 维"):
            found.embed_query("甲")


@pytest.mark.parametrize(
    "failure",
    [
        Fails(429, headers={"Retry-After": "0.1"}),
        Fails(500),
        Fails.like("tei_overloaded"),
        Garbles(),
        Empty("body"),
        Hangs(0.05),
    ],
    ids=["429", "500", "overloaded", "broken JSON", "empty body", "cut"],
)
def test_what_may_pass_is_tried_again(failure: Any) -> None:
    with ModelServer(embeddings=[failure, Vectors()]) as server:
        assert len(embeddings(server).embed_documents(TEXTS[:3])) == 3
        assert asked(server) == [TEXTS[:3]] * 2


def test_tries_have_an_end() -> None:
    with ModelServer(embeddings=Fails(500)) as server:
        with pytest.raises(RemoteError, match="出错（500）"):
            embeddings(server, retries=1).embed_query("甲")
        assert len(server.requests) == 2
    with ModelServer(embeddings=Fails(429, headers={"Retry-After": "60"})) as server:
        start = time.monotonic()
        with pytest.raises(RemoteError, match="请求过多"):
            embeddings(server, timeout=5.0).embed_query("甲")
        assert time.monotonic() - start < 4
        assert len(server.requests) == 1


@pytest.mark.parametrize("slow", [Hangs(60), Drips(), Drips(headers=True)], ids=["hangs", "body", "headers"])
def test_a_slow_server_is_left_in_time(slow: Any) -> None:
    with ModelServer(embeddings=[Vectors(), slow]) as server:
        found = embeddings(server, timeout=0.6)
        assert found.dimension == 8
        start = time.monotonic()
        with pytest.raises(RemoteError, match="ASSISTANT_EMBED_TIMEOUT"):
            found.embed_query("甲")
        assert time.monotonic() - start < 2


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (Fails.like("dashscope_key_refused"), "ASSISTANT_EMBED_KEY"),
        (Fails(401, {"error": {"message": f"Incorrect API key provided: {KEY}"}}), "ASSISTANT_EMBED_KEY"),
        (Fails(400, {"error": {"message": f"bad header Bearer {KEY}"}}), "不接受请求"),
        (Fails.like("vllm_unknown_model"), "ASSISTANT_EMBED_MODEL"),
        (Fails.like("tei_batch"), "ASSISTANT_EMBED_BATCH"),
        (Fails(404, {"detail": "Not Found"}), "ASSISTANT_EMBED_URL"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_without_the_key(failure: Fails, said: str) -> None:
    with ModelServer(embeddings=failure) as server:
        with pytest.raises(RemoteError, match=said) as caught:
            embeddings(server, key=KEY).embed_query("甲")
        assert len(server.requests) == 1
    assert "\n" not in str(caught.value)
    assert KEY not in "".join(traceback.format_exception(caught.value))


def test_an_address_where_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(RemoteError, match=r"连不上向量模型的服务.*ASSISTANT_EMBED_URL"):
        ServerEmbeddings(f"http://127.0.0.1:{port}/v1", MODEL).embed_query("甲")


def test_a_model_must_be_named() -> None:
    with pytest.raises(RemoteError, match="ASSISTANT_EMBED_MODEL"):
        ServerEmbeddings("http://127.0.0.1:9/v1", "")
