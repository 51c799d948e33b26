"""One server over the scripted chain for all tests of the API."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.web.double import Scripted
from tests.web.serving import served


@pytest.fixture(scope="session")
def scripted() -> Scripted:
    """The scripted chain over the real documents."""
    return Scripted()


@pytest.fixture(scope="session")
def client(scripted: Scripted) -> Iterator[httpx.Client]:
    """A client of a real server over the scripted chain."""
    with served(scripted, question_chars=200) as url, httpx.Client(base_url=url, trust_env=False) as client:
        yield client
