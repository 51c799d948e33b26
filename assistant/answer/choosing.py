"""Which of several drafts answers, and how surely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answer.compose import Alternative, Desk
from assistant.answer.weighing import weighed
from assistant.models.learned import Linear, learned
from assistant.types import AnswerKind

_HOPELESS = (
    0.05  # probability that the likeliest passage answers, below which hardly any question has an answer
)
_MISSED = (
    0.4  # of the reader's belief elsewhere: with more, what structure found is weighed like any other draft
)
_LONGER, _FURTHER = ("both", "asked", "onward"), 0.08  # drafts with a sentence beside the best one; its price
_DENIED = "不是"  # how a premise is denied
_VERDICTS = ("premise", "post", "paper")  # drafts that say yes or no


@dataclass(frozen=True, slots=True)
class Choice:
    """A draft with the probability that it answers, and whether that is enough."""

    alternative: Alternative
    probability: float
    accepted: bool


def choose(desk: Desk, alternatives: Sequence[Alternative], unexplained: bool) -> list[Choice]:
    """The alternatives with their probabilities, the likeliest first."""
    model = model_for(desk)
    found = []
    for one, told in weighed(desk, alternatives, unexplained):
        if told is None:
            likely = 0.0
        elif one is alternatives[0] and one.draft.sure and told.get("missed", 0.0) < _MISSED:
            likely = 1.0
        elif told.get("top_answerable", 1.0) < _HOPELESS:
            likely = 0.0
        else:
            likely = model.probability(told)
            if one.by == "premise" and one.draft.text.startswith(_DENIED):
                likely = max(likely, model.threshold)  # computed from another number of the same thing
        found.append(Choice(one, likely, likely >= model.threshold))
    return sorted(found, key=lambda choice: (not choice.accepted, -_worth(choice, desk.query.kind)))


def _worth(choice: Choice, kind: AnswerKind) -> float:
    """The probability, less what a further sentence must add to it: an answer is to be brief, and each mark to count.

    Where yes or no is asked, a likely draft with the verdict goes before all without.
    """
    by = choice.alternative.by
    verdict = kind is AnswerKind.YES_NO and by in _VERDICTS and choice.accepted
    return choice.probability - _FURTHER * (by in _LONGER) + verdict


def model_for(desk: Desk) -> Linear:
    """The weights for a desk with or without a reader."""
    return learned("drafts", read=any(c.read is not None for c in desk.candidates))
