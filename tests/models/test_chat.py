"""The chat server against a real local one: every fault it may have, every shape it may answer in."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import langchain_openai  # noqa: F401 - loaded before any clock runs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import HumanMessage, SystemMessage

from assistant.errors import RemoteError
from assistant.models.chat import MOST, ChatServer, Piece
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
    Says,
    Script,
)

ROOT = Path(__file__).resolve().parents[2]
KEY = "sk-geheim-1234567890"
MESSAGES = [SystemMessage("只根据资料回答。"), HumanMessage("目标是多少？")]
ANSWER = "到2025年，人均预期寿命达到78.1岁[1]。"
AT_ONCE = {"Retry-After": "0"}
SHAPES = ["vllm", "ollama", "dashscope", "deepseek"]


def chat(server: ModelServer, timeout: float = 10.0, retries: int = 2, key: str = KEY) -> ChatServer:
    return ChatServer(server.url, MODEL, key, timeout=timeout, retries=retries, max_tokens=77)


def heard(script: Script, timeout: float = 10.0, retries: int = 2) -> tuple[list[Piece], ModelServer]:
    with ModelServer(script) as server:
        return list(chat(server, timeout, retries).stream(MESSAGES)), server


def text(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


def failed(script: Script, timeout: float = 10.0, retries: int = 2) -> tuple[RemoteError, ModelServer]:
    with ModelServer(script) as server, pytest.raises(RemoteError) as caught:
        list(chat(server, timeout, retries).stream(MESSAGES))
    return caught.value, server


# What servers send.


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("reasoning", ["", "用户问的是目标，资料[1]里有。"])
def test_every_recorded_shape_gives_text_reason_and_cost(shape: str, reasoning: str) -> None:
    pieces, _ = heard(Says(ANSWER, shape=shape, reasoning=reasoning))
    assert text(pieces) == ANSWER
    last = pieces[-1]
    assert (last.text, last.finish) == ("", "stop")
    assert last.usage is not None
    assert last.usage.completion == len(Says(ANSWER).pieces)
    assert last.usage.prompt > 0
    assert not any(piece.finish or piece.usage for piece in pieces[:-1])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("finish", ["length", "content_filter", "insufficient_system_resource"])
def test_the_reason_why_it_ended(shape: str, finish: str) -> None:
    pieces, _ = heard(Says(ANSWER, finish=finish, shape=shape))
    assert (text(pieces), pieces[-1].finish) == (ANSWER, finish)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_server_that_tells_no_cost(shape: str) -> None:
    pieces, _ = heard(Says(ANSWER, usage=False, shape=shape))
    assert pieces[-1] == Piece("", "stop")


def test_the_request() -> None:
    _, server = heard(Says(ANSWER))
    (request,) = server.requests
    assert request.path == "/v1/chat/completions"
    assert request.body == {
        "model": MODEL,
        "messages": [
            {"role": "system", "content": "只根据资料回答。"},
            {"role": "user", "content": "目标是多少？"},
        ],
        "temperature": 0.0,
        "max_tokens": 77,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_pieces_come_while_the_model_writes() -> None:
    with ModelServer(Says(["一", "二", "三"], delay=0.3)) as server:
        arrived = [time.monotonic() for piece in chat(server).stream(MESSAGES) if piece.text]
    sent = server.chats[0].sent
    assert all(came - left < 0.25 for left, came in zip(sent, arrived, strict=True))


def test_the_whole_of_a_short_answer() -> None:
    with ModelServer(Says("晋中市2025年的目标")) as server:
        assert chat(server).invoke(MESSAGES) == "晋中市2025年的目标"
    with (
        ModelServer(Says("晋中市", finish="length")) as server,
        pytest.raises(RemoteError, match="没有在限定的长度内答完"),
    ):
        chat(server).invoke(MESSAGES)


def test_answers_at_the_same_time_do_not_disturb_each_other() -> None:
    def echo(body: dict[str, object]) -> Reply:
        messages = body["messages"]
        assert isinstance(messages, list)
        return Says(messages[-1]["content"] * 20, delay=0.01)

    with ModelServer(echo) as server:
        shared, found = chat(server), {}

        def run(number: str) -> None:
            found[number] = shared.invoke([HumanMessage(number)])

        threads = [threading.Thread(target=run, args=[number]) for number in "甲乙丙丁"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == {number: number * 20 for number in "甲乙丙丁"}


# Thinking aloud.


@pytest.mark.parametrize(
    "pieces",
    [
        ["<think>资料[1]说</think>", ANSWER],
        ["<th", "ink>资料[1]", "说</thi", "nk", ">\n\n", ANSWER],
        [*"<think>资料[1]说</think>\n\n", ANSWER],
        [f"<think>\n\n</think>\n\n{ANSWER}"],
        [ANSWER, "<think>再查一遍</think>"],
        ["<think>a < b, <thin</think>", ANSWER],
        [f"没有打开的标签</think>{ANSWER}"],
    ],
)
def test_thoughts_never_come_out(pieces: list[str]) -> None:
    assert text(heard(Says(pieces))[0]) == ANSWER


def test_what_looks_like_a_tag_but_is_none_comes_out() -> None:
    for said in ("小于号：3<5", "以<结尾<", "<thin", "<thinking>", "a<b><t"):
        assert text(heard(Says([*said]))[0]) == said


SAID = st.text("答案<>/think", max_size=8).filter(lambda said: "think>" not in said)


@given(
    parts=st.lists(st.tuples(SAID, st.text("想<", max_size=5)), max_size=4),
    cuts=st.lists(st.integers(0, 100), max_size=8),
)
def test_thoughts_are_found_however_they_are_cut(parts: list[tuple[str, str]], cuts: list[int]) -> None:
    whole = "答：" + "".join(f"{said}<think>{thought}</think>" for said, thought in parts)
    ends = sorted({min(cut, len(whole)) for cut in cuts})
    pieces = [whole[start:end] for start, end in zip([0, *ends], [*ends, len(whole)], strict=True)]
    assert text(heard(Says(pieces))[0]) == "答：" + "".join(said for said, _ in parts)


def test_a_model_whose_tag_is_opened_for_it_is_understood_from_the_second_answer_on() -> None:
    """The first answer shows, too late, that it began with thoughts; from then on they are waited out."""
    thinking = Says([*"资料里有。</think>\n\n", ANSWER])
    with ModelServer([thinking, thinking, Says([*"不再思考"])]) as server:
        shared = chat(server)
        with pytest.raises(RemoteError, match="思考"):
            list(shared.stream(MESSAGES))
        assert text(list(shared.stream(MESSAGES))) == ANSWER
        assert text(list(shared.stream(MESSAGES))) == "不再思考"


@pytest.mark.parametrize(
    "reply", [Says("<think>资料很长，我先", finish="length"), Says("", reasoning="想", finish="length")]
)
def test_a_model_that_thinks_until_it_must_stop(reply: Reply) -> None:
    error, server = failed(reply)
    assert "ASSISTANT_CHAT_TOKENS" in str(error)
    assert len(server.chats) == 1


# Faults before the first text: tried again.


@pytest.mark.parametrize(
    "fault",
    [
        Fails(429, headers=AT_ONCE),
        Fails(500, "boom", AT_ONCE),
        Fails(503, "<html>", AT_ONCE),
        Fails.like("dashscope_limit", AT_ONCE),
        Fails.like("deepseek_busy", AT_ONCE),
        Cuts(),
        Garbles(),
        Empty("choices"),
        Empty("content"),
        Empty("body"),
        Says("", finish=None),
        Says("<think>只想不说</think>\n"),
        Garbles(line='{"error": {"message": "CUDA out of memory", "code": 500}}'),
        Garbles(line='{"object": "error", "message": "CUDA out of memory"}'),
        Garbles(line="[1, 2]"),
    ],
)
def test_a_fault_before_the_first_text_is_tried_again(fault: Reply) -> None:
    pieces, server = heard([fault, Says(ANSWER)])
    assert text(pieces) == ANSWER
    assert len(server.chats) == 2


def test_tries_are_counted() -> None:
    error, server = failed(Fails(500, "boom", AT_ONCE), retries=3)
    assert "（500）" in str(error)
    assert len(server.chats) == 4


def test_pauses_grow_between_tries() -> None:
    start = time.monotonic()
    _, server = failed(Fails(429), retries=2)
    assert 1.1 < time.monotonic() - start < 4
    assert len(server.chats) == 3


def test_retry_after_is_kept_when_it_fits() -> None:
    start = time.monotonic()
    pieces, _ = heard([Fails(429, headers={"Retry-After": "1"}), Says(ANSWER)])
    assert text(pieces) == ANSWER
    assert 1.0 <= time.monotonic() - start < 3


def test_retry_after_that_does_not_fit_ends_it_at_once() -> None:
    start = time.monotonic()
    error, server = failed(Fails(429, headers={"Retry-After": "30"}), timeout=5)
    assert "请求过多" in str(error)
    assert error.wait == 30
    assert len(server.chats) == 1
    assert time.monotonic() - start < 3


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fails.like("deepseek_key_refused"), "ASSISTANT_CHAT_KEY"),
        (Fails.like("deepseek_unknown_model"), "ASSISTANT_CHAT_MODEL"),
        (Fails.like("deepseek_balance"), "余额"),
        (Fails.like("dashscope_quota"), "额度"),
        (Fails.like("dashscope_inspection"), "内容审查"),
        (Fails.like("vllm_too_long"), "ASSISTANT_CHAT_CONTEXT"),
        (Fails(404, {"detail": "Not Found"}), "ASSISTANT_CHAT_URL"),
        (Fails(302, "", {"Location": "http://127.0.0.1:9/v1"}), "ASSISTANT_CHAT_URL"),
        (Says("", finish="content_filter"), "内容审查"),
    ],
)
def test_what_will_not_pass_is_told_at_once(fault: Reply, words: str) -> None:
    error, server = failed(fault)
    assert words in str(error)
    assert not error.passing
    assert len(server.chats) == 1


def test_a_model_the_server_does_not_have() -> None:
    for shape in ("vllm", "ollama", "dashscope", "deepseek"):
        with (
            ModelServer(Says(ANSWER), models=["other"], shape=shape) as server,
            pytest.raises(RemoteError, match="没有所设的模型"),
        ):
            chat(server).invoke(MESSAGES)


def test_nothing_listens_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    start = time.monotonic()
    with pytest.raises(RemoteError, match=r"连接被拒绝.*ASSISTANT_CHAT_URL"):
        ChatServer(url, MODEL, KEY, timeout=10, retries=2, max_tokens=77).invoke(MESSAGES)
    assert time.monotonic() - start < 3


@pytest.mark.parametrize("url", ["localhost:8000/v1", "http://[::1/v1", "ftp://host/v1"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(RemoteError, match="ASSISTANT_CHAT_URL"):
        ChatServer(url, MODEL, KEY, timeout=10, retries=2, max_tokens=77).invoke(MESSAGES)


# Faults after the first text: what came must be thrown away, so they are told.


@pytest.mark.parametrize(
    "fault",
    [
        Cuts(ANSWER),
        Garbles(ANSWER),
        Garbles(ANSWER, line='{"error": {"message": "CUDA out of memory"}}'),
        Says(ANSWER, finish=None),
    ],
)
def test_a_fault_after_the_first_text_is_told(fault: Reply) -> None:
    got: list[Piece] = []
    with ModelServer([fault, Says(ANSWER)]) as server, pytest.raises(RemoteError) as caught:
        got.extend(chat(server).stream(MESSAGES))
    assert text(got) == ANSWER
    assert not any(piece.finish for piece in got)
    assert not caught.value.passing
    assert len(server.chats) == 1


def test_an_answer_that_ended_is_whole_though_its_cost_is_lost() -> None:
    """The connection breaks after the reason for the end, before the tokens are told."""
    closing = (
        '{"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [{"index": 0, '
    )
    closing += '"delta": {"content": "岁。"}, "finish_reason": "stop"}]}\n\ndata: {"cut'
    pieces, _ = heard(Garbles(["78.1"], line=closing))
    assert (text(pieces), pieces[-1]) == ("78.1岁。", Piece("", "stop"))


# Time.


@pytest.mark.parametrize(
    "reply",
    [
        Hangs(30),
        Hangs(30, ANSWER),
        Drips(),
        Drips(headers=True),
        Drips(text="慢" * 50),
        Says(["慢"] * 500, delay=0.1),
        Says(["<think>", *["慢"] * 500], delay=0.1),
        Says("", reasoning=["慢"] * 500, delay=0.1),
    ],
)
def test_an_answer_ends_in_time(reply: Reply) -> None:
    start = time.monotonic()
    error, server = failed(reply, timeout=0.8)
    assert 0.7 < time.monotonic() - start < 2.5
    assert "ASSISTANT_CHAT_TIMEOUT" in str(error)
    assert len(server.chats) == 1


def test_all_tries_together_end_in_time() -> None:
    start = time.monotonic()
    _, server = failed([Fails(500, "", AT_ONCE), Fails(500, "", AT_ONCE), Hangs(30)], timeout=0.8, retries=5)
    assert time.monotonic() - start < 2.5
    assert len(server.chats) == 3


def test_one_call_may_have_less_time_but_not_more() -> None:
    with ModelServer(Hangs(30)) as server:
        for limit, timeout in ((0.4, 5.0), (5.0, 0.4)):
            start = time.monotonic()
            with pytest.raises(RemoteError, match="限定时间"):
                chat(server, timeout).invoke(MESSAGES, limit=limit)
            assert time.monotonic() - start < 2


@pytest.mark.parametrize("reply", [Says(["慢"] * 200, delay=0.05), Drips(pause=0.02)])
def test_who_stops_listening_hangs_up(reply: Reply) -> None:
    with ModelServer(reply) as server:
        pieces = chat(server, timeout=1.0).stream(MESSAGES)
        if isinstance(reply, Says):
            assert next(pieces).text == "慢"
            pieces.close()
        else:
            with pytest.raises(RemoteError):
                next(pieces)
        deadline = time.monotonic() + 3
        while not server.chats[0].gone or any(t.name == "model call" for t in threading.enumerate()):
            assert time.monotonic() < deadline
            time.sleep(0.02)


# Length.


@pytest.mark.parametrize("pieces", ["好" * 100_000, ["好" * 100_000], ["好" * 999] * 101])
def test_an_answer_without_end_is_cut(pieces: str | list[str]) -> None:
    got, server = heard(Says(pieces))
    assert text(got) == "好" * MOST
    assert got[-1] == Piece("", "length")
    assert len(server.chats) == 1


def test_characters_that_no_file_can_hold_are_replaced() -> None:
    got, _ = heard(Garbles(["前"], line=_chunk("\\ud83d后", "null") + "\n\ndata: " + _chunk("", '"stop"')))
    assert text(got) == "前\ufffd后"


def _chunk(content: str, finish: str) -> str:
    return f'{{"id": "1", "model": "m", "choices": [{{"index": 0, "delta": {{"content": "{content}"}}, "finish_reason": {finish}}}]}}'


# Keys and the environment.


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500])
def test_the_key_is_sent_but_never_told(status: int) -> None:
    error, server = failed(Fails(status, {"error": {"message": f"bad key {KEY}"}}, AT_ONCE))
    assert server.chats[0].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in "".join(traceback.format_exception(error))


def test_a_refused_key() -> None:
    with ModelServer(Says(ANSWER), key="sk-other") as server:
        with pytest.raises(RemoteError, match=r"密钥被拒绝.*ASSISTANT_CHAT_KEY"):
            chat(server).invoke(MESSAGES)
        assert chat(server, key="sk-other").invoke(MESSAGES) == ANSWER


def test_only_what_is_needed_is_sent() -> None:
    _, server = heard(Says(ANSWER))
    assert set(server.chats[0].headers) == {
        "host",
        "accept",
        "accept-encoding",
        "connection",
        "content-type",
        "content-length",
        "user-agent",
        "authorization",
    }


ASKS = """
import os, sys, time
from langchain_core.messages import HumanMessage
from assistant.models.chat import ChatServer
server = ChatServer(os.environ["SERVER"], sys.argv[1], "", timeout=30, retries=0, max_tokens=77)
sys.stdout.buffer.write(server.invoke([HumanMessage("嗨")]).encode())
time.sleep(1)  # tracing sends what it has in the background
"""


@pytest.fixture
def elsewhere() -> Iterator[ModelServer]:
    """A server that nothing may be sent to."""
    with ModelServer(Says("来自别处")) as server:
        yield server
    assert not server.requests


def test_nothing_in_the_environment_matters(elsewhere: ModelServer, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b\n")
    (tmp_path / "netrc").chmod(0o600)
    leaks = {
        "OPENAI_API_KEY": "sk-env",
        "OPENAI_ADMIN_KEY": "sk-env",
        "OPENAI_BASE_URL": elsewhere.url,
        "OPENAI_API_BASE": elsewhere.url,
        "OPENAI_ORG_ID": "org-env",
        "OPENAI_ORGANIZATION": "org-env",
        "OPENAI_PROJECT_ID": "project-env",
        "OPENAI_CUSTOM_HEADERS": "X-Env: 1\nAuthorization: Bearer sk-env",
        "OPENAI_PROXY": elsewhere.host,
        "OPENAI_API_TYPE": "azure",
        "HTTP_PROXY": elsewhere.host,
        "http_proxy": elsewhere.host,
        "HTTPS_PROXY": elsewhere.host,
        "ALL_PROXY": elsewhere.host,
        "NO_PROXY": "",
        "NETRC": str(tmp_path / "netrc"),
        "LANGSMITH_TRACING": "true",
        "LANGCHAIN_TRACING_V2": "true",
        "LANGSMITH_ENDPOINT": elsewhere.host,
        "LANGSMITH_API_KEY": "ls-env",
        "LANGSMITH_GATEWAY": elsewhere.host,
        "LANGFUSE_HOST": elsewhere.host,
        "LC_OUTPUT_VERSION": "responses/v1",
    }
    with ModelServer(Says(ANSWER)) as server:
        done = subprocess.run(
            [sys.executable, "-c", ASKS, MODEL],
            env={**os.environ, **leaks, "SERVER": server.url, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            timeout=60,
            check=False,
        )
    assert (done.stdout.decode(), done.stderr.decode()) == (ANSWER, "")
    (request,) = server.requests
    assert not any("env" in value for value in request.headers.values())
    assert "authorization" not in request.headers
    assert request.path == "/v1/chat/completions"


def test_help_does_not_load_the_model_library() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import assistant.models.chat, sys; print([m for m in ('openai', 'langchain_openai') if m in sys.modules])",
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    assert done.stdout.strip() == "[]"
