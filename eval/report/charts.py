"""Plots as SVG inside the page. Sizes are in the units of the view box, which is `WIDTH` wide.

Every plot has a title and a description for those who cannot see it. Series differ by colour, by mark and by dash, so
that none of the three is needed alone. Colours come from the stylesheet, by class, and change with its scheme.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from eval.report.words import fitted, percent, seconds, visible
from eval.statistics import Interval

WIDTH = 400
SLOTS = 8  # styles of series
ROW = 22  # height of a row of a dot plot
NEXT = 14  # from one line of a label to the next
TOP, FOOT = 22, 38
LINE_HEIGHT = 236
SIDES = 40, 14  # room left and right of a line plot
HALF = 4.5  # half the size of a mark


@dataclass(frozen=True, slots=True)
class Dot:
    """One row of a dot plot: a share with its interval, and what it counts. `label` is the name cut to its lines."""

    label: tuple[str, ...]
    name: str
    interval: Interval
    good: int
    questions: int


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a curve; `low` and `high` are None where it has no interval."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """A curve in the style `slot`; `marked` when its points are shown one by one."""

    name: str
    slot: int
    points: tuple[Point, ...]
    marked: bool = True


@dataclass(frozen=True, slots=True)
class Axis:
    """From 0 to `most`; `ticks` are shown through `told`."""

    title: str
    most: float
    ticks: tuple[float, ...]
    told: Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Times:
    """The median and the 95th percentile of a system's times (seconds)."""

    name: str
    slot: int
    p50: float
    p95: float


def dots(ident: str, title: str, rows: Sequence[Dot], overall: float, label_width: int) -> Markup:
    """Shares with 95 % intervals, one below the other, beside the share of all questions."""
    left, right = label_width, WIDTH - 52
    height = ROW + NEXT * (max(len(row.label) for row in rows) - 1)
    bottom = TOP + height * len(rows)

    def x(share: float) -> float:
        return left + share * (right - left)

    grid = [_upright(x(tick), TOP - 4, bottom, "grid") for tick in _quarters()]
    ticks = [_text(x(tick), bottom + 15, percent(tick, 0), "middle") for tick in _quarters()]
    whole = [
        _upright(x(overall), TOP - 4, bottom, "overall"),
        _text(x(overall), TOP - 9, f"全部 {percent(overall)}", "middle", "told"),
    ]
    body = [_dot_row(row, TOP + height * number, height, x, left) for number, row in enumerate(rows)]
    foot = _text(
        (left + right) / 2, bottom + 32, "正确率（%），横线为 95 % 区间，右列为答对/题数", "middle", "axis"
    )
    told = "；".join(f"{row.name} {_interval(row.interval)}，{row.good}/{row.questions} 题" for row in rows)
    return _plot(ident, title, told, bottom + FOOT, [*grid, *ticks, *whole, *body, foot])


def lines(ident: str, title: str, series: Sequence[Series], across: Axis, up: Axis, told: str) -> Markup:
    """Curves over two axes. `told` says in words what they show."""
    left, right = SIDES[0], WIDTH - SIDES[1]
    top, bottom = TOP + 4, LINE_HEIGHT - FOOT

    def x(value: float) -> float:
        return left + value / across.most * (right - left)

    def y(value: float) -> float:
        return bottom - value / up.most * (bottom - top)

    frame = [
        *(_level(left, right, y(tick), "grid") for tick in up.ticks),
        *(_text(left - 6, y(tick) + 4, up.told(tick), "end") for tick in up.ticks),
        *(_text(x(tick), bottom + 16, across.told(tick), "middle") for tick in across.ticks),
        *(_upright(x(tick), bottom, bottom + 4, "tick") for tick in across.ticks),
        _text(left - 30, TOP - 10, up.title, "start", "axis"),
        _text((left + right) / 2, bottom + 33, across.title, "middle", "axis"),
    ]
    # The first series is the one that the report is about: drawn last, it lies on top.
    curves = [_curve(one, x, y) for one in reversed(series)]
    return _plot(ident, title, told, LINE_HEIGHT, [*frame, *curves])


