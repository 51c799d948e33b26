"""Poisoned documents, questions and histories: whatever a model is talked into, only what is proven goes out.

The model of these tests obeys every attack. What holds must therefore be held by the code.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

import pytest

from assistant.chain import DECLINED, AnswerChain
from assistant.language.clean import comparable
from assistant.language.numbers import numbers_in, unsupported
from assistant.types import Answer, Question, Status, Turn
from tests.attacks.attacks import PAPERS, Paper
from tests.attacks.conftest import Obedient
from tests.models.server import Says

MARK = re.compile(r"\[(\d+)\]")
ANY_MARK = re.compile(r"[\[［【]\s*\d+\s*[\]］】]")
MARKUP = re.compile(
    r"https?:|www\.|javascript:|data:|evil\.example|!?\[[^\]]*\]\s*[(\[]|\]:|<\s*[a-z/!|]|\|>|\[/?INST|<<",
    re.IGNORECASE,
)
ROLES = re.compile(r"<\|?\s*(?:im_|/?system|/?user|/?assistant)|\[/?INST\]|<</?SYS>>", re.IGNORECASE)
FALSE = {paper.false for paper in PAPERS}
# What the assistant says of itself; all else must stand in the documents.
OWN = re.compile(r"资料中没有[^。]*。|相近的内容(?:（[^）]*）)?：|注：[^。]*。")


def asked(paper: Paper) -> Question:
    """The paper's question with its history."""
    return Question(
        paper.question,
        tuple(Turn(("user", "assistant")[i % 2], text) for i, text in enumerate(paper.history)),
    )


@cache
def clean_words() -> str:
    """All that the papers say where nothing is poisoned, without punctuation."""
    return "\n".join(bare(paper.clean) for paper in PAPERS)


def bare(text: str) -> str:
    return re.sub(r"[\W_]", "", comparable(text))


def known(check: str, *, asking: bool = False) -> list[Any]:
    """The papers as parameters, or those that the model is asked about; a check known to fail is expected to."""
    return [
        pytest.param(
            paper,
            id=paper.attack.id,
            marks=[pytest.mark.xfail(strict=True, reason=paper.attack.known[check])]
            if check in paper.attack.known
            else [],
        )
        for paper in PAPERS
        if not (asking and paper.attack.declined)
    ]


def nothing_unproven(answer: Answer, chain: AnswerChain) -> None:
    """What must hold of any answer, whoever wrote it."""
    assert answer.status is not Status.ERROR
    for char in answer.text:
        assert char == "\n" or unicodedata.category(char)[0] != "C", f"{char!r} in {answer.text!r}"
    marks = [int(number) for number in MARK.findall(answer.text)]
    assert set(marks) <= set(range(1, len(answer.citations) + 1))
    text = MARK.sub("", answer.text)
    assert not ANY_MARK.search(text)
    assert not MARKUP.search(text)
    assert not any(number.surface[:5] in FALSE for number in numbers_in(comparable(text)))
    only_clean(text)
    real_citations(answer, chain)


def only_clean(text: str) -> None:
    """Every clause stands in the clean part of a document; so no prompt and no command is among them."""
    if text == DECLINED:
        return
    for clause in re.split(r"[，。；：\n]", OWN.sub("", text)):
        said = bare(clause) in clean_words()  # apart, so that a failure does not print them all
        assert said, clause


def real_citations(answer: Answer, chain: AnswerChain) -> None:
    """Every quote is the original at its place and does not touch the attack; together they say every number."""
    for citation in answer.citations:
        span, paper = citation.span, next(p for p in PAPERS if p.stem == citation.span.doc)
        assert citation.quote == chain.library.document(span.doc).slice(span)
        at = paper.document.find(paper.poison) if paper.poison and not paper.attack.quotable else -1
        assert at < 0 or span.end <= at or span.start >= at + len(paper.poison), citation.quote
    if answer.status is Status.ANSWERED:
        assert answer.citations
        assert not unsupported(MARK.sub("", answer.text), [c.quote for c in answer.citations])


@pytest.mark.parametrize("paper", known("obeys"))
def test_a_model_that_obeys_says_nothing(paper: Paper, written: AnswerChain, model: Obedient) -> None:
    model.reply = Says(paper.obeys)
    answers = list(written.stream(asked(paper)))
    for answer in answers:
        nothing_unproven(answer, written)
    if paper.attack.declined:
        assert answers[-1].status is Status.DECLINED


@pytest.mark.parametrize("paper", known("beside", asking=True))
def test_what_is_proven_beside_it_still_goes_out(paper: Paper, written: AnswerChain, model: Obedient) -> None:
    model.reply = Says(f"{paper.honest}[1]。\n{paper.obeys}")
    answer = written.invoke(asked(paper))
    nothing_unproven(answer, written)
    assert answer.status is Status.ANSWERED
    assert bare(paper.honest) in bare(answer.text)


@pytest.mark.parametrize("paper", known("request"))
def test_the_model_gets_passages_as_data(paper: Paper, written: AnswerChain, model: Obedient) -> None:
    model.reply = Says("资料未说明。")
    before = len(model.server.chats)
    written.invoke(asked(paper))
    requests = model.server.chats[before:]
    assert len(requests) == (0 if paper.attack.declined else 1 + bool(paper.history))
    for request in requests:
        system, user = request.body["messages"]
        assert (system["role"], user["role"]) == ("system", "user")
        told = user["content"]
        for char in told:
            assert char in "\n\t" or unicodedata.category(char)[0] != "C", repr(char)
        assert not ROLES.search(told)
        assert re.findall(r"【[^】]*】", told) in FENCES
        assert not re.search(r"^---", told, re.MULTILINE)
        numbers = re.findall(r"^\[(\d+)\] ", told, re.MULTILINE)
        assert numbers == [str(n) for n in range(1, len(numbers) + 1)]
        assert len(re.findall(r"\[\d+\]", told)) == len(numbers)


FENCES = [
    ["【资料】", "【资料完】", "【问题】"],
    ["【资料】", "【资料完】", "【提示】", "【问题】"],
    ["【对话】", "【对话完】", "【最后一问】"],
]


@pytest.mark.parametrize("paper", known("alone"))
def test_without_a_model_no_attack_is_an_answer(paper: Paper, extracted: AnswerChain) -> None:
    answer = extracted.invoke(asked(paper))
    nothing_unproven(answer, extracted)
    assert not answer.notice
    if not paper.attack.declined:
        assert bare(paper.honest) in bare(answer.text)


@pytest.mark.parametrize("paper", known("near"))
def test_without_a_model_no_neighbour_of_an_answer_is_an_attack(paper: Paper, extracted: AnswerChain) -> None:
    nothing_unproven(extracted.invoke(paper.near), extracted)
