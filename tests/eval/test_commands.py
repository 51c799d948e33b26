"""`python -m eval` as people call it: Chinese help, one line for what goes wrong, exit codes, files and tables."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from eval import commands
from eval.commands import main
from eval.folder import RunFolder
from eval.systems import OURS, SYSTEMS, Entry
from eval.types import QuestionSet
from tests.eval import contestants
from tests.eval.running import (
    IDS,
    QUESTIONS,
    TEXTS,
    asked,
    changed,
    contents,
    door,
    noted,
    put_documents,
    put_questions,
    records,
    small_set,
)

STEADY, UNOPENABLE = door(contestants.steady), door(contestants.unopenable)
Captured = pytest.CaptureFixture[str]


@dataclass(frozen=True)
class Said:
    """What a call came to."""

    code: int
    out: str
    err: str


Call = Callable[..., Said]


@pytest.fixture(autouse=True)
def same_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing the weights of the encoder for every run would take longer than the tests."""
    monkeypatch.setattr("eval.folder.code_hash", lambda: "code")


@pytest.fixture
def call(capsys: Captured) -> Call:
    def run(*arguments: str | Path) -> Said:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run


@pytest.fixture
def small(tmp_path: Path) -> QuestionSet:
    return small_set(tmp_path)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "run"


@pytest.fixture
def our_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system of a few lines stands in the place of ours."""
    monkeypatch.setitem(SYSTEMS, OURS, Entry(OURS, "本系统", STEADY))


def over(one: QuestionSet, out: Path, *more: str) -> list[str]:
    return ["run", str(one.path), "--corpus", str(one.corpus), "--out", str(out), *more]


# --- help ---


@pytest.mark.parametrize("flag", ["--help", "-h"])
@pytest.mark.parametrize("command", ["", "check", "run", "report", "gate"])
def test_help_is_chinese(command: str, flag: str, call: Call) -> None:
    said = call(*filter(None, [command]), flag)
    assert (said.code, said.err) == (0, "")
    assert f"用法：python -m eval {command}" in said.out
    assert "显示这段说明" in said.out
    assert "例：" in said.out
    for word in ("Usage", "Options", "Arguments", "Commands", "Show this", "required", "default"):
        assert word not in said.out


def test_without_a_command_the_help_is_shown(call: Call) -> None:
    said = call()
    assert (said.code, said.err) == (0, "")
    for command in ("check", "run", "report", "gate"):
        assert command in said.out


def test_the_help_of_run_names_the_systems(call: Call) -> None:
    said = "".join(call("run", "--help").out.replace("│", "").split())
    assert all(name in said for name in SYSTEMS)


# --- misuse and bad input ---


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["frobnicate"], "没有命令 frobnicate"),
        (["run", "--out", "x", "--frob"], "没有选项 --frob"),
        (["run", "q.jsonl"], "缺少参数 --out"),
        (["run", "q.jsonl", "--out"], "选项 --out 后面要有一个值"),
        (["run", "q.jsonl", "--out", "x", "--limit", "long"], "--limit 的值不可用"),
        (["run", "q.jsonl", "--out", "x", "--limit", "0"], "--limit 的值不可用"),
        (["run", "q.jsonl", "--out", "x", "--limit", "nan"], "--limit 的值不可用"),
        (["report"], "缺少参数 目录…"),
        (["gate"], "缺少参数 目录"),
        (["gate", "a", "b"], "多出了参数：b"),
    ],
)
def test_misuse_is_one_chinese_line(
    arguments: list[str], message: str, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = call(*arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"错误：{message}")
    assert said.err.endswith("。加上 --help 可看到用法\n")
    assert said.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


Prepare = Callable[[Path], Sequence[str | Path]]


def twice(folder: Path) -> list[str | Path]:
    (folder / "other").mkdir()
    put_questions(folder / "other" / "small.jsonl")
    files: list[str | Path] = [folder / "small.jsonl", folder / "other" / "small.jsonl"]
    return ["run", *files, "--corpus", folder / "documents", "--out", folder / "out"]


def malformed(folder: Path) -> list[str | Path]:
    put_questions(folder / "small.jsonl", [QUESTIONS[0], {**QUESTIONS[1], "answerable": "ja"}])
    return ["run", folder / "small.jsonl", "--out", folder / "out"]


def foreign(folder: Path) -> list[str | Path]:
    (folder / "out").mkdir()
    (folder / "out" / "thesis.txt").write_text("mine")
    return ["run", folder / "small.jsonl", "--corpus", folder / "documents", "--out", folder / "out"]


BAD: list[tuple[Prepare, str]] = [
    (lambda at: ["run", at / "no.jsonl", "--out", at / "out"], "找不到文件：{at}/no.jsonl"),
    (lambda at: ["check", at / "no.jsonl"], "找不到文件：{at}/no.jsonl"),
    (malformed, "{at}/small.jsonl 第 2 行：“answerable” 应是 true 或 false"),
    (
        lambda at: ["run", at / "small.jsonl", "--corpus", at / "no", "--out", at / "out"],
        "找不到文件夹：{at}/no",
    ),
    (
        lambda at: ["run", at / "small.jsonl", "--system", "nobody", "--out", at / "out"],
        "没有系统 nobody；可用：ours、",
    ),
    (
        lambda at: ["run", at / "small.jsonl", "--out", at / "small.jsonl"],
        "--out 应是文件夹，这是文件：{at}/small.jsonl",
    ),
    (foreign, "{at}/out 里已有别的东西，不是评测目录；请换一个 --out"),
    (twice, "有两个题集都叫 small，请改文件名"),
    (lambda at: ["report", at], "{at} 不是评测目录（没有 run.json）；请先运行 python -m eval run"),
    (lambda at: ["report", at, at, at], "最多比较两个评测目录"),
    (lambda at: ["gate", at / "no"], "{at}/no 不是评测目录（没有 run.json）；请先运行 python -m eval run"),
]


@pytest.mark.parametrize(("prepare", "message"), BAD)
def test_bad_input_is_one_chinese_line_and_leaves_nothing(
    prepare: Prepare, message: str, call: Call, small: QuestionSet, tmp_path: Path
) -> None:
    arguments = prepare(tmp_path)
    before = contents(tmp_path)
    said = call(*arguments)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("错误：" + message.format(at=tmp_path))
    assert said.err.count("\n") == 1
    assert contents(tmp_path) == before


# --- check ---


def test_a_sound_set_is_counted(call: Call, small: QuestionSet) -> None:
    said = call("check", small.path, "--corpus", small.corpus)
    assert (said.code, said.err) == (0, "")
    assert "各类题数" in said.out
    assert "各文件题数" in said.out
    rows = {
        cells[0]: cells[1:] for line in said.out.splitlines() if (cells := line.replace("│", " ").split())
    }
    assert [rows[name] for name in ("numeric", "howto", "合计", "plan", "notice")] == [
        ["3"], ["—"], ["8"], ["4"], ["2"],
    ]  # fmt: skip
    assert rows["不可回答"] == ["2（25%）"]
    assert said.out.endswith("0 处错误，0 处提醒。\n")


def test_faults_and_repeats_are_told(call: Call, tmp_path: Path) -> None:
    lines = [
        *QUESTIONS,
        {**QUESTIONS[0], "id": "q9"},
        asked("q10", "新的问题？", "fact", "97%", "plan", "97%"),
    ]
    one = small_set(tmp_path, lines)
    said = call("check", one.path, "--corpus", one.corpus)
    assert said.code == 1
    assert said.err.splitlines() == [f"错误：{one.path} 第 10 行（q10）：依据不是 plan 的原文：97%"]
    assert "注意：small/q1 与 small/q9 几乎是同一问题" in said.out
    assert said.out.endswith("1 处错误，1 处提醒。\n")


TABLE = """
[[set]]
questions = "dev.jsonl"
corpus = "../documents"

