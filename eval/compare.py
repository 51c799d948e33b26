"""Two systems, or two runs of one, on the same questions: who wins where, and whether it could be chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from assistant.errors import InputError
from eval.statistics import Interval, McNemar, holm, mcnemar, paired_bootstrap, smallest_difference
from eval.summary import Result, document_of

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class SliceVerdict:
    """One category or document; `adjusted` is p after Holm's correction over all slices."""

    name: str
    questions: int
    test: McNemar
    adjusted: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """The second against the first. Differences are second minus first, in shares (0 … 1).

    `smallest` is the smallest true difference of correct answers that a test of this size would find with 80 % power.
    """

    questions: int
    test: McNemar
    correct: Interval
    facts: Interval
    facts_p: float
    smallest: float
    slices: tuple[SliceVerdict, ...]
    wins: tuple[str, ...]  # ids that only the second has right
    losses: tuple[str, ...]

    @property
    def significant(self) -> bool:
        """Whether chance alone would rarely part the two like this."""
        return self.test.p < ALPHA

    def as_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


def compare(first: Sequence[Result], second: Sequence[Result]) -> Verdict:
    """Compare question by question. Raises InputError when the two did not answer the same questions."""
    if [r.item for r in first] != [r.item for r in second]:
        raise InputError("两次评测的题目或答案要点不同，不能逐题比较")
    before, after = [r.score.correct for r in first], [r.score.correct for r in second]
    test = mcnemar(before, after)
    correct, _ = paired_bootstrap([float(x) for x in before], [float(x) for x in after])
    able = [i for i, r in enumerate(first) if r.item.answerable]
    facts, facts_p = paired_bootstrap(
        [first[i].score.facts or 0.0 for i in able], [second[i].score.facts or 0.0 for i in able]
    )
    pairs = list(zip(first, second, strict=True))
    return Verdict(
        questions=len(first),
        test=test,
        correct=correct,
        facts=facts,
        facts_p=facts_p,
        smallest=smallest_difference(len(first), test.wins + test.losses),
        slices=_slices(first, before, after),
        wins=tuple(b.item.id for a, b in pairs if b.score.correct and not a.score.correct),
        losses=tuple(b.item.id for a, b in pairs if a.score.correct and not b.score.correct),
    )


def _slices(
    first: Sequence[Result], before: Sequence[bool], after: Sequence[bool]
) -> tuple[SliceVerdict, ...]:
    groups: dict[tuple[str, str], list[int]] = {}
    for index, result in enumerate(first):
        for key in (("category", result.item.category), ("document", document_of(result))):
            groups.setdefault(key, []).append(index)
    tests = {key: mcnemar([before[i] for i in at], [after[i] for i in at]) for key, at in groups.items()}
    adjusted = holm([test.p for test in tests.values()])
    return tuple(
        SliceVerdict(key[1], len(groups[key]), test, p)
        for (key, test), p in zip(tests.items(), adjusted, strict=True)
    )
