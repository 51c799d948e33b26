"""Run directories as a run leaves them, made of a few documents, questions and answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.dataset import read_items
from eval.documents import Corpus
from eval.folder import RunFolder
from eval.scoring import Run, score_run
from eval.types import QuestionSet

Record = dict[str, Any]
PLAN = "某市2025年工作计划\n一、目标\n到2025年，床位数达到300张，签约率达到75%以上。\n二、分工\n由卫生健康局负责，每季度通报一次进度。\n"
NOTICE = "关于补贴的通知\n补贴标准为每人每月200元，由财政局按季拨付。\n"
TEXTS = {"plan": PLAN, "notice": NOTICE}


def question(id: str, text: str = "床位数要达到多少？", **more: Any) -> Record:
    """A question line about the beds; with `answerable=False`, one that nothing answers."""
    line: Record = {"id": id, "question": text, "category": "numeric", "answerable": True} | more
    if not line["answerable"]:
        return {"about": ["plan"]} | line
    key = {
        "key_facts": [["300"]],
        "reference": "300张",
        "evidence": [{"doc": "plan", "quote": "床位数达到300张"}],
    }
    return key | line


def answer(id: str, text: str, cited: Sequence[str] = (), **more: Any) -> Record:
    """An answer line that cites pieces of the plan and retrieved them; no text is a refusal."""
    corpus_line: Record = {"id": id, "question": "", "seconds": 0.05, "confidence": 0.9}
    spans = [(PLAN.index(piece), PLAN.index(piece) + len(piece)) for piece in cited]
    return (
        corpus_line
        | {"status": "answered" if text else "not_found", "answer": text}
        | {
            "citations": [
                {"doc": "plan", "start": a, "end": b, "quote": PLAN[a:b], "label": "《计划》"}
                for a, b in spans
            ],
            "retrieved": [{"doc": "plan", "start": a, "end": b, "score": 1.0} for a, b in spans],
        }
        | more
    )


def run_of(
    folder: Path,
    sets: Mapping[str, Sequence[Record]],
    answers: Mapping[str, Mapping[str, Sequence[Record]]],
    *,
    locked: Sequence[str] = (),
    texts: Mapping[str, str] = TEXTS,
) -> Run:
    """A scored run directory in `folder`: `sets` by name, `answers` by system and set."""
    documents = folder / "documents"
    documents.mkdir(parents=True, exist_ok=True)
    for stem, text in texts.items():
        (documents / f"{stem}.txt").write_bytes(text.encode())
    asked = []
    for name, lines in sets.items():
        path = folder / f"{name}.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        asked.append(QuestionSet(name, f"{name} 集", path, documents, read_items(path), name in locked))
    run = RunFolder(folder / "run")
    corpus = Corpus(documents)
    run.prepare(asked, {one.name: corpus for one in asked})
    for system, by_set in answers.items():
        run.record["systems"][system] = {"ours": "本系统"}.get(system, system)
        for name, lines in by_set.items():
            run.write(f"answers/{name}/{system}.jsonl", "".join(json.dumps(x) + "\n" for x in lines).encode())
    run.save()
    return score_run(RunFolder(run.path))


def small_run(folder: Path, *, right: bool = True) -> Run:
    """Four questions, ours and another system; with `right` false, ours gets the first one wrong."""
    asked = [
        question("q1"),
        question(
            "q2", "签约率？", category="date", key_facts=[["75%"]], forbidden=["57%"], reference="75%以上"
        ),
        question(
            "q3",
            "谁负责？",
            category="person",
            key_facts=[["卫生健康局"], ["财政局"]],
            history=[["user", "说分工"], ["assistant", "好"]],
        ),
        question("q4", "2030年呢？", category="unanswerable", answerable=False),
    ]
    said = [
        answer("q1", "300张[1]" if right else "30张[1]", ["床位数达到300张"]),
        answer("q2", "57%[1]", ["签约率达到75%以上"]),
        answer("q3", "由卫生健康局负责[1]", ["由卫生健康局负责"]),
        answer("q4", ""),
    ]
    others = [
        answer(f"q{n}", "每季度通报一次进度", ["每季度通报一次进度"], confidence=None) for n in range(1, 5)
    ]
    return run_of(folder, {"small": asked}, {"ours": {"small": said}, "other": {"small": others}})
