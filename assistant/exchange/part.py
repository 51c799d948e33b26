"""Answers that grow line by line in a file beside their own, so that an interrupted batch goes on."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from assistant.errors import InputError
from assistant.exchange.lines import dump_line
from assistant.types import Question, Status

Questions = Sequence[tuple[str, Question]]
Key = Mapping[str, str]
Line = dict[str, Any]


def fingerprint(questions: Questions) -> str:
    """Hash of all that an answer may depend on: ids, texts and histories in their order."""
    told = [[id, asked.text, [[turn.role, turn.text] for turn in asked.history]] for id, asked in questions]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


@contextmanager
def only_writer(out: Path) -> Iterator[None]:
    """Hold the output file; raises InputError when another process does."""
    from filelock import FileLock, Timeout

    path = _beside(out, ".lock")
    lock = FileLock(path)
    try:
        with lock.acquire(timeout=0):
            try:
                yield
            finally:
                path.unlink(missing_ok=True)
    except Timeout:
        raise InputError(f"另一个进程正在写 {out}，请等它结束") from None


def write_whole(path: Path, data: bytes) -> None:
    """Put a file in its place whole, or not at all."""
    new = _beside(path, ".new")
    try:
        with new.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


class PartFile:
    """The lines answered so far, in `<out>.part`, headed by the key of what they answer.

    Every line is appended by one write, so an interrupted file holds whole lines but for the last at most.
    """

    def __init__(self, out: Path, key: Key) -> None:
        self.out = out
        self.path = _beside(out, ".part")
        self._key = dict(key)
        self._lines: dict[tuple[str, str], Line] = {}
        self._file: BinaryIO | None = None
        self.discarded = False  # whether an older part file was of other questions or another library

    def __enter__(self) -> PartFile:
        kept = self._load()
        if kept:
            os.truncate(self.path, kept)
        self._file = open(self.path, "ab" if kept else "wb", buffering=0)
        if not kept:
            self._write({"part_of": self._key})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def __len__(self) -> int:
        return len(self._lines)

    def done(self, id: str, question: str) -> Line | None:
        """The line of a question that was answered without an error, if there is one."""
        return self._lines.get((id, question))

    def append(self, line: Line) -> None:
        """Keep one more line."""
        self._write(line)
        self._lines[line["id"], line["question"]] = line

    def finish(self, questions: Questions) -> None:
        """Put the lines, in the order of the questions, where the output belongs, all at once."""
        lines = (dump_line(self._lines[id, asked.text]) for id, asked in questions)
        write_whole(self.out, "".join(lines).encode())
        self.path.unlink()

    def _load(self) -> int:
        """Take over the lines of an earlier run; returns how many bytes of its file are good."""
        if not self.path.exists():
            return 0
        kept = 0
        for data in self.path.read_bytes().splitlines(keepends=True):
            line = _whole(data)
            if line is None:
                break
            if kept == 0 and line.get("part_of") != self._key:
                break
            if kept and line["status"] != Status.ERROR:  # what failed is tried again
                self._lines[line["id"], line["question"]] = line
            kept += len(data)
        self.discarded = kept == 0
        return kept

    def _write(self, line: Mapping[str, Any]) -> None:
        assert self._file is not None
        data = dump_line(line).encode()
        while data:  # a full disk may take a piece before it refuses
            data = data[self._file.write(data) :]


def _whole(data: bytes) -> Line | None:
    """The object of a whole line; None for one that was cut off or is none of ours."""
    if not data.endswith(b"\n"):
        return None
    try:
        line = json.loads(data)
    except ValueError:
        return None
    known = isinstance(line, dict) and ("part_of" in line or {"id", "question", "status"} <= line.keys())
    return line if known else None


def _beside(out: Path, ending: str) -> Path:
    return out.with_name(out.name + ending)
