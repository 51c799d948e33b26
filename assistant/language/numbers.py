"""Numbers in Chinese text: digits and Chinese numerals, percentages, rates, ranges, with unit and place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from assistant.language.clean import WIDEN
from assistant.language.resources import lines, simplified, word_list

DIGITS = dict(zip("〇零一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
PLACES = {"十": 10, "百": 100, "千": 1000}
SECTIONS = {"万": 10_000, "亿": 100_000_000}
PARTS = {"百": "%", "千": "‰", "万": "/1万", "十万": "/10万"}
HAN = "〇零一二两三四五六七八九十百千万亿"

_PLAIN = r"(?<![\d.])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?"
_PART = re.compile(rf"(百|千|十万|万)分之\s*({_PLAIN}|[{HAN}]+(?:点[〇零一二三四五六七八九]+)?)")
_FRACTION = re.compile(rf"([{HAN}]+)分之([{HAN}]+)")
_TENTHS = re.compile(
    r"([\d一二两三四五六七八九])成([一二三四五六七八九半])?(?=[^一-鿿]|$|以上|以下|以内|左右|的|多|是|到|和|及|在|吗|了)"
)
_DIGITAL = re.compile(_PLAIN)
_CHINESE = re.compile(rf"[{HAN}]+(?:点[〇零一二三四五六七八九]+)?")
_MULTIPLIER = re.compile(r"\s*(万亿|千万|百万|亿|万|千|百)")
_RATE = re.compile(r"\s*/\s*(?=\d*\s*[万千百])(\d*)\s*(万|千|百)")
_ABOUT = re.compile(r"[多余来几]")
_RANGE = re.compile(r"\s*(?:[-–—―~～−]{1,2}|至|到)\s*")
_ALONE = re.compile(r"多?(?:$|以上|以下|以内|左右|[^一-鿿、）)])")
_NEGATIVE = re.compile(r"(?:^|[\s:：(（为是到至约])[-−]$")
# Marks of Chinese writing that NFKC makes narrow; within numbers, times and Latin words they are narrow by right.
_NARROW = re.compile(r"(?<![0-9A-Za-z])[,;:]|[,;:](?![0-9A-Za-z/])|[?!]")
_YEAR = re.compile(r"([一二][〇零一二三四五六七八九]{3})(?=\s*年)")

BOUNDS_BEFORE = (
    (
        "max",
        re.compile(
            r"(?:≤|<=?|不超过|不高于|不大于|不多于|至多|最多|(?<!不)低于|(?<!不)小于|(?<!不)少于|控制在|降至|降到)\s*$"
        ),
    ),
    (
        "min",
        re.compile(
            r"(?:≥|>=?|不低于|不少于|不小于|至少|最少|起码|(?<!不)超过|(?<!不)大于|(?<!不)高于|(?<!不)多于|突破)\s*$"
        ),
    ),
)
BOUNDS_AFTER = (
    ("min", re.compile(r"\s*(?:及以上|以上|之上)")),
    ("max", re.compile(r"\s*(?:及以下|以下|以内|之内|之下)")),
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written: `text[start:end] == surface`; `bound` is "min", "max", "low", "high" or empty."""

    value: Decimal
    unit: str
    surface: str
    start: int
    end: int
    bound: str = ""

    def same(self, other: Number) -> bool:
        """Whether both say the same quantity; a bare number, as in a table cell, agrees with any unit."""
        return self.value == other.value and (self.unit == other.unit or not self.unit or not other.unit)


def fold(text: str) -> str:
    """NFKC for every character that it maps to exactly one, so that offsets stay."""
    if text.isascii():
        return text
    folded = (unicodedata.normalize("NFKC", char) for char in text)
    return "".join(new if len(new) == 1 else old for new, old in zip(folded, text, strict=True))


