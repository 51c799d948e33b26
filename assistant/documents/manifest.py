"""`manifest.toml`: what is known about the documents of a folder beside their text."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import DocumentError

NAME = "manifest.toml"


@dataclass(frozen=True, slots=True)
class Entry:
    """The manifest's words on one file; `hash` is the SHA-256 of its bytes, or empty."""

    file: str
    id: str
    title: str = ""
    issuer: str = ""
    number: str = ""
    date: str = ""
    region: str = ""
    status: str = ""
    kind: str = ""
    hash: str = ""


def read_manifest(folder: Path) -> dict[str, Entry]:
    """The entries of a folder's manifest by file name; empty when there is none. Raises DocumentError."""
    path = folder / NAME
    if not path.is_file():
        return {}
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise DocumentError(f"{path}：清单无法读取（{error}），请按 TOML 格式修正") from error
    unknown = sorted(set(content) - {"document"})
    tables = content.get("document", [])
    if unknown:
        raise DocumentError(f"{path}：不认识的键 {'、'.join(unknown)}，每份文件请写成一个 [[document]]")
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise DocumentError(f"{path}：每份文件请写成一个 [[document]]")
    entries: dict[str, Entry] = {}
    for number, table in enumerate(tables, 1):
        entry = _entry(table, f"{path} 第 {number} 项")
        if entry.id in {e.id for e in entries.values()}:
            raise DocumentError(f"{path} 第 {number} 项：编号 {entry.id} 重复")
        if entry.file in entries:
            raise DocumentError(f"{path} 第 {number} 项：文件 {entry.file} 重复")
        entries[entry.file] = entry
    return entries


def _entry(table: Mapping[str, object], where: str) -> Entry:
    known = Entry.__dataclass_fields__
    unknown = sorted(set(table) - set(known))
    if unknown:
        raise DocumentError(f"{where}：不认识的键 {'、'.join(unknown)}")
    if not all(isinstance(value, str) for value in table.values()):
        raise DocumentError(f"{where}：每个值都要写成带引号的文字")
    values = {key: str(value) for key, value in table.items()}
    if not values.get("file"):
        raise DocumentError(f"{where}：缺少 file（文件名）")
    values.setdefault("id", Path(values["file"]).stem)
    if not values["id"].strip():
        raise DocumentError(f"{where}：id（编号）不能为空")
    return Entry(**values)
