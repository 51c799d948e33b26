"""Answers and tables for a person at a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from assistant.terminal.failures import one_line, plain
from assistant.terminal.output import say
from assistant.types import Answer, Status

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

STATUS_NAMES = {
    Status.ANSWERED: "已回答",
    Status.NOT_FOUND: "文件中没有",
    Status.DECLINED: "不予回答",
    Status.ERROR: "出错",
}
_COLOURS = {
    Status.ANSWERED: "green",
    Status.NOT_FOUND: "yellow",
    Status.DECLINED: "yellow",
    Status.ERROR: "red",
}
_READING = "正在查阅文件、撰写回答……"
_CHECKING = "后面的内容正在撰写和核对……"
MARK = re.compile(r"\[\d+\]")
_BETWEEN_LATIN = re.compile(r"(?<=[!-~])\s+(?=[!-~])")


def show_answer(out: Console, answer: Answer) -> None:
    """The status, what is to be known of the answer, the answer, and below it each citation with number and words."""
    from rich.padding import Padding
    from rich.text import Text

    say(out, Text(f"【{STATUS_NAMES[answer.status]}】", style=f"bold {_COLOURS[answer.status]}"))
    if answer.notice:
        say(out, Text(f"提示：{one_line(answer.notice)}", style="italic"))
    say(out, _marked(answer.error if answer.status is Status.ERROR else answer.text))
    if not answer.citations:
        return
    say(out, Text("\n依据", style="bold"))
    for number, citation in enumerate(answer.citations, start=1):
        head = Text.assemble((f"[{number}] ", "bold cyan"), plain(citation.label))
        say(out, head)
        quote = Text("“" + squeeze(citation.quote) + "”", style="dim")
        say(out, Padding(quote, (0, 0, 0, 4)) if out.is_terminal else Text("    ").append_text(quote))


def show_growing(out: Console, answers: Iterable[Answer]) -> Answer:
    """The last of growing answers, of which there is at least one.

    At a terminal each is shown in the place of the one before, and in the end none is left to be seen.
    """
    from rich.live import Live
    from rich.text import Text

    with Live(Text(_READING, style="dim"), console=out, auto_refresh=False, transient=True) as live:
        for answer in answers:
            live.update(_marked(answer.text).append(f"\n{_CHECKING}", style="dim"), refresh=True)
    return answer


def squeeze(text: str) -> str:
    """The text without the white space of the page layout; one blank stays between Latin letters or numbers."""
    return re.sub(r"\s+", "", _BETWEEN_LATIN.sub("\0", plain(text).strip())).replace("\0", " ")


def _marked(text: str) -> Text:
    from rich.text import Text

    marked = Text(plain(text))
    marked.highlight_regex(MARK, "bold cyan")
    return marked
