"""The page with a language model behind it: the real chain, the scripted model server, a real browser."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from assistant.settings import Settings
from tests.browser.conftest import NARROW, WIDE, Scheme
from tests.browser.test_page import CONTRAST, ask, no_sideways_scrolling
from tests.models.server import MODEL, Cuts, Hangs, ModelServer, Reply, Says
from tests.web.serving import served

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Open = Callable[..., Page]
QUESTION = "晋中市2025年人均预期寿命的目标是多少？"
FIRST = "到2025年，晋中市人均预期寿命达到78.1岁"
SECOND = "2022年人均预期寿命为77.3岁"
WRONG = "孕产妇死亡率降到十万分之三"
SIZES = [pytest.param(WIDE, id="wide"), pytest.param(NARROW, id="narrow")]


@dataclass
class Model:
    """What the model server gives next, and the server."""

    reply: Reply
    server: ModelServer | None = None

    def __call__(self, body: dict[str, Any]) -> Reply:
        return self.reply


@pytest.fixture(scope="module")
def model() -> Iterator[Model]:
    """A model that says what a test has put down for it."""
    model = Model(Says(""))
    with ModelServer(model) as model.server:
        yield model


@pytest.fixture(scope="module")
def url(model: Model, library: Path) -> Iterator[str]:
    """The page over the real chain with that model."""
    from assistant.chain import build

    assert model.server
    chain = build(Settings(library=library, chat_url=model.server.url, chat_model=MODEL, chat_timeout=30))
    model.reply = Says("资料未说明")
    chain.invoke(QUESTION)  # loads what is loaded on first use
    with served(chain, model=True) as url:
        yield url


def type_in(page: Page, question: str) -> None:
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("size", SIZES)
def test_proven_sentences_come_while_the_model_writes(
    open_page: Open, model: Model, size: ViewportSize, shots: Path
) -> None:
    model.reply = Says([f"{FIRST}[1]。", SECOND, f"[2]。{WRONG}[3]。"], delay=1.5)
    page = open_page(size)
    type_in(page, QUESTION)
    expect(page.locator(".answer.waiting")).to_contain_text("撰写")
    growing = page.locator(".answer.growing")
    expect(growing.locator(".text")).to_contain_text(FIRST)
    expect(growing.locator(".checking")).to_contain_text("核对")
    assert SECOND not in str(growing.text_content())
    page.screenshot(path=shots / f"{size['width']}-model-a-growing.png")
    assert page.evaluate(CONTRAST) == []
    growing.locator(".mark").first.click()
    expect(page.locator("#cited")).to_contain_text("78.1")
    expect(page.locator(".answer")).to_have_attribute("aria-busy", "true")
    expect(page.locator(".answer.answered")).to_contain_text(SECOND)
    expect(page.locator(".checking")).to_have_count(0)
    assert WRONG not in str(page.locator("#conversation").text_content())
    expect(page.locator(".mark[aria-current]")).to_have_count(1)  # the pane still shows its place
    if size == NARROW:
        page.get_by_role("button", name="返回对话").click()
        expect(page.locator(".answer .mark").first).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_a_notice_tells_what_was_dropped(
    open_page: Open, model: Model, size: ViewportSize, scheme: Scheme, shots: Path
) -> None:
    model.reply = Says(f"{FIRST}[1]。{WRONG}[3]。{SECOND}[2]。")
    page = open_page(size, scheme)
    ask(page, QUESTION)
    expect(page.locator(".answer .notice")).to_contain_text("1 处")
    expect(page.locator(".answer .text")).to_contain_text(FIRST)
    expect(page.locator(".byline")).to_be_in_viewport()
    page.screenshot(path=shots / f"{size['width']}-{scheme}-model-b-dropped.png")
    assert page.evaluate(CONTRAST) == []
    assert no_sideways_scrolling(page)


@pytest.mark.parametrize("size", SIZES)
def test_what_was_shown_is_replaced_when_the_model_fails(
    open_page: Open, model: Model, size: ViewportSize, shots: Path
) -> None:
    model.reply = Hangs(2, after=f"{SECOND}[1]。{FIRST}")
    page = open_page(size)
    type_in(page, QUESTION)
    expect(page.locator(".answer.growing .text")).to_contain_text(SECOND)
    expect(page.locator(".answer.answered .notice")).to_contain_text("以下直接摘自原文")
    text = str(page.locator(".answer .text").text_content())
    assert SECOND not in text
    assert "78.1岁" in text
    expect(page.locator(".answer .source")).not_to_have_count(0)
    page.screenshot(path=shots / f"{size['width']}-model-c-fallback.png")
    assert page.evaluate(CONTRAST) == []
    assert no_sideways_scrolling(page)


def test_a_mark_keeps_the_focus_while_the_answer_grows(open_page: Open, model: Model) -> None:
    model.reply = Says([f"{FIRST}[1]。", f"{WRONG}。", f"{SECOND}[2]。"], delay=0.7)
    page = open_page()
    type_in(page, QUESTION)
    page.locator(".answer.growing .mark").first.focus()
    expect(page.locator(".answer.answered .notice")).to_be_visible()
    expect(page.locator(".answer .mark").first).to_be_focused()


def test_nothing_that_the_model_writes_becomes_markup(open_page: Open, model: Model) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    linked = f"![图](http://127.0.0.1:9/a.png)[{SECOND}](http://127.0.0.1:9)"
    model.reply = Says(f"{evil}{FIRST}[1]。<b>{FIRST}</b>[1]。{linked}[1]。**{SECOND}**[1]。")
    page = open_page()
    ask(page, QUESTION)
    expect(page.locator(".answer .text")).to_contain_text(SECOND)
    assert page.locator(".answer :is(script, img, a, b, strong)").count() == 0


def test_the_history_has_neither_marks_nor_notices(open_page: Open, model: Model) -> None:
    model.reply = Says(f"{FIRST}[1]。{WRONG}[3]。")
    page = open_page()
    ask(page, QUESTION)
    expect(page.locator(".answer .notice")).to_be_visible()
    assert model.server
    asked = len(model.server.chats)
    model.reply = Says("资料未说明")
    ask(page, "那2022年呢？")
    sent = "".join(str(request.body["messages"]) for request in model.server.chats[asked:])
    assert "78.1岁" in sent
    assert "已略去" not in sent
    assert "78.1岁[1]" not in sent


def test_an_answer_that_nobody_waits_for_is_not_heard_to_its_end(open_page: Open, model: Model) -> None:
    model.reply = Says([f"{FIRST}[1]。"] + [f"{SECOND}[1]。"] * 40, delay=0.5)
    page = open_page()
    type_in(page, QUESTION)
    expect(page.locator(".answer.growing .text")).to_contain_text(FIRST)
    page.get_by_role("button", name="清空对话").click()
    expect(page.locator(".welcome")).to_be_visible()
    assert model.server
    request = model.server.chats[-1]
    end = time.monotonic() + 10
    while not request.gone and time.monotonic() < end:
        page.wait_for_timeout(100)
    assert request.gone
    model.reply = Cuts()
