"""What the command line prints: the systems on each set, what a check counted, what the gate found."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.table import Table

from assistant.terminal.failures import one_line
from eval.check import Counts
from eval.compare import Verdict
from eval.gate import Shortfall
from eval.judge import Agreement
from eval.scoring import Scored, title_of
from eval.statistics import Interval
from eval.summary import Slice
from eval.systems import OURS, in_order
from eval.tokens import Price, Tokens, yuan

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
)
_BESIDE = ("本系统多对/少对", "p")


def systems_table(one: Scored, price: Price | None = None) -> Table:
    """A row for each system on one set; tokens, and at a price their cost, where a system tells them."""
    table = Table(title=f"{one.title}（{one.name}，{len(one.items)} 题）", title_justify="left")
    spent = _spent(price) if any(summary.whole.tokens for summary in one.summaries.values()) else {}
    for number, column in enumerate((*_COLUMNS, *spent, *_BESIDE)):
        table.add_column(column, justify="left" if number == 0 else "right", overflow="fold")
    for system in in_order(one.summaries):
        whole, against = one.summaries[system].whole, one.against.get(system)
        cells = [told(whole.tokens) if whole.tokens else NONE for told in spent.values()]
        row = [*_row(whole), *cells, *_beside(against)]
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


def agreement_table(one: Scored, system: str, found: Agreement) -> Table:
    """The rule beside the judge: counts, and below them how far they agree."""
    left_out = len(one.results[system]) - found.judged - found.open
    kappa = "无法计算" if found.kappa is None else f"{found.kappa:.2f}"
    share = f"{_percent(found.share)}% [{100 * found.share.low:.1f}, {100 * found.share.high:.1f}]"
    agreed = f"一致 {share}，Cohen κ {kappa}；" if found.judged else ""
    table = Table(
        title=f"{one.title}（{one.name}） · {title_of(system)}",
        caption=f"{agreed}判了 {found.judged} 个答案，未判 {found.open}；另 {left_out} 题拒答、出错或应拒答，不送判",
        title_justify="left",
        caption_justify="left",
    )
    for column in ("规则", "模型判对", "模型判错"):
        table.add_column(column, justify="left" if column == "规则" else "right", min_width=10)
    for name, counts in zip(("规则判对", "规则判错"), found.table, strict=True):
        table.add_row(name, *map(str, counts))
    return table


def disagreement_lines(one: Scored, found: Agreement) -> list[str]:
    """The answers on which rule and judge disagree, one a line; of a locked set only how many."""
    if one.locked:
        return [f"分歧 {len(found.apart)} 题；题集已锁定，不列题目。"]
    lines = [f"分歧 {len(found.apart)} 题{'：' if found.apart else '。'}"]
    for result, opinion in found.apart:
        rule = f"规则判错（{result.score.reason}）" if result.score.reason else "规则判对"
        question = one_line(result.item.question.text)
        lines.append(f"  {result.item.id} {question} {rule}，模型判{opinion.verdict}（{opinion.reason}）")
    return lines


def shortfall_line(found: Shortfall) -> str:
    """One line on a figure that is below what was expected."""
    now = NONE if found.found is None else f"{100 * found.found:.1f}%"
    least = 100 * (found.expected - found.margin)
    return f"{found.set}：{FIGURES.get(found.figure, found.figure)} {now}，应不低于 {least:.1f}%"


def _row(whole: Slice) -> list[str]:
    correct = whole.correct
    return [
        f"{_percent(correct)} [{100 * correct.low:.1f}, {100 * correct.high:.1f}]",
        _percent(whole.answered) if whole.answerable else NONE,
        f"{100 * whole.refusal.f1:.1f}" if whole.answerable < whole.questions else NONE,
        _percent(whole.recall[5]),
        f"{_percent(whole.citation_precision)}/{_percent(whole.citation_recall)}",
        _percent(whole.fidelity),
        NONE if whole.p50 is None or whole.p95 is None else f"{1000 * whole.p50:.0f}/{1000 * whole.p95:.0f}",
    ]


def _spent(price: Price | None) -> dict[str, Callable[[Tokens], str]]:
    """What a language model cost, by column."""
    columns: dict[str, Callable[[Tokens], str]] = {
        "词元 读/写": lambda tokens: f"{tokens.prompt:,}/{tokens.completion:,}",
        "每题": lambda tokens: f"{tokens.mean_prompt:.0f}/{tokens.mean_completion:.0f}",
    }
    if price:
        columns["费用（元）"] = lambda tokens: yuan(tokens.cost(price))
    return columns


def _beside(against: Verdict | None) -> list[str]:
    return [
        NONE if against is None else f"{against.test.wins}/{against.test.losses}",
        NONE if against is None else _p(against.test.p),
    ]


def _percent(value: Interval | None) -> str:
    return NONE if value is None else f"{100 * value.value:.1f}"


def _p(value: float) -> str:
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def _of(part: int, whole: int) -> str:
    return f"{part}（{100 * part / max(1, whole):.0f}%）"
