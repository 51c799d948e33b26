"""One system in a process of its own: whatever it does costs its question and nothing else."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from eval.systems import Entry, Place, entry_of
from eval.types import Item
from eval.worker import PATIENCE, SystemUnusable, Worker
from tests.eval import contestants
from tests.eval.contestants import NOTES, OPENINGS
from tests.eval.running import IDS, TEXTS, door, noted, small_set, systems_of, wait_for

LIMIT = 20.0
SHORT = 0.5


@pytest.fixture
def items(tmp_path: Path) -> tuple[Item, ...]:
    return small_set(tmp_path).items


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """No test leaves the process of a system behind."""
    yield
    assert systems_of(psutil.Process()) == []


def opened(system: Callable[[Place], Any], folder: Path, limit: float = LIMIT) -> Worker:
    return Worker(entry_of(door(system)), place(folder), limit)


def place(folder: Path) -> Place:
    return Place(folder / "documents", folder / "work")


def test_an_answer_comes_back_with_its_question_and_time(tmp_path: Path, items: tuple[Item, ...]) -> None:
    with opened(contestants.boastful, tmp_path) as worker:
        line = worker.ask(items[2])
    assert 0.1 <= line.pop("seconds") < LIMIT
    assert line == {
        "id": "q3", "question": TEXTS[2], "status": "answered", "answer": "好", "note": "多余",
    }  # fmt: skip


def test_only_an_upper_bound_is_shown_the_key(tmp_path: Path, items: tuple[Item, ...]) -> None:
    follow_up = items[5]
    with opened(contestants.witness, tmp_path) as worker:
        told = worker.ask(follow_up)["answer"]
    assert told == f"Question {follow_up.question!r}"
    entry = Entry("bound", "上限", door(contestants.witness), sees_key=True)
    with Worker(entry, place(tmp_path), LIMIT) as worker:
        assert worker.ask(follow_up)["answer"] == f"Item {follow_up!r}"


def test_a_system_is_opened_once_for_all_questions(tmp_path: Path, items: tuple[Item, ...]) -> None:
    with opened(contestants.steady, tmp_path) as worker:
        lines = [worker.ask(item) for item in items]
    assert [line["id"] for line in lines] == IDS
    assert noted(tmp_path, OPENINGS) == [""]


@pytest.mark.parametrize(
    ("system", "said", "openings"),
    [
        (contestants.raising, "程序出了意料之外的问题（ValueError：坏 了）", 1),
        (contestants.dying, "系统的进程中途退出", 2),
        (contestants.leaving, "系统的进程中途退出", 2),
        (contestants.hanging, f"超过时限 {SHORT:g} 秒", 2),
    ],
)
def test_a_failure_is_an_error_line_and_the_rest_goes_on(
    system: Callable[[Place], Any], said: str, openings: int, tmp_path: Path, items: tuple[Item, ...]
) -> None:
    with opened(system, tmp_path, SHORT) as worker:
        lines = [worker.ask(item) for item in items]
    assert [line["status"] == "error" for line in lines] == [id == "q3" for id in IDS]
    failed = lines[2]
    assert failed["seconds"] <= SHORT
    assert {**failed, "seconds": 0} == {
        "id": "q3", "question": TEXTS[2], "status": "error", "answer": "", "citations": [], "retrieved": [],
        "seconds": 0, "error": said,
    }  # fmt: skip
    assert len(noted(tmp_path, OPENINGS)) == openings


def test_a_process_that_ends_between_two_questions_is_noticed(
    tmp_path: Path, items: tuple[Item, ...]
) -> None:
    with opened(contestants.dying_later, tmp_path) as worker:
        assert worker.ask(items[2])["status"] == "not_found"
        wait_for(lambda: not systems_of(psutil.Process()))
        assert worker.ask(items[0])["error"] == "系统的进程中途退出"
        assert worker.ask(items[0])["status"] == "answered"


def test_ctrl_c_is_left_to_the_process_that_asks(tmp_path: Path, items: tuple[Item, ...]) -> None:
    with opened(contestants.steady, tmp_path) as worker:
        worker.ask(items[0])
        (process,) = systems_of(psutil.Process())
        process.send_signal(signal.SIGINT)
        assert worker.ask(items[1])["status"] == "answered"
    assert noted(tmp_path, OPENINGS) == [""]


def test_after_three_late_answers_in_a_row_nobody_waits_any_more(
    tmp_path: Path, items: tuple[Item, ...]
) -> None:
    with opened(contestants.always_hanging, tmp_path, SHORT) as worker:
        lines = [worker.ask(item) for item in items[:PATIENCE]]
        assert systems_of(psutil.Process()) == []
        start = time.perf_counter()
        lines += [worker.ask(item) for item in items[PATIENCE:]]
        assert time.perf_counter() - start < SHORT
    assert [line["error"] for line in lines[:PATIENCE]] == [f"超过时限 {SHORT:g} 秒"] * 3
    assert {line["error"] for line in lines[PATIENCE:]} == {"系统连续 3 题超时，其余不再提问"}
    assert noted(tmp_path, NOTES) == TEXTS[:PATIENCE]


def test_an_answer_in_time_renews_the_patience(tmp_path: Path, items: tuple[Item, ...]) -> None:
    late, good = items[2], items[0]
    with opened(contestants.hanging, tmp_path, SHORT) as worker:
        statuses = [worker.ask(item)["status"] for item in (late, late, good, late, good)]
    assert statuses == ["error", "error", "answered", "error", "answered"]


def test_a_process_that_does_not_heed_is_killed(
    tmp_path: Path, items: tuple[Item, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eval.worker.LEAVING_LIMIT", 0.3)
    with opened(contestants.stubborn, tmp_path, SHORT) as worker:
        assert worker.ask(items[2])["status"] == "error"
        assert systems_of(psutil.Process()) == []
        assert worker.ask(items[0])["status"] == "answered"


@pytest.mark.parametrize(
    ("system", "said"),
    [
        (contestants.unopenable, "打不开：程序出了意料之外的问题（RuntimeError：缺少模型文件）"),
        (contestants.dying_on_opening, "打不开：系统的进程一打开就退出"),
    ],
)
def test_a_system_that_cannot_be_opened(
    system: Callable[[Place], Any], said: str, tmp_path: Path, items: tuple[Item, ...]
) -> None:
    with pytest.raises(SystemUnusable, match=said), opened(system, tmp_path):
        pass


def test_a_system_that_never_opens(
    tmp_path: Path, items: tuple[Item, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eval.worker.OPENING_LIMIT", 0.4)
    with pytest.raises(SystemUnusable, match=r"打不开：打开系统超过 0\.4 秒"):
        opened(contestants.hanging_on_opening, tmp_path).__enter__()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("no.such.module:opened", "打不开系统 no.such.module:opened：No module named 'no'"),
        ("tests.eval.contestants:nobody", "打不开系统 tests.eval.contestants:nobody：.*'nobody'"),
        ("tests.eval.contestants:NOTES", "tests.eval.contestants:NOTES 不是函数"),
        (":", "打不开系统 :：Empty module name"),
    ],
)
def test_a_door_that_leads_nowhere(name: str, said: str, tmp_path: Path, items: tuple[Item, ...]) -> None:
    with pytest.raises(SystemUnusable, match=said), Worker(entry_of(name), place(tmp_path), LIMIT):
        pass


def test_a_system_that_cannot_be_opened_again_gives_error_lines(
    tmp_path: Path, items: tuple[Item, ...]
) -> None:
    with opened(contestants.unopenable_again, tmp_path) as worker:
        lines = [worker.ask(item) for item in items[:4]]
    assert [line["status"] for line in lines] == ["answered", "answered", "error", "error"]
    assert "端口被占用" in lines[3]["error"]
    assert lines[3]["question"] == TEXTS[3]


def test_what_is_no_answer_is_an_error(tmp_path: Path, items: tuple[Item, ...]) -> None:
    keys = ("nothing", "text", "list", "no status", "unknown status", "list as status")
    asked = [replace(items[0], question=replace(items[0].question, text=key)) for key in keys]
    with opened(contestants.rubbish, tmp_path) as worker:
        lines = [worker.ask(item) for item in asked]
    assert {line["error"] for line in lines[:-1]} == {"系统的回答缺少可用的 status"}
    assert {line["status"] for line in lines} == {"error"}


def test_an_answer_that_cannot_be_sent_costs_its_question_only(
    tmp_path: Path, items: tuple[Item, ...]
) -> None:
    asked = replace(items[0], question=replace(items[0].question, text="a function"))
    with opened(contestants.rubbish, tmp_path) as worker:
        assert worker.ask(asked)["status"] == "error"
        assert worker.ask(items[0])["status"] == "not_found"
