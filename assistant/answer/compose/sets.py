"""Named sets (“三大能力”, 四种模式, 五项制度): their members, or the finding that the text only names them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answer.compose.desk import Desk
from assistant.answer.drafts import LONGEST, Draft, Part
from assistant.language.numbers import chinese_value
from assistant.language.segment import plain
from assistant.language.sentences import clauses
from assistant.search.passages import Unit
from assistant.types import AnswerKind, BlockKind

_NUMERAL = "一二两三四五六七八九十"
# 三大能力, 四个突破, 18项核心制度, 四不两直-like slogans, 1+3, 3815.
_NAMED = re.compile(
    rf"(?P<count>[{_NUMERAL}]{{1,3}}|\d{{1,3}})(?P<class>大|个|项|种|条|件|类|支|级|位一体|张网|方面|重)?(?P<noun>[\u4e00-\u9fff]{{0,8}})"
)
_FORMULA = re.compile(r"[\dA-Za-z一二三四五六七八九十]+(?:[+＋][\dA-Za-z一二三四五六七八九十]+)+|(?<!\d)\d{4}(?!\d|年)")
_ASKS_PARTS = re.compile(r"哪|什么|啥|分别|具体|列|指|都有|有谁|怎么|内容|组成|是何")
_LOOK_AHEAD = 14  # sentences after the name in which its members may follow
_NAME_LENGTH = 6


@dataclass(frozen=True, slots=True)
class NamedSet:
    """A set as the text names it: where the name stands in the unit, how many members it has (0: unknown), its noun."""

    unit: Unit
    start: int
    end: int
    count: int
    noun: str


def find_set(desk: Desk) -> NamedSet | None:
    """The named set that the question asks to be taken apart, where the best candidates name it."""
    if not _ASKS_PARTS.search(desk.question) or desk.query.kind not in (
        AnswerKind.LIST, AnswerKind.DEFINITION, AnswerKind.FACT, AnswerKind.SUMMARY, AnswerKind.HOWTO, AnswerKind.PERSON
    ):
        return None
    for candidate in desk.body()[:8]:
        if not candidate.in_scope or candidate.unit.block.kind is BlockKind.ROW:
            continue
        found = _in_unit(desk.question, candidate.unit)
        if found is not None:
            return found
    return None


def _in_unit(question: str, unit: Unit) -> NamedSet | None:
    asked = plain(question)
    for match in _FORMULA.finditer(unit.text):
        if plain(match.group()) in asked or plain(match.group()).replace("+", "") in asked:
            return NamedSet(unit, match.start(), match.end(), 0, "")
    for match in _NAMED.finditer(unit.text):
        counted, noun = match["count"] + (match["class"] or ""), match["noun"]
        for length in range(min(_NAME_LENGTH, len(noun)), 0, -1):
            name = plain(counted + noun[:length])
            if len(name) >= 3 and name in asked and _count(match["count"]) > 1:
                return NamedSet(unit, match.start(), match.start() + len(counted) + length, _count(match["count"]), noun[:length])
    return None


def _count(numeral: str) -> int:
    value = int(numeral) if numeral.isdecimal() else chinese_value(numeral)
    return int(value or 0)


def set_draft(desk: Desk, named: NamedSet) -> Draft | None:
    """The members of the set: beside its name in the same sentence, or at the heads of the sentences that follow."""
    if _explained(named):
        return Draft((desk.quote(named.unit, AnswerKind.DEFINITION, most=150, whole=110),))
    members = _following(desk, named)
    return Draft(tuple(members)) if members else None


def _explained(named: NamedSet) -> bool:
    """Whether the sentence itself lists the members: in brackets, after a colon, or joined by 、 right before."""
    text, count = named.unit.text, named.count or 2
    after = re.sub(r"^[”\"』」’\u4e00-\u9fff]{0,8}", "", text[named.end :])
    if re.match(r"[（(：:]|，?(?:即|是指|包括|分别)", after) or re.match(r"[”\"』」’]?[（(]", text[named.end :]):
        return True
    before = text[: named.start].rstrip("“\"『「‘")
    own = re.split(r"[，；。：]", before)[-1]
    joined = own.count("、") + len(re.findall(r"[和及与](?=[\u4e00-\u9fff])", own)) + own.count("+")
    wider = before[-80:].count("、") if re.search(r"(?:为引领|等|多种|以.{2,})", before[-80:]) else 0
    return joined >= max(1, count - 1) or (named.count == 0 and wider >= 2 and before.endswith(("的", "的“")) )


def _following(desk: Desk, named: NamedSet) -> list[Part]:
    """First clauses of later sentences that share the set's noun or a common opening, as many as the set counts."""
    units = desk.passages.pages(named.unit.doc).units
    own_speaker = named.unit.speaker
    after = [
        u
        for u in units[named.unit.index : named.unit.index + _LOOK_AHEAD]
        if u.speaker == own_speaker and u.block.heading_path == named.unit.block.heading_path
    ]
    heads = [_head(u) for u in after if u is not named.unit and u.block.kind in (BlockKind.PARAGRAPH, BlockKind.ITEM)]
    heads = [(u, a, b) for u, a, b in heads if b > a]
    best: list[tuple[Unit, int, int]] = []
    for group in _families(heads, named.noun):
        fits = len(group) == named.count if named.count else len(group) >= 2
        if fits and len(group) > len(best):
            best = group
    parts: list[Part] = []
    for unit, a, b in best:
        parts.append(Part(unit.text[a:b], (unit.span(a, b),)))
        if sum(len(p.text) for p in parts) > LONGEST:
            parts.pop()
            break
    return parts


def _head(unit: Unit) -> tuple[Unit, int, int]:
    first = clauses(unit.text, "，。；：")[0]
    start = 2 if re.match(rf"[{_NUMERAL}]是", unit.text) else first[0]
    end = first[1]
    while end > start and unit.text[end - 1] in "，。；：":
        end -= 1
    return unit, start, end


def _families(
    heads: Sequence[tuple[Unit, int, int]], noun: str
) -> list[list[tuple[Unit, int, int]]]:
    """Groups of heads that belong together: the set's noun in them, or the same first two characters."""
    texts = [unit.text[a:b] for unit, a, b in heads]
    groups = []
    if noun:
        groups.append([h for h, t in zip(heads, texts, strict=True) if noun[-2:] in t])
    openings = {t[:2] for t in texts}
    for opening in sorted(openings):
        groups.append([h for h, t in zip(heads, texts, strict=True) if t.startswith(opening)])
    return groups
