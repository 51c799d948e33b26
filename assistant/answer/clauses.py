"""The smallest faithful piece of a sentence: the run of clauses that speaks to the question."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.answer.ranking import kind_present
from assistant.documents.markers import BULLET, ORDINALS, marker_of
from assistant.language.sentences import before_marks, clauses
from assistant.search.matching import Matcher
from assistant.search.passages import Unit
from assistant.types import AnswerKind

WHOLE = 110  # characters up to which a sentence is given whole
# Kinds whose answer is a word or two: their sentences are cut to clauses sooner.
WHOLE_OF = {
    AnswerKind.NUMBER: 40,
    AnswerKind.DATE: 45,
    AnswerKind.PERSON: 60,
    AnswerKind.FACT: 80,
    AnswerKind.YES_NO: 80,
}
MOST = 130  # characters of a run of clauses
_INTRODUCES = re.compile(r"(?:是|为|如下|包括|以下|要求)[：:]")
_INTRODUCED = 180  # characters of an answer that a colon introduces
_LENGTH_COST = 0.0012  # of coverage for each character
_KIND = 0.35  # worth of holding what the kind of answer is made of, beside coverage
_BELIEF = 0.7  # worth of all that the reader believes of the sentence
_MARKS = "，；、,;。"


Belief = Callable[[int, int], float]  # of a reader, in the characters start:end of a sentence, 0 … 1


@dataclass(frozen=True, slots=True)
class Asked:
    """What a piece of a sentence is chosen by: the question's terms, its kind, the units it asks for, the reader."""

    matcher: Matcher
    kind: AnswerKind
    units: Sequence[str] = ()
    belief: Belief | None = None

    def worth(self, text: str, start: int, end: int) -> float:
        """How well the characters start:end of a sentence answer."""
        piece = text[start:end]
        said = self.matcher.coverage(piece) + _KIND * kind_present(self.kind, piece, self.units)
        read = self.belief(start, end) if self.belief is not None else 0.0
        return said + _BELIEF * read - _LENGTH_COST * len(piece)


def narrow(unit: Unit, asked: Asked, most: int = MOST, whole: int = WHOLE) -> tuple[int, int]:
    """Offsets (start, end) in the unit's text of what is to be quoted; the sentence's final mark is left out."""
    text = unit.text
    start = _after_marker(text)
    if len(text) - start <= min(whole, WHOLE_OF.get(asked.kind, whole)):
        return start, before_marks(text, start, len(text), _MARKS)
    parts = [(max(a, start), b) for a, b in clauses(text, "，；,;") if b > start]
    best, chosen = -1.0, (start, min(len(text), start + most))
    for i in range(len(parts)):
        for j in range(i, len(parts)):
            a, b = parts[i][0], parts[j][1]
            if b - a > most and j > i:
                break
            value = asked.worth(text, a, b)
            if value > best + 1e-9:
                best, chosen = value, (a, b)
    if _INTRODUCES.search(text[slice(*chosen)]):
        # What a colon introduces is the answer: as much of it as fits.
        chosen = (chosen[0], max([chosen[1], *(b for _, b in parts if b - chosen[0] <= _INTRODUCED)]))
    return chosen[0], before_marks(text, *chosen, _MARKS)


def _after_marker(text: str) -> int:
    """Where a sentence begins after 一是, ■ and the like: the mark belongs to the list, not to the sentence."""
    marked = marker_of(text)
    if marked and marked.end < len(text) - 1:
        return marked.end
    reply = re.match(r"[答问]\s*[：:]", text)
    if reply:
        return reply.end()
    bullet = BULLET.match(text)
    if bullet:
        return bullet.end()
    return 2 if len(text) > 2 and text[0] in ORDINALS and text[1] == "是" else 0
