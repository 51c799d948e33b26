"""A real browser at the real page. Without one the tests fail under CI and are skipped elsewhere."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Request, ViewportSize, sync_playwright

from tests.web.double import Scripted
from tests.web.serving import served

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE: ViewportSize = {"width": 1280, "height": 800}
NARROW: ViewportSize = {"width": 400, "height": 800}
Scheme = Literal["light", "dark"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        message = "没有找到 Chromium：请安装（Debian/Ubuntu：apt-get install chromium fonts-noto-cjk）"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def asker() -> Scripted:
    """The chain behind the page."""
    return Scripted()


@pytest.fixture(scope="module")
def url(asker: Scripted) -> Iterator[str]:
    """The address of the page."""
    with served(asker) as url:
        yield url


@pytest.fixture
def gate(asker: Scripted) -> Iterator[threading.Event]:
    """Holds answers after their first words until it is set."""
    asker.gate = threading.Event()
    yield asker.gate
    asker.gate.set()
    asker.gate = None


@pytest.fixture
def open_page(browser: Browser, url: str) -> Iterator[Callable[..., Page]]:
    """Opens the page, ready to be asked; fails when it reaches out of the host or breaks."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def check(request: Request) -> None:
        if request.url.startswith(("http", "ws")) and urlsplit(request.url).hostname != "127.0.0.1":
            troubles.append(f"request to {request.url}")

    def refuse(dialog: Dialog) -> None:
        troubles.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def open_page(viewport: ViewportSize = WIDE, scheme: Scheme = "light", at: str = url) -> Page:
        context = browser.new_context(
            viewport=viewport, color_scheme=scheme, permissions=["clipboard-read", "clipboard-write"]
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("request", check)
        page.on("pageerror", lambda error: troubles.append(f"error in the page: {error}"))
        page.on("dialog", refuse)
        page.goto(at)
        page.locator("#conversation .welcome").wait_for()
        page.locator("#pane-body .bar").wait_for(state="attached")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: $SCREENSHOTS, or a folder of this run."""
    folder = Path(os.environ.get("SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
