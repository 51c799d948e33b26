"""What the command line prints: the systems on each set, what a check counted, what the gate found."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from eval.check import Counts
from eval.compare import Verdict
from eval.gate import Shortfall
from eval.scoring import Scored, title_of
from eval.statistics import Interval
from eval.summary import Slice
from eval.systems import OURS, SYSTEMS

NONE = "—"
FIGURES = {
    "correct": "正确率",
    "answered": "可答题正确率",
    "refused": "该拒答的拒答率",
    "recall@5": "证据召回@5",
    "citation_precision": "引用精确率",
    "citation_recall": "引用召回率",
    "citation_validity": "引用真实性",
    "fidelity": "数字忠实度",
}
_COLUMNS = (
    "系统",
    "正确率 [95% 区间]",
    "可答题",
    "拒答 F1",
    "召回@5",
    "引用 精确/召回",
    "数字忠实",
    "p50/p95 毫秒",
    "本系统多对/少对",
    "p",
)


def systems_table(one: Scored) -> Table:
    """A row for each system on one set."""
    table = Table(title=f"{one.title}（{one.name}，{len(one.items)} 题）", title_justify="left")
    for number, column in enumerate(_COLUMNS):
        table.add_column(column, justify="left" if number == 0 else "right", overflow="fold")
    order = [name for name in SYSTEMS if name in one.summaries]
    for system in order + sorted(one.summaries.keys() - SYSTEMS.keys()):
        row = _row(one.summaries[system].whole, one.against.get(system))
        table.add_row(title_of(system), *row, style="bold" if system == OURS else None)
    return table


def counts_table(names: Sequence[str], found: Sequence[Counts], what: str) -> Table:
    """Questions by category or by document (`what`), a column for each set."""
    table = Table(title="各类题数" if what == "categories" else "各文件题数", title_justify="left")
    table.add_column("类别" if what == "categories" else "文件", overflow="fold")
    for name in names:
        table.add_column(name, justify="right", overflow="fold")
    columns = [counts.categories if what == "categories" else counts.documents for counts in found]
    for key in dict.fromkeys(key for column in columns for key in column):
        table.add_row(key, *(str(column.get(key) or NONE) for column in columns))
    if what == "categories":
        table.add_section()
        table.add_row("合计", *(str(counts.questions) for counts in found))
        table.add_row("不可回答", *(_of(counts.unanswerable, counts.questions) for counts in found))
    return table


def shortfall_line(found: Shortfall) -> str:
    """One line on a figure that is below what was expected."""
    now = NONE if found.found is None else f"{100 * found.found:.1f}%"
    least = 100 * (found.expected - found.margin)
    return f"{found.set}：{FIGURES.get(found.figure, found.figure)} {now}，应不低于 {least:.1f}%"


def _row(whole: Slice, against: Verdict | None) -> list[str]:
    correct = whole.correct
    return [
        f"{_percent(correct)} [{100 * correct.low:.1f}, {100 * correct.high:.1f}]",
        _percent(whole.answered) if whole.answerable else NONE,
        f"{100 * whole.refusal.f1:.1f}" if whole.answerable < whole.questions else NONE,
        _percent(whole.recall[5]),
        f"{_percent(whole.citation_precision)}/{_percent(whole.citation_recall)}",
        _percent(whole.fidelity),
        NONE if whole.p50 is None or whole.p95 is None else f"{1000 * whole.p50:.0f}/{1000 * whole.p95:.0f}",
        NONE if against is None else f"{against.test.wins}/{against.test.losses}",
        NONE if against is None else _p(against.test.p),
    ]


def _percent(value: Interval | None) -> str:
    return NONE if value is None else f"{100 * value.value:.1f}"


def _p(value: float) -> str:
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def _of(part: int, whole: int) -> str:
    return f"{part}（{100 * part / max(1, whole):.0f}%）"
