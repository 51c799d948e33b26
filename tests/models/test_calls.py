"""Calls to model servers: what failures mean, when they are tried again, and that every wait ends."""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from assistant.errors import RemoteError
from assistant.models.calls import CHAT, EMBED, RERANK, Part, Patience, ask, explained, relayed, waiting_time
from tests.models.server import (
    MODEL,
    Cuts,
    Drips,
    Empty,
    Fails,
    Garbles,
    Hangs,
    ModelServer,
    Reply,
    Scores,
    Vectors,
    shape,
)

KEY = "sk-geheim-1234567890"


def embed(server: ModelServer, seconds: float = 5.0, key: str = KEY) -> Any:
    return ask(
        f"{server.url}/embeddings",
        {"model": MODEL, "input": ["一", "二"]},
        part=EMBED,
        key=key,
        seconds=seconds,
    )


def failure(reply: Reply, part: Part = EMBED, seconds: float = 5.0) -> RemoteError:
    """What a call to a server that gives this reply ends in."""
    with ModelServer(embeddings=reply) as server, pytest.raises(RemoteError) as caught:
        ask(f"{server.url}/embeddings", {"model": MODEL}, part=part, key=KEY, seconds=seconds)
    return caught.value


# What a server says.


def test_json_is_posted_and_got() -> None:
    with ModelServer(embeddings=Vectors(length=4)) as server:
        assert [len(row["embedding"]) for row in embed(server)["data"]] == [4, 4]
        listed = ask(f"{server.url}/models", part=CHAT, key=KEY, seconds=5)
    assert [entry["id"] for entry in listed["data"]] == [MODEL]
    post, get = server.requests
    assert (post.method, post.body) == ("POST", {"model": MODEL, "input": ["一", "二"]})
    assert (get.method, get.path) == ("GET", "/v1/models")


MEANINGS = {
    "vllm_unknown_model": ("没有所设的模型.*ASSISTANT_CHAT_MODEL", False),
    "vllm_unknown_model_old": ("没有所设的模型", False),
    "vllm_key_refused": ("密钥被拒绝.*ASSISTANT_CHAT_KEY", False),
    "vllm_too_long": ("太长.*ASSISTANT_CHAT_CONTEXT", False),
    "vllm_fields": (r"不接受请求（400）：.*Field required", False),
    "ollama_unknown_model": ("没有所设的模型", False),
    "dashscope_unknown_model": ("没有所设的模型", False),
    "dashscope_key_refused": ("密钥被拒绝", False),
    "dashscope_limit": ("请求过多", True),
    "dashscope_quota": ("额度已用完", False),
    "dashscope_inspection": ("内容审查", False),
    "dashscope_batch": ("太长", False),
    "deepseek_unknown_model": ("没有所设的模型", False),
    "deepseek_key_refused": ("密钥被拒绝", False),
    "deepseek_balance": ("余额不足", False),
    "deepseek_busy": ("出错（503）", True),
    "gateway_unknown_model": ("没有所设的模型", False),
    "tei_fields": (r"不接受请求（422）：.*missing field", False),
    "tei_batch": ("太长", False),
    "tei_overloaded": ("请求过多", True),
    "jina_fields": (r"不接受请求（422）：.*Field required", False),
}


def test_every_recorded_error_has_a_meaning() -> None:
    assert set(MEANINGS) == set(shape("errors"))


