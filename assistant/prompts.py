"""Prompts from files: one file for each, in which a line `--- system` or `--- user` begins a message.

A variable is written {name}. What is put in for a variable is data: braces in it mean nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import PromptError

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage
    from langchain_core.prompts import ChatPromptTemplate

_HEAD = re.compile(r"^--- (system|user)[ \t]*\n", re.MULTILINE)


class Prompt:
    """One prompt file, read. Raises PromptError for a file that is missing, malformed or lacks a variable asked for."""

    def __init__(self, folder: Path, name: str, variables: frozenset[str]) -> None:
        self._path = folder / f"{name}.md"
        self.template = _template(self._path)
        if set(self.template.input_variables) != variables:
            found = "、".join(sorted(self.template.input_variables)) or "无"
            raise PromptError(f"{self._path}：变量应是 {'、'.join(sorted(variables))}，现在是 {found}")

    def messages(self, values: Mapping[str, str]) -> list[BaseMessage]:
        """The messages with the values put in. Raises PromptError when a variable has no value."""
        missing = set(self.template.input_variables) - values.keys()
        if missing:
            raise PromptError(f"{self._path}：缺少变量 {'、'.join(sorted(missing))}")
        return self.template.format_messages(**values)


def _template(path: Path) -> ChatPromptTemplate:
    from langchain_core.prompts import ChatPromptTemplate

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PromptError(f"读不了提示词文件 {path}：{error}") from None
    _, *pieces = _HEAD.split(text.replace("\r\n", "\n"))
    parts = [(role, body.strip()) for role, body in zip(pieces[::2], pieces[1::2], strict=True)]
    if not parts or parts[-1][0] != "user":
        raise PromptError(f"{path}：应以“--- system”“--- user”分段，最后一段是 user")
    try:
        return ChatPromptTemplate.from_messages(parts)
    except ValueError as error:
        raise PromptError(f"{path}：花括号不成对或变量名不合规（{error}）") from None
