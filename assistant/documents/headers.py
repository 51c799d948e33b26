"""The names of a table's columns, out of one line of headers or of two: the years above, plan and actual below."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from assistant.documents.cells import named, shape
from assistant.language.clean import squeeze

Cells = list[str]

_MOST_UPPER, _MOST_LOWER = 8, 12  # names in the two lines of a header that are matched by their places
_PERIOD = re.compile(  # what a column is named after: 2024年标准, 1—8月实际, 三季度
    r"(?:(?:19|20)\d\d年?(?:度)?)?(?:\d{1,2}(?:[—–~～至-]\d{1,2})?月|[上下]半年|[一二三四]季度?)?(?:底|末|累计|人均|平均)?"
    r"[\u4e00-\u9fff]{0,4}"
)
_TIMED = re.compile(r"(?:19|20)\d\d|\d+(?:[—–~～至-]\d+)?月|[上下]半年|[一二三四]季度?")
NUMBERED = re.compile(r"(?:附?[表图]|附件)\s*[\d一二三四五六七八九十]+")
_CAPTIONS = re.compile(r"[：:]|(?:统计|一览|目录|名单|清单)$|[^代]表$")
_BRACKETS = re.compile(r"[（(][^（）()]*[）)]")
_OF_ROWS = re.compile(r"地区|区域|姓名|项目|指标|名称|类别|单位|事项|序号|年[份度]|机构|任务|部门")
_APART = re.compile(r"\S {2,}\S")


@dataclass(frozen=True, slots=True)
class _Place:
    """A cell of a header, and the column of the page in which it begins, in half characters."""

    name: str
    start: int


def is_figure(cell: str) -> bool:
    """Whether a cell holds a figure, and not the year or the months that a column is named after."""
    return shape(cell) == "figure" and not is_period(cell)


def is_period(cell: str) -> bool:
    """Whether a cell names a time, perhaps with what is told of it: 2024年, 1—8月实际."""
    return bool(_PERIOD.fullmatch(cell) and _TIMED.match(cell))


def names_columns(cells: Sequence[str]) -> float:
    """The share of cells that hold the name of a column, or a time."""
    filled = [cell for cell in cells if cell]
    return sum(bool(named([c]) or is_period(c)) for c in filled) / max(1, len(filled))


def column_names(above: Sequence[Cells], texts: Sequence[str], kinds: Sequence[str]) -> tuple[int, Cells]:
    """How many of the one or two lines above the first row name the columns, and the names; 0 where they do not.

    `above` are the lines cut into cells, `texts` the lines as they stand, `kinds` what each column holds.
    """
    width, bottom = len(kinds), above[-1]
    filled = [cell for cell in bottom if cell]
    if any(map(is_figure, bottom)) or not filled:
        return 0, []
    whole = len(bottom) == width and len(set(filled)) == len(filled)
    if len(above) > 1 and not (whole and len(filled) == width) and not _is_caption(above[0]):
        for names in _joinings(above[0], bottom, texts, kinds):
            shown = [name for name in names if name]
            if len(names) == width and len(shown) >= width - 1 and len(set(shown)) == len(shown):
                return 2, names
    if whole:
        return 1, list(bottom)
    # The column of the rows' names may have none of its own; the others then hold figures.
    short = len(bottom) == len(filled) == len(set(filled)) == width - 1 and "text" not in kinds[1:]
    if short and not _is_caption(bottom) and not _OF_ROWS.fullmatch(bottom[0]):
        return 1, ["", *bottom]
    return 0, []


def _is_caption(cells: Cells) -> bool:
    """Whether a line stands above a table rather than in its header."""
    numbered = NUMBERED.match(next((cell for cell in cells if cell), ""))
    return bool(numbered) or any(is_figure(c) or _CAPTIONS.search(_BRACKETS.sub("", c)) for c in cells)


def _joinings(top: Cells, bottom: Cells, texts: Sequence[str], kinds: Sequence[str]) -> Iterator[Cells]:
    """Ways to make one line of headers out of two, the surest first."""
    if len(top) == len(bottom) == len(kinds):  # empty cells show what belongs together
        yield _filled(top, bottom)
    if any(_APART.search(text) for text in texts) and not any("\t" in text for text in texts):
        yield _placed(_places(texts[0]), _places(texts[1]), kinds)
    yield _repeated([cell for cell in top if cell], [cell for cell in bottom if cell], kinds)


def _filled(top: Cells, bottom: Cells) -> Cells:
    names, current = [], ""
    for above, below in zip(top, bottom, strict=True):
        current = above or (current if below else "")
        names.append(current + below)
    return names


def _placed(upper: list[_Place], lower: list[_Place], kinds: Sequence[str]) -> Cells:
    """Two lines as one by where the names stand: in order, each upper one as near as can be to the first of its own."""
    own = (
        [low.name for low in lower[:1]] if len(lower) == len(kinds) else []
    )  # the rows' names have theirs below
    lower = lower[len(own) :]
    alone = len(kinds) - len(own) - len(lower)
    if not 0 <= alone < len(upper) <= _MOST_UPPER or not len(upper) - alone <= len(lower) <= _MOST_LOWER:
        return []
    best, names = 0, Cells()
    for shares in _shares(len(upper), len(lower), alone):
        found = _laid_out(own, [u.name for u in upper], [low.name for low in lower], shares, kinds)
        away, at = 0, 0
        for above, share in zip(upper, shares, strict=True):
            away += abs(lower[at].start - above.start) if share else 0
            at += share
        if found and (not names or away < best):
            best, names = away, found
    return names


def _shares(upper: int, lower: int, alone: int) -> Iterator[tuple[int, ...]]:
    """How many of the lower names each upper one may have, `alone` of them none."""
    for none in combinations(range(upper), alone):
        for cuts in combinations(range(1, lower), upper - alone - 1):
            counts = iter([b - a for a, b in pairwise((0, *cuts, lower))])
            yield tuple(0 if i in none else next(counts) for i in range(upper))


def _laid_out(own: Cells, upper: Cells, lower: Cells, shares: Sequence[int], kinds: Sequence[str]) -> Cells:
    """The names of the columns; empty where a column of words would be named by two lines."""
    names, at = list(own), 0
    for name, share in zip(upper, shares, strict=True):
        if share and "text" in kinds[len(names) : len(names) + share]:
            return []
        names += [name + below for below in lower[at : at + share]] or [name]
        at += share
    return names


def _places(text: str) -> list[_Place]:
    """The cells of a line parted by blanks, and where they stand."""
    cells = re.finditer(r"\S+(?: \S+)*", text)
    return [
        _Place(squeeze(c[0]), sum(1 if char.isascii() else 2 for char in text[: c.start()])) for c in cells
    ]


def _repeated(upper: Cells, lower: Cells, kinds: Sequence[str]) -> Cells:
    """Two lines as one by the names alone: what repeats below belongs to one name above after the other."""
    width = len(kinds)
    left = width - len(lower)
    if len(upper) == width and len(set(upper)) < width and 0 < left < width:  # an upper name over each column
        return upper[:left] + [above + below for above, below in zip(upper[left:], lower, strict=True)]
    if not left:  # the names of the rows have theirs below
        options = [([lower[0]], lower[1:], 0)]
    else:
        options = [([], lower, left), ([""], lower, left - 1)]
    for own, below, alone in options:
        counts = _counts(below, len(upper) - alone)
        layouts = []
        for none in combinations(range(len(upper)), alone) if counts else ():
            rest = iter(counts)
            shares = [0 if i in none else next(rest) for i in range(len(upper))]
            timed = all(is_period(name) for name, share in zip(upper, shares, strict=True) if share)
            if names := _laid_out(own, upper, below, shares, kinds):
                layouts.append((not timed, none, names))
        if layouts:
            return min(layouts)[2]
    return []


def _counts(lower: Cells, upper: int) -> list[int]:
    """How many of the lower names each of so many upper ones has, by where the first one comes again; else nothing."""
    if upper < 1 or not lower:
        return []
    begins = [i for i, name in enumerate(lower) if name == lower[0]]
    if len(begins) != upper:
        return []
    return [b - a for a, b in pairwise((*begins, len(lower)))]
