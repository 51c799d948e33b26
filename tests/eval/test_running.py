"""Runs over question sets: nothing is asked twice, nothing is lost, one system's fault is nobody else's."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from assistant.errors import InputError
from assistant.exchange import only_writer
from eval.folder import RunFolder
from eval.running import run
from eval.scoring import Run, score_run, write_scores
from eval.systems import Entry, Place, entry_of
from eval.types import QuestionSet
from tests.eval import contestants
from tests.eval.contestants import NOTES, RUBBISH
from tests.eval.running import (
    IDS,
    QUESTIONS,
    TEXTS,
    changed,
    contents,
    door,
    noted,
    put_documents,
    records,
    run_systems,
    small_set,
    start,
    systems_of,
    wait_for,
    without_time,
)

STEADY, SLOW = door(contestants.steady), door(contestants.slow)


@pytest.fixture
def small(tmp_path: Path) -> QuestionSet:
    return small_set(tmp_path)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "small"


def answers(out: Path, system: Callable[[Place], Any], name: str = "small") -> Path:
    return out / "answers" / name / f"{door(system)}.jsonl"


def written(out: Path) -> Run:
    """The run, scored and with its scores kept."""
    scored = score_run(RunFolder.existing(out))
    write_scores(scored)
    return scored


# --- what a run does ---


def test_every_question_is_asked_once_and_its_line_kept_in_order(
    tmp_path: Path, small: QuestionSet, out: Path
) -> None:
    outcome = run_systems(out, small, contestants.steady)
    assert (outcome.kept, outcome.failed) == (None, {})
    assert noted(tmp_path) == TEXTS
    lines = records(answers(out, contestants.steady))
    assert [(line["id"], line["question"]) for line in lines] == list(zip(IDS, TEXTS, strict=True))
    assert all(0 <= line["seconds"] < 20 for line in lines)
    assert [path.name for path in out.parent.iterdir()] == [out.name]
    assert sorted(name for name in contents(out) if not name.startswith("work/")) == [
        f"answers/small/{STEADY}.jsonl",
        "questions/small.jsonl",
        "run.json",
    ]
    assert [result.score.correct for result in score_run(RunFolder(out)).sets[0].results[STEADY]] == [
        id != "q5" for id in IDS
    ]


def test_the_progress_of_each_system_is_told(small: QuestionSet, out: Path) -> None:
    told: list[tuple[str, int, int]] = []
    entry = Entry("steady", "稳妥者", STEADY)
    run([small], [entry], RunFolder(out), progress=lambda *step: told.append(step))
    assert told == [("small · 稳妥者", done, len(IDS)) for done in range(len(IDS) + 1)]


def test_the_same_call_again_asks_nothing(tmp_path: Path, small: QuestionSet, out: Path) -> None:
    run_systems(out, small, contestants.steady)
    before = contents(out / "answers")
    started = RunFolder(out).record["started"]
    assert run_systems(out, small, contestants.steady).kept is None
    assert noted(tmp_path) == TEXTS
    assert contents(out / "answers") == before
    assert RunFolder(out).record["started"] == started


def test_a_system_is_added_to_a_directory(tmp_path: Path, small: QuestionSet, out: Path) -> None:
    run_systems(out, small, contestants.steady)
    before = answers(out, contestants.steady).read_bytes()
    run_systems(out, small, contestants.refusing)
    assert noted(tmp_path) == TEXTS * 2
    assert answers(out, contestants.steady).read_bytes() == before
    one = score_run(RunFolder(out)).sets[0]
    correct = {name: summary.whole.correct.value for name, summary in one.summaries.items()}
    assert correct == {STEADY: 7 / 8, door(contestants.refusing): 2 / 8}


def test_a_set_is_added_to_a_directory(tmp_path: Path, small: QuestionSet, out: Path) -> None:
    run_systems(out, small, contestants.steady)
    other = small_set(tmp_path, QUESTIONS[:2], "other")
    run_systems(out, other, contestants.steady)
    assert noted(tmp_path) == TEXTS + TEXTS[:2]
    assert [(one.name, len(one.items)) for one in score_run(RunFolder(out)).sets] == [
        ("small", 8),
        ("other", 2),
    ]


def test_a_key_that_changed_is_scored_anew_without_asking(
    tmp_path: Path, small: QuestionSet, out: Path
) -> None:
    run_systems(out, small, contestants.steady)
    before = answers(out, contestants.steady).read_bytes()
    mended = small_set(tmp_path, changed("q1", key_facts=[["97%"]], category="table"))
    assert run_systems(out, mended, contestants.steady).kept is None
    assert noted(tmp_path) == TEXTS
    assert answers(out, contestants.steady).read_bytes() == before
    first = score_run(RunFolder(out)).sets[0].results[STEADY][0]
    assert (first.item.category, first.score.reason) == ("table", "要点全缺")


# --- directories of other runs ---


@pytest.mark.parametrize(
    "lines",
    [
        changed("q1", question="河源县2025年自来水普及率目标是多少"),
        changed("q1", id="q0"),
        changed("q6", history=[["user", "管网呢？"]]),
        QUESTIONS[:-1],
        QUESTIONS[::-1],
    ],
    ids=["text", "id", "history", "fewer", "order"],
)
def test_other_questions_are_refused_and_change_nothing(
    lines: list[dict[str, Any]], tmp_path: Path, small: QuestionSet, out: Path
) -> None:
    run_systems(out, small, contestants.unopenable)  # a directory is begun all the same
    before = contents(out)
    other = small_set(tmp_path, lines)
    with pytest.raises(InputError, match=f"{out} 里的“small”是另一套题；请换一个 --out"):
        run_systems(out, other, contestants.steady)
    assert contents(out) == before
    assert noted(tmp_path) == []
    assert [path.name for path in out.parent.iterdir()] == [out.name]


@pytest.mark.parametrize("change", ["documents", "code", "settings"])
def test_after_a_change_the_old_results_are_kept_and_all_is_asked_again(
    change: str, tmp_path: Path, small: QuestionSet, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_systems(out, small, contestants.steady)
    written(out)
    before = {name: data for name, data in contents(out).items() if not name.startswith("work/")}
    for number in (1, 2):  # twice within the same second, maybe
        if change == "documents":
            put_documents(small.corpus, {"plan": f"全县自来水普及率达到9{number}%。"})
        elif change == "code":
            monkeypatch.setattr("eval.folder.code_hash", lambda number=number: f"code {number}")
        else:
            monkeypatch.setenv("ASSISTANT_CHUNK_TOKENS", str(100 + number))
        kept = run_systems(out, small, contestants.steady).kept
        assert kept is not None
        assert kept.parent == out.parent
        assert kept.name.startswith(f"{out.name}-2")
        assert noted(tmp_path) == TEXTS * (number + 1)
        assert len(list(out.parent.iterdir())) == number + 1
        if number == 1:
            assert contents(kept) == before
        assert records(answers(kept, contestants.steady))
    assert not (out / "results").exists()


# --- what goes wrong with a system ---


@pytest.mark.parametrize(
    "system", [contestants.raising, contestants.dying, contestants.hanging], ids=lambda one: one.__name__
)
def test_a_question_that_fails_is_wrong_and_the_rest_goes_on(
    system: Callable[[Place], Any], small: QuestionSet, out: Path
) -> None:
    assert run_systems(out, small, system, limit=0.5).failed == {}
    lines = records(answers(out, system))
    assert [line["id"] for line in lines] == IDS
    one = score_run(RunFolder(out)).sets[0]
    results = one.results[door(system)]
    wrong = {result.item.id: result.score.reason for result in results if not result.score.correct}
    assert wrong == {"q3": "出错", "q5": "要点全缺"}
    assert one.summaries[door(system)].whole.errors == 1


def test_a_system_that_cannot_be_opened_is_left_out_and_the_others_run(
    tmp_path: Path, small: QuestionSet, out: Path
) -> None:
    outcome = run_systems(out, small, contestants.unopenable, contestants.steady)
    name = door(contestants.unopenable)
    assert outcome.failed == {
        name: f"系统 {name} 打不开：程序出了意料之外的问题（RuntimeError：缺少模型文件）"
    }
    assert noted(tmp_path) == TEXTS
    assert list(score_run(RunFolder(out)).sets[0].results) == [STEADY]


def test_a_system_whose_package_is_missing_is_left_out(tmp_path: Path, small: QuestionSet, out: Path) -> None:
    absent = Entry("absent", "没有的", STEADY, needs="no_such_package")
    outcome = run([small], [absent, entry_of(STEADY)], RunFolder(out), progress=lambda *_: None)
    assert outcome.missing == {"absent": "没有安装 no_such_package"}
    assert noted(tmp_path) == TEXTS


@pytest.mark.parametrize("rubbish", RUBBISH)
def test_rubbish_is_wrong_and_the_rest_goes_on(rubbish: str, tmp_path: Path, out: Path) -> None:
    one = small_set(tmp_path, [{**QUESTIONS[0], "question": rubbish}, QUESTIONS[6]])
    run_systems(out, one, contestants.rubbish)
    results = written(out).sets[0].results[door(contestants.rubbish)]
    assert [result.score.correct for result in results] == [False, True]


# --- what goes wrong with a run ---


def finished(part: Path) -> list[str]:
    """Ids of the questions that a run cut short has kept."""
    lines = part.read_bytes().splitlines(keepends=True)[1:]
    return IDS[: sum(line.endswith(b"\n") for line in lines)]


def holds(part: Path, answers: int) -> Callable[[], bool]:
    """Whether so many answers are kept; the first line of the file is none."""
    return lambda: part.exists() and part.read_bytes().count(b"\n") > answers


def test_a_killed_run_goes_on_and_ends_as_if_nothing_had_been(
    tmp_path: Path, small: QuestionSet, out: Path
) -> None:
    part = answers(out, contestants.slow).with_suffix(".jsonl.part")
    call = ("run", small.path, "--corpus", small.corpus, "--out", out, "--system", SLOW)
    cut: list[int] = []  # how many answers there were at each kill
    for least in (2, 5):
        process = start(*call)
        wait_for(holds(part, least))
        children = systems_of(psutil.Process(process.pid))
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        psutil.wait_procs(children, timeout=20)  # it ends when nobody takes its answer
        assert not any(child.is_running() for child in children)
        cut.append(len(finished(part)))
    assert not answers(out, contestants.slow).exists()
    assert run_systems(out, small, contestants.slow).kept is None
    assert not part.exists()
    assert set(noted(tmp_path)) == set(TEXTS)
    twice = {text for text in TEXTS if noted(tmp_path).count(text) > 1}
    assert twice <= {TEXTS[number] for number in cut}  # what was being asked when the run was killed

    undisturbed = out.with_name("undisturbed")
    run_systems(undisturbed, small, contestants.steady)  # the same system, but quicker
    written(out)
    written(undisturbed)
    for kind in ("answers", "results"):
        first, second = (folder / kind / "small" for folder in (out, undisturbed))
        assert without_time(records(first / f"{SLOW}.jsonl")) == without_time(
            records(second / f"{STEADY}.jsonl")
        )


def test_ctrl_c_keeps_what_there_is_and_leaves_no_process(
    tmp_path: Path, small: QuestionSet, out: Path
) -> None:
    part = answers(out, contestants.slow).with_suffix(".jsonl.part")
    process = start("run", small.path, "--corpus", small.corpus, "--out", out, "--system", SLOW)
    wait_for(holds(part, 2))
    children = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)  # a terminal tells every process
    said, complained = process.communicate(timeout=60)
    assert process.returncode == 130
    assert (said, complained) == ("", "已停止：已有的答案都保存了，再次运行同一命令会接着做。\n")
    assert systems_of(psutil.Process()) == []
    psutil.wait_procs(children, timeout=20)
    assert not any(child.is_running() for child in children)
    kept = finished(part)
    run_systems(out, small, contestants.slow)
    assert all(noted(tmp_path).count(TEXTS[IDS.index(id)]) == 1 for id in kept)
    assert [line["id"] for line in records(answers(out, contestants.slow))] == IDS


def test_a_second_process_on_the_same_directory_is_told(
    tmp_path: Path, small: QuestionSet, out: Path
) -> None:
    part = answers(out, contestants.slow).with_suffix(".jsonl.part")
    process = start("run", small.path, "--corpus", small.corpus, "--out", out, "--system", SLOW)
    wait_for(part.exists)
    with pytest.raises(InputError, match=f"另一个进程正在写 {out}"):
        run_systems(out, small, contestants.steady)
    assert process.poll() is None
    process.kill()
    process.communicate()
    run_systems(out, small, contestants.steady)  # the dead hold nothing
    assert not answers(out, contestants.slow).exists()


def test_two_runs_begun_together_keep_the_results_of_both(small: QuestionSet, out: Path) -> None:
    """The directory may have changed between looking into it and having it for oneself."""
    late = RunFolder(out)
    run_systems(out, small, contestants.steady)
    run([small], [entry_of(door(contestants.refusing))], late, progress=lambda *_: None)
    assert len(score_run(RunFolder(out)).sets[0].results) == 2


def test_a_full_disk_loses_no_answer(tmp_path: Path, small: QuestionSet, out: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full here")
    path = answers(out, contestants.steady)
    path.parent.mkdir(parents=True)
    path.with_name(path.name + ".new").symlink_to(full)
    with pytest.raises(OSError, match="No space left"):
        run_systems(out, small, contestants.steady)
    assert not path.exists()
    run_systems(out, small, contestants.steady)
    assert noted(tmp_path) == TEXTS
    assert [line["id"] for line in records(path)] == IDS


def test_nothing_is_begun_over_documents_that_are_not_there(tmp_path: Path, out: Path) -> None:
    one = small_set(tmp_path)
    for path in one.corpus.iterdir():
        path.unlink()
    with pytest.raises(InputError, match="文件夹里没有可读的文件"):
        run_systems(out, one, contestants.steady)
    assert not out.exists()


def test_a_directory_in_use_is_not_touched(small: QuestionSet, out: Path) -> None:
    run_systems(out, small, contestants.unopenable)
    before = contents(out)
    with only_writer(out), pytest.raises(InputError, match="另一个进程"):
        run_systems(out, small, contestants.steady)
    assert contents(out) == before
    assert NOTES not in contents(out)
