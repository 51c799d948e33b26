"""The vectors of the chunks in Chroma: embedded in a folder, or on a server by address.

Vectors are always our own: no embedding function is ever set, so Chroma never downloads a model.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import numpy as np

from assistant.errors import LibraryError
from assistant.index.faults import DamagedIndex
from assistant.index.files import copy_files
from assistant.index.rows import batches

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

DATABASE = "chroma.sqlite3"
BATCH = 5000  # Chroma takes at most 5,461 records at once on SQLite's oldest limits
NEIGHBOURS = 200  # looked at by a search; more than any search asks for
HNSW = {
    "space": "cosine",
    "ef_construction": 128,
    "ef_search": NEIGHBOURS,
    "num_threads": 1,  # with one thread the same input makes the same graph
    # Everything is written out while building, so that readers have nothing to write.
    "batch_size": 2,
    "sync_threshold": 2,
}
MISFIT = (
    "问题的向量（{found} 维）与资料库的（{wanted} 维）不能相比；"
    "请使用建立资料库时的向量模型，或运行 python -m assistant ingest 重新计算"
)
UNUSABLE = "向量索引已损坏（{reason}）；请运行 python -m assistant ingest 重建索引"
UNREACHABLE = "无法使用 Chroma 服务 {url}（{reason}）；请检查地址和服务是否已启动"


# Clients of one folder share parts inside Chroma, whose bookkeeping knows nothing of threads.
_clients = threading.Lock()


def local_client(folder: Path) -> Client:
    """An embedded client of the folder, made when absent."""
    import chromadb
    from chromadb.config import Settings

    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(_env_file=None, anonymized_telemetry=False)  # type: ignore[call-arg]
    with _clients:
        return cast("Client", chromadb.PersistentClient(path=str(folder), settings=settings))


def remote_client(url: str) -> Client:
    """A client of the server at http(s)://host[:port]. Raises LibraryError."""
    import chromadb
    from chromadb.config import Settings

    try:
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        port = parts.port or (443 if secure else 8000)
    except ValueError as error:
        raise LibraryError(UNREACHABLE.format(url=url, reason="地址写法有误")) from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise LibraryError(UNREACHABLE.format(url=url, reason="地址应以 http:// 或 https:// 开头"))
    settings = Settings(_env_file=None, anonymized_telemetry=False)  # type: ignore[call-arg]
    with reachable(url):
        client = chromadb.HttpClient(host=parts.hostname, port=port, ssl=secure, settings=settings)
        return cast("Client", client)


@contextmanager
def reachable(url: str) -> Iterator[None]:
    """Turns whatever Chroma raises into LibraryError, or DamagedIndex when it is embedded (empty address)."""
    try:
        yield
    except LibraryError:
        raise
    except Exception as error:
        if not url:
            raise DamagedIndex(UNUSABLE.format(reason=type(error).__name__)) from error
        raise LibraryError(UNREACHABLE.format(url=url, reason=type(error).__name__)) from error


def close_client(client: Client) -> None:
    """Frees a client and, what Chroma 1.5 leaves open, its connections to a server."""
    servers = [getattr(part, "_server", None) for part in (client, getattr(client, "_admin_client", None))]
    with _clients:
        client.close()
    for server in servers:
        if session := getattr(server, "_session", None):
            session.close()


@contextmanager
def using(client: Client) -> Iterator[Client]:
    """Frees the client at the end of the block."""
    try:
        yield client
    finally:
        close_client(client)


def create(client: Client, name: str) -> Collection:
    """A new collection for vectors under the cosine."""
    configuration: Any = {"hnsw": HNSW}
    return client.create_collection(name, configuration=configuration, embedding_function=None)


def change(collection: Collection, added: Mapping[str, bytes], gone: Sequence[str] = ()) -> None:
    """Deletes the chunks `gone` and adds others with their float32 vectors, in the order of their ids."""
    for ids in batches(gone, BATCH):
        collection.delete(ids=list(ids))
    for ids in _even(sorted(added)):
        matrix = np.frombuffer(b"".join(added[i] for i in ids), dtype="<f4").reshape(len(ids), -1)
        collection.add(ids=list(ids), embeddings=matrix)


def _even(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    # Batches of like size: a last batch of a single record would stay below the threshold for writing out.
    if ids:
        count = -(-len(ids) // BATCH)
        yield from batches(ids, -(-len(ids) // count))


def copy_local(old: Path, new: Path) -> None:
    """Copies a folder that other processes may be reading; the copy is writable."""
    copy_files(old, new, skip=(DATABASE,))
    # Opening a client writes to this file for a moment, so a plain copy could catch it half-way.
    with (
        closing(sqlite3.connect(old / DATABASE)) as source,
        closing(sqlite3.connect(new / DATABASE)) as target,
    ):
        source.backup(target)


class VectorIndex:
    """A collection opened for searching; threads may share it."""

    def __init__(self, client: Client, name: str, url: str = "") -> None:
        self._client = client
        self._url = url
        try:
            with reachable(url):
                self._collection = client.get_collection(name, embedding_function=None)
                self._count = self._collection.count()
                first = self._collection.get(limit=1, include=["embeddings"])["embeddings"]
                self._width = len(first[0]) if first is not None and len(first) else 0
        except BaseException:
            close_client(client)
            raise

    def search(self, vector: Sequence[float], limit: int = 50) -> list[tuple[str, float]]:
        """The nearest chunks as (chunk id, cosine), best first, equal cosines by id.

        Raises LibraryError for a vector of another width than those in the index, or with holes in it.
        """
        if limit < 1 or not self._count:
            return []
        query = np.asarray(vector, dtype=np.float32)
        if query.shape != (self._width,) or not np.isfinite(query).all():
            raise LibraryError(MISFIT.format(found=query.size, wanted=self._width))
        with reachable(self._url):
            found = self._collection.query(
                query_embeddings=query,
                n_results=min(limit, self._count),
                include=["distances"],
            )
        distances = found["distances"] or [[]]
        scored = [(i, 1.0 - float(d)) for i, d in zip(found["ids"][0], distances[0], strict=True)]
        return sorted(scored, key=lambda pair: (-pair[1], pair[0]))

    def ids(self) -> set[str]:
        """The ids of all chunks in the collection."""
        with reachable(self._url):
            return set(all_ids(self._collection))

    def close(self) -> None:
        """Frees the client; the index cannot be used afterwards."""
        close_client(self._client)


def all_ids(collection: Collection) -> Iterable[str]:
    """The ids of a collection, fetched page by page."""
    for start in range(0, collection.count(), BATCH):
        yield from collection.get(include=[], limit=BATCH, offset=start)["ids"]
