"""The local encoder as LangChain's `Embeddings`."""

from __future__ import annotations

from pathlib import Path

from langchain_core.embeddings import Embeddings

from assistant.models.encoder import Encoder, Progress
from assistant.models.files import WEIGHTS


class LocalEmbeddings(Embeddings):
    """Vectors of length 1 from the local encoder, for every part that takes LangChain embeddings."""

    def __init__(self, threads: int = 2, path: Path = WEIGHTS, encoder: Encoder | None = None) -> None:
        self._encoder = encoder if encoder is not None else Encoder(threads, path)

    @property
    def version(self) -> str:
        """Names the encoder: vectors of different versions must never be mixed."""
        return self._encoder.version

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        return self._encoder.dimension

    def embed_documents(self, texts: list[str], progress: Progress | None = None) -> list[list[float]]:
        """One vector for each passage; ModelError if the model's files are missing or damaged."""
        vectors: list[list[float]] = self._encoder.encode_passages(texts, progress).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question; ModelError if the model's files are missing or damaged."""
        vector: list[float] = self._encoder.encode_query(text).tolist()
        return vector

    def verify(self) -> None:
        """Read every file of the model; ModelError unless it is the one described."""
        self._encoder.verify()
