"""The commands of `python -m eval`; the work is done by the modules beside this one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.errors import InputError
from assistant.terminal.chinese import Command, program
from assistant.terminal.failures import FAILED, INTERRUPTED
from assistant.terminal.output import console, progress, say
from assistant.terminal.running import run_program
from eval.systems import ALL, MODEL, OURS, SYSTEMS, Entry, entry_of

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from eval.documents import Corpus
    from eval.folder import RunFolder
    from eval.judge import Opinion
    from eval.scoring import Run, Scored
    from eval.tokens import Price
    from eval.types import QuestionSet

QUESTIONS = Path(__file__).parent / "questions"

app = program()
FilesArgument = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="题集", help="问题文件；不写则用 eval/questions/sets.toml 登记的全部", show_default=False
    ),
]
CorpusOption = Annotated[
    Path | None,
    typer.Option(
        "--corpus",
        metavar="文件夹",
        help="题集所问的文件；不写则看题集旁的 sets.toml，再不然用 corpus/",
        show_default=False,
    ),
]
PriceOption = Annotated[
    str | None,
    typer.Option(
        "--price",
        metavar="读,写",
        help="语言模型每百万词元的价格（元），如 2,8；给出时列出费用",
        show_default=False,
    ),
]


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit code."""
    return run_program(app, "python -m eval", arguments)


