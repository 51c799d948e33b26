"""Titles: what stands at the head of a document, and the lines that say its known title again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.documents.lines import Line, LineKind
from assistant.documents.markers import BULLET, HASHES, marker_of
from assistant.language.clean import comparable, squeeze

NUMBER = re.compile(
    r"[\u4e00-\u9fff]{1,14}\s*[〔\[【（(]\s*\d{4}\s*[〕\]】）)]\s*(?:第\s*)?\d+\s*号|第\s*\d{1,4}\s*号"
)
LETTERHEAD = re.compile(r"(?P<issuer>[\u4e00-\u9fff、（）()\s]{2,40}?)\s*(?:文件|公报|公告|通告|令)")
_YEAR, _DAY = r"(?:\d{4}|[〇○零一二三四五六七八九]{4})", r"[\d一二三四五六七八九十]{1,3}"
DATE = re.compile(rf"{_YEAR}\s*年\s*{_DAY}\s*月(?:\s*{_DAY}\s*日)?")
_PAPER = re.compile(
    r"(?:通知|意见|办法|方案|条例|规定|规划|纲要|计划|报告|函|批复|决定|公告|通告|公报|细则|指南|标准|规程|规范|制度|章程|要点|"
    r"纪要|解读|问答|解答|须知|令|法|总结|说明|讲话|决议|倡议书|手册|预案|协议|简报|通报|指引|目录|清单|措施|准则)"
    r"\s*(?:[（(【\[][^（）()]{2,24}[）)】\]]\s*)*》?$"
)
_MARKS = re.compile(r"[^\w]|_")
_SENTENCE = "，,。；;？?：:"
TITLE = "标题"  # the reason of a line that is the document's title for certain
_WIDEST, _MOST_LINES = 46.0, 8
_REPEATED = 0.6  # the share of a known title that a run of lines must say to be the title again


def bare(text: str) -> str:
    """The letters and digits of a text, in the form in which texts are compared."""
    return _MARKS.sub("", comparable(text))


def is_date(text: str) -> bool:
    """Whether a line is a date and nothing else, with or without brackets."""
    return bool(DATE.fullmatch(squeeze(text).strip("（）()")))


def names_paper(text: str) -> bool:
    """Whether a text ends as the titles of official papers do: …的通知, …管理办法（试行）."""
    return bool(_PAPER.search(text))


def mark_titles(lines: Sequence[Line], title: str = "") -> list[Line]:
    """Turn the head of the document, and every run of lines that says the known title, into title lines."""
    out = list(lines)
    shown = [i for i, line in enumerate(lines) if line.kind is not LineKind.FURNITURE]
    chosen = _head([lines[i] for i in shown])
    for n, i in enumerate(shown):
        if n < chosen:
            out[i] = replace(lines[i], kind=LineKind.TITLE, reason=TITLE)
    known = bare(title)
    n = chosen
    while known and n < len(shown):
        length = _says(known, [lines[i] for i in shown[n : n + _MOST_LINES]])
        for i in shown[n : n + length]:
            out[i] = replace(lines[i], kind=LineKind.TITLE, reason=TITLE)
        n += max(1, length)
    return out


def _head(lines: Sequence[Line]) -> int:
    """How many lines at the top are letterhead, number, title and date: lines without the marks of a sentence."""
    count = 0
    while count < min(len(lines), _MOST_LINES + 1) and _heads(lines[count]):
        count += 1
    if count > _MOST_LINES or count == len(lines) > 1:
        return 0
    if count == len(lines) or lines[count].gap or lines[count].kind is not LineKind.TEXT:
        return count
    for n in range(count, 0, -1):
        text = squeeze(lines[n - 1].text)
        bracketed = n > 1 and re.fullmatch(r"[（(].{2,12}[）)]", text)
        if lines[n].gap or names_paper(text) or NUMBER.fullmatch(text) or bracketed:
            return n
    return 0


def _heads(line: Line) -> bool:
    text = squeeze(line.text)
    if (
        line.kind is not LineKind.TEXT
        or marker_of(line.text)
        or BULLET.match(line.text)
        or HASHES.match(line.text)
    ):
        return False
    if NUMBER.match(text) and line.width <= _WIDEST:
        return True
    return line.width <= _WIDEST and not any(char in _SENTENCE for char in text) and bool(bare(text))


def _says(known: str, lines: Sequence[Line]) -> int:
    """How many of the lines, from the first, say the known title piece by piece, if they say most of it."""
    at, said, count = 0, 0, 0
    for line in lines:
        own = bare(line.text)
        place = known.find(own, at) if len(own) >= 3 or (count and own) else -1
        if place < 0 or line.kind is not LineKind.TEXT or marker_of(line.text) or HASHES.match(line.text):
            break
        at, said, count = place + len(own), said + len(own), count + 1
    return count if said >= _REPEATED * len(known) else 0
