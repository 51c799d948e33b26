"""What the check of the configured servers finds, each finding against a real server."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from assistant.models.configured import embeddings_for, fits, reranker_for, servers
from assistant.models.embeddings import LocalEmbeddings
from assistant.models.encoder import Encoder
from assistant.models.probe import Finding, probe
from assistant.settings import Settings
from tests.models.server import MODEL, Cuts, Fails, Garbles, Hangs, ModelServer, Says, Scores, Vectors

KEY = "sk-secret-0123456789"


def configured(server: ModelServer, *parts: str, model: str = MODEL, **more: Any) -> Settings:
    """Settings that name the server for the parts, by default for all."""
    addresses = {"chat": server.url, "embed": server.url, "rerank": f"{server.url}/rerank"}
    values: dict[str, Any] = {}
    for part in parts or addresses:
        values |= {f"{part}_url": addresses[part], f"{part}_model": model, f"{part}_key": SecretStr(KEY)}
    return Settings(**(values | more))


def only(findings: list[Finding]) -> Finding:
    [one] = findings
    return one


@pytest.fixture
def deaf() -> Iterator[tuple[str, socket.socket]]:
    """An address, and the socket there that would notice a connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1", listener


def test_all_is_well() -> None:
    with ModelServer(Says("您好。"), rerank=Scores("jina"), key=KEY) as server:
        findings = probe(configured(server), f"server:{MODEL}:8")
        assert len(server.requests) == 3
    assert [one.name for one in findings] == ["对话模型", "向量模型", "重排模型"]
    assert [one.address for one in findings] == [server.url, server.url, f"{server.url}/rerank"]
    assert all(one.ok for one in findings)
    assert all(one.said.startswith(f"可用（{MODEL}，") for one in findings)
    assert all(one.said.endswith(" 秒）") for one in findings)
    assert "8 维，与资料库一致" in findings[1].said


def test_only_what_is_configured_is_tried() -> None:
    assert probe(Settings()) == []
    with ModelServer() as server:
        assert only(probe(configured(server, "rerank", model=""))).said.startswith("可用（未指定模型，")
        assert {request.path for request in server.requests} == {"/v1/rerank"}


@pytest.mark.parametrize(
    "answer",
    [Says("", finish="length", reasoning="用户在问好"), Says("<think>用户在问好", finish="length")],
)
def test_a_model_that_thinks_first_is_well(answer: Says) -> None:
    with ModelServer(answer) as server:
        assert only(probe(configured(server, "chat"))).ok


def test_a_long_answer_is_not_waited_for() -> None:
    with ModelServer(Says("您好，" * 200, delay=0.1)) as server:
        start = time.monotonic()
        assert only(probe(configured(server, "chat"))).ok
        assert time.monotonic() - start < 4


@pytest.mark.parametrize("part", ["chat", "embed", "rerank"])
def test_nobody_listens(part: str) -> None:
    with ModelServer() as server:
        settings = configured(server, part)
    one = only(probe(settings))
    assert not one.ok
    assert "连接被拒绝" in one.said
    assert f"ASSISTANT_{part.upper()}_URL" in one.said


@pytest.mark.parametrize("part", ["chat", "embed", "rerank"])
def test_the_key_is_refused(part: str) -> None:
    with ModelServer(Says("您好。"), rerank=Scores("jina"), key="another") as server:
        one = only(probe(configured(server, part)))
    assert not one.ok
    assert one.said.endswith(f"的密钥被拒绝：请检查 ASSISTANT_{part.upper()}_KEY")


@pytest.mark.parametrize("part", ["chat", "embed", "rerank"])
@pytest.mark.parametrize("shape", ["vllm", "ollama", "dashscope", "deepseek"])
def test_the_model_is_unknown(part: str, shape: str) -> None:
    models = [f"qwen3-{number}b" for number in range(7)]
    with ModelServer(models=models, key=KEY, shape=shape) as server:
        one = only(probe(configured(server, part)))
        assert [request.path for request in server.to("models")] == ["/v1/models"]
    assert not one.ok
    assert f"没有所设的模型：请检查 ASSISTANT_{part.upper()}_MODEL" in one.said
    names = "qwen3-0b、qwen3-1b、qwen3-2b、qwen3-3b、qwen3-4b"
    assert one.said.endswith(f"；服务提供的模型：{names} 等 7 个")


@pytest.mark.parametrize("listing", [Fails(404), Fails(200, []), Fails(200, {"data": [1, {}]}), Garbles()])
def test_a_server_that_does_not_tell_its_models(listing: Any) -> None:
    with ModelServer(models=["other"], listing=listing) as server:
        one = only(probe(configured(server, "chat")))
    assert one.said.endswith("请检查 ASSISTANT_CHAT_MODEL")


