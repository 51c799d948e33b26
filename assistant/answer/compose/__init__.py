"""Composition by kind of answer, out of verbatim pieces."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from assistant.answer.asking import wants_points
from assistant.answer.compose.comparisons import comparison_draft, places_draft
from assistant.answer.compose.desk import Desk
from assistant.answer.compose.facts import fact_draft, faq_draft, quote_draft, read_draft
from assistant.answer.compose.papers import paper_draft
from assistant.answer.compose.people import (
    asks_who_said,
    asks_whose_words,
    person_draft,
    post_draft,
    speaker_draft,
    spoken,
    wants_a_name,
)
from assistant.answer.compose.premises import premise_draft
from assistant.answer.compose.sections import (
    enumeration_draft,
    list_draft,
    outline_draft,
    outlines,
    section_draft,
    statement_draft,
)
from assistant.answer.compose.sets import counted_drafts, find_sets, naming_draft, only_named, set_draft
from assistant.answer.compose.sides import sided_drafts
from assistant.answer.compose.tables import table_draft
from assistant.answer.compose.together import (
    both_draft,
    cell_drafts,
    column_draft,
    onward_draft,
    pairs,
    row_draft,
    series,
    series_draft,
    whole_draft,
)
from assistant.answer.compose.voices import asks_voice, voice_draft
from assistant.answer.drafts import Draft
from assistant.answer.ranking import Candidate
from assistant.types import AnswerKind

__all__ = ["UNEXPLAINED", "Alternative", "Desk", "compose"]

QUOTED = 4  # of the best sentences, each as an answer of its own
VOICES = 3  # of the best sentences, each with who says it
TOGETHER = 2  # of the best sentences, each with what stands beside it

_OUTLINED = (AnswerKind.SUMMARY, AnswerKind.LIST, AnswerKind.HOWTO)
ONE_SIDED = "资料没有给出两方都可以比较的内容"
UNEXPLAINED = "资料只提到这个说法，没有说明它的具体内容"

_PLACE = r"(?:地方|省|市|县|地区|单位|医院|省份|省区|城市|家)"
_PLACES = re.compile(
    rf"(?:哪些|哪一?个|哪几个?|哪[两二三四五]个?|有哪|几个|哪几家){_PLACE}|谁(?:提到|提了|要|都|也|在|讲到|说到|说过|提)|有谁|都有谁|"
    r"(?:几|哪几?)份(?:材料|文件)|哪些(?:材料|文件)(?:里|中|都|提到|讲到|有)|哪里(?:要|提|在|说|搞)|哪些.{0,6}(?:提到|在搞|在推|也有)"
)
_SPEECH = re.compile(
    r"(?:讲|说|谈|提|表|发言|介绍|强调|表态).{0,6}(?:什么|啥|哪些|内容|了)|怎么(?:说|讲|看|谈)|观点|体会|感想|思路|打算|讲话|大意"
)
Composer = Callable[[Desk], Draft | None]


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to answer; `by` names the composer."""

    by: str
    draft: Draft


def compose(desk: Desk) -> tuple[list[Alternative], str]:
    """Ways to answer, the one that the rules would take first; and, where a composer knows it, why there may be none."""
    found: list[Alternative] = []
    reason = ""
    first: tuple[Composer, ...] = (paper_draft, post_draft, faq_draft)
    for attempt in first:
        _add(found, attempt, desk)
    named = [] if _about_places(desk) else find_sets(desk)
    for one in named:
        _add(found, partial(set_draft, named=one), desk)
    if named and not found:
        reason = UNEXPLAINED
        if only_named(desk, named):
            return [], reason
    if not any(one.by == "set" and one.draft.sure for one in found):
        for one in named:
            _add(found, partial(naming_draft, named=one), desk)
    if len(set(desk.query.scope.regions) & desk.homes) > 1 and _compares(desk):
        _add(found, comparison_draft, desk)
        reason = reason or ("" if found else ONE_SIDED)
    for attempt in _attempts(desk):
        _add(found, attempt, desk)
    if not wants_a_name(desk.question) or asks_voice(desk.question) or asks_whose_words(desk.question):
        _add_pieces(found, desk)
    return found, reason


