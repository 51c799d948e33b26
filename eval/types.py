"""What the harness speaks of: questions with their keys, sets of them, and the scores of one answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from assistant.types import Question

CATEGORIES = (
    "fact",
    "numeric",
    "date",
    "person",
    "list",
    "table",
    "comparison",
    "howto",
    "definition",
    "summary",
    "cross_doc",
    "followup",
    "unanswerable",
    "false_premise",
    "colloquial",
    "adversarial",
)
DEPTHS = (1, 3, 5, 10)  # the k of recall@k


@dataclass(frozen=True, slots=True)
class Quote:
    """Where a document says it: words that stand verbatim in it, white space ignored."""

    doc: str
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """One question with its key. `line` is the line of its file, from 1."""

    id: str
    question: Question
    category: str
    answerable: bool
    key_facts: tuple[tuple[str, ...], ...] = ()
    forbidden: tuple[str, ...] = ()
    reference: str = ""
    evidence: tuple[Quote, ...] = ()
    about: tuple[str, ...] = ()  # documents that the question is about, also where none answers it
    line: int = field(default=0, compare=False)

    @property
    def documents(self) -> tuple[str, ...]:
        """The documents of the evidence; for what has none, those that the question is about."""
        return tuple(dict.fromkeys(quote.doc for quote in self.evidence)) or self.about


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """A file of questions over one folder of documents. `locked`: reported in totals, never tuned on."""

    name: str
    title: str
    path: Path
    corpus: Path
    items: tuple[Item, ...]
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """How one answer fared. Counts are kept rather than shares, so that sets can be summed.

    `reason` says why an answer is wrong, empty for a correct one; a value is None where the question has nothing to
    measure it by (recall of a question without evidence, fidelity of an answer without numbers).
    """

    correct: bool
    reason: str
    status: str
    facts: float | None  # share of the key facts found, 0 … 1
    evidence: int  # number of evidence quotes
    recalled: Mapping[int, int]  # k to number of quotes that the first k passages hold
    reciprocal_rank: float | None
    ndcg: float | None  # at 10
    citations: int
    citations_good: int  # that overlap an evidence quote
    citations_valid: int  # whose quote is the original at their place
    evidence_cited: int
    faithful: bool | None  # whether all numbers of the answer stand in cited spans
    length: int  # characters of the answer, normalised
    seconds: float | None
    confidence: float | None

    def as_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` reads again."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Score:
        """The score that `as_json` wrote."""
        return cls(**{**record, "recalled": {int(k): n for k, n in record["recalled"].items()}})
