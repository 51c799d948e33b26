"""The commands and their options; the work is done by the modules beside this one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant import __version__
from assistant.errors import InputError, QuestionError
from assistant.terminal.chinese import Command, program
from assistant.terminal.failures import FAILED
from assistant.terminal.running import run_program
from assistant.types import Question, Status

if TYPE_CHECKING:
    from assistant.chain import AnswerChain
    from assistant.settings import Settings

Serve = Callable[["Settings"], None]

app = program()
LibraryOption = Annotated[
    Path | None,
    typer.Option(
        "--library", metavar="文件夹", help="资料库所在的文件夹（默认 data/library）", show_default=False
    ),
]


def run(arguments: Sequence[str], serve: Serve) -> int:
    """Run one command; returns the exit code. `serve` starts the page, which stands in a row of its own."""
    return run_program(app, "python -m assistant", arguments, serve)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"policy-assistant {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def overview(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="显示版本")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="出错时显示详细信息（可放在任何位置）")] = False,
) -> None:
    """政策文件问答：用文件原文回答问题，每句话都附出处，可在断网环境运行。

    \b
    例：
      python -m assistant ingest
      python -m assistant ask "方山县2025年卫生健康工作的总体要求是什么？"
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command(cls=Command)
def ingest(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="路径", help="文件或文件夹；不写则收入 corpus/", show_default=False),
    ] = None,
    re_embed: Annotated[
        bool, typer.Option("--re-embed", help="换了向量模型时，同意重新计算全部向量")
    ] = False,
    library: LibraryOption = None,
) -> None:
    """把文件或文件夹收入资料库；已收入且没有变化的会跳过。

    \b
    例：
      python -m assistant ingest
      python -m assistant ingest 新文件.txt 通知/ --library data/library
    """
    from assistant.cli.library import take_in

    settings = _settings(library=library)
    take_in(paths or [settings.corpus], settings, re_embed=re_embed)


@app.command(cls=Command)
def ask(
    question: Annotated[str, typer.Argument(metavar="问题", help="要问的话，有空格时用引号括起来")],
    json: Annotated[bool, typer.Option("--json", help="输出一行 JSON，供其他程序读取")] = False,
    library: LibraryOption = None,
) -> None:
    """回答一个问题，并列出依据。

    \b
    例：
      python -m assistant ask "晋中市2025年人均预期寿命的目标是多少？"
      python -m assistant ask "谁谈了中医药？" --json
    """
    import time

    from assistant.cli.render import show_answer
    from assistant.exchange import answer_line, dump_line
    from assistant.terminal.output import console

    settings = _settings(library=library)
    asked = Question(_usable(question, settings.question_chars))
    chain = _chain(settings)
    start = time.perf_counter()
    answer = chain.invoke(asked)
    if json:
        line = dump_line(answer_line("1", question, answer, time.perf_counter() - start))
        sys.stdout.buffer.write(line.encode())
    else:
        show_answer(console(), answer)
    if answer.status is Status.ERROR:
        raise typer.Exit(FAILED)


@app.command(cls=Command)
def chat(library: LibraryOption = None) -> None:
    """在终端里连续问答，可以接着上一问追问。

    \b
    例：
      python -m assistant chat
    """
    from assistant.cli.chat import converse

    settings = _settings(library=library)
    chain = _chain(settings)
    converse(chain.invoke, chain.stream if settings.chat_url else None)


@app.command(cls=Command)
def answer(
    questions: Annotated[
        Path, typer.Argument(metavar="问题文件", help="每行一个 JSON 对象，含 id 和 question")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="答案文件", help="答案写到这里，每题一行，次序不变")],
    library: LibraryOption = None,
) -> None:
    """批量回答一个问题文件；中断后再运行同一命令会接着做。

    \b
    例：
      python -m assistant answer 问题.jsonl --out 答案.jsonl
    """
    from assistant.cli.batch import answer_file

    settings = _settings(library=library)
    answer_file(questions, out, lambda: _chain(settings))


@app.command(cls=Command)
def serve(
    context: typer.Context,
    host: Annotated[
        str | None,
        typer.Option("--host", metavar="地址", help="监听的地址（默认 127.0.0.1）", show_default=False),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            "--port", metavar="端口", min=1, max=65535, help="监听的端口（默认 7860）", show_default=False
        ),
    ] = None,
    library: LibraryOption = None,
) -> None:
    """打开网页问答。

    \b
    例：
      python -m assistant serve
      python -m assistant serve --host 0.0.0.0 --port 8080
    """
    start: Serve = context.obj
    start(_settings(library=library, host=host, port=port))


@app.command(cls=Command)
def status(
    probe: Annotated[bool, typer.Option("--probe", help="连接所设置的各个模型服务，检查是否可用")] = False,
    library: LibraryOption = None,
) -> None:
    """查看资料库和模型的状况；不加 --probe 时不连接任何服务。

    \b
    例：
      python -m assistant status
      python -m assistant status --probe
    """
    from assistant.cli.library import show_status

    show_status(_settings(library=library), check_servers=probe)


def _settings(**overrides: Any) -> Settings:
    """The settings, with what the command line says on top. Raises InputError for an unusable environment."""
    from pydantic import ValidationError

    from assistant.settings import Settings

    try:
        settings = Settings()
    except ValidationError as error:
        names = "、".join(f"ASSISTANT_{'_'.join(map(str, one['loc'])).upper()}" for one in error.errors())
        raise InputError(f"环境变量 {names} 的值不可用，请改正或取消") from None
    given = {name: value for name, value in overrides.items() if value is not None}
    return settings.model_copy(update=given)


def _chain(settings: Settings) -> AnswerChain:
    from assistant.chain import build

    return build(settings)


def _usable(question: str, most: int) -> str:
    """The question; raises QuestionError when it is blank, too long or no text, before anything is loaded."""
    try:
        question.encode()
    except UnicodeEncodeError:
        raise QuestionError("问题不是 UTF-8 编码的文字") from None
    if not question.strip():
        raise QuestionError("问题是空的，请写上要问的话")
    if len(question) > most:
        raise QuestionError(f"问题太长：{len(question)} 字，最多 {most} 字，请精简后再问")
    return question
