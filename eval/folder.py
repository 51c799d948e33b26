"""A run directory: what was asked of whom, over what, by which code; the answers, their scores, the figures.

run.json                          hashes of questions, documents, settings and code; the machine
questions/SET.jsonl               the questions with their keys, as they were
answers/SET/SYSTEM.jsonl          answer lines; `.part` beside it while they grow
results/SET/SYSTEM.jsonl          a score for each question
summary.json  junit.xml  report.html
work/                             libraries that systems build; may be deleted
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from assistant.errors import FormatError, InputError
from assistant.exchange import dump_line, fingerprint, read_records, write_whole
from assistant.settings import ROOT, Settings
from eval.dataset import key_hash, read_items
from eval.documents import Corpus
from eval.types import Item, QuestionSet

RUN = "run.json"
_CODE = ("assistant", "eval/systems", "eval/worker.py", "eval/documents.py", "eval/metrics.py")
_WORD_LISTS = ("glossary.toml", "userdict.txt")  # beside the documents that the settings name
_PACKAGES = ("chromadb", "tantivy", "langchain-core", "onnxruntime", "rjieba", "numpy")
_LOGIN = re.compile(r"//[^/@]*@")  # user and password within an address
_SAYS_NOTHING = {
    "library",
    "corpus",
    "prompts",
    "host",
    "port",
}  # changes no answer, or by files hashed below


class RunFolder:
    """Opens a run directory, or makes one. `record` is run.json, written whole at each change."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.record: dict[str, Any] = {"sets": {}, "systems": {}}
        if (path / RUN).is_file():
            self.record = _read_json(path / RUN)
            if not {"sets", "systems"} <= self.record.keys():
                raise FormatError(f"{path / RUN} 不是评测记录")

    @classmethod
    def existing(cls, path: Path) -> RunFolder:
        """A directory that an earlier run wrote. Raises InputError."""
        if not (path / RUN).is_file():
            raise InputError(f"{path} 不是评测目录（没有 {RUN}）；请先运行 python -m eval run")
        return cls(path)

    def prepare(self, sets: Sequence[QuestionSet], corpora: Mapping[str, Corpus]) -> Path | None:
        """Record what this run is over.

        When code, settings or documents have changed since, the old directory is kept under another name, which is
        returned, and a new one begun. Raises InputError when the directory holds another set of the same name.
        """
        told = {one.name: _told(one, corpora[one.name]) for one in sets}
        for name, new in told.items():
            old = self.record["sets"].get(name)
            if old and old["asked"] != new["asked"]:
                raise InputError(f"{self.path} 里的“{name}”是另一套题；请换一个 --out，或先移走这个目录")
        stale = any(
            self.record["sets"].get(name, new)["documents"] != new["documents"] for name, new in told.items()
        )
        now = {"code": code_hash(), "settings": _settings()}
        stale = stale or any(self.record.get(key, value) != value for key, value in now.items())
        kept = self._move_away() if stale and self.record["sets"] else None
        started = {"started": _now()} if "started" not in self.record else {}
        self.record = {**self.record, **started, **now, "machine": _machine()}
        self.record["sets"] = {**self.record["sets"], **told}
        self.save()  # first of all: it says whose directory this is
        for one in sets:
            self.write(f"questions/{one.name}.jsonl", one.path.read_bytes())
        return kept

    def reload(self) -> None:
        """Read run.json again: another run may have changed it."""
        self.record = RunFolder(self.path).record

    def save(self) -> None:
        """Write run.json."""
        self.write_json(RUN, self.record)

    def key(self, set_name: str, system: str) -> dict[str, str]:
        """What the answers of a system on a set depend on."""
        told = self.record["sets"][set_name]
        return {
            "questions": told["asked"],
            "documents": told["documents"],
            "code": self.record["code"],
            "settings": json.dumps(self.record["settings"], sort_keys=True),
            "system": system,
        }

    def answers(self, set_name: str, system: str) -> Path:
        """Where the answer lines of a system on a set belong."""
        return self.path / "answers" / set_name / f"{system}.jsonl"

    def scratch(self, set_name: str) -> Path:
        """Where systems build their libraries; sets over the same documents share them."""
        documents = str(self.record["sets"][set_name]["documents"])
        return self.path / "work" / documents[:16]

    def items(self, set_name: str) -> tuple[Item, ...]:
        """The questions of a set with their keys, as they were when last run."""
        return read_items(self.path / "questions" / f"{set_name}.jsonl")

    def lines(self, set_name: str, system: str) -> dict[str, dict[str, Any]]:
        """The answer lines of a system on a set by id; empty when it has not finished."""
        path = self.answers(set_name, system)
        return {str(line.get("id")): line for _, line in read_records(path)} if path.is_file() else {}

    def corpus(self, set_name: str) -> Corpus:
        """The documents of a set. Raises InputError when they are gone or no longer the same."""
        told = self.record["sets"][set_name]
        corpus = Corpus(Path(told["folder"]))
        if corpus.hash != told["documents"]:
            raise InputError(f"{told['folder']} 里的文件在评测之后有变化；请重新运行 python -m eval run")
        return corpus

    def write(self, name: str, data: bytes) -> Path:
        """Put a file of the directory in its place whole, or not at all."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)
        return path

    def write_json(self, name: str, content: Any) -> Path:
        """As `write`, for JSON."""
        return self.write(name, (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())

    def write_lines(self, name: str, records: Iterable[Mapping[str, Any]]) -> Path:
        """As `write`, for one JSON object a line."""
        return self.write(name, "".join(map(dump_line, records)).encode())

    def _move_away(self) -> Path:
        name = str(self.record.get("started", "")).replace(":", "").replace("+0000", "") or "earlier"
        kept = self.path.with_name(f"{self.path.name}-{name}")
        number = 1
        while kept.exists():
            number += 1
            kept = self.path.with_name(f"{self.path.name}-{name}-{number}")
        work = self.path / "work"
        if work.exists():
            shutil.rmtree(work)
        self.path.rename(kept)
        self.record = {"sets": {}, "systems": {}}
        return kept


def code_hash() -> str:
    """Over everything that an answer depends on beside questions, documents and settings."""
    told = hashlib.sha256()
    for path in _code_files():
        told.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return told.hexdigest()


def _code_files() -> list[Path]:
    places = [ROOT / name for name in _CODE]
    files = [place for place in places if place.is_file()]
    for place in places:
        if place.is_dir():
            files += [f for f in place.rglob("*") if f.is_file() and "__pycache__" not in f.parts]
    return sorted(files)


def _told(one: QuestionSet, corpus: Corpus) -> dict[str, Any]:
    return {
        "title": one.title,
        "locked": one.locked,
        "count": len(one.items),
        "file": one.path.name,
        "folder": str(one.corpus.resolve()),
        "asked": fingerprint([(item.id, item.question) for item in one.items]),
        "keys": key_hash(one.items),
        "documents": corpus.hash,
    }


def _settings() -> dict[str, Any]:
    settings = Settings()
    told = hashlib.sha256()
    files = [settings.corpus / name for name in _WORD_LISTS] + [
        path for path in sorted(settings.prompts.glob("*.md")) if path.name != "judge.md"
    ]
    for path in files:
        told.update(path.name.encode() + b"\0" + (path.read_bytes() if path.is_file() else b"") + b"\0")
    plain: dict[str, Any] = json.loads(settings.model_dump_json(exclude=_SAYS_NOTHING))
    shown = {
        name: _LOGIN.sub("//", value) if name.endswith("_url") else value for name, value in plain.items()
    }
    return shown | {"words": told.hexdigest()}


def _machine() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "packages": {name: found for name in _PACKAGES if (found := _version(name))},
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _read_json(path: Path) -> dict[str, Any]:
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise FormatError(f"读不了 {path}：{error}") from None
    if not isinstance(read, dict):
        raise FormatError(f"{path} 不是评测记录")
    return read
