"""Scores from a reranker, whichever way its server speaks."""

from __future__ import annotations

import time
import traceback
from typing import Any

import pytest

from assistant.errors import RemoteError
from assistant.models.rerank import Reranker
from tests.models.server import MODEL, Drips, Fails, Hangs, ModelServer, Scores

KEY = "sk-secret-0123456789"
QUERY = "疫苗接种率"
TEXTS = ["医疗废物集中处置", "疫苗接种", "免疫规划疫苗接种率保持在90%以上"]
DOCUMENTS = ["jina", "vllm", "cohere", "xinference"]


def reranker(server: ModelServer, model: str = MODEL, **options: Any) -> Reranker:
    path = options.pop("path", "/rerank")
    return Reranker(f"{server.host}{path}", model, options.pop("key", ""), **options)


def fields(server: ModelServer) -> list[str]:
    """Under which name each request sent its texts."""
    return [field for r in server.to("rerank") for field in ("texts", "documents") if field in r.body]


@pytest.mark.parametrize("shape", ["tei", *DOCUMENTS])
@pytest.mark.parametrize("model", ["", MODEL], ids=["nameless", "named"])
def test_every_shape_is_found_out_once(shape: str, model: str) -> None:
    with ModelServer(rerank=Scores(shape)) as server:
        ranking = reranker(server, model)
        first = ranking.scores(QUERY, TEXTS)
        tries = len(server.requests)
        assert ranking.scores(QUERY, TEXTS) == first
        assert len(server.requests) == tries + 1
    right = "texts" if shape == "tei" else "documents"
    guess = "documents" if model else "texts"
    assert fields(server) == ([right] * 2 if guess == right else [guess, right, right])
    assert sorted(range(3), key=first.__getitem__) == [0, 1, 2]
    assert all(request.body["query"] == QUERY for request in server.requests)
    assert all(request.body.get("model", "") == model for request in server.requests)


def test_many_texts_go_out_in_batches_and_keep_their_places() -> None:
    texts = [f"{QUERY[: number % 6]}{'乙' * (number % 7)}丙" for number in range(70)]
    with ModelServer(rerank=Scores("tei", most=32), key=KEY) as server:
        ranking = reranker(server, "", key=KEY)
        scores = ranking.scores(QUERY, texts)
        assert [len(request.body["texts"]) for request in server.requests] == [32, 32, 6]
        assert scores == [ranking.scores(QUERY, [text])[0] for text in texts]
    assert len(set(scores)) == 6
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("shape", ["tei", "xinference"])
def test_what_is_left_out_gets_the_lowest_score(shape: str) -> None:
    with ModelServer(rerank=Scores(shape, leave=1)) as server:
        scores = reranker(server).scores(QUERY, TEXTS)
    assert scores[0] == scores[1] < scores[2]


def test_without_texts_nothing_is_asked() -> None:
    with ModelServer() as server:
        assert reranker(server).scores(QUERY, []) == []
        assert server.requests == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ([], "没有得分"),
        ({"results": []}, "没有得分"),
        ({"results": None}, "没有得分"),
        ({"error": "later"}, "没有得分"),
        (["0.9", "0.8", "0.7"], "没有得分"),
        ("[]", "没有得分"),
        ([{"index": 3, "score": 0.5}], "序号不对"),
        ([{"index": -1, "score": 0.5}], "序号不对"),
        ([{"score": 0.5}], "序号不对"),
        ([{"index": 1, "score": 0.5}, {"index": 1, "score": 0.6}], "序号不对"),
        ([{"index": 0, "score": float("nan")}], "不是数字"),
        ([{"index": 0, "score": "0.5"}], "不是数字"),
        ([{"index": 0}], "不是数字"),
    ],
)
def test_senseless_scores_are_refused(body: Any, said: str) -> None:
    with (
        ModelServer(rerank=Fails(200, body)) as server,
        pytest.raises(RemoteError, match=rf"{said}.*RERANK_URL"),
    ):
        reranker(server).scores(QUERY, TEXTS)


def test_what_may_pass_is_tried_once_more() -> None:
    with ModelServer(rerank=[Fails(503), Scores("jina")]) as server:
        assert len(reranker(server).scores(QUERY, TEXTS)) == 3
        assert fields(server) == ["documents"] * 2
    with ModelServer(rerank=Fails.like("tei_overloaded")) as server:
        with pytest.raises(RemoteError, match="请求过多"):
            reranker(server).scores(QUERY, TEXTS)
        assert len(server.requests) == 2


@pytest.mark.parametrize("slow", [Hangs(60), Drips(), Drips(headers=True)], ids=["hangs", "body", "headers"])
def test_a_slow_server_is_left_in_time(slow: Any) -> None:
    with ModelServer(rerank=[Scores("jina"), slow]) as server:
        ranking = reranker(server, timeout=0.6)
        assert ranking.scores(QUERY, TEXTS)
        start = time.monotonic()
        with pytest.raises(RemoteError, match="ASSISTANT_RERANK_TIMEOUT"):
            ranking.scores(QUERY, TEXTS)
        assert time.monotonic() - start < 2


def test_the_time_limit_holds_for_all_batches_together() -> None:
    def slowly(_body: Any) -> Scores:
        time.sleep(0.4)
        return Scores("jina")

    with ModelServer(rerank=slowly) as server:
        start = time.monotonic()
        with pytest.raises(RemoteError, match="ASSISTANT_RERANK_TIMEOUT"):
            reranker(server, timeout=1.0).scores(QUERY, TEXTS * 60)
        assert time.monotonic() - start < 2.5


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (Fails.like("vllm_key_refused"), "ASSISTANT_RERANK_KEY"),
        (Fails(400, {"message": f"bad header Bearer {KEY}"}), "不接受请求"),
        (Fails.like("vllm_unknown_model"), "ASSISTANT_RERANK_MODEL"),
        (Fails(404, {"detail": "Not Found"}), "/rerank"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_without_the_key(failure: Fails, said: str) -> None:
    """The first way's refusal is told: the second one's would be about the fields."""
    with (
        ModelServer(rerank=[failure, Fails.like("tei_fields")]) as server,
        pytest.raises(RemoteError, match=said) as caught,
    ):
        reranker(server, key=KEY).scores(QUERY, TEXTS)
    assert "\n" not in str(caught.value)
    assert KEY not in "".join(traceback.format_exception(caught.value))
