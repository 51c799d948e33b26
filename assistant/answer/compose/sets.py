"""Named sets (“三大能力”, 四种模式, 五项制度): their members, or the finding that the text only names them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answer.compose.desk import Desk
from assistant.answer.compose.members import NUMERAL, asked_count, name_of, pieces, told_over
from assistant.answer.compose.sections import items_after
from assistant.answer.drafts import LONGEST, Draft, Part
from assistant.language.numbers import whole_value
from assistant.language.segment import plain
from assistant.language.sentences import before_marks, clauses
from assistant.search.passages import Unit
from assistant.types import AnswerKind, BlockKind

# 三大能力, 四个突破, 18项核心制度, 四不两直-like slogans, 1+3, 3815.
_NAMED = re.compile(
    rf"(?P<count>[{NUMERAL}]{{1,3}}|\d{{1,3}})(?P<class>大|个|项|种|条|件|类|支|级|位一体|张网|张|份|道|步|方面|重)"
    r"(?P<quote>[”\"』」’]?)(?P<noun>[\u4e00-\u9fff]{0,8})"
)
# 1+3, 1+1+X+N, 3815: numbers that stand for parts.
_FORMULA = re.compile(r"[\dA-Za-z]+(?:[+＋][\dA-Za-z]+)+|(?<!\d)(?!(?:19|20)\d\d)\d{4}(?!\d|年)")
_QUOTED = re.compile(r"[“\"『「]([^”\"』」，。]{2,14})[”\"』」]")
_WHO = re.compile(r"谁|哪位|哪一位|哪个(?!意思)|哪家|哪里|哪儿")
_MEANING = re.compile(
    r"指|是(?:个)?(?:啥|什么)|是哪|哪[两二三四五六七八九十几]|具体|分别|内容|含义|意思|怎么理解"
)
_ALL = re.compile(r"都.{0,3}些?(?:什么|啥)|有(?:什么|啥|哪)|哪些")
_ASKS_PARTS = re.compile(r"哪|什么|啥|分别|具体|列|指|都有|有谁|怎么|内容|组成|是何")
_COUNTS = re.compile(
    rf"(?<![第{NUMERAL}])([{NUMERAL}]{{1,3}})(?:[件项条个类种点步句][\u4e00-\u9fff]{{0,6}}(?=[”：:，])|[\u4e00-\u9fff]{{1,4}}(?=[”]))"
)
_TAKEN_APART = re.compile(
    r"分别|具体|哪|列|都有|都是|指|是(?:啥|什么|谁|何)|内容|组成|代表|包括|包含|有些|都.{0,4}些?(?:什么|啥)|念一下|一条条|逐条"
)
_PARTS = re.compile(rf"分别|哪[{NUMERAL}]")
_LISTS = re.compile(r"[：:（(]|、.*、|即|是指|分别|一是|首先")  # behind a name: its members may follow
_SLOGAN = re.compile(
    rf"[{NUMERAL}](?:[个项条必要严]|[\u4e00-\u9fff]{{1,2}}[{NUMERAL}])"
)  # 五个不让, 三有一无; not 三孩
_MOST_MAJOR = 12
_OPENS = re.compile(r"^(?:逐步)?(?:构建|形成|以|由|通过)")  # a clause that goes on in the next one
_LONGEST_WINDOW = 150  # characters
_LOOK_AHEAD = 14  # sentences after the name in which its members may follow
_LISTED_WITHIN = 2  # sentences after the name of which one may list the members
_NAME_LENGTH = 6
_ROOM = 2  # sentences behind a name that speak of its matter: they may tell the members of its set
_NOUN = 2  # characters by which a set's noun is known
_NAMING = 8  # candidates that may name the set


Head = tuple[Unit, int, int]  # the characters of a sentence's first clause, without its ordinal


@dataclass(frozen=True, slots=True)
class NamedSet:
    """A set as the text names it: where the name stands in the unit, how many members it has (0: unknown), its noun.

    `counted`: whether the name itself says that there are several members.
    """

    unit: Unit
    start: int
    end: int
    count: int
    noun: str
    counted: bool = False


def find_sets(desk: Desk) -> list[NamedSet]:
    """The named set that the question asks to be taken apart, in each of the best candidates that name it."""
    if not _ASKS_PARTS.search(desk.question) or desk.query.kind not in (
        AnswerKind.LIST,
        AnswerKind.DEFINITION,
        AnswerKind.FACT,
        AnswerKind.SUMMARY,
        AnswerKind.HOWTO,
        AnswerKind.PERSON,
    ):
        return []
    found = [named for unit in _naming(desk) if (named := _in_unit(desk.question, unit)) is not None]
    longest = max((named.end - named.start for named in found), default=0)
    return [named for named in found if named.end - named.start == longest]


def _naming(desk: Desk) -> list[Unit]:
    """The best sentences, any of which may name a set."""
    return [c.unit for c in desk.body()[:_NAMING] if c.in_scope and c.unit.block.kind is not BlockKind.ROW]


def only_named(desk: Desk, found: Sequence[NamedSet]) -> bool:
    """Whether the question wants a set taken apart of which only the name and the number of members are known."""
    if not _TAKEN_APART.search(desk.question):
        return False
    if any(_goes_on(desk, named) for named in found):
        return False
    if any(named.counted for named in found):
        return True
    return bool(found) and all(_slogan(named) and not _may_be_told(desk, named) for named in found)


def _may_be_told(desk: Desk, named: NamedSet) -> bool:
    """Whether what follows a set's name may be its members, though no composer could tell them apart."""
    units = desk.passages.pages(named.unit.doc).units[named.unit.index + 1 :][:_LOOK_AHEAD]
    return bool(_LISTS.search(named.unit.text[named.end :])) or _speak_of(named, units) >= _ROOM


