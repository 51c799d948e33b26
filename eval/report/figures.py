"""What the template shows of a run's figures: verdicts, the table of systems, plots, reasons. No HTML is made here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from assistant.documents import discover
from eval.compare import Verdict
from eval.metrics import REASONS
from eval.report import charts
from eval.report.words import (
    NOTHING,
    category_name,
    fitted,
    p_said,
    p_value,
    percent,
    points,
    smallest,
    thousandths,
)
from eval.scoring import Run, Scored, title_of
from eval.statistics import Interval
from eval.summary import Slice, Summary
from eval.systems import OURS, SYSTEMS
from eval.tokens import Price, Tokens, yuan
from eval.types import DEPTHS

DEPTH = 5  # of the recall that the table shows
LABEL = 11  # Chinese characters in a line of a document's title beside a plot

Figure = Interval | float | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table of systems. `better` is 1 where more is better, -1 where less is, 0 where neither.

    A line feed in the name is where it is broken.
    """

    group: str
    name: str
    value: Callable[[Slice], Figure]
    told: Callable[[float], str] = percent
    better: int = 1


COLUMNS = (
    Column("正确率", "全部题", lambda s: s.correct),
    Column("正确率", "可答题", lambda s: s.answered if s.answerable else None),
    Column("拒答", "精确", lambda s: _refusing(s, s.refusal.precision)),
    Column("拒答", "召回", lambda s: _refusing(s, s.refusal.recall)),
    Column("拒答", "F1", lambda s: _refusing(s, s.refusal.f1)),
    Column("检索", f"证据\n召回@{DEPTH}", lambda s: s.recall[DEPTH]),
    Column("检索", "MRR", lambda s: s.mrr),
    Column("检索", "nDCG\n@10", lambda s: s.ndcg),
    Column("引用", "精确", lambda s: s.citation_precision),
    Column("引用", "召回", lambda s: s.citation_recall),
    Column("引用", "真实", lambda s: s.citation_validity),
    Column("答案", "数字\n忠实", lambda s: s.fidelity),
    Column("答案", "平均\n字数", lambda s: s.length, lambda value: f"{value:.0f}", better=0),
    Column("用时（毫秒）", "p50", lambda s: s.p50, thousandths, better=-1),
    Column("用时（毫秒）", "p95", lambda s: s.p95, thousandths, better=-1),
)


def columns_of(run: Run, price: Price | None = None) -> tuple[Column, ...]:
    """The columns of a run's table: tokens, and at a price their cost, where a system tells them."""
    if not any(summary.whole.tokens for one in run.sets for summary in one.summaries.values()):
        return COLUMNS
    spent = [
        _spent("词元", "每题读", lambda tokens: tokens.mean_prompt),
        _spent("词元", "每题写", lambda tokens: tokens.mean_completion),
        _spent("词元", "共读", lambda tokens: tokens.prompt),
        _spent("词元", "共写", lambda tokens: tokens.completion),
    ]
    if price:
        spent.append(_spent("费用", "元", lambda tokens: tokens.cost(price), yuan))
    return (*COLUMNS, *spent)


def _spent(
    group: str, name: str, value: Callable[[Tokens], float], told: Callable[[float], str] = "{:,.0f}".format
) -> Column:
    return Column(group, name, lambda s: value(s.tokens) if s.tokens else None, told, better=0)


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as text, its interval as text, whether it is the best of its column."""

    text: str
    interval: str = ""
    best: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A system's line in the table; `beside` holds how much higher ours is, p, and the smallest difference shown."""

    name: str
    title: str
    key: Markup
    ours: bool
    bound: bool  # sees the key: an upper bound
    cells: tuple[Cell, ...]
    beside: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot with its heading and the legend below it: marks and names."""

    title: str
    drawing: Markup
    legend: tuple[tuple[Markup, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why answers are wrong. `rows`: key and name of a category, its questions, its wrong ones, counts by reason."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, str, int, int, tuple[int, ...]], ...]
    totals: tuple[int, ...]
    questions: int
    wrong: int
    most: int


@dataclass(frozen=True, slots=True)
class SetFigures:
    """One set. `primary` is the title of the system that plots and questions are about; empty when there is none."""

    number: int
    name: str
    title: str
    locked: bool
    questions: int
    answerable: int
    primary: str
    whole: Slice | None
    sentences: tuple[str, ...]
    alarms: tuple[str, ...]
    rows: tuple[Row, ...]
    plots: tuple[Plot, ...]
    reasons: Reasons | None


def primary_of(one: Scored) -> str | None:
    """The system that the report is about: ours, or the only one; None when others alone answered."""
    if OURS in one.results:
        return OURS
    return next(iter(one.results)) if len(one.results) == 1 else None


def document_names(one: Scored) -> dict[str, str]:
    """The titles of a set's documents, by id, where the manifest tells them."""
    sources = discover([one.corpus.folder])
    return {source.id: source.entry.title for source in sources if source.entry and source.entry.title}


