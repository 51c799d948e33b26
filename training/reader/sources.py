"""Reads the training sources and parts what is trained on from what is kept back.

A paragraph, a question about the law and a written passage are kept back by the SHA-256 of their text, so that the
parting depends on nothing but the data.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from training.reader.types import Example, Passage, Reading

OUT = Path("build/reader")  # the folder of the runs
WRITTEN = Path(__file__).resolve().parents[1] / "data"
DRAFTED = "drafted.jsonl"  # in that folder
KEPT_PARAGRAPHS, KEPT_QUESTIONS, KEPT_PASSAGES = 10, 5, 10  # one in so many


@dataclass(frozen=True, slots=True)
class LawQuestion:
    """A citizen's question and the ids of the articles that settle it."""

    question: str
    positive: tuple[str, ...]


@dataclass(frozen=True)
class Sources:
    """The folder with `mrc_zh`, `law_questions` and `law_articles`, and the pairs written for the purpose."""

    folder: Path
    written_folder: Path = WRITTEN
    drafted_file: Path | None = None  # of `drafted.py`

    def readings(self, *, kept_back: bool) -> list[Reading]:
        """Questions over encyclopaedia paragraphs, each with its spans."""
        return [
            Reading(qa["question"], row["context"], tuple((s, e) for s, e in qa["answers"]))
            for row in self._rows("mrc_zh")
            if _is_kept(row["context"], KEPT_PARAGRAPHS) == kept_back
            for qa in row["qas"]
        ]

    def law(self, *, kept_back: bool) -> list[LawQuestion]:
        """Questions of citizens with their articles."""
        return [
            LawQuestion(row["question"], tuple(row["positive"]))
            for row in self._rows("law_questions")
            if _is_kept(row["question"], KEPT_QUESTIONS) == kept_back
        ]

    @cached_property
    def articles(self) -> dict[str, Passage]:
        """Articles of statutes by id."""
        return {row["id"]: Passage(row["text"], row["title"]) for row in self._rows("law_articles")}

    def written(self, *, kept_back: bool) -> list[Example]:
        """Pairs over statutes and invented policy texts; a passage is kept back with all its questions."""
        return [e for e in self._written() if is_kept_passage(e.passage.text) == kept_back]

    @cached_property
    def drafted(self) -> list[tuple[Example, ...]]:
        """For each written pair that is trained on the drafts that the assistant made, examples that answer or do not.

        Raises ValueError without a file, and FileNotFoundError where `drafted.py` has not written it.
        """
        if self.drafted_file is None:
            raise ValueError("no file of drafts is named")
        return [
            tuple(
                Example(row["question"], Passage(d["text"], d["where"]), d["right"], (), d["sure"])
                for d in row["drafts"]
                if d["text"].strip()
            )
            for row in lines(self.drafted_file)
            if not row["kept"]
        ]

    def _written(self) -> Iterator[Example]:
        passages = {
            row["id"]: Passage(row["text"], "｜".join(filter(None, (row["heading"], row["speaker"]))))
            for row in lines(self.written_folder / "passages.jsonl")
        }
        for name, known in (("statutes", self.articles), ("pairs", passages)):
            for row in lines(self.written_folder / f"{name}.jsonl"):
                spans = tuple((s, e) for s, e in row["spans"])
                yield Example(row["question"], known[row["passage"]], bool(spans), spans)

    def _rows(self, name: str) -> list[dict[str, Any]]:
        with gzip.open(self.folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
            return [json.loads(line) for line in file]


def is_kept_passage(text: str) -> bool:
    """Whether a written passage is kept back, with all its questions, to measure on."""
    return _is_kept(text, KEPT_PASSAGES)


def lines(path: Path) -> list[dict[str, Any]]:
    """The records of a JSON Lines file. Raises FileNotFoundError."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _is_kept(text: str, one_in: int) -> bool:
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % one_in == 0