@pytest.mark.parametrize("name", MEANINGS)
def test_an_error_says_what_is_wrong(name: str) -> None:
    words, passing = MEANINGS[name]
    error = failure(Fails.like(name), CHAT)
    assert re.search(words, str(error)), error
    assert error.passing is passing
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("reply", "words", "passing"),
    [
        (Fails(404, {"detail": "Not Found"}), "地址不对（404）.*ASSISTANT_EMBED_URL.*/v1", False),
        (Fails(405, ""), "地址不对", False),
        (Fails(403, "<html>Forbidden</html>"), "密钥被拒绝.*ASSISTANT_EMBED_KEY", False),
        (Fails(413, "<html>Too Large</html>"), "太长.*ASSISTANT_EMBED_BATCH", False),
        (Fails(418, "<html>teapot</html>"), "不接受请求（418）$", False),
        (Fails(408, ""), "超时", True),
        (Fails(429, ""), "请求过多", True),
        (Fails(500, "boom"), "出错（500）", True),
        (Fails(502, "<html>Bad Gateway</html>"), "出错（502）", True),
        (Cuts(), "中断", True),
        (Garbles(), "无法解读", True),
        (Empty("body"), "无法解读", True),
        (Fails(200, "Ollama is running"), "无法解读", True),
    ],
)
def test_a_failure_says_what_is_wrong(reply: Reply, words: str, passing: bool) -> None:
    error = failure(reply)
    assert re.search(words, str(error)), error
    assert error.passing is passing
    assert str(error).startswith(("向量模型", "与向量模型", "发给向量模型"))


def test_the_setting_named_is_that_of_the_server() -> None:
    assert "ASSISTANT_RERANK_URL" in str(failure(Fails(404, ""), RERANK))
    assert "/rerank" in str(failure(Fails(404, ""), RERANK))
    assert "ASSISTANT_CHAT_URL" in str(failure(Fails(404, ""), CHAT))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("localhost:8000/v1/embeddings", "http:// 或 https://"),
        ("http://[::1/v1", "http:// 或 https://"),
        ("", "http:// 或 https://"),
    ],
)
def test_an_address_that_is_none(url: str, words: str) -> None:
    with pytest.raises(RemoteError, match=words):
        ask(url, {}, part=EMBED, key="", seconds=5)


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_nothing_listens_there() -> None:
    start = time.monotonic()
    with pytest.raises(RemoteError, match=r"连接被拒绝.*ASSISTANT_EMBED_URL") as caught:
        ask(f"http://127.0.0.1:{closed_port()}/v1/embeddings", {}, part=EMBED, key="", seconds=5)
    assert not caught.value.passing
    assert time.monotonic() - start < 2


def test_something_else_than_a_web_server_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:

        def greet() -> None:
            peer, _ = other.accept()
            with peer:
                peer.sendall(b"220 mail.example ESMTP\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        with pytest.raises(RemoteError, match="中断"):
            ask(f"http://127.0.0.1:{other.getsockname()[1]}/", part=EMBED, key="", seconds=5)
        thread.join()


def test_encryption_where_the_server_has_none() -> None:
    with ModelServer() as server, pytest.raises(RemoteError, match="加密连接"):
        ask(server.url.replace("http", "https"), part=EMBED, key="", seconds=5)


def test_failures_below_http() -> None:
    unresolved = explained(socket.gaierror(-2, "Name or service not known"), CHAT)
    assert "找不到对话模型的主机" in str(unresolved)
    untrusted = explained(ssl.SSLCertVerificationError(1, "self-signed certificate"), CHAT)
    assert "证书无法验证" in str(untrusted)
    assert not unresolved.passing
    assert not untrusted.passing


def test_an_error_nobody_foresaw_is_still_one_line() -> None:
    error = explained(ZeroDivisionError("secret"), CHAT)
    assert str(error) == "对话模型没有答成（ZeroDivisionError）"
    assert not error.passing
    assert explained(error, CHAT) is error


# The key, and what else must not get out.


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": f"Incorrect API key provided: {KEY}. See the docs."}},
        {"error": f"token {KEY} refused"},
        f"Bearer {KEY} is no good",
    ],
)
@pytest.mark.parametrize("status", [400, 401, 422, 500])
def test_the_key_is_sent_but_never_told(body: object, status: int) -> None:
    with ModelServer(embeddings=Fails(status, body)) as server, pytest.raises(RemoteError) as caught:
        embed(server)
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in "".join(traceback.format_exception(caught.value))


def test_without_a_key_none_is_sent() -> None:
    with ModelServer() as server:
        embed(server, key="")
    assert "authorization" not in server.requests[0].headers


