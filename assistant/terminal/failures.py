"""Errors become one line of text here, and nowhere else."""

from __future__ import annotations

import errno
import re
import sqlite3

from assistant.errors import AssistantError

FAILED = 1
MISUSED = 2
INTERRUPTED = 130

_SYSTEM = {
    errno.ENOSPC: "磁盘空间不足，请清理后重试",
    errno.EDQUOT: "磁盘配额已用完，请清理后重试",
    errno.EFBIG: "文件超出系统允许的大小",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "所在的文件系统是只读的",
    errno.ENOENT: "文件或文件夹不存在",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EISDIR: "这是文件夹，不是文件",
    errno.EMFILE: "打开的文件过多",
    errno.ENOMEM: "内存不足",
    errno.ENAMETOOLONG: "文件名过长",
}

# What typer says, and how it is put here.
_USAGE = tuple(
    (re.compile(pattern, re.DOTALL), text)
    for pattern, text in (
        (r"No such command '(.*?)'", "没有命令 {0}"),
        (r"No such option: (\S+)", "没有选项 {0}"),
        (r"Missing (?:argument|option|parameter) '?(.*?)'?\.", "缺少参数 {0}"),
        (r"Option '(.*?)' requires", "选项 {0} 后面要有一个值"),
        (r"Option '(.*?)' does not take a value", "选项 {0} 后面不能有值"),
        (r"Got unexpected extra argument\S* \((.*)\)", "多出了参数：{0}（问题里有空格时，请用引号括起来）"),
        (r"Invalid value for '?(.*?)'?:", "{0} 的值不可用"),
    )
)


def describe(error: Exception) -> str:
    """One line that says what went wrong; never empty."""
    if isinstance(error, AssistantError):
        return one_line(str(error)) or type(error).__name__
    if isinstance(error, MemoryError):
        return _SYSTEM[errno.ENOMEM]
    if isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        return _SYSTEM[errno.ENOSPC]
    if isinstance(error, OSError) and error.errno in _SYSTEM:
        where = f"：{error.filename}" if error.filename else ""
        return one_line(_SYSTEM[error.errno] + where)
    return one_line(f"程序出了意料之外的问题（{type(error).__name__}：{error}）")


def is_expected(error: Exception) -> bool:
    """Whether the line of `describe` says all that a user needs."""
    return not describe(error).startswith("程序出了意料之外的问题")


def describe_misuse(message: str) -> str:
    """What typer says about wrong arguments, in Chinese."""
    for pattern, text in _USAGE:
        if found := pattern.search(message):
            return one_line(text.format(*found.groups()))
    return one_line(f"命令的写法不对：{message}")


def one_line(text: str) -> str:
    """The text without line breaks and control characters, so that it cannot steer the terminal."""
    return " ".join(plain(text).split())


def plain(text: str) -> str:
    """The text without control characters other than tab and line feed."""
    return "".join(char for char in text if char in "\n\t" or (char >= " " and not "\x7f" <= char <= "\x9f"))
