"""The one door to every contestant: opened over a folder of documents, asked one question after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from assistant.types import Question, Span, Status
from eval.documents import Corpus
from eval.types import Item

Line = dict[str, Any]
MOST_RETRIEVED = 20


@dataclass(frozen=True, slots=True)
class Place:
    """Where a system works: the folder of documents, and a folder of its own for what it builds."""

    corpus: Path
    scratch: Path


class System(Protocol):
    """A system opened. What it raises becomes an error line; how long it takes is measured outside."""

    def answer(self, question: Question) -> Line:
        """`status`, `answer`, `citations` and `retrieved` of an answer line; `confidence` if it knows one."""


class KeyReader(Protocol):
    """A system that is shown the key: an upper bound, no contestant."""

    def answer_item(self, item: Item) -> Line:
        """As `System.answer`."""


def line_of(
    corpus: Corpus, text: str, cited: Sequence[Span], retrieved: Sequence[tuple[Span, float]]
) -> Line:
    """The answer line of a system that answers with pieces of the documents; no text means that it found none."""
    status = Status.ANSWERED if text else Status.NOT_FOUND
    return {
        "status": status.value,
        "answer": text,
        "citations": [
            {
                "doc": span.doc,
                "start": span.start,
                "end": span.end,
                "quote": corpus.texts[span.doc].original[span.start : span.end],
                "label": span.doc,
            }
            for span in cited
        ],
        "retrieved": [
            {"doc": span.doc, "start": span.start, "end": span.end, "score": round(float(score), 6)}
            for span, score in retrieved[:MOST_RETRIEVED]
        ],
    }
