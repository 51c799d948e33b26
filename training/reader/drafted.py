"""What the assistant would answer to each written pair, and whether that is right: drafts for the reader to judge.

    python -m training.reader.drafted [--out FOLDER]

The written passages become documents again (the sections of one under its title), a hundred or so to a library; the
assistant without a reader drafts its answers to each question. A draft is right where it holds all of the answer, and
wrong where it holds none of it, or only a part of a list. Writes `<out>/drafted.jsonl`, one question a line.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from assistant.answer.compose import UNEXPLAINED, Desk, compose
from assistant.answer.drafts import Draft
from assistant.answer.weighing import rests_on, weighed
from assistant.chain import AnswerChain
from assistant.types import Question
from training.answers.collect import opened
from training.reader.sources import DRAFTED, OUT, WRITTEN, is_kept_passage, lines
from training.reader.types import Stretch

_WHOLE = 0.9  # of the answer's characters that a right draft holds
_ELSEWHERE_SURE = 0.6  # a passage that nobody read for the question may answer by chance
_WRITER = re.compile(r"[a-z]+\d+")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a passage stands: its document and the offset of its first character."""

    doc: str
    start: int
    end: int


def main(arguments: Sequence[str] | None = None) -> None:
    """Draft answers to all written pairs over invented passages."""
    options = _options(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    passages = {row["id"]: row for row in lines(WRITTEN / "passages.jsonl")}
    pairs: dict[str, list[dict[str, Any]]] = {}
    for row in lines(WRITTEN / "pairs.jsonl"):
        pairs.setdefault(_writer(row["passage"]), []).append(row)
    with (options.out / DRAFTED).open("w", encoding="utf-8") as file:
        for writer in tqdm(sorted(pairs), desc="drafted", disable=None):
            own = {id: row for id, row in passages.items() if _writer(id) == writer}
            with tempfile.TemporaryDirectory() as folder:
                places = _documents(own, Path(folder) / "documents")
                chain = opened(Path(folder) / "documents", Path(folder) / "library", reader=False)
                for row in pairs[writer]:
                    if told := _question(chain, row, places[row["passage"]]):
                        told["kept"] = is_kept_passage(own[row["passage"]]["text"])
                        file.write(json.dumps(told, ensure_ascii=False) + "\n")
                chain.library.close()


def _documents(passages: Mapping[str, Mapping[str, str]], folder: Path) -> dict[str, Place]:
    """Write the passages as files, sections of one title in one, and say where each stands."""
    folder.mkdir(parents=True)
    files: dict[str, tuple[str, str]] = {}
    places: dict[str, Place] = {}
    for id, row in passages.items():
        title, *headings = row["heading"].split("｜")
        name, text = files.get(title, (f"document-{len(files):03}", title + "\n\n"))
        text += "".join(f"{heading}\n" for heading in [*headings, row.get("speaker", "")] if heading)
        places[id] = Place(name, len(text), len(text) + len(row["text"]))
        files[title] = name, text + row["text"] + "\n\n"
    for name, text in files.values():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return places


def _question(chain: AnswerChain, row: Mapping[str, Any], place: Place) -> dict[str, Any] | None:
    """The drafts for one pair, each with the place of its first sentence, whether it is right, and how sure that is."""
    found = chain._search.invoke(Question(row["question"]))
    if found.answer is not None:
        return None
    with chain._pinned():
        desk = chain._state().answerer.desk(found.query, found.hits)
        drafts = list(_drafts(desk, row, place))
    told = {"question": found.query.standalone, "answerable": bool(row["spans"]), "drafts": drafts}
    return told if drafts else None


def _drafts(desk: Desk, row: Mapping[str, Any], place: Place) -> Iterator[dict[str, Any]]:
    alternatives, reason = compose(desk)
    gold = [(place.start + s, place.start + e) for s, e in row["spans"]]
    for one, told in weighed(desk, alternatives, reason == UNEXPLAINED):
        judged = _judged(one.draft, gold, place, section=row["miss"] == "section")
        if told is None or judged is None:
            continue
        rested = rests_on(desk, one.draft)
        where = rested[0].unit.where.replace("\t", " ") if rested else ""
        yield {"where": where, "text": one.draft.text, "right": judged[0], "sure": judged[1]}


def _judged(
    draft: Draft, gold: Sequence[Stretch], place: Place, *, section: bool
) -> tuple[bool, float] | None:
    """Whether a draft is right, and how sure that is; None where it cannot be told."""
    spans = [span for part in draft.parts for span in part.spans]
    own = [
        span for span in spans if span.doc == place.doc and span.start < place.end and place.start < span.end
    ]
    said = {at for span in own for at in range(span.start, span.end)}
    held = [sum(at in said for at in range(s, e)) / (e - s) for s, e in gold]
    if gold and min(held) >= _WHOLE:
        return True, 1.0
    if not own:
        sibling = section and any(span.doc == place.doc for span in spans)
        return None if sibling else (False, _ELSEWHERE_SURE)
    if len(gold) == 1 and held[0] > 1 - _WHOLE:
        return None
    return False, 1.0


def _writer(id: str) -> str:
    found = _WRITER.match(id)
    return found[0] if found else id


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=OUT)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
