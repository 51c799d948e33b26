"""Whose words a sentence of a report is, where no signature tells: “…。”张三在会上说; 李四说 … 她建议 …"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.answer.compose.desk import Desk
from assistant.answer.drafts import Draft, Part
from assistant.answer.ranking import Candidate
from assistant.language.names import is_name, names_in
from assistant.language.sentences import before_marks, clauses
from assistant.search.passages import Unit
from assistant.types import AnswerKind, BlockKind

_VERBS = (
    "说|讲|表示|指出|介绍|强调|提出|谈|坦言|建议|透露|认为|要求|提醒|算|承诺|呼吁|回答|回应|直白|发言|补充"
)
_ASKED = re.compile(
    rf"(?:谁|哪一?[位个](?:领导|人|代表|同志|局长|院长|主任|书记)?)[^，。？]{{0,10}}?(?:{_VERBS})|"
    rf"(?:话|{_VERBS})[^，。？]{{0,6}}(?:是|出自)?(?:谁|哪一?[位个])"
)
_TELLS = re.compile(_VERBS)
_NEAR = 12  # characters before a name that begins the sentence after a quotation
_REACH = 4  # sentences before the words in which the name may stand
_WORDS, _NAMING = 80, 40  # characters shown of the words, and of the clause with the name


def asks_voice(question: str) -> bool:
    """Whether a question asks who said, suggested or promised something."""
    return bool(_ASKED.search(question))


def voice_draft(desk: Desk, candidate: Candidate) -> Draft | None:
    """The clause that names who says a sentence, and the sentence; None where it has a signature or names one itself."""
    unit = candidate.unit
    if unit.speaker or unit.block.kind is BlockKind.ROW:
        return None
    named = _named(desk, unit)
    if named is None or named[0] is unit:
        return None
    who, start, end = named
    naming = Part(who.text[start:end], (who.span(start, end),))
    quote = desk.quote(unit, AnswerKind.FACT, most=_WORDS, whole=_WORDS)
    behind = who.index > unit.index
    return Draft((quote, naming) if behind else (naming, quote), candidate.whole)


def _named(desk: Desk, unit: Unit) -> tuple[Unit, int, int] | None:
    """The clause of the sentence itself, of the one behind a quotation, or of the nearest before, that names a speaker."""
    units = desk.passages.pages(unit.doc).units
    for other in _around(units, unit):
        behind = other.index > unit.index
        for name in _names(desk, other.text):
            at = other.text.find(name)
            if at >= 0 and not (behind and at > _NEAR) and _TELLS.search(other.text, at):
                return other, *_clause(other.text, at)
    return None


def _names(desk: Desk, text: str) -> Iterator[str]:
    """Names that the library knows, those beside a post or a verb, and one that begins the sentence."""
    yield from desk.people
    yield from (found.text for found in names_in(text) if len(found.text) > 1)
    yield from (text[:length] for length in (3, 2) if is_name(text[:length]))


def _around(units: Sequence[Unit], unit: Unit) -> Iterator[Unit]:
    """Where the speaker of a sentence may be named, the likeliest place first."""
    yield unit
    following = units[unit.index + 1 : unit.index + 2]
    if unit.text.endswith(("”", "’", "」")) and following and following[0].block is unit.block:
        yield following[0]
    yield from (u for u in reversed(units[max(0, unit.index - _REACH) : unit.index]) if not u.speaker)
    yield from following


def _clause(text: str, at: int) -> tuple[int, int]:
    start, end = next((a, b) for a, b in clauses(text) if a <= at < b)
    end = before_marks(text, start, min(end, start + _NAMING), "，。；：、,;:")
    return start, end
