"""What must hold for every answer, whatever is asked, and for the library of the real documents."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from assistant.chain import AnswerChain, build
from assistant.search.catalog import Catalog
from assistant.settings import Settings
from assistant.types import Answer, BlockKind, Question, Status, Turn

ROOT = Path(__file__).resolve().parent.parent
STEP = 5  # every fifth development question
LONGEST = 220  # characters of an answer without marks and notes

_MARK = re.compile(r"\[(\d+)\]")
_NOTE = re.compile(r"注：[^。]*。")
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_HAN = "〇零一二两三四五六七八九十百千万亿"
_CHINESE = re.compile(f"[{_HAN}]{{2,}}|[{_HAN}]+分之[{_HAN}]+|[{_HAN}]+[座家名所张台条次倍成岁年月元亩吨]")
_DATES = re.compile(r"\d{4}年(?:\d{1,2}月(?:\d{1,2}日)?)?|\d{1,2}月\d{1,2}日")
_PERCENT = re.compile(r"\d+(?:\.\d+)?[%‰]")
_PAPER = re.compile(r"〔\d{4}〕\d+号")
_BLANK = ("Cc", "Cf")


@dataclass(frozen=True)
class Asked:
    """A question with the answer that it got."""

    question: Question
    answer: Answer


def _questions() -> list[Question]:
    lines = (ROOT / "eval" / "questions" / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines[::STEP]]
    return [
        Question(row["question"], tuple(Turn(*turn) for turn in row.get("history") or ())) for row in rows
    ]


@pytest.fixture(scope="module")
def asked(chain: AnswerChain) -> list[Asked]:
    return [Asked(question, chain.invoke(question)) for question in _questions()]


@pytest.fixture(scope="module")
def people(chain: AnswerChain) -> frozenset[str]:
    """Everyone whom the documents name, as far as structure tells."""
    documents = chain.library.documents()
    blocks = [block for document in documents for block in chain.library.blocks(document.id)]
    speakers = {block.attributes["speaker"] for block in blocks if block.attributes.get("speaker")}
    known = speakers | set(Catalog.build(documents, blocks).people)
    assert {"姜旭", "王旭琴", "郭力"} <= known
    return frozenset(known)


def _narrow(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _compact(text: str) -> str:
    return "".join(_narrow(text).split())


def complaints(answer: Answer, originals: dict[str, str], people: frozenset[str]) -> list[str]:
    """Everything about an answer that breaks an invariant."""
    found = _bad_citations(answer, originals) + _bad_marks(answer)
    if not answer.text.strip():
        found.append("nothing said")
    if len(answer.hits) > 20:
        found.append(f"{len(answer.hits)} hits")
    if answer.status is Status.DECLINED and answer.citations:
        found.append("declined with citations")
    if answer.status is Status.ANSWERED:
        found += _unproven(answer, people) + ([] if answer.citations else ["answered without a citation"])
        length = len(_MARK.sub("", _NOTE.sub("", answer.text)))
        found += [f"{length} characters"] if length > LONGEST else []
    return found


def _bad_citations(answer: Answer, originals: dict[str, str]) -> list[str]:
    found = []
    for citation in answer.citations:
        span = citation.span
        if originals[span.doc][span.start : span.end] != citation.quote or not citation.quote.strip():
            found.append(f"the quote is not its slice: {citation}")
        if not citation.label.startswith("《"):
            found.append(f"no formal reference: {citation.label}")
    return found


def _bad_marks(answer: Answer) -> list[str]:
    marks = [int(mark) for mark in _MARK.findall(answer.text)]
    expected = list(range(1, len(answer.citations) + 1))
    return (
        [] if list(dict.fromkeys(marks)) == expected else [f"marks {marks} beside {len(expected)} citations"]
    )


def _unproven(answer: Answer, people: frozenset[str]) -> list[str]:
    """Numbers, dates, percentages, document numbers and names of a text that stand in none of its quotes.

    Written apart from the product's own check: here numbers are runs of digits, compared as written.
    """
    text = _narrow(_MARK.sub("", _NOTE.sub("", answer.text)))
    quotes = _narrow(" ¦ ".join(citation.quote for citation in answer.citations))
    dense = _compact(quotes)
    digits = set(_DIGITS.findall(quotes)) | set(_DIGITS.findall(dense))
    lost = [number for number in _DIGITS.findall(text) if number not in digits]
    lost += [number for number in _CHINESE.findall(text) if number not in dense]
    lost += [date for date in _DATES.findall(_compact(text)) if date not in dense]
    lost += [paper for paper in _PAPER.findall(_compact(text)) if paper not in dense]
    lost += [part for part in _PERCENT.findall(text) if part not in dense and part[-1] not in dense]
    lost += [name for name in people if name in text and name not in dense]
    return [f"unproven: {part}" for part in lost]


def test_every_answer_keeps_the_invariants(
    asked: list[Asked], chain: AnswerChain, people: frozenset[str]
) -> None:
    originals = {document.id: document.text for document in chain.library.documents()}
    broken = {
        one.question.text: found for one in asked if (found := complaints(one.answer, originals, people))
    }
    assert not broken


def test_the_sample_holds_answers_of_every_status(asked: list[Asked]) -> None:
    """Otherwise the checks above would prove little."""
    statuses = [one.answer.status for one in asked]
    assert statuses.count(Status.ANSWERED) >= 25
    assert statuses.count(Status.NOT_FOUND) >= 3
    assert Status.ERROR not in statuses


def test_the_same_question_gives_the_same_answer(
    asked: list[Asked], chain: AnswerChain, library: Path
) -> None:
    other = build(Settings(library=library))
    for one in asked[::8]:
        assert chain.invoke(one.question) == one.answer
        assert other.invoke(one.question) == one.answer


def test_the_order_of_questions_does_not_matter(asked: list[Asked], library: Path) -> None:
    fresh = build(Settings(library=library))
    for one in reversed(asked[1::9]):
        assert fresh.invoke(one.question) == one.answer


_TEXTS = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "corpus").glob("*.txt"))]
_ENDINGS = [
    "是多少",
    "是谁",
    "有哪些",
    "什么时候",
    "怎么办",
    "吗",
    "是什么意思",
    "比去年高吗",
    "讲了什么",
    "，对吧",
    "？",
    "",
]


@st.composite
def random_questions(draw: st.DrawFn) -> str:
    """Stretches of the documents, wherever they begin and end, with the ending of a question."""
    pieces = []
    for _ in range(draw(st.integers(1, 3))):
        text = draw(st.sampled_from(_TEXTS))
        start = draw(st.integers(0, len(text) - 1))
        pieces.append("".join(text[start : start + draw(st.integers(2, 14))].split()))
    return "".join(pieces) + draw(st.sampled_from(_ENDINGS))


@examples(max_examples=30)
@given(question=random_questions())
def test_random_questions_keep_the_invariants(
    question: str, chain: AnswerChain, people: frozenset[str]
) -> None:
    originals = {document.id: document.text for document in chain.library.documents()}
    if question.strip():
        answer = chain.invoke(question)
        assert not complaints(answer, originals, people), answer


@examples(max_examples=15)
@given(question=st.text(min_size=1, max_size=60))
def test_any_characters_keep_the_invariants(
    question: str, chain: AnswerChain, people: frozenset[str]
) -> None:
    originals = {document.id: document.text for document in chain.library.documents()}
    if any(not char.isspace() and unicodedata.category(char) not in _BLANK for char in question):
        answer = chain.invoke("问" + question)
        assert not complaints(answer, originals, people), answer


def test_the_checker_complains(chain: AnswerChain, people: frozenset[str]) -> None:
    """The check of this file is itself checked: each way of breaking an answer is seen."""
    originals = {document.id: document.text for document in chain.library.documents()}
    good = chain.invoke("晋中2024年居民健康素养目标是多少")
    assert complaints(good, originals, people) == []
    first = good.citations[0]
    broken = [
        replace(good, text=good.text.replace("30.61", "31.61")),
        replace(good, text=good.text.replace("2024年", "2026年")),
        replace(good, text="王旭琴说：" + good.text),
        replace(good, text=good.text + "占三分之二"),
        replace(good, text=good.text.replace("[1]", "")),
        replace(good, text=good.text + "[9]"),
        replace(good, text=good.text + "字" * LONGEST),
        replace(good, citations=()),
        replace(good, citations=(replace(first, quote=first.quote + "。"), *good.citations[1:])),
    ]
    for answer in broken:
        assert complaints(answer, originals, people), answer.text


def test_chunks_cover_the_documents(chain: AnswerChain) -> None:
    chunks = chain.library.all_chunks()
    assert len({chunk.id for chunk in chunks}) == len(chunks)
    for document in chain.library.documents():
        held = [False] * len(document.text)
        for chunk in chunks:
            if chunk.span.doc == document.id:
                start, end = chunk.span.start, chunk.span.end
                assert chunk.text == "".join(document.text[start:end].split())
                held[start:end] = [True] * (end - start)
        blocks = chain.library.blocks(document.id)
        furniture = [block for block in blocks if block.kind is BlockKind.FURNITURE]
        for block in furniture:
            start, end = block.span.start, block.span.end
            held[start:end] = [True] * (end - start)
        lost = [
            (at, char)
            for at, char in enumerate(document.text)
            if not held[at] and not char.isspace() and unicodedata.category(char) not in _BLANK
        ]
        assert not lost, document.id
        assert all(block.attributes.get("reason") for block in furniture)
        share = sum(block.span.end - block.span.start for block in furniture) / len(document.text)
        assert share < 0.2, f"{document.id}: {share:.0%} of the text called furniture"


def test_documents_stand_as_they_were_read(chain: AnswerChain) -> None:
    for document in chain.library.documents():
        raw = (ROOT / "corpus" / f"{document.id}.txt").read_bytes()
        assert document.text == raw.decode("utf-8-sig").replace("\r\n", "\n") or document.text == raw.decode()
