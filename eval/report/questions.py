"""What the template shows of single questions. Sets that are locked have no place here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.types import Span, Status
from eval.documents import Corpus
from eval.metrics import facts_found, forbidden_found, overlaps, recall_curve, room, valid
from eval.report.excerpts import Excerpt, chosen, excerpts
from eval.report.figures import document_names, primary_of, titles
from eval.report.words import category_name, status_name
from eval.scoring import Run, Scored
from eval.summary import Result, document_of
from eval.types import Item

LONGEST = 1500  # characters of one text that are shown
MOST_CITATIONS = 40
DEPTH = 20  # passages that are searched for the evidence
NOWHERE = Span("", 0, 0)  # holds the rank of a passage that names no place


@dataclass(frozen=True, slots=True)
class Passage:
    """A text that may be long: its beginning, and how many characters are left out."""

    text: str
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Proof:
    """A quote of the key: its document's title, whether it stands there, the rank at which it was retrieved (0: it
    was not), and whether it is cited."""

    document: str
    text: str
    stands: bool
    rank: int
    cited: bool


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation: where it points, whether it is the original there, and whether it meets the evidence."""

    number: int
    label: str
    place: str
    genuine: bool
    good: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One question with everything about it."""

    anchor: str
    item: Item
    category: str
    document: str  # as it is filtered by
    document_name: str
    correct: bool
    reason: str
    status: str
    history: tuple[tuple[str, Passage], ...]
    answer: Passage
    error: str
    facts: tuple[tuple[tuple[str, ...], bool], ...]
    forbidden: tuple[tuple[str, bool], ...]
    length: int
    room: int
    proofs: tuple[Proof, ...]
    citations: tuple[Cited, ...]
    more_citations: int
    excerpts: tuple[Excerpt, ...]
    retrieved: int
    seconds: float | None
    confidence: float | None


@dataclass(frozen=True, slots=True)
class QuestionList:
    """The questions of one set, and whose answers they show."""

    name: str
    title: str
    system: str
    names: Mapping[str, str]  # of documents
    questions: tuple[Shown, ...]


def question_lists(run: Run) -> list[QuestionList]:
    """The questions of every set that is not locked and that ours, or a single system, answered."""
    named, found = titles(run), []
    for one in run.sets:
        system = primary_of(one)
        if system and not one.locked:
            names = document_names(one)
            shown = tuple(_shown(result, one, names) for result in one.results[system])
            found.append(QuestionList(one.name, one.title, named[system], names, shown))
    return found


def anchor(set_name: str, id: str) -> str:
    """The fragment that leads to a question. Only letters, digits, “_-.~” and one “/”: it needs no escaping."""
    return f"{_plain(set_name)}/{_plain(id)}"


def passage(text: str) -> Passage:
    """The beginning of a text."""
    return Passage(text[:LONGEST], max(0, len(text) - LONGEST))


def answer_of(line: Mapping[str, Any] | None) -> Passage:
    """What a line answers, shortened."""
    return passage(_text(line or {}, "answer"))


def status_of(result: Result) -> str:
    """A result's status for people."""
    return status_name(result.score.status) if result.line is not None else "没有答案"


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", lambda char: f"~{ord(char.group()):x}", name)


def _shown(result: Result, one: Scored, names: Mapping[str, str]) -> Shown:
    item, line, document = result.item, result.line or {}, document_of(result)
    counted = {} if line.get("status") == Status.ERROR else line  # as the scorer does
    said = _text(counted, "answer")
    citations, passages = _list(counted, "citations"), _list(counted, "retrieved")
    cited = [span for span in map(_span, citations) if span]
    places = one.corpus.evidence(item.evidence)
    where = [place for found in places if (place := chosen(found, cited, one.corpus))]
    wrong = set(forbidden_found(said, item.forbidden))
    return Shown(
        anchor=anchor(one.name, item.id),
        item=item,
        category=category_name(item.category),
        document=document,
        document_name=names.get(document, document),
        correct=result.score.correct,
        reason=result.score.reason,
        status=status_of(result),
        history=tuple((turn.role, passage(turn.text)) for turn in item.question.history),
        answer=answer_of(result.line),
        error=_text(line, "error"),
        facts=tuple(zip(item.key_facts, facts_found(said, item.key_facts), strict=True)),
        forbidden=tuple((text, text in wrong) for text in item.forbidden),
        length=result.score.length,
        room=room(item.reference),
        proofs=_proofs(item, places, cited, [_span(told) or NOWHERE for told in passages], one.corpus, names),
        citations=_cited(citations[:MOST_CITATIONS], places, one.corpus),
        more_citations=max(0, len(citations) - MOST_CITATIONS),
        excerpts=tuple(excerpts(where, cited[:MOST_CITATIONS], one.corpus)),
        retrieved=len(passages),
        seconds=result.score.seconds,
        confidence=result.score.confidence,
    )


def _proofs(
    item: Item,
    places: Sequence[Sequence[Span]],
    cited: Sequence[Span],
    retrieved: Sequence[Span],
    corpus: Corpus,
    names: Mapping[str, str],
) -> tuple[Proof, ...]:
    return tuple(
        Proof(
            document=names.get(quote.doc, quote.doc),
            text=quote.text,
            stands=bool(found),
            rank=next(
                (k for k, held in enumerate(recall_curve([found], retrieved, corpus, DEPTH), 1) if held), 0
            ),
            cited=_meets(cited, [found], corpus),
        )
        for quote, found in zip(item.evidence, places, strict=True)
    )


def _cited(citations: Sequence[Any], places: Sequence[Sequence[Span]], corpus: Corpus) -> tuple[Cited, ...]:
    found = []
    for number, told in enumerate(citations, start=1):
        span, record = _span(told), told if isinstance(told, Mapping) else {}
        found.append(
            Cited(
                number=number,
                label=_text(record, "label"),
                place=f"{span.doc} {span.start}–{span.end}" if span else "没有写明位置",
                genuine=valid(record, corpus),
                good=span is not None and _meets([span], places, corpus),
            )
        )
    return tuple(found)


def _meets(cited: Sequence[Span], places: Sequence[Sequence[Span]], corpus: Corpus) -> bool:
    known = [span for span in cited if span.doc in corpus.texts]
    return any(overlaps(span, place, corpus) for span in known for found in places for place in found)


def _list(line: Mapping[str, Any], key: str) -> list[Any]:
    value = line.get(key)
    return value if isinstance(value, list) else []


def _text(record: Mapping[str, Any], key: str) -> str:
    value = record.get(key)
    return "" if value is None else str(value)


def _span(record: Any) -> Span | None:
    """The span that a citation or a passage names; None when it names none."""
    told = record if isinstance(record, Mapping) else {}
    doc, start, end = (told.get(key) for key in ("doc", "start", "end"))
    if not isinstance(doc, str) or not isinstance(start, int) or not isinstance(end, int):
        return None
    return Span(doc, start, end) if 0 <= start <= end else None