def _goes_on(desk: Desk, named: NamedSet) -> bool:
    """Whether the paragraph goes on with the words of a set's name: 四水同管 … 再生水 …。依法取用的地下水 …"""
    return _speak_of(named, _behind(desk, named)) >= _ROOM


def _speak_of(named: NamedSet, units: Sequence[Unit]) -> int:
    """How many sentences speak of what a set's name is about: by its noun, or by a character of an abbreviation."""
    if len(named.noun) >= _NOUN:
        return sum(named.noun in unit.text for unit in units)
    kernel = re.sub(rf"[\W\d{NUMERAL}个项条必要有无不]", "", named.unit.text[named.start : named.end])
    return sum(any(letter in unit.text for letter in kernel) for unit in units)


def _behind(desk: Desk, named: NamedSet) -> list[Unit]:
    """The sentences of the same paragraph behind the one that names a set."""
    units = desk.passages.pages(named.unit.doc).units[named.unit.index + 1 :][:_LOOK_AHEAD]
    return [unit for unit in units if unit.block is named.unit.block]


def naming_draft(desk: Desk, named: NamedSet) -> Draft | None:
    """What stands behind the name of a set up to the end of its paragraph, where no composer can tell its members."""
    parts: list[Part] = []
    for unit in [named.unit, *_behind(desk, named)] if _goes_on(desk, named) else ():
        end = before_marks(unit.text, 0, len(unit.text), "。；，")
        parts.append(Part(unit.text[:end], (unit.span(0, end),)))
        if sum(len(part.text) for part in parts) > LONGEST:
            parts.pop()
            break
    return Draft(tuple(parts)) if len(parts) > _ROOM else None


def _slogan(named: NamedSet) -> bool:
    """Whether a quoted name says by its form that it has several members."""
    name = named.unit.text[named.start : named.end]
    return bool(_SLOGAN.match(name)) and name[0] not in "一1"


def counted_drafts(desk: Desk) -> list[Draft]:
    """What the best sentences count off, where the question asks for as many things in words of its own.

    哪三桩事 … 镇里要做三件事：第一件是…; 三种颜色 … “三色瓶”管理，绿瓶为…
    """
    asked = asked_count(desk.question)
    found = []
    for unit in _naming(desk) if asked else ():
        for match in _COUNTS.finditer(unit.text):
            if whole_value(match[1]) == asked:
                name = name_of(match[0], asked)
                units = desk.passages.pages(unit.doc).units
                parts = told_over(units, unit.index, match.end(), name, least=1)
                found += [Draft(tuple(parts))] if parts else []
    return found


