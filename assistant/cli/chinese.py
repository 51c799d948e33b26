"""Help pages of typer in Chinese."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from typer import Context

_TITLES = {
    "ARGUMENTS_PANEL_TITLE": "参数",
    "OPTIONS_PANEL_TITLE": "选项",
    "COMMANDS_PANEL_TITLE": "命令",
    "REQUIRED_LONG_STRING": "[必填]",
    "DEFAULT_STRING": "[默认：{}]",
}
SETTINGS = {"help_option_names": ["--help", "-h"]}


class _ChineseHelp:
    """What a command and a group share: titles, usage line and the text of `--help`."""

    def format_help(self, ctx: Context, formatter: Any) -> None:
        from typer import rich_utils  # only help needs it

        for name, text in _TITLES.items():
            setattr(rich_utils, name, text)
        super().format_help(ctx, formatter)  # type: ignore[misc]

    def format_usage(self, ctx: Context, formatter: Any) -> None:
        pieces = self.collect_usage_pieces(ctx)  # type: ignore[attr-defined]
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix="用法：")

    def get_help_option(self, ctx: Context) -> Any:
        option = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = "显示这段说明"
        return option


class Command(_ChineseHelp, TyperCommand):
    """A command whose help is Chinese."""


class Group(_ChineseHelp, TyperGroup):
    """A group of commands whose help is Chinese."""
