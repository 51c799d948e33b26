"""From classified lines to paragraphs: hard wraps and page breaks are healed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.documents.grids import HEADER
from assistant.documents.heads import is_date
from assistant.documents.layout import FULL
from assistant.documents.lines import Line, LineKind, Paragraph
from assistant.documents.markers import opens_paragraph
from assistant.documents.speakers import spoken_by
from assistant.language.sentences import ends_sentence

_LABEL = re.compile(r"[\u4e00-\u9fff]{2,8}\s?[：:]")  # 时间：… in a record
_INSIDE = "，,；;：:、"  # marks that end no paragraph
_NARROW, _LONG = 8.0, 20.0  # a line at the margin of a column; a line that only the end of a page can cut off
_DEEPER, _INDENTED = 0.9, 1.5  # in Chinese characters


def paragraphs(lines: Sequence[Line]) -> list[Paragraph]:
    """Join the classified lines into paragraphs; furniture between two halves of a sentence does not part them."""
    groups: list[list[Line]] = []
    apart: list[Paragraph] = []
    margins = _margins(lines)
    for line in lines:
        if line.kind is LineKind.FURNITURE:
            apart.append(Paragraph(LineKind.FURNITURE, (line,)))
        elif groups and (
            _continues(groups[-1], line, margins.get(id(groups[-1][-1]), 0.0))
            or _parted(groups[-1], line, apart)
        ):
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
        return line.kind is LineKind.TABLE and last.kind is LineKind.TABLE and line.reason != HEADER
    if _opens(line) or is_date(last.text) or _is_record(group, line) or _deeper(last, line):
        return False
    full = last.width >= FULL * margin and last.width >= 10
    if _hangs(group, line) and (
        full or (line.gap == 0 and last.width >= _NARROW and not ends_sentence(last.text))
    ):
        return True
    if ends_sentence(last.text):
        return line.gap == 0 and full and len(group) > 1 and margin <= 60
    if line.gap == 0:
        return full or last.width > 60
    # A blank line in the middle of a sentence is a page or column break.
    return (
        (full and margin > 0 and last.width >= _NARROW)
        or last.width >= _LONG
        or any(c in last.text for c in _INSIDE)
    )


def _parted(group: Sequence[Line], line: Line, apart: Sequence[Paragraph]) -> bool:
    """Whether a page ends between a wrapped paragraph that stops in mid-sentence and this line, its other half."""
    last = group[-1]
    between = bool(apart) and last.start < apart[-1].start < line.start
    if not between or len(group) < 2 or last.kind is not LineKind.TEXT or line.kind is not LineKind.TEXT:
        return False
    return not (ends_sentence(last.text) or _opens(line) or is_date(last.text) or _is_record(group, line))


def _hangs(group: Sequence[Line], line: Line) -> bool:
    """Whether a line begins at the margin below a paragraph that began with an indentation: it is its next line."""
    return group[0].indent >= _INDENTED and line.indent < _DEEPER / 2


def _opens(line: Line) -> bool:
    if opens_paragraph(line.text) or is_date(line.text):
        return True
    speaker = spoken_by(line.text)
    return speaker is not None and bool(speaker.post)


def _is_record(group: Sequence[Line], line: Line) -> bool:
    """Whether lines are fields of a record (时间：…, 地点：…), one a line, and not a sentence that was wrapped."""
    if _LABEL.match(line.text) and group[-1].text.endswith(("：", ":")):
        return True
    if len(group) > 1 or not _LABEL.match(group[0].text) or ends_sentence(group[0].text):
        return False
    return line.gap > 0 or bool(_LABEL.match(line.text))


def _deeper(last: Line, line: Line) -> bool:
    """Whether a line is indented as the first one of a paragraph is."""
    if line.indent < _INDENTED:
        return False
    return line.indent > last.indent + _DEEPER or ends_sentence(last.text) or last.text.endswith(("：", ":"))
