"""How the documents may say the words of a sentence, and not what it says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from assistant.answer.grounds import says, told
from assistant.answer.wording import (
    DATES,
    FEW_PAIRS,
    REMARK,
    claims,
    is_year,
    place,
    uncounted,
    word_pairs,
)
from assistant.language.dates import years_in
from assistant.language.numbers import Number, numbers_in
from assistant.language.segment import plain
from assistant.language.sentences import clauses
from assistant.search.passages import Unit
from assistant.types import BlockKind

_FORBIDS = re.compile(r"不得|禁止|不予|不能|不可以|不应|严禁|无需|不需要|不必|没有")
_NEGATIVE = re.compile(r"[不无未没禁免非勿严]")
_BOUND = re.compile(r"不(?:低于|少于|小于|超过|高于|大于|多于|到|足|满|断|同|仅|只|但|止)")
_CLEARLY = 2  # word pairs more
# Words that turn the sense of a sentence round: what does not say them does not prove them.
_TURNS = re.compile(
    r"未(?!来|成年)|取消|停止|撤销|撤并|免职|不再|暂停|推迟|副(?=主任|书记|局长|院长|市长|县长|省长|部长|厅长)|原(?=主任|书记|局长|院长|市长|县长)"
)
_RISES, _FALLS = (
    re.compile(r"上升|上涨|增加|增长|提高|提升|扩大"),
    re.compile(r"下降|降低|减少|下滑|降至|降到|缩小|缩短"),
)
_BINDING, _EXPECTED = re.compile(r"约束性"), re.compile(r"预期性")
_OPPOSITES = ((_RISES, _FALLS), (_FALLS, _RISES), (_BINDING, _EXPECTED), (_EXPECTED, _BINDING))


def contradicts(text: str, unit: Unit) -> bool:
    """Whether one forbids or denies what the other does not."""
    own, said = _BOUND.sub("", text), _BOUND.sub("", unit.text)
    if any(word not in said + place(unit) for word in _TURNS.findall(own)):
        return True
    for one, other in _OPPOSITES:
        if one.search(own) and not one.search(said) and other.search(said):
            return True
    if _FORBIDS.search(own) and not _NEGATIVE.search(said):
        return True
    for found in _FORBIDS.finditer(said):
        denied = said[found.end() : found.end() + 3]
        if len(denied) == 3 and denied in own and not _NEGATIVE.search(own):
            return True
    return False


def astray(text: str, support: Sequence[Unit]) -> bool:
    """Whether a number of the text belongs, where it is taken from, to something else.

    Of the clauses of the support that give a number of the same unit, the one that shares most words with the text's
    clause must give the text's number, and must share some where the clause has any.
    """
    there = [(unit.text[a:b], unit) for unit in support for a, b in _parts(unit)]
    return any(
        _elsewhere(clause, number, there)
        for clause in claims(uncounted(text))
        for number in numbers_in(clause)
    )


def _parts(unit: Unit) -> list[tuple[int, int]]:
    return [(0, len(unit.text))] if unit.block.kind is BlockKind.ROW else clauses(unit.text, "，；、,;")


def _elsewhere(clause: str, number: Number, there: Sequence[tuple[str, Unit]]) -> bool:
    if number.unit in DATES and (number.unit != "年" or is_year(number)):
        return False
    shared = {False: 0, True: 0}  # by whether the number is given
    for said, unit in there:
        if any(n.unit == number.unit or not n.unit for n in numbers_in(said)):
            given = told(number, said, unit.block.kind is BlockKind.ROW)
            shared[given] = max(shared[given], sum(pair in said for pair in word_pairs(clause)))
    apart = (
        shared[True] == 0 and len(word_pairs(clause)) >= FEW_PAIRS
    )  # the number, but nothing of what it counts
    return apart or shared[False] >= shared[True] + _CLEARLY


def cells_agree(text: str, support: Sequence[Unit]) -> bool:
    """Whether values out of a table stand under the years that the text gives them."""
    rows = [unit for unit in support if unit.block.kind is BlockKind.ROW]
    prose = [unit for unit in support if unit.block.kind is not BlockKind.ROW]
    return all(_row_agrees(clause, unit, prose) for unit in rows for clause in dated(text))


def other_row(text: str, support: Sequence[Unit], units: Sequence[Unit]) -> bool:
    """Whether the text names a row of a table in full, and rests on another one."""
    rows = [unit for unit in support if unit.block.kind is BlockKind.ROW]
    if not rows:
        return False
    said = plain(text)
    named = [
        u for u in units if u.block.kind is BlockKind.ROW and len(_indicator(u)) > 1 and _indicator(u) in said
    ]
    return bool(named) and not any(_indicator(row) == _indicator(unit) for row in rows for unit in named)


def _indicator(unit: Unit) -> str:
    return plain(REMARK.sub("", unit.block.attributes.get("indicator", "")))


def dated(text: str) -> Iterator[str]:
    """The stretches of a text that speak of one year each."""
    found = ""
    for start, end in clauses(text, "，；,;、"):
        clause = text[start:end]
        if years_in(clause) and years_in(found):
            yield found
            found = ""
        found += clause
    yield found


def _row_agrees(text: str, unit: Unit, prose: Sequence[Unit]) -> bool:
    years = set(years_in(text))
    if len(years) != 1:
        return True
    cells: dict[str, str] = json.loads(unit.block.attributes.get("cells", "{}"))
    columns = {column: set(years_in(column)) for column in cells}
    if not any(years & own for own in columns.values()):
        return True
    for number in numbers_in(text):
        if any(says(other, number) for other in prose):
            continue
        under = {c for c, value in cells.items() if told(number, value, row=True)}
        if under and not any(years & columns[c] or not columns[c] for c in under):
            return False
    return True
