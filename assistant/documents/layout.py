"""From the lines of a file to paragraphs: furniture is set apart, hard wraps and page breaks are healed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from assistant.documents.markers import BULLET, is_heading, marker_of, opens_paragraph
from assistant.language.clean import comparable, is_blank
from assistant.language.sentences import ends_sentence


class LineKind(StrEnum):
    """What a line is, before lines are joined."""

    TEXT = "text"
    TITLE = "title"
    HEADING = "heading"
    CAPTION = "caption"  # of a table
    TABLE = "table"
    SIGNATURE = "signature"  # post and name of a speaker
    FURNITURE = "furniture"


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not blank: offsets without surrounding white space; `gap` counts blank lines before it."""

    start: int
    end: int
    text: str
    gap: int
    kind: LineKind = LineKind.TEXT
    reason: str = ""  # of furniture

    @property
    def width(self) -> float:
        """Width on paper, in Chinese characters."""
        return sum(0.5 if char.isascii() else 1.0 for char in self.text)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines that belong together, all of one kind."""

    kind: LineKind
    lines: tuple[Line, ...]

    @property
    def start(self) -> int:
        """Offset of the first character."""
        return self.lines[0].start

    @property
    def end(self) -> int:
        """Offset after the last character."""
        return self.lines[-1].end


_PAGE_NUMBER = re.compile(r"[-—－–·\s]*(?:第\s*)?\d{1,4}(?:\s*页)?(?:[\s，,/]*共?\s*\d{1,4}\s*页)?[-—－–·\s]*")
_CONTENTS = re.compile(r"目\s*[录次]")
_CONTENTS_LINE = re.compile(r".*?\S[\s.．…·]*(?:\t|\s{2,}|[.．…·]{2,})\s*\d{1,4}\s*")
_CAPTION = re.compile(r"(?:附?表|附件)\s*[\d一二三四五六七八九十]*[-—\d]*[\s：:、]?.{0,60}")
_MARKS = re.compile(r"[^\w]|_")
_NO_TITLE = "，,。；;？?：:、"
_MOST_TITLE_WIDTH = 46.0
_FULL = 0.85  # a line this close to the widest of its run was broken by the margin


def lines_of(text: str) -> list[Line]:
    """The lines of a text that show anything."""
    found, at, gap = [], 0, 0
    for raw in text.splitlines(keepends=True):
        start, end = at, at + len(raw)
        at = end
        while start < end and is_blank(text[start]):
            start += 1
        while end > start and is_blank(text[end - 1]):
            end -= 1
        if start == end:
            gap += 1
            continue
        # A merged table cell is an empty first cell: the tab before it belongs to the row.
        while "\t" in raw and start > at - len(raw) and text[start - 1] == "\t":
            start -= 1
        found.append(Line(start, end, text[start:end], gap))
        gap = 0
    return found


def classify(lines: Sequence[Line], title: str = "") -> list[Line]:
    """Give each line its kind; `title` is the document's known title, or empty."""
    kinds = _mark_contents(lines)
    wide = _margin(kinds)
    known = _bare(title)
    out: list[Line] = []
    for i, line in enumerate(kinds):
        if line.kind is not LineKind.TEXT:
            out.append(line)
            continue
        following = kinds[i + 1] if i + 1 < len(kinds) else None
        out.append(replace(line, kind=_kind(line, following, out, known, wide)))
    return [replace(line, reason="页码") if line.kind is LineKind.FURNITURE and not line.reason else line for line in out]


def _mark_contents(lines: Sequence[Line]) -> list[Line]:
    """Mark the contents pages: the word 目录 and the run of lines below it that end in page numbers."""
    out, inside = [], False
    for i, line in enumerate(lines):
        if _CONTENTS.fullmatch(line.text):
            inside = any(_CONTENTS_LINE.fullmatch(later.text) for later in lines[i + 1 : i + 4])
            out.append(replace(line, kind=LineKind.FURNITURE, reason="目录") if inside else line)
            continue
        inside = inside and bool(_CONTENTS_LINE.fullmatch(line.text) or _PAGE_NUMBER.fullmatch(line.text))
        out.append(replace(line, kind=LineKind.FURNITURE, reason="目录") if inside else line)
    return out


def _margin(lines: Sequence[Line]) -> float:
    """The width at which the lines of a hard-wrapped text break, or 0 for a text that is not wrapped."""
    widths = sorted(line.width for line in lines if line.kind is LineKind.TEXT)
    if len(widths) < 20:
        return 0.0
    wide = widths[int(len(widths) * 0.8)]
    share = sum(_FULL * wide <= width <= wide + 2 for width in widths) / len(widths)
    return wide if share >= 0.5 and wide <= 60 else 0.0


