"""One writer at a time: a file lock, and a note that says who holds it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from assistant.errors import LibraryBusy
from assistant.index.faults import explained

LOCK_NAME = ".lock"
HOLDER_NAME = ".writer.json"


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that writes to a library; `since` is its local time in ISO 8601."""

    pid: int
    since: str

    def __str__(self) -> str:
        return f"进程 {self.pid}（自 {self.since.replace('T', ' ')} 起）"


@contextmanager
def writer_lock(library: Path) -> Iterator[None]:
    """Holds the library for writing, making its folder if needed.

    The kernel frees the lock when the process dies, however it dies. Raises LibraryBusy when another process
    or thread holds it, LibraryError when the folder cannot be written.
    """
    with explained(library):
        library.mkdir(parents=True, exist_ok=True)
        lock = FileLock(library / LOCK_NAME)
        try:
            lock.acquire(timeout=0)
        except Timeout as busy:
            raise LibraryBusy(f"资料库 {library} 正由{_named(library)}写入；请等它结束后再试") from busy
    try:
        with explained(library):
            note = Holder(os.getpid(), datetime.now().astimezone().isoformat(timespec="seconds"))
            (library / HOLDER_NAME).write_text(json.dumps(asdict(note)), encoding="utf-8")
        yield
    finally:
        (library / HOLDER_NAME).unlink(missing_ok=True)
        lock.release()


def _named(library: Path) -> str:
    try:
        values = json.loads((library / HOLDER_NAME).read_text(encoding="utf-8"))
        return str(Holder(int(values["pid"]), str(values["since"])))
    except (OSError, ValueError, KeyError, TypeError):
        # The holder is between taking the lock and writing its note.
        return "另一个进程"
