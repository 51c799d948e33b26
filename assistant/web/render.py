"""Everything that the page shows as HTML. All text passes through `esc`; nothing else may put text into markup."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from assistant.types import Answer, Citation, Document, Status
from assistant.web.passage import Passage
from assistant.web.talk import MARK, Exchange, Talk

NAME = "政策文件问答"
TAGLINE = "用文件原文回答问题，每句话都附出处，点开即可核对"
# Instead of it, and below the question box, where a language model writes the answers.
TAGLINE_OF_MODEL = "依据文件回答问题，每句话都附出处，点开即可核对"
BYLINE = "由语言模型撰写的回答，每句均已对照原文核实"
READING = "正在查阅文件…"
WRITING = "正在查阅文件、撰写回答，核实过的句子会随即显示…"
CHECKING = "后面的内容正在撰写和核对…"
# Marks with the character before and the closing punctuation after them, which no line end may part.
_CLUSTER = re.compile(r"([^\s\]]?)((?:\[\d{1,3}\])+)([，。；：、！？）》”’]*)")
_LONG_TITLE = re.compile(r"《([^》]{18})[^》]{10,}([^》]{6})》")
EXCERPT = 60  # characters of a quote in the list below an answer

# How an answer that is not simply an answer introduces itself.
NOTES = {
    Status.NOT_FOUND: "文件中没有找到",
    Status.DECLINED: "不在回答范围",
    Status.ERROR: "没有答成",
}
# The colour of a document's status; others are grey.
TONES = {
    "现行": "good",
    "现行有效": "good",
    "征求意见稿": "warn",
    "草案": "warn",
    "新闻报道": "info",
    "已废止": "bad",
    "废止": "bad",
    "失效": "bad",
}
REMARKS = {
    "征求意见稿": "征求意见稿，不是正式生效的文件，引用请注明。",
    "新闻报道": "这是新闻报道，不是正式文件。",
}
# The fields of a document's card, in their order.
FACTS = (("issuer", "发布"), ("number", "文号"), ("date", "日期"), ("region", "地区"), ("kind", "类型"))


def esc(text: str) -> str:
    """Text as it may stand in an element or in a quoted attribute."""
    return html.escape(text.replace("\0", "\N{REPLACEMENT CHARACTER}"), quote=True)


def header(*, model: bool = False) -> str:
    """The name of the page and one line on what it does; `model` says whether a language model writes."""
    tagline = TAGLINE_OF_MODEL if model else TAGLINE
    return (
        f'<header class="top"><div class="logo" aria-hidden="true">文</div><div class="name"><h1>{esc(NAME)}</h1>'
        f'<p>{esc(tagline)}</p></div><button type="button" class="plain only-narrow" data-list>文件目录</button>'
        "</header>"
    )


def pane() -> str:
    """The empty place for documents and passages, which the page's script fills."""
    return (
        '<aside class="pane" aria-label="出处与文件"><div class="pane-body" id="pane-body" tabindex="-1" '
        'aria-live="polite"><p class="wait">正在读取文件目录…</p></div></aside>'
    )


def byline() -> str:
    """Who writes the answers, for a page with a language model."""
    return f'<p class="byline">{esc(BYLINE)}</p>'


def conversation(talk: Talk, questions: Sequence[str], *, model: bool = False) -> str:
    """The whole conversation; the sample questions while there is none. `model`: a language model writes."""
    if not talk:
        return _welcome(questions)
    turns = "".join(_exchange(exchange, model=model) for exchange in talk)
    return f'<div class="talk" role="log" aria-live="polite" aria-label="对话">{turns}</div>'


def _welcome(questions: Sequence[str]) -> str:
    buttons = "".join(
        f'<li><button type="button" data-ask>{esc(question)}</button></li>' for question in questions
    )
    offer = f'<h3>可以这样问</h3><ul class="samples">{buttons}</ul>' if questions else ""
    return (
        '<div class="welcome"><h2>想了解文件里的什么？</h2>'
        "<p>直接写下要问的话，不必用文件里的说法，也可以接着上一问追问。"
        f'文件里没有的，会如实说没有。</p>{offer}<p class="hint">回车发送，Shift + 回车换行</p></div>'
    )


