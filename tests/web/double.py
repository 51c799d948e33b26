"""A chain that answers from a script over the real documents: what the page and the API need, and nothing that thinks."""

from __future__ import annotations

import hashlib
import re
import threading
import tomllib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig

from assistant.errors import AssistantError
from assistant.types import Answer, Block, BlockKind, Citation, Document, Question, Span, Status

CORPUS = Path(__file__).resolve().parents[2] / "corpus"
STEP = 14  # characters of an answer that each snapshot adds
_HEADING = re.compile(r"^(?:[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）).{2,28}$", re.MULTILINE)
_FIELDS = ("title", "issuer", "number", "date", "region", "status", "kind")


@dataclass(frozen=True)
class Line:
    """One answer of the script; `quotes` are (document id, words that stand in it).

    `grown` are the snapshots before it, as a language model's proven sentences come; without them the text is cut
    into steps.
    """

    text: str
    quotes: Sequence[tuple[str, str]] = ()
    status: Status = Status.ANSWERED
    notice: str = ""
    grown: Sequence[Line] = ()


JINZHONG, FANGSHAN = "jinzhong-plan-2023-2025", "fangshan-plan-2025"
SCRIPT: Mapping[str, Line] = {
    "晋中市2025年人均预期寿命的目标是多少？": Line(
        "晋中市2025年人均预期寿命的目标为78.1岁[1]，2022年实际为77.3岁[2]。（该规划为征求意见稿）",
        [
            (JINZHONG, "人均预期寿命达到 78.1 岁"),
            (JINZHONG, "人均预期寿命（岁）\t77.3\t77.6\t77.9\t78.1\t预期性"),
        ],
    ),
    "那方山县呢？": Line(
        "文件中没有方山县人均预期寿命的目标。与之相近的是工作计划的总体思路[1]。",
        [(FANGSHAN, "今年工作的总体思路是")],
        Status.NOT_FOUND,
    ),
    "晋中和方山的婴幼儿托位数目标各是多少？": Line(
        "晋中市：2025年末每千人口4.5个（征求意见稿）[1]\n方山县：每千人口4.5个[2]",
        [
            (JINZHONG, "力争2025年末每千人口拥有3岁以下婴幼儿托位数达到4.5个"),
            (FANGSHAN, "推动每千人口 3 岁以下婴幼儿托位数达到 4.5 个"),
        ],
    ),
    "山西省疾控局要提升哪“三大能力”？": Line(
        "山西省疾控局党组成员、副局长金永生提出：提升监测预警能力、应急处置能力、实验室检验检测能力[1][2]。",
        [
            ("shanxi-training-2025", "聚焦提升\n\n“三大能力”，着力实现“四个突破”"),
            (
                "shanxi-training-2025",
                "提升监测预警能力，建立健全多\n点触发、反应快速、权威高效的传染病\n监测预警体系",
            ),
        ],
    ),
    "帮我写一首诗": Line("我只回答所收文件中的内容。", status=Status.DECLINED),
}
# What a chain with a language model gives: one sentence could not be proven; the connection broke in mid-stream.
DROPPED = "语言模型的回答中有 1 处在资料里找不到依据，已略去。"
FAILED = "语言模型没有答成（与对话模型的连接中断），以下直接摘自原文。"
_FIRST = Line("到2025年，人均预期寿命达到78.1岁[1]。", [(JINZHONG, "人均预期寿命达到 78.1 岁")])
_SECOND = Line(
    f"{_FIRST.text}2022年为77.3岁[2]。",
    [*_FIRST.quotes, (JINZHONG, "人均预期寿命（岁）\t77.3\t77.6\t77.9\t78.1\t预期性")],
)
WRITTEN: Mapping[str, Line] = {
    "晋中的人均预期寿命怎么变化？": Line(
        f"{_SECOND.text}（该规划为征求意见稿）", _SECOND.quotes, notice=DROPPED, grown=[_FIRST, _SECOND]
    ),
    "晋中的人均预期寿命是多少？": Line(
        "晋中人均预期寿命：2022年77.3岁[1]。",
        [(JINZHONG, "人均预期寿命（岁）\t77.3\t77.6\t77.9\t78.1\t预期性")],
        notice=FAILED,
        grown=[_FIRST],
    ),
}


class Shelf:
    """The documents of a folder with a manifest, read once."""

    generation = "scripted"

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = {document.id: document for document in documents}

    def refresh(self) -> None:
        """Nothing changes here."""

    def documents(self) -> list[Document]:
        """All documents."""
        return list(self._documents.values())

    def blocks(self, doc: str) -> list[Block]:
        """One block from each heading to the next."""
        text = self._documents[doc].text
        found = [match for match in _HEADING.finditer(text) if "\t" not in match[0]]
        ends = [*(match.start() for match in found[1:]), len(text)][: len(found)]
        return [
            Block(BlockKind.PARAGRAPH, Span(doc, match.start(), end), match[0], (match[0],))
            for match, end in zip(found, ends, strict=True)
        ]


def read_corpus(folder: Path = CORPUS) -> list[Document]:
    """The real documents with what the manifest says about them."""
    entries = tomllib.loads((folder / "manifest.toml").read_text("utf-8"))["document"]
    return [_document(folder / entry["file"], entry) for entry in entries]


def _document(path: Path, entry: Mapping[str, str]) -> Document:
    data = path.read_bytes()
    known = {name: entry.get(name, "") for name in _FIELDS}
    return Document(id=entry["id"], text=data.decode(), hash=hashlib.sha256(data).hexdigest(), **known)


@dataclass
class Scripted(Runnable[Question, Answer]):
    """Answers the questions of the script; anything else is not in the documents. `asked` keeps what came in."""

    library: Shelf = field(default_factory=lambda: Shelf(read_corpus()))
    script: Mapping[str, Line | AssistantError | Exception] = field(
        default_factory=lambda: {**SCRIPT, **WRITTEN}
    )
    asked: deque[Question] = field(default_factory=lambda: deque(maxlen=100))
    gate: threading.Event | None = None  # a stream waits for it after its first snapshot

    def invoke(self, input: Question, config: RunnableConfig | None = None, **_: Any) -> Answer:
        """The whole answer."""
        return self._answer(self._line(input))

    def stream(self, input: Question, config: RunnableConfig | None = None, **_: Any) -> Iterator[Answer]:
        """The answer: its own snapshots, or some characters more each time, of which only the last has citations."""
        line = self._line(input)
        answer = self._answer(line)
        ends = range(STEP, len(line.text), STEP)
        cut = [replace(answer, text=line.text[:end], citations=()) for end in ends]
        for snapshot in [self._answer(grown) for grown in line.grown] or cut:
            yield snapshot
            if self.gate:
                self.gate.wait(10)
        yield answer

    def _line(self, question: Question) -> Line:
        self.asked.append(question)
        line = self.script.get(question.text, Line("文件中没有找到相关内容。", status=Status.NOT_FOUND))
        if isinstance(line, Exception):
            raise line
        return line

    def _answer(self, line: Line) -> Answer:
        citations = tuple(self._cite(doc, words) for doc, words in line.quotes)
        return Answer(line.status, line.text, citations, notice=line.notice)

    def _cite(self, doc: str, words: str) -> Citation:
        document = next(one for one in self.library.documents() if one.id == doc)
        start = document.text.index(words)
        span = Span(doc, start, start + len(words))
        path = [b.heading_path[-1] for b in self.library.blocks(doc) if b.span.contains(span)]
        return Citation(span, document.slice(span), document.reference + "".join(path))
