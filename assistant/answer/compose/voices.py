"""Whose words a sentence of a report is, where no signature tells: “…。”张三在会上说; 李四说 … 她建议 …"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.answer.compose.desk import Desk
from assistant.answer.drafts import Draft, Part
from assistant.answer.ranking import Candidate
from assistant.language.names import is_name, names_in
from assistant.language.sentences import before_marks, clauses
from assistant.search.passages import Unit
from assistant.types import AnswerKind, BlockKind

_SAYS = "说|讲|表示|指出|强调|提出|提到|提过|谈到|谈了|坦言|建议|提议|透露|承诺|呼吁|介绍"
_VERBS = _SAYS + "|认为|要求|提醒|回应|补充道"
_WHO = r"(?:谁|哪一?位|哪个(?:领导|人|代表|局长|院长|主任|书记))"
_ASKED = re.compile(
    rf"{_WHO}(?![家负发])[^，。？]{{0,6}}?(?<!补)(?:{_SAYS})"
    rf"(?![明座课书解授由])|(?:话|说法|说|讲|提|建议)的?(?:是|出自)?{_WHO}|{_WHO}(?:说|讲)的"
)
_TELLS = re.compile(rf"[^，。；]{{0,8}}?(?:{_VERBS})(?!书|明确?书)")
_PROSE = (BlockKind.PARAGRAPH, BlockKind.ITEM)
_GOES_ON = re.compile(r"[他她“‘「]")  # a paragraph that goes on with what somebody says
_NEAR = 3  # characters before the name that stands right behind a quotation
_DESCRIBED = 24  # the same with what describes the person: 种粮大户、流转了640亩梯田的马春生这样说
_REACH = 4  # sentences before the words in which the name may stand
_WORDS, _NAMING = 80, 30  # characters shown of the words, and of the clause before the name


def asks_voice(question: str) -> bool:
    """Whether a question asks who said, suggested or promised something."""
    return bool(_ASKED.search(question))


def voice_draft(desk: Desk, candidate: Candidate) -> Draft | None:
    """The clause that names who says a sentence, and the sentence; None where it has a signature or names one itself."""
    unit = candidate.unit
    if unit.speaker or unit.block.kind not in _PROSE:
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
    """Where a speaker is named: in the sentence itself, right behind its quotation, or nearest before it."""
    for other in _around(desk, unit):
        behind = other.index > unit.index
        for name in _names(desk, other.text):
            at = other.text.rfind(name)
            tells = _TELLS.match(other.text, at + len(name)) if at >= 0 else None
            if tells and not (behind and not _is_behind(other.text[:at])):
                return other, *_clause(other.text, at, tells.end())
    return None


def _is_behind(before: str) -> bool:
    """Whether a name stands right behind a quotation, with no more than what describes the person between them."""
    return len(before) <= _NEAR or (len(before) <= _DESCRIBED and not re.search(rf"{_VERBS}|。", before))


def _names(desk: Desk, text: str) -> Iterator[str]:
    """Names that the library knows, those beside a post or a verb, and one that begins the sentence."""
    yield from (name for name in desk.people if name in text)
    yield from (found.text for found in names_in(text) if len(found.text) > 1)
    yield from (text[:length] for length in (3, 2) if is_name(text[:length]))


def _around(desk: Desk, unit: Unit) -> Iterator[Unit]:
    """Where the speaker of a sentence may be named, the likeliest place first; never under another heading."""
    units = desk.passages.pages(unit.doc).units
    yield unit
    following = units[unit.index + 1 : unit.index + 2]
    if unit.text.endswith(("”", "’", "」")) and following and following[0].block is unit.block:
        yield following[0]
    before = [u for u in units[max(0, unit.index - _REACH) : unit.index] if u.block.kind in _PROSE]
    near = [u for u in before if u.block is unit.block]
    if _GOES_ON.match((near[0] if near else unit).text):
        near = [u for u in before if u.block.heading_path == unit.block.heading_path and not u.speaker]
    yield from reversed(near)


def _clause(text: str, at: int, told: int) -> tuple[int, int]:
    """The clause with a name up to the verb behind it, or to the clause's end where that is near."""
    start, end = next((a, b) for a, b in clauses(text) if a <= at < b)
    start = max(start, at - _NAMING)
    end = end if end - told < _NAMING else told
    return start, before_marks(text, start, max(end, told), "，。；：、,;:")
