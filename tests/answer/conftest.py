"""Libraries of invented documents, made once with the real encoder."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assistant.chain import AnswerChain, build
from assistant.index.ingest import ingest
from assistant.models.embeddings import LocalEmbeddings
from assistant.settings import Settings
from tests.answer.texts import LIBRARIES

Make = Callable[[str], AnswerChain]


@pytest.fixture(scope="package")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Makes the chain over one of the libraries of `texts`."""
    embeddings = LocalEmbeddings()

    def made(name: str) -> AnswerChain:
        folder = tmp_path_factory.mktemp(name)
        for stem, text in LIBRARIES[name].items():
            (folder / f"{stem}.txt").write_text(text, encoding="utf-8")
        configured = Settings(library=folder / "library")
        report = ingest(
            [folder / f"{stem}.txt" for stem in LIBRARIES[name]],
            configured.library,
            embeddings=embeddings,
            embedder_version=embeddings.version,
            chunk_tokens=configured.chunk_tokens,
        )
        assert not report.failed, report.failed
        return build(configured)

    return made


@pytest.fixture(scope="package")
def farm(make: Make) -> AnswerChain:
    """A city's draft plan with a table, and a county's works plan."""
    return make("farm")


@pytest.fixture(scope="package")
def voices(make: Make) -> AnswerChain:
    """Two newspaper pages: signatures after the statements on one, before them on the other."""
    return make("voices")


@pytest.fixture(scope="package")
def names(make: Make) -> AnswerChain:
    """A single short rule full of names with a number in them: a library of very few passages."""
    return make("names")


@pytest.fixture(scope="package")
def forest(make: Make) -> AnswerChain:
    """A report of a meeting: sets told over several sentences, and who says what in running text."""
    return make("forest")


@pytest.fixture(scope="package")
def rules(make: Make) -> AnswerChain:
    """A rule in articles, and a county's works plan."""
    return make("rules")


@pytest.fixture(scope="package")
def village(make: Make) -> AnswerChain:
    """A town's plan: a set told over three sentences, a quotation before its speaker, a table of plans and results."""
    return make("village")
