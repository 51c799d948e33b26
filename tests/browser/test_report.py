"""What a person does with the report, in a real browser that has no network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Locator, Page, Request, ViewportSize, expect

from eval.report import write_report
from tests.browser.conftest import NARROW, WIDE, Scheme
from tests.eval.report_runs import PLAN, answer, question, run_of, small_run

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
SIZES = [pytest.param(WIDE, id="wide"), pytest.param(NARROW, id="narrow")]
EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report over two runs of one small set."""
    folder = tmp_path_factory.mktemp("runs")
    return write_report(small_run(folder / "a"), earlier=small_run(folder / "b", right=False))


@pytest.fixture
def open_report(browser: Browser, report: Path) -> Iterator[Open]:
    """Opens a report as a file, offline; fails when it asks for anything or breaks."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def check(request: Request) -> None:
        if not request.url.startswith(("file:", "data:")):
            troubles.append(f"request to {request.url}")

    def refuse(dialog: Dialog) -> None:
        troubles.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def open_report(
        viewport: ViewportSize = WIDE,
        scheme: Scheme = "light",
        path: Path = report,
        at: str = "",
        script: bool = True,
    ) -> Page:
        context = browser.new_context(
            viewport=viewport, color_scheme=scheme, offline=True, java_script_enabled=script
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("request", check)
        page.on("pageerror", lambda error: troubles.append(f"error in the page: {error}"))
        page.on("console", lambda told: troubles.append(told.text) if told.type == "error" else None)
        page.on("dialog", refuse)
        page.goto(path.as_uri() + at)
        return page

    yield open_report
    for context in contexts:
        context.close()
    assert troubles == []


def shown(page: Page) -> list[str]:
    """The ids of the questions that are to be seen."""
    return page.locator("details.question:not([hidden]) > summary .id").all_text_contents()


def summary(page: Page, id: str) -> Locator:
    return page.locator(f'details.question[id="small/{id}"] > summary')


def field(page: Page, name: str) -> Locator:
    """One of the lists to choose from."""
    return page.locator(f'#filters select[name="{name}"]')


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_filters_choose_questions_and_stay_in_the_address(open_report: Open) -> None:
    page = open_report()
    expect(page.locator("#count")).to_have_text("显示 4 / 4 题")
    page.get_by_label("只看答错的").check()
    assert shown(page) == ["q2", "q3"]
    field(page, "reason").select_option("要点不全")
    assert shown(page) == ["q3"]
    expect(page.locator("#count")).to_have_text("显示 1 / 4 题")
    again = open_report(at="#" + page.url.split("#")[1])
    assert shown(again) == ["q3"]
    expect(again.get_by_label("只看答错的")).to_be_checked()
    page.get_by_role("button", name="清除筛选").click()
    expect(page.locator("#count")).to_have_text("显示 4 / 4 题")
    assert "#" not in page.url


def test_categories_documents_sets_and_words_can_be_chosen(open_report: Open) -> None:
    page = open_report()
    field(page, "category").select_option(label="日期")
    assert shown(page) == ["q2"]
    field(page, "category").select_option("")
    field(page, "set").select_option("small")
    field(page, "document").select_option("plan")
    page.get_by_label("查找").fill("没有这样的话")
    assert shown(page) == []
    expect(page.locator(".list")).to_be_hidden()
    page.get_by_label("查找").fill("说 分工")
    assert shown(page) == ["q3"]


def test_a_link_opens_its_question_whatever_is_filtered(open_report: Open) -> None:
    page = open_report(at="#small/q3")
    expect(page.locator('[id="small/q3"]')).to_have_attribute("open", "")
    expect(summary(page, "q3")).to_be_in_viewport()
    field(page, "category").select_option(label="日期")
    assert shown(page) == ["q2"]
    page.evaluate("location.hash = 'small/q4'")
    expect(page.locator('[id="small/q4"]')).to_have_attribute("open", "")
    expect(page.locator("#count")).to_have_text("显示 4 / 4 题")


def test_a_count_of_reasons_leads_to_its_questions(open_report: Open) -> None:
    page = open_report()
    page.locator("#reasons tbody tr", has_text="人物").get_by_role("link").click()
    expect(page.locator("#count")).to_have_text("显示 1 / 4 题")
    assert shown(page) == ["q3"]


def test_odd_addresses_do_no_harm(open_report: Open) -> None:
    for at in ("#nothing", "#%E0%A4%A", "#category=x&wrong=1&set=%00&constructor=1", "#="):
        page = open_report(at=at)
        expect(page.locator("#count")).to_contain_text("/ 4 题")


def test_the_keyboard_is_enough(open_report: Open) -> None:
    page = open_report()
    field(page, "set").focus()
    for _ in range(5):
        page.keyboard.press("Tab")
    expect(page.get_by_label("只看答错的")).to_be_focused()
    page.keyboard.press("Space")
    assert shown(page) == ["q2", "q3"]
    for _ in range(4):
        page.keyboard.press("Tab")
    expect(summary(page, "q2")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator('[id="small/q2"] .answer')).to_be_visible()


def test_all_can_be_opened_and_closed(open_report: Open) -> None:
    page = open_report()
    page.get_by_label("只看答错的").check()
    page.get_by_role("button", name="全部展开").click()
    assert page.locator("details.question[open]").count() == 2
    page.get_by_role("button", name="全部收起").click()
    assert page.locator("details.question[open]").count() == 0


def test_without_scripts_everything_can_be_read(open_report: Open) -> None:
    page = open_report(script=False)
    expect(page.locator("#filters")).to_be_hidden()
    expect(page.locator("details.question")).to_have_count(4)
    summary(page, "q1").click()
    expect(page.locator('[id="small/q1"] mark.both')).to_have_text("床位数达到300张")


def test_nothing_from_outside_becomes_markup(open_report: Open, tmp_path: Path) -> None:
    asked = question(
        EVIL, EVIL, reference=EVIL, key_facts=[[EVIL]], evidence=[{"doc": "plan", "quote": EVIL}]
    )
    said = answer(
        EVIL, EVIL, citations=[{"doc": "plan", "start": 0, "end": 999, "quote": EVIL, "label": EVIL}]
    )
    run = run_of(tmp_path, {"s": [asked]}, {"ours": {"s": [said]}}, texts={"plan": PLAN + EVIL})
    page = open_report(path=write_report(run))
    page.locator("details.question > summary").click()
    expect(page.locator(".answer")).to_have_text(EVIL)
    expect(page.locator(".original mark.both")).to_have_text(EVIL)
    assert page.locator("img, script:not(body > script)").count() == 0
    page.get_by_role("link", name="本题链接").click()
    expect(page.locator("details.question")).to_have_attribute("open", "")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_it_can_be_read(open_report: Open, shots: Path, size: ViewportSize, scheme: Scheme) -> None:
    page = open_report(size, scheme)
    assert fits(page)
    page.screenshot(path=shots / f"report-{size['width']}-{scheme}-1-top.png")
    for details in page.locator("details").all():
        details.evaluate("(one) => { one.open = true; }")
    assert fits(page)
    assert page.evaluate(CONTRAST) == []
    page.screenshot(path=shots / f"report-{size['width']}-{scheme}-2-all.png", full_page=True)


def test_on_paper_it_is_light_and_fits(open_report: Open) -> None:
    page = open_report({"width": 1000, "height": 800}, "dark")
    page.emulate_media(media="print")
    assert fits(page)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    expect(page.locator("#filters")).to_be_hidden()
    boxes = page.evaluate(
        "[...document.querySelectorAll('.box')].map((box) => box.scrollWidth - box.clientWidth)"
    )
    assert max(boxes) <= 1


def test_450_questions_open_within_3_seconds(open_report: Open, tmp_path: Path) -> None:
    asked = [question(f"q{n}", f"第{n}个问题：床位数要达到多少？") for n in range(450)]
    said = [answer(f"q{n}", "错的回答" * 90, ["床位数达到300张", "每季度通报一次进度"]) for n in range(450)]
    path = write_report(run_of(tmp_path, {"s": asked}, {"ours": {"s": said}}))
    page = open_report(path=path)
    loaded = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    assert loaded < 3000
    page.get_by_label("查找").fill("第449个")
    assert shown(page) == ["q449"]


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
    for (const node of document.querySelectorAll("body *")) {
        const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
        if (!own || !node.checkVisibility() || node.closest(".unseen, script, option, title, desc")) continue;
        const style = getComputedStyle(node);
        const ink = node.closest("svg") ? style.fill : style.color;
        const [a, b] = [light(parts(ink)), light(ground(node))].sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < 4.5) faint.push(`${node.className}: ${node.textContent.slice(0, 12)} ${ratio.toFixed(2)}`);
    }
    return faint;
}"""