def chinese_value(numeral: str) -> Decimal | None:
    """The value of a Chinese numeral (二十三, 一万二, 二〇二五, 三点五), or None if it is not one."""
    whole, _, decimals = numeral.partition("点")
    value = _positional(whole) if not set(whole) & (PLACES.keys() | SECTIONS.keys()) else _placed(whole)
    if value is None or not decimals:
        return None if value is None else Decimal(value)
    return Decimal(f"{value}." + "".join(str(DIGITS[char]) for char in decimals))


def whole_value(numeral: str) -> int:
    """The value of a whole number in digits or in Chinese numerals, 0 where it is none."""
    return int(numeral) if numeral.isdecimal() else int(chinese_value(numeral) or 0)


def _positional(numeral: str) -> int | None:
    if len(numeral) == 1:
        return DIGITS[numeral]
    if not numeral or "两" in numeral or not (len(numeral) == 4 or set(numeral) & set("〇零")):
        return None
    return int("".join(str(DIGITS[char]) for char in numeral))


def _placed(numeral: str) -> int | None:
    """Sections of 亿 and 万, each of 千 百 十; a last bare digit counts one place lower than the one before."""
    total, section, digit, last, zero = 0, 0, -1, 10**9, False
    for char in numeral:
        if char in DIGITS:
            if digit > 0 or (digit == 0 and DIGITS[char] == 0):
                return None
            digit, zero = DIGITS[char], zero or DIGITS[char] == 0
            continue
        place = PLACES.get(char) or SECTIONS[char]
        if char in PLACES:
            if place >= last or (digit < 0 and place != 10) or (digit == 0 and place != 10):
                return None
            section += max(digit, 1) * place
        else:
            if section + max(digit, 0) == 0:
                return None
            total = (total + section + max(digit, 0)) * place
            section = 0
        last, digit, zero = (place if char in PLACES else 10**9), -1, False
        shift = place
    if digit > 0:
        section += digit if zero or shift == 10 else digit * shift // 10
    return total + section


@cache
def _units() -> tuple[re.Pattern[str], dict[str, str]]:
    same: dict[str, str] = {}
    for line in lines("units.txt"):
        unit, equals, others = line.partition(" = ")
        if equals:
            same |= dict.fromkeys([unit, *others.split()], unit)
        else:
            same |= {word: word for word in line.split()}
    longest = sorted(same, key=len, reverse=True)
    return re.compile(r"\s*([%‰]|" + "|".join(map(re.escape, longest)) + ")"), same


@cache
def _idle() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(word_list("not_numbers.txt"), key=len, reverse=True))))


def numbers_in(text: str) -> tuple[Number, ...]:
    """Every number of a text in order, with offsets into it; ordinals and idle words such as 一起 are left out."""
    folded = fold(text)
    found: list[Number] = []
    at = 0
    while at < len(folded):
        if folded[at].isdecimal() or folded[at] in HAN:
            number = _number_at(text, folded, at)
            if number:
                found.append(number)
                at = number.end
                continue
            if folded[at] in HAN:
                run = _CHINESE.match(folded, at)
                at = max(at, run.end() if run else at)
                continue
        at += 1
    return _with_ranges(folded, found)


def _number_at(text: str, folded: str, at: int) -> Number | None:
    if part := _PART.match(folded, at):
        value = _value(part[2])
        return None if value is None else Number(value, PARTS[part[1]], text[at : part.end()], at, part.end())
    if fraction := _FRACTION.match(folded, at):
        below, above = chinese_value(fraction[1]), chinese_value(fraction[2])
        if below and above is not None:
            return Number(above / below, "", text[at : fraction.end()], at, fraction.end())
    if (tenths := _TENTHS.match(folded, at)) and not _idle().match(folded, at):
        tens = _value(tenths[1]) or Decimal(0)
        ones = Decimal(5) if tenths[2] == "半" else _value(tenths[2] or "零") or Decimal(0)
        return _finish(text, folded, Number(tens * 10 + ones, "%", "", at, tenths.end()))
    if digital := _DIGITAL.match(folded, at):
        return _digital(text, folded, at, digital)
    return _chinese(text, folded, at)