@app.callback(invoke_without_command=True)
def overview(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="出错时显示详细信息（可放在任何位置）")] = False,
) -> None:
    """批量评测：用题集给问答系统打分，附置信区间、显著性检验和网页报告。

    \b
    例：
      python -m eval check
      python -m eval run eval/questions/dev.jsonl --out runs/dev
      python -m eval report runs/dev
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command(cls=Command)
def check(files: FilesArgument = None, corpus: CorpusOption = None) -> None:
    """检查题集：依据是否原文、要点是否可得、有无重复，并统计题数。

    \b
    例：
      python -m eval check
      python -m eval check 我的题.jsonl --corpus 我的文件/
    """
    from eval.check import check as look
    from eval.check import counts
    from eval.dataset import minimums
    from eval.tables import counts_table

    sets = _sets(files, corpus)
    corpora = _corpora(sets)
    folders = {one.path.parent for one in sets}
    asked = [minimum for folder in sorted(folders) for minimum in minimums(folder)]
    found = look(sets, corpora, asked)
    totals = [counts([one], corpora) for one in sets]
    out = console()
    for what in ("categories", "documents"):
        say(out, counts_table([one.name for one in sets], totals, what))
    for warning in found.warnings:
        say(out, f"注意：{warning}")
    for error in found.errors:
        say(console(error=True), f"错误：{error}")
    say(out, f"{len(found.errors)} 处错误，{len(found.warnings)} 处提醒。")
    if found.errors:
        raise typer.Exit(FAILED)


@app.command(cls=Command)
def run(
    out: Annotated[
        Path, typer.Option("--out", metavar="目录", help="结果放在这里；中断后再运行同一命令会接着做")
    ],
    files: FilesArgument = None,
    corpus: CorpusOption = None,
    system: Annotated[
        list[str] | None,
        typer.Option(
            "--system",
            metavar="系统",
            help=f"要评测的系统，可写多个；{ALL} 为全部：{' '.join(SYSTEMS)} ；也可以是“模块:函数”（默认 {OURS}）",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[
        float, typer.Option("--limit", metavar="秒", min=0.1, max=86400, help="每题的时限")
    ] = 60.0,
    price: PriceOption = None,
) -> None:
    """让系统回答题集并打分，生成报告。

    \b
    例：
      python -m eval run eval/questions/dev.jsonl --out runs/dev
      python -m eval run --system all --out runs/all
      python -m eval run --system ours --system ours-model --price 2,8 --out runs/model
    """
    from eval.folder import RunFolder
    from eval.running import run as run_all

    rate = _price(price)
    sets, entries = _sets(files, corpus), _entries(system or [OURS])
    folder = RunFolder(_usable(out))
    with progress() as bar:
        task = bar.add_task("准备", total=None)
        try:
            outcome = run_all(
                sets,
                entries,
                folder,
                limit=limit,
                progress=lambda what, done, total: bar.update(
                    task, description=what, completed=done, total=total
                ),
            )
        except KeyboardInterrupt:
            bar.stop()
            typer.echo("已停止：已有的答案都保存了，再次运行同一命令会接着做。", err=True)
            raise typer.Exit(INTERRUPTED) from None
    if outcome.kept:
        typer.echo(f"代码、设置或文件有变化，旧结果移到 {outcome.kept}，从头评测。", err=True)
    for name, why in {**outcome.missing, **outcome.failed}.items():
        typer.echo(f"跳过 {name}：{why}", err=True)
    _conclude(folder, rate)
    if outcome.failed:
        raise typer.Exit(FAILED)


@app.command(cls=Command)
def report(
    runs: Annotated[
        list[Path], typer.Argument(metavar="目录…", help="评测目录；给两个时，第二个与第一个比较")
    ],
    price: PriceOption = None,
) -> None:
    """生成网页报告；给出两个评测目录时逐题比较。

    \b
    例：
      python -m eval report runs/dev
      python -m eval report runs/旧 runs/新
    """
    from eval.report import write_report

    if len(runs) > 2:
        raise InputError("最多比较两个评测目录")
    rate = _price(price)
    scored = [_scored(path) for path in runs]
    path = write_report(scored[-1], earlier=scored[0] if len(scored) == 2 else None, price=rate)
    typer.echo(f"报告：{path}")


@app.command(cls=Command)
def judge(
    path: Annotated[Path, typer.Argument(metavar="目录", help="评测目录")],
    names: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="题集", help="只判这套题，可写多个（默认全部）", show_default=False),
    ] = None,
    system: Annotated[
        list[str] | None,
        typer.Option(
            "--system",
            metavar="系统",
            help=f"判哪个系统的答案，可写多个（默认 {MODEL}，没有时 {OURS}）",
            show_default=False,
        ),
    ] = None,
) -> None:
    """请语言模型（ASSISTANT_CHAT_*）判答案的对错，看它与判分规则有多一致；不改变得分。

    \b
    例：
      python -m eval judge runs/model
      python -m eval judge runs/model --set dev --system ours-model
    """
    from assistant.exchange import only_writer
    from eval.judge import agreement
    from eval.tables import agreement_table, disagreement_lines

    scored, out = _scored(path), console()
    chosen = [scored.set(name) for name in dict.fromkeys(names or [])] or list(scored.sets)
    tasks = [(one, name) for one in chosen for name in _judged(one, system)]
    with only_writer(path):
        for one, name, opinions in _opinions(scored, tasks):
            found = agreement(one.results[name], opinions)
            say(out, agreement_table(one, name, found))
            for line in disagreement_lines(one, found):
                say(out, line)


@app.command(cls=Command)
def gate(
    path: Annotated[Path, typer.Argument(metavar="目录", help="评测目录")],
    expected: Annotated[
        Path | None,
        typer.Option(
            "--expected", metavar="文件", help="预期文件（默认 eval/expected.json）", show_default=False
        ),
    ] = None,
    update: Annotated[bool, typer.Option("--update", help="把这次的结果写成新的预期")] = False,
) -> None:
    """与预期比较；有一项低于预期（超出允许的幅度）就以非零状态退出。

    \b
    例：
      python -m eval gate runs/eval
      python -m eval gate runs/eval --update
    """
    from eval import gate as gates
    from eval.tables import shortfall_line

    scored, file = _scored(path), expected or gates.EXPECTED
    if update:
        earlier = gates.read_expected(file) if file.exists() else None
        gates.write_expected(file, gates.expected_from(scored, earlier))
        typer.echo(f"已写入 {file}")
        return
    wanted = gates.read_expected(file)
    found = gates.shortfalls(scored, wanted)
    for name in gates.missing(scored, wanted):
        typer.echo(f"注意：题集 {name} 这次没有评测", err=True)
    for one in found:
        typer.echo(f"未达预期：{shortfall_line(one)}", err=True)
    if found:
        raise typer.Exit(FAILED)
    typer.echo("达到预期。")


def _opinions(
    scored: Run, tasks: Sequence[tuple[Scored, str]]
) -> Iterator[tuple[Scored, str, list[Opinion]]]:
    """Set, system and the judge's opinions, for each set and system."""
    from assistant.prompts import Prompt
    from assistant.settings import Settings
    from eval.judge import VARIABLES, Judge
    from eval.model import chat_server
    from eval.scoring import title_of

    settings = Settings()
    prompt = Prompt(settings.prompts, "judge", VARIABLES)
    judge = Judge(chat_server(settings), prompt, settings.chat_model)
    for one, system in tasks:
        with progress() as bar:
            task = bar.add_task(f"{one.title} · {title_of(system)}", total=None)
            try:
                advance = partial(_advance, bar, task)
                opinions = judge.opinions(one, system, scored.folder, advance)
            except KeyboardInterrupt:
                bar.stop()
                typer.echo("已停止：已有的判断都保存了，再次运行同一命令会接着做。", err=True)
                raise typer.Exit(INTERRUPTED) from None
        yield one, system, opinions


