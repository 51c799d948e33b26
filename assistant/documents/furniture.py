"""What a page carries beside its text: page numbers, contents pages, running heads, ruled lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from assistant.documents.lines import Line, LineKind
from assistant.language.clean import comparable
from assistant.language.sentences import ends_sentence

_PAGE_NUMBER = re.compile(
    r"[-—－–·\s]*(?:第\s*)?\d{1,4}(?:\s*页)?(?:[\s，,/]*共?\s*\d{1,4}\s*页)?[-—－–·\s]*|第?\s*\d{1,4}\s*/\s*\d{1,4}\s*页?"
)
_WIDEST_NUMBER = 14.0
_CONTENTS = re.compile(r"目\s*[录次]")
_CONTENTS_LINE = re.compile(r".*?\S[\s.．…·]*(?:\t|\s{2,}|[.．…·]{2,})\s*\d{1,4}\s*")
_LEADER = re.compile(r".*\S\s*[.．…·]{3,}\s*\d{1,4}\s*")
_RULE = re.compile(r"[\s|｜│┃:：\-—–+=_*─━═┄┼├┤┬┴┌┐└┘~～]{3,}")
_LEAST_HEADS, _LONGEST_HEAD = 3, 40  # times that a running head stands beside a page number; its characters


def mark_furniture(lines: Sequence[Line]) -> list[Line]:
    """Turn page numbers, contents pages, running heads and ruled lines into furniture, each with its reason."""
    plain = [_plain(line) for line in lines]
    return _mark_running_heads(_mark_contents(plain))


def _plain(line: Line) -> Line:
    if line.kind is LineKind.TEXT and _RULE.fullmatch(line.text):
        return replace(line, kind=LineKind.FURNITURE, reason="分隔线")
    if line.kind is LineKind.TEXT and _PAGE_NUMBER.fullmatch(line.text) and line.width < _WIDEST_NUMBER:
        return replace(line, kind=LineKind.FURNITURE, reason="页码")
    return line


def _mark_contents(lines: Sequence[Line]) -> list[Line]:
    """Mark contents pages: the word 目录 and the run of entries below it, and runs of entries with dot leaders.

    An entry ends in a page number, or stands once more as a line of its own further down.
    """
    left = Counter(comparable(line.text) for line in lines)
    out: list[Line] = []
    inside = False
    for i, line in enumerate(lines):
        key = comparable(line.text)
        left[key] -= 1
        following = lines[i + 1 : i + 4]
        if _CONTENTS.fullmatch(line.text):
            inside = any(_entry(later, left) for later in following)
        elif inside:
            wrapped = following[:1] and _entry(following[0], left) and not ends_sentence(line.text)
            page = line.reason == "页码" and bool(following) and _entry(following[0], left)
            inside = _entry(line, left) or page or bool(wrapped and not following[0].gap)
        else:
            run = [lines[i - 1 : i + 2], lines[i : i + 3], lines[max(0, i - 2) : i + 1]]
            leaders = [
                len(part) == 3 and all(_LEADER.fullmatch(member.text) for member in part) for part in run
            ]
            out.append(replace(line, kind=LineKind.FURNITURE, reason="目录") if any(leaders) else line)
            continue
        out.append(replace(line, kind=LineKind.FURNITURE, reason="目录") if inside else line)
    return out


def _entry(line: Line, left: Counter[str]) -> bool:
    if line.kind is LineKind.FURNITURE:
        return line.reason == "页码"
    return bool(_CONTENTS_LINE.fullmatch(line.text)) or (
        left[comparable(line.text)] > 0 and not ends_sentence(line.text)
    )


def _mark_running_heads(lines: Sequence[Line]) -> list[Line]:
    """Mark the line that stands above or below page number after page number, always the same."""
    beside: Counter[str] = Counter()
    for a, b in zip(lines, lines[1:], strict=False):
        for number, line in ((a, b), (b, a)):
            if number.reason == "页码" and _may_run(line):
                beside[comparable(line.text)] += 1
    heads = {key for key, times in beside.items() if times >= _LEAST_HEADS}
    out = list(lines)
    for i, line in enumerate(lines):
        near = [*lines[max(0, i - 1) : i], *lines[i + 1 : i + 2]]
        # The first of them opens the document: it is its title.
        if (
            i
            and _may_run(line)
            and comparable(line.text) in heads
            and any(other.reason == "页码" for other in near)
        ):
            out[i] = replace(line, kind=LineKind.FURNITURE, reason="页眉")
    return out


def _may_run(line: Line) -> bool:
    return line.kind is LineKind.TEXT and len(line.text) <= _LONGEST_HEAD and not ends_sentence(line.text)
