"""A library opened for reading, which a served page may keep open while others ingest."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Self

from assistant.errors import LibraryError, LibraryMissing
from assistant.index.faults import DamagedIndex
from assistant.index.renew import rebuild
from assistant.index.snapshot import Snapshot
from assistant.index.store import MISSING, STORE_NAME
from assistant.index.words import Unit
from assistant.types import Block, Chunk, Document

OTHER_EMBEDDER = "资料库 {path} 的向量由 {found} 算出，现在用的是 {wanted}；请运行 python -m assistant ingest --re-embed 重新计算"
UNKNOWN = "资料库里没有编号为 {id} 的文件"
CLOSED = "资料库 {path} 已关闭"


class Library:
    """Documents, blocks, chunks and the two searches; threads may share it.

    Every call sees one whole state of the library. `refresh` moves on to the newest; `pinned` holds one state
    for several calls.
    """

    def __init__(self, path: Path, *, embedder_version: str = "", chroma_url: str = "") -> None:
        self.path = path
        self.words = WordSearch(self)
        self.vectors = VectorSearch(self)
        self._embedder = embedder_version
        self._url = chroma_url
        self._guard = threading.RLock()  # held by whoever changes `_current`
        self._held: ContextVar[Snapshot | None] = ContextVar("held", default=None)
        self._identity = (0, 0)
        self._current = self._open()
        self._closed = False

    def _open(self, *, mend: bool = True) -> Snapshot:
        self._identity = self._file_identity()
        try:
            snapshot = Snapshot(self.path, self._url)
        except DamagedIndex as damaged:
            if not mend:
                raise
            self._mend(damaged)
            return self._open(mend=False)
        found = snapshot.meta.get("embedder", "")
        if self._embedder and found != self._embedder:
            snapshot.retire()
            message = OTHER_EMBEDDER.format(path=self.path, found=found, wanted=self._embedder)
            raise LibraryError(message)
        return snapshot

    def _mend(self, damaged: DamagedIndex) -> None:
        try:
            rebuild(self.path, self._url)
        except LibraryError as error:
            raise LibraryError(f"{damaged}（自动重建没有成功：{error}）") from error

    def _file_identity(self) -> tuple[int, int]:
        try:
            found = os.stat(self.path / STORE_NAME)
        except OSError as error:
            raise LibraryMissing(MISSING.format(path=self.path)) from error
        return found.st_dev, found.st_ino

    @contextmanager
    def reading(self) -> Iterator[Snapshot]:
        """The state that calls see here; it stays open as long as the block runs."""
        snapshot = self._held.get()
        while snapshot is None or not snapshot.enter():
            if self._closed:
                raise LibraryError(CLOSED.format(path=self.path))
            snapshot = self._current
        try:
            yield snapshot
        finally:
            snapshot.leave()

    @contextmanager
    def pinned(self) -> Iterator[None]:
        """Within the block, and in threads that take over its context, every call sees the same state."""
        with self.reading() as snapshot:
            token = self._held.set(snapshot)
            try:
                yield
            finally:
                # A generator may be closed in another context than it was started in.
                with suppress(ValueError):
                    self._held.reset(token)

    def refresh(self) -> bool:
        """Moves on to the newest generation; True when there was a newer one.

        Cheap when there is none. Calls under way finish on the old state, which closes after the last.
        """
        with self._guard:
            if self._closed:
                raise LibraryError(CLOSED.format(path=self.path))
            if self._file_identity() == self._identity and not self._changed():
                return False
            old, self._current = self._current, self._open()
        old.retire()
        return True

    def _changed(self) -> bool:
        return self._current.store.meta()["generation"] != self._current.place.name

    def mend_vectors(self, broken: Snapshot, damaged: DamagedIndex) -> None:
        """Builds the indexes anew after Chroma could not use those of a snapshot."""
        with self._guard:
            if self._current is not broken:
                return
            self._mend(damaged)
            self._current = self._open(mend=False)
        broken.retire()

    def close(self) -> None:
        """Frees everything once the calls under way have ended; twice does no harm."""
        with self._guard:
            self._closed = True
            self._current.retire()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def generation(self) -> str:
        """Name of the state that calls see."""
        with self.reading() as snapshot:
            return snapshot.place.name

    @property
    def versions(self) -> Mapping[str, str]:
        """What the state was made with: schema, parser, embedder, chunk_tokens, code, generation."""
        with self.reading() as snapshot:
            return dict(snapshot.meta)

    def documents(self) -> list[Document]:
        """All documents, by id."""
        with self.reading() as snapshot:
            return list(snapshot.documents.values())

    def document(self, doc: str) -> Document:
        """One document. Raises LibraryError when there is none of that id."""
        with self.reading() as snapshot:
            found = snapshot.documents.get(doc)
        if found is None:
            raise LibraryError(UNKNOWN.format(id=doc))
        return found

    def blocks(self, doc: str) -> list[Block]:
        """The blocks of a document in their order; none when there is no such document."""
        with self.reading() as snapshot:
            return snapshot.store.blocks(doc, snapshot.at)

    def chunks(self, ids: Iterable[str]) -> list[Chunk]:
        """The chunks of the given ids, in that order; ids that the state does not hold are left out."""
        wanted = list(dict.fromkeys(ids))
        with self.reading() as snapshot:
            found = snapshot.store.chunks_by_id(wanted, snapshot.at)
        return [found[own] for own in wanted if own in found]

    def chunks_of(self, doc: str) -> list[Chunk]:
        """The chunks of a document in their order."""
        with self.reading() as snapshot:
            return snapshot.store.chunks(snapshot.at, doc)

    def all_chunks(self) -> list[Chunk]:
        """All chunks, by document id and position."""
        with self.reading() as snapshot:
            return snapshot.store.chunks(snapshot.at)


class WordSearch:
    """BM25 over the state that the library's calls see."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def search(
        self,
        terms: Mapping[str, float],
        unit: Unit | str = Unit.WORDS,
        limit: int = 50,
        *,
        text: float = 1.0,
        context: float = 1.0,
    ) -> list[tuple[str, float]]:
        """See `assistant.index.words.WordIndex.search`."""
        with self._library.reading() as snapshot:
            return snapshot.words.search(terms, unit, limit, text=text, context=context)


class VectorSearch:
    """Nearest vectors in the state that the library's calls see."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def search(self, vector: Sequence[float], limit: int = 50) -> list[tuple[str, float]]:
        """See `assistant.index.vectors.VectorIndex.search`; a damaged index is built anew once."""
        try:
            with self._library.reading() as snapshot:
                return snapshot.vectors().search(vector, limit)
        except DamagedIndex as damaged:
            self._library.mend_vectors(snapshot, damaged)
        with self._library.reading() as snapshot:
            return snapshot.vectors().search(vector, limit)

    def warm(self) -> None:
        """Loads Chroma now, so that the first question does not wait for it."""
        with self._library.reading() as snapshot:
            snapshot.vectors()


def open_library(path: Path, *, embedder_version: str = "", chroma_url: str = "") -> Library:
    """Opens a library for reading; missing or damaged indexes are built anew if nobody is writing.

    With `embedder_version`, a library whose vectors another model made is refused. Raises LibraryMissing when
    nothing has been ingested there, LibraryError when the folder cannot be used.
    """
    return Library(path, embedder_version=embedder_version, chroma_url=chroma_url)
