"""What composers hand over: parts of an answer, each with the spans it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assistant.types import Span

GLANCE = 200  # characters of an answer with its remarks: who asks reads no more
LONGEST = 190  # characters of an answer without marks: one glance


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the answer and the spans that prove it; a part without spans states nothing of the documents."""

    text: str
    spans: tuple[Span, ...] = ()


def one_glance(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Parts that several pieces give, each text once; empty unless they are several and together short enough."""
    first: dict[str, Part] = {}
    for part in parts:
        first.setdefault(part.text, part)
    told = tuple(first.values())
    return told if len(told) > 1 and sum(len(part.text) for part in told) <= LONGEST else ()


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer before its citations are numbered; `coverage` is the share of the question that it speaks to.

    A draft is `sure` when structure found it (a signature, a document's head), so that no likeness need be weighed.
    """

    parts: tuple[Part, ...]
    coverage: float = 1.0
    sure: bool = False
    lacks: str = (
        ""  # what the composer found the documents not to say; the parts are then the nearest thing they say
    )

    likely: float = 0.0  # of a draft joined of others, the probability of the least likely one

    @property
    def text(self) -> str:
        """All that it says, without marks."""
        return "".join(part.text for part in self.parts)
