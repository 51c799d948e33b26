"""Folders of files: copying, listing, forcing to disk."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path


def walk(folder: Path) -> Iterator[Path]:
    """The files in a folder and below, in a fixed order; none when there is no such folder."""
    return iter(sorted(path for path in folder.rglob("*") if path.is_file()))


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    return path.stat().st_size if path.is_file() else sum(file.stat().st_size for file in walk(path))


def copy_files(old: Path, new: Path, skip: Collection[str] = ()) -> None:
    """Copies files without their permissions, so that a copy of what is read-only is writable.

    Files whose name starts with one of `skip` are left out.
    """
    new.mkdir(parents=True, exist_ok=True)
    for file in walk(old):
        if not file.name.startswith(tuple(skip)):
            target = new / file.relative_to(old)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def flush(folder: Path) -> None:
    """Forces a folder with all it holds to disk, so that a power cut cannot take it back."""
    for path in [*folder.rglob("*"), folder, folder.parent]:
        if os.name == "nt" and path.is_dir():
            continue  # Windows cannot open a folder
        handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