def titles(run: Run) -> dict[str, str]:
    """The systems of a run with their names for people."""
    told = run.record.get("systems", {})
    return {name: str(told.get(name) or title_of(name)) for name in run.systems}


def set_figures(run: Run, columns: Sequence[Column] = COLUMNS) -> list[SetFigures]:
    """The figures of every set; `columns` are those of the table of systems."""
    named = titles(run)
    contestants = [name for name in named if not _sees_key(name)]
    slots = {name: number for number, name in enumerate(contestants)}
    return [_figures(number, one, named, slots, columns) for number, one in enumerate(run.sets, start=1)]


def _figures(
    number: int, one: Scored, named: Mapping[str, str], slots: Mapping[str, int], columns: Sequence[Column]
) -> SetFigures:
    primary = primary_of(one)
    summary = one.summaries[primary] if primary else None
    return SetFigures(
        number=number,
        name=one.name,
        title=one.title,
        locked=one.locked,
        questions=len(one.items),
        answerable=sum(item.answerable for item in one.items),
        primary=named[primary] if primary else "",
        whole=summary.whole if summary else None,
        sentences=_sentences(one, named, primary),
        alarms=_alarms(summary.whole, named[primary]) if summary and primary else (),
        rows=_rows(one, named, slots, columns),
        plots=_plots(f"plot{number}", one, named, slots, primary),
        reasons=_reasons(summary) if summary else None,
    )


def _sees_key(system: str) -> bool:
    return system in SYSTEMS and SYSTEMS[system].sees_key


def _refusing(whole: Slice, value: float) -> float | None:
    """None where every question can be answered: then there is nothing to refuse."""
    return value if whole.answerable < whole.questions else None


def _value(figure: Figure) -> float | None:
    return figure.value if isinstance(figure, Interval) else figure


# Sentences


def _sentences(one: Scored, named: Mapping[str, str], primary: str | None) -> tuple[str, ...]:
    if primary is None:
        if not one.results:
            return ("还没有系统答完这套题。",)
        return ("本系统没有答这套题，下面只有其余系统的数字。",)
    return (_told(one.summaries[primary].whole, named[primary]), *_against(one, named))


def _told(whole: Slice, title: str) -> str:
    unable = whole.questions - whole.answerable
    right = f"{round(whole.correct.value * whole.questions)}/{whole.questions}"
    between = f"{percent(whole.correct.low)}–{percent(whole.correct.high)}"
    told = [f"{title}答对 {right} 题（95 % 区间 {between} %）"]
    if whole.answerable and unable:
        told.append(
            f"可答的 {whole.answerable} 题答对 {round(whole.answered.value * whole.answerable)} 题，"
            f"应拒答的 {unable} 题拒答了 {round(whole.refused.value * unable)} 题"
        )
    if found := whole.recall[DEPTH]:
        told.append(f"检索到的前 {DEPTH} 段含标准证据的 {percent(found.value)} %")
    if whole.citation_validity and whole.citation_validity.value == 1:
        told.append("引文全部与原文逐字相同")
    return "；".join(told) + "。"


def _against(one: Scored, named: Mapping[str, str]) -> tuple[str, ...]:
    """Whom ours beats, who beats it, and where the difference could be chance."""
    rivals = {name: verdict for name, verdict in one.against.items() if not _sees_key(name)}
    better = [n for n, v in rivals.items() if v.significant and v.test.wins > v.test.losses]
    worse = [n for n, v in rivals.items() if v.significant and v.test.wins < v.test.losses]
    open_ = [n for n in rivals if n not in better and n not in worse]
    told = []
    if better:
        told.append(f"明显高于{'、'.join(f'{named[n]}（{_share(one, n)}）' for n in better)}。")
    if worse:
        told.append(f"明显低于{'、'.join(f'{named[n]}（{_share(one, n)}）' for n in worse)}。")
    if open_:
        pairs = "、".join(f"{named[n]}（{_share(one, n)}，{p_said(rivals[n].test.p)}）" for n in open_)
        told.append(f"与{pairs}分不出高下：差别可能只是偶然。")
    return tuple(told)