def _in_unit(question: str, unit: Unit) -> NamedSet | None:
    asked = plain(question)
    for match in _FORMULA.finditer(unit.text):
        if plain(match.group()) in asked:
            return NamedSet(unit, match.start(), match.end(), 0, "", counted=True)
    for match in _NAMED.finditer(unit.text):
        counted, noun = match["count"] + match["class"], match["noun"]
        count = whole_value(match["count"])
        if count < 2 or (match["class"] == "大" and count > _MOST_MAJOR):  # 二十大
            continue
        for length in range(min(_NAME_LENGTH, len(noun)), 0, -1):
            name = plain(counted + noun[:length])
            if name in asked:
                end = match.start() + len(counted + match["quote"]) + length
                return NamedSet(unit, match.start(), end, count, noun[:length], counted=True)
    for match in _QUOTED.finditer(unit.text):
        meant = _MEANING.search(question) or (match[1][0] in NUMERAL and _ALL.search(question))
        if plain(match[1]) in asked and meant and not _WHO.search(question):
            return _quoted(question, unit, match)
    return None


def _quoted(question: str, unit: Unit, match: re.Match[str]) -> NamedSet:
    """A quoted name; its numeral counts members only where the question does so too: 五进 is 进哪五样, 三孩 is not."""
    count = whole_value(match[1][0]) if match[1][0] in NUMERAL[1:] and match[1][1] not in NUMERAL else 0
    counted = count > 1 and bool(_PARTS.search(question))
    return NamedSet(unit, match.start(1), match.end(1), count, "", counted=counted)


def set_draft(desk: Desk, named: NamedSet) -> Draft | None:
    """The members of the set: beside its name in the same sentence, or at the heads of the sentences that follow."""
    units = desk.passages.pages(named.unit.doc).units
    name = name_of(named.unit.text[named.start : named.end], asked_count(desk.question))
    if exact := _called_so(desk, named):
        return Draft(tuple(exact), sure=True)
    if several := told_over(units, named.unit.index, named.end, name):
        return Draft(tuple(several), sure=True)
    if named.unit.text.endswith("："):
        items = items_after(desk, named.unit.block)
        return Draft(tuple(items), sure=True) if items else None
    window = _explanation(named)
    if window is not None:
        start, end = window
        text = named.unit.text[start:end]
        return Draft((Part(text, (named.unit.span(start, end),)),), sure=pieces(text) >= name.count)
    members = _following(desk, named) or _next_listed(desk, named)
    return Draft(tuple(members), sure=True) if members else None


def _explanation(named: NamedSet) -> tuple[int, int] | None:
    """The clauses that name the set and list its members: in brackets or after a colon behind the name, or joined
    by 、 or + before it; None when the sentence only names it."""
    text = named.unit.text
    parts = clauses(text)
    own = next(i for i, (a, b) in enumerate(parts) if a <= named.start < b)
    behind = re.match(
        r"[”\"』」’]?[\u4e00-\u9fff]{0,8}(?:[（(：:]|，?(?:即|是指|包括|分别))", text[named.end :]
    )
    first, last = own, own
    if behind:
        while last + 1 < len(parts) and parts[last + 1][1] - parts[first][0] <= _LONGEST_WINDOW:
            last += 1
        return parts[first][0], before_marks(text, 0, parts[last][1], "，。；：、", 0)
    least = max(2, named.count - 2) if named.count and not text[: named.start].endswith("等") else 2
    while first >= max(0, own - 3):
        before = text[parts[first][0] : named.start]
        if before.count("、") + before.count("+") >= least:
            if (
                first
                and _OPENS.search(text[slice(*parts[first - 1])])
                and parts[own][1] - parts[first - 1][0] <= _LONGEST_WINDOW
            ):
                first -= 1
            return parts[first][0], before_marks(text, 0, parts[last][1], "，。；：、", 0)
        if own and re.search(r"(?:形成|构成|简称|统称)[“\"『「]?$", text[: named.start]):
            return parts[own - 1][0], before_marks(text, 0, parts[last][1], "，。；：、", 0)
        if named.count or not re.search(r"的[“\"『「]?$|构建|形成|打造", text[: named.start]):
            break
        first -= 1
    return None