def _advance(bar: Progress, task: TaskID, done: int, total: int) -> None:
    bar.update(task, completed=done, total=total)


def _judged(one: Scored, systems: Sequence[str] | None) -> list[str]:
    """The systems of a set whose answers are judged. Raises InputError where there are none of those asked for."""
    if systems is None:
        systems = [next((name for name in (MODEL, OURS, *one.results) if name in one.results), OURS)]
    for name in systems:
        if name not in one.results:
            raise InputError(f"题集 {one.name} 里没有系统 {name} 的答案")
    return list(dict.fromkeys(systems))


def _price(text: str | None) -> Price | None:
    from eval.tokens import Price

    return None if text is None else Price.parse(text)


def _conclude(folder: RunFolder, price: Price | None) -> None:
    """Score, write everything that is derived, and print the tables."""
    import time

    from eval.junit import junit
    from eval.report import write_report
    from eval.scoring import score_run, write_scores
    from eval.tables import systems_table

    start = time.perf_counter()
    scored = score_run(folder)
    seconds = time.perf_counter() - start
    write_scores(scored)
    folder.write("junit.xml", junit(scored))
    path = write_report(scored, price=price)
    out = console()
    for one in scored.sets:
        if one.summaries:
            say(out, systems_table(one, price))
    say(out, f"评分用时 {seconds:.1f} 秒。报告：{path}")


def _scored(path: Path) -> Run:
    from eval.folder import RunFolder
    from eval.scoring import score_run

    return score_run(RunFolder.existing(path))


def _sets(files: Sequence[Path] | None, corpus: Path | None) -> list[QuestionSet]:
    from assistant.settings import ROOT
    from eval.dataset import known_sets, read_set

    default = ROOT / "corpus"
    sets = [read_set(path, corpus, default) for path in files or known_sets(QUESTIONS)]
    names = [one.name for one in sets]
    if repeated := {name for name in names if names.count(name) > 1}:
        raise InputError(f"有两个题集都叫 {'、'.join(sorted(repeated))}，请改文件名")
    return sets


def _corpora(sets: Sequence[QuestionSet]) -> dict[str, Corpus]:
    from eval.documents import Corpus

    folders = {one.corpus: Corpus(one.corpus) for one in sets}
    return {one.name: folders[one.corpus] for one in sets}


def _entries(names: Sequence[str]) -> list[Entry]:
    """The systems of the names. One that is asked for by name must have what it needs of the settings."""
    from eval.worker import SystemUnusable

    for entry in (entry_of(name) for name in names if name != ALL):
        if entry.model and entry.lacks:
            raise SystemUnusable(f"系统 {entry.name} 打不开：{entry.lacks}")
    chosen = list(SYSTEMS) if ALL in names else names
    return [entry_of(name) for name in dict.fromkeys(chosen)]


def _usable(out: Path) -> Path:
    if out.exists() and not out.is_dir():
        raise InputError(f"--out 应是文件夹，这是文件：{out}")
    if out.is_dir() and any(out.iterdir()) and not (out / "run.json").is_file():
        raise InputError(f"{out} 里已有别的东西，不是评测目录；请换一个 --out")
    return out