def times(ident: str, title: str, rows: Sequence[Times]) -> Markup:
    """Median and 95th percentile of each system, joined by a line, over an axis of powers of ten."""
    left, right = 156, WIDTH - 20
    bottom = TOP + ROW * len(rows)
    least = math.floor(math.log10(max(1e-4, min(row.p50 for row in rows))))
    most = max(least + 1, math.ceil(math.log10(max(1e-4, *(row.p95 for row in rows)))))

    def x(value: float) -> float:
        return left + (math.log10(max(value, 10**least)) - least) / (most - least) * (right - left)

    tens = [10.0**power for power in range(least, most + 1)]
    grid = [_upright(x(tick), TOP - 4, bottom, "grid") for tick in tens]
    ticks = [_text(x(tick), bottom + 15, _brief(tick), "middle") for tick in tens]
    body = [_times_row(row, TOP + ROW * (number + 0.5), x, left) for number, row in enumerate(rows)]
    foot = _text(
        (left + right) / 2, bottom + 32, "每题用时：实心为 p50，空心为 p95（对数刻度）", "middle", "axis"
    )
    told = "；".join(f"{row.name} p50 {seconds(row.p50)}，p95 {seconds(row.p95)}" for row in rows)
    return _plot(ident, title, told, bottom + FOOT, [*grid, *ticks, *body, foot])


def meter(interval: Interval) -> Markup:
    """A share on a bar from 0 to 1, with its interval; beside the number, which says the same."""
    ends = 8, WIDTH - 8
    x = [ends[0] + share * (ends[1] - ends[0]) for share in (interval.low, interval.value, interval.high)]
    bar = [_level(*ends, 9, "track"), _level(x[0], x[2], 9, "range")]
    dot = _tag("circle", class_="value", cx=x[1], cy=9, r=7)
    return _tag("svg", *bar, dot, class_="meter", viewBox=f"0 0 {WIDTH} 18", aria_hidden="true")


def key(slot: int) -> Markup:
    """The mark of a style with a bit of its line, for legends and tables; says nothing by itself."""
    line = _tag("line", class_="curve", x1=0, y1=7, x2=24, y2=7)
    inside = _tag("g", line, _mark(slot, 12, 7), class_=_style(slot))
    return _tag("svg", inside, class_="key", viewBox="0 0 24 14", width=24, height=14, aria_hidden="true")


def _dot_row(row: Dot, top: float, height: float, x: Callable[[float], float], left: float) -> Markup:
    low, high, y = x(row.interval.low), x(row.interval.high), top + height / 2
    first = y + 4 - NEXT * (len(row.label) - 1) / 2
    tip = f"{row.name}：{_interval(row.interval)}，{row.good}/{row.questions} 题"
    return _tag(
        "g",
        _tag("title", tip),
        _tag("rect", class_="hit", x=0, y=top, width=WIDTH, height=height),
        *(_text(left - 10, first + NEXT * n, line, "end", "name") for n, line in enumerate(row.label)),
        _level(low, high, y, "whisker"),
        *(_upright(end, y - 3.5, y + 3.5, "whisker") for end in (low, high)),
        _mark(0, x(row.interval.value), y),
        _text(WIDTH - 2, y + 4, f"{row.good}/{row.questions}", "end", "told"),
        class_="row s0",
    )


def _times_row(row: Times, y: float, x: Callable[[float], float], left: float) -> Markup:
    return _tag(
        "g",
        _tag("title", f"{row.name}：p50 {seconds(row.p50)}，p95 {seconds(row.p95)}"),
        _tag("rect", class_="hit", x=0, y=y - ROW / 2, width=WIDTH, height=ROW),
        _text(left - 10, y + 4, fitted(row.name, 13)[0], "end", "name"),
        _level(x(row.p50), x(row.p95), y, "whisker"),
        _tag("circle", class_="mark", cx=x(row.p50), cy=y, r=HALF),
        _tag("circle", class_="mark hollow", cx=x(row.p95), cy=y, r=HALF),
        class_=f"row {_style(row.slot)}",
    )


