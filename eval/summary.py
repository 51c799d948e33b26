"""From scores to figures: one slice of questions, and all slices of a system on a set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from assistant.types import Status
from eval.metrics import REASONS
from eval.statistics import Interval, cluster_bootstrap, risk_coverage, wilson
from eval.tokens import Tokens, tokens_of
from eval.types import DEPTHS, Item, Score

Line = Mapping[str, Any]
SEVERAL = "跨文件"
NO_DOCUMENT = "无对应文件"


@dataclass(frozen=True, slots=True)
class Result:
    """One question, what a system answered (None: nothing), and how that fared."""

    item: Item
    line: Line | None
    score: Score


@dataclass(frozen=True, slots=True)
class Refusal:
    """How well a system knows what the documents do not say; "not answerable" is the positive class. Shares, 0 … 1."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Slice:
    """The figures of some questions. Shares are 0 … 1, times seconds, `length` characters; all with 95 % intervals.

    `correct`, `answered` (of the answerable) and `refused` (of the others, rightly) have Wilson intervals, the rest
    cluster bootstrap intervals by document. Recall and citation shares are over quotes and citations, not questions.
    `fidelity` is over the answers with numbers. None where there is nothing to measure. p50 and p95 are
    None where no time was measured, `tokens` where no answer tells them.
    """

    questions: int
    answerable: int
    correct: Interval
    answered: Interval
    refused: Interval
    refusal: Refusal
    facts: Interval | None
    recall: Mapping[int, Interval | None]
    mrr: Interval | None
    ndcg: Interval | None
    citation_precision: Interval | None
    citation_recall: Interval | None
    citation_validity: Interval | None
    fidelity: Interval | None
    length: float
    p50: float | None
    p95: float | None
    errors: int
    reasons: Mapping[str, int]
    tokens: Tokens | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """One system on one set: all questions, by category, by document, and the risk–coverage curve.

    `coverage` and `risk` are of the answers given, most confident first; empty where a system tells no confidence.
    """

    whole: Slice
    categories: Mapping[str, Slice]
    documents: Mapping[str, Slice]
    coverage: tuple[float, ...]
    risk: tuple[float, ...]

    def as_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


def summarise(results: Sequence[Result]) -> Summary:
    """The figures of a system on a set."""
    coverage, risk = _risk(results)
    return Summary(
        whole=slice_of(results),
        categories=_grouped(results, lambda result: result.item.category),
        documents=_grouped(results, document_of),
        coverage=coverage,
        risk=risk,
    )


def document_of(result: Result) -> str:
    """The document that a question is counted under."""
    documents = result.item.documents
    return documents[0] if len(documents) == 1 else SEVERAL if documents else NO_DOCUMENT


def slice_of(results: Sequence[Result]) -> Slice:
    """The figures of some questions."""
    able = [r for r in results if r.item.answerable]
    unable = [r for r in results if not r.item.answerable]
    proven = [r for r in results if r.item.evidence]
    times = [r.score.seconds for r in results if r.score.seconds is not None]
    reasons = Counter(r.score.reason for r in results if r.score.reason)
    return Slice(
        questions=len(results),
        answerable=len(able),
        correct=_share(results),
        answered=_share(able),
        refused=_share(unable),
        refusal=_refusal(results),
        facts=_ratio([r for r in able if r.score.facts is not None], lambda s: s.facts or 0.0, lambda s: 1.0),
        recall={k: _ratio(proven, lambda s, k=k: s.recalled[k], lambda s: s.evidence) for k in DEPTHS},  # type: ignore[misc]
        mrr=_ratio(proven, lambda s: s.reciprocal_rank or 0.0, lambda s: 1.0),
        ndcg=_ratio(proven, lambda s: s.ndcg or 0.0, lambda s: 1.0),
        citation_precision=_ratio(proven, lambda s: s.citations_good, lambda s: s.citations),
        citation_recall=_ratio(proven, lambda s: s.evidence_cited, lambda s: s.evidence),
        citation_validity=_ratio(results, lambda s: s.citations_valid, lambda s: s.citations),
        fidelity=_ratio(
            [r for r in results if r.score.faithful is not None],
            lambda s: float(bool(s.faithful)),
            lambda s: 1.0,
        ),
        length=float(np.mean([r.score.length for r in results])) if results else 0.0,
        p50=float(np.quantile(times, 0.5)) if times else None,
        p95=float(np.quantile(times, 0.95)) if times else None,
        errors=sum(r.line is None or r.score.status == Status.ERROR for r in results),
        reasons={reason: reasons[reason] for reason in REASONS if reasons[reason]},
        tokens=tokens_of(r.line for r in results),
    )


def cluster_of(item: Item) -> str:
    """What is drawn together in the bootstrap: the documents a question is about; else the question alone."""
    return "+".join(sorted(item.documents)) or item.id


def _grouped(results: Sequence[Result], key: Callable[[Result], str]) -> dict[str, Slice]:
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(key(result), []).append(result)
    return {name: slice_of(groups[name]) for name in sorted(groups)}


def _share(results: Sequence[Result]) -> Interval:
    return wilson(sum(r.score.correct for r in results), len(results))


def _ratio(
    results: Sequence[Result], above: Callable[[Score], float], below: Callable[[Score], float]
) -> Interval | None:
    return cluster_bootstrap(
        [above(r.score) for r in results],
        [below(r.score) for r in results],
        [cluster_of(r.item) for r in results],
    )


def _refusal(results: Sequence[Result]) -> Refusal:
    """A refusal is a status, whatever the words; errors refuse nothing."""
    refused = [r for r in results if r.score.status in (Status.NOT_FOUND, Status.DECLINED)]
    right = sum(not r.item.answerable for r in refused)
    meant = sum(not r.item.answerable for r in results)
    precision = right / len(refused) if refused else 0.0
    recall = right / meant if meant else 0.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return Refusal(precision, recall, f1)


def _risk(results: Sequence[Result]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Coverage is the share of all questions: what was refused is never covered."""
    given = [r for r in results if r.score.status == Status.ANSWERED and r.score.confidence is not None]
    coverage, risk = risk_coverage(
        [r.score.correct for r in given], [r.score.confidence or 0.0 for r in given]
    )
    share = len(given) / max(1, len(results))
    return tuple(float(x) * share for x in coverage), tuple(float(x) for x in risk)
