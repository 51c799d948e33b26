"""The marks that Chinese official texts number their parts with: one table, from the highest level to the lowest."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.language.sentences import TERMINATORS

DIGITS = "一二三四五六七八九十百零〇"
# What follows a quantity: 1.2万人 at the beginning of a line is a number, 1.2适用范围 is the number of a section.
UNITS = "路号万亿千百十个元人米公里平方倍折级分年月日岁台套张所家项件%％‰次名户吨亩度小时天℃条名位批种起例"
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
    Marker(4, re.compile(rf"第[{DIGITS}\d]+条(?:之[{DIGITS}])?(?![、，,的和或及至第]|规定)"), article=True),
    Marker(5, re.compile(rf"[{DIGITS}]+[、．.]")),
    Marker(6, re.compile(rf"[（(][{DIGITS}]+[）)][、．.]?")),
    Marker(7, re.compile(r"\d{1,2}[、．.](?!\d)")),
    Marker(8, re.compile(rf"\d{{1,2}}[．.]\d{{1,2}}[．.]?\s?(?![\d．.{UNITS}])(?=[\u4e00-\u9fff《“])")),
    Marker(9, re.compile(r"\d{1,2}(?:[．.]\d{1,2}){2}[．.]?\s?(?=[\u4e00-\u9fff《“])")),
    Marker(10, re.compile(r"\d{1,2}(?:[．.]\d{1,2}){3,4}[．.]?\s?(?=[\u4e00-\u9fff《“])")),
    Marker(11, re.compile(r"[（(]\d{1,2}[）)][、．.]?|\d{1,2}[）)]")),
    Marker(12, re.compile(r"[①-⑳]")),
)
ANNEX = re.compile(
    r"(?:附件|附录|附表)\s*[\dA-Z一二三四五六七八九十]{0,3}"
)  # a line of its own: a new part begins
ANNEX_LEVEL, CHAPTER_LEVEL, QUESTION_LEVEL = 1, 7, 13
HASHES = re.compile(r"(#{1,6})\s+(?=\S)")  # a heading in Markdown; the number of marks is its level
CHAPTER = re.compile(r"(\d{1,2})\s+(?=[\u4e00-\u9fff])")  # 1 总则, if 1.1 … follows
_N = r"\s?[\d一二三四五六七八九十]{0,3}\s?"
_ASKS = re.compile(rf"(?:问|提问|Q){_N}[：:]\s?|(?:问题|Q)\s?\d{{1,3}}\s?[：:.、]\s?|【问】")
_PERSON_ASKS = re.compile(r"(?:记者|主持人|网友|群众|读者|听众)\s?[：:]\s?")  # a question only with its mark
_REPLIES = re.compile(rf"(?:答|回答|解答|A){_N}[：:]|【答】")
_LONGEST_QUESTION = 120  # characters
BULLET = re.compile(r"[■□●○◆◇▲△★☆•▪]|[-*+](?=\s)")
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
    patterns = (BULLET, _OPENERS, _ASKS, _PERSON_ASKS, _REPLIES)
    return bool(marker_of(line) or any(pattern.match(line) for pattern in patterns))


def question_end(text: str) -> int:
    """Where the question ends that a cleaned paragraph begins with and that heads its answer, or 0.

    A question counts when it is announced (问：, 记者：, Q1：) or numbered: an unannounced one may be rhetorical.
    """
    asked = _ASKS.match(text)
    numbered = marker_of(text)
    if not (asked or _PERSON_ASKS.match(text) or (numbered and not numbered.article)):
        return 0
    found = re.match(r"(?:[^。！!；;？?]*[？?]+[”’」』）)]*)+", text)
    if found:
        return found.end() if found.end() <= _LONGEST_QUESTION else 0
    return len(text) if asked and len(text) <= HEADING_WIDTH and not re.search(r"[。！!；;]", text) else 0
