"""The commands for real: real documents, real library, real processes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assistant.__main__ import main

from .conftest import ROOT, Run

QUESTION = "晋中市2025年人均预期寿命的目标是多少？"
REPLY = "78.1"
Captured = pytest.CaptureFixture[str]


def texts(corpus_dir: Path) -> dict[str, str]:
    """The decoded text of every document by its id."""
    return {path.stem: path.read_bytes().decode("utf-8") for path in corpus_dir.glob("*.txt")}


def assert_answer_line(line: dict[str, object], documents: dict[str, str]) -> None:
    """The line has every key of the contract, and every citation is a slice of its document."""
    assert list(line) == [
        "id",
        "question",
        "status",
        "answer",
        "citations",
        "retrieved",
        "seconds",
        "confidence",
    ]
    assert line["status"] in {"answered", "not_found", "declined"}
    assert isinstance(line["citations"], list)
    assert isinstance(line["retrieved"], list)
    for cited in line["citations"]:
        assert list(cited) == ["doc", "start", "end", "quote", "label"]
        assert documents[cited["doc"]][cited["start"] : cited["end"]] == cited["quote"]
    assert len(line["retrieved"]) <= 20
    scores = [hit["score"] for hit in line["retrieved"]]
    assert scores == sorted(scores, reverse=True)


def questions_file(path: Path, number: int) -> Path:
    asked = [QUESTION, "方山县2025年卫生健康工作的总体要求是什么？", "谁谈了中医药工作？", "今天天气怎么样？"]
    lines = [{"id": f"q{n}", "question": f"{asked[n % 4]}{'请回答。' * (n // 4 % 9)}"} for n in range(number)]
    lines[1]["history"] = [["user", "晋中市的规划是哪年的？"], ["assistant", "2023年。"]]  # type: ignore[assignment]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    return path


def test_ask_prints_one_answer_line(run: Run, library: Path, corpus_dir: Path) -> None:
    done = run("ask", QUESTION, "--json", "--library", str(library))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 1
    line = json.loads(done.stdout)
    assert_answer_line(line, texts(corpus_dir))
    assert line["question"] == QUESTION
    assert REPLY in line["answer"]


def test_ask_prints_the_answer_and_its_proof(library: Path, capsys: Captured) -> None:
    assert main(["ask", QUESTION, "--library", str(library)]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert shown.out.startswith("【已回答】\n")
    answer, proof = shown.out.split("\n依据\n")
    assert REPLY in answer
    assert proof.startswith("[1] 《晋中市卫生健康事业发展规划（2023-2025年）》")


def test_a_reader_that_stops_reading_is_no_error(environment: dict[str, str], library: Path) -> None:
    command = [sys.executable, "-m", "assistant", "ask", QUESTION, "--json", "--library", str(library)]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


def test_a_batch_of_questions(run: Run, library: Path, corpus_dir: Path, tmp_path: Path) -> None:
    source = questions_file(tmp_path / "questions.jsonl", 8)
    out = tmp_path / "answers.jsonl"
    done = run("answer", str(source), "--out", str(out), "--library", str(library))
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("完成 8 题")
    lines = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    asked = [json.loads(line) for line in source.read_text("utf-8").splitlines()]
    assert [(line["id"], line["question"]) for line in lines] == [
        (one["id"], one["question"]) for one in asked
    ]
    for line in lines:
        assert_answer_line(line, texts(corpus_dir))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answers.jsonl", "questions.jsonl"]


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for one process there")
def test_ctrl_c_keeps_whole_lines_and_the_next_run_goes_on(
    run: Run, environment: dict[str, str], library: Path, tmp_path: Path
) -> None:
    source = questions_file(tmp_path / "questions.jsonl", 600)
    out = tmp_path / "answers.jsonl"
    part = tmp_path / "answers.jsonl.part"
    arguments = ["answer", str(source), "--out", str(out), "--library", str(library)]
    process = subprocess.Popen(
        [sys.executable, "-m", "assistant", *arguments],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    wait_for_lines(part, 4)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "再次运行同一命令会接着做" in said
    assert "Traceback" not in said
    assert not out.exists()
    done = part.read_text("utf-8").splitlines()
    assert all(json.loads(line) for line in done)
    head, *kept = done
    assert set(json.loads(head)) == {"part_of"}

    cut = "".join(source.read_text("utf-8").splitlines(keepends=True)[: len(kept)])
    source.write_text(cut, "utf-8")  # other questions: the part file must not be taken over
    again = run(*arguments)
    assert again.returncode == 0
    assert "从头开始" in again.stderr
    assert len(out.read_text("utf-8").splitlines()) == len(kept)


def wait_for_lines(path: Path, number: int) -> None:
    end = time.monotonic() + 60
    while not path.exists() or path.read_bytes().count(b"\n") < number:
        assert time.monotonic() < end, "nothing was written"
        time.sleep(0.02)


def test_a_conversation(run: Run, library: Path) -> None:
    done = run("chat", "--library", str(library), typed=f"{QUESTION}\n那它是哪个单位发的？\n/退出\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("【") >= 2


def test_the_same_question_has_the_same_answer(library: Path, capsys: Captured) -> None:
    answers = []
    for _ in range(2):
        assert (
            main(["ask", "晋中市2025年人均预期寿命的目标是多少？", "--json", "--library", str(library)]) == 0
        )
        answers.append({**json.loads(capsys.readouterr().out), "seconds": 0})
    assert answers[0] == answers[1]


class TestIngest:
    """Taking in, again, more, and what cannot be read."""

    def test_twice_changes_nothing(self, tmp_path: Path, capsys: Captured) -> None:
        folder = small(tmp_path / "papers")
        library = str(tmp_path / "library")
        assert main(["ingest", str(folder), "--library", library]) == 0
        assert "新增 2" in capsys.readouterr().out
        start = time.perf_counter()
        assert main(["ingest", str(folder), "--library", library]) == 0
        assert "新增 0，更新 0，未变 2" in capsys.readouterr().out
        assert time.perf_counter() - start < 5

    def test_a_file_of_one_s_own_is_found(self, tmp_path: Path, capsys: Captured) -> None:
        library = str(tmp_path / "library")
        assert main(["ingest", str(small(tmp_path / "papers")), "--library", library]) == 0
        capsys.readouterr()
        assert main(["ask", "食堂几点开门？", "--json", "--library", library]) == 0
        line = json.loads(capsys.readouterr().out)
        assert line["retrieved"][0]["doc"] == "canteen"

    def test_a_broken_file_is_named_and_the_others_are_taken_in(
        self, tmp_path: Path, capsys: Captured
    ) -> None:
        folder = small(tmp_path / "papers")
        (folder / "broken.txt").write_bytes(bytes(range(256)) * 40)
        library = str(tmp_path / "library")
        assert main(["ingest", str(folder), "--library", library]) == 1
        shown = capsys.readouterr()
        assert "新增 2" in shown.out
        assert "broken.txt" in shown.err
        assert shown.err.startswith("错误：")

    def test_progress_is_for_terminals(self, run: Run, tmp_path: Path) -> None:
        done = run("ingest", str(small(tmp_path / "papers")), "--library", str(tmp_path / "library"))
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.count("\n") == 1


def small(folder: Path) -> Path:
    """Two short documents."""
    folder.mkdir()
    (folder / "canteen.txt").write_text(
        "机关食堂管理规定\n\n一、食堂每天早上七点开门，晚上八点关门。\n", "utf-8"
    )
    (folder / "parking.txt").write_text(
        "停车管理规定\n\n一、外来车辆须在门卫处登记，停放不超过两小时。\n", "utf-8"
    )
    return folder


def test_status_tells_of_library_and_models(library: Path, capsys: Captured) -> None:
    assert main(["status", "--library", str(library)]) == 0
    shown = capsys.readouterr().out
    for word in (str(library), "文件", "5", "片段", "索引", "一致", "模型", "完好"):
        assert word in shown


def test_status_without_a_library(tmp_path: Path, capsys: Captured) -> None:
    assert main(["status", "--library", str(tmp_path / "none")]) == 1
    shown = capsys.readouterr()
    assert shown.err.startswith("错误：")
    assert "ingest" in shown.err