def _share(one: Scored, system: str) -> str:
    return f"{percent(one.summaries[system].whole.correct.value)} %"


def _alarms(whole: Slice, title: str) -> tuple[str, ...]:
    told = []
    if whole.errors:
        told.append(f"{title}有 {whole.errors} 题出错或没有答案，都按答错计。")
    if whole.citation_validity and whole.citation_validity.value < 1:
        told.append(
            f"{title}有引文与原文不符：引用真实 {percent(whole.citation_validity.value)} %，低于 100 % 就是缺陷。"
        )
    return tuple(told)


# The table of systems


def _rows(
    one: Scored, named: Mapping[str, str], slots: Mapping[str, int], columns: Sequence[Column]
) -> tuple[Row, ...]:
    present = [name for name in named if name in one.summaries]
    best = _best(columns, [one.summaries[name].whole for name in present if not _sees_key(name)])
    return tuple(
        Row(
            name=name,
            title=named[name],
            key=charts.key(slots[name]) if name in slots else Markup(),
            ours=name == OURS,
            bound=_sees_key(name),
            cells=_cells(columns, one.summaries[name].whole, best if not _sees_key(name) else {}),
            beside=_beside(one.against.get(name)),
        )
        for name in present
    )


def _best(columns: Sequence[Column], contestants: Sequence[Slice]) -> dict[int, float]:
    """The best value of each column, by its number; none where nobody is behind."""
    best: dict[int, float] = {}
    for number, column in enumerate(columns):
        values = [value for whole in contestants if (value := _value(column.value(whole))) is not None]
        if column.better and len(set(values)) > 1:
            best[number] = max(values) if column.better > 0 else min(values)
    return best


def _cells(columns: Sequence[Column], whole: Slice, best: Mapping[int, float]) -> tuple[Cell, ...]:
    return tuple(
        _cell(column, column.value(whole), best.get(number)) for number, column in enumerate(columns)
    )


def _cell(column: Column, figure: Figure, best: float | None) -> Cell:
    value = _value(figure)
    if value is None:
        return Cell(NOTHING)
    return Cell(column.told(value), _range(figure), value == best)


def _range(figure: Figure) -> str:
    """An interval without its value. Resampling equal values gives no interval: then there is none to show."""
    if not isinstance(figure, Interval) or figure.low == figure.high:
        return ""
    return f"{percent(figure.low, 0)}–{percent(figure.high, 0)}"


def _beside(verdict: Verdict | None) -> tuple[Cell, ...]:
    if verdict is None:
        return (Cell(NOTHING),) * 3
    difference = verdict.correct
    return (
        Cell(points(difference.value), f"{points(difference.low, 0)} … {points(difference.high, 0)}"),
        Cell(p_value(verdict.test.p), f"{verdict.test.wins} : {verdict.test.losses}"),
        Cell(smallest(verdict)),
    )


# Plots


def _plots(
    ident: str, one: Scored, named: Mapping[str, str], slots: Mapping[str, int], primary: str | None
) -> tuple[Plot, ...]:
    shown = [name for name in slots if name in one.summaries]
    plots = [
        _recall_plot(f"{ident}-recall", one, named, slots, shown),
        _risk_plot(f"{ident}-risk", one, named, slots, shown),
        _times_plot(f"{ident}-times", one, named, slots, shown),
    ]
    if primary:
        summary, title = one.summaries[primary], named[primary]
        plots.insert(0, _categories_plot(f"{ident}-categories", summary, title))
        plots.append(_documents_plot(f"{ident}-documents", summary, title, document_names(one)))
    return tuple(plot for plot in plots if plot)


def _categories_plot(ident: str, summary: Summary, system: str) -> Plot:
    return _dots_plot(
        ident, f"各类题的正确率：{system}", summary, summary.categories, category_name, label_width=66
    )


