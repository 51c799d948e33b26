"""What every test shares: the real documents, one real library of them, no way out to the network.

The guard against outside connections is switched on in pyproject.toml (pytest-socket): only 127.0.0.1, ::1,
localhost and Unix sockets can be reached.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from assistant.chain import AnswerChain

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "corpus"

_COMMON = settings(
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("dev", _COMMON)
settings.register_profile("ci", _COMMON, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "dev")


@pytest.fixture(autouse=True, scope="session")
def plain_environment() -> Iterator[None]:
    """The defaults of the settings, whatever is set in the shell that runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("ASSISTANT_")]:
            patch.delenv(name)
        patch.setenv("COLUMNS", "120")
        for name in ("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session")
def corpus_dir() -> Path:
    """The folder of the documents, read only."""
    return CORPUS


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory, corpus_dir: Path) -> Path:
    """A library of the real documents, made once with the real encoder; tests must not write to it."""
    from assistant.index.ingest import ingest
    from assistant.models.embeddings import LocalEmbeddings
    from assistant.settings import Settings

    folder = tmp_path_factory.mktemp("library") / "library"
    configured = Settings(library=folder)
    embeddings = LocalEmbeddings(threads=configured.threads)
    report = ingest(
        [corpus_dir],
        folder,
        embeddings=embeddings,
        embedder_version=embeddings.version,
        chunk_tokens=configured.chunk_tokens,
    )
    assert not report.failed, report.failed
    return folder


@pytest.fixture(scope="session")
def chain(library: Path) -> AnswerChain:
    """The whole way from question to answer, on the library of the real documents."""
    from assistant.chain import build
    from assistant.settings import Settings

    return build(Settings(library=library))
