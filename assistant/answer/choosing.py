"""Which of several drafts answers, and how surely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answer.compose import Alternative, Desk
from assistant.answer.compose.premises import AFFIRMED, DENIED
from assistant.answer.weighing import weighed
from assistant.models.learned import Linear, expit, learned, some_answer
from assistant.types import AnswerKind

_HOPELESS = (
    0.05  # probability that the likeliest passage answers, below which hardly any question has an answer
)
_MISSED = (
    0.4  # of the reader's belief elsewhere: with more, what structure found is weighed like any other draft
)
_LIKELY = 0.3  # of a draft that says yes or no, to go before those that do not
_VERDICTS = ("premise", "post", "paper")  # drafts that say yes or no


@dataclass(frozen=True, slots=True)
class Choice:
    """A draft with its share of what speaks for all of them, the probability that one of them answers, and whether that
    is enough for this one to go out.
    """

    alternative: Alternative
    likely: float
    probability: float
    accepted: bool


def choose(desk: Desk, alternatives: Sequence[Alternative], unexplained: bool) -> list[Choice]:
    """The alternatives with their probabilities, the likeliest first.

    The weights were learned by a conditional logit (McFadden 1974) in which giving no answer is one more alternative,
    with a score of 0: the probability of an answer is 1 less that alternative's.
    """
    model = model_for(desk)
    told = list(weighed(desk, alternatives, unexplained, model))
    scored = [(one, features, model.score(features)) for one, features in told if features is not None]
    hopeless = any(features.get("top_answerable", 1.0) < _HOPELESS for _, features, _ in scored)
    answered = 0.0 if hopeless else some_answer([score for _, _, score in scored])
    found = [Choice(one, 0.0, 0.0, False) for one, features in told if features is None]
    for one, features, score in scored:
        likely, probability = expit(score), answered
        if one is alternatives[0] and one.draft.sure and features.get("missed", 0.0) < _MISSED:
            likely = probability = 1.0
        elif one.by == "premise" and one.draft.text.startswith(DENIED):
            probability = max(probability, model.threshold)  # computed from another number of the same thing
        found.append(Choice(one, likely, probability, probability >= model.threshold))
    return sorted(found, key=lambda choice: (not choice.accepted, -_worth(choice, desk.query.kind)))


def _worth(choice: Choice, kind: AnswerKind) -> float:
    """How likely it is; where yes or no is asked, a likely draft with the verdict goes before all without."""
    by = choice.alternative.by
    says = by != "premise" or choice.alternative.draft.text.startswith((DENIED, AFFIRMED))
    verdict = (
        kind is AnswerKind.YES_NO
        and by in _VERDICTS
        and says
        and choice.accepted
        and choice.likely >= _LIKELY
    )
    return choice.likely + verdict


def model_for(desk: Desk) -> Linear:
    """The weights for a desk with or without a reader."""
    return learned("drafts", read=any(c.read is not None for c in desk.candidates))