def _documents_plot(ident: str, summary: Summary, system: str, names: Mapping[str, str]) -> Plot:
    return _dots_plot(
        ident, f"各文件的正确率：{system}", summary, summary.documents, lambda doc: names.get(doc, doc), 146
    )


def _dots_plot(
    ident: str,
    title: str,
    summary: Summary,
    slices: Mapping[str, Slice],
    name: Callable[[str], str],
    label_width: int,
) -> Plot:
    ranked = sorted(slices.items(), key=lambda pair: -pair[1].correct.value)
    rows = [
        charts.Dot(
            label=tuple(fitted(name(key), LABEL, rows=2)),
            name=name(key),
            interval=one.correct,
            good=one.questions - sum(one.reasons.values()),
            questions=one.questions,
        )
        for key, one in ranked
    ]
    return Plot(title, charts.dots(ident, title, rows, summary.whole.correct.value, label_width))


def _recall_plot(
    ident: str, one: Scored, named: Mapping[str, str], slots: Mapping[str, int], shown: Sequence[str]
) -> Plot | None:
    curves = []
    for name in shown:
        recall = one.summaries[name].whole.recall
        found = [(k, recall[k]) for k in DEPTHS]
        if all(share for _, share in found):
            curves.append(
                charts.Series(
                    named[name],
                    slots[name],
                    tuple(
                        charts.Point(k, s.value, *((s.low, s.high) if slots[name] == 0 else ()))
                        for k, s in found
                        if s
                    ),
                )
            )
    if not curves:
        return None
    across = charts.Axis("前 k 段", max(DEPTHS), DEPTHS, lambda k: f"{k:g}")
    told = "；".join(
        f"{one.name}：" + "，".join(f"k={point.x:g} 时 {percent(point.y)} %" for point in one.points)
        for one in curves
    )
    return _lines_plot(ident, "证据召回@k", curves, across, _shares("召回（%）"), told)


def _risk_plot(
    ident: str, one: Scored, named: Mapping[str, str], slots: Mapping[str, int], shown: Sequence[str]
) -> Plot | None:
    curves = [
        charts.Series(
            named[name],
            slots[name],
            tuple(map(charts.Point, one.summaries[name].coverage, one.summaries[name].risk)),
            marked=False,
        )
        for name in shown
        if one.summaries[name].coverage
    ]
    if not curves:
        return None
    told = "；".join(
        f"{one.name}：作答 {percent(one.points[-1].x)} % 的题，其中错 {percent(one.points[-1].y)} %"
        for one in curves
    )
    return _lines_plot(
        ident,
        "风险与覆盖",
        curves,
        _shares("覆盖：只答最有把握的这些题（%）"),
        _shares("风险：其中答错的（%）"),
        told,
    )


def _lines_plot(
    ident: str,
    title: str,
    curves: Sequence[charts.Series],
    across: charts.Axis,
    up: charts.Axis,
    told: str,
) -> Plot:
    legend = tuple((charts.key(one.slot), one.name) for one in curves)
    return Plot(title, charts.lines(ident, title, curves, across, up, told), legend)


def _shares(title: str) -> charts.Axis:
    return charts.Axis(title, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0), lambda share: percent(share, 0))


def _times_plot(
    ident: str, one: Scored, named: Mapping[str, str], slots: Mapping[str, int], shown: Sequence[str]
) -> Plot | None:
    rows = []
    for name in shown:
        whole = one.summaries[name].whole
        if whole.p50 is not None and whole.p95 is not None:
            rows.append(charts.Times(named[name], slots[name], whole.p50, whole.p95))
    return Plot("每题用时", charts.times(ident, "每题用时", rows)) if rows else None


# Reasons


def _reasons(summary: Summary) -> Reasons:
    heads = tuple(reason for reason in REASONS if reason in summary.whole.reasons)
    rows = tuple(
        (key, category_name(key), one.questions, sum(counts), counts)
        for key, one in summary.categories.items()
        if sum(counts := tuple(one.reasons.get(reason, 0) for reason in heads))
    )
    return Reasons(
        heads=heads,
        rows=tuple(sorted(rows, key=lambda row: -row[3])),
        totals=tuple(summary.whole.reasons[reason] for reason in heads),
        questions=summary.whole.questions,
        wrong=sum(summary.whole.reasons.values()),
        most=max((count for row in rows for count in row[4]), default=0),
    )
