"""Low-level failures of disk and database, said in one clear sentence."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant.errors import LibraryError

FULL = "磁盘空间不足，资料库 {path} 没有改动；请腾出空间后重试"
READ_ONLY = "资料库 {path} 不可写；请检查文件夹权限，或用 --library 换一个文件夹"
DAMAGED = "资料库 {path} 已损坏；请删除这个文件夹，再运行 python -m assistant ingest 重新建立"
LOCKED = "资料库 {path} 正忙，等候超时；请稍后重试"
UNREADABLE = "资料库 {path} 无法读取；请检查文件夹和文件权限"
FAULTY_DISK = "资料库 {path} 读写磁盘失败（{reason}），没有改动；请检查磁盘空间和磁盘状况后重试"
SURPRISE = "资料库 {path} 无法使用（{reason}）；请检查磁盘和文件夹权限后重试"

# Primary result codes of SQLite (https://sqlite.org/rescode.html); extended codes carry them in the low byte.
BY_SQLITE_CODE = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_IOERR: FAULTY_DISK,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
    sqlite3.SQLITE_BUSY: LOCKED,
    sqlite3.SQLITE_LOCKED: LOCKED,
    sqlite3.SQLITE_CANTOPEN: UNREADABLE,
    sqlite3.SQLITE_PERM: UNREADABLE,
}
BY_ERRNO = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
    errno.EFBIG: FULL,
    errno.EIO: FAULTY_DISK,
    errno.EROFS: READ_ONLY,
    errno.EACCES: READ_ONLY,
    errno.EPERM: READ_ONLY,
}


class DamagedIndex(LibraryError):
    """The indexes have to be built anew from SQLite."""


def explain(error: sqlite3.Error | OSError, path: Path) -> LibraryError:
    """The failure as a LibraryError about the library at `path`."""
    if isinstance(error, OSError):
        form = BY_ERRNO.get(error.errno or 0, SURPRISE)
        reason = error.strerror or type(error).__name__
    else:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        # A table or column that is not there means that something other than this program wrote the file.
        form = DAMAGED if code == sqlite3.SQLITE_ERROR else BY_SQLITE_CODE.get(code & 0xFF, SURPRISE)
        reason = str(error)
    return LibraryError(form.format(path=path, reason=reason))


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turns failures of disk and database inside the block into LibraryError."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise explain(error, path) from error
