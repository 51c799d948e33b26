"""Years and calendar dates in Chinese text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.language.numbers import DIGITS, chinese_value, fold

# The first five-year plan began in 1953, the sixth in 1981; since then plan n covers 1951 + 5n to 1955 + 5n.
PLANS = {
    "八五": 8,
    "九五": 9,
    "十五": 10,
    "十一五": 11,
    "十二五": 12,
    "十三五": 13,
    "十四五": 14,
    "十五五": 15,
    "十六五": 16,
    "十七五": 17,
}
RELATIVE = {
    "大前年": -3,
    "前年": -2,
    "去年": -1,
    "上年": -1,
    "上一年": -1,
    "今年": 0,
    "本年": 0,
    "当年": 0,
    "明年": 1,
    "来年": 1,
    "下一年": 1,
    "后年": 2,
}
LONGEST_RANGE = 15

_HAN4 = "[一二][〇零一二三四五六七八九]{3}"
_NUMERAL = "[〇零一二三四五六七八九十]"
_FULL = r"(?:19|20)\d{2}"
_TO = r"\s*(?:年度?\s*)?(?:[-–—―~～−]{1,2}|至|到)\s*"
_RANGE = re.compile(rf"(?<!\d)({_FULL}){_TO}({_FULL}|\d{{2}}(?=\s*年))(?!\d)")
_YEAR = re.compile(rf"(?<![\d.])({_FULL})(?![\d.%‰]|\s*(?:多|余)?(?:[个元人张名家所户项万亿名次米吨床]|余))")
_YEAR_HAN = re.compile(rf"({_HAN4})\s*(?=年|[-—至到])")
_SHORT = re.compile(
    r"(?<![\d第近满约共每过用前后续期达长历务隔作职〔])(?<!\d[.,])(?<!至少)(?<!不足)(?<!未来)(?<!今后)([0-4]\d)年"
    r"(?!来|内|间|以|之|前|后|期|制|多|余|左右|时间|历史|经验|工龄|\s*(?:或|及)?\s*以)"
)
_AFTER_LENGTH = r"(?!来|内|间|以|之|前|后|期|制|多|余|左右|时间|级)"
_SHORT_HAN = re.compile(
    rf"(?<![第近满约共每过用这那前后十百千万〇零一二三四五六七八九])(一[五六七八九]|二[〇零一二三四五六七八九])年{_AFTER_LENGTH}"
)
# 22到25逐年, 24、25两年: years of two digits whose 年 stands behind the last of them
_SHORT_PAIR = re.compile(
    r"(?<![\d.])([12]\d)(?:([、和跟与及])([12]\d)(?=[两这]?年)|(?:至|到|[-–—~～])([12]\d)(?=[三四五这]年|逐年|每年|各年))"
)
_PLAN = re.compile(
    "(?<![一二三四五六七八九十])("
    + "|".join(sorted(PLANS, key=len, reverse=True))
    + r")(?=[”\"」’'》]|规划|计划|时期|期间|末|收官|以来|开局|目标|中期)"
)
_OPEN_PLAN = re.compile(
    "(?<![一二三四五六七八九十])(十[一二三四六七]五|十五五)(?![一二三四五六七八九十百千万])"
)
_RELATIVE = re.compile("|".join(sorted(RELATIVE, key=len, reverse=True)))
_MONTH_DAY = (
    rf"(?:(?P<year>{_FULL}|{_HAN4})\s*年\s*)?(?P<month>\d{{1,2}}|{_NUMERAL}{{1,2}})\s*月(?!份?子)\s*"
    rf"(?:份|(?P<day>\d{{1,2}}|{_NUMERAL}{{1,3}})\s*[日号])?"
)
_DATE = re.compile(rf"(?<![\d.个{_NUMERAL[1:-1]}])(?:{_MONTH_DAY})")
_NUMERIC = re.compile(
    rf"(?<!\d)(?P<year>{_FULL})\s*([-/.])\s*(?P<month>\d{{1,2}})\s*\2\s*(?P<day>\d{{1,2}})(?!\d)"
)
_LAST_DAY = re.compile(rf"{_TO}(?P<day>\d{{1,2}}|{_NUMERAL}{{1,3}})\s*[日号]")


@dataclass(frozen=True, slots=True)
class Date:
    """A date as written, `text[start:end] == surface`; a part that is not said is 0."""

    year: int
    month: int
    day: int
    surface: str
    start: int
    end: int


def years_in(text: str, reference: int | None = None) -> tuple[int, ...]:
    """The years that a text speaks of, in the order of first mention; ranges and five-year plans are spelt out.

    Relative words (去年, 今年, 明年) count only with a reference year.
    """
    folded = fold(text)
    spoken = sorted(_mentions(folded, reference), key=lambda pair: pair[0])
    return tuple(dict.fromkeys(year for _, years in spoken for year in years))


def _mentions(folded: str, reference: int | None) -> Iterator[tuple[int, range]]:
    for match in _RANGE.finditer(folded):
        first, last = int(match[1]), int(match[2])
        last += first // 100 * 100 if last < 100 else 0
        if first <= last <= first + LONGEST_RANGE:
            yield match.start(), range(first, last + 1)
    for match in _YEAR.finditer(folded):
        yield match.start(), range(int(match[1]), int(match[1]) + 1)
    for match in _YEAR_HAN.finditer(folded):
        year = int("".join(str(DIGITS[char]) for char in match[1]))
        if 1900 <= year < 2100:
            yield match.start(), range(year, year + 1)
    yield from _short_mentions(folded)
    for pattern in (_PLAN, _OPEN_PLAN):
        for match in pattern.finditer(folded):
            first = 1951 + 5 * PLANS[match[1]]
            yield match.start(), range(first, first + 5)
    for match in _RELATIVE.finditer(folded) if reference is not None else ():
        year = (reference or 0) + RELATIVE[match[0]]
        yield match.start(), range(year, year + 1)


def _short_mentions(folded: str) -> Iterator[tuple[int, range]]:
    """Years of this century by their last two digits."""
    for match in _SHORT.finditer(folded):
        yield match.start(), range(2000 + int(match[1]), 2001 + int(match[1]))
    for match in _SHORT_HAN.finditer(folded):
        year = 2000 + 10 * DIGITS[match[1][0]] + DIGITS[match[1][1]]
        yield match.start(), range(year, year + 1)
    for match in _SHORT_PAIR.finditer(folded):
        first, last = 2000 + int(match[1]), 2000 + int(match[3] or match[4])
        if first < last <= first + LONGEST_RANGE:
            yield match.start(), range(first, last + 1, last - first if match[2] else 1)


def relative_years(text: str) -> tuple[str, ...]:
    """The words for a year that only a reference year makes definite (去年, 今年 …)."""
    return tuple(dict.fromkeys(_RELATIVE.findall(text)))


def dates_in(text: str) -> tuple[Date, ...]:
    """Month-day dates with or without a year, in order; both ends of 1月13日—18日 are given."""
    folded = fold(text)
    found: list[Date] = []
    for pattern in (_NUMERIC, _DATE):
        for match in pattern.finditer(folded):
            date = _date(text, match)
            if date and not any(date.start < other.end and other.start < date.end for other in found):
                found.append(date)
                if last := _LAST_DAY.match(folded, match.end()) if date.day else None:
                    found.append(_last(text, date, last))
    return tuple(sorted(found, key=lambda date: date.start))


def _date(text: str, match: re.Match[str]) -> Date | None:
    year, month, day = (_number(match[name]) for name in ("year", "month", "day"))
    if not 1 <= month <= 12 or not 0 <= day <= 31:
        return None
    return Date(year, month, day, text[match.start() : match.end()], match.start(), match.end())


def _last(text: str, first: Date, match: re.Match[str]) -> Date:
    start = match.start("day")
    return Date(first.year, first.month, _number(match["day"]), text[start : match.end()], start, match.end())


def _number(numeral: str | None) -> int:
    if not numeral:
        return 0
    return int(numeral) if numeral.isdecimal() else int(chinese_value(numeral) or 0)
