"""Whether the documents say it: a decision of its own, over what the best passages cover of the question."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.answer.compose.desk import Desk
from assistant.answer.drafts import Draft
from assistant.answer.ranking import kind_present, units_asked
from assistant.language.regions import short_name, within
from assistant.language.segment import plain
from assistant.search.scope import EARLIER, SILENT
from assistant.types import AnswerKind


@dataclass(frozen=True, slots=True)
class Verdict:
    """`answers` says whether the draft may go out; `reason` says in Chinese what is missing when it may not.

    `confidence`, 0 … 1, is the probability that the documents say it; a rule that settles the matter gives 0 or 1.
    """

    answers: bool
    reason: str = ""
    confidence: float = 0.0


# A logistic model over the features below, fitted on the development and practice questions by `bench/tune_refusal.py`.
FEATURES = (
    "own",
    "whole",
    "similar",
    "gap",
    "known",
    "unknown",
    "known_quantity",
    "quantity",
    "year",
    "bias",
)
WEIGHTS = (1.62, 0.87, 0.36, 0.33, -0.94, -0.11, -1.14, -0.86, 0.21, 1.01)
# A passage that says less of the question must at least stand under the right heading or be very like it.
LEAST_SAID, HALF, ALIKE = 0.15, 0.5, 0.75
THRESHOLD = 0.78
NOTHING, NOT_SAID = "资料中没有找到相关内容", "资料中没有说明这一点"
_MEASURE = re.compile(r"([\u4e00-\u9fff]{2,8})(?:率|指数|系数)")


def judge(desk: Desk, draft: Draft | None, known_regions: Iterable[str], reason: str = "") -> Verdict:
    """Decide on a draft: scope first, whose violation no similarity can outweigh, then the weighed features."""
    wanted = desk.query.scope.regions
    missing = unknown_regions(wanted, known_regions)
    if missing and (len(missing) == len(wanted) or desk.query.kind is AnswerKind.COMPARISON):
        return Verdict(False, f"资料中没有{'、'.join(missing)}的内容")
    if draft is None or not desk.candidates:
        return Verdict(False, reason or NOTHING)
    if draft.lacks or draft.sure:
        return Verdict(not draft.lacks, draft.lacks, float(not draft.lacks))
    found = out_of_scope(desk) or wrong_matter(desk, draft)
    if found:
        return Verdict(False, found)
    values = features(desk, draft)
    if values[0] < LEAST_SAID and values[1] < HALF and values[2] < ALIKE:
        return Verdict(False, NOTHING)
    likely = probability(values)
    return Verdict(likely >= THRESHOLD, NOT_SAID, likely)


def out_of_scope(desk: Desk) -> str:
    """What is missing when even the best passage is about another place, person or year; else empty."""
    best, scope, kind = desk.best(), desk.query.scope, desk.query.kind
    if best is None or best.features["region"] < 0:
        return f"资料中没有{'、'.join(scope.regions)}这方面的内容" if scope.regions else NOTHING
    if best.features["person"] < 0 and kind is not AnswerKind.YES_NO:
        return f"资料中没有{'、'.join(scope.people)}这方面的内容"
    silent = SILENT if kind is AnswerKind.NUMBER else EARLIER
    if best.features["year"] < silent and kind not in (AnswerKind.YES_NO, AnswerKind.COMPARISON):
        return f"资料中没有{'、'.join(f'{year}年' for year in scope.years[:3])}这方面的内容"
    return ""


def wrong_matter(desk: Desk, draft: Draft) -> str:
    """What is missing when a number or a date is asked for and the draft gives another one, or none; else empty."""
    kind, text = desk.query.kind, "".join(part.text for part in draft.parts)
    asked = units_asked(desk.question) if kind is AnswerKind.NUMBER else ()
    if asked and kind_present(kind, text, asked) < 1.0:
        return "资料中没有给出这个数字"
    if re.search(r"电话|手机号|联系方式", desk.question) and not re.search(r"\d{5,}", text):
        return "资料中没有给出电话"
    if kind is AnswerKind.DATE and not kind_present(kind, text):
        return "资料中没有给出时间"
    return "资料中没有这项指标" if measure_unsaid(desk, draft) else ""


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
    assert best is not None
    text = "".join(part.text for part in draft.parts)
    rivals = [c.score for c in desk.candidates[5:10]]
    gap = best.score - (sum(rivals) / len(rivals) if rivals else 0.0)
    known, unknown = unsaid(desk, draft)
    quantity = float(desk.query.kind in (AnswerKind.NUMBER, AnswerKind.DATE))
    return (
        max(best.own, desk.matcher.coverage(text)),
        max(best.whole, draft.coverage),
        best.similar,
        min(1.0, max(0.0, gap)),
        known,
        unknown,
        quantity * known,
        quantity,
        best.features["year"],
        1.0,
    )


def unsaid(desk: Desk, draft: Draft) -> tuple[float, float]:
    """The weighted shares of the question, 0 … 1, that neither the draft's passages nor their places say.

    The first counts the terms that the library uses elsewhere, whose absence here tells; the second those that it
    never uses: everyday words, whose absence tells less.
    """
    lost = desk.matcher.missing("".join(_passages(desk, draft)))
    known = sum(w.weight for w in lost if w.known)
    return known / desk.matcher.total, sum(w.weight for w in lost if not w.known) / desk.matcher.total


def _passages(desk: Desk, draft: Draft) -> list[str]:
    """All that the draft rests on, with the words of its places."""
    units = [u for part in draft.parts for span in part.spans for u in desk.passages.units(span)]
    best = desk.best()
    units += [best.unit] if best is not None else []
    return [unit.text + unit.where for unit in units] + [part.text for part in draft.parts]


def measure_unsaid(desk: Desk, draft: Draft) -> bool:
    """Whether the question asks for a rate by name (某某率) of which the draft's passages do not hold a single pair."""
    found = _MEASURE.search(desk.question)
    if desk.query.kind is not AnswerKind.NUMBER or not found:
        return False
    said = plain("".join(_passages(desk, draft)))
    measured = plain(found[1])
    words = [w for w in desk.matcher.wanted if measured.endswith(w.text) or measured[-2:] in w.text]
    named = {form for w in words for form in (w.text, *w.synonyms)} | {measured[-2:]}
    return not any(
        pair in said for form in named for pair in (form, *(form[i : i + 2] for i in range(len(form) - 1)))
    )


def probability(values: Sequence[float]) -> float:
    """The logistic function of the weighted features."""
    return 1.0 / (1.0 + math.exp(-sum(w * v for w, v in zip(WEIGHTS, values, strict=True))))