[[set]]
questions = "test.jsonl"
title = "测试集"
corpus = "../documents"
locked = true

[[minimum]]
sets = ["dev", "test"]
questions = 10
"""


def test_without_files_the_known_sets_are_checked_against_their_minimums(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_documents(tmp_path / "documents")
    folder = tmp_path / "questions"
    folder.mkdir()
    (folder / "sets.toml").write_text(TABLE, encoding="utf-8")
    put_questions(folder / "dev.jsonl")
    put_questions(folder / "test.jsonl", [{**QUESTIONS[1], "id": "s1"}])
    monkeypatch.setattr(commands, "QUESTIONS", folder)
    said = call("check")
    assert (said.code, said.err) == (1, "错误：dev+test 共 9 题，要求至少 10 题\n")
    assert "注意：dev/q2 与 test/s1 几乎是同一问题，一题在锁定集内\n" in said.out
    assert call("check", folder / "test.jsonl").code == 0  # the minimum is of both
    put_questions(
        folder / "test.jsonl", [asked(f"s{n}", text, "unanswerable") for n, text in enumerate("甲乙")]
    )
    assert call("check").code == 0


# --- run ---


def test_a_run_prints_a_table_and_writes_everything(call: Call, small: QuestionSet, out: Path) -> None:
    said = call(*over(small, out, "--system", STEADY, "--system", "oracle", "--system", STEADY))
    assert (said.code, said.err) == (0, "")
    assert "small（small，8 题）" in said.out
    rows = [line for line in said.out.splitlines() if STEADY in line or "看答案者（上限）" in line]
    assert [row.replace("│", " ").split()[1] for row in rows] == ["100.0", "87.5"]
    assert said.out.endswith(f"秒。报告：{out / 'report.html'}\n")
    assert {name for name in contents(out) if not name.startswith("work/")} == {
        "run.json",
        "summary.json",
        "junit.xml",
        "report.html",
        "questions/small.jsonl",
        *(f"{kind}/small/{name}.jsonl" for kind in ("answers", "results") for name in (STEADY, "oracle")),
    }
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    assert summary["sets"]["small"]["systems"][STEADY]["whole"]["correct"]["value"] == 7 / 8
    assert [line["correct"] for line in records(out / "results" / "small" / f"{STEADY}.jsonl")] == [
        id != "q5" for id in IDS
    ]
    assert [suite.get("tests") for suite in ET.parse(out / "junit.xml").getroot()] == ["8", "8"]
    assert not [path for path in out.parent.iterdir() if path.name.startswith("run.")]


def test_all_systems_can_be_asked_for(
    call: Call, small: QuestionSet, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in list(SYSTEMS):
        monkeypatch.delitem(SYSTEMS, name)
    monkeypatch.setitem(SYSTEMS, OURS, Entry(OURS, "本系统", STEADY))
    monkeypatch.setitem(SYSTEMS, "absent", Entry("absent", "没有的", STEADY, needs="no_such_package"))
    monkeypatch.setitem(SYSTEMS, "refusing", Entry("refusing", "拒答者", door(contestants.refusing)))
    said = call(*over(small, out, "--system", "all"))
    assert (said.code, said.err) == (0, "跳过 absent：没有安装 no_such_package\n")
    (row,) = [line for line in said.out.splitlines() if "拒答者" in line]
    assert row.replace("│", " ").split()[-2:] == ["5/0", "0.062"]  # ours alone has five right
    assert "没有的" not in said.out


def test_a_run_of_nothing_but_a_missing_package_is_no_failure(
    call: Call, small: QuestionSet, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SYSTEMS, "absent", Entry("absent", "没有的", STEADY, needs="no_such_package"))
    said = call(*over(small, out, "--system", "absent"))
    assert (said.code, said.err) == (0, "跳过 absent：没有安装 no_such_package\n")


def test_a_system_that_cannot_be_opened_is_told_and_the_others_run(
    call: Call, small: QuestionSet, out: Path
) -> None:
    said = call(*over(small, out, "--system", UNOPENABLE, "--system", STEADY))
    assert said.code == 1
    assert said.err.splitlines() == [
        f"跳过 {UNOPENABLE}：系统 {UNOPENABLE} 打不开：程序出了意料之外的问题（RuntimeError：缺少模型文件）"
    ]
    assert f"{STEADY}" in said.out
    assert (out / "report.html").is_file()


def test_an_installed_system_that_cannot_be_opened_is_a_failure(
    call: Call, small: QuestionSet, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SYSTEMS, "broken", Entry("broken", "坏的", UNOPENABLE, needs="json"))
    said = call(*over(small, out, "--system", "broken"))
    assert "缺少模型文件" in said.err
    assert said.code == 1


@pytest.mark.parametrize("limit", ["inf", "1e12"])
def test_any_limit_is_either_kept_or_refused(limit: str, call: Call, small: QuestionSet, out: Path) -> None:
    said = call(*over(small, out, "--system", STEADY, "--limit", limit))
    assert said.code in (0, 2)
    assert "意料之外" not in said.err


def test_what_was_outdated_is_told(call: Call, tmp_path: Path, small: QuestionSet, out: Path) -> None:
    call(*over(small, out, "--system", STEADY))
    put_documents(small.corpus, {"plan": "全县自来水普及率达到99%。"})
    said = call(*over(small, out, "--system", STEADY))
    (kept,) = [path for path in tmp_path.iterdir() if path.name.startswith("run-")]
    assert said.err == f"代码、设置或文件有变化，旧结果移到 {kept}，从头评测。\n"
    assert said.code == 0
    assert (kept / "report.html").is_file()
    assert noted(tmp_path) == TEXTS * 2


def test_a_changed_key_gives_new_figures_without_asking(
    call: Call, tmp_path: Path, small: QuestionSet, out: Path
) -> None:
    call(*over(small, out, "--system", STEADY))
    small_set(tmp_path, changed("q1", key_facts=[["97%"]]))
    said = call(*over(small, out, "--system", STEADY))
    assert (said.code, said.err) == (0, "")
    assert noted(tmp_path) == TEXTS
    assert [line["correct"] for line in records(out / "results" / "small" / f"{STEADY}.jsonl")] == [
        id not in ("q1", "q5") for id in IDS
    ]


def test_other_questions_are_refused(call: Call, tmp_path: Path, small: QuestionSet, out: Path) -> None:
    call(*over(small, out, "--system", STEADY))
    before = contents(out)
    said = call(*over(small_set(tmp_path, QUESTIONS[:5]), out, "--system", STEADY))
    assert (said.code, said.out) == (1, "")
    assert said.err == f"错误：{out} 里的“small”是另一套题；请换一个 --out，或先移走这个目录\n"
    assert contents(out) == before


def test_a_full_disk_is_one_line_and_the_old_files_stay_whole(
    call: Call, tmp_path: Path, small: QuestionSet, out: Path
) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    call(*over(small, out, "--system", STEADY))
    before = contents(out)
    (out / "summary.json.new").symlink_to("/dev/full")
    said = call(*over(small, out, "--system", STEADY))
    assert (said.code, said.out, said.err) == (1, "", "错误：磁盘空间不足，请清理后重试\n")
    after = contents(out)
    assert after.keys() == before.keys()
    assert [name for name in after if after[name] != before[name]] in ([], ["run.json"])


@pytest.mark.parametrize("ending", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_a_run_stopped_at_its_very_beginning_goes_on(
    ending: Any, call: Call, small: QuestionSet, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(folder: RunFolder) -> None:
        raise ending

    with monkeypatch.context() as patch:
        patch.setattr(RunFolder, "save", stopped)
        assert call(*over(small, out, "--system", STEADY)).code in (1, 130)
    assert call(*over(small, out, "--system", STEADY)).code == 0


# --- report and gate ---


def test_reports_of_one_run_and_of_two(
    call: Call, tmp_path: Path, small: QuestionSet, our_place: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    call(*over(small, old))
    monkeypatch.setitem(SYSTEMS, OURS, Entry(OURS, "本系统", door(contestants.refusing)))
    call(*over(small, new))
    (new / "report.html").unlink()
    assert call("report", new) == Said(0, f"报告：{new / 'report.html'}\n", "")
    alone = (new / "report.html").read_bytes()
    before = contents(old)
    assert call("report", old, new) == Said(0, f"报告：{new / 'report.html'}\n", "")
    assert (new / "report.html").read_bytes() != alone
    assert contents(old) == before


def test_reports_of_runs_over_other_documents_say_so(call: Call, small: QuestionSet, out: Path) -> None:
    call(*over(small, out, "--system", STEADY))
    put_documents(small.corpus, {"plan": "别的"})
    said = call("report", out)
    assert said == Said(
        1, "", f"错误：{small.corpus} 里的文件在评测之后有变化；请重新运行 python -m eval run\n"
    )


def test_the_gate_from_its_first_figures_to_a_shortfall(
    call: Call, tmp_path: Path, small: QuestionSet, out: Path, our_place: None
) -> None:
    expected = tmp_path / "expected.json"
    call(*over(small, out))
    missing = call("gate", out, "--expected", expected)
    assert (missing.code, missing.out) == (1, "")
    assert missing.err.startswith(f"错误：找不到预期文件：{expected}；用 python -m eval gate 目录 --update")

    assert call("gate", out, "--expected", expected, "--update") == Said(0, f"已写入 {expected}\n", "")
    assert call("gate", out, "--expected", expected) == Said(0, "达到预期。\n", "")

    told = json.loads(expected.read_text("utf-8"))
    assert told["sets"]["small"]["correct"] == 7 / 8
    told["sets"] |= {"small": {"correct": 0.9, "refused": 1.0}, "other": {"correct": 1.0}}
    expected.write_text(json.dumps(told), encoding="utf-8")
    said = call("gate", out, "--expected", expected)
    assert (said.code, said.out) == (1, "")
    assert said.err.splitlines() == [
        "注意：题集 other 这次没有评测",
        "未达预期：small：正确率 87.5%，应不低于 89.0%",
    ]
    call("gate", out, "--expected", expected, "--update")
    told = json.loads(expected.read_text("utf-8"))
    assert told["sets"]["other"] == {"correct": 1.0}
    assert call("gate", out, "--expected", expected).code == 0


def test_a_gate_without_our_system_is_no_pass(
    call: Call, tmp_path: Path, small: QuestionSet, out: Path
) -> None:
    expected = tmp_path / "expected.json"
    expected.write_text('{"margins": {}, "sets": {"small": {"correct": 0.1}}}', encoding="utf-8")
    call(*over(small, out, "--system", STEADY))
    said = call("gate", out, "--expected", expected)
    assert (said.code, said.out) == (1, "")
    assert said.err == "错误：评测目录里没有预期文件所列的题集（或没有本系统的结果）\n"
