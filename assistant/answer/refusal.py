"""Whether the documents say it: a decision of its own, over what the best passages cover of the question."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.answer.compose.desk import Desk
from assistant.answer.drafts import Draft
from assistant.answer.ranking import kind_present
from assistant.language.regions import short_name, within
from assistant.types import AnswerKind


@dataclass(frozen=True, slots=True)
class Verdict:
    """`answers` says whether the draft may go out; `reason` says in Chinese what is missing when it may not."""

    answers: bool
    reason: str = ""
    confidence: float = 0.0


# A logistic model over the features below, fitted on the development questions by `bench/tune_refusal.py`.
FEATURES = ("own", "whole", "similar", "gap", "year", "kind", "heavy", "bias")
WEIGHTS = (3.0, 2.0, 1.5, 0.5, 0.8, 0.8, -2.0, -1.6)
THRESHOLD = 0.5

_UNEXPLAINED = "资料只提到这个说法，没有说明它的具体内容"
_QUOTED = re.compile(r"[“\"‘'「]([^”\"’'」]{2,20})[”\"’'」]|((?:[\dA-Za-z一二三四五六七八九十N]+[+＋])+[\dA-Za-z一二三四五六七八九十N]+)")


def judge(desk: Desk, draft: Draft | None, known_regions: Iterable[str]) -> Verdict:
    """Decide on a draft: scope first, whose violation no similarity can outweigh, then the weighed features."""
    missing = unknown_regions(desk.query.scope.regions, known_regions)
    if missing and len(missing) == len(desk.query.scope.regions):
        return Verdict(False, f"资料中没有{'、'.join(missing)}的内容")
    if draft is None or not desk.candidates:
        return Verdict(False, "资料中没有找到相关内容")
    best = desk.best()
    if best is None or best.fits["region"] < 0:
        places = "、".join(desk.query.scope.regions)
        return Verdict(False, f"资料中没有{places}这方面的内容" if places else "资料中没有找到相关内容")
    if best.fits["person"] < 0 and desk.query.kind is not AnswerKind.YES_NO:
        return Verdict(False, f"资料中没有{'、'.join(desk.query.scope.people)}这方面的内容")
    if best.fits["year"] < 0 and desk.query.kind in (AnswerKind.NUMBER, AnswerKind.FACT, AnswerKind.DATE):
        years = "、".join(f"{year}年" for year in desk.query.scope.years[:3])
        return Verdict(False, f"资料中没有{years}这方面的内容")
    confidence = probability(features(desk, draft))
    return Verdict(confidence >= THRESHOLD, "资料中没有说明这一点", confidence)


def unknown_regions(wanted: Sequence[str], known: Iterable[str]) -> list[str]:
    """The regions wanted that no document speaks of."""
    names = list(known)
    return [
        region
        for region in wanted
        if not any(within(name, region) or short_name(region) == short_name(name) for name in names)
    ]


def features(desk: Desk, draft: Draft) -> tuple[float, ...]:
    """The values of FEATURES for a draft, each between 0 and 1 but the bias."""
    best = desk.best()
    assert best is not None  # noqa: S101 - drafts are made of candidates
    text = "".join(part.text for part in draft.parts)
    rivals = [c.score for c in desk.candidates[5:10]]
    gap = best.score - (sum(rivals) / len(rivals) if rivals else 0.0)
    lost = desk.matcher.missing(best.unit.text, best.unit.where)
    heavy = max((w.weight for w in lost), default=0.0) / max((w.weight for w in desk.matcher.wanted), default=1.0)
    return (
        max(best.own, desk.matcher.coverage(text)),
        max(best.whole, draft.coverage),
        best.similar,
        min(1.0, max(0.0, gap)),
        best.fits["year"],
        kind_present(desk.query.kind, text),
        heavy,
        1.0,
    )


def probability(values: Sequence[float]) -> float:
    """The logistic function of the weighted features."""
    return 1.0 / (1.0 + math.exp(-sum(w * v for w, v in zip(WEIGHTS, values, strict=True))))


def unexplained(desk: Desk, text: str) -> bool:
    """Whether a slogan that the question wants explained is only named in the answer's text, not taken apart.

    A slogan of numbers (“1+3”) or in quotation marks is explained where its parts are listed beside it: in brackets,
    by an enumeration, or by 是 / 即 / 指.
    """
    found = _QUOTED.search(desk.question)
    if desk.query.kind is not AnswerKind.DEFINITION or not found:
        return False
    name = (found.group(1) or found.group(2)).strip()
    at = text.find(name)
    if at < 0:
        return False
    around = text[max(0, at - 80) : at + len(name) + 80].replace(name, "")
    return not re.search(r"、|[（(]|是指|即|：|＋|\+|；|包括", around)


