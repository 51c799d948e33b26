"""What a document says about itself, for files that no manifest describes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from assistant.language.clean import squeeze
from assistant.language.regions import regions_in
from assistant.types import Block, BlockKind

_NUMBER = re.compile(r"[\u4e00-\u9fff]{1,10}[〔\[【（(]\s*\d{4}\s*[〕\]】）)]\s*(?:第\s*)?\d+\s*号")
_DATE = re.compile(r"\d{4}年\d{1,2}月(?:\d{1,2}日)?")
_LETTERHEAD = re.compile(r".{2,40}(?:文件|公报|公告|令)")
_STATUS = (
    ("征求意见稿", "征求意见稿"),
    ("草案", "草案"),
    ("已废止", "已废止"),
    ("废止", "已废止"),
    ("试行", "试行"),
    ("暂行", "暂行"),
)
_HEAD = 400  # characters in which a document says what it is


def title_of(blocks: Sequence[Block], fallback: str) -> str:
    """The title that stands at the top, without letterhead, document number and date."""
    parts: list[str] = []
    for block in blocks:
        if block.kind is BlockKind.FURNITURE:
            continue
        if block.kind is not BlockKind.TITLE:
            break
        text = block.text
        if not (_NUMBER.search(text) or _DATE.fullmatch(text) or _LETTERHEAD.fullmatch(text)):
            parts.append(text)
    return "".join(parts[:3]) or fallback


def number_of(text: str) -> str:
    """The document number (文号) at the top, or empty."""
    found = _NUMBER.search(squeeze(text[:_HEAD]))
    return found.group() if found else ""


def date_of(text: str) -> str:
    """The date under the text, or the first one at the top, or empty."""
    tail = _DATE.findall(squeeze(text[-120:]))
    head = _DATE.findall(squeeze(text[:_HEAD]))
    return tail[-1] if tail else head[0] if head else ""


def status_of(title: str, text: str) -> str:
    """The status that the title or the top of the text declares, or empty."""
    head = title + squeeze(text[:_HEAD])
    top = squeeze(text[:120]) + title
    for word, status in _STATUS:
        if f"（{word}" in head or f"({word}" in head or f"{word}）" in top:
            return status
    return ""


def region_of(title: str, text: str) -> str:
    """The region of the title, else the one named most often at the top, or empty."""
    named = [r.name for r in regions_in(title)]
    if named:
        return named[0]
    counts = Counter(r.name for r in regions_in(squeeze(text[: 5 * _HEAD])))
    return counts.most_common(1)[0][0] if counts else ""
