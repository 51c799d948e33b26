"""A batch of questions: one answer line each, in their order, continued after an interruption."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO

import typer

from assistant import __version__
from assistant.cli.failures import INTERRUPTED, describe
from assistant.cli.render import STATUS_NAMES, progress
from assistant.errors import InputError
from assistant.exchange import answer_line, dump_line, read_questions
from assistant.types import Answer, Question, Status

if TYPE_CHECKING:
    from assistant.chain import AnswerChain

Questions = Sequence[tuple[str, Question]]
Key = Mapping[str, str]
Line = dict[str, Any]


def answer_file(source: Path, out: Path, build: Callable[[], AnswerChain]) -> None:
    """Answer every question of a file into another, going on where an interrupted run stopped.

    Raises InputError when a file cannot be used, FormatError for a malformed line, and what `build` raises;
    what a single question raises becomes its line.
    """
    check_output(out, source)
    questions = read_questions(source)
    with only_writer(out):
        chain = build()
        key = {
            "questions": fingerprint(questions),
            "generation": str(chain.library.generation),
            "version": __version__,
        }
        with PartFile(out, key) as part:
            _tell_about(part, len(questions))
            try:
                with progress() as bar:
                    task = bar.add_task("回答", total=len(questions))
                    counts = answer_all(questions, chain.invoke, part, lambda: bar.advance(task))
            except KeyboardInterrupt:
                _note(f"已停止：{len(part)}/{len(questions)} 题已完成并保存，再次运行同一命令会接着做。")
                raise typer.Exit(INTERRUPTED) from None
            part.finish(questions)
    told = "，".join(f"{name} {counts[status]}" for status, name in STATUS_NAMES.items() if counts[status])
    _note(f"完成 {len(questions)} 题（{told}），已写入 {out}")


def fingerprint(questions: Questions) -> str:
    """Hash of all that an answer may depend on: ids, texts and histories in their order."""
    told = [[id, asked.text, [[turn.role, turn.text] for turn in asked.history]] for id, asked in questions]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def check_output(out: Path, questions: Path) -> None:
    """Make the folder of the output file; raises InputError when nothing could be written there."""
    if out.is_dir():
        raise InputError(f"--out 应是文件，这是文件夹：{out}")
    if out.resolve() == questions.resolve():
        raise InputError("--out 不能就是问题文件本身")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"建不了输出文件夹 {out.parent}：{describe(error)}") from error
    if not os.access(out.parent, os.W_OK | os.X_OK):
        raise InputError(f"输出文件夹不可写：{out.parent}")


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
        new = _beside(self.out, ".new")
        try:
            with new.open("wb") as file:
                for id, asked in questions:
                    file.write(dump_line(self._lines[id, asked.text]).encode())
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.out)
        finally:
            new.unlink(missing_ok=True)
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


def answer_all(
    questions: Questions, ask: Callable[[Question], Answer], part: PartFile, advance: Callable[[], None]
) -> Counter[str]:
    """Answer what is not answered yet; a question that fails becomes an error line. Counts by status."""
    counts: Counter[str] = Counter()
    for id, asked in questions:
        line = part.done(id, asked.text)
        if line is None:
            line = _answered(id, asked, ask)
            part.append(line)
        counts[line["status"]] += 1
        advance()
    return counts


def _tell_about(part: PartFile, total: int) -> None:
    if part.discarded:
        _note("上次未完成的进度作废：问题文件或资料库已有变化，从头开始。")
    elif len(part):
        _note(f"接着上次做：{len(part)}/{total} 题已有答案。")


def _note(text: str) -> None:
    typer.echo(text, err=True)


def _answered(id: str, asked: Question, ask: Callable[[Question], Answer]) -> Line:
    start = time.perf_counter()
    try:
        answer = ask(asked)
        return answer_line(id, asked.text, answer, time.perf_counter() - start)
    except Exception as error:  # noqa: BLE001 (one bad question must not end the batch)
        failed = Answer(Status.ERROR, "", error=describe(error))
        return answer_line(id, asked.text, failed, time.perf_counter() - start)


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
