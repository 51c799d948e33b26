"""Parts that the tests of the index share, importable by the processes they start."""

from __future__ import annotations

import ctypes
import hashlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import numpy as np
from langchain_core.embeddings import Embeddings

from assistant.index import IngestReport, ingest, open_library, status
from assistant.index.store import Store

VERSION = "hashed-1"
WIDTH = 32

# A forked process starts in milliseconds because these are loaded already.
starter = multiprocessing.get_context("forkserver")
starter.set_forkserver_preload(["tests.index.tools", "assistant.documents", "chromadb", "tantivy", "rjieba"])


class Hashed(Embeddings):
    """Vectors made from the hash of the text: the same text, the same vector. Counts what it embeds."""

    def __init__(self, salt: str = "") -> None:
        self.salt = salt
        self.embedded: list[str] = []
        self.before: Callable[[], None] | None = None

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        if self.before:
            self.before()
        self.embedded += texts
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        seed = hashlib.sha256((self.salt + text).encode()).digest()[:8]
        vector: list[float] = np.random.default_rng(int.from_bytes(seed)).standard_normal(WIDTH).tolist()
        return vector


def put(folder: Path, files: Mapping[str, str]) -> None:
    """Makes the folder hold exactly the files, by stem."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.txt"):
        if old.stem not in files:
            old.unlink()
    for stem, text in files.items():
        (folder / f"{stem}.txt").write_text(text, encoding="utf-8")


def policy(place: str, number: int = 1, sentences: int = 6) -> str:
    """A small document about a place."""
    head = f"{place}卫生健康工作计划\n\n一、总体要求\n"
    line = "{0}. {1}第{2}项任务是推进免疫规划疫苗接种，接种率达到{3}%。\n"
    return head + "".join(line.format(i + 1, place, number + i, 80 + number + i) for i in range(sentences))


def take(source: Path, library: Path, **options: Any) -> IngestReport:
    """Ingests a folder with cheap vectors."""
    embeddings = options.pop("embeddings", None) or Hashed()
    options.setdefault("embedder_version", VERSION)
    options.setdefault("chunk_tokens", 120)
    return ingest([source], library, embeddings=embeddings, **options)


def contents(library: Path) -> dict[str, str]:
    """The texts of the library's documents by id, after checking that its three parts agree."""
    found = status(library, check=True)
    assert found.problems == ()
    with open_library(library) as opened:
        texts = {document.id: document.text for document in opened.documents()}
        chunks = opened.all_chunks()
        assert {chunk.span.doc for chunk in chunks} <= set(texts)
        for chunk in chunks[:3]:
            assert opened.vectors.search(Hashed().embed_query("x"), 1)
            assert "".join(texts[chunk.span.doc][chunk.span.start : chunk.span.end].split()) == chunk.text
    return texts


def generations(library: Path) -> set[str]:
    """Names of the generation folders."""
    return {folder.name for folder in (library / "indexes").iterdir()}


def start(target: Callable[..., None], *arguments: Any) -> BaseProcess:
    """Runs a function of this module in a process of its own."""
    process = starter.Process(target=target, args=arguments, daemon=True)
    process.start()
    return process


def ingest_apart(source: str, library: str) -> None:
    """For `start`: an ingest."""
    take(Path(source), Path(library))


def ingest_dying_at(point: str, source: str, library: str) -> None:
    """For `start`: an ingest that is killed at a named point."""
    die = KILLERS[point]
    die()
    take(Path(source), Path(library), progress=_killer_at(point))


