"""SQLite, the truth: documents with their text, blocks, chunks, vectors, and which generation is current.

A row of `documents` is one version of one document, alive from sequence `born` until before sequence `gone`.
Versions that the generation before the current one saw are kept, so that readers of it stay whole.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from assistant.errors import LibraryError, LibraryMissing
from assistant.index import rows
from assistant.index.faults import DAMAGED, explained
from assistant.types import Block, Chunk, Document

STORE_NAME = "library.sqlite3"
SCHEMA_VERSION = "1"
BUSY_SECONDS = 30.0
VARIABLES = 500  # placeholders in one statement; SQLite's oldest limit is 999

MISSING = "资料库 {path} 里还没有资料；请先运行 python -m assistant ingest"
OTHER_SCHEMA = (
    "资料库 {path} 的格式是 {found}，本程序需要 {wanted}；"
    "请删除这个文件夹，再运行 python -m assistant ingest 重新建立"
)

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL, text TEXT NOT NULL, hash TEXT NOT NULL, metadata TEXT NOT NULL,
    origin TEXT NOT NULL, fingerprint TEXT NOT NULL, born INTEGER NOT NULL, gone INTEGER);
CREATE UNIQUE INDEX documents_alive ON documents (id) WHERE gone IS NULL;
CREATE TABLE blocks (
    document INTEGER NOT NULL REFERENCES documents (row) ON DELETE CASCADE, position INTEGER NOT NULL,
    kind TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, text TEXT NOT NULL,
    heading_path TEXT NOT NULL, attributes TEXT NOT NULL, PRIMARY KEY (document, position)) WITHOUT ROWID;
CREATE TABLE chunks (
    document INTEGER NOT NULL REFERENCES documents (row) ON DELETE CASCADE, position INTEGER NOT NULL,
    id TEXT NOT NULL, input TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, text TEXT NOT NULL,
    context TEXT NOT NULL, attributes TEXT NOT NULL, PRIMARY KEY (document, position)) WITHOUT ROWID;
CREATE INDEX chunks_id ON chunks (id);
CREATE INDEX chunks_input ON chunks (input);
CREATE TABLE vectors (
    input TEXT NOT NULL, embedder TEXT NOT NULL, vector BLOB NOT NULL,
    PRIMARY KEY (input, embedder)) WITHOUT ROWID;
"""
ALIVE = "documents.born <= :at AND (documents.gone IS NULL OR documents.gone > :at)"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a document version came from: absolute path of its file, and what it was made from and with."""

    id: str
    path: str
    hash: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Version:
    """A document as it is to be written."""

    origin: Origin
    document: Document
    blocks: Sequence[Block]
    chunks: Sequence[Chunk]


class Store:
    """A connection to the truth that threads may share; every method is one short transaction.

    Raises LibraryMissing, or LibraryError for a file that is damaged or of another schema.
    """

    def __init__(self, library: Path, *, write: bool = False) -> None:
        self.library = library
        self._path = library / STORE_NAME
        self._guard = threading.RLock()
        with explained(library):
            if not write and not self._path.is_file():
                raise LibraryMissing(MISSING.format(path=library))
            self._connection = self._connect(write)
            try:
                self._prepare(write)
            except BaseException:
                self._connection.close()
                raise

    def _connect(self, write: bool) -> sqlite3.Connection:
        # A reader may have to roll back what a killed writer left, so it opens for writing where it can.
        writable = os.access(self.library, os.W_OK) and (write or os.access(self._path, os.W_OK))
        mode = "rwc" if write else "rw" if writable else "ro"
        connection = sqlite3.connect(
            f"{self._path.resolve().as_uri()}?mode={mode}",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        # A rollback journal, not WAL: a WAL file cannot be read in a folder that is read-only.
        connection.execute("PRAGMA foreign_keys = ON")
        if not write:
            connection.execute("PRAGMA query_only = ON")
        return connection

    def _prepare(self, write: bool) -> None:
        if not self._rows("SELECT 1 FROM sqlite_master LIMIT 1"):
            if not write:
                raise LibraryMissing(MISSING.format(path=self.library))
            self._create()
        found = self.meta().get("schema", "?")
        if found != SCHEMA_VERSION:
            raise LibraryError(
                OTHER_SCHEMA.format(path=self.library, found=found, wanted=SCHEMA_VERSION),
            )

    def _create(self) -> None:
        first = {"schema": SCHEMA_VERSION, "library": uuid.uuid4().hex, "sequence": "0", "generation": ""}
        with self.transaction():
            for statement in TABLES.split(";\n"):
                self._connection.execute(statement)
            self.set_meta(first)

    def close(self) -> None:
        """Closes the connection; twice does no harm."""
        with self._guard:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, durable when the block ends."""
        with self._guard, explained(self.library):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def _rows(self, sql: str, values: Mapping[str, Any] | Sequence[Any] = ()) -> list[Any]:
        # Fetching everything at once keeps read locks short, so that a writer never waits long.
        with self._guard, explained(self.library):
            return self._connection.execute(sql, values).fetchall()

    def integrity(self) -> tuple[str, ...]:
        """What SQLite finds wrong with the file; empty when nothing is."""
        problems = [str(row[0]) for row in self._rows("PRAGMA integrity_check")]
        broken = [f"foreign key: {row}" for row in self._rows("PRAGMA foreign_key_check")]
        return tuple(p for p in (*problems, *broken) if p != "ok")

    def meta(self) -> dict[str, str]:
        """Versions, the current and the previous generation, the sequence number."""
        return dict(self._rows("SELECT key, value FROM meta"))

    def set_meta(self, values: Mapping[str, str]) -> None:
        """Writes keys of `meta`; belongs inside `transaction`."""
        self._connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())

    @property
    def sequence(self) -> int:
        """Number of the current state; each switch adds one."""
        return int(self.meta()["sequence"])

    def origins(self, at: int) -> dict[str, Origin]:
        """Where each document alive at a sequence number came from, by document id."""
        sql = f"SELECT id, origin, hash, fingerprint FROM documents WHERE {ALIVE} ORDER BY id"
        return {row[0]: Origin(*row) for row in self._rows(sql, {"at": at})}

    def documents(self, at: int) -> list[Document]:
        """The documents alive at a sequence number, by id."""
        sql = f"SELECT id, text, hash, metadata FROM documents WHERE {ALIVE} ORDER BY id"
        return [rows.document(row) for row in self._rows(sql, {"at": at})]

    def blocks(self, doc: str, at: int) -> list[Block]:
        """The blocks of a document, in their order."""
        sql = f"""SELECT documents.id, kind, start, "end", blocks.text, heading_path, attributes
            FROM blocks JOIN documents ON document = row
            WHERE {ALIVE} AND documents.id = :doc ORDER BY position"""
        return [rows.block(row) for row in self._rows(sql, {"at": at, "doc": doc})]

    def chunks(self, at: int, doc: str | None = None) -> list[Chunk]:
        """The chunks of one document or of all, by document id and position."""
        sql = f"""SELECT {rows.CHUNK_COLUMNS} FROM chunks JOIN documents ON document = row
            WHERE {ALIVE} AND (:doc IS NULL OR documents.id = :doc) ORDER BY documents.id, position"""
        return [rows.chunk(row) for row in self._rows(sql, {"at": at, "doc": doc})]

    def chunks_by_id(self, ids: Iterable[str], at: int) -> dict[str, Chunk]:
        """The chunks of the given ids; ids that are not alive are left out."""
        found = {}
        for batch in rows.batches(list(ids), VARIABLES):
            names = {f"i{n}": value for n, value in enumerate(batch)}
            marks = ", ".join(f":{name}" for name in names)
            sql = f"""SELECT {rows.CHUNK_COLUMNS} FROM chunks JOIN documents ON document = row
                WHERE {ALIVE} AND chunks.id IN ({marks})"""
            found.update({row[1]: rows.chunk(row) for row in self._rows(sql, {"at": at, **names})})
        return found

    def inputs(self, at: int) -> dict[str, str]:
        """Hash of the indexed text (`rows.input_hash`) of every chunk alive, by chunk id."""
        sql = f"SELECT chunks.id, input FROM chunks JOIN documents ON document = row WHERE {ALIVE}"
        return dict(self._rows(sql, {"at": at}))

    def counts(self, at: int) -> tuple[int, int]:
        """Number of documents and of chunks alive."""
        documents = f"SELECT count(*) FROM documents WHERE {ALIVE}"
        chunks = f"SELECT count(*) FROM chunks JOIN documents ON document = row WHERE {ALIVE}"
        return self._rows(documents, {"at": at})[0][0], self._rows(chunks, {"at": at})[0][0]

    def embedded(self, embedder: str) -> set[str]:
        """Input hashes whose vector is known."""
        return {row[0] for row in self._rows("SELECT input FROM vectors WHERE embedder = ?", (embedder,))}

    def vectors(self, inputs: Iterable[str], embedder: str) -> dict[str, bytes]:
        """Little-endian float32 vectors by input hash, as far as they are known."""
        found: dict[str, bytes] = {}
        for batch in rows.batches(list(inputs), VARIABLES):
            marks = ", ".join("?" * len(batch))
            sql = f"SELECT input, vector FROM vectors WHERE embedder = ? AND input IN ({marks})"
            found.update(self._rows(sql, [embedder, *batch]))
        return found

    def keep_vectors(self, vectors: Mapping[str, bytes], embedder: str) -> None:
        """Writes vectors at once, so that a killed ingest does not compute them again."""
        with self.transaction():
            self._connection.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)",
                [(key, embedder, blob) for key, blob in vectors.items()],
            )

    def move(self, origins: Iterable[Origin]) -> None:
        """Writes where unchanged documents now lie."""
        with self.transaction():
            self._connection.executemany(
                "UPDATE documents SET origin = ? WHERE id = ? AND gone IS NULL",
                [(origin.path, origin.id) for origin in origins],
            )

    def switch(self, added: Sequence[Version], gone: Iterable[str], meta: Mapping[str, str]) -> None:
        """The one transaction that makes a new state current.

        `added` replaces living versions of the same ids, `gone` ends others; `meta` names the new generation.
        Versions that only generations before the current one saw, and vectors of no chunk, are deleted.
        """
        with self.transaction():
            now = self.sequence
            run = self._connection.execute
            run("DELETE FROM documents WHERE gone <= ?", (now,))
            for doc in [*gone, *(version.origin.id for version in added)]:
                run("UPDATE documents SET gone = ? WHERE id = ? AND gone IS NULL", (now + 1, doc))
            for version in added:
                self._insert(version, now + 1)
            previous = self.meta()["generation"]
            self.set_meta({**meta, "previous": previous, "sequence": str(now + 1)})
            run("DELETE FROM vectors WHERE embedder <> ?", (meta["embedder"],))
            run("DELETE FROM vectors WHERE input NOT IN (SELECT input FROM chunks)")

    def _insert(self, version: Version, born: int) -> None:
        origin, document = version.origin, version.document
        if document.id != origin.id:
            raise LibraryError(DAMAGED.format(path=self.library))
        row = self._connection.execute(
            """INSERT INTO documents (id, text, hash, metadata, origin, fingerprint, born)
            VALUES (?, ?, ?, ?, ?, ?, ?)""",
            (*rows.document_row(document), origin.path, origin.fingerprint, born),
        ).lastrowid
        many = self._connection.executemany
        many(
            "INSERT INTO blocks VALUES (?,?,?,?,?,?,?,?)",
            [(row, n, *rows.block_row(block)) for n, block in enumerate(version.blocks)],
        )
        many(
            "INSERT INTO chunks VALUES (?,?,?,?,?,?,?,?,?)",
            [(row, n, *rows.chunk_row(chunk)) for n, chunk in enumerate(version.chunks)],
        )
