"""The scoring rule: one answer line against one question's key. Pure functions; nothing here knows a system.

Characters are counted without white space wherever lengths are compared.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from assistant.language.numbers import chinese_value, numbers_in
from assistant.types import Span, Status
from eval.documents import Corpus, normalise
from eval.types import DEPTHS, Item, Score

LEAST_ROOM = 200  # characters that any answer may have
ROOM = 3  # times the reference's length that it may have
HELD = 0.8  # share of a quote's characters that must lie in the passages
RANKED = 10  # depth of nDCG

_MARK = re.compile(r"\[\d+\]")
_ENUMERATION = re.compile(r"(?m)^\s*[（(]?\d{1,2}(?:[、）)]|[.．](?!\d))|[①-⓿❶-➓]")
_DIGITS = re.compile(r"(?<![\d.])\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?")
_CHINESE = re.compile(r"[〇零一二两三四五六七八九十百千万亿]+")
_WRAP = re.compile(r"[^\S\n]*\n\s*")

NO_LINE, FAILED, NOT_REFUSED, REFUSED = "没有答案", "出错", "应拒答而作答", "应作答而拒答"
FORBIDDEN, TOO_LONG, NO_FACT, SOME_FACTS = "含错误内容", "过长", "要点全缺", "要点不全"
_NOWHERE = Span("", 0, 0)  # holds the rank of a passage that names no place
REASONS = (NO_LINE, FAILED, NOT_REFUSED, REFUSED, FORBIDDEN, TOO_LONG, NO_FACT, SOME_FACTS)

Line = Mapping[str, Any]


def without_marks(answer: str) -> str:
    """An answer without its citation marks."""
    return _MARK.sub("", answer)


def plain_answer(answer: str) -> str:
    """An answer as it is compared: citation marks taken out, then normalised."""
    return normalise(without_marks(answer))


def facts_found(answer: str, key_facts: Sequence[Sequence[str]]) -> list[bool]:
    """For each fact whether one of its wordings stands in the answer."""
    plain = plain_answer(answer)
    return [any(normalise(wording) in plain for wording in fact) for fact in key_facts]


def forbidden_found(answer: str, forbidden: Iterable[str]) -> list[str]:
    """The forbidden strings that stand in the answer."""
    plain = plain_answer(answer)
    return [one for one in forbidden if normalise(one) and normalise(one) in plain]


def room(reference: str) -> int:
    """How many characters an answer may have."""
    return max(LEAST_ROOM, ROOM * len(normalise(reference)))


def why_wrong(line: Line | None, item: Item) -> str:
    """One of REASONS, or empty for a correct answer."""
    if line is None:
        return NO_LINE
    status, answer = line.get("status"), str(line.get("answer") or "")
    refused = status in (Status.NOT_FOUND, Status.DECLINED)
    if not refused and status != Status.ANSWERED:
        return FAILED
    if not item.answerable:
        return "" if refused else NOT_REFUSED
    if refused:
        return REFUSED
    if forbidden_found(answer, item.forbidden):
        return FORBIDDEN
    found = facts_found(answer, item.key_facts)
    if not all(found):
        return SOME_FACTS if any(found) else NO_FACT
    return TOO_LONG if len(plain_answer(answer)) > room(item.reference) else ""


def held(places: Sequence[Span], passages: Sequence[Span], corpus: Corpus) -> bool:
    """Whether the passages together hold at least 80 % of a quote, in one of the places where it stands."""
    return any(_inside(place, passages, corpus) >= HELD * _ink(place, corpus) for place in places)


def overlaps(a: Span, b: Span, corpus: Corpus) -> bool:
    """Whether two spans share at least half of the shorter of the two."""
    if a.doc != b.doc:
        return False
    shared = corpus.texts[a.doc].ink(max(a.start, b.start), min(a.end, b.end))
    return shared > 0 and 2 * shared >= min(_ink(a, corpus), _ink(b, corpus))


def recall_curve(
    evidence: Sequence[Sequence[Span]], passages: Sequence[Span], corpus: Corpus, depth: int
) -> list[int]:
    """How many quotes the first 1, 2 … `depth` passages hold; shorter when there are fewer passages."""
    return [
        sum(held(places, passages[:k], corpus) for places in evidence)
        for k in range(1, min(depth, len(passages)) + 1)
    ]


def reciprocal_rank(curve: Sequence[int]) -> float:
    """1 over the rank at which the first quote is held; 0 when none is."""
    return next((1 / rank for rank, found in enumerate(curve, start=1) if found), 0.0)


def ndcg(curve: Sequence[int], quotes: int, depth: int = RANKED) -> float:
    """Normalised discounted cumulated gain (Järvelin and Kekäläinen, 2002), 0 … 1.

    The gain at a rank is the number of quotes that are held there for the first time, so that a passage found again
    gains nothing. The ideal list has the same gains in falling order and the quotes never held, one at a rank.
    """
    curve = list(curve[:depth])
    gains = [now - before for before, now in zip([0, *curve], curve, strict=False)]
    missed = quotes - (curve[-1] if curve else 0)
    ideal = sorted([gain for gain in gains if gain] + [1] * missed, reverse=True)[:depth]
    best = _discounted(ideal)
    return _discounted(gains) / best if best else 0.0


def faithful(answer: str, cited: Sequence[str]) -> bool | None:
    """Whether every number of an answer stands in the cited originals; None for an answer without numbers.

    A number written in digits must stand there as a whole number, in digits or as a Chinese numeral of equal value; a
    line break may part it, a blank or a tab parts two. Numbers that only count the lines of the answer are not meant.
    """
    said = _digits(_ENUMERATION.sub("", without_marks(answer)))
    if not said:
        return None
    joined = [_WRAP.sub("", text) for text in cited]
    there = {number for text in (*cited, *joined) for number in _digits(text)}
    if said <= there:
        return True
    there_values = {value for text in joined for value in _values(text)}
    meant = numbers_in(answer)
    return all(
        Decimal(number) in there_values
        or any(number in _digits(one.surface) and one.value in there_values for one in meant)
        for number in said - there
    )


def score(line: Line | None, item: Item, evidence: Sequence[Sequence[Span]], corpus: Corpus) -> Score:
    """All scores of one answer. `evidence` gives for each quote of the item its places (`Corpus.evidence`).

    A missing line (None) and an error count as wrong everywhere.
    """
    status = Status.ERROR.value if line is None else str(line.get("status"))
    told: Line = {} if line is None or status == Status.ERROR else line
    answer = str(told.get("answer") or "")
    passages = [_span(passage) or _NOWHERE for passage in told.get("retrieved") or ()]
    citations = list(told.get("citations") or ())
    places = [span for span in map(_span, citations) if span and span.doc in corpus.texts]
    curve = recall_curve(evidence, passages, corpus, max(RANKED, *DEPTHS))
    reason = why_wrong(line, item)
    good = [any(overlaps(cited, place, corpus) for where in evidence for place in where) for cited in places]
    reached = [
        any(overlaps(cited, place, corpus) for cited in places for place in where) for where in evidence
    ]
    answered = status == Status.ANSWERED
    return Score(
        correct=not reason,
        reason=reason,
        status=status,
        facts=_share(facts_found(answer, item.key_facts)) if item.answerable and item.key_facts else None,
        evidence=len(evidence),
        recalled={k: curve[min(k, len(curve)) - 1] if curve else 0 for k in DEPTHS},
        reciprocal_rank=reciprocal_rank(curve) if evidence else None,
        ndcg=ndcg(curve, len(evidence)) if evidence else None,
        citations=len(citations),
        citations_good=sum(good),
        citations_valid=sum(valid(citation, corpus) for citation in citations),
        evidence_cited=sum(reached),
        faithful=faithful(answer, [_original(place, corpus) for place in places]) if answered else None,
        length=len(plain_answer(answer)),
        seconds=_number(line.get("seconds")) if line is not None else None,
        confidence=_number(told.get("confidence")),
    )


def valid(citation: Mapping[str, Any], corpus: Corpus) -> bool:
    """Whether a citation's quote is, character by character, the original at its place."""
    span = _span(citation)
    return bool(
        span
        and span.doc in corpus.texts
        and span.start < span.end <= len(corpus.texts[span.doc].original)
        and citation.get("quote") == _original(span, corpus)
    )


