"""Help pages of typer in Chinese."""

from __future__ import annotations

from typing import Any

from typer import Typer
from typer.core import TyperCommand, TyperGroup

SETTINGS = {"help_option_names": ["--help", "-h"]}
_TITLES = {
    "ARGUMENTS_PANEL_TITLE": "参数",
    "OPTIONS_PANEL_TITLE": "选项",
    "COMMANDS_PANEL_TITLE": "命令",
    "REQUIRED_LONG_STRING": "[必填]",
    "DEFAULT_STRING": "[默认：{}]",
}


class _Chinese:
    """Help in Chinese, for a command and for a group of commands alike."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        _translate_titles()
        super().format_help(ctx, formatter)  # type: ignore[misc]

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        pieces: list[str] = self.collect_usage_pieces(ctx)  # type: ignore[attr-defined]
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix="用法：")

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = "显示这段说明"
        return option


class Command(_Chinese, TyperCommand):
    """A command whose help is Chinese."""


class Group(_Chinese, TyperGroup):
    """A group of commands whose help is Chinese."""


def program() -> Typer:
    """An empty program, to which commands are added."""
    return Typer(
        cls=Group,
        add_completion=False,
        context_settings=SETTINGS,
        options_metavar="[选项]",
        subcommand_metavar="命令 …",
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
    )


def _translate_titles() -> None:
    from typer import rich_utils  # only help needs it

    for name, text in _TITLES.items():
        setattr(rich_utils, name, text)
