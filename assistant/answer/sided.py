"""Questions of two or three sides: each side is asked as a question of its own, and the best drafts become one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.answer.asking import sides_of
from assistant.answer.choosing import Choice, choose
from assistant.answer.compose import UNEXPLAINED, Alternative, Desk, compose
from assistant.answer.drafts import Draft, one_glance
from assistant.answer.ranking import Candidate


def drafted(desk: Desk) -> tuple[Desk, list[Alternative], str]:
    """As `compose`, with what the sides of the question give together; the desk then holds their passages as well."""
    alternatives, reason = compose(desk)
    texts = sides_of(desk.question, tuple(term.text for term in desk.query.terms))
    if not alternatives or len(texts) < 2 or desk.opened is None:
        return desk, alternatives, reason
    sides = [desk.opened(text, texts[0] if n else "") for n, text in enumerate(texts)]
    best = [_best(side) for side in sides]
    draft = _joined([choice for choice in best if choice is not None]) if all(best) else None
    if draft is None:
        return desk, alternatives, reason
    known = {id(c.unit) for c in desk.candidates}
    others: list[Candidate] = []
    for side in sides:
        others += [c for c in side.candidates if id(c.unit) not in known]
        known |= {id(c.unit) for c in side.candidates}
    whole = replace(desk, candidates=[*desk.candidates, *others])
    return whole, [*alternatives, Alternative("sided", draft)], reason


def _best(side: Desk) -> Choice | None:
    alternatives, reason = compose(side)
    choices = choose(side, alternatives, reason == UNEXPLAINED)
    return choices[0] if choices else None


def _joined(choices: Sequence[Choice]) -> Draft | None:
    drafts = [choice.alternative.draft for choice in choices]
    parts = one_glance(part for draft in drafts for part in draft.parts)
    if not parts:
        return None
    likely = min(choice.probability * choice.likely for choice in choices)
    return Draft(parts, min(draft.coverage for draft in drafts), likely=likely)