def _exchange(exchange: Exchange, *, model: bool) -> str:
    asked = f'<div class="asked"><span class="unseen">问：</span>{esc(exchange.question)}</div>'
    if exchange.answer is None:
        told = esc(WRITING if model else READING)
        return f'{asked}<div class="answer waiting" aria-busy="true"><p class="text">{told}</p></div>'
    return asked + answer_card(exchange.answer, whole=exchange.whole, model=model)


def answer_card(answer: Answer, *, whole: bool, model: bool = False) -> str:
    """One answer: its note when it is not a plain one, its notice, its text with marks, its sources once it is whole.

    While a language model writes (`model`), a growing answer says that more is still being written and checked.
    """
    note = NOTES.get(answer.status, "") if whole else ""
    parts = [f'<p class="note">{esc(note)}</p>'] if note else []
    if answer.notice:
        parts.append(f'<p class="notice" role="note">{esc(answer.notice)}</p>')
    parts.append(
        f'<div class="text"><span class="unseen">答：</span>{_marked(answer.text, answer.citations)}</div>'
    )
    if model and not whole:
        parts.append(f'<p class="checking">{esc(CHECKING)}</p>')
    if whole and answer.citations:
        parts.append(_sources(answer))
    state = answer.status.value if whole else "growing"
    busy = "false" if whole else "true"
    return f'<div class="answer {state}" data-status="{state}" aria-busy="{busy}">{"".join(parts)}</div>'


def _marked(text: str, citations: Sequence[Citation]) -> str:
    pieces, last = [], 0
    for cluster in _CLUSTER.finditer(text):
        before, marks, after = cluster.groups()
        shown = "".join(_mark(int(number), citations) for number in MARK.findall(marks))
        pieces += [esc(text[last : cluster.start()])]
        pieces += [f'<span class="near">{esc(before)}{shown}{esc(after)}</span>']
        last = cluster.end()
    return "".join(pieces) + esc(text[last:])


def _mark(number: int, citations: Sequence[Citation]) -> str:
    if not citations:  # a snapshot: its citations are still to come
        return f'<span class="mark pending" aria-hidden="true">{number}</span>'
    if not 1 <= number <= len(citations):
        return f"[{number}]"
    citation = citations[number - 1]
    name = esc(f"出处 {number}：{citation.label}")
    return (
        f'<button type="button" class="mark" {_target(citation)} aria-label="{name}" title="{name}">'
        f"{number}</button>"
    )


def _target(citation: Citation) -> str:
    span = citation.span
    return (
        f'data-open="{esc(span.doc)}" data-start="{span.start}" data-end="{span.end}" '
        f'data-label="{esc(citation.label)}" data-quote="{esc(citation.quote)}"'
    )


def _sources(answer: Answer) -> str:
    title = "依据" if answer.status is Status.ANSWERED else "相近内容"
    rows = "".join(_source(number, citation) for number, citation in enumerate(answer.citations, start=1))
    return f'<div class="sources"><h3>{title}</h3><ol>{rows}</ol></div>'


def _source(number: int, citation: Citation) -> str:
    label = f'<span class="label">{esc(shortened(citation.label))}</span>'
    excerpt = f'<span class="excerpt">{esc(_excerpt(citation.quote))}</span>'
    return (
        f'<li><button type="button" class="source" {_target(citation)} title="{esc(citation.label)}">'
        f'<span class="number">{number}</span>{label}{excerpt}</button></li>'
    )


def _excerpt(quote: str) -> str:
    line = one_paragraph(quote)
    return line if len(line) <= EXCERPT else line[:EXCERPT] + "…"


def shortened(label: str) -> str:
    """A label whose title is cut in its middle where it is long: the end of a label tells the place."""
    return _LONG_TITLE.sub(r"《\1…\2》", label)


