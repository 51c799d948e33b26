"""The HTTP API over a real server: answers, streams, documents, and every failure in Chinese."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import httpx
import pytest

from assistant.errors import LibraryMissing, ModelError
from assistant.types import Turn
from tests.web.double import DROPPED, FAILED, JINZHONG, SCRIPT, WRITTEN, Scripted
from tests.web.serving import served

QUESTION = next(iter(SCRIPT))
ANSWER_KEYS = {"id", "question", "status", "answer", "citations", "retrieved", "seconds", "confidence"}


def events(text: str) -> list[tuple[str, dict[str, Any]]]:
    """The (name, data) of server-sent events."""
    found = []
    for block in text.split("\n\n"):
        if block and not block.startswith(":"):
            name, data = block.split("\n")
            found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_an_answer_line_comes_back(client: httpx.Client, scripted: Scripted) -> None:
    line = client.post("/api/ask", json={"question": QUESTION, "id": "q1"}).json()
    assert set(line) == ANSWER_KEYS
    assert (line["id"], line["question"], line["status"]) == ("q1", QUESTION, "answered")
    texts = {document.id: document.text for document in scripted.library.documents()}
    for citation in line["citations"]:
        assert texts[citation["doc"]][citation["start"] : citation["end"]] == citation["quote"]


def test_the_history_reaches_the_chain(client: httpx.Client, scripted: Scripted) -> None:
    history = [["user", "晋中的目标？"], ["assistant", "78.1岁"]]
    client.post("/api/ask", json={"question": "那方山县呢？", "history": history}).raise_for_status()
    assert scripted.asked[-1].history == (Turn("user", "晋中的目标？"), Turn("assistant", "78.1岁"))


def test_a_stream_grows_and_ends_with_the_answer_line(client: httpx.Client) -> None:
    response = client.post("/api/ask/stream", json={"question": QUESTION, "id": "s"})
    assert response.headers["content-type"].startswith("text/event-stream")
    *snapshots, (last, line) = events(response.text)
    texts = [data["text"] for name, data in snapshots if name == "snapshot"]
    assert len(texts) > 2
    assert all(later.startswith(earlier) for earlier, later in pairwise(texts))
    assert last == "answer"
    assert set(line) == ANSWER_KEYS
    assert line["answer"] == texts[-1] == SCRIPT[QUESTION].text


def test_a_notice_is_in_the_answer_line(client: httpx.Client) -> None:
    proven, failed = (client.post("/api/ask", json={"question": question}).json() for question in WRITTEN)
    assert (proven["notice"], failed["notice"]) == (DROPPED, FAILED)
    assert set(proven) == set(failed) == ANSWER_KEYS | {"notice"}
    assert DROPPED not in proven["answer"]


@pytest.mark.parametrize("question", WRITTEN)
def test_a_snapshot_is_the_whole_text_so_far_and_the_answer_stands_for_all(
    client: httpx.Client, question: str
) -> None:
    found = events(client.post("/api/ask/stream", json={"question": question}).text)
    assert [name for name, _ in found] == ["snapshot"] * (len(found) - 1) + ["answer"]
    assert all(set(data) == {"text"} for _, data in found[:-1])
    texts = [data["text"] for _, data in found[:-1]]
    assert texts == [*(grown.text for grown in WRITTEN[question].grown), WRITTEN[question].text]
    line = found[-1][1]
    assert (line["answer"], line["notice"]) == (WRITTEN[question].text, WRITTEN[question].notice)


def test_documents_are_listed_and_read_in_full(client: httpx.Client, scripted: Scripted) -> None:
    listed = client.get("/api/documents").json()
    assert [one["id"] for one in listed] == [document.id for document in scripted.library.documents()]
    draft = next(one for one in listed if one["id"] == JINZHONG)
    assert (draft["status"], draft["region"]) == ("征求意见稿", "晋中市")
    whole = client.get(f"/api/documents/{JINZHONG}").json()
    text = next(document.text for document in scripted.library.documents() if document.id == JINZHONG)
    assert whole["text"] == text
    assert whole["characters"] == len(text)


def test_the_status_tells_what_is_there(client: httpx.Client) -> None:
    status = client.get("/api/status").json()
    assert status["documents"] == 5
    assert status["generation"] == "scripted"


@pytest.mark.parametrize("path", ["/api/ask", "/api/ask/stream"])
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"question": "  \n "}, "问题是空的"),
        ({"question": "长" * 201}, "最多 200 字"),
        ({}, "question 缺少这一项"),
        ({"question": 7}, "question 应是字符串"),
        ({"question": "x", "history": [["system", "y"]]}, "应是 user 或 assistant"),
        ({"question": "x", "history": "y"}, "history 应是列表"),
        ({"question": "x", "history": [["user"]]}, "缺少这一项"),
        ([1], "应是一个 JSON 对象"),
        (None, "请求"),
    ],
)
def test_an_unusable_question_is_refused_in_chinese(
    client: httpx.Client, path: str, body: object, said: str
) -> None:
    response = client.post(path, json=body)
    assert response.status_code == 422
    assert said in response.json()["error"]


@pytest.mark.parametrize("body", [b"{", b'{"question": "\\ud800"}', b"\xff\xfe", b"[" * 5000])
def test_a_malformed_body_is_refused(client: httpx.Client, body: bytes) -> None:
    response = client.post("/api/ask", content=body, headers={"content-type": "application/json"})
    assert response.status_code in {400, 422}
    assert response.json()["error"]


@pytest.mark.parametrize("announced", [True, False])
def test_an_enormous_body_is_refused(client: httpx.Client, announced: bool) -> None:
    data = json.dumps({"question": "x" * 2_000_000}).encode()
    content = data if announced else (data[at : at + 65536] for at in range(0, len(data), 65536))
    response = client.post("/api/ask", content=content, headers={"content-type": "application/json"})
    assert response.status_code == 413
    assert "请求太大" in response.json()["error"]


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/api/documents/nothing", 404),
        ("GET", "/api/documents/..%2F..%2Fetc%2Fpasswd", 404),
        ("GET", "/api/nothing", 404),
        ("GET", "/api/ask", 405),
        ("DELETE", "/api/documents", 405),
        ("GET", f"/page/documents/{JINZHONG}/passage?start=5&end=99999999", 422),
        ("GET", f"/page/documents/{JINZHONG}/passage?start=x&end=3", 422),
        ("GET", f"/page/documents/{JINZHONG}?start=-1", 422),
        ("GET", "/page/documents/nothing", 404),
    ],
)
def test_wrong_addresses_are_answered_in_chinese(
    client: httpx.Client, method: str, path: str, code: int
) -> None:
    response = client.request(method, path)
    assert response.status_code == code
    said = response.json()["error"] if path.startswith("/api") else response.text
    assert any("一" <= char <= "鿿" for char in said)


@pytest.mark.parametrize(
    ("failure", "code", "said"),
    [
        (LibraryMissing("资料库里还没有资料"), 503, "还没有资料"),
        (ModelError("模型文件缺失"), 503, "模型文件缺失"),
        (RuntimeError("secret detail"), 500, "意料之外"),
    ],
)
def test_a_failing_chain_is_told_without_its_secrets(failure: Exception, code: int, said: str) -> None:
    with (
        served(Scripted(script={"q": failure})) as url,
        httpx.Client(base_url=url, trust_env=False) as client,
    ):
        plain = client.post("/api/ask", json={"question": "q"})
        streamed = events(client.post("/api/ask/stream", json={"question": "q"}).text)[-1][1]
    assert plain.status_code == code
    assert said in plain.json()["error"]
    assert "secret" not in plain.text
    assert streamed["status"] == "error"
    assert said in streamed["error"]
    assert "secret" not in str(streamed)


def test_no_page_that_would_load_from_elsewhere(client: httpx.Client) -> None:
    for path in ("/docs", "/redoc", "/openapi.json", "/api/docs"):
        assert client.get(path).status_code == 404
    response = client.get("/")
    assert "default-src 'self'" in response.headers["content-security-policy"]
    for tag in ("fonts.googleapis", "cdn.", "cdnjs", "unpkg", "jsdelivr"):
        assert tag not in response.text


def test_nothing_can_be_uploaded(client: httpx.Client) -> None:
    response = client.post("/gradio_api/upload", files={"files": ("a.txt", b"some bytes")})
    assert response.status_code >= 400
