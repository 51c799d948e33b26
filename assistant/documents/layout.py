"""What kind each line of a file is: furniture, title, heading, table, text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from assistant.documents.cells import fold_cells
from assistant.documents.columns import fold_columns
from assistant.documents.furniture import mark_furniture
from assistant.documents.grids import mark_tables
from assistant.documents.heads import is_date, mark_titles
from assistant.documents.lines import Line, LineKind
from assistant.documents.markers import ANNEX, BULLET, CHAPTER, HASHES, is_heading, marker_of, opens_paragraph
from assistant.language.sentences import ends_sentence

_NO_TITLE = "，,。；;？?：:、"
_MOST_TITLE_WIDTH = 46.0
FULL = 0.85  # a line this close to the widest of its run was broken by the margin
_NEAR_LINES = 12
_ANNEXES = re.compile(r"附件\s*[：:]\s*\S")  # the list of annexes under a notice
_MOST_ANNEXES = 30
_SUBHEAD_WIDTH, _MUCH_SHORTER, _CUT = 10.0, 0.7, 20.0
_LISTED_LEVEL = 5  # 一、 and below may number the members of a list
_DOTTED = re.compile(r"(\d{1,2})[．.]\d{1,2}(?!\d)")


def classify(lines: Sequence[Line], title: str = "") -> list[Line]:
    """Give each line its kind; `title` is the document's known title, or empty."""
    marked = mark_titles(mark_tables(fold_columns(mark_furniture(fold_cells(lines)))), title)
    wide = _margin(marked)
    chapters = {found.group(1) for line in marked if (found := _DOTTED.match(line.text))}
    out: list[Line] = []
    for i, (line, following) in enumerate(zip(marked, _below(marked), strict=True)):
        if line.kind is LineKind.TEXT:
            kind = LineKind.HEADING if _is_chapter(line, chapters, out) else _kind(line, following, out, wide)
            if kind is LineKind.HEADING and _is_cut(line, following, _margin_near(marked, i)):
                kind = LineKind.TEXT
            line = replace(line, kind=kind)
        out.append(line)
    return _demote(_subheads(out, wide))


def _subheads(lines: Sequence[Line], wide: float) -> list[Line]:
    """Turn short lines right above a longer one, or above a list, into titles: 办理条件, and the condition below it.

    A line that a margin broke is never much shorter than the next one. Where two are found, lines as short as they
    are subheadings too, whatever stands below them.
    """
    below = _below(lines)
    may = [
        i
        for i, (line, following) in enumerate(zip(lines, below, strict=True))
        if following is not None and _may_head(line, following, lines[max(0, i - 4) : i], wide)
    ]
    sure = [i for i in may if _heads_what_follows(lines[i], below[i])]
    chosen = set(may) if len(sure) > 1 else set()
    return [replace(line, kind=LineKind.TITLE) if i in chosen else line for i, line in enumerate(lines)]


def _may_head(line: Line, following: Line, before: Sequence[Line], wide: float) -> bool:
    if (
        line.kind is not LineKind.TEXT
        or not line.gap
        or following.gap
        or following.kind is LineKind.SIGNATURE
    ):
        return False
    if line.width > _SUBHEAD_WIDTH or any(char in line.text for char in _NO_TITLE + "。（("):
        return False
    if opens_paragraph(line.text) or is_date(line.text) or is_date(following.text):
        return False
    last = next((other for other in reversed(before) if other.kind is not LineKind.FURNITURE), None)
    cut = (
        last is not None
        and _unfinished(before)
        and (last.width >= _CUT or any(c in last.text for c in "，,、；;"))
    )
    return not cut and (not wide or line.width < FULL * wide)


def _heads_what_follows(line: Line, following: Line | None) -> bool:
    return following is not None and (
        following.kind is LineKind.HEADING
        or opens_paragraph(following.text)
        or line.width < _MUCH_SHORTER * following.width
    )


def _demote(lines: Sequence[Line]) -> list[Line]:
    """Turn numbered headings with nothing below them into text, where most of their neighbours have nothing either.

    They are the members of a list: 1.身份证原件, 2.照片.
    """
    levels = {
        i: m.level for i, x in enumerate(lines) if x.kind is LineKind.HEADING and (m := marker_of(x.text))
    }
    below = {line.start: following for line, following in zip(lines, _below(lines), strict=True)}
    out = list(lines)
    for group in _siblings(lines, levels):
        empty = [i for i in group if _has_nothing_below(levels[i], below[lines[i].start])]
        if len(group) > 1 and 2 * len(empty) > len(group):
            for i in empty:
                out[i] = replace(lines[i], kind=LineKind.TEXT)
    return out


def _siblings(lines: Sequence[Line], levels: Mapping[int, int]) -> Iterator[list[int]]:
    """Places of numbered headings of one level and one parent, below the levels of chapters and sections."""
    open_groups: dict[int, list[int]] = {}
    for i, line in enumerate(lines):
        level = levels.get(i, 0 if line.kind in (LineKind.TITLE, LineKind.ANNEX, LineKind.HEADING) else None)
        if level is None:
            continue
        for deeper in [known for known in open_groups if known > level]:
            yield open_groups.pop(deeper)
        if level >= _LISTED_LEVEL:
            open_groups.setdefault(level, []).append(i)
    yield from open_groups.values()


