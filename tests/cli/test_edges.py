"""Help, misuse and unusable input: one clear Chinese line, an exit code, and no wait for anything heavy."""

from __future__ import annotations

import errno
import sqlite3
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from assistant import __version__
from assistant.__main__ import main
from assistant.errors import AssistantError, LibraryBusy
from assistant.terminal.failures import describe, is_expected

from .conftest import ROOT, Run

COMMANDS = ["ingest", "ask", "chat", "answer", "serve", "status"]
HEAVY = [
    "chromadb",
    "gradio",
    "jieba",
    "langchain_core",
    "numpy",
    "onnxruntime",
    "pydantic",
    "tantivy",
    "tokenizers",
]
Captured = pytest.CaptureFixture[str]


def test_nothing_heavy_is_imported_for_help() -> None:
    code = (
        "import sys; from assistant.__main__ import main; main(['--help']); "
        f"sys.exit(','.join(sorted(set({HEAVY!r}) & sys.modules.keys())) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_help_comes_at_once(run: Run) -> None:
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        assert run("--help").returncode == 0
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 1.5  # 0.4 s on an idle machine; other work may share this one


def test_the_overview_names_every_command_in_chinese(capsys: Captured) -> None:
    for arguments in ([], ["--help"], ["-h"]):
        assert main(arguments) == 0
        shown = capsys.readouterr().out
        assert all(command in shown for command in COMMANDS)
        assert "用法：" in shown
        assert "Usage" not in shown
        assert "Show this message" not in shown


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(command: str, capsys: Captured) -> None:
    assert main([command, "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"python -m assistant {command}" in shown
    assert "例：" in shown


def test_the_version(capsys: Captured) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"policy-assistant {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["asc"], "没有命令 asc"),
        (["ask"], "缺少参数 问题"),
        (["ask", "甲", "乙"], "多出了参数：乙"),
        (["ask", "甲", "--librari", "x"], "没有选项 --librari"),
        (["ask", "甲", "--library"], "选项 --library 后面要有一个值"),
        (["answer", "a.jsonl"], "缺少参数 --out"),
        (["serve", "--port", "abc"], "--port 的值不可用"),
        (["serve", "--port", "70000"], "--port 的值不可用"),
    ],
)
def test_misuse_ends_with_2_and_one_line(arguments: list[str], said: str, capsys: Captured) -> None:
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"错误：{said}")
    assert shown.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ask", ""], "问题是空的"),
        (["ask", " \u3000\n\t"], "问题是空的"),
        (["ask", "问" * 20_000], "问题太长：20000 字，最多 2000 字"),
        (["ask", "\udcff"], "问题不是 UTF-8"),
        (["ingest", "no/such/path"], "找不到：no/such/path"),
        (["answer", "none.jsonl", "--out", "{tmp}/a.jsonl"], "找不到文件：none.jsonl"),
        (["answer", "{tmp}/bad.jsonl", "--out", "{tmp}/a.jsonl"], "{tmp}/bad.jsonl 第 1 行：不是合法的 JSON"),
        (["answer", "{tmp}/bad.jsonl", "--out", "{tmp}"], "--out 应是文件"),
        (["answer", "{tmp}/bad.jsonl", "--out", "/proc/none/a.jsonl"], "建不了输出文件夹"),
    ],
)
def test_unusable_input_ends_with_1_and_one_line(
    arguments: list[str], said: str, tmp_path: Path, capsys: Captured
) -> None:
    (tmp_path / "bad.jsonl").write_text("{")
    assert main([argument.replace("{tmp}", str(tmp_path)) for argument in arguments]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"错误：{said}".replace("{tmp}", str(tmp_path)))
    assert shown.err.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.jsonl"]


@pytest.mark.parametrize(
    "command", [["ask", "问"], ["chat"], ["answer", "{tmp}/q.jsonl", "--out", "{tmp}/a.jsonl"]]
)
def test_a_library_that_is_not_there(command: list[str], tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "q.jsonl").write_text('{"id": "1", "question": "问"}')
    arguments = [argument.replace("{tmp}", str(tmp_path)) for argument in command]
    assert main([*arguments, "--library", str(tmp_path / "none")]) == 1
    shown = capsys.readouterr()
    assert shown.err.startswith("错误：")
    assert "ingest" in shown.err
    assert shown.err.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["q.jsonl"]


def test_an_unusable_environment_is_named(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setenv("ASSISTANT_PORT", "abc")
    assert main(["ask", "问"]) == 1
    assert capsys.readouterr().err.startswith("错误：环境变量 ASSISTANT_PORT 的值不可用")


def test_what_nobody_expected_is_one_line_unless_debugging(run: Run, tmp_path: Path) -> None:
    broken = """
        import assistant.settings
        def fail(self):
            raise RuntimeError("甲\\n乙")
        assistant.settings.Settings.__init__ = fail
    """
    (tmp_path / "sitecustomize.py").write_text(textwrap.dedent(broken), "utf-8")
    path = f"{tmp_path}:{ROOT}"
    done = run("ask", "问", PYTHONPATH=path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "错误：程序出了意料之外的问题（RuntimeError：甲 乙）。加上 --debug 可看到详细信息\n"
    for arguments in (["--debug", "ask", "问"], ["ask", "问", "--debug"]):
        done = run(*arguments, PYTHONPATH=path)
        assert done.returncode == 1
        assert "Traceback" in done.stderr


def test_serve_gets_the_settings_of_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant.cli import run as run_here

    got = []
    monkeypatch.setenv("ASSISTANT_PORT", "9001")
    assert run_here(["serve"], serve=got.append) == 0
    assert run_here(["serve", "--host", "0.0.0.0", "--port", "8080", "--library", "x"], serve=got.append) == 0
    assert [(one.host, one.port, str(one.library)) for one in got] == [
        ("127.0.0.1", 9001, "data/library"),
        ("0.0.0.0", 8080, "x"),
    ]


def sqlite_full() -> sqlite3.Error:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    return error


@pytest.mark.parametrize(
    ("error", "said", "expected"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/x/y"), "磁盘空间不足，请清理后重试：/x/y", True),
        (sqlite_full(), "磁盘空间不足，请清理后重试", True),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), "没有权限：/x", True),
        (MemoryError(), "内存不足", True),
        (LibraryBusy("资料库正被\n进程 3 写入"), "资料库正被 进程 3 写入", True),
        (AssistantError(), "AssistantError", True),
        (AssistantError("\x1b[31m红\x07"), "[31m红", True),
        (KeyError("k"), "程序出了意料之外的问题（KeyError：'k'）", False),
    ],
)
def test_every_error_becomes_one_line(error: Exception, said: str, expected: bool) -> None:
    assert describe(error) == said
    assert is_expected(error) is expected
