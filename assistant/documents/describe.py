"""What a document says about itself, for files that no manifest describes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from assistant.documents.heads import DATE, LETTERHEAD, NUMBER, bare, is_date, names_paper
from assistant.documents.markers import ANNEX
from assistant.language.clean import squeeze
from assistant.language.regions import homes_in, regions_in
from assistant.types import Block, BlockKind

_STATUS = (
    ("征求意见稿", "征求意见稿"),
    ("草案", "草案"),
    ("已废止", "已废止"),
    ("废止", "已废止"),
    ("试行", "试行"),
    ("暂行", "暂行"),
)
_ASIDE = re.compile(
    r"[（(].*(?:\d{4}年\d{1,2}月|通过|公布|修订|修正|施行|征求意见稿|草案).*[）)]|.*(?:记者|通讯员|来源).*"
)
_SIGNED = re.compile(r"(?P<who>[\u4e00-\u9fff（）()、\s]{3,40}?)\s*")
_ISSUER_END = re.compile(r"(?:委员会|委|局|政府|厅|办公室|会|院|中心|部|处|所|公司|队|学校|团|社|组)$")
_ADOPTED = re.compile(
    rf"[（(][^（）()]{{0,6}}{DATE.pattern}[^（）()]*(?:通过|公布|修订|修正|印发)[^（）()]*[）)]"
)
_PRINTED = re.compile(rf"({DATE.pattern})\s*印发")
_LATER = re.compile(r"\s*(?:起|之日|前|底|至|到)")
_HEAD = 400  # characters in which a document says what it is
_HEAD_LINES, _MOST_TITLE_LINES = 14, 5


def title_of(blocks: Sequence[Block], fallback: str) -> str:
    """The title that stands at the top, without letterhead, number, date and remarks in brackets.

    A lead of one paragraph may stand before the headline; a document that is one table has the table's caption, and an
    order that only puts a paper into force has that paper's title.
    """
    shown = [block for block in blocks if block.kind is not BlockKind.FURNITURE]
    first = 1 if len(shown) > 1 and shown[0].kind is BlockKind.PARAGRAPH else 0
    for start in {0, first}:
        parts: list[str] = []
        for block in shown[start:]:
            if block.kind is not BlockKind.TITLE and not _aside(block.text):
                break
            again = bool(parts) and bare(block.text) in bare("".join(parts))
            if not again and not _aside(block.text):
                parts.append(block.text)
        if parts:
            return "".join(parts[:_MOST_TITLE_LINES])
    caption = shown[0].attributes.get("caption", "") if shown else ""
    part = next((b.text for b in shown if b.attributes.get("level") == "1" and not ANNEX.match(b.text)), "")
    return caption or (part if names_paper(part) else "") or fallback


def _aside(text: str) -> bool:
    return bool(
        NUMBER.match(text)
        or is_date(text)
        or _ASIDE.fullmatch(text)
        or (LETTERHEAD.fullmatch(text) and "关于" not in text)
    )


def number_of(text: str) -> str:
    """The document number (文号) that a line at the top consists of, or empty; numbers in sentences are others'."""
    above = ""
    for line in _lines(text)[:_HEAD_LINES]:
        found = NUMBER.match(line.strip("（）()"))
        letterhead = LETTERHEAD.match(line)
        if not found and letterhead:
            found = NUMBER.match(line[letterhead.end() :])
        if found and len(line) < len(found.group()) + 20:
            order = found.group().startswith("第") and LETTERHEAD.fullmatch(above)
            return above + found.group() if order else "" if found.group().startswith("第") else found.group()
        above = line
    return ""


def date_of(text: str) -> str:
    """The date that a line consists of, else that of adoption or printing, else the first one at the top, or empty.

    A date in a sentence such as 自2024年8月1日起施行 is not the document's.
    """
    lines = _lines(text)
    alone = [squeeze(line).strip("（）()") for line in lines if is_date(line)]
    signed = [line[found.start() :] for line in lines if (found := DATE.search(line)) and _signs(line, found)]
    for dates in ([d for d in alone if "日" in d], signed, alone):
        if dates:
            return dates[0]
    head = squeeze("\n".join(line for line in text[:_HEAD].splitlines() if not re.search(r"[\t|]", line)))
    adopted = _ADOPTED.search(head)
    if adopted:
        return [m.group() for m in DATE.finditer(adopted.group())][-1]
    printed = _PRINTED.search(squeeze(text[-_HEAD:]))
    if printed:
        return printed.group(1)
    top = [m.group() for m in DATE.finditer(head) if not _LATER.match(head, m.end())]
    return top[0] if top else ""


def issuer_of(title: str, text: str) -> str:
    """Who issued the document: the letterhead, else who signs above the date, else who speaks in the title, or empty."""
    lines = _lines(text)
    for line in lines[:_HEAD_LINES]:
        found = LETTERHEAD.fullmatch(line)
        if found and "关于" not in line and _ISSUER_END.search(found["issuer"]):
            return found["issuer"].strip()
    for above, line in zip(lines, lines[1:], strict=False):
        if is_date(line) and _SIGNED.fullmatch(above) and _ISSUER_END.search(above):
            return above
    before = title.split("关于", 1)[0] if "关于" in title else ""
    return before if _ISSUER_END.search(before) else ""


def status_of(title: str, text: str) -> str:
    """The status that the title or the top of the text declares, or empty."""
    head = title + squeeze(text[:_HEAD])
    top = squeeze(text[:120]) + title
    for word, status in _STATUS:
        if f"（{word}" in head or f"({word}" in head or f"{word}）" in top:
            return status
    return ""


def region_of(title: str, text: str, issuer: str = "") -> str:
    """The region of the title or of the issuer, else the one named most often at the top, or empty."""
    named = homes_in(title) or homes_in(issuer)
    if named:
        return named[0]
    counts = Counter(r.name for r in regions_in(squeeze(text[: 5 * _HEAD])))
    most = counts.most_common(1)
    return most[0][0] if most and most[0][1] > 1 else ""


def _lines(text: str) -> list[str]:
    return [shown for line in text.splitlines() if (shown := squeeze(line))]


def _signs(line: str, found: re.Match[str]) -> bool:
    who = line[: found.start()]
    return found.end() == len(line) and bool(_SIGNED.fullmatch(who)) and bool(_ISSUER_END.search(who.strip()))
