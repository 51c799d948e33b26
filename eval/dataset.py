"""Question files with their keys, and the table of sets that lies beside them."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import FormatError, InputError
from assistant.exchange import fingerprint, read_questions, read_records
from eval.types import CATEGORIES, Item, QuestionSet, Quote

SETS = "sets.toml"


def read_items(path: Path) -> tuple[Item, ...]:
    """The questions of a file with their keys.

    Raises InputError when the file cannot be read, FormatError, with file and line, when a line is malformed or none
    is there.
    """
    questions = dict(read_questions(path))
    items = []
    for number, record in read_records(path):
        where = f"{path} 第 {number} 行"
        category = record.get("category")
        if category not in CATEGORIES:
            raise FormatError(f"{where}：类别 “{category}” 不认识，应是 {'、'.join(CATEGORIES)} 之一")
        answerable = record.get("answerable")
        if not isinstance(answerable, bool):
            raise FormatError(f"{where}：“answerable” 应是 true 或 false")
        item = Item(
            id=record["id"],
            question=questions[record["id"]],
            category=category,
            answerable=answerable,
            key_facts=_facts(record.get("key_facts", []), where),
            forbidden=_strings(record.get("forbidden", []), f"{where}：“forbidden”"),
            reference=_string(record.get("reference", ""), f"{where}：“reference”"),
            evidence=_quotes(record.get("evidence", []), where),
            about=_strings(record.get("about", []), f"{where}：“about”"),
            line=number,
        )
        items.append(item)
    return tuple(items)


def key_hash(items: Sequence[Item]) -> str:
    """Hash of questions and keys: two sets of the same hash score every answer alike."""
    told = repr(
        [(i.id, i.category, i.answerable, i.key_facts, i.forbidden, i.reference, i.evidence) for i in items]
    )
    asked = fingerprint([(item.id, item.question) for item in items])
    return hashlib.sha256((asked + told).encode()).hexdigest()


def read_set(path: Path, corpus: Path | None = None, default: Path | None = None) -> QuestionSet:
    """A question file as a set.

    Its documents are those of the folder `corpus`; else those that the table beside it names; else those of `default`.
    Raises InputError, FormatError.
    """
    entry = _table(path.parent).get(path.name)
    if corpus is None and entry is None and default is None:
        raise InputError(
            f"不知道 {path} 问的是哪些文件：请用 --corpus 指定文件夹，或在 {path.parent / SETS} 里登记"
        )
    items = read_items(path)
    name, title = path.stem, path.stem
    locked = False
    if entry is not None:
        name, title, locked = entry["name"], entry["title"], entry["locked"]
        named = (path.parent / str(entry["corpus"])).resolve()
    else:
        named = default or path.parent
    return QuestionSet(name, title, path, corpus or named, items, locked)


@dataclass(frozen=True, slots=True)
class Minimum:
    """What some sets must come to together: questions, questions in each category and on each document, and the share
    of questions that are not answerable (0 … 1)."""

    sets: tuple[str, ...]
    questions: int = 0
    category: int = 0
    document: int = 0
    unanswerable: float = 0.0


def minimums(folder: Path) -> list[Minimum]:
    """What the table of a folder asks of its sets. Raises FormatError."""
    path = folder / SETS
    entries = _entries(path, "minimum")
    try:
        return [
            Minimum(**{**entry, "sets": _strings(entry["sets"], f"{path}：[[minimum]] 的 sets")})
            for entry in entries
        ]
    except (KeyError, TypeError) as error:
        raise FormatError(f"{path}：[[minimum]] 的写法不对（{error}）") from None


def known_sets(folder: Path) -> list[Path]:
    """The question files that the table of a folder names, in its order. Raises InputError."""
    table = _table(folder)
    if not table:
        raise InputError(f"{folder / SETS} 不存在或没有登记题集")
    return [folder / name for name in table]


def _table(folder: Path) -> dict[str, dict[str, Any]]:
    path = folder / SETS
    table = {}
    for entry in _entries(path, "set"):
        if not isinstance(entry.get("questions"), str) or not isinstance(entry.get("corpus"), str):
            raise FormatError(f"{path}：每个 [[set]] 都要有 questions 和 corpus，值是字符串")
        name = Path(entry["questions"]).stem
        defaults = {"name": name, "title": name, "locked": False}
        table[entry["questions"]] = defaults | entry
    return table


def _entries(path: Path, name: str) -> list[dict[str, Any]]:
    """The tables [[name]] of a file."""
    found = _read(path).get(name, [])
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise FormatError(f"{path}：{name} 应写成 [[{name}]]，两层方括号")
    return found


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FormatError(f"{path}：不是合法的 TOML（{error}）") from None


def _facts(value: object, where: str) -> tuple[tuple[str, ...], ...]:
    if not isinstance(value, list):
        raise FormatError(f"{where}：“key_facts” 应是列表的列表")
    facts = tuple(_strings(fact, f"{where}：“key_facts” 的每一项") for fact in value)
    if any(not fact or not all(wording.strip() for wording in fact) for fact in facts):
        raise FormatError(f"{where}：“key_facts” 里有空的要点或空的说法")
    return facts


def _strings(value: object, what: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise FormatError(f"{what} 应是字符串的列表")
    return tuple(value)


def _string(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise FormatError(f"{what} 应是字符串")
    return value


def _quotes(value: object, where: str) -> tuple[Quote, ...]:
    if not isinstance(value, list):
        raise FormatError(f"{where}：“evidence” 应是列表，每项含 doc 和 quote")
    return tuple(_quote(one, where) for one in value)


def _quote(value: object, where: str) -> Quote:
    if not isinstance(value, Mapping) or not all(isinstance(value.get(k), str) for k in ("doc", "quote")):
        raise FormatError(f"{where}：“evidence” 的每一项应是含 doc 和 quote 的对象")
    if not value["quote"].strip():
        raise FormatError(f"{where}：“evidence” 里有空的 quote")
    return Quote(value["doc"], value["quote"])
