"""What a person sees of an answer."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from assistant.cli.render import show_answer, squeeze
from assistant.types import Answer, Citation, Span, Status

QUOTE = "二是提高\n人均预期\n寿命，达到 80 岁"
CITED = Citation(Span("d", 0, len(QUOTE)), QUOTE, "《规划》（晋卫〔2023〕1号）二、目标")


def shown(answer: Answer, *, width: int | None = None) -> str:
    out = io.StringIO()
    terminal = {} if width is None else {"force_terminal": True, "width": width, "color_system": None}
    show_answer(Console(file=out, highlight=False, markup=False, emoji=False, **terminal), answer)
    return out.getvalue()


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