def test_name_and_password_in_the_address() -> None:
    with ModelServer() as server:
        url = server.url.replace("//", "//office:pa%20ss@") + "/embeddings"
        ask(url, {"model": MODEL, "input": "一"}, part=EMBED, key="", seconds=5)
        ask(url, {"model": MODEL, "input": "一"}, part=EMBED, key=KEY, seconds=5)
    sent = [request.headers["authorization"] for request in server.requests]
    assert sent == ["Basic b2ZmaWNlOnBhIHNz", f"Bearer {KEY}"]


@pytest.mark.parametrize("key", ["sk-密钥", "sk-1\n", "sk-\x00"])
def test_a_key_that_no_header_can_hold(key: str) -> None:
    with ModelServer() as server, pytest.raises(RemoteError, match="ASSISTANT_EMBED_KEY") as caught:
        embed(server, key=key)
    assert key not in str(caught.value)
    assert not server.requests


def test_a_redirection_is_not_followed_with_the_key() -> None:
    with (
        ModelServer() as other,
        ModelServer(embeddings=Fails(307, "", {"Location": f"{other.url}/embeddings"})) as server,
        pytest.raises(RemoteError, match=r"转往别处.*ASSISTANT_EMBED_URL"),
    ):
        embed(server)
    assert not other.requests


def test_proxies_of_the_environment_are_passed_by(monkeypatch: pytest.MonkeyPatch) -> None:
    with ModelServer() as proxy, ModelServer() as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.host)
        embed(server)
    assert len(server.requests) == 1
    assert not proxy.requests


def test_pages_of_words_are_cut() -> None:
    assert len(str(failure(Fails(400, {"error": {"message": "长" * 100_000}})))) < 200


# Waiting.


@pytest.mark.parametrize("reply", [Hangs(30), Drips(), Drips(headers=True), Drips(text="慢")])
def test_a_call_ends_in_time(reply: Reply) -> None:
    start = time.monotonic()
    error = failure(reply, seconds=0.6)
    assert time.monotonic() - start < 2.5
    assert "限定时间" in str(error)
    assert "ASSISTANT_EMBED_TIMEOUT" in str(error)


def test_what_waited_is_gone_afterwards() -> None:
    failure(Drips(), seconds=0.3)
    deadline = time.monotonic() + 3
    while any(thread.name == "model call" for thread in threading.enumerate()):
        assert time.monotonic() < deadline, "a thread still listens to a server that nobody wants to hear"
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("7", 7.0), ("0", 0.0), ("1.5", 1.5), ("", None), ("soon", None), ("-3", None), ("1e9", None)],
)
def test_retry_after_in_seconds(told: str, seconds: float | None) -> None:
    assert waiting_time({"retry-after": told}) == seconds


def test_retry_after_as_a_date() -> None:
    later = datetime.now(UTC) + timedelta(seconds=30)
    assert waiting_time({"retry-after": format_datetime(later, usegmt=True)}) == pytest.approx(30, abs=1.5)
    assert waiting_time({"retry-after": format_datetime(later).replace("+0000", "-0000")}) == pytest.approx(
        30, abs=1.5
    )
    assert waiting_time({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}) == 0.0
    assert waiting_time({}) is None


def test_the_time_asked_for_reaches_the_error() -> None:
    assert failure(Fails(429, "", {"Retry-After": "3"})).wait == 3.0
    assert failure(Fails(503, "", {"Retry-After": "4"})).wait == 4.0
    assert failure(Fails(429, "")).wait is None


# Trying again.


class Flaky:
    """Fails so many times in this way, then gives 7; notes when it was called and what time it had left."""

    def __init__(self, times: int, *, passing: bool = True, wait: float | None = None) -> None:
        self.times, self.passing, self.wait = times, passing, wait
        self.moments: list[float] = []
        self.left: list[float] = []

    def __call__(self, left: float) -> int:
        self.moments.append(time.monotonic())
        self.left.append(left)
        if len(self.moments) <= self.times:
            raise RemoteError(f"第{len(self.moments)}次失败", passing=self.passing, wait=self.wait)
        return 7

    @property
    def pauses(self) -> list[float]:
        return [later - earlier for earlier, later in zip(self.moments, self.moments[1:], strict=False)]


