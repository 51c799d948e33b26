"""A conversation at the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from assistant.cli.render import MARK, show_answer, show_growing
from assistant.errors import InputError
from assistant.terminal.failures import describe
from assistant.terminal.output import console, say
from assistant.types import Answer, Question, Status, Turn

if TYPE_CHECKING:
    from rich.console import Console

_AFRESH = frozenset({"/新", "/new", "新话题"})
_LEAVE = frozenset({"/退出", "/exit", "/quit", "退出", "exit", "quit"})
_HELP = "直接输入问题；可以接着上一问追问。输入“/新”开始新话题，“/退出”（或 Ctrl-D）结束。"
_REMEMBERED = 12  # earlier turns that go with a question


def converse(
    ask: Callable[[Question], Answer], grow: Callable[[Question], Iterator[Answer]] | None = None
) -> None:
    """Read questions from standard input and answer them until it ends or the user leaves.

    With `grow`, which gives growing answers, a terminal shows each answer while it is being written.
    """
    out = console()
    if grow is not None and out.is_terminal:
        ask = partial(_watched, out, grow)
    at_terminal = sys.stdin.isatty()
    if at_terminal:
        _enable_line_editing()
        say(out, _HELP)
    history: tuple[Turn, ...] = ()
    while (text := _next_line("\n问：" if at_terminal else "")) is not None:
        asked = text.strip()
        if asked in _LEAVE:
            return
        if asked in _AFRESH:
            history = ()
            say(out, "好，开始新话题。")
        elif asked:
            history = _turn(out, ask, asked, history)


def _watched(out: Console, grow: Callable[[Question], Iterator[Answer]], question: Question) -> Answer:
    return show_growing(out, grow(question))


def _turn(
    out: Console, ask: Callable[[Question], Answer], asked: str, history: tuple[Turn, ...]
) -> tuple[Turn, ...]:
    """Ask and show; returns the history that the next question goes with."""
    try:
        answer = ask(Question(asked, history))
    except InputError as error:  # this question cannot be used; the next one may
        say(console(error=True), f"错误：{describe(error)}")
        return history
    show_answer(out, answer)
    if answer.status is Status.ERROR:
        return history
    return (*history, Turn("user", asked), Turn("assistant", MARK.sub("", answer.text)))[-_REMEMBERED:]


def _next_line(prompt: str) -> str | None:
    try:
        return input(prompt)
    except EOFError:
        return None
    except UnicodeDecodeError:
        raise InputError("输入的文字不是 UTF-8 编码") from None


def _enable_line_editing() -> None:
    try:
        import readline  # noqa: F401 (its import gives `input` history and editing)
    except ImportError:  # absent on Windows, where the console edits lines itself
        return
