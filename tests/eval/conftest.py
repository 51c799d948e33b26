"""Folders of documents and files of questions, written as a user would hand them in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from eval.systems import SYSTEMS

WriteDocuments = Callable[[Mapping[str, str]], Path]
WriteQuestions = Callable[..., Path]


@pytest.fixture
def write_documents(tmp_path: Path) -> WriteDocuments:
    """Writes texts, by stem, into one folder and gives the folder; called again, adds to it."""

    def write(texts: Mapping[str, str]) -> Path:
        folder = tmp_path / "documents"
        folder.mkdir(exist_ok=True)
        for stem, text in texts.items():
            (folder / f"{stem}.txt").write_bytes(text.encode())
        return folder

    return write


@pytest.fixture
def write_questions(tmp_path: Path) -> WriteQuestions:
    """Writes question lines, objects or raw text, into the file `name` and gives its path."""

    def write(*lines: Mapping[str, Any] | str, name: str = "questions.jsonl") -> Path:
        path = tmp_path / name
        raw = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
        path.write_text("".join(f"{line}\n" for line in raw), encoding="utf-8")
        return path

    return write


@pytest.fixture(autouse=True)
def table_of_systems() -> Iterator[None]:
    """The table is in its order again, whatever a test put in or took out."""
    before = dict(SYSTEMS)
    yield
    SYSTEMS.clear()
    SYSTEMS.update(before)
