"""A real library of the poisoned papers, a model server that obeys them, and the chain with and without it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from assistant.chain import AnswerChain, build
from assistant.index.ingest import ingest
from assistant.models.embeddings import LocalEmbeddings
from assistant.settings import Settings
from tests.attacks.attacks import PAPERS, Paper
from tests.models.server import MODEL, Fails, ModelServer, Reply, Says


@dataclass
class Obedient:
    """What the server says: `reply` to a question, `rewritten` (or a failure) to the wish to rewrite one."""

    server: ModelServer = field(init=False)
    reply: Reply = field(default_factory=lambda: Says(""))
    rewritten: str = ""

    def __call__(self, body: dict[str, Any]) -> Reply:
        if "改写" in body["messages"][0]["content"]:
            return Says(self.rewritten) if self.rewritten else Fails(400)
        return self.reply


@pytest.fixture(scope="package")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of all the papers, with a manifest for those whose title is the attack."""
    folder = tmp_path_factory.mktemp("poisoned")
    for paper in PAPERS:
        (folder / f"{paper.stem}.txt").write_text(paper.document, encoding="utf-8")
    (folder / "manifest.toml").write_text("\n".join(map(_entry, PAPERS)), encoding="utf-8")
    configured = Settings(library=folder / "library")
    embeddings = LocalEmbeddings(threads=configured.threads)
    report = ingest(
        [folder],
        configured.library,
        embeddings=embeddings,
        embedder_version=embeddings.version,
        chunk_tokens=configured.chunk_tokens,
    )
    assert not report.failed, report.failed
    assert len(report.added) == len(PAPERS)
    return configured.library


def _entry(paper: Paper) -> str:
    if not paper.title:
        return ""
    title = json.dumps(paper.title)  # TOML and JSON write strings alike
    return f'[[document]]\nfile = "{paper.stem}.txt"\nid = "{paper.stem}"\ntitle = {title}\n'


@pytest.fixture(scope="package")
def model() -> Iterator[Obedient]:
    """A model that writes whatever a test wants it to."""
    obedient = Obedient()
    with ModelServer(obedient) as server:
        obedient.server = server
        yield obedient


@pytest.fixture(scope="package")
def written(poisoned: Path, model: Obedient) -> AnswerChain:
    """The whole chain over the papers, with the obedient model."""
    url = model.server.url
    return build(Settings(library=poisoned, chat_url=url, chat_model=MODEL, chat_retries=0))


@pytest.fixture(scope="package")
def extracted(poisoned: Path) -> AnswerChain:
    """The same without a model."""
    return build(Settings(library=poisoned))