def _following(desk: Desk, named: NamedSet) -> list[Part]:
    """First clauses of later sentences that share the set's noun or a common opening, as many as the set counts."""
    heads = _heads(desk, named)
    best: list[Head] = []
    for group in _families(heads, named.noun):
        if named.count and len(group) == named.count and len(group) > len(best):
            best = group
    return _as_parts(best or _spelt_out(named, heads))


def _called_so(desk: Desk, named: NamedSet) -> list[Part]:
    """First clauses of later sentences that end in the set's noun, where they are just as many as the set counts.

    Four sentences that begin 拓展养老模式，… 推进家庭医生签约服务模式，… are 四种模式, whatever else speaks of 模式 between them.
    """
    called = _ending_in(_heads(desk, named), named.noun) if len(named.noun) >= _NOUN else []
    return _as_parts(called) if len(called) == named.count else []


def _ending_in(heads: Sequence[Head], noun: str) -> list[Head]:
    """The heads whose last characters are those by which a noun is known."""
    return [(u, a, b) for u, a, b in heads if u.text[a:b].endswith(noun[-_NOUN:])]


def _heads(desk: Desk, named: NamedSet) -> list[Head]:
    """The first clauses of the sentences behind the one that names a set, in its section and by its speaker."""
    units = desk.passages.pages(named.unit.doc).units
    after = [
        _head(u)
        for u in units[named.unit.index + 1 : named.unit.index + _LOOK_AHEAD]
        if u.speaker == named.unit.speaker
        and u.block.heading_path == named.unit.block.heading_path
        and u.block.kind in (BlockKind.PARAGRAPH, BlockKind.ITEM)
    ]
    return [(u, a, b) for u, a, b in after if b > a]


def _as_parts(heads: Sequence[Head]) -> list[Part]:
    """The heads as parts of an answer, as many as may be read at a glance."""
    parts: list[Part] = []
    for unit, a, b in heads:
        parts.append(Part(unit.text[a:b], (unit.span(a, b),)))
        if sum(len(p.text) for p in parts) > LONGEST:
            parts.pop()
            break
    return parts


def _next_listed(desk: Desk, named: NamedSet) -> list[Part]:
    """The clause of one of the next sentences that lists as many things as the set counts, joined by 、, all with one
    character of its name: 五助 … 助餐、助浴、助洁、助医、助行."""
    name = set(named.unit.text[named.start : named.end])
    units = desk.passages.pages(named.unit.doc).units
    for unit in units[named.unit.index + 1 : named.unit.index + 1 + _LISTED_WITHIN]:
        for a, b in clauses(unit.text, "，。；："):
            items = unit.text[a:b].split("、")
            if named.count > 2 and len(items) == named.count and name.intersection(*map(set, items)):
                end = before_marks(unit.text, a, b, "，。；：", 0)
                return [Part(unit.text[a:end], (unit.span(a, end),))]
    return []


def _head(unit: Unit) -> Head:
    first = clauses(unit.text, "，。；：")[0]
    start = 2 if re.match(rf"[{NUMERAL}]是", unit.text) else first[0]
    return unit, start, before_marks(unit.text, start, first[1], "，。；：", 0)


def _families(heads: Sequence[Head], noun: str) -> list[list[Head]]:
    """Groups of heads that belong together: the set's noun in them, or the same first two characters."""
    texts = [unit.text[a:b] for unit, a, b in heads]
    groups = []
    if noun:
        groups.append([h for h, t in zip(heads, texts, strict=True) if noun[-_NOUN:] in t])
        groups.append(_ending_in(heads, noun))
    openings = {t[:2] for t in texts}
    alike = [[h for h, t in zip(heads, texts, strict=True) if t.startswith(o)] for o in sorted(openings)]
    return groups + alike


def _spelt_out(named: NamedSet, heads: Sequence[Head]) -> list[Head]:
    """The heads that an abbreviation is made of, one for each of its characters, in order (建兜提: 突出建高地 …)."""
    letters = named.unit.text[named.start : named.end]
    found: list[Head] = []
    if named.count or not all("\u4e00" <= char <= "\u9fff" for char in letters):
        return []
    rest = iter(heads)
    for letter in letters:
        head = next((h for h in rest if letter in h[0].text[h[1] : h[1] + 6]), None)
        if head is None:
            return []
        found.append(head)
    return found
