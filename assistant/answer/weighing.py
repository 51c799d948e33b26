"""What speaks for a draft and against it: what it covers, what the reader believes of it, who drafted it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from assistant.answer.compose import Alternative, Desk
from assistant.answer.demands import HEADED, common_path, demands
from assistant.answer.drafts import Draft
from assistant.answer.fitting import misfit
from assistant.answer.ranking import Candidate, kind_present, units_asked, words_present
from assistant.answer.refusal import measure_unsaid, out_of_scope, unsaid, wrong_matter
from assistant.language.regions import short_name
from assistant.models.learned import Linear
from assistant.search.kinds import asks
from assistant.search.scope import DISAGREES
from assistant.types import AnswerKind, BlockKind, Span

_LONG = 200.0  # characters
_NAMED = re.compile(r"《[^》]*》|“[^”]*”")
_TWO_SIDES = re.compile(
    r"分别|各自?(?![级类地项位种县市省区部])|[和与跟同].*(?:差|比|不同|不一样|区别|一样)|原来.*(?:现在|如今)|实际|够不?够"
)
_PAST = re.compile(
    r"[旧老原]|以前|之前|过去|当时|当年|早先|从前|废|历史|曾|那[时年会版]|(?:19|20)\d\d年?[的版那]"
)
# What the reader says of a draft by itself, each 0 … 1.
_ALONE = ("alone_answerable", "alone_relevance", "alone_missed", "alone_behind")
_HEAD, _OPENING = 12, 10  # characters by which a part is known; within which a name opens the sentence
_TABLES = (BlockKind.ROW, BlockKind.TABLE)


def weighed(
    desk: Desk, alternatives: Sequence[Alternative], unexplained: bool, model: Linear | None = None
) -> Iterator[tuple[Alternative, dict[str, float] | None]]:
    """Each alternative with what speaks for and against it, each about 0 … 1; None where it cannot answer.

    With the `model` that will weigh them, drafts that the reader's judgement cannot bring to the front are not read.
    """
    lacking = bool(alternatives) and bool(alternatives[0].draft.lacks)
    common = _of_question(desk) | {"unexplained": float(unexplained)} if alternatives else {}
    found: list[tuple[Alternative, list[Candidate]]] = []
    for one in alternatives:
        rested = rests_on(desk, one.draft)
        if _impossible(desk, one.draft, rested, lacking=lacking):
            yield one, None
        else:
            found.append((one, rested))
    told = []
    for one, rested in found:
        own = _features(desk, one, rested) | demands(desk, one, rested) | _as_read(desk, one.draft, rested)
        told.append(common | {"first": float(one is alternatives[0])} | own)
    hopeful = _hopeful(told, model) if model is not None else [True] * len(told)
    judged = iter(_judged(desk, [pair for pair, hope in zip(found, hopeful, strict=True) if hope]))
    for (one, _), features, hope in zip(found, told, hopeful, strict=True):
        yield one, features | (next(judged) if hope else {})


def _hopeful(told: Sequence[Mapping[str, float]], model: Linear) -> list[bool]:
    """Which drafts may still come first when the reader has judged each by itself: all that it can add lies in `reach`."""
    scores = [model.score(features) for features in told]
    reach = sum(abs(weight) for name, weight in model.weights.items() if name in _ALONE)
    return [score >= max(scores) - reach for score in scores]


def _judged(desk: Desk, found: Sequence[tuple[Alternative, Sequence[Candidate]]]) -> list[dict[str, float]]:
    """What the reader believes of each draft when it reads nothing else, and how far another one is ahead of it."""
    if desk.judged is None or not found:
        return [{} for _ in found]
    texts = [(rested[0].unit.where if rested else "", one.draft.text) for one, rested in found]
    told = [(r.answerable, _squash(r.relevance)) for r in desk.judged(texts)]
    answerable, relevance = (max(values) for values in zip(*told, strict=True))
    return [dict(zip(_ALONE, (a, r, answerable - a, relevance - r), strict=True)) for a, r in told]


def _impossible(desk: Desk, draft: Draft, rested: Sequence[Candidate], *, lacking: bool) -> bool:
    """Whether a draft cannot answer, however alike it is: it speaks of another place, or gives another year's number,
    or no number with the unit asked for; or a table was found to lack the value (`lacking`), and it tells that table.
    """
    kind = desk.query.kind
    table = any(c.unit.block.kind in _TABLES for c in rested)
    if draft.lacks or (lacking and table):
        return True
    if kind is AnswerKind.COMPARISON or not rested:
        return False
    # Whether somebody is what the question supposes may be settled by the place that the person belongs to.
    supposed = kind is AnswerKind.YES_NO and bool(desk.query.scope.people)
    if not supposed and all(c.features["region"] < 0 for c in rested):
        return True
    said = "".join(c.unit.text + c.unit.where + c.unit.document.number for c in rested)
    people = {*desk.people, *desk.query.scope.people}
    if misfit(desk.question, "\n".join(part.text for part in draft.parts), said, people):
        return True
    if kind is not AnswerKind.NUMBER:
        return False
    # The number in the name of a plan or a campaign is no answer.
    units, text = units_asked(desk.question), _NAMED.sub("", draft.text)
    present = kind_present(kind, text, units)
    unitless = bool(units) and not table and present < 1.0
    return unitless or not present or all(c.features["year"] <= DISAGREES for c in rested)


def _of_question(desk: Desk) -> dict[str, float]:
    """What is the same for every draft."""
    return {
        f"kind_{desk.query.kind.value}": 1.0,
        "outside": float(bool(out_of_scope(desk))),
        "asked": _beyond_one(asks(desk.question)),
    }


def _features(desk: Desk, one: Alternative, rested: Sequence[Candidate]) -> dict[str, float]:
    draft, kind, question, text = one.draft, desk.query.kind, desk.question, one.draft.text
    units = units_asked(question) if kind is AnswerKind.NUMBER else ()
    best = max((c.score for c in desk.body()), default=0.0)
    known, unknown = unsaid(desk, draft)
    present = kind_present(kind, text, units)
    joint = len({id(c.unit) for c in rested}) > 1
    told = {
        f"by_{one.by}": 1.0,
        f"by_{one.by}_{kind.value}": 1.0,
        "sure": float(draft.sure),
        "lacks": float(bool(draft.lacks)),
        "own": desk.matcher.coverage(text),
        "headed": _headed(desk, rested) * (one.by in HEADED),
        "whole": max([draft.coverage, *(c.whole for c in rested)]),
        "known": known,
        "unknown": unknown,
        "quantity_known": known * (kind in (AnswerKind.NUMBER, AnswerKind.DATE)),
        "present": max(present, words_present(question, text)),
        "units": present if units else 0.0,
        "no_units": 1.0 - present if units else 0.0,
        "repealed": float(bool(rested) and not _PAST.search(question) and all(map(_is_repealed, rested))),
        "apart": float(any(_apart(desk, draft, c) for c in rested)),
        "wrong": float(bool(wrong_matter(desk, draft))),
        "measure": float(measure_unsaid(desk, draft)),
        "row": float(any(c.unit.block.kind in _TABLES for c in rested)),
        "length": min(1.0, len(text) / _LONG),
        "parts": min(1.0, len(draft.parts) / 5.0),
        "behind": min(1.0, max(0.0, best - max((c.score for c in rested), default=0.0))),
        "joint": float(joint),
        "joint_asked": joint * _beyond_one(asks(question)),
        "joint_sides": joint * _sides(question),
        "single_asked": (not joint) * _beyond_one(asks(question)),
        "single_sides": (not joint) * _sides(question),
        "years_left": _left(desk.query.scope.years, text + "".join(c.unit.text for c in rested)),
        "places_left": _left(
            [short_name(r) for r in desk.query.scope.regions],
            text + "".join(c.unit.text + c.unit.where + c.unit.document.region for c in rested),
        ),
        "similar": max((c.similar for c in rested), default=0.0),
    }
    for name in ("region", "year", "person", "organisation", "document"):
        told[name] = max((c.features[name] for c in rested), default=0.0)
    return told


def _apart(desk: Desk, draft: Draft, candidate: Candidate) -> bool:
    """Whether a sentence names the place or the year asked for in another of its parts than the one that is quoted.

    其中望津区1.43亿立方米；再生水利用率25.1%: the second part is not about 望津区. What opens the sentence holds for all of it.
    """
    unit, scope = candidate.unit, desk.query.scope
    if unit.block.kind in _TABLES:
        return False
    names = [short_name(region) for region in scope.regions] + [f"{year}年" for year in scope.years]
    known = unit.where + unit.document.title + draft.text
    names = [name for name in names if name not in known and unit.text.find(name) > _OPENING]
    if not names:
        return False
    parts = [part for part in unit.text.split("；") if part]
    quoted = {
        n
        for n, said in enumerate(parts)
        if any(said[:_HEAD] in p.text or p.text[:_HEAD] in said for p in draft.parts)
    }
    return bool(quoted) and any(
        not any(name in said for n, said in enumerate(parts) if n in quoted) for name in names
    )


def _is_repealed(candidate: Candidate) -> bool:
    return candidate.unit.document.status == "已废止"


def _headed(desk: Desk, rested: Sequence[Candidate]) -> float:
    """How much of the question the heading says under which all that a draft rests on stands; 0 without a common one."""
    path = common_path(rested)
    return desk.matcher.coverage(path[-1]) if path else 0.0


def _beyond_one(count: int) -> float:
    return min(1.0, max(0, count - 1) / 2.0)


def _sides(question: str) -> float:
    return float(bool(_TWO_SIDES.search(question)))


def _left(asked: Sequence[object], text: str) -> float:
    """The share of several years or places asked for that a text does not name; 0 where at most one is."""
    return sum(str(one) not in text for one in asked) / len(asked) if len(asked) > 1 else 0.0


def _as_read(desk: Desk, draft: Draft, rested: Sequence[Candidate]) -> dict[str, float]:
    """What the reader believes of the draft, and of the passages as a whole."""
    read = {id(c.read): c.read for c in desk.candidates if c.read is not None}
    if not read:
        return {}
    answerable = [r.reading.answerable for r in read.values()]
    top = max(answerable)
    own = max((c.read.reading.answerable for c in rested if c.read is not None), default=0.0)
    believed = sorted((c.features["answers"] for c in rested), reverse=True) or [0.0]
    held = believed[0]
    best = max((c.features["answers"] for c in desk.candidates), default=0.0)
    quoted = max((_quoted(c, draft) for c in rested), default=0.0)
    return {
        "answerable": own,
        "top_answerable": top,
        "second_answerable": sorted(answerable)[-2] if len(answerable) > 1 else 0.0,
        "held": held,
        "held_all": min(1.0, sum(believed)),
        "held_next": believed[1] if len(believed) > 1 else 0.0,
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


def rests_on(desk: Desk, draft: Draft) -> list[Candidate]:
    """The candidates that a draft rests on."""
    spans: list[Span] = [span for part in draft.parts for span in part.spans]
    return [c for c in desk.candidates if any(c.unit.span().overlap(span) for span in spans)]


def _squash(relevance: float) -> float:
    return max(0.0, min(1.0, 0.5 + relevance / 12.0))