def one_paragraph(text: str) -> str:
    """The text without the file's line ends and runs of white space; Latin words stay apart."""
    joined = re.sub(r"[ \t]*[\r\n]\s*", "\n", text.strip())
    joined = re.sub(r"(?<=[0-9A-Za-z])\n(?=[0-9A-Za-z])", " ", joined).replace("\n", "")
    return re.sub(r"[ \t\u3000]+", " ", joined)


def reference(label: str, quote: str) -> str:
    """What 复制引用 copies: the words and where they stand."""
    return f"“{one_paragraph(quote)}”——{label}"


def badge(document: Document) -> str:
    """The status of a document, coloured."""
    status = document.status.strip()
    return f'<span class="badge {TONES.get(status, "plain")}">{esc(status or "状态未注明")}</span>'


def document_list(documents: Sequence[Document]) -> str:
    """The library's documents, each one openable."""
    if not documents:
        return f'{_bar("文件目录", home=True)}<p class="wait">还没有收入文件。</p>'
    cards = "".join(
        f'<li class="card"><button type="button" class="open" data-document="{esc(document.id)}">'
        f"{esc(document.title)}</button>{badge(document)}{_facts(document)}</li>"
        for document in documents
    )
    return f'{_bar(f"文件目录（{len(documents)}）", home=True)}<ul class="cards">{cards}</ul>'


def passage_view(passage: Passage, label: str) -> str:
    """One cited passage with its place in the document."""
    document, span = passage.document, passage.span
    label = label or document.reference
    path = "".join(f"<li>{esc(heading)}</li>" for heading in passage.heading_path)
    before = ("" if passage.opens_document else "…") + passage.before
    after = passage.after + ("" if passage.closes_document else "…")
    copied, mine = esc(reference(label, passage.quote)), esc(document.id)
    return (
        f"{_bar('出处')}{_about(document)}"
        + (f'<ol class="path" aria-label="所在章节">{path}</ol>' if path else "")
        + f'<div class="actions"><button type="button" class="strong" data-copy="{copied}">复制引用</button>'
        f'<button type="button" class="plain" data-document="{mine}" data-start="{span.start}" '
        f'data-end="{span.end}">查看全文</button></div><blockquote class="original" lang="zh-CN">{esc(before)}'
        f'<mark id="cited">{esc(passage.quote)}</mark>{esc(after)}</blockquote><p class="formal">{esc(label)}</p>'
    )


def document_view(document: Document, start: int, end: int) -> str:
    """The whole text, as it stands in the file, with `start:end` marked when it is not empty."""
    text = document.text
    body = esc(text)
    if start < end:
        body = f'{esc(text[:start])}<mark id="cited">{esc(text[start:end])}</mark>{esc(text[end:])}'
    return (
        f"{_bar('全文')}{_about(document)}{_facts(document)}"
        f'<div class="original whole" lang="zh-CN">{body}</div>'
    )


def trouble(message: str) -> str:
    """What the place for documents shows when something cannot be shown."""
    return f'{_bar("没有打开")}<p class="wait" role="alert">{esc(message)}</p>'


def _bar(title: str, *, home: bool = False) -> str:
    back = "" if home else '<button type="button" class="plain" data-list>文件目录</button>'
    return (
        f'<div class="bar"><h2>{esc(title)}</h2>{back}'
        '<button type="button" class="plain only-narrow" data-close>返回对话</button></div>'
    )


def _about(document: Document) -> str:
    remark = REMARKS.get(document.status.strip(), "")
    return f'<h3 class="title">{esc(document.title)}</h3>{badge(document)}' + (
        f'<p class="remark">{esc(remark)}</p>' if remark else ""
    )


def _facts(document: Document) -> str:
    rows = "".join(
        f"<div><dt>{name}</dt><dd>{esc(value)}</dd></div>"
        for field, name in FACTS
        if (value := str(getattr(document, field)).strip())
    )
    return f'<dl class="facts">{rows}</dl>' if rows else ""
