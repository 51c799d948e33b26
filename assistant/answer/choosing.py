"""Which of several drafts answers, and how surely: what each covers, what the reader believes of it, who drafted it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answer.compose import Alternative, Desk
from assistant.answer.drafts import Draft
from assistant.answer.ranking import Candidate, kind_present, units_asked, words_present
from assistant.answer.refusal import measure_unsaid, out_of_scope, unsaid, wrong_matter
from assistant.models.learned import Linear, learned
from assistant.search.scope import DISAGREES
from assistant.types import AnswerKind, BlockKind, Span

_LONG = 200.0  # characters
_HOPELESS = (
    0.05  # probability that the likeliest passage answers, below which hardly any question has an answer
)
_MISSED = (
    0.4  # of the reader's belief elsewhere: with more, what structure found is weighed like any other draft
)
_TABLES = (BlockKind.ROW, BlockKind.TABLE)


@dataclass(frozen=True, slots=True)
class Choice:
    """A draft with the probability that it answers, and whether that is enough."""

    alternative: Alternative
    probability: float
    accepted: bool


def choose(desk: Desk, alternatives: Sequence[Alternative], unexplained: bool) -> list[Choice]:
    """The alternatives with their probabilities, the likeliest first."""
    model = model_for(desk)
    lacking = bool(alternatives) and bool(alternatives[0].draft.lacks)
    found = []
    for one in alternatives:
        first = one is alternatives[0]
        told = features(desk, one, first=first, unexplained=unexplained)
        if impossible(desk, one, lacking=lacking):
            likely = 0.0
        elif first and one.draft.sure and told.get("missed", 0.0) < _MISSED:
            likely = 1.0
        elif told.get("top_answerable", 1.0) < _HOPELESS:
            likely = 0.0
        else:
            likely = model.probability(told)
        found.append(Choice(one, likely, likely >= model.threshold))
    return sorted(found, key=lambda choice: -choice.probability)


def impossible(desk: Desk, alternative: Alternative, *, lacking: bool) -> bool:
    """Whether a draft cannot answer, however alike it is: it speaks of another place, or gives another year's number,
    or no number with the unit asked for; or a table was found to lack the value (`lacking`), and it tells that table.
    """
    draft, kind = alternative.draft, desk.query.kind
    rested = _rested(desk, draft)
    table = any(c.unit.block.kind in _TABLES for c in rested)
    if draft.lacks or (lacking and table):
        return True
    if kind is AnswerKind.COMPARISON or not rested:
        return False
    # Whether somebody is what the question supposes may be settled by the place that the person belongs to.
    supposed = kind is AnswerKind.YES_NO and bool(desk.query.scope.people)
    if not supposed and all(c.features["region"] < 0 for c in rested):
        return True
    if kind is not AnswerKind.NUMBER:
        return False
    units, text = units_asked(desk.question), "".join(part.text for part in draft.parts)
    unitless = bool(units) and not table and kind_present(kind, text, units) < 1.0
    return unitless or all(c.features["year"] <= DISAGREES for c in rested)


def model_for(desk: Desk) -> Linear:
    """The weights for a desk with or without a reader."""
    return learned("drafts", read=any(c.read is not None for c in desk.candidates))


def features(desk: Desk, alternative: Alternative, *, first: bool, unexplained: bool) -> dict[str, float]:
    """What speaks for and against a draft; each about 0 … 1."""
    draft, kind, question = alternative.draft, desk.query.kind, desk.question
    text = "".join(part.text for part in draft.parts)
    units = units_asked(question)
    rested = _rested(desk, draft)
    best = max((c.score for c in desk.body()), default=0.0)
    known, unknown = unsaid(desk, draft)
    quantity = kind in (AnswerKind.NUMBER, AnswerKind.DATE)
    own = desk.matcher.coverage(text)
    told = {
        f"by_{alternative.by}": 1.0,
        f"kind_{kind.value}": 1.0,
        "first": float(first),
        "sure": float(draft.sure),
        "lacks": float(bool(draft.lacks)),
        "unexplained": float(unexplained),
        "own": own,
        "whole": max([draft.coverage, *(c.whole for c in rested)]),
        "known": known,
        "unknown": unknown,
        "quantity_known": known * quantity,
        "present": max(kind_present(kind, text, units), words_present(question, text)),
        "units": kind_present(kind, text, units) if units else 0.0,
        "no_units": 1.0 - kind_present(kind, text, units) if units else 0.0,
        "outside": float(bool(out_of_scope(desk))),
        "wrong": float(bool(wrong_matter(desk, draft))),
        "measure": float(measure_unsaid(desk, draft)),
        "row": float(any(c.unit.block.kind in _TABLES for c in rested)),
        "length": min(1.0, len(text) / _LONG),
        "parts": min(1.0, len(draft.parts) / 5.0),
        "behind": min(1.0, max(0.0, best - max((c.score for c in rested), default=0.0))),
        "gap": _gap(desk),
    }
    for name in ("region", "year", "person", "organisation", "document"):
        told[name] = max((c.features[name] for c in rested), default=0.0)
    told["similar"] = max((c.similar for c in rested), default=0.0)
    return told | _as_read(desk, draft, rested)


def _as_read(desk: Desk, draft: Draft, rested: Sequence[Candidate]) -> dict[str, float]:
    """What the reader believes of the draft, and of the passages as a whole."""
    read = {id(c.read): c.read for c in desk.candidates if c.read is not None}
    if not read:
        return {}
    answerable = [r.reading.answerable for r in read.values()]
    top = max(answerable)
    own = max((c.read.reading.answerable for c in rested if c.read is not None), default=0.0)
    held = max((c.features["answers"] for c in rested), default=0.0)
    best = max((c.features["answers"] for c in desk.candidates), default=0.0)
    quoted = max((_quoted(c, draft) for c in rested), default=0.0)
    return {
        "answerable": own,
        "top_answerable": top,
        "second_answerable": sorted(answerable)[-2] if len(answerable) > 1 else 0.0,
        "held": held,
        "best_held": best,
        "missed": best - held,
        "quoted": quoted,
        "relevance": max(
            (_squash(c.read.reading.relevance) for c in rested if c.read is not None), default=0.0
        ),
        "top_relevance": max(_squash(r.reading.relevance) for r in read.values()),
    }


def _quoted(candidate: Candidate, draft: Draft) -> float:
    """How much the reader believes in what the draft quotes of a sentence, where sentence and original run alike."""
    if candidate.read is None:
        return 0.0
    unit = candidate.unit
    if unit.block.kind in _TABLES:
        return candidate.features["answers"]
    total = 0.0
    for part in draft.parts:
        at = unit.text.find(part.text)
        if at >= 0:
            total += candidate.read.share(unit, at, at + len(part.text))
    return min(1.0, total) * candidate.read.reading.answerable


def _rested(desk: Desk, draft: Draft) -> list[Candidate]:
    """The candidates that a draft rests on."""
    spans: list[Span] = [span for part in draft.parts for span in part.spans]
    return [c for c in desk.candidates if any(c.unit.span().overlap(span) for span in spans)]


def _gap(desk: Desk) -> float:
    """How far the best sentence is ahead of those from the sixth place on."""
    body = desk.body()
    rivals = [c.score for c in body[5:10]]
    return min(1.0, max(0.0, body[0].score - sum(rivals) / len(rivals))) if rivals else 0.0


def _squash(relevance: float) -> float:
    return max(0.0, min(1.0, 0.5 + relevance / 12.0))
