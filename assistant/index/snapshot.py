"""One generation of the library opened for reading."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import weakref
from functools import cached_property
from pathlib import Path

from assistant.errors import LibraryMissing
from assistant.index import generation
from assistant.index.faults import DamagedIndex
from assistant.index.files import copy_files
from assistant.index.generation import VECTORS, WORDS, Place
from assistant.index.store import MISSING, Store
from assistant.index.vectors import VectorIndex, copy_local
from assistant.index.words import WordIndex
from assistant.types import Document

DAMAGED = "资料库 {path} 的{reason}；请运行 python -m assistant ingest 重建索引"


class Snapshot:
    """A state of the library: what SQLite held at one sequence number, and the two indexes of it.

    It counts its users and closes when it is retired and the last one has left. Raises LibraryMissing,
    DamagedIndex, LibraryError.
    """

    def __init__(self, library: Path, url: str = "") -> None:
        self._cleanup: weakref.finalize[..., Snapshot] | None = None
        self.store = Store(library)
        try:
            self.meta = self.store.meta()
            if not self.meta["generation"]:
                raise LibraryMissing(MISSING.format(path=library))
            self.at = int(self.meta["sequence"])
            self.place = Place(library, self.meta["library"], self.meta["generation"], url)
            if said := generation.flaw(self.place):
                raise DamagedIndex(DAMAGED.format(path=library, reason=said))
            self._folder = self._usable_folder()
            self.words = self._open_words()
        except BaseException:
            self.store.close()
            raise
        self._users = 0
        self._retired = False
        self._guard = threading.Lock()  # of the two counters above
        self._opening = threading.Lock()

    def _usable_folder(self) -> Path:
        """The generation's folder, or a copy of it: neither tantivy nor Chroma opens a read-only folder."""
        folder = self.place.folder
        if all(os.access(path, os.W_OK) for path in (folder, *folder.rglob("*"))):
            return folder
        copy = Path(tempfile.mkdtemp(prefix="policy-library-"))
        self._cleanup = weakref.finalize(self, shutil.rmtree, copy, ignore_errors=True)
        copy_files(folder / WORDS, copy / WORDS, skip=(".tantivy-",))
        if not self.place.url:
            copy_local(folder / VECTORS, copy / VECTORS)
        return copy

    def _open_words(self) -> WordIndex:
        try:
            return WordIndex(self._folder / WORDS)
        except (ValueError, OSError) as error:
            raise self._damaged("词索引无法打开") from error

    def _damaged(self, reason: str) -> DamagedIndex:
        return DamagedIndex(DAMAGED.format(path=self.place.library, reason=reason))

    def vectors(self) -> VectorIndex:
        """The vectors, opened at the first call because loading Chroma takes a second or more."""
        with self._opening:
            return self._vectors

    @cached_property
    def _vectors(self) -> VectorIndex:
        return generation.open_vectors(self.place, self._folder)

    @cached_property
    def documents(self) -> dict[str, Document]:
        """The documents by id."""
        return {document.id: document for document in self.store.documents(self.at)}

    def enter(self) -> bool:
        """Counts a user in; False when the snapshot is closed already."""
        with self._guard:
            if self._retired and not self._users:
                return False
            self._users += 1
            return True

    def leave(self) -> None:
        """Counts a user out."""
        with self._guard:
            self._users -= 1
            last = self._retired and not self._users
        if last:
            self._close()

    def retire(self) -> None:
        """Closes as soon as nobody uses it; twice does no harm."""
        with self._guard:
            close = not self._retired and not self._users
            self._retired = True
        if close:
            self._close()

    def _close(self) -> None:
        if "_vectors" in self.__dict__:
            self._vectors.close()
        self.store.close()
        if self._cleanup:
            self._cleanup()
