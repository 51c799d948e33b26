"""Vectors on a Chroma server of their own."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.errors import LibraryError
from assistant.index import open_library, status
from tests.index.tools import Hashed, policy, put, take


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real server on this computer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("server")
    run = "from chromadb.cli.cli import app; app()"
    process = subprocess.Popen(
        [sys.executable, "-c", run, "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            with socket.socket() as trying:
                if trying.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, "the server has not started"
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def collections(url: str) -> list[str]:
    from assistant.index.vectors import remote_client, using

    with using(remote_client(url)) as client:
        return sorted(collection.name for collection in client.list_collections())


def test_a_library_on_a_server(server: str, tmp_path: Path, source: Path, files: dict[str, str]) -> None:
    local, remote = tmp_path / "local", tmp_path / "remote"
    take(source, local)
    take(source, remote, chroma_url=server)
    query = Hashed().embed_query("疫苗")
    with open_library(local) as near, open_library(remote, chroma_url=server) as far:
        expected = dict(near.vectors.search(query))
        assert dict(far.vectors.search(query)) == pytest.approx(expected, abs=1e-5)
        assert not (remote / "indexes" / far.generation / "vectors").exists()
        assert status(remote, chroma_url=server).agree
        assert take(source, remote, chroma_url=server).unchanged == ("a", "b", "c")
        put(source, {**files, "a": policy("大同市")})
        take(source, remote, chroma_url=server)
        assert far.refresh()
        assert status(remote, chroma_url=server).agree
    for number in range(2):
        put(source, {**files, "a": policy("大同市", number + 5)})
        take(source, remote, chroma_url=server)
    assert len(collections(server)) == 2  # the current and the one before


def test_moving_to_a_server_and_back(server: str, small: Path, source: Path) -> None:
    embeddings = Hashed()
    with open_library(small, chroma_url=server) as library:
        assert library.vectors.search(embeddings.embed_query("疫苗"), 3)
    assert status(small, chroma_url=server).agree
    assert take(source, small, embeddings=embeddings).unchanged == ("a", "b", "c")
    assert embeddings.embedded == []
    assert status(small).agree


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "ftp://x", "nonsense", "http://127.0.0.1:99999"])
def test_a_server_that_is_not_there(tmp_path: Path, source: Path, url: str) -> None:
    with pytest.raises(LibraryError, match="无法使用 Chroma 服务"):
        take(source, tmp_path / "library", chroma_url=url)