def test_pauses_grow() -> None:
    call = Flaky(2)
    assert Patience(10, 2).run(call) == 7
    first, second = call.pauses
    assert 0.37 < first < 1.2
    assert 0.74 < second < 2
    assert call.left[0] == pytest.approx(10, abs=0.2)
    assert call.left[2] == pytest.approx(10 - first - second, abs=0.2)


def test_tries_are_counted() -> None:
    call = Flaky(9, wait=0.0)
    with pytest.raises(RemoteError, match="第4次失败"):
        Patience(10, 3).run(call)
    assert len(call.moments) == 4


def test_without_retries_one_try() -> None:
    call = Flaky(1)
    with pytest.raises(RemoteError, match="第1次失败"):
        Patience(10, 0).run(call)


def test_what_will_not_pass_is_not_tried_again() -> None:
    call = Flaky(1, passing=False, wait=0.0)
    with pytest.raises(RemoteError):
        Patience(10, 5).run(call)
    assert len(call.moments) == 1


def test_the_time_asked_for_is_kept() -> None:
    call = Flaky(1, wait=0.9)
    assert Patience(10, 5).run(call) == 7
    assert 0.9 <= call.pauses[0] < 1.5


@pytest.mark.parametrize("wait", [5.0, None])
def test_a_pause_beyond_the_limit_is_not_begun(wait: float | None) -> None:
    call = Flaky(1, wait=wait)
    start = time.monotonic()
    with pytest.raises(RemoteError):
        Patience(0.3, 5).run(call)
    assert time.monotonic() - start < 0.3


def test_other_errors_are_not_caught() -> None:
    def broken(_: float) -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Patience(10, 5).run(broken)


# Relaying.


def counting(up_to: int, pause: float = 0.0) -> Callable[[Callable[[int], None]], None]:
    def work(put: Callable[[int], None]) -> None:
        for number in range(up_to):
            put(number)
            time.sleep(pause)

    return work


def test_items_come_as_they_are_put_out() -> None:
    seen: list[str] = []
    assert list(relayed(counting(3), 5, lambda: seen.append("closed"))) == [0, 1, 2]
    assert seen == ["closed"]


def test_an_error_comes_after_what_went_before() -> None:
    def work(put: Callable[[int], None]) -> None:
        put(1)
        raise KeyError("x")

    items: Iterator[int] = relayed(work, 5, lambda: None)
    assert next(items) == 1
    with pytest.raises(KeyError):
        next(items)


def test_time_is_up() -> None:
    seen: list[str] = []
    start = time.monotonic()
    with pytest.raises(TimeoutError):
        list(relayed(counting(2, pause=1.0), 0.2, lambda: seen.append("closed")))
    assert time.monotonic() - start < 0.9
    assert seen == ["closed"]


def test_who_stops_listening_hangs_up() -> None:
    seen: list[str] = []
    with closing(relayed(counting(2, pause=0.2), 5, lambda: seen.append("closed"))) as items:
        assert next(items) == 0
    assert seen == ["closed"]


# The server of the tests itself, where other tests lean on it.


def test_rerankers_of_the_tests_speak_their_shape() -> None:
    for name, form in shape("rerank").items():
        with ModelServer(rerank=Scores(shape=name)) as server:
            body = {"query": "寿命目标", form["request"][-1]: ["天气", "人均寿命", "寿命目标"]}
            reply = ask(f"{server.host}/rerank", body, part=RERANK, key="", seconds=5)
            rows = reply if isinstance(reply, list) else reply["results"]
            assert [row["index"] for row in rows] == [2, 1, 0]
            other = {"query": "寿命", "texts" if "documents" in body else "documents": ["天气"]}
            with pytest.raises(RemoteError, match="不接受请求"):
                ask(f"{server.host}/rerank", other, part=RERANK, key="", seconds=5)
