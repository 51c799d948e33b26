"""The Gradio page: the conversation is Gradio's, with our own HTML; documents and passages come from /page."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from assistant.web import render
from assistant.web.samples import samples
from assistant.web.seam import Asker
from assistant.web.talk import Talk, go_on

if TYPE_CHECKING:
    import gradio as gr
    from fastapi import FastAPI

STATIC = "page/static"
# One stylesheet and one script of our own; relative, so that the page may be served below another path.
HEAD = (
    f'<link rel="stylesheet" href="{STATIC}/page.css"><script src="{STATIC}/page.js" defer></script>'
    '<meta name="color-scheme" content="light dark">'
)
FONTS = [
    "PingFang SC",
    "Microsoft YaHei",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "system-ui",
    "sans-serif",
]
MONO = ["ui-monospace", "Consolas", "monospace"]
AT_ONCE = 4  # answers written at the same time; more wait their turn
AT_ONCE_BY_MODEL = 16  # a model elsewhere writes for longer, while this computer does nothing
STATE_SECONDS = 3600  # how long a conversation is kept after its tab was closed


def import_gradio() -> Any:
    """Gradio, with everything off that would reach out of this computer."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["GRADIO_RUN_HISTORY"] = "False"
    os.environ["GRADIO_SSR_MODE"] = "False"
    os.environ["GRADIO_MCP_SERVER"] = "False"
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    import gradio

    return gradio


def build_page(asker: Asker, question_chars: int, *, model: bool = False) -> gr.Blocks:
    """The page over one chain; `model` says whether a language model writes its answers."""
    gr = import_gradio()
    opening = partial(_opening, asker)
    with gr.Blocks(title=render.NAME, analytics_enabled=False) as page:
        told = gr.State((), time_to_live=STATE_SECONDS)
        gr.HTML(render.header(model=model), elem_id="head", apply_default_css=False)
        with gr.Row(elem_id="desk"):
            with gr.Column(elem_id="talk"):
                shown = gr.HTML("", elem_id="conversation", apply_default_css=False)
                with gr.Row(elem_id="composer"):
                    box = _question_box(gr)
                    send = gr.Button("发送", elem_id="send", variant="primary")
                    clear = gr.Button("清空对话", elem_id="clear", variant="secondary")
                if model:
                    gr.HTML(render.byline(), elem_id="byline", apply_default_css=False)
            with gr.Column(elem_id="side"):
                gr.HTML(render.pane(), apply_default_css=False)

        def ask(text: str | None, talk: Talk) -> Iterator[tuple[Any, Any, Any]]:
            if not (text or "").strip():
                yield gr.skip(), gr.skip(), gr.skip()
                return
            for step, grown in enumerate(go_on(asker, talk, text or "", question_chars)):
                # Emptied once: later steps must not wipe the next question that is being typed.
                # A question refused at once stays, to be mended.
                emptied = "" if step == 0 and not grown[-1].whole else gr.skip()
                yield render.conversation(grown, (), model=model), emptied, grown

        at_once = AT_ONCE_BY_MODEL if model else AT_ONCE
        quiet = {"show_progress": "hidden", "api_visibility": "private"}
        page.load(opening, None, shown, queue=False, **quiet)
        asked = send.click(ask, [box, told], [shown, box, told], concurrency_limit=at_once, **quiet)
        clear.click(
            lambda: (opening(), "", ()), None, [shown, box, told], cancels=[asked], queue=False, **quiet
        )
    return page  # type: ignore[no-any-return]


def mount_page(app: FastAPI, asker: Asker, question_chars: int, *, model: bool = False) -> None:
    """Puts the page at /, behind the routes that the application already has."""
    gr = import_gradio()
    gr.mount_gradio_app(
        app,
        build_page(asker, question_chars, model=model),
        path="/",
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
        theme=gr.themes.Base(font=FONTS, font_mono=MONO),
        head=HEAD,
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        mcp_server=False,
        pwa=False,
        enable_monitoring=False,
        max_file_size=1,
    )


def _question_box(gr: Any) -> Any:
    return gr.Textbox(
        elem_id="question",
        label="问题",
        show_label=False,
        container=False,
        placeholder="写下要问的话",
        lines=1,
        max_lines=6,
        html_attributes=gr.InputHTMLAttributes(spellcheck=False, autocorrect=False),
    )


def _questions(asker: Asker) -> list[str]:
    asker.library.refresh()
    return samples([document.id for document in asker.library.documents()])


def _opening(asker: Asker) -> str:
    return render.conversation((), _questions(asker))
