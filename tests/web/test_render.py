"""The HTML of the page: nothing that comes from documents, questions or answers becomes markup."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.types import Answer, Citation, Document, Span, Status
from assistant.web import render
from assistant.web.passage import cut
from assistant.web.talk import Exchange

EVIL = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "[x](javascript:alert(1)) **粗** $x^2$",
    "</mark></button><b>",
    "${1+1} {{value}} &lt;b&gt; \0",
)
TAGS = {
    *("aside", "blockquote", "button", "dd", "div", "dl", "dt", "h1", "h2", "h3", "header", "li", "mark"),
    *("ol", "p", "span", "ul"),
}
ATTRIBUTES = {
    *("aria-busy", "aria-hidden", "aria-label", "aria-live", "class", "data-ask", "data-close", "data-copy"),
    *("data-document", "data-end", "data-label", "data-list", "data-open", "data-quote", "data-start"),
    *("data-status", "id", "lang", "role", "tabindex", "title", "type"),
}


class Reader(HTMLParser):
    """Collects the text, tags and attributes that a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Reader:
    """What a browser sees; fails when there is a tag or an attribute that the page does not use."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.tags <= TAGS
    assert {name for name, _ in reader.attributes} <= ATTRIBUTES
    return reader


def document(text: str, **known: str) -> Document:
    return Document(**{"id": "d", "title": "t", "hash": "h", "text": text, **known})


def answer(text: str, quote: str, label: str, status: Status = Status.ANSWERED) -> Answer:
    return Answer(status, text, (Citation(Span("d", 0, len(quote)), quote, label),))


texts = st.one_of(st.sampled_from(EVIL), st.text(max_size=60)).filter(lambda text: "\r" not in text)


@given(texts, texts, texts, st.sampled_from(list(Status)), st.booleans(), st.booleans())
def test_an_answer_is_shown_as_text(
    question: str, said: str, label: str, status: Status, whole: bool, model: bool
) -> None:
    shown = replace(answer(said + "[1]", question or "x", label, status), notice=label)
    html = render.conversation((Exchange(question, shown, whole=whole),), (), model=model)
    reader = read(html)
    assert question.replace("\0", "�") in reader.text
    assert label.replace("\0", "�") in reader.text


@given(texts, texts, texts)
def test_documents_are_shown_as_text(title: str, text: str, label: str) -> None:
    text = "前" + text + "后"
    one = document(text, title=title, issuer=title, status=label, number=title, id=label or "d")
    read(render.document_list([one]))
    assert text.replace("\0", "�") in read(render.document_view(one, 1, 2)).text
    shown = read(render.passage_view(cut(one, 0, len(text)), label))
    assert text.replace("\0", "�") in shown.text


@pytest.mark.parametrize("evil", EVIL)
def test_attributes_hold_the_exact_words(evil: str) -> None:
    reader = read(render.answer_card(answer("x[1]", evil, evil), whole=True))
    assert ("data-quote", evil.replace("\0", "�")) in reader.attributes
    assert ("data-label", evil.replace("\0", "�")) in reader.attributes


def test_marks_become_buttons_only_where_there_is_a_citation() -> None:
    html = render.answer_card(answer("甲[1][2]，乙[0]。", "q", "l"), whole=True)
    assert html.count('class="mark"') == 1
    assert "[2]" in html
    assert "[0]" in html


def test_marks_of_a_growing_answer_cannot_be_clicked_before_their_citations_come() -> None:
    html = render.answer_card(Answer(Status.ANSWERED, "甲[1]"), whole=False)
    assert "<button" not in html
    assert 'aria-busy="true"' in html


def test_marks_of_proven_sentences_can_be_clicked_while_more_is_written() -> None:
    html = render.answer_card(answer("甲[1]。", "q", "l"), whole=False, model=True)
    assert html.count('<button type="button" class="mark"') == 1
    assert render.CHECKING in read(html).text
    assert 'aria-busy="true"' in html
    assert "依据" not in html


def test_a_whole_answer_says_nothing_of_being_written() -> None:
    card = answer("甲[1]。", "q", "l")
    assert render.answer_card(card, whole=True, model=True) == render.answer_card(card, whole=True)


def test_without_a_model_nothing_tells_of_one() -> None:
    growing = (Exchange("甲？"), Exchange("乙？", answer("甲[1]。", "q", "l")))
    told = {render.CHECKING, render.WRITING, render.BYLINE, render.TAGLINE_OF_MODEL}
    shown = render.header() + render.conversation(growing, ())
    assert not [words for words in told if words in shown]
    assert "notice" not in shown
    shown = render.header(model=True) + render.conversation(growing, (), model=True) + render.byline()
    assert not [words for words in told if words not in shown]


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("status", [Status.ANSWERED, Status.NOT_FOUND])
def test_a_notice_stands_above_the_text(status: Status, whole: bool) -> None:
    said = replace(answer("摘自原文[1]。", "q", "l", status), notice="以下直接摘自原文。")
    seen = read(render.answer_card(said, whole=whole, model=True)).text
    assert seen.index("以下直接摘自原文。") < seen.index("摘自原文1。")
    assert seen.count("以下直接摘自原文。") == 1


@pytest.mark.parametrize(
    ("status", "note"),
    [
        (Status.ANSWERED, ""),
        (Status.NOT_FOUND, "文件中没有找到"),
        (Status.DECLINED, "不在回答范围"),
        (Status.ERROR, "没有答成"),
    ],
)
def test_each_status_looks_different(status: Status, note: str) -> None:
    html = render.answer_card(Answer(status, "甲"), whole=True)
    assert f'class="answer {status.value}"' in html
    assert ('class="note"' in html) == bool(note)
    assert note in html


def test_a_reference_is_one_line_of_words_and_place() -> None:
    said = render.reference("《甲》（乙）一、丙", "提升\n\n“三大能力”，\n达到 90 %\tHIV\nRNA")
    assert said == "“提升“三大能力”，达到 90 % HIV RNA”——《甲》（乙）一、丙"


def test_a_draft_says_that_it_is_one() -> None:
    one = document("正文", status="征求意见稿")
    assert "不是正式生效的文件" in render.passage_view(cut(one, 0, 2), "")
    assert "不是正式生效的文件" in render.document_view(one, 0, 0)


def test_a_long_title_is_cut_in_its_middle() -> None:
    title = "坚定信心 砥砺奋进 为中国式现代化山西篇章筑牢健康根基——专题培训班侧记"
    assert (
        render.shortened(f"《{title}》金永生") == "《坚定信心 砥砺奋进 为中国式现代化山…题培训班侧记》金永生"
    )
    assert render.shortened("《方山县2025年卫生健康工作计划》（方卫发〔2025〕19号）一、") == (
        "《方山县2025年卫生健康工作计划》（方卫发〔2025〕19号）一、"
    )