@pytest.mark.parametrize("part", ["chat", "embed"])
def test_no_model_is_named(part: str) -> None:
    with ModelServer(models=["qwen3-8b"]) as server:
        one = only(probe(configured(server, part, model="")))
        assert [request.path for request in server.requests] == ["/v1/models"]
    assert not one.ok
    assert one.said.endswith(f"请设置 ASSISTANT_{part.upper()}_MODEL；服务提供的模型：qwen3-8b")


@pytest.mark.parametrize("found", ["server:bge-m3:8", f"server:{MODEL}:1024", Encoder().version])
def test_vectors_that_cannot_be_compared_with_the_library_s(found: str) -> None:
    with ModelServer() as server:
        one = only(probe(configured(server, "embed"), found))
    assert not one.ok
    assert f"server:{MODEL}:8" in one.said
    assert found in one.said
    assert "需要重新计算向量，请运行 python -m assistant ingest --re-embed" in one.said


def test_senseless_vectors_and_scores() -> None:
    with ModelServer(embeddings=Vectors(wrong="nan"), rerank=Fails(200, [])) as server:
        findings = probe(configured(server, "embed", "rerank"))
    assert [one.ok for one in findings] == [False, False]
    assert all("数据不合要求" in one.said for one in findings)


@pytest.mark.parametrize("part", ["chat", "embed", "rerank"])
@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (Fails(500), "出错（500）"),
        (Fails.like("dashscope_limit"), "请求过多"),
        (Fails.like("deepseek_balance"), "余额不足"),
        (Fails(404, {"detail": "Not Found"}), "_URL"),
        (Garbles(), "模型"),
        (Cuts(), "中断"),
    ],
)
def test_other_failures_are_told_in_one_line(part: str, failure: Any, said: str) -> None:
    with ModelServer(failure, embeddings=failure, rerank=failure) as server:
        one = only(probe(configured(server, part)))
        assert len(server.requests) == 1 or part == "rerank"
    assert not one.ok
    assert said in one.said
    assert "\n" not in one.said


@pytest.mark.parametrize("part", ["chat", "embed", "rerank"])
def test_a_server_that_says_nothing(part: str) -> None:
    with ModelServer(Hangs(60), embeddings=Hangs(60), rerank=Hangs(60)) as server:
        settings = configured(server, part).model_copy(update={f"{part}_timeout": 0.5})
        start = time.monotonic()
        one = only(probe(settings))
        assert time.monotonic() - start < 5
        assert len(server.requests) == 1
    assert one.said.endswith(f"可以调高 ASSISTANT_{part.upper()}_TIMEOUT")


def test_no_key_and_no_password_is_ever_shown() -> None:
    echo = Fails(400, {"error": {"message": f"do not know Bearer {KEY}"}})
    with ModelServer(echo, embeddings=echo, rerank=echo) as server:
        host = server.host.removeprefix("http://")
        url = f"http://me:pass%20word@{host}/v1?token={KEY}"
        settings = configured(server, chat_url=url)
        findings = probe(settings)
    assert findings[0].address == server.url
    shown = repr(findings) + repr(servers(settings)) + repr(settings.chat_key)
    for secret in (KEY, "pass%20word", "me:"):
        assert secret not in shown


def test_a_broken_address_is_told() -> None:
    one = only(probe(Settings(chat_url="http://[::1", chat_model=MODEL)))
    assert (one.ok, one.address) == (False, "")
    assert "ASSISTANT_CHAT_URL" in one.said


class TestConfigured:
    """Which models the settings name; nothing is connected to."""

    def test_without_settings_all_is_local(self) -> None:
        encoder = Encoder()
        local = embeddings_for(Settings(), encoder)
        assert isinstance(local, LocalEmbeddings)
        assert local.version == embeddings_for(Settings()).version == encoder.version
        assert reranker_for(Settings()) is None
        assert [one.url for one in servers(Settings())] == ["", "", ""]

    def test_what_is_configured_is_used(self) -> None:
        with ModelServer(rerank=Scores("jina"), key=KEY) as server:
            settings = configured(server, embed_batch=2)
            embeddings_for(settings).embed_documents(["甲", "乙", "丙"])
            assert [len(request.body["input"]) for request in server.to("embeddings")] == [2, 1]
            reranker = reranker_for(settings)
            assert reranker is not None
            assert len(reranker.scores("甲", ["甲", "乙"])) == 2

    def test_nothing_is_connected_to(self, deaf: tuple[str, socket.socket]) -> None:
        url, listener = deaf
        settings = Settings(embed_url=url, embed_model="m", rerank_url=url, chat_url=url)
        assert embeddings_for(settings)
        assert reranker_for(settings)
        assert servers(settings)
        with pytest.raises(BlockingIOError):
            listener.accept()

    def test_whose_vectors_fit(self) -> None:
        local, served = Settings(), Settings(embed_url="http://127.0.0.1:9/v1", embed_model="bge:m3")
        assert fits("e5-1", local)
        assert not fits("server:bge:m3:8", local)
        assert fits("server:bge:m3:8", served)
        assert not fits("server:bge:m4:8", served)
        assert not fits("e5-1", served)
