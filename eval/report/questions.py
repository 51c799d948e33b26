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
    return passage(str(line.get("answer", "")) if line else "")


def status_of(result: Result) -> str:
    """A result's status for people."""
    return status_name(result.score.status) if result.line is not None else "没有答案"


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", lambda char: f"~{ord(char.group()):x}", name)


def _shown(result: Result, one: Scored, names: Mapping[str, str]) -> Shown:
    item, line, document = result.item, result.line or {}, document_of(result)
    counted = "" if line.get("status") == Status.ERROR else str(line.get("answer", ""))
    citations = [told for told in _list(line, "citations") if isinstance(told, Mapping)]
    cited, retrieved = _spans(citations), _spans(_list(line, "retrieved"))
    places = one.corpus.evidence(item.evidence)
    where = [place for found in places if (place := chosen(found, cited, one.corpus))]
    wrong = set(forbidden_found(counted, item.forbidden))
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
        error=str(line.get("error", "")),
        facts=tuple(zip(item.key_facts, facts_found(counted, item.key_facts), strict=True)),
        forbidden=tuple((text, text in wrong) for text in item.forbidden),
        length=result.score.length,
        room=room(item.reference),
        proofs=_proofs(item, places, cited, retrieved, one.corpus, names),
        citations=_cited(citations[:MOST_CITATIONS], places, one.corpus),
        more_citations=max(0, len(citations) - MOST_CITATIONS),
        excerpts=tuple(excerpts(where, cited[:MOST_CITATIONS], one.corpus)),
        retrieved=len(retrieved),
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
    known = [span for span in retrieved if span.doc in corpus.texts]
    return tuple(
        Proof(
            document=names.get(quote.doc, quote.doc),
            text=quote.text,
            stands=bool(found),
            rank=next(
                (k for k, held in enumerate(recall_curve([found], known, corpus, DEPTH), 1) if held), 0
            ),
            cited=_meets(cited, [found], corpus),
        )
        for quote, found in zip(item.evidence, places, strict=True)
    )


def _cited(
    citations: Sequence[Mapping[str, Any]], places: Sequence[Sequence[Span]], corpus: Corpus
) -> tuple[Cited, ...]:
    return tuple(
        Cited(
            number=number,
            label=str(told.get("label", "")),
            place=f"{told.get('doc')} {told.get('start')}–{told.get('end')}",
            genuine=valid(told, corpus),
            good=_meets(_spans([told]), places, corpus),
        )
        for number, told in enumerate(citations, start=1)
    )


def _meets(cited: Sequence[Span], places: Sequence[Sequence[Span]], corpus: Corpus) -> bool:
    known = [span for span in cited if span.doc in corpus.texts]
    return any(overlaps(span, place, corpus) for span in known for found in places for place in found)


def _list(line: Mapping[str, Any], key: str) -> list[Any]:
    value = line.get(key)
    return value if isinstance(value, list) else []


def _spans(records: Sequence[Any]) -> list[Span]:
    """The spans that records name; what names none is left out."""
    found = []
    for record in records:
        try:
            found.append(Span(str(record["doc"]), int(record["start"]), int(record["end"])))
        except (KeyError, TypeError, ValueError):
            continue
    return found
