"""Processes that are killed, interrupted, or in each other's way."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest

from assistant.errors import LibraryBusy, LibraryMissing
from assistant.index import open_library, status
from tests.index.tools import (
    KILLERS,
    Hashed,
    contents,
    generations,
    in_process,
    ingest_and_wait,
    ingest_apart,
    ingest_dying_at,
    policy,
    put,
    start,
    starter,
    take,
)

NEXT = {"a": policy("方山县", 0), "b": policy("运城市", 30), "d": policy("大同市", 60)}


def check_whole(library: Path, states: list[dict[str, str]]) -> dict[str, str]:
    """The library's documents, which must be one of the states; an empty one may be missing altogether."""
    try:
        found = contents(library)
    except LibraryMissing:
        found = {}
    assert found in states
    return found


@pytest.mark.parametrize("point", list(KILLERS))
@pytest.mark.parametrize("fresh", [True, False], ids=["fresh", "update"])
def test_killed_at_a_point(
    tmp_path: Path, source: Path, files: dict[str, str], point: str, fresh: bool
) -> None:
    library = tmp_path / "library"
    before: dict[str, str] = {}
    if not fresh:
        take(source, library)
        before = files
    put(source, NEXT)
    process = start(ingest_dying_at, point, str(source), str(library))
    process.join(60)
    if not (point == "schema written" and not fresh):  # an old library has its schema already
        assert process.exitcode == -signal.SIGKILL
    late = point in {"after the switch", "before the sweep", "建立索引:last"}
    found = check_whole(library, [before, NEXT])
    if process.exitcode and "commit" not in point:
        assert found == (NEXT if late else before)
    embeddings = Hashed()
    take(source, library, embeddings=embeddings)
    assert contents(library) == NEXT
    assert generations(library) <= {status(library).generation, status(library).versions["previous"]}
    if point in {"words written", "before the switch", "inside the switch"}:
        assert embeddings.embedded == []


def test_killed_at_any_moment(small: Path, source: Path, files: dict[str, str]) -> None:
    """Kills spread over the time that an ingest takes, each on what the one before has left."""
    states = [files, NEXT]
    begun = time.perf_counter()
    put(source, NEXT)
    start(ingest_apart, str(source), str(small)).join()
    usual = time.perf_counter() - begun
    assert contents(small) == NEXT
    chance = random.Random(20250113)
    killed = 0
    for trial in range(24):
        put(source, states[trial % 2])
        process = start(ingest_apart, str(source), str(small))
        process.join(chance.uniform(0, usual * 1.1))
        process.kill()
        process.join()
        killed += process.exitcode == -signal.SIGKILL
        check_whole(small, states)
        if trial % 3 == 2:
            take(source, small)
            assert contents(small) == states[trial % 2]
    assert killed >= 8


def test_a_reader_mends_after_a_killed_writer(small: Path, source: Path, files: dict[str, str]) -> None:
    put(source, NEXT)
    process = start(ingest_dying_at, "before the commit", str(source), str(small))
    process.join(60)
    assert (small / "library.sqlite3-journal").exists()
    with open_library(small) as library:
        assert {document.id: document.text for document in library.documents()} == files


def test_ctrl_c_from_outside(small: Path, source: Path, files: dict[str, str]) -> None:
    put(source, NEXT)
    ready, go = starter.Event(), starter.Event()
    process = start(ingest_and_wait, str(source), str(small), ready, go)
    assert ready.wait(60)
    assert process.pid
    os.kill(process.pid, signal.SIGINT)
    process.join(60)
    assert process.exitcode == 1
    assert contents(small) == files
    assert generations(small) == {status(small).generation}
    take(source, small)
    assert contents(small) == NEXT


def test_a_second_writer_is_told_who_is_first(small: Path, source: Path, files: dict[str, str]) -> None:
    put(source, NEXT)
    ready, go = starter.Event(), starter.Event()
    process = start(ingest_and_wait, str(source), str(small), ready, go)
    assert ready.wait(60)
    with pytest.raises(LibraryBusy, match=rf"进程 {process.pid}（自 \d{{4}}-\d\d-\d\d .* 起）写入"):
        take(source, small)
    said = in_process(ingest_apart, str(source), str(small))
    assert (said.error, f"进程 {process.pid}" in said.message) == ("LibraryBusy", True)
    assert contents(small) == files  # readers need no lock
    go.set()
    process.join(60)
    assert process.exitcode == 0
    assert contents(small) == NEXT
    assert take(source, small).unchanged == ("a", "b", "d")


def test_a_killed_writer_holds_nothing(small: Path, source: Path) -> None:
    put(source, NEXT)
    ready, go = starter.Event(), starter.Event()
    process = start(ingest_and_wait, str(source), str(small), ready, go)
    assert ready.wait(60)
    process.kill()
    process.join()
    take(source, small)
    assert contents(small) == NEXT
