"""A batch of questions: one answer line each, in their order, continued after an interruption."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from assistant import __version__
from assistant.cli.render import STATUS_NAMES
from assistant.errors import InputError
from assistant.exchange import PartFile, answer_line, fingerprint, only_writer, read_questions
from assistant.exchange.part import Line, Questions
from assistant.terminal.failures import INTERRUPTED, describe
from assistant.terminal.output import progress
from assistant.types import Answer, Question, Status

if TYPE_CHECKING:
    from assistant.chain import AnswerChain


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
