"""Systems of a few lines, each with its own fault. The processes that they run in import this module and little else."""

from __future__ import annotations

import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from assistant.types import Question, Status
from eval.documents import Corpus
from eval.systems import Place
from eval.systems.base import Line, line_of
from eval.types import Item

TROUBLED = "河源县供水由谁负责统筹协调？"  # the question that the systems with a fault stumble over
NOTES = "asked.txt"  # beside the folder of documents: every question that reached a system, as it came
OPENINGS = "opened.txt"  # beside it: a line for each opening of a system


class Reader:
    """Answers with the line that holds most of the question's pairs of characters, refuses when no line holds four.

    `trouble` is what happens at the question TROUBLED, and when `always`, at every question.
    """

    def __init__(
        self,
        place: Place,
        *,
        pause: float = 0.0,
        trouble: Callable[[], Any] | None = None,
        always: bool = False,
    ) -> None:
        self._corpus = Corpus(place.corpus)
        self._notes = place.corpus.parent / NOTES
        self._pause, self._trouble, self._always = pause, trouble, always
        _note(place.corpus.parent / OPENINGS, "")

    def answer(self, question: Question) -> Any:
        _note(self._notes, question.text)
        time.sleep(self._pause)
        if self._trouble and (self._always or question.text == TROUBLED):
            return self._trouble()
        pairs = [question.text[i : i + 2] for i in range(len(question.text) - 1)]
        ranked = sorted(
            (
                (sum(pair in line for pair in pairs), span)
                for doc, text in self._corpus.texts.items()
                for line, span in ((line, text.places(line)[0]) for line in text.original.split("\n") if line)
            ),
            key=lambda one: (-one[0], one[1]),
        )
        found = [(span, float(hits)) for hits, span in ranked if hits >= 4]
        best = [found[0][0]] if found else []
        text = "".join(self._corpus.texts[s.doc].original[s.start : s.end] + "[1]" for s in best)
        return line_of(self._corpus, text, best, found) | {"confidence": found[0][1] if found else 0.0}


def _note(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text + "\n")


def _raise(error: BaseException) -> None:
    raise error


def steady(place: Place) -> Reader:
    return Reader(place)


def slow(place: Place) -> Reader:
    return Reader(place, pause=0.12)


def refusing(place: Place) -> Reader:
    """Refuses everything."""
    return Reader(place, trouble=lambda: {"status": Status.NOT_FOUND, "answer": "没有"}, always=True)


def raising(place: Place) -> Reader:
    return Reader(place, trouble=lambda: _raise(ValueError("坏\n了")))


def leaving(place: Place) -> Reader:
    return Reader(place, trouble=lambda: sys.exit(0))


def dying(place: Place) -> Reader:
    return Reader(place, trouble=lambda: os._exit(7))


def dying_later(place: Place) -> Reader:
    """Answers, and is gone before the next question."""

    def trouble() -> Line:
        threading.Timer(0.05, lambda: os._exit(7)).start()
        return {"status": "not_found"}

    return Reader(place, trouble=trouble)


def hanging(place: Place) -> Reader:
    return Reader(place, trouble=lambda: time.sleep(600))


def always_hanging(place: Place) -> Reader:
    return Reader(place, trouble=lambda: time.sleep(600), always=True)


def stubborn(place: Place) -> Reader:
    """Hangs, and does not end when it is asked to."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return Reader(place, trouble=lambda: time.sleep(600))


def boastful(place: Place) -> Reader:
    """Gives out another question's line, and says that it took no time."""
    told = {
        "status": "answered",
        "answer": "好",
        "id": "q0",
        "question": "别的",
        "seconds": 0.0,
        "note": "多余",
    }

    def trouble() -> Line:
        time.sleep(0.1)
        return told

    return Reader(place, trouble=trouble)


def unopenable(place: Place) -> Reader:
    raise RuntimeError("缺少模型文件")


def dying_on_opening(place: Place) -> Reader:
    os._exit(7)


def hanging_on_opening(place: Place) -> Reader:
    _note(place.corpus.parent / OPENINGS, "")
    time.sleep(600)
    raise AssertionError


def unopenable_again(place: Place) -> Reader:
    """Opens once only, and dies at the troubled question."""
    if (place.corpus.parent / OPENINGS).exists():
        raise RuntimeError("端口被占用")
    return dying(place)


def calling_out(place: Place) -> Reader:
    """Wants a connection to an address of nobody (RFC 5737)."""
    import socket

    return Reader(place, trouble=lambda: socket.create_connection(("192.0.2.1", 80), 1))


class Witness:
    """Tells what it was handed."""

    def answer(self, question: Question) -> Line:
        return {"status": "answered", "answer": f"{type(question).__name__} {question!r}"}

    def answer_item(self, item: Item) -> Line:
        return {"status": "answered", "answer": f"{type(item).__name__} {item!r}"}


def witness(place: Place) -> Witness:
    return Witness()


RUBBISH: Mapping[str, Any] = {
    "nothing": None,
    "text": "答案",
    "list": [],
    "no status": {"answer": "答案"},
    "unknown status": {"status": "完成", "answer": "答案"},
    "list as status": {"status": ["answered"], "answer": "答案"},
    # What cannot be written as a line.
    "no number": {"status": "answered", "answer": "答案", "confidence": math.nan},
    "a set": {"status": "answered", "answer": "答案", "citations": {"plan"}},
    "half a character": {"status": "answered", "answer": "\ud800"},
    "a key that is no text": {"status": "answered", "answer": "答案", ("a", "b"): 1},
    "a function": {"status": "answered", "answer": lambda: "答案"},
    # What is a line but for the types of its parts.
    "null as lists": {"status": "answered", "answer": "答案", "citations": None, "retrieved": None},
    "texts as lists": {"status": "answered", "answer": "答案", "citations": "plan", "retrieved": "plan"},
    "odd entries": {"status": "answered", "answer": None, "citations": ["plan", 3, None], "retrieved": [[], {}]},
    "odd spans": {
        "status": "answered",
        "answer": "答案",
        "citations": [{"doc": "plan", "start": 9, "end": 3, "quote": "x"}, {"doc": "nowhere", "start": 0, "end": 1}],
        "retrieved": [{"doc": "plan", "start": -5, "end": 10**9}, {"doc": 3, "start": "a", "end": None}],
    },
}  # fmt: skip


class Rubbish:
    """Answers a question with the entry of RUBBISH that it names."""

    def answer(self, question: Question) -> Any:
        return RUBBISH.get(question.text, {"status": "not_found", "answer": "没有"})


def rubbish(place: Place) -> Rubbish:
    return Rubbish()
