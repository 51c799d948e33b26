"""How the report says things: Chinese names, numbers as text, and text that cannot lead the reader astray."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta, timezone
from typing import Any

from assistant.types import Status
from eval.compare import Verdict

CATEGORY_NAMES = {
    "fact": "事实",
    "numeric": "数值",
    "date": "日期",
    "person": "人物",
    "list": "列举",
    "table": "表格",
    "comparison": "比较",
    "howto": "办法",
    "definition": "定义",
    "summary": "概括",
    "cross_doc": "跨文件",
    "followup": "追问",
    "unanswerable": "文件未载",
    "false_premise": "前提有误",
    "colloquial": "口语",
    "adversarial": "对抗",
}
STATUS_NAMES = {
    Status.ANSWERED.value: "已回答",
    Status.NOT_FOUND.value: "文件中没有",
    Status.DECLINED.value: "不予回答",
    Status.ERROR.value: "出错",
}
NOTHING = "—"
BEIJING = timezone(timedelta(hours=8))

# Control characters other than tab and line feed; marks that turn the direction of writing; halves of surrogate
# pairs, which UTF-8 cannot hold.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    """Text as it may be shown: what has no shape of its own, or changes the order of its neighbours, is spelt out."""
    return _UNSEEN.sub(_spelt, text.replace("\r\n", "\n"))


def fitted(text: str, width: int, rows: int = 1) -> list[str]:
    """A text in at most so many rows of `width`, counted in Chinese characters; the last ends in an ellipsis if cut."""
    found, taken = [""], 0.0
    for char in text:
        wide = 1.0 if unicodedata.east_asian_width(char) in "WF" else 0.55
        if taken + wide > width:
            if len(found) == rows:
                found[-1] = found[-1][:-1] + "…"
                break
            found.append("")
            taken = 0.0
        found[-1] += char
        taken += wide
    return found


def percent(share: float, digits: int = 1) -> str:
    """A share (0 … 1) in hundredths, without a sign."""
    return f"{100 * share:.{digits}f}"


def points(difference: float, digits: int = 1) -> str:
    """A difference of shares in percentage points, with its sign; nothing has none."""
    told = f"{100 * difference:+.{digits}f}"
    return told[1:] if not float(told) else told.replace("-", "−")


def p_value(p: float) -> str:
    """p as it follows an equals sign or a less-than sign."""
    if p < 0.001:
        return "<0.001"
    return f"{p:.3f}" if p < 0.1 else f"{p + 1e-9:.2f}"  # 0.625, of 3 against 1, is told as 0.63


def p_said(p: float) -> str:
    """p with its sign: “p=0.63”, “p<0.001”."""
    told = p_value(p)
    return f"p{told}" if told.startswith("<") else f"p={told}"


def seconds(value: float | None) -> str:
    """A time (seconds) in the unit that reads best."""
    if value is None:
        return NOTHING
    if value >= 1:
        return f"{value:.2f} 秒" if value < 100 else f"{value:.0f} 秒"
    return "<0.1 毫秒" if value < 1e-4 else f"{thousandths(value)} 毫秒"


def thousandths(value: float) -> str:
    """A time (seconds) in milliseconds, without the unit."""
    return f"{1000 * value:.1f}" if value < 0.01 else f"{1000 * value:,.0f}"


def smallest(verdict: Verdict) -> str:
    """The smallest difference that could be shown, in percentage points; a dash when none could."""
    if verdict.smallest >= 1:
        return NOTHING
    return percent(verdict.smallest, 0 if verdict.smallest >= 0.02 else 1)


def verdict_sentence(verdict: Verdict) -> str:
    """What a comparison comes to, for a person who knows no statistics."""
    test = verdict.test
    if not test.wins and not test.losses:
        told = "每道题的判分都相同"
    else:
        counts = f"多答对 {test.wins} 题，少答对 {test.losses} 题，{p_said(test.p)}"
        better = "确有提高" if test.wins > test.losses else "确有退步"
        told = f"{counts}：差别{f'不像偶然，{better}' if verdict.significant else '可能只是偶然'}"
    if smallest(verdict) == NOTHING:
        return f"{told}；题太少，这套题什么差别都看不出"
    return f"{told}；这套题能看出的最小差别约 {smallest(verdict)} 个百分点"


def moment(told: Any) -> str:
    """A time of run.json (ISO 8601) in Beijing time."""
    try:
        when = datetime.fromisoformat(str(told)).astimezone(BEIJING)
    except ValueError:
        return NOTHING
    return f"{when.year} 年 {when.month} 月 {when.day} 日 {when:%H:%M}（北京时间）"


def status_name(status: str) -> str:
    """A status for people; an unknown one as it is."""
    return STATUS_NAMES.get(status, status)


def category_name(category: str) -> str:
    """A category for people."""
    return CATEGORY_NAMES.get(category, category)


def _spelt(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)  # the picture that Unicode has for it
    return "\ufffd" if 0xD800 <= code <= 0xDFFF else f"⟨U+{code:04X}⟩"
