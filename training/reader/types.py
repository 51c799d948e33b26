"""What the reader is trained and measured on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

Stretch = tuple[int, int]  # first character and the one after the last


@dataclass(frozen=True, slots=True)
class Passage:
    """A text with the words of its place: title, headings, speaker, parted by ｜."""

    text: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """A question with one passage.

    `spans` are stretches of the passage's text that answer; they may be empty though the passage answers, where a
    source names passages only. `sure` is how much the label of answerability is trusted, 0 … 1.
    """

    question: str
    passage: Passage
    answerable: bool
    spans: tuple[Stretch, ...] = ()
    sure: float = 1.0


@dataclass(frozen=True, slots=True)
class Group:
    """The examples of one question: its passage first, then passages that do not answer it."""

    examples: tuple[Example, ...]
    source: str
    ranked: bool = True  # whether the first must be ranked above the others


@dataclass(frozen=True, slots=True)
class Reading:
    """A question of a reading set with its whole paragraph.

    `answers` holds what each annotator marked; `answer` is what most of them did, of equals the first.
    """

    question: str
    paragraph: str
    answers: tuple[Stretch, ...]

    @property
    def answer(self) -> Stretch:
        """The stretch to be learned."""
        return Counter(self.answers).most_common(1)[0][0]
