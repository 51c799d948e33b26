"""The marks that Chinese official texts number their parts with: one table, from the highest level to the lowest."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.language.sentences import TERMINATORS

DIGITS = "一二三四五六七八九十百零〇"
HEADING_WIDTH = 45  # characters; longer lines are paragraphs that happen to begin with a number


@dataclass(frozen=True, slots=True)
class Marker:
    """One way of numbering: `level` 1 is the highest; `article` marks run on into their text."""

    level: int
    pattern: re.Pattern[str]
    article: bool = False


MARKERS = (
    Marker(1, re.compile(rf"第[{DIGITS}\d]+[编篇部]分?(?![{DIGITS}\d])")),
    Marker(2, re.compile(rf"第[{DIGITS}\d]+章")),
    Marker(3, re.compile(rf"第[{DIGITS}\d]+节")),
    Marker(4, re.compile(rf"第[{DIGITS}\d]+条(?:之[{DIGITS}])?"), article=True),
    Marker(5, re.compile(rf"[{DIGITS}]+[、．.]")),
    Marker(6, re.compile(rf"[（(][{DIGITS}]+[）)][、．.]?")),
    Marker(7, re.compile(r"\d{1,2}[、．.](?!\d)")),
    Marker(8, re.compile(r"[（(]\d{1,2}[）)][、．.]?|\d{1,2}[）)]")),
    Marker(9, re.compile(r"[①-⑳]")),
)
BULLET = re.compile(r"[■□●○◆◇▲△★☆•▪]|[-*](?=\s)")
# Members of a list inside a paragraph; each pattern is tried with the number words in order.
ORDINALS = "一二三四五六七八九十"
INLINE = ("{}是", "{}要", "第{}，", "第{},", "其{}，", "其{},", "（{}）", "({})")
INLINE_DIGITS = ("（{}）", "({})", "{}.", "{}、", "{}）")
_OPENERS = re.compile(
    r"(?:会议|大会|全会|座谈会|培训班?|通知|意见|方案|报告|通报)(?:指出|强调|要求|认为|听取|传达|提出|决定|分|明确|召开|还)"
)


@dataclass(frozen=True, slots=True)
class Marked:
    """A line's marker: its level, its text, and where the rest of the line begins."""

    level: int
    text: str
    end: int
    article: bool


def marker_of(line: str) -> Marked | None:
    """The numbering that a line begins with, if any."""
    for marker in MARKERS:
        found = marker.pattern.match(line)
        if found:
            return Marked(marker.level, found.group(), found.end(), marker.article)
    return None


def is_heading(line: str) -> bool:
    """Whether a numbered line is a heading rather than a numbered paragraph."""
    body = line.rstrip()
    return len(body) <= HEADING_WIDTH and not any(char in body for char in TERMINATORS + "；;：:")


def opens_paragraph(line: str) -> bool:
    """Whether a line begins as only a new paragraph does (会议强调 …), whatever stands before it."""
    return bool(marker_of(line) or BULLET.match(line) or _OPENERS.match(line))
