"""A stream of the real chain with a language model: what a reader of /api/ask/stream sees, step by step."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.chain import build
from assistant.index.ingest import ingest
from assistant.models.embeddings import LocalEmbeddings
from assistant.settings import Settings
from tests.models.server import MODEL, Cuts, ModelServer, Reply, Says
from tests.web.serving import served
from tests.web.test_api import events

pytestmark = pytest.mark.slow
QUESTION = "晋中市2025年人均预期寿命的目标是多少？"
FIRST = "到2025年，晋中市人均预期寿命达到78.1岁"
SECOND = "2022年人均预期寿命为77.3岁"
Serve = Callable[[Reply], "Any"]


@pytest.fixture
def serve(library: Path) -> Serve:
    """Opens a client of the API, whose chain has a model that gives one reply, and the model server."""

    @contextmanager
    def serve(reply: Reply) -> Iterator[tuple[httpx.Client, ModelServer]]:
        with ModelServer(reply) as server:
            chain = build(Settings(library=library, chat_url=server.url, chat_model=MODEL, chat_retries=0))
            with served(chain) as url, httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
                yield client, server

    return serve


def test_snapshots_grow_sentence_by_sentence(serve: Serve) -> None:
    with serve(Says(f"{FIRST}[9]。孕产妇死亡率降到十万分之三[1]。{SECOND}[1]。")) as (client, _):
        found = events(client.post("/api/ask/stream", json={"question": QUESTION}).text)
    texts = [data["text"] for _, data in found[:-1]]
    assert texts[0].startswith(FIRST)
    assert SECOND not in texts[0]
    assert all(later.startswith(earlier) for earlier, later in pairwise(texts))
    line = found[-1][1]
    assert line["answer"] == texts[-1]
    assert "1 处" in line["notice"]
    assert line["usage"]["completion"] > 0


def test_a_snapshot_of_a_failing_model_is_not_part_of_the_answer(serve: Serve) -> None:
    with serve(Cuts(f"{SECOND}[1]。{FIRST}")) as (client, _):
        found = events(client.post("/api/ask/stream", json={"question": QUESTION}).text)
    assert SECOND in found[0][1]["text"]
    name, line = found[-1]
    assert name == "answer"
    assert line["status"] == "answered"
    assert SECOND not in line["answer"]
    assert "以下直接摘自原文" in line["notice"]
    assert line["citations"]


def test_a_model_is_hung_up_on_when_the_reader_leaves(serve: Serve) -> None:
    with serve(Says([f"{FIRST}[1]。"] + [f"{SECOND}[1]。"] * 40, delay=0.3)) as (client, server):
        with client.stream("POST", "/api/ask/stream", json={"question": QUESTION}) as response:
            next(response.iter_lines())
        end = time.monotonic() + 10
        while not server.chats[0].gone and time.monotonic() < end:
            time.sleep(0.05)
        assert server.chats[0].gone


def test_all_steps_of_an_answer_come_from_one_state_of_the_library(tmp_path: Path) -> None:
    """A web server takes each step in a context of its own, as `copy_context` does here."""
    embeddings = LocalEmbeddings()
    settings = Settings(library=tmp_path / "library")

    def take_in(name: str, text: str) -> None:
        (tmp_path / name).write_text(text, "utf-8")
        version = embeddings.version
        ingest(
            [tmp_path / name],
            settings.library,
            embeddings=embeddings,
            embedder_version=version,
            chunk_tokens=320,
        )

    take_in("甲.txt", "甲市规划\n\n到2025年，人均预期寿命达到78.1岁。到2025年，婴儿死亡率降到5‰以下。\n")
    reply = Says("到2025年，人均预期寿命达到78.1岁[1]。到2025年，婴儿死亡率降到5‰以下[1]。好")
    with ModelServer(reply) as server:
        chain = build(settings.model_copy(update={"chat_url": server.url, "chat_model": MODEL}))
        steps = chain.stream("甲市2025年人均预期寿命和婴儿死亡率的目标是多少？")
        first = copy_context().run(next, steps)
        take_in("乙.txt", "乙市规划\n\n到2025年，人均预期寿命达到80岁。\n")
        chain.library.refresh()
        last = copy_context().run(list, steps)[-1]
        chain.library.close()
    assert first.text
    assert last.record["library"] == first.record["library"]