def _value(numeral: str) -> Decimal | None:
    return Decimal(numeral.replace(",", "")) if numeral[0].isdecimal() else chinese_value(numeral)


def _digital(text: str, folded: str, at: int, match: re.Match[str]) -> Number:
    value, end = Decimal(match[0].replace(",", "")), match.end()
    if rate := _RATE.match(folded, end):
        return _finish(text, folded, Number(value, f"/{rate[1] or 1}{rate[2]}", "", at, rate.end()))
    if multiplier := _MULTIPLIER.match(folded, end):
        value *= chinese_value("一" + multiplier[1]) or 1
        end = multiplier.end()
    if _NEGATIVE.search(folded[max(0, at - 2) : at]):
        value = -value
    return _finish(text, folded, _with_unit(folded, Number(value, "", "", at, end)))


def _chinese(text: str, folded: str, at: int) -> Number | None:
    run = _CHINESE.match(folded, at)
    if not run or folded[max(0, at - 1) : at] in ("第", "几", "数") or _idle().match(folded, at):
        return None
    value = chinese_value(run[0])
    if value is None:
        return None
    number = _with_unit(folded, Number(value, "", "", at, run.end()))
    bare = len(run[0]) > 1 and value >= 10 and _ALONE.match(folded, number.end)
    return _finish(text, folded, number) if number.unit or bare else None


def _with_unit(folded: str, number: Number) -> Number:
    pattern, same = _units()
    about = _ABOUT.match(folded, number.end)
    unit = pattern.match(folded, about.end() if about else number.end)
    if not unit:
        return number
    return replace(number, unit=same.get(unit[1], unit[1]), end=unit.end())


def _finish(text: str, folded: str, number: Number) -> Number:
    """Fill in the surface and the bound that the words around the number set."""
    before = folded[max(0, number.start - 6) : number.start]
    bound = next((name for name, pattern in BOUNDS_BEFORE if pattern.search(before)), "")
    if not bound:
        bound = next((name for name, pattern in BOUNDS_AFTER if pattern.match(folded, number.end)), "")
    return replace(number, surface=text[number.start : number.end], bound=bound)


def _with_ranges(folded: str, found: Sequence[Number]) -> tuple[Number, ...]:
    """The lower end of a range takes the unit of the upper one when it has none of its own."""
    out = list(found)
    for i in range(len(out) - 1):
        low, high = out[i], out[i + 1]
        if _RANGE.fullmatch(folded, low.end, high.start) and low.value < high.value:
            out[i] = replace(low, unit=low.unit or high.unit, bound="low")
            out[i + 1] = replace(high, bound="high")
    return tuple(out)


def unsupported(text: str, sources: Iterable[str]) -> tuple[Number, ...]:
    """The numbers of a text that none of the sources says; empty means that every number is proven."""
    known = [number for source in sources for number in numbers_in(source)]
    return tuple(number for number in numbers_in(text) if not any(number.same(other) for other in known))


def normalise(text: str) -> str:
    """A question in one spelling: NFKC with the wide marks of Chinese writing, simplified characters, 二〇二五年 →
    2025年, 百分之九十 and 九成 → 90%, one blank for many."""
    plain = simplified(" ".join(unicodedata.normalize("NFKC", text).split()))
    plain = _NARROW.sub(lambda match: WIDEN[match[0]], plain)
    plain = _YEAR.sub(lambda match: "".join(str(DIGITS[char]) for char in match[1]), plain)
    out, at = [], 0
    for number in numbers_in(plain):
        if number.unit in {"%", "‰"} and number.surface[-1] not in "%‰":
            out += [plain[at : number.start], f"{number.value.normalize():f}{number.unit}"]
            at = number.end
    return "".join(out) + plain[at:]