def _has_nothing_below(level: int, following: Line | None) -> bool:
    if following is None or following.kind in (LineKind.TITLE, LineKind.ANNEX, LineKind.SIGNATURE):
        return True
    marked = marker_of(following.text)
    return following.kind is LineKind.HEADING and marked is not None and marked.level <= level


def _below(lines: Sequence[Line]) -> list[Line | None]:
    """For each line the next one that is not furniture."""
    below: list[Line | None] = []
    nearest: Line | None = None
    for line in reversed(lines):
        below.append(nearest)
        nearest = nearest if line.kind is LineKind.FURNITURE else line
    return below[::-1]


def _margin(lines: Sequence[Line]) -> float:
    """The width at which the lines of a hard-wrapped text break, or 0 for a text that is not wrapped."""
    widths = sorted(line.width for line in lines if line.kind is LineKind.TEXT)
    if len(widths) < 20:
        return 0.0
    wide = widths[int(len(widths) * 0.8)]
    share = sum(FULL * wide <= width <= wide + 2 for width in widths) / len(widths)
    return wide if share >= 0.5 and wide <= 60 else 0.0


def _margin_near(lines: Sequence[Line], i: int) -> float:
    """The width of the widest lines of text around a place."""
    near = [x.width for x in lines[max(0, i - _NEAR_LINES) : i + _NEAR_LINES] if x.kind is LineKind.TEXT]
    return sorted(near)[int(len(near) * 0.9)] if near else 0.0


def _is_cut(line: Line, following: Line | None, margin: float) -> bool:
    """Whether a numbered line was cut off by the margin in mid-sentence: a numbered paragraph, not a heading."""
    if following is None or following.kind is not LineKind.TEXT or following.gap > 3 or margin > 60:
        return False
    return line.width >= _CUT and line.width >= FULL * margin and not opens_paragraph(following.text)


def _kind(line: Line, following: Line | None, before: Sequence[Line], wide: float) -> LineKind:
    text = line.text
    if HASHES.match(text):
        return LineKind.HEADING
    if ANNEX.fullmatch(text.rstrip("：:")) and re.search(r"[\dA-Z一-十]", text):
        return LineKind.ANNEX
    marked = marker_of(text)
    if marked and not marked.article:
        listed = (line.gap == 0 and _inside_list_of_annexes(before)) or _inside_list_of_items(before)
        return LineKind.HEADING if is_heading(text) and not listed else LineKind.TEXT
    if opens_paragraph(text) or is_date(text):
        return LineKind.TEXT
    return LineKind.TITLE if _stands_alone(line, following, before, wide) else LineKind.TEXT


def _is_chapter(line: Line, chapters: set[str], before: Sequence[Line]) -> bool:
    """Whether a line is a heading such as 1 总则, whose sections 1.1 … stand in the text too."""
    found = CHAPTER.match(line.text)
    if not found or found.group(1) not in chapters or line.width > _MOST_TITLE_WIDTH / 2:
        return False
    return not any(char in line.text for char in _NO_TITLE) and not _unfinished(before)


def _inside_list_of_annexes(before: Sequence[Line]) -> bool:
    for line in before[: -_MOST_ANNEXES - 1 : -1]:
        if _ANNEXES.match(line.text):
            return True
        if line.gap or not marker_of(line.text):
            return False
    return False


def _inside_list_of_items(before: Sequence[Line]) -> bool:
    """Whether the text so far stops at a semicolon: what comes next is the list's next item, however it ends."""
    last = next((line for line in reversed(before) if line.kind is not LineKind.FURNITURE), None)
    return last is not None and last.kind is LineKind.TEXT and last.text.rstrip().endswith(("；", ";"))


def _unfinished(before: Sequence[Line]) -> bool:
    """Whether the text so far stops in the middle of a sentence."""
    last = next((line for line in reversed(before) if line.kind is not LineKind.FURNITURE), None)
    if last is None or last.kind is not LineKind.TEXT or is_date(last.text) or BULLET.match(last.text):
        return False
    return not ends_sentence(last.text)


def _stands_alone(line: Line, following: Line | None, before: Sequence[Line], wide: float) -> bool:
    """Whether an unnumbered line is a title or a subheading: short, alone, without the marks of a sentence."""
    if line.width > _MOST_TITLE_WIDTH or any(char in _NO_TITLE for char in line.text) or _unfinished(before):
        return False
    if following is not None and is_date(following.text):
        return False  # who signed, above the date
    after_title = bool(before) and before[-1].kind is LineKind.TITLE
    if not after_title and wide and line.width >= FULL * wide:
        return False
    alone_above = line.gap > 0 or not before or after_title
    subtitled = following is not None and following.text.startswith("——")
    alone_below = following is None or following.gap > 0 or subtitled or line.text.startswith("——")
    if after_title and following is not None and following.width >= line.width and not line.gap:
        return line.text.startswith("——") or following.text.startswith("——")
    return alone_above and alone_below
