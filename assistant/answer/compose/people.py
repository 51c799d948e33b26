"""Who-questions: who holds a post, who said it, whose name stands beside an act."""

from __future__ import annotations

import re

from assistant.answer.compose.desk import Desk
from assistant.answer.drafts import Draft, Part
from assistant.answer.ranking import Candidate
from assistant.types import BlockKind

_SAID = re.compile(r"谁.{0,6}(?:说|讲|提|谈|强调|要求|表示)|(?:哪位|哪个|哪一位).{0,10}(?:说|讲|提|谈|强调|表示)|谁的(?:话|观点|发言)")
_WHO_IS = re.compile(r"(?:谁是|是谁|叫什么|叫啥|姓名|名字|哪位|是哪个|谁当|谁任|谁担任|谁)")
_POST = re.compile(r"书记|主任|局长|院长|所长|处长|科长|部长|厅长|市长|县长|校长|组长|主席|头头|一把手|领导|负责人|头儿|老大|当家")


def person_draft(desk: Desk) -> Draft | None:
    """The name with the post, or the clause in which the name stands; None when no name is to be had."""
    if _SAID.search(desk.question):
        return _speaker(desk)
    signed = _signature(desk)
    if signed is not None:
        return signed
    for candidate in desk.body()[:6]:
        if candidate.in_scope and _names(desk, candidate):
            return Draft((desk.quote(candidate.unit),), candidate.whole)
    return None


def wants_a_name(question: str) -> bool:
    """Whether only a person's name can answer: who holds a post, what somebody is called."""
    return bool(_WHO_IS.search(question) and _POST.search(question)) or bool(re.search(r"叫什么名|叫啥名|姓什么|名字", question))


def _names(desk: Desk, candidate: Candidate) -> list[str]:
    return [name for name in desk.people if name in candidate.unit.text]


def _speaker(desk: Desk) -> Draft | None:
    best = desk.best()
    if best is None or not best.unit.speaker:
        return None
    quote = desk.quote(best.unit, most=90, whole=90)
    sign = _sign_of(desk, best)
    a = best.unit.block.attributes
    if sign is None:
        return Draft((quote,), best.whole)
    who = f"{a['speaker']}（{a['post']}）" if a.get("post") else a["speaker"]
    return Draft((Part(who, sign.spans), quote), best.whole)


def _sign_of(desk: Desk, candidate: Candidate) -> Part | None:
    for unit in desk.passages.pages(candidate.unit.doc).units:
        if unit.block.kind is BlockKind.HEADING and unit.speaker == candidate.unit.speaker:
            return Part(unit.text, (unit.span(),))
    return None


def _signature(desk: Desk) -> Draft | None:
    """The signature line that the question's institution and post lead to."""
    signed = [c for c in desk.candidates if c.unit.block.kind is BlockKind.HEADING and c.unit.speaker and c.in_scope]
    if not signed:
        return None
    chosen = max(signed, key=lambda c: (c.own, c.whole, c.score))
    best = desk.best()
    rival = best is not None and best.own > chosen.own + 0.15 and bool(_names(desk, best))
    if chosen.whole < 0.5 or rival or not (_POST.search(desk.question) or desk.query.scope.people):
        return None
    a = chosen.unit.block.attributes
    text = f"{a['speaker']}，{a['post']}" if a.get("post") else a["speaker"]
    return Draft((Part(text, (chosen.unit.span(),)),), chosen.whole)


def post_draft(desk: Desk) -> Draft | None:
    """The post of a person whom the question names."""
    if not re.search(r"职务|职位|什么官|干什么的|干啥的|做什么的|身份|什么人|是谁|哪个单位|哪里的|哪儿的", desk.question):
        return None
    for candidate in desk.candidates:
        unit = candidate.unit
        if unit.block.kind is BlockKind.HEADING and unit.speaker in desk.query.scope.people:
            a = unit.block.attributes
            return Draft((Part(f"{a['speaker']}，{a['post']}", (unit.span(),)),), 1.0)
    return None
