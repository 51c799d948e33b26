"""A system in a process of its own, so that one that hangs or dies costs its question and nothing else."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Mapping
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from assistant.errors import AssistantError
from assistant.exchange import dump_line
from assistant.terminal.failures import describe, one_line
from assistant.types import Question, Status
from eval.systems import Entry, Place
from eval.types import Item

OPENING_LIMIT = 1800.0  # seconds: a large folder of documents takes its time
LEAVING_LIMIT = 5.0
PATIENCE = 3  # questions in a row that a system may let run out of time

Line = dict[str, Any]


class SystemUnusable(AssistantError):
    """A system cannot be opened over the documents."""


class Worker:
    """Asks one system; a context manager. Entering raises SystemUnusable when the system cannot be opened."""

    def __init__(self, entry: Entry, place: Place, limit: float) -> None:
        self._entry, self._place, self._limit = entry, place, limit
        self._late = 0  # questions in a row that ran out of time
        self._process: Any = None
        self._pipe: Connection | None = None

    def __enter__(self) -> Worker:
        self._open()
        return self

    def __exit__(self, *_: object) -> None:
        self._kill()

    def ask(self, item: Item) -> Line:
        """The answer line to one question; whatever goes wrong becomes an error line."""
        if self._late >= PATIENCE:
            return _failed(item, f"系统连续 {PATIENCE} 题超时，其余不再提问", 0.0)
        start = time.perf_counter()
        try:
            if self._process is None:
                self._open()
            line = self._exchange(item)
        except SystemUnusable as error:
            line = _failed(item, str(error), time.perf_counter() - start)
        return {**line, "id": item.id, "question": item.question.text}

    def _exchange(self, item: Item) -> Line:
        assert self._pipe is not None
        start = time.perf_counter()
        try:
            self._pipe.send(item if self._entry.sees_key else item.question)
            if not self._pipe.poll(self._limit):
                self._kill()
                self._late += 1
                return _failed(item, f"超过时限 {self._limit:g} 秒", self._limit)
            kind, told, seconds = self._pipe.recv()
        except (EOFError, OSError):
            self._kill()
            return _failed(item, "系统的进程中途退出", time.perf_counter() - start)
        self._late = 0
        return {**told, "seconds": round(seconds, 4)} if kind == "line" else _failed(item, told, seconds)

    def _open(self) -> None:
        context = get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other, self._entry, self._place), daemon=True)
        self._process.start()
        other.close()
        kind, told = "failed", f"打开系统超过 {OPENING_LIMIT:g} 秒"
        try:
            if self._pipe.poll(OPENING_LIMIT):
                kind, told, _ = self._pipe.recv()
        except (EOFError, OSError):
            told = "系统的进程一打开就退出"
        except BaseException:
            self._kill()
            raise
        if kind == "failed":
            self._kill()
            raise SystemUnusable(f"系统 {self._entry.name} 打不开：{told}")

    def _kill(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.terminate()
            self._process.join(LEAVING_LIMIT)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
        self._process = self._pipe = None


def _serve(pipe: Connection, entry: Entry, place: Place) -> None:
    """The life of the other process: open, say so, answer until nobody asks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends this one
    with contextlib.suppress(BrokenPipeError, EOFError):
        try:
            system = entry.load()(place)
        except Exception as error:  # noqa: BLE001 (any failure is the system's)
            pipe.send(("failed", describe(error), 0.0))
            return
        pipe.send(("ready", "", 0.0))
        while True:
            asked = pipe.recv()
            pipe.send(_answered(system, asked))


def _answered(system: Any, asked: Item | Question) -> tuple[str, Any, float]:
    """What goes back: "line" with the line or "failed" with the reason, and the seconds it took."""
    start = time.perf_counter()
    try:
        line = system.answer_item(asked) if isinstance(asked, Item) else system.answer(asked)
        if not isinstance(line, Mapping) or line.get("status") not in set(Status):
            return "failed", "系统的回答缺少可用的 status", time.perf_counter() - start
        dump_line(line).encode()  # what cannot be written down is no answer
        return "line", dict(line), time.perf_counter() - start
    except Exception as error:  # noqa: BLE001 (any failure is the system's)
        return "failed", describe(error), time.perf_counter() - start


def _failed(item: Item, why: str, seconds: float) -> Line:
    return {
        "id": item.id,
        "question": item.question.text,
        "status": Status.ERROR.value,
        "answer": "",
        "citations": [],
        "retrieved": [],
        "seconds": round(seconds, 4),
        "error": one_line(why),
    }
