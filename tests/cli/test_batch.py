"""Batches: every question gets its line, an interrupted batch goes on, nothing half-written is left."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from assistant.cli.batch import answer_all, answer_file
from assistant.errors import InputError, LibraryMissing, QuestionError
from assistant.exchange import PartFile, fingerprint, only_writer, read_questions
from assistant.types import Answer, Question, Status, Turn


class StandIn:
    """An answerer that notes what it is asked and stops or fails where it is told to."""

    def __init__(
        self, *, generation: str = "1", stop_at: str | None = None, fail_at: str | None = None
    ) -> None:
        self.library = SimpleNamespace(generation=generation)
        self.asked: list[str] = []
        self._stop_at = stop_at
        self._fail_at = fail_at

    def invoke(self, question: Question) -> Answer:
        self.asked.append(question.text)
        if question.text == self._stop_at:
            raise KeyboardInterrupt
        if question.text == self._fail_at:
            raise ValueError("坏\n了")
        if not question.text:
            raise QuestionError("问题是空的")
        return Answer(Status.ANSWERED, f"答{question.text}[1]")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write(tmp_path / "questions.jsonl", "甲", "乙", "丙", "丁")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out" / "answers.jsonl"


def write(path: Path, *texts: str) -> Path:
    lines = (
        json.dumps({"id": f"q{n}", "question": text}, ensure_ascii=False) for n, text in enumerate(texts)
    )
    path.write_text("\n".join(lines), "utf-8")
    return path


def read(out: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.read_text("utf-8").splitlines()]


def leftovers(out: Path) -> list[str]:
    return sorted(path.name for path in out.parent.iterdir() if path != out)


def test_one_line_for_each_question_in_order(
    source: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer_file(source, out, StandIn)
    assert [(line["id"], line["answer"]) for line in read(out)] == [
        (f"q{n}", f"答{text}[1]") for n, text in enumerate("甲乙丙丁")
    ]
    assert leftovers(out) == []
    said = capsys.readouterr()
    assert said.out == ""
    assert "完成 4 题（已回答 4）" in said.err


def test_what_fails_becomes_an_error_line_and_the_rest_goes_on(source: Path, out: Path) -> None:
    write(source, "甲", "乙", "", "丁")
    answer_file(source, out, lambda: StandIn(fail_at="乙"))
    assert [line["status"] for line in read(out)] == ["answered", "error", "error", "answered"]
    assert [line["error"] for line in read(out) if line["status"] == "error"] == [
        "程序出了意料之外的问题（ValueError：坏 了）",
        "问题是空的",
    ]


def interrupt(source: Path, out: Path, at: str, generation: str = "1") -> None:
    with pytest.raises(typer.Exit) as caught:
        answer_file(source, out, lambda: StandIn(stop_at=at, generation=generation))
    assert caught.value.exit_code == 130
    assert not out.exists()


def test_an_interrupted_batch_goes_on(source: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    interrupt(source, out, "丙")
    assert leftovers(out) == ["answers.jsonl.part"]
    assert "2/4 题已完成" in capsys.readouterr().err
    answerer = StandIn()
    answer_file(source, out, lambda: answerer)
    assert answerer.asked == ["丙", "丁"]
    assert [line["id"] for line in read(out)] == ["q0", "q1", "q2", "q3"]
    assert "接着上次做：2/4" in capsys.readouterr().err
    assert leftovers(out) == []


def test_what_failed_is_tried_again(source: Path, out: Path) -> None:
    with pytest.raises(typer.Exit):
        answer_file(source, out, lambda: StandIn(stop_at="丙", fail_at="甲"))
    answerer = StandIn()
    answer_file(source, out, lambda: answerer)
    assert answerer.asked == ["甲", "丙", "丁"]
    assert {line["status"] for line in read(out)} == {"answered"}


@pytest.mark.parametrize("change", ["questions", "history", "generation"])
def test_other_questions_or_another_library_start_afresh(
    source: Path, out: Path, change: str, capsys: pytest.CaptureFixture[str]
) -> None:
    interrupt(source, out, "丙")
    if change == "questions":
        write(source, "甲", "乙", "丙")
    elif change == "history":
        text = source.read_text("utf-8").replace('"甲"', '"甲", "history": [["user", "前"]]')
        source.write_text(text, "utf-8")
    answerer = StandIn(generation="2" if change == "generation" else "1")
    answer_file(source, out, lambda: answerer)
    assert answerer.asked[0] == "甲"
    assert "从头开始" in capsys.readouterr().err


def test_keys_that_are_not_read_change_nothing(source: Path, out: Path) -> None:
    interrupt(source, out, "丙")
    source.write_text(source.read_text("utf-8").replace('"甲"', '"甲", "reference": "子"'), "utf-8")
    answerer = StandIn()
    answer_file(source, out, lambda: answerer)
    assert answerer.asked == ["丙", "丁"]


@pytest.mark.parametrize("damage", [b'{"id": "q2", "quest', b"\xff\n", b"[]\n", b'{"id": "q2"}\n'])
def test_a_torn_or_foreign_end_is_cut_off(source: Path, out: Path, damage: bytes) -> None:
    interrupt(source, out, "丙")
    with out.with_name("answers.jsonl.part").open("ab") as file:
        file.write(damage)
    interrupt(source, out, "丁")
    answerer = StandIn()
    answer_file(source, out, lambda: answerer)
    assert answerer.asked == ["丁"]
    assert len(read(out)) == 4


@given(texts=st.lists(st.text(st.characters(codec="utf-8")), min_size=1, max_size=6), stops=st.data())
def test_stopping_anywhere_any_number_of_times_gives_the_same_file(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], stops: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("batch")
    questions = [(str(n), Question(text)) for n, text in enumerate(texts)]

    def ask(question: Question) -> Answer:
        return Answer(Status.ANSWERED, question.text[::-1])

    def write_all(out: Path) -> None:
        with PartFile(out, {"questions": fingerprint(questions)}) as part:
            answer_all(questions, ask, part, lambda: None)
            part.finish(questions)

    write_all(folder / "whole")
    out = folder / "broken"
    for _ in range(stops.draw(st.integers(0, 3))):
        with PartFile(out, {"questions": fingerprint(questions)}) as part:
            answer_all(questions[: stops.draw(st.integers(0, len(questions)))], ask, part, lambda: None)
        size = part.path.stat().st_size
        with part.path.open("r+b") as file:
            file.truncate(stops.draw(st.integers(0, size)))
    write_all(out)

    def without_time(path: Path) -> list[dict[str, object]]:
        return [{**json.loads(line), "seconds": 0} for line in path.read_text("utf-8").split("\n") if line]

    assert without_time(out) == without_time(folder / "whole")


def test_the_fingerprint_tells_ids_texts_and_histories_apart() -> None:
    asked = [("1", Question("问"))]
    others = [
        [("2", Question("问"))],
        [("1", Question("答"))],
        [("1", Question("问", (Turn("user", "前"),)))],
        [("1", Question("问", (Turn("assistant", "前"),)))],
        [],
    ]
    assert len({fingerprint(questions) for questions in [asked, *others]}) == 6


def test_nothing_is_written_before_the_library_is_there(source: Path, out: Path) -> None:
    def build() -> StandIn:
        raise LibraryMissing("没有资料库")

    with pytest.raises(LibraryMissing):
        answer_file(source, out, build)
    assert leftovers(out) == []


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (lambda folder: folder, "这是文件夹"),
        (lambda folder: folder / "questions.jsonl", "问题文件本身"),
        (lambda folder: folder / "questions.jsonl" / "answers.jsonl", "建不了输出文件夹"),
    ],
)
def test_an_unusable_output_is_refused_at_once(
    source: Path, place: Callable[[Path], Path], said: str, tmp_path: Path
) -> None:
    before = source.read_bytes()
    with pytest.raises(InputError, match=said):
        answer_file(source, place(tmp_path), StandIn)
    assert source.read_bytes() == before


def test_two_writers_of_one_file_are_kept_apart(source: Path, out: Path) -> None:
    out.parent.mkdir()
    with only_writer(out), pytest.raises(InputError, match="另一个进程"):
        answer_file(source, out, StandIn)
    answer_file(source, out, StandIn)
    assert leftovers(out) == []


def test_a_disk_that_is_full_leaves_the_old_output_alone(source: Path, out: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full here")
    out.parent.mkdir()
    out.write_text("old")
    out.with_name("answers.jsonl.new").symlink_to(full)
    with pytest.raises(OSError, match="No space left"):
        answer_file(source, out, StandIn)
    assert out.read_text() == "old"
    assert leftovers(out) == ["answers.jsonl.part"]
    answerer = StandIn()
    answer_file(source, out, lambda: answerer)
    assert answerer.asked == []


def test_seconds_are_wall_time_of_the_question(source: Path, out: Path) -> None:
    class Slow(StandIn):
        def invoke(self, question: Question) -> Answer:
            time.sleep(0.02 if question.text == "乙" else 0)
            return super().invoke(question)

    answer_file(source, out, Slow)
    seconds = [line["seconds"] for line in read(out)]
    assert seconds[1] >= 0.02
    assert all(0 <= one < 5 for one in seconds)
    assert [id for id, _ in read_questions(source)] == [line["id"] for line in read(out)]
