"""The members of a named set that are told over several sentences: 三张网: 县级建监测网…；乡镇建清洁网。村一级建的是劝导网。"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.answer.drafts import LONGEST, Part
from assistant.language.numbers import whole_value
from assistant.language.sentences import before_marks, clauses
from assistant.search.passages import Unit
from assistant.types import BlockKind

NUMERAL = "一二两三四五六七八九十"
_MOST = 12  # members
_LOOK = 6  # sentences in which they are told
_SHORT = 8  # characters of a clause that needs the one before it to be understood
_TOLD = (BlockKind.PARAGRAPH, BlockKind.ITEM)
_MARKS = "，。；：、,;:"
# 三减两免一兜底: each numeral with the characters behind it.
_PART = re.compile(rf"([{NUMERAL}]{{1,3}}|\d{{1,2}})([^\d{NUMERAL}]{{1,4}})")
_NAME = re.compile(rf"[“”\"『』「」]*(?:[{NUMERAL}\d][^\d{NUMERAL}]{{1,4}})+?[“”\"『』「」]*[，：:,]?")
_CLASS = re.compile(r"[大个项种条件类支张重方面件]+")
_ORDINAL = re.compile(
    rf"第[{NUMERAL}](?!年|季|批|届|次|章|款)|(?<![\u4e00-\u9fff])[{NUMERAL}](?:是|要|看)|首先|其[次二三一]|再[次者]|最后"
)
_JOINTS = re.compile(r"[、，；：。,;\n]|(?<=[\u4e00-\u9fff])[和与及或](?=[\u4e00-\u9fff\d])")
_GOES_ON = re.compile(r"此外|另外|还有|还[要应须需]|同时|至于|与此|在此基础上|以及")
_COUNTED = re.compile(
    rf"(?<![第{NUMERAL}\d])([{NUMERAL}]{{1,3}}|\d{{1,2}})(?:[个种项条类样件桩块方样色句点步]|大)"
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name that counts: how many members it says there are, and the words by which they may be known."""

    count: int
    nouns: tuple[str, ...]


def name_of(text: str, asked: int = 0) -> Name:
    """The numbers of a name summed up, with what each counts: 三减两免一兜底 is six.

    Where a question asks for so many as one part of it counts, that part is meant: the three of 一窗三办.
    """
    parts = [
        (whole_value(number), _CLASS.sub("", noun, count=1) or noun) for number, noun in _PART.findall(text)
    ]
    parts = [part for part in parts if part[0] == asked] or parts
    return Name(sum(count for count, _ in parts), tuple(noun for _, noun in parts))


def asked_count(question: str) -> int:
    """How many things the question wants to hear, 0 where it does not say: 哪三桩事, 三种颜色."""
    found = [whole_value(number) for number in _COUNTED.findall(question)]
    return max((count for count in found if 1 < count <= _MOST), default=0)


def told_over(units: Sequence[Unit], at: int, end: int, name: Name, least: int = 2) -> list[Part]:
    """The members of the set that the unit `at` names before `end`, told in it and the sentences that follow it.

    Empty where fewer members follow than the name counts, and where fewer than `least` sentences tell them.
    """
    if not 1 < name.count <= _MOST:
        return []
    first = units[at]
    said = first.text[end:] + "".join(unit.text for unit in units[at + 1 : at + _LOOK])
    nouns = tuple(noun if noun in said else noun[-1:] for noun in name.nouns)
    told: list[tuple[Unit, list[tuple[int, int]]]] = []
    count = most = 0
    for unit in units[at : at + _LOOK]:
        if unit.speaker != first.speaker or unit.block.heading_path != first.block.heading_path:
            break
        if unit.block.kind not in _TOLD:
            break
        start = end if unit is first else 0
        found = list(_members(unit.text, start, nouns, listed=unit is first))
        goes_on = _GOES_ON.search(unit.text[:10]) or _NAME.fullmatch(unit.text)
        if unit is not first and not found and not goes_on:
            break
        if found:
            told.append((unit, found))
            count += sum(_worth(unit.text[a:b], nouns) for a, b in found)
            most += sum(pieces(unit.text[a:b]) for a, b in found)
    if max(count, most) < name.count or len(told) < least:
        return []
    return _as_parts(told)


def _members(text: str, start: int, nouns: Sequence[str], *, listed: bool) -> Iterator[tuple[int, int]]:
    """The clauses that tell a member: with a word of the name, or with an ordinal; behind 名称： each part up to a ；."""
    cut = [(a, b) for a, b in clauses(text, "，；：。,;:") if b > start]
    colon = re.match(r"[”\"』」’]?[^，。；]{0,6}[：:]", text[start:]) if listed else None
    opens = start + colon.end() if colon else -1
    for n, (a, b) in enumerate(cut):
        a = max(a, start)
        clause = text[a:b]
        begins = opens >= 0 and (a == opens or (n and text[cut[n - 1][1] - 1] in "；;"))
        known = any(_holds(clause, noun) for noun in nouns) and not _NAME.fullmatch(clause)
        if known or begins or _ORDINAL.search(clause):
            ordered, short = _ORDINAL.search(clause), len(clause) <= _SHORT
            before = short and n and not ordered and not begins
            behind = short and ordered and n + 1 < len(cut) and not known and ordered.end() + 3 > len(clause)
            yield (max(cut[n - 1][0], start) if before else a), (cut[n + 1][1] if behind else b)


def _holds(clause: str, noun: str) -> bool:
    """Whether a clause has the noun of the name in it; a single character that only begins it may be another word's."""
    return clause.find(noun) >= (0 if len(noun) > 1 else 1)


def _worth(clause: str, nouns: Sequence[str]) -> int:
    """How many members a clause tells: 资金监督员和群众评议员 are two."""
    named = max((clause.count(noun) for noun in nouns), default=0)
    return named if named > 1 and re.search(r"[、和及]", clause) else 1


def pieces(text: str) -> int:
    """How many things a text may tell at most: one more than it has joints."""
    return len(_JOINTS.findall(text.strip("。；，,;"))) + 1


def _as_parts(told: Sequence[tuple[Unit, list[tuple[int, int]]]]) -> list[Part]:
    """Each sentence from its first member to its last; where that is too much to read, its members alone."""
    whole = [(unit, [(found[0][0], found[-1][1])]) for unit, found in told]
    length = sum(b - a for _, stretches in whole for a, b in stretches)
    chosen = whole if length <= LONGEST else told
    parts: list[Part] = []
    for unit, stretches in chosen:
        done = 0
        for a, b in stretches:
            a, b = max(a, done), before_marks(unit.text, a, b, _MARKS, 1)
            if b <= a:
                continue
            done = b
            parts.append(Part(unit.text[a:b], (unit.span(a, b),)))
    while sum(len(part.text) for part in parts) > LONGEST:
        parts.pop()
    return parts