def _curve(series: Series, x: Callable[[float], float], y: Callable[[float], float]) -> Markup:
    path = "M" + "L".join(f"{_number(x(point.x))} {_number(y(point.y))}" for point in series.points)
    parts = [_tag("title", series.name), _tag("path", class_="curve", d=path)]
    parts += [
        _upright(x(point.x), y(point.high), y(point.low), "whisker")
        for point in series.points
        if point.low is not None and point.high is not None
    ]
    if series.marked:
        parts += [_mark(series.slot, x(point.x), y(point.y)) for point in series.points]
    else:
        last = series.points[-1]
        parts.append(_mark(series.slot, x(last.x), y(last.y)))
    return _tag("g", *parts, class_=_style(series.slot))


def _mark(slot: int, x: float, y: float) -> Markup:
    """A mark of its own for each style."""
    paths = {
        1: _closed(x, y, [(-1, -1), (1, -1), (1, 1), (-1, 1)]),
        2: _closed(x, y, [(0, -1.2), (1.15, 0.9), (-1.15, 0.9)]),
        3: _closed(x, y, [(0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)]),
        4: _closed(x, y, [(0, 1.2), (1.15, -0.9), (-1.15, -0.9)]),
        5: _closed(x, y, [(-1.3, -0.45), (1.3, -0.45), (1.3, 0.45), (-1.3, 0.45)]),
        6: _closed(x, y, [(-0.45, -1.3), (0.45, -1.3), (0.45, 1.3), (-0.45, 1.3)]),
        7: _closed(x, y, [(-1, -1), (1, 1), (1, -1), (-1, 1)]),
    }
    if slot % SLOTS in paths:
        return _tag("path", class_="mark", d=paths[slot % SLOTS])
    return _tag("circle", class_="mark", cx=x, cy=y, r=HALF)


def _closed(x: float, y: float, corners: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{_number(x + HALF * a)} {_number(y + HALF * b)}" for a, b in corners) + "Z"


def _style(slot: int) -> str:
    return f"s{slot % SLOTS}"


def _quarters() -> Iterator[float]:
    return (quarter / 4 for quarter in range(5))


def _interval(interval: Interval) -> str:
    return f"{percent(interval.value)} %（{percent(interval.low)}–{percent(interval.high)}）"


def _brief(tick: float) -> str:
    return f"{tick:g} 秒" if tick >= 1 else f"{1000 * tick:g} 毫秒"


def _plot(ident: str, title: str, told: str, height: float, parts: Sequence[Markup]) -> Markup:
    return _tag(
        "svg",
        _tag("title", title, id=f"{ident}-title"),
        _tag("desc", told, id=f"{ident}-told"),
        *parts,
        class_="plot",
        role="img",
        aria_labelledby=f"{ident}-title",
        aria_describedby=f"{ident}-told",
        viewBox=f"0 0 {WIDTH} {_number(height)}",
    )


def _level(x1: float, x2: float, y: float, style: str) -> Markup:
    return _tag("line", class_=style, x1=x1, y1=y, x2=x2, y2=y)


def _upright(x: float, y1: float, y2: float, style: str) -> Markup:
    return _tag("line", class_=style, x1=x, y1=y1, x2=x, y2=y2)


def _text(x: float, y: float, text: str, anchor: str, style: str = "told") -> Markup:
    return _tag("text", text, class_=style, x=x, y=y, text_anchor=anchor)


def _tag(tag: str, *children: str | Markup, **attributes: str | float) -> Markup:
    """An element; what is no markup yet is escaped. `class_` stands for class, an underscore for a hyphen."""
    told = [
        Markup(' {}="{}"').format(name.rstrip("_").replace("_", "-"), _shown(value))
        for name, value in attributes.items()
    ]
    inside = Markup("").join(_shown(child) for child in children)
    return Markup("<{0}{1}>{2}</{0}>").format(tag, Markup("").join(told), inside)


def _shown(value: str | float) -> str:
    if isinstance(value, Markup):
        return value
    return visible(value) if isinstance(value, str) else _number(value)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
