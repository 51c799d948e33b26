"""What page and API promise of any chain: on the scripted one, and on the real one over the real library."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from assistant.web.samples import samples
from tests.web.serving import served


@pytest.fixture(scope="module", params=["scripted", pytest.param("chain", id="real", marks=pytest.mark.slow)])
def asker(request: pytest.FixtureRequest) -> Any:
    """Either chain."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def api(asker: Any) -> Iterator[httpx.Client]:
    """A client of a server over either chain."""
    with served(asker) as url, httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def lines(api: httpx.Client) -> list[dict[str, Any]]:
    """The answers to the sample questions."""
    questions = samples({document["id"] for document in api.get("/api/documents").json()})
    return [api.post("/api/ask", json={"question": question}).json() for question in questions]


def test_all_documents_are_there(api: httpx.Client) -> None:
    listed = api.get("/api/documents").json()
    assert len(listed) == 5
    assert {one["status"] for one in listed} == {"现行", "征求意见稿", "新闻报道"}


def test_every_quote_is_the_original(api: httpx.Client, lines: list[dict[str, Any]]) -> None:
    citations = [citation for line in lines for citation in line["citations"]]
    assert citations
    for citation in citations:
        text = api.get(f"/api/documents/{citation['doc']}").json()["text"]
        assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_every_citation_opens_highlighted(api: httpx.Client, lines: list[dict[str, Any]]) -> None:
    for line in lines:
        for citation in line["citations"]:
            place = {key: citation[key] for key in ("start", "end", "label")}
            shown = api.get(f"/page/documents/{citation['doc']}/passage", params=place)
            assert shown.status_code == 200
            assert f'<mark id="cited">{html.escape(citation["quote"])}</mark>' in shown.text


def test_a_stream_ends_as_the_plain_answer(api: httpx.Client, lines: list[dict[str, Any]]) -> None:
    line = lines[0]
    text = api.post("/api/ask/stream", json={"question": line["question"]}).text
    streamed = json.loads(text.rsplit("data: ", 1)[1])
    for key in ("status", "answer", "citations"):
        assert streamed[key] == line[key]