def _add_pieces(found: list[Alternative], desk: Desk) -> None:
    """What the text says, piece by piece: counted off, as the reader reads it, sentence by sentence, together."""
    for draft in counted_drafts(desk):
        _keep(found, draft, "counted")
    _add(found, read_draft, desk)
    inside = [c for c in desk.body() if c.in_scope]
    for candidate in inside[:QUOTED]:
        _add(found, partial(quote_draft, candidate=candidate), desk)
    # A name that stands beside the words by chance must not be taken for the speaker's.
    if not any(one.by in ("voice", "speaker") for one in found):
        _add_together(found, desk, inside[:TOGETHER])


def _attempts(desk: Desk) -> Iterator[Composer]:
    """The composers for the kind of question, and those for its form."""
    yield from _plan(desk)
    for candidate in spoken(desk):
        yield partial(speaker_draft, best=candidate)
    if asks_voice(desk.question):
        for candidate in [c for c in desk.body() if c.in_scope][:VOICES]:
            yield partial(voice_draft, candidate=candidate)


def _add_together(found: list[Alternative], desk: Desk, best: Sequence[Candidate]) -> None:
    for candidate in best:
        _add(found, partial(row_draft, candidate=candidate), desk)
        _add(found, partial(column_draft, candidate=candidate), desk)
        _add(found, partial(whole_draft, candidate=candidate), desk)
        _add(found, partial(onward_draft, candidate=candidate), desk)
    for draft in cell_drafts(desk):
        _keep(found, draft, "cell")
    for candidate, parts in series(desk):
        _add(found, partial(series_draft, candidate=candidate, parts=parts), desk)
    if desk.query.kind in _OUTLINED or wants_points(desk.question):
        for pages, path in outlines(desk):
            _add(found, partial(outline_draft, pages=pages, path=path), desk)
    for first, second in pairs(desk):
        _add(found, partial(both_draft, first=first, second=second), desk)
    for draft in sided_drafts(desk):
        _keep(found, draft, "asked")


def _add(found: list[Alternative], attempt: Composer, desk: Desk) -> None:
    made = attempt.func if isinstance(attempt, partial) else attempt
    _keep(found, attempt(desk), made.__name__.removesuffix("_draft"))


def _keep(found: list[Alternative], draft: Draft | None, by: str) -> None:
    """Keep a draft unless it says nothing, only announces what follows, or says what another one says already."""
    if draft is None or not draft.parts or (len(draft.parts) == 1 and draft.text.endswith(("：", ":"))):
        return
    if all(draft.text != other.draft.text for other in found):
        found.append(Alternative(by, draft))


def _compares(desk: Desk) -> bool:
    return desk.query.kind is AnswerKind.COMPARISON or bool(re.search(r"哪个|还是|谁|各|分别", desk.question))


def _about_places(desk: Desk) -> bool:
    """Whether the question asks which places or institutions speak of something, without naming one itself."""
    scope = desk.query.scope
    homes = set(scope.regions) & desk.homes and not re.search(r"除了?", desk.question)
    bare = re.sub(r"“[^”]*”", "", desk.question)
    forbids = re.search(r"不准|不能|不许|不得|禁止|不让|可以|能不能", bare)
    return bool(_PLACES.search(desk.question)) and not homes and not scope.people and not forbids


def _plan(desk: Desk) -> list[Composer]:
    """The composers to try for the kind of answer wanted, in order; the last one takes whatever is left."""
    kind, question, scope = desk.query.kind, desk.question, desk.query.scope
    plan: list[Composer] = []
    if kind is AnswerKind.COMPARISON or len(scope.regions) > 1:
        plan.append(comparison_draft)
    if _about_places(desk):
        plan.append(places_draft)
    if kind is AnswerKind.PERSON or asks_who_said(question):
        plan.append(person_draft)
        if wants_a_name(question):
            return plan
    if kind is AnswerKind.YES_NO:
        return [*plan, enumeration_draft, premise_draft]
    if kind is AnswerKind.LIST and scope.people and _SPEECH.search(question):
        plan.append(statement_draft)
    if kind is AnswerKind.SUMMARY:
        speech = bool(scope.people or scope.organisations) or bool(_SPEECH.search(question))
        plan += [statement_draft, section_draft] if speech else [section_draft, statement_draft]
    if kind in (AnswerKind.NUMBER, AnswerKind.LIST, AnswerKind.COMPARISON, AnswerKind.FACT):
        plan.append(table_draft)
    if kind in (AnswerKind.LIST, AnswerKind.HOWTO):
        plan.append(list_draft)
    return [*plan, enumeration_draft, fact_draft]