def _original(span: Span, corpus: Corpus) -> str:
    return corpus.texts[span.doc].original[span.start : span.end]


def _inside(place: Span, passages: Sequence[Span], corpus: Corpus) -> int:
    """Characters of a place that lie in at least one of the passages."""
    text, inside, reached = corpus.texts[place.doc], 0, place.start
    for start, end in sorted((p.start, p.end) for p in passages if p.doc == place.doc):
        start, end = max(start, reached), min(end, place.end)
        if end > start:
            inside += text.ink(start, end)
            reached = end
    return inside


def _ink(span: Span, corpus: Corpus) -> int:
    return corpus.texts[span.doc].ink(span.start, span.end)


def _span(record: Any) -> Span | None:
    """The span that a citation or a passage names; None when it names none."""
    try:
        doc, start, end = record["doc"], record["start"], record["end"]
    except (KeyError, TypeError):
        return None
    whole = all(isinstance(number, int) and not isinstance(number, bool) for number in (start, end))
    return Span(doc, start, end) if isinstance(doc, str) and whole and 0 <= start <= end else None


def _digits(text: str) -> set[str]:
    found = _DIGITS.findall(unicodedata.normalize("NFKC", text))
    return {number.replace(",", "") for number in found}


def _values(text: str) -> set[Decimal]:
    """The values of all numbers in a text, Chinese ordinals among them."""
    counted = (chinese_value(numeral) for numeral in _CHINESE.findall(text))
    return {number.value for number in numbers_in(text)} | {value for value in counted if value is not None}


def _discounted(gains: Iterable[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def _share(found: Sequence[bool]) -> float:
    return sum(found) / len(found)


def _number(value: Any) -> float | None:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if usable else None
