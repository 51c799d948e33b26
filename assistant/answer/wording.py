"""The words of a written sentence: its clauses, what they say, and what may be left out of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.language.clean import is_han
from assistant.language.dates import years_in
from assistant.language.numbers import Number, chinese_value, numbers_in
from assistant.language.regions import regions_in, short_name
from assistant.language.segment import bigrams, idle_words, plain
from assistant.language.sentences import clauses
from assistant.search.passages import Unit

_LEAST_CLAUSE = 4  # characters of a clause that makes a statement of its own
_COUNTS = re.compile(
    r"(?:^|[，：分有为是共])([一二两三四五六七八九十]+|\d+)(?:个?方面|[条项个点类种步块章招家位名]|部分|大类)[：:，]"
)
REMARK = re.compile(r"[（(][^（）()]*[）)]")
# What a writer says of the documents rather than out of them.
_EMPTY = re.compile(
    r"实际值?|目标值?|征求意见稿|草案|正文|不一致|[表图]\d*|文件|资料|分别|都是|都|也|其中|以及|规划"
)
_FIRST_YEAR = 1900  # what is less counts years
DATES = ("年", "月", "日", "号")
_MOST_CLAUSES = 8
_LEAST_PAIRS = 2  # of words, in what says something
FEW_PAIRS = 4  # of words, in what is hardly more than a value
_CONDITION = re.compile(r"如果|若|除|只有|仅|凡|对于?|符合|满足|未经|不包括")


def place(unit: Unit) -> str:
    """The words of a sentence's place, and what is known of its document."""
    d = unit.document
    return "。".join((unit.where, d.region, d.issuer, d.date, d.number, d.status, d.kind))


def regions(text: str) -> list[str]:
    return sorted({short_name(region.name) for region in regions_in(text)})


def uncounted(text: str) -> str:
    """A text without the count of its own items (三条：甲；乙；丙), which the writer made and code can check."""
    found = _COUNTS.search(text)
    if not found:
        return text
    listed = text[found.end() :]
    parted = "；" if "；" in listed else "、"
    items = [item for item in listed.replace(";", "；").split(parted) if item.strip("。 ")]
    counted = int(found[1]) if found[1].isdigit() else chinese_value(found[1])
    agrees = counted == len(items)
    return text[: found.start()] + text[found.end() :] if agrees else text


def is_year(number: Number) -> bool:
    """Whether a number is a year of the calendar, and not so many years."""
    return number.unit == "年" and number.value >= _FIRST_YEAR


def miscounts(text: str) -> bool:
    """Whether a text announces another number of items than it gives."""
    return bool(_COUNTS.search(text)) and uncounted(text) == text


def says_something(text: str) -> bool:
    """Whether a text holds more than idle words and dates."""
    values = [number for number in numbers_in(text) if number.unit not in DATES]
    return bool(values) or len([pair for pair in word_pairs(text) if is_han(pair[0])]) >= _LEAST_PAIRS


def shorter(text: str) -> Iterator[str]:
    """A text, then without its remarks in brackets, then ever shorter runs of its clauses."""
    bare = REMARK.sub("", text)
    yield text
    if bare != text and len(bare) >= _LEAST_CLAUSE:
        yield bare
    parts = [bare[start:end] for start, end in clauses(bare, "，；,;")][:_MOST_CLAUSES]
    for length in range(len(parts) - 1, 0, -1):
        for start in (len(parts) - length, 0):
            run = "".join(parts[start : start + length]).strip("，；,; ")
            left = "".join(parts[:start] + parts[start + length :])
            if len(run) >= _LEAST_CLAUSE and not _needs(run, left):
                yield run


def _needs(run: str, left: str) -> bool:
    """Whether what is left out (a year, a place, a condition) changes what the rest says."""
    year = bool(years_in(left)) and not years_in(run)
    place = bool(regions(left)) and not regions(run)
    return year or place or bool(_CONDITION.search(left))


def bare(text: str) -> str:
    return re.sub(r"[\s，。；、,;]", "", text)


def claims(text: str) -> list[str]:
    found = (text[start:end].strip("，；：、。 ") for start, end in clauses(text, "，；：、,;:"))
    return [clause for clause in found if len(clause) >= _LEAST_CLAUSE]


def share(text: str, unit: Unit) -> float:
    return covered(text, f"{unit.text}。{place(unit)}")


def covered(text: str, said: str) -> float:
    """The share, 0 … 1, of a text's word pairs that another says; idle words and numbers do not count."""
    pairs, body = word_pairs(text), plain(said)
    return sum(pair in body for pair in pairs) / len(pairs) if pairs else 1.0


def word_pairs(text: str) -> list[str]:
    idle = idle_words()
    return [p for p in bigrams(plain(_EMPTY.sub("", text))) if p not in idle and not p[0].isdigit()]
