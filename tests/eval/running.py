"""Two short documents with questions on them, runs over them, and results made by hand."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from assistant.types import Question, Status
from eval.compare import compare
from eval.dataset import read_set
from eval.documents import Corpus
from eval.folder import RunFolder
from eval.metrics import NO_FACT
from eval.running import Outcome, run
from eval.scoring import Run, Scored
from eval.summary import Result, summarise
from eval.systems import OURS, Place, entry_of
from eval.systems.base import Line
from eval.types import DEPTHS, Item, QuestionSet, Quote, Score
from tests.eval.contestants import NOTES, TROUBLED

ROOT = Path(__file__).resolve().parent.parent.parent

DOCUMENTS = {
    "plan": (
        "河源县2025年供水工作方案\n\n一、工作目标\n到2025年底，全县自来水普及率达到96%。\n改造老旧管网120公里。\n\n"
        "二、保障措施\n县水利局局长周明负责统筹协调。\n"
    ),
    "notice": "河源县关于城市供水收费的通知\n\n居民生活用水每立方米2.85元。\n本通知自2024年7月1日起施行。\n",
}


def asked(id: str, question: str, category: str, fact: str = "", doc: str = "", quote: str = "") -> Line:
    """A question line with its key; without a fact it cannot be answered."""
    line: Line = {"id": id, "question": question, "category": category, "answerable": bool(fact)}
    if fact:
        line |= {"key_facts": [[fact]], "reference": fact, "evidence": [{"doc": doc, "quote": quote}]}
    return line


QUESTIONS = (
    asked("q1", "河源县2025年自来水普及率目标是多少？", "numeric", "96%", "plan", "全县自来水普及率达到96%"),
    asked("q2", "河源县改造老旧管网多少公里？", "numeric", "120公里", "plan", "改造老旧管网120公里"),
    asked("q3", TROUBLED, "person", "周明", "plan", "县水利局局长周明负责统筹协调"),
    asked("q4", "居民生活用水每立方米多少元？", "numeric", "2.85元", "notice", "居民生活用水每立方米2.85元"),
    asked(
        "q5", "供水收费的通知什么时候起施行？", "date", "2024年7月1日", "notice", "本通知自2024年7月1日起施行"
    ),
    {
        **asked("q6", "那自来水普及率呢？", "followup", "96%", "plan", "全县自来水普及率达到96%"),
        "history": [["user", "河源县2025年要改造多少公里管网？"], ["assistant", "120公里。"]],
    },
    asked("q7", "天然气锅炉补贴标准是几元？", "unanswerable"),
    asked("q8", "图书馆闭馆日是哪天？", "unanswerable"),
)
IDS = [line["id"] for line in QUESTIONS]
TEXTS = [line["question"] for line in QUESTIONS]


# --- files ---


def put_documents(folder: Path, documents: Mapping[str, str] = DOCUMENTS) -> Path:
    """Writes texts, by stem, into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for stem, text in documents.items():
        (folder / f"{stem}.txt").write_text(text, encoding="utf-8")
    return folder


def put_questions(path: Path, lines: Sequence[Mapping[str, Any]] = QUESTIONS) -> Path:
    """Writes question lines into a file."""
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return path


def small_set(
    folder: Path, lines: Sequence[Mapping[str, Any]] = QUESTIONS, name: str = "small"
) -> QuestionSet:
    """The questions as a set over the two documents, which are written too where they are missing."""
    documents = folder / "documents"
    if not documents.exists():
        put_documents(documents)
    return read_set(put_questions(folder / f"{name}.jsonl", lines), documents)


def changed(which: str, **keys: Any) -> list[Line]:
    """The questions with other values in one line."""
    return [{**line, **keys} if line["id"] == which else dict(line) for line in QUESTIONS]


def records(path: Path) -> list[Line]:
    """The objects of a file of lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def noted(folder: Path, name: str = NOTES) -> list[str]:
    """What systems have noted."""
    path = folder / name
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its path in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def without_time(lines: Sequence[Mapping[str, Any]]) -> list[Line]:
    """Lines without what differs from run to run."""
    return [{key: value for key, value in line.items() if key != "seconds"} for line in lines]


# --- running ---


def door(system: Callable[[Place], Any]) -> str:
    """The name by which a system of `contestants` is run."""
    return f"tests.eval.contestants:{system.__name__}"


def run_systems(
    out: Path, one: QuestionSet, *systems: Callable[[Place], Any], limit: float = 20.0
) -> Outcome:
    """Run systems of `contestants` over one set."""
    entries = [entry_of(door(system)) for system in systems]
    return run([one], entries, RunFolder(out), limit=limit, progress=lambda *_: None)


def start(*arguments: str | Path) -> subprocess.Popen[str]:
    """`python -m eval` in a process, and a process group, of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "eval", *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )


def wait_for(met: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until a condition is met."""
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def systems_of(process: psutil.Process) -> list[psutil.Process]:
    """The processes of systems that a process has started and that still live."""
    return [
        child
        for child in process.children(recursive=True)
        if child.status() != psutil.STATUS_ZOMBIE and any("spawn_main" in part for part in child.cmdline())
    ]


# --- results made by hand ---


def item_of(id: str = "1", **changes: Any) -> Item:
    """A question on the document `plan`, or one that no document answers."""
    able = changes.get("answerable", True)
    usual: dict[str, Any] = {
        "question": Question(f"问题{id}？"),
        "category": "fact" if able else "unanswerable",
        "answerable": able,
        "key_facts": (("96%",),) if able else (),
        "reference": "达到96%" if able else "",
        "evidence": (Quote("plan", "普及率达到96%"),) if able else (),
    }
    return Item(id=id, **{**usual, **changes})


def result_of(item: Item, correct: bool = True, *, line: Line | None = None, **changes: Any) -> Result:
    """A result whose score has usual values but for those that are given."""
    quotes = len(item.evidence)
    status = Status.ANSWERED if correct == item.answerable else Status.NOT_FOUND
    usual: dict[str, Any] = {
        "correct": correct,
        "reason": "" if correct else NO_FACT,
        "status": status.value,
        "facts": float(correct) if item.answerable else None,
        "evidence": quotes,
        "recalled": dict.fromkeys(DEPTHS, quotes),
        "reciprocal_rank": 1.0 if quotes else None,
        "ndcg": 1.0 if quotes else None,
        "citations": quotes,
        "citations_good": quotes,
        "citations_valid": quotes,
        "evidence_cited": quotes,
        "faithful": None,
        "length": 10,
        "seconds": 0.1,
        "confidence": None,
    }
    return Result(item, line or {"status": status.value, "answer": "答"}, Score(**{**usual, **changes}))


def verdicts(text: str) -> list[Result]:
    """Results by a text with a `+` for each right answer and a `-` for each wrong one."""
    return [result_of(item_of(str(number)), mark == "+") for number, mark in enumerate(text, start=1)]


def scored(
    folder: Path, results: Mapping[str, Sequence[Result]], name: str = "small", *, locked: bool = False
) -> Scored:
    """A set of a run with these results by system."""
    corpus = Corpus(put_documents(folder / "documents"))
    items = tuple(result.item for result in next(iter(results.values()), []))
    against = {
        system: compare(found, results[OURS])
        for system, found in results.items()
        if system != OURS and OURS in results
    }
    summaries = {system: summarise(found) for system, found in results.items()}
    return Scored(name, f"{name}集", locked, items, corpus, results, summaries, against)


def run_of(folder: Path, *sets: Scored) -> Run:
    """A run of these sets."""
    return Run(RunFolder(folder / "run"), sets)