def _kind(line: Line, following: Line | None, before: Sequence[Line], known: str, wide: float) -> LineKind:
    text = line.text
    if _PAGE_NUMBER.fullmatch(text) and line.width < 14:
        return LineKind.FURNITURE
    if text.count("\t") >= 2 or text.count("|") >= 3:
        return LineKind.TABLE
    if following is not None and following.text.count("\t") >= 2 and _CAPTION.fullmatch(text):
        return LineKind.CAPTION
    own = _bare(text)
    if known and len(own) >= 3 and own in known and _may_be_title(line, before):
        return LineKind.TITLE
    marked = marker_of(text)
    if marked and not marked.article:
        return LineKind.HEADING if is_heading(text) else LineKind.TEXT
    if BULLET.match(text) or marked:
        return LineKind.TEXT
    return LineKind.TITLE if _stands_alone(line, following, before, wide) else LineKind.TEXT


def _bare(text: str) -> str:
    return _MARKS.sub("", comparable(text))


def _may_be_title(line: Line, before: Sequence[Line]) -> bool:
    return not _unfinished(before) or line.gap > 0


def _unfinished(before: Sequence[Line]) -> bool:
    """Whether the text so far stops in the middle of a sentence."""
    last = next((line for line in reversed(before) if line.kind is not LineKind.FURNITURE), None)
    return last is not None and last.kind is LineKind.TEXT and not ends_sentence(last.text)


def _stands_alone(line: Line, following: Line | None, before: Sequence[Line], wide: float) -> bool:
    """Whether an unnumbered line is a title or a subheading: short, alone, without the marks of a sentence."""
    if line.width > _MOST_TITLE_WIDTH or any(char in _NO_TITLE for char in line.text) or _unfinished(before):
        return False
    after_title = bool(before) and before[-1].kind is LineKind.TITLE
    if not after_title and wide and line.width >= _FULL * wide:
        return False
    alone_above = line.gap > 0 or not before or after_title
    alone_below = following is None or following.gap > 0 or line.text.startswith("——")
    if after_title and following is not None and following.width >= line.width and not line.gap:
        return line.text.startswith("——") or following.text.startswith("——")
    return alone_above and alone_below


def paragraphs(lines: Sequence[Line]) -> list[Paragraph]:
    """Join the classified lines into paragraphs; furniture between two halves of a sentence does not part them."""
    groups: list[list[Line]] = []
    apart: list[Paragraph] = []
    margins = _margins(lines)
    for line in lines:
        if line.kind is LineKind.FURNITURE:
            apart.append(Paragraph(LineKind.FURNITURE, (line,)))
        elif groups and _continues(groups[-1], line, margins.get(id(groups[-1][-1]), 0.0)):
            groups[-1].append(line)
        else:
            groups.append([line])
    joined = [Paragraph(group[0].kind, tuple(group)) for group in groups] + apart
    return sorted(joined, key=lambda p: p.start)


def _margins(lines: Sequence[Line]) -> dict[int, float]:
    """For each line the usual width of its run of lines without a blank line between them.

    The first line of a paragraph is indented by two characters in print, so it counts as two wider than it is.
    """
    margins: dict[int, float] = {}
    run: list[Line] = []
    for line in [*lines, None]:
        if line is None or line.gap or line.kind is not LineKind.TEXT:
            widths = sorted(member.width for member in run[:-1] or run)
            usual = widths[len(widths) // 2] if widths else 0.0
            margins.update({id(member): usual - 2.0 * (i == 0) for i, member in enumerate(run)})
            run = []
        if line is not None and line.kind is LineKind.TEXT:
            run.append(line)
    return margins


def _continues(group: Sequence[Line], line: Line, margin: float) -> bool:
    """Whether a line goes on with the paragraph before it; `margin` is the usual width where the group ends."""
    last = group[-1]
    if last.kind is not line.kind or line.kind is not LineKind.TEXT:
        return line.kind is LineKind.TABLE and last.kind is LineKind.TABLE
    if opens_paragraph(line.text):
        return False
    full = last.width >= _FULL * margin and last.width >= 10
    if ends_sentence(last.text):
        return line.gap == 0 and full and len(group) > 1 and margin <= 60
    if line.gap == 0:
        return full or last.width > 60
    # A blank line in the middle of a sentence is a page or column break.
    return last.width >= 8 or any(char in last.text for char in _NO_TITLE)
