"""Turns passages and questions into vectors with the local encoder.

Each text runs alone on one thread, and several threads run at a time. So a vector depends on its text only, never
on the texts beside it, nothing is padded, and a question does not wait for a second core that is busy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.models.files import WEIGHTS
from assistant.models.sessions import LocalModel

Progress = Callable[[int, int], None]  # texts done, texts in all
DESCRIPTION, NETWORK, TOKENISER = "encoder.toml", "encoder.onnx", "encoder-tokenizer.json"
_CHARACTERS_A_TOKEN = 16  # no piece has more; what lies behind the last token need not be tokenised


@dataclass(frozen=True, slots=True)
class _Description:
    version: str
    dimension: int
    max_tokens: int
    query_prefix: str
    passage_prefix: str


class Encoder:
    """The local encoder; everything is loaded on first use, and threads may share it.

    `threads` texts are encoded at a time. `path` is the folder that holds encoder.toml and the files it names.
    """

    def __init__(self, threads: int = 2, path: Path = WEIGHTS) -> None:
        if threads < 1:
            raise ValueError(f"an encoder needs at least one thread, not {threads}")
        self._threads = threads
        self._model = LocalModel(path / DESCRIPTION, NETWORK, TOKENISER)

    @property
    def version(self) -> str:
        """Names the weights and the tokeniser: vectors of different versions must never be mixed."""
        return self._description.version

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        return self._description.dimension

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        """One vector of length 1 for each text, (texts, dimension); `progress` is called after each text.

        Of a text longer than the encoder reads (512 tokens, some 700 characters) the beginning counts. ModelError
        if the model's files are missing or damaged.
        """
        prefix = self._description.passage_prefix
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        if not texts:
            return vectors
        self._model.load()  # before any thread starts, so that a missing file is reported once
        pool = ThreadPoolExecutor(min(self._threads, len(texts)), "encoder")
        try:
            for done, vector in enumerate(pool.map(lambda text: self._encode(prefix + text), texts)):
                vectors[done] = vector
                if progress is not None:
                    progress(done + 1, len(texts))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        return vectors

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """The question's vector of length 1, (dimension,); errors as for passages."""
        return self._encode(self._description.query_prefix + text)

    def verify(self) -> None:
        """Read every file of the model; ModelError unless their SHA-256 are the ones described."""
        self._model.verify()

    def _encode(self, text: str) -> NDArray[np.float32]:
        session, tokeniser = self._model.load()
        start = text[: self._description.max_tokens * _CHARACTERS_A_TOKEN]
        # Half of a surrogate pair is no character, and the tokeniser would refuse it.
        ids = np.array(
            [tokeniser.encode(start.encode("utf-8", "replace").decode("utf-8")).ids], dtype=np.int64
        )
        vectors: NDArray[np.float32] = session.run(["vectors"], {"ids": ids, "mask": np.ones_like(ids)})[0]
        first: NDArray[np.float32] = vectors[0]
        return first

    @cached_property
    def _description(self) -> _Description:
        return self._model.described(
            lambda table: _Description(
                version=str(table["version"]),
                dimension=int(table["dimension"]),
                max_tokens=int(table["max_tokens"]),
                query_prefix=str(table["query_prefix"]),
                passage_prefix=str(table["passage_prefix"]),
            )
        )
