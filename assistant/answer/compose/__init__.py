"""Composition by kind of answer, out of verbatim pieces."""

from __future__ import annotations

import re
from collections.abc import Callable

from assistant.answer.compose.comparisons import comparison_draft, places_draft
from assistant.answer.compose.desk import Desk
from assistant.answer.compose.facts import fact_draft
from assistant.answer.compose.people import person_draft, post_draft, wants_a_name
from assistant.answer.compose.premises import premise_draft
from assistant.answer.compose.sections import list_draft, section_draft, statement_draft
from assistant.answer.compose.tables import table_draft
from assistant.answer.drafts import Draft
from assistant.answer.ranking import Ranking
from assistant.types import AnswerKind

__all__ = ["Desk", "compose"]

_PLACES = re.compile(
    r"(?:哪些|哪几个?|有哪|几个|哪几家)(?:地方|省|市|县|地区|单位|医院|省份|城市|人|领导|材料|文件|家)|谁(?:提到|提了|要|都|也|在|讲到|说到)|有谁|都有谁|"
    r"(?:几|哪几?)份(?:材料|文件)|哪里|哪些.{0,6}(?:提到|在搞|在推|也有)"
)
_SPEECH = re.compile(r"(?:讲|说|谈|提|表|发言|介绍|强调|表态).{0,6}(?:什么|啥|哪些|内容|了)|怎么(?:说|讲|看|谈)|观点|体会|感想|思路|打算")


def compose(desk: Desk, ranking: Ranking) -> Draft | None:
    """The draft of an answer, or None when nothing can be composed."""
    for attempt in _plan(desk, ranking):
        draft = attempt(desk)
        if draft is not None and draft.parts:
            return draft
    return None


def _plan(desk: Desk, ranking: Ranking) -> list[Callable[[Desk], Draft | None]]:
    """The composers to try for the kind of answer wanted, in order; the last one takes whatever is left."""
    kind, question = desk.query.kind, desk.question
    plan: list[Callable[[Desk], Draft | None]] = []
    if kind is AnswerKind.COMPARISON or len(desk.query.scope.regions) > 1:
        plan.append(lambda d: comparison_draft(d, ranking))
    if _PLACES.search(question) and not desk.query.scope.regions:
        plan.append(lambda d: places_draft(d.body(), d))
    if desk.query.scope.people:
        plan.append(post_draft)
    if kind is AnswerKind.PERSON:
        plan.append(person_draft)
        if wants_a_name(question):
            return plan
    if kind is AnswerKind.YES_NO:
        return [*plan, premise_draft]
    if kind is AnswerKind.SUMMARY:
        speech = bool(desk.query.scope.people) or bool(_SPEECH.search(question))
        plan += [statement_draft, section_draft] if speech else [section_draft, statement_draft]
    if kind in (AnswerKind.NUMBER, AnswerKind.LIST, AnswerKind.COMPARISON, AnswerKind.FACT):
        plan.append(table_draft)
    if kind in (AnswerKind.LIST, AnswerKind.HOWTO):
        plan.append(list_draft)
    return [*plan, fact_draft]
