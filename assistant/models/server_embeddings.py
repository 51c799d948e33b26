"""Vectors from an OpenAI-compatible server as LangChain's `Embeddings`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from assistant.errors import RemoteError
from assistant.models.calls import EMBED, Patience, ask

Progress = Callable[[int, int], None]  # texts done, texts in all
SERVED = "server:"  # begins the version of every model behind a server
NAMELESS = "没有设置向量模型的名称：请设置 ASSISTANT_EMBED_MODEL"
UNFIT = "向量模型的服务返回的数据不合要求（{what}）：请检查 ASSISTANT_EMBED_URL 和 ASSISTANT_EMBED_MODEL"
_TINY = "长度"  # embedded to learn how long the vectors are


def is_served(version: str) -> bool:
    """Whether vectors of this version come from a server."""
    return version.startswith(SERVED)


def model_of(version: str) -> str:
    """The name of the served model that a version speaks of."""
    return version.removeprefix(SERVED).rpartition(":")[0]


class ServerEmbeddings(Embeddings):
    """Vectors of length 1 from a model behind an address ending in /v1; threads may share it.

    A request holds at most `batch` texts and takes at most `timeout` seconds, up to `retries` further tries included.
    Nothing is connected to before the first vector is wanted. Every method may raise RemoteError.
    """

    def __init__(
        self, url: str, model: str, key: str = "", *, timeout: float = 60.0, retries: int = 3, batch: int = 32
    ) -> None:
        if not model:
            raise RemoteError(NAMELESS)
        self._url, self._model, self._key = f"{url.rstrip('/')}/embeddings", model, key
        self._patience, self._batch = Patience(timeout, retries), batch
        self._lock = threading.Lock()
        self._dimension = 0  # until a vector has been seen

    @property
    def version(self) -> str:
        """Names the model and the length of its vectors: vectors of different versions must never be mixed."""
        return f"{SERVED}{self._model}:{self.dimension}"

    @property
    def dimension(self) -> int:
        """Numbers in a vector; the server is asked once."""
        return self._dimension or self._vectors([_TINY]).shape[1]

    def embed_documents(self, texts: list[str], progress: Progress | None = None) -> list[list[float]]:
        """One vector for each passage; `progress` is called after each request."""
        found: list[list[float]] = []
        for start in range(0, len(texts), self._batch):
            found += self._vectors(texts[start : start + self._batch]).tolist()
            if progress is not None:
                progress(len(found), len(texts))
        return found

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question."""
        vector: list[float] = self._vectors([text])[0].tolist()
        return vector

    def _vectors(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """The vectors of one request, (texts, dimension), each of length 1."""
        body = {"model": self._model, "input": list(texts), "encoding_format": "float"}
        reply = self._patience.run(lambda left: ask(self._url, body, part=EMBED, key=self._key, seconds=left))
        matrix = _matrix(reply, len(texts))
        with self._lock:
            self._dimension = self._dimension or matrix.shape[1]
        if matrix.shape[1] != self._dimension:
            raise _unfit(f"向量有 {matrix.shape[1]} 维，先前的有 {self._dimension} 维")
        return matrix


def _matrix(reply: Any, count: int) -> NDArray[np.float64]:
    """The vectors of a reply in the order of the texts, brought to length 1; RemoteError unless all are sound."""
    rows = reply.get("data") if isinstance(reply, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _unfit("没有向量")
    if len(rows) != count:
        raise _unfit(f"应有 {count} 个向量，实有 {len(rows)} 个")
    placed = {str(row.get("index", place)): row.get("embedding") for place, row in enumerate(rows)}
    try:
        matrix = np.asarray([placed[str(place)] for place in range(count)], dtype=np.float64)
    except KeyError:
        raise _unfit("向量的序号不全") from None
    except (TypeError, ValueError):
        raise _unfit("向量的长短不一，或者不是数字") from None
    if matrix.ndim != 2 or not matrix.shape[1]:
        raise _unfit("向量是空的")
    if not np.isfinite(matrix).all():
        raise _unfit("向量里有的数不是有限的数")
    # The largest number first, as squares of huge or tiny numbers leave the range of floats.
    matrix /= np.abs(matrix).max(axis=1, keepdims=True, initial=np.finfo(np.float64).tiny)
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    if not lengths.all():
        raise _unfit("向量全为零")
    unit: NDArray[np.float64] = matrix / lengths
    return unit


def _unfit(what: str) -> RemoteError:
    return RemoteError(UNFIT.format(what=what))
