"""What a person does at the page, in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from assistant.types import Document, Turn
from tests.browser.conftest import NARROW, WIDE, Scheme
from tests.web.double import FANGSHAN, JINZHONG, SCRIPT, Line, Scripted, Shelf
from tests.web.serving import served

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
QUESTION = next(iter(SCRIPT))
QUOTE = SCRIPT[QUESTION].quotes[0][1]
SIZES = [pytest.param(WIDE, id="wide"), pytest.param(NARROW, id="narrow")]


def ask(page: Page, question: str) -> None:
    """Types a question, presses Enter and waits for the whole answer."""
    before = page.locator(".answer").count()
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_have_count(before + 1)
    expect(page.locator(".answer").last).to_have_attribute("aria-busy", "false")


def no_sideways_scrolling(page: Page) -> bool:
    return bool(
        page.evaluate(
            """() => [document.documentElement, ...document.querySelectorAll("#conversation, #pane-body, #composer")]
                .every((box) => box.scrollWidth <= box.clientWidth + 1)"""
        )
    )


@pytest.mark.parametrize("size", SIZES)
def test_a_mark_opens_the_exact_words(open_page: Open, size: ViewportSize) -> None:
    page = open_page(size)
    ask(page, QUESTION)
    page.locator(".answer .mark").first.click()
    cited = page.locator("#cited")
    expect(cited).to_be_in_viewport()
    assert cited.text_content() == QUOTE
    pane = page.locator("#pane-body")
    expect(pane).to_contain_text("晋中市卫生健康事业发展规划")
    expect(pane.locator(".badge")).to_have_text("征求意见稿")
    expect(pane.locator(".path")).to_contain_text("（三）发展目标和指标")
    assert no_sideways_scrolling(page)


def test_an_answer_streams(open_page: Open, gate: threading.Event) -> None:
    page = open_page()
    page.locator("#question textarea").fill(QUESTION)
    page.keyboard.press("Enter")
    growing = page.locator(".answer.growing .text")
    expect(growing).to_contain_text("晋中市2025年人均预期")
    assert "征求意见稿" not in str(growing.text_content())
    expect(page.locator("#question textarea")).to_have_value("")
    page.locator("#question textarea").fill("正在写下一个问题")
    gate.set()
    expect(page.locator(".answer.answered")).to_contain_text("征求意见稿")
    expect(page.locator("#question textarea")).to_have_value("正在写下一个问题")


def test_a_sample_question_is_asked_by_a_click(open_page: Open) -> None:
    page = open_page()
    assert page.locator("[data-ask]").count() >= 6
    page.get_by_role("button", name=QUESTION).click()
    expect(page.locator(".answer.answered .source")).to_have_count(2)


def test_two_turns_carry_the_history(open_page: Open, asker: Scripted) -> None:
    page = open_page()
    ask(page, QUESTION)
    asked = len(asker.asked)
    ask(page, "那方山县呢？")
    assert len(asker.asked) == asked + 1
    first, second = asker.asked[-1].history
    assert first == Turn("user", QUESTION)
    assert second.text.startswith("晋中市2025年人均预期寿命的目标为78.1岁")
    expect(page.locator(".answer.not_found .note")).to_have_text("文件中没有找到")
    page.get_by_role("button", name="清空对话").click()
    expect(page.locator(".welcome")).to_be_visible()
    ask(page, "帮我写一首诗")
    assert asker.asked[-1].history == ()
    expect(page.locator(".answer.declined .note")).to_be_visible()


def test_two_people_do_not_share_a_conversation(open_page: Open, asker: Scripted) -> None:
    one, other = open_page(), open_page()
    ask(one, QUESTION)
    ask(other, "那方山县呢？")
    assert asker.asked[-1].history == ()
    expect(other.locator(".answer")).to_have_count(1)


def test_the_reference_goes_to_the_clipboard(open_page: Open) -> None:
    page = open_page()
    ask(page, QUESTION)
    page.locator(".answer .source").first.click()
    page.get_by_role("button", name="复制引用").click()
    expect(page.get_by_role("button", name="已复制")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"“{QUOTE}”——《晋中市卫生健康事业发展规划（2023-2025年）》（三）发展目标和指标"


@pytest.mark.parametrize("size", SIZES)
def test_the_whole_document_opens_at_the_place(open_page: Open, asker: Scripted, size: ViewportSize) -> None:
    page = open_page(size)
    ask(page, QUESTION)
    page.locator(".answer .mark").nth(1).click()
    page.get_by_role("button", name="查看全文").click()
    whole = page.locator(".original.whole")
    expect(whole).to_be_visible()
    expect(page.locator("#cited")).to_be_in_viewport()
    text = next(one.text for one in asker.library.documents() if one.id == JINZHONG)
    assert whole.text_content() == text
    assert page.locator("#cited").text_content() == SCRIPT[QUESTION].quotes[1][1]
    assert no_sideways_scrolling(page)


def test_the_documents_are_listed_and_opened(open_page: Open, asker: Scripted) -> None:
    page = open_page()
    cards = page.locator(".card")
    expect(cards).to_have_count(5)
    fangshan = cards.filter(has_text="方山县2025年")
    for known in ("方山县卫生健康局", "方卫发〔2025〕19号", "2025年", "现行"):
        expect(fangshan).to_contain_text(known)
    fangshan.get_by_role("button").click()
    text = next(one.text for one in asker.library.documents() if one.id == FANGSHAN)
    expect(page.locator(".original.whole")).to_be_visible()
    assert page.locator(".original.whole").text_content() == text
    page.get_by_role("button", name="文件目录").locator("visible=true").click()
    expect(cards).to_have_count(5)


def test_on_a_narrow_screen_the_source_comes_and_goes(open_page: Open) -> None:
    page = open_page(NARROW)
    expect(page.locator("#pane-body")).to_be_hidden()
    ask(page, QUESTION)
    page.locator(".answer .mark").first.click()
    expect(page.locator("#cited")).to_be_in_viewport()
    page.get_by_role("button", name="返回对话").click()
    expect(page.locator("#pane-body")).to_be_hidden()
    expect(page.locator(".answer .mark").first).to_be_focused()
    page.get_by_role("button", name="文件目录").click()
    expect(page.locator(".card")).to_have_count(5)
    page.keyboard.press("Escape")
    expect(page.locator("#pane-body")).to_be_hidden()


def test_the_keyboard_is_enough(open_page: Open, asker: Scripted) -> None:
    page = open_page()
    box = page.locator("#question textarea")
    expect(box).to_be_focused()
    page.keyboard.type("第一行")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("第二行")
    expect(box).to_have_value("第一行\n第二行")
    page.keyboard.press("Enter")
    expect(page.locator(".answer.not_found")).to_be_visible()
    assert asker.asked[-1].text == "第一行\n第二行"
    ask(page, QUESTION)
    page.locator(".answer .mark").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#cited")).to_be_visible()


def test_enter_that_ends_a_chinese_word_does_not_send(open_page: Open, asker: Scripted) -> None:
    page = open_page()
    asked = len(asker.asked)
    page.locator("#question textarea").fill("fangshan")
    page.locator("#question textarea").evaluate(
        """(box) => box.dispatchEvent(new KeyboardEvent("keydown",
            {key: "Enter", isComposing: true, bubbles: true, cancelable: true}))"""
    )
    page.keyboard.press("Shift")
    page.wait_for_timeout(300)
    expect(page.locator(".welcome")).to_be_visible()
    assert len(asker.asked) == asked


def test_a_question_that_is_too_long_stays_in_the_box(open_page: Open) -> None:
    page = open_page()
    ask(page, "长" * 2001)
    expect(page.locator(".answer.error")).to_contain_text("最多 2000 字")
    expect(page.locator("#question textarea")).to_have_value("长" * 2001)


EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)> [x](javascript:alert(1)) **粗** $x^2$ ${1+1} {{value}}"


def test_nothing_from_outside_becomes_markup(open_page: Open) -> None:
    evil = Document(id="<b>'\"&", title=EVIL, text=f"前{EVIL}后", hash="h", status=EVIL, issuer=EVIL)
    grown = Line(EVIL + "[1]", [(evil.id, EVIL)])
    line = replace(grown, notice=EVIL, grown=[grown])
    with served(Scripted(library=Shelf([evil]), script={EVIL: line}), model=True) as url:
        page = open_page(at=url)
        expect(page.locator(".card .open")).to_have_text(EVIL)
        ask(page, EVIL)
        expect(page.locator(".asked")).to_contain_text(EVIL)
        expect(page.locator(".answer .text")).to_contain_text(EVIL)
        expect(page.locator(".answer .notice")).to_have_text(EVIL)
        page.locator(".answer .mark").click()
        assert page.locator("#cited").text_content() == EVIL
        page.get_by_role("button", name="查看全文").click()
        expect(page.locator(".original.whole")).to_have_text(f"前{EVIL}后")
        assert page.locator(".gradio-container :is(img, a, b, strong, script, .katex)").count() == 0
        page.context.close()  # before the server goes


def test_a_document_that_is_gone_is_told(open_page: Open, asker: Scripted) -> None:
    page = open_page()
    ask(page, QUESTION)
    before, asker.library = asker.library, Shelf([])
    try:
        page.locator(".answer .mark").first.click()
        expect(page.locator("#pane-body [role=alert]")).to_contain_text("可能已被移除")
    finally:
        asker.library = before


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_it_can_be_read(open_page: Open, shots: Path, size: ViewportSize, scheme: Scheme) -> None:
    page = open_page(size, scheme)
    page.screenshot(path=shots / f"{size['width']}-{scheme}-1-welcome.png")
    ask(page, QUESTION)
    ask(page, "那方山县呢？")
    page.screenshot(path=shots / f"{size['width']}-{scheme}-2-answers.png")
    faint = page.evaluate(CONTRAST)
    assert faint == []
    assert page.locator(".notice, .checking, .byline").count() == 0  # there is no language model
    page.locator(".answer .mark").first.click()
    page.locator("#cited").wait_for()
    page.screenshot(path=shots / f"{size['width']}-{scheme}-3-source.png")
    assert page.evaluate(CONTRAST) == []
    assert no_sideways_scrolling(page)


# Texts whose contrast with what lies behind them is below 4.5:1 (WCAG 2.2, 1.4.3).
CONTRAST = """() => {
    const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
        .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const ground = (node) => {
        for (; node; node = node.parentElement) {
            const colour = parts(getComputedStyle(node).backgroundColor);
            if (colour.length < 4 || colour[3] > 0.99) return colour;
        }
        return [255, 255, 255];
    };
    const faint = [];
    for (const node of document.querySelectorAll("#head *, #desk *")) {
        const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
        if (!own || !node.checkVisibility() || node.closest(".unseen, .sr-only")) continue;
        const [a, b] = [light(parts(getComputedStyle(node).color)), light(ground(node))].sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < 4.5) faint.push(`${node.className}: ${node.textContent.slice(0, 12)} ${ratio.toFixed(2)}`);
    }
    return faint;
}"""
