"""Whether the documents say it: a decision of its own, over what the best passages cover of the question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.answer.compose.desk import Desk
from assistant.answer.drafts import Draft
from assistant.answer.ranking import kind_present, units_asked
from assistant.language.regions import short_name, within
from assistant.language.segment import plain
from assistant.search.scope import EARLIER, SILENT
from assistant.types import AnswerKind

if TYPE_CHECKING:
    from assistant.answer.choosing import Choice


@dataclass(frozen=True, slots=True)
class Verdict:
    """`draft` is the one that may go out, or None; `reason` then says in Chinese what is missing.

    `confidence`, 0 … 1, is the probability that the draft answers; a rule that settles the matter gives 0.
    """

    draft: Draft | None
    reason: str = ""
    confidence: float = 0.0


NOTHING, NOT_SAID = "资料中没有找到相关内容", "资料中没有说明这一点"
_LEAST_SAID = 0.15  # of the question: with less nothing was found at all
_MEASURE = re.compile(r"([\u4e00-\u9fff]{2,8})(?:率|指数|系数)")


def judge(desk: Desk, choices: Sequence[Choice], known_regions: Iterable[str], reason: str = "") -> Verdict:
    """Decide on the likeliest draft: places that no document speaks of first, then its probability."""
    wanted = desk.query.scope.regions
    missing = unknown_regions(wanted, known_regions)
    if missing and (len(missing) == len(wanted) or desk.query.kind is AnswerKind.COMPARISON):
        return Verdict(None, f"资料中没有{'、'.join(missing)}的内容")
    if not choices:
        return Verdict(None, reason or NOTHING)
    best = choices[0]
    if best.accepted:
        return Verdict(best.alternative.draft, "", best.probability)
    return Verdict(None, reason or _missing(desk, best.alternative.draft), best.probability)


def _missing(desk: Desk, draft: Draft) -> str:
    """What is missing, in the words of the most telling finding."""
    found = draft.lacks or out_of_scope(desk) or wrong_matter(desk, draft)
    if found:
        return found
    return NOT_SAID if desk.matcher.coverage("".join(_passages(desk, draft))) >= _LEAST_SAID else NOTHING


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
        if not any(within(name, region) or name.startswith(short_name(region)) for name in names)
    ]


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
