"""Running a program of typer commands: whatever happens becomes an exit code and at most one line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import typer

from assistant.terminal import failures


def run_program(app: typer.Typer, name: str, arguments: Sequence[str], obj: Any = None) -> int:
    """Run one command of `app`, called `name` in its help; returns the exit code. `obj` reaches the command's context.

    `--debug`, anywhere before `--`, lets an error through with its traceback.
    """
    _let_any_text_out()
    before = list(arguments[: arguments.index("--")] if "--" in arguments else arguments)
    debug = "--debug" in before
    rest = [argument for argument in before if argument != "--debug"] + list(arguments[len(before) :])
    try:
        return _run(app, name, rest, obj)
    except KeyboardInterrupt:
        return failures.INTERRUPTED
    except BrokenPipeError:
        _forget_output()
        return failures.FAILED
    except Exception as error:
        if debug:
            raise
        hint = "" if failures.is_expected(error) else "。加上 --debug 可看到详细信息"
        _complain(failures.describe(error) + hint)
        return failures.FAILED


def _run(app: typer.Typer, name: str, arguments: list[str], obj: Any) -> int:
    from typer.exceptions import TyperException

    try:
        code = app(args=arguments, prog_name=name, standalone_mode=False, obj=obj)
    except TyperException as error:
        _complain(failures.describe_misuse(error.format_message()) + "。加上 --help 可看到用法")
        return error.exit_code
    except typer.Abort:
        return failures.INTERRUPTED
    sys.stdout.flush()
    return code if isinstance(code, int) else 0


def _complain(text: str) -> None:
    typer.echo(f"错误：{text}", err=True)


def _let_any_text_out() -> None:
    """A character that the terminal's encoding lacks must not end the program."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _forget_output() -> None:
    """Nobody reads on: what is left in the buffer goes nowhere, so that leaving is quiet."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
