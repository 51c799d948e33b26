"""Questions of two or three sides: each side is asked as a question of its own, and the best drafts become one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.answer.asking import sides_of
from assistant.answer.choosing import Choice, choose
from assistant.answer.compose import UNEXPLAINED, Alternative, Desk, compose
from assistant.answer.drafts import Draft, one_glance
from assistant.answer.ranking import Candidate

_CHOICES = 3  # drafts of a side that are joined with the other sides' best


def drafted(desk: Desk) -> tuple[Desk, list[Alternative], str]:
    """As `compose`, with what the sides of the question give together; the desk then holds their passages as well."""
    alternatives, reason = compose(desk)
    texts = sides_of(desk.question, tuple(term.text for term in desk.query.terms))
    if not alternatives or len(texts) < 2 or desk.opened is None:
        return desk, alternatives, reason
    sides = [desk.opened(text, texts[0] if n else "") for n, text in enumerate(texts)]
    drafts = list(_drafts([_likeliest(side) for side in sides]))
    if not drafts:
        return desk, alternatives, reason
    known = {id(c.unit) for c in desk.candidates}
    others: list[Candidate] = []
    for side in sides:
        others += [c for c in side.candidates if id(c.unit) not in known]
        known |= {id(c.unit) for c in side.candidates}
    whole = replace(desk, candidates=[*desk.candidates, *others])
    return whole, [*alternatives, *(Alternative("sided", draft) for draft in drafts)], reason


def _likeliest(side: Desk) -> list[Choice]:
    """The likeliest drafts of a side, best first; no two that are composed say the same."""
    alternatives, reason = compose(side)
    return choose(side, alternatives, reason == UNEXPLAINED)[:_CHOICES]


def _drafts(sides: Sequence[Sequence[Choice]]) -> Iterator[Draft]:
    """The sides' likeliest drafts together, and each side's next likeliest ones with the others' likeliest."""
    if not all(sides):
        return
    best = [choices[0] for choices in sides]
    others = [[*best[:n], other, *best[n + 1 :]] for n, choices in enumerate(sides) for other in choices[1:]]
    told: dict[str, Draft] = {}
    for draft in map(_joined, [best, *others]):
        if draft is not None:
            told.setdefault(draft.text, draft)
    yield from told.values()


def _joined(choices: Sequence[Choice]) -> Draft | None:
    drafts = [choice.alternative.draft for choice in choices]
    parts = one_glance(part for draft in drafts for part in draft.parts)
    if not parts:
        return None
    likely = min(choice.probability * choice.likely for choice in choices)
    return Draft(parts, min(draft.coverage for draft in drafts), likely=likely)
