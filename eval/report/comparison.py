"""A run beside an earlier one: what was won, what was lost, and whether it could be chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.errors import InputError
from eval.compare import ALPHA, Verdict, compare
from eval.report.figures import document_names, primary_of, titles
from eval.report.questions import Passage, anchor, answer_of, status_of
from eval.report.words import category_name, p_value, percent, points, verdict_sentence
from eval.scoring import Run, Scored
from eval.summary import Result
from eval.types import CATEGORIES


@dataclass(frozen=True, slots=True)
class Change:
    """A question that one of the two runs alone has right, with both answers."""

    id: str
    anchor: str
    question: str
    reason: str  # of the run that has it wrong
    before: Passage
    after: Passage
    before_status: str
    after_status: str


@dataclass(frozen=True, slots=True)
class SliceChange:
    """A category or document in which the two runs differ; p values as text, `adjusted` by Holm's method.

    `sure`: whether the difference stands after that.
    """

    kind: str
    name: str
    questions: int
    wins: int
    losses: int
    p: str
    adjusted: str
    sure: bool


@dataclass(frozen=True, slots=True)
class SetChange:
    """One set in both runs. `trouble` says why it could not be compared; then there is nothing else."""

    title: str
    trouble: str = ""
    sentence: str = ""
    significant: bool = False
    systems: tuple[str, str] = ("", "")
    shares: tuple[str, str] = ("", "")
    difference: str = ""
    facts: str = ""
    locked: bool = False
    wins: tuple[Change, ...] = ()
    losses: tuple[Change, ...] = ()
    slices: tuple[SliceChange, ...] = ()


def changes(run: Run, earlier: Run) -> list[SetChange]:
    """Every set of the two runs. Raises InputError when they have no set in common."""
    before = {one.name: one for one in earlier.sets}
    after = {one.name: one for one in run.sets}
    if not before.keys() & after.keys():
        raise InputError(f"{run.folder.path} 和 {earlier.folder.path} 没有同名的题集，不能比较")
    told = [
        _change(before[name], one, titles(earlier), titles(run))
        if name in before
        else SetChange(one.title, "上一次评测没有这套题")
        for name, one in after.items()
    ]
    gone = [SetChange(one.title, "这一次评测没有这套题") for name, one in before.items() if name not in after]
    return told + gone


def _change(
    before: Scored, after: Scored, named_before: Mapping[str, str], named_after: Mapping[str, str]
) -> SetChange:
    first, second = primary_of(before), primary_of(after)
    if first is None or second is None:
        which = "上一次" if first is None else "这一次"
        return SetChange(after.title, f"{which}评测里没有本系统的答案，不能比较")
    old, new = before.results[first], after.results[second]
    try:
        verdict = compare(old, new)
    except InputError as error:
        return SetChange(after.title, str(error))
    locked = before.locked or after.locked
    return SetChange(
        title=after.title,
        sentence=verdict_sentence(verdict) + "。",
        significant=verdict.significant,
        systems=(named_before[first], named_after[second]),
        shares=(_share(before, first), _share(after, second)),
        difference=f"{points(verdict.correct.value)}（{points(verdict.correct.low)} … {points(verdict.correct.high)}）",
        facts=f"{points(verdict.facts.value)}（{points(verdict.facts.low)} … {points(verdict.facts.high)}）",
        locked=locked,
        wins=() if locked else _changed(after.name, old, new, verdict.wins),
        losses=() if locked else _changed(after.name, old, new, verdict.losses),
        slices=_slices(verdict, document_names(after)),
    )


def _share(one: Scored, system: str) -> str:
    return percent(one.summaries[system].whole.correct.value)


def _changed(
    set_name: str, before: Sequence[Result], after: Sequence[Result], ids: Sequence[str]
) -> tuple[Change, ...]:
    wanted = set(ids)
    return tuple(
        Change(
            id=new.item.id,
            anchor=anchor(set_name, new.item.id),
            question=new.item.question.text,
            reason=old.score.reason or new.score.reason,
            before=answer_of(old.line),
            after=answer_of(new.line),
            before_status=status_of(old),
            after_status=status_of(new),
        )
        for old, new in zip(before, after, strict=True)
        if new.item.id in wanted
    )


def _slices(verdict: Verdict, names: Mapping[str, str]) -> tuple[SliceChange, ...]:
    """Those with a difference, the least likely to be chance first."""
    differing = [one for one in verdict.slices if one.test.wins + one.test.losses]
    return tuple(
        SliceChange(
            kind="类别" if one.name in CATEGORIES else "文件",
            name=names.get(one.name, category_name(one.name)),
            questions=one.questions,
            wins=one.test.wins,
            losses=one.test.losses,
            p=p_value(one.test.p),
            adjusted=p_value(one.adjusted),
            sure=one.adjusted < ALPHA,
        )
        for one in sorted(differing, key=lambda one: one.test.p)
    )