def _kill(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    threading.Event().wait()


def _killer_at(point: str) -> Callable[[str, int, int], None] | None:
    stage, _, step = point.partition(":")
    if step not in {"first", "last"}:
        return None
    return lambda name, done, total: (
        _kill() if name == stage and done == (total if step == "last" else 0) else None
    )


def _before(owner: Any, name: str) -> Callable[[], None]:
    def arm() -> None:
        setattr(owner, name, _kill)

    return arm


def _after(owner: Any, name: str) -> Callable[[], None]:
    def arm() -> None:
        real = getattr(owner, name)

        def run(*arguments: Any, **options: Any) -> None:
            real(*arguments, **options)
            _kill()

        setattr(owner, name, run)

    return arm


def _points() -> dict[str, Callable[[], None]]:
    from assistant.index import generation, renew, vectors, words

    stages = [
        f"{stage}:{step}" for stage in ("读取文件", "计算向量", "建立索引") for step in ("first", "last")
    ]
    return {
        **dict.fromkeys(stages, lambda: None),
        "schema written": _after(Store, "_create"),
        "vectors kept": _after(Store, "keep_vectors"),
        "words written": _after(words, "write_words"),
        "vectors half written": _before(vectors, "change"),
        "indexes without manifest": _before(generation, "_write_manifest"),
        "before the switch": _before(Store, "switch"),
        "inside the switch": _after(Store, "_insert"),
        "before the commit": _after(Store, "set_meta"),
        "after the switch": _after(Store, "switch"),
        "before the sweep": _before(renew, "sweep"),
    }


KILLERS = _points()


@dataclass(frozen=True)
class Said:
    """What `in_process` reports of a call: a result, or the kind and message of an error."""

    result: Any = None
    error: str = ""
    message: str = ""


def _report(pipe: Any, target: Callable[..., Any], arguments: Sequence[Any]) -> None:
    try:
        pipe.send(Said(result=target(*arguments)))
    except BaseException as error:  # noqa: BLE001 - whatever it was is told to the test
        pipe.send(Said(error=type(error).__name__, message=str(error)))
    finally:
        pipe.close()


def in_process(target: Callable[..., Any], *arguments: Any) -> Said:
    """Calls a function of this module in a process of its own."""
    here, there = starter.Pipe(duplex=False)
    process = start(_report, there, target, arguments)
    there.close()
    try:
        assert here.poll(60), "the process says nothing"
        said: Said = here.recv()
    finally:
        process.join(10)
        here.close()
    return said


def give_up_privileges() -> bool:
    """Makes root obey the permissions of files like anyone; True when that has worked."""
    if os.geteuid() != 0:
        return True
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    return sys.platform == "linux" and bool(ctypes.CDLL(None).capset(header, (ctypes.c_uint32 * 6)()) == 0)


def read_unprivileged(library: str, vector: Iterable[float]) -> tuple[bool, int, list[str], bool]:
    """For `in_process`: what a reader sees that may not write to the library."""
    if not give_up_privileges():
        return False, 0, [], False
    with open_library(Path(library)) as opened:
        count = len(opened.words.search({"疫苗": 1.0}, limit=5))
        nearest = [own for own, _ in opened.vectors.search(list(vector), 3)]
        return True, count, nearest, opened.refresh()


def ingest_unprivileged(source: str, library: str) -> bool:
    """For `in_process`: an ingest that may not write to the library; False when it could not be tried."""
    if not give_up_privileges():
        return False
    take(Path(source), Path(library))
    return True


def open_unprivileged(library: str) -> bool:
    """For `in_process`: opens a library that may not be written to; False when it could not be tried."""
    if not give_up_privileges():
        return False
    open_library(Path(library)).close()
    return True


def ingest_on_a_small_disk(source: str, library: str, largest: int) -> None:
    """For `in_process`: an ingest whose files cannot grow beyond `largest` bytes."""
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    take(Path(source), Path(library))


def ingest_and_wait(source: str, library: str, ready: Any, go: Any) -> None:
    """For `start`: an ingest that stops in the middle until it is told to go on."""

    def wait() -> None:
        ready.set()
        go.wait(60)

    embeddings = Hashed()
    embeddings.before = wait
    take(Path(source), Path(library), embeddings=embeddings)
