"""What a person sees of an answer."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from assistant.cli.chat import converse
from assistant.cli.render import show_answer, show_growing, squeeze
from assistant.types import Answer, Citation, Question, Span, Status, Turn

QUOTE = "二是提高\n人均预期\n寿命，达到 80 岁"
CITED = Citation(Span("d", 0, len(QUOTE)), QUOTE, "《规划》（晋卫〔2023〕1号）二、目标")


def screen(*, width: int | None = None) -> tuple[Console, io.StringIO]:
    out = io.StringIO()
    terminal = {} if width is None else {"force_terminal": True, "width": width, "color_system": None}
    return Console(file=out, highlight=False, markup=False, emoji=False, **terminal), out


def shown(answer: Answer, *, width: int | None = None) -> str:
    console, out = screen(width=width)
    show_answer(console, answer)
    return out.getvalue()


def rows(written: str) -> list[str]:
    """The rows that a terminal shows at last, of those that are not empty."""
    lines, row = [""], 0
    for control, text in re.findall(r"\x1b\[([\d;?]*[A-Za-z])|([^\x1b]+)", written):
        if control.endswith("A"):
            row = max(0, row - int(control[:-1] or 1))
        elif control.endswith("K"):
            lines[row] = ""
        for piece in re.findall(r"[\r\n]|[^\r\n]+", text):
            if piece == "\n":
                row += 1
                lines += [""] * (row + 1 - len(lines))
            elif piece != "\r":
                lines[row] += piece
    return [line for line in lines if line]


def test_status_answer_and_citations_below() -> None:
    text = shown(Answer(Status.ANSWERED, "目标是80岁[1]。", (CITED, CITED)))
    assert text.splitlines() == [
        "【已回答】",
        "目标是80岁[1]。",
        "",
        "依据",
        "[1] 《规划》（晋卫〔2023〕1号）二、目标",
        "    “二是提高人均预期寿命，达到80岁”",
        "[2] 《规划》（晋卫〔2023〕1号）二、目标",
        "    “二是提高人均预期寿命，达到80岁”",
    ]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(Status.NOT_FOUND, "没有说到。"), "【文件中没有】\n没有说到。\n"),
        (Answer(Status.DECLINED, "不能回答。"), "【不予回答】\n不能回答。\n"),
        (Answer(Status.ERROR, "", error="模型坏了"), "【出错】\n模型坏了\n"),
    ],
)
def test_every_status_is_told(answer: Answer, said: str) -> None:
    assert shown(answer) == said


@pytest.mark.parametrize("width", [None, 80])
def test_a_notice_stands_between_status_and_answer(width: int | None) -> None:
    notice = "语言模型没有答成（\x1b[2J连不上\n服务），以下直接摘自原文。"
    text = shown(Answer(Status.ANSWERED, "目标是80岁[1]。", (CITED,), notice=notice), width=width)
    said = "提示：语言模型没有答成（[2J连不上 服务），以下直接摘自原文。"
    assert text.splitlines()[:3] == ["【已回答】", said, "目标是80岁[1]。"]


MARKUP = "<script>alert(1)</script> ![图](http://evil.example/a.png) [bold]粗[/bold] \x1b]8;;http://evil.example\x07"
GROWN = (
    Answer(Status.ANSWERED, "到2025年达到80岁[1]。", (CITED,)),
    Answer(Status.ANSWERED, "到2025年达到80岁[1]。\n另一句" + MARKUP, (CITED,)),
    Answer(Status.ANSWERED, "目标80岁[1]。", (CITED,), notice="以下直接摘自原文。"),
)


def test_a_growing_answer_is_seen_while_it_grows_and_leaves_nothing() -> None:
    console, out = screen(width=80)
    seen = []

    def growing() -> Iterator[Answer]:
        for answer in GROWN:
            seen.append(rows(out.getvalue()))
            yield answer
        seen.append(rows(out.getvalue()))

    last = show_growing(console, growing())
    assert last == GROWN[-1]
    assert seen[1][0] == "到2025年达到80岁[1]。"
    assert "正在撰写和核对" in seen[1][1]
    assert seen[3][0] == "目标80岁[1]。"  # in the place of what stood there
    assert "另一句" not in "".join(seen[3])
    assert rows(out.getvalue()) == []


def test_a_growing_answer_cannot_steer_the_terminal() -> None:
    console, out = screen(width=200)
    show_growing(console, iter(GROWN))
    assert not {"\x07", "\x9b"} & set(out.getvalue())
    assert "\x1b]" not in out.getvalue()
    assert "<script>alert(1)</script> ![图](http://evil.example/a.png) [bold]粗[/bold]" in out.getvalue()


def test_what_is_remembered_has_no_marks_and_no_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Question] = []

    def ask(question: Question) -> Answer:
        asked.append(question)
        return GROWN[-1]

    monkeypatch.setattr("sys.stdin", io.StringIO("甲\n乙\n"))
    converse(ask, lambda question: pytest.fail("what is no terminal shows nothing that grows"))
    assert asked[1].history == (Turn("user", "甲"), Turn("assistant", "目标80岁。"))


def test_what_is_piped_on_is_not_wrapped_and_what_is_shown_is() -> None:
    answer = Answer(Status.ANSWERED, "长" * 300, (CITED,))
    assert "长" * 300 in shown(answer)
    lines = shown(answer, width=40).splitlines()
    assert "长" * 20 in lines
    assert "长" * 21 not in "\n".join(lines)


def test_a_document_cannot_steer_the_terminal() -> None:
    evil = Citation(Span("d", 0, 9), "\x1b]0;名\x07\x9b31m红", "《\x1b[2J》")
    text = shown(Answer(Status.ANSWERED, "[red]答[/red] :smile: \x1b[31m\r", (evil,)), width=80)
    assert not {"\x1b", "\x07", "\x9b", "\r"} & set(text)
    assert "[red]答[/red] :smile:" in text


@pytest.mark.parametrize(
    ("quote", "said"),
    [
        ("二是 提高\n\n服务　能力", "二是提高服务能力"),
        ("Health  for\nall 目标", "Health for all目标"),
        ("2025 年 1 月", "2025年1月"),
        ("寿命（岁） 77.3 77.6\n78.1 预期性", "寿命（岁）77.3 77.6 78.1预期性"),
        ("  ", ""),
    ],
)
def test_the_white_space_of_the_page_is_taken_out(quote: str, said: str) -> None:
    assert squeeze(quote) == said


@given(st.text())
def test_squeezing_loses_no_character_that_shows(text: str) -> None:
    def kept(text: str) -> list[str]:
        return [char for char in text if not char.isspace() and char.isprintable()]

    assert kept(squeeze(text)) == kept(text)
