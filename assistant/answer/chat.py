"""The answerer with a language model: the model writes, and only what the passages prove goes out.

The extractive answer is made first. It tells the model whether the documents seem to answer, and it is what goes out when
the server fails or nothing that the model wrote can be proven.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from assistant.answer.citing import citation
from assistant.answer.extractive import remarks
from assistant.answer.verification import Proof, Verifier
from assistant.answer.wording import says_something
from assistant.answer.writing import Sentence, Splitter
from assistant.errors import RemoteError
from assistant.language.clean import is_blank
from assistant.language.tokens import count_tokens
from assistant.search.passages import Passages, Unit
from assistant.search.untrusted import as_data, is_command
from assistant.types import Answer, Hit, Query, Span, Status, Usage

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

    from assistant.models.chat import Piece
    from assistant.prompts import Prompt

VARIABLES = frozenset({"passages", "hint", "question"})
MOST_SENTENCES = 40  # proven or not, after which the model is not heard any further
LONGEST = 400  # characters of proven text after which the model is not heard any further
MOST_PASSAGES = 12
_REFUSES = re.compile(
    r"资料(?:中|里)?(?:并?未|没有?)(?:作?说明|提及|提到|涉及|给出|载明)|未找到相关(?:资料|内容)"
)
_UNSURE = "【提示】检索系统没有找到直接的说法，请特别核对资料是否真的说到了所问的内容。"
NOT_SAID = "资料中没有说明这一点"
FAILED = "语言模型没有答成（{why}），以下直接摘自原文。"
UNPROVEN = "语言模型的回答在资料中找不到依据，以下直接摘自原文。"
DROPPED = "语言模型的回答中有 {count} 处在资料里找不到依据，已略去。"
CUT = "语言模型的回答过长或没有写完，以下是其中已核对的部分。"


class Server(Protocol):
    """What is needed of a chat server."""

    def stream(self, messages: Sequence[BaseMessage]) -> Generator[Piece]:
        """The answer piece by piece; closing it hangs up. Raises RemoteError."""


@dataclass(slots=True)
class _Written:
    """What has been proven so far, and what has not."""

    sentences: list[tuple[Sentence, Proof]] = field(default_factory=list)
    dropped: int = 0  # sentences, or parts of them, without proof
    heard: int = 0  # sentences, proven or not
    raw: str = ""
    usage: Usage | None = None
    cut: bool = False  # whether the model was not heard to its end

    @property
    def length(self) -> int:
        return sum(len(proof.text) for _, proof in self.sentences)


class ChatAnswerer:
    """Answers with a chat server; cheap to make, safe to share between threads."""

    def __init__(
        self, server: Server, prompt: Prompt, verifier: Verifier, passages: Passages, context_tokens: int
    ) -> None:
        self._server, self._prompt, self._verifier = server, prompt, verifier
        self._passages, self._budget = passages, context_tokens

    def stream(self, query: Query, hits: Sequence[Hit], extractive: Answer) -> Iterator[Answer]:
        """The answer as its sentences are proven; the last one is whole. Never raises for what the server does.

        Once a sentence is proven, its snapshot comes again with each piece that the model says, so that whoever reads
        may leave meanwhile.
        """
        offered = self._offered(hits)
        if not offered:
            yield extractive
            return
        written, shown = _Written(), extractive
        try:
            for more in self._write(query, offered, extractive, written):
                shown = self._answer(written, hits, extractive) if more else shown
                if written.sentences:
                    yield shown
        except RemoteError as error:
            yield replace(extractive, notice=FAILED.format(why=str(error).rstrip("。")))
            return
        yield replace(self._concluded(written, hits, extractive), usage=written.usage)

    def _write(
        self, query: Query, offered: Sequence[Span], extractive: Answer, written: _Written
    ) -> Iterator[bool]:
        """Hear the model; a step for each piece and each sentence, and whether one more is proven."""
        splitter = Splitter()
        with closing(self._server.stream(self._messages(query, offered, extractive))) as pieces:
            for piece in pieces:
                text = "".join(char for char in piece.text if char.isspace() or not is_blank(char))
                written.raw += text
                yield False
                for sentence in splitter.feed(text):
                    yield self._take(sentence, query, offered, written)
                    if written.heard >= MOST_SENTENCES:
                        break
                written.usage = piece.usage or written.usage
                enough = written.length > LONGEST or written.heard >= MOST_SENTENCES
                written.cut = enough or piece.finish == "length"
                if enough:
                    break
        # The last sentence of what was cut off may say the opposite of what it was to say.
        if not written.cut:
            for sentence in splitter.finish():
                yield self._take(sentence, query, offered, written)

    def _take(self, sentence: Sentence, query: Query, offered: Sequence[Span], written: _Written) -> bool:
        """Whether the sentence is proven and was not said before."""
        written.heard += 1
        if _REFUSES.search(sentence.text):
            return False
        marked = [offered[number - 1] for number in sentence.marks if 1 <= number <= len(offered)]
        proof = self._verifier.prove(sentence.text, marked, offered, query.standalone)
        if (proof is None or not proof.whole) and says_something(sentence.text):
            written.dropped += 1
        if proof is None or any(proof.text == known.text for _, known in written.sentences):
            return False
        written.sentences.append((sentence, proof))
        return True

    def _messages(self, query: Query, offered: Sequence[Span], extractive: Answer) -> list[BaseMessage]:
        shown = "\n\n".join(f"[{n}] {self._shown(span)}" for n, span in enumerate(offered, start=1))
        hint = "" if extractive.status is Status.ANSWERED else _UNSURE
        return self._prompt.messages({"passages": shown, "hint": hint, "question": as_data(query.standalone)})

    def _offered(self, hits: Sequence[Hit]) -> list[Span]:
        """The best passages that fit into the budget; those that command the assistant are left out."""
        offered: list[Span] = []
        left = self._budget
        for hit in hits[:MOST_PASSAGES]:
            cost = count_tokens(self._shown(hit.chunk.span))
            if cost > left and offered:  # one passage is given, however small the budget
                break
            if self._units(hit.chunk.span):
                offered.append(hit.chunk.span)
                left -= cost
        return offered

    def _shown(self, span: Span) -> str:
        """A passage with its heading path, speaker, document, status and date, as data."""
        units = self._units(span)
        document = self._passages.pages(span.doc).document
        known = "，".join(filter(None, (document.status, document.date)))
        where = units[0].where if units else document.title
        text = "".join(unit.text if unit.text[-1:] in "。！？；：" else unit.text + "\n" for unit in units)
        return as_data(f"{where}（{known}）\n{text}" if known else f"{where}\n{text}").strip()

    def _units(self, span: Span) -> list[Unit]:
        return [unit for unit in self._passages.units(span) if not is_command(unit.text)]

    def _answer(self, written: _Written, hits: Sequence[Hit], extractive: Answer) -> Answer:
        """The answer out of what is proven so far."""
        spans: list[Span] = []
        text = ""
        for sentence, proof in written.sentences:
            spans += [span for span in proof.spans if span not in spans]
            marks = "".join(f"[{spans.index(span) + 1}]" for span in proof.spans)
            text += ("\n" if sentence.begins_line and text else "") + f"{proof.text}{marks}。"
        citations = tuple(citation(span, self._passages) for span in spans)
        return Answer(Status.ANSWERED, text, citations, tuple(hits), confidence=extractive.confidence)

    def _concluded(self, written: _Written, hits: Sequence[Hit], extractive: Answer) -> Answer:
        if written.sentences:
            answer = self._answer(written, hits, extractive)
            text = answer.text + remarks((c.span.doc for c in answer.citations), self._passages)
            return replace(answer, text=text, notice=_notice(written))
        if _REFUSES.search(written.raw):
            return _refused(extractive)
        return replace(
            extractive, notice=UNPROVEN if written.raw.strip() else FAILED.format(why="回答是空的")
        )


def _notice(written: _Written) -> str:
    told = [CUT] if written.cut else []
    return "".join(told + ([DROPPED.format(count=written.dropped)] if written.dropped else []))


def _refused(extractive: Answer) -> Answer:
    """The model's own refusal; what the extractive answer says becomes the nearest thing that the documents say."""
    if extractive.status is not Status.ANSWERED:
        return extractive
    return replace(extractive, status=Status.NOT_FOUND, text=f"{NOT_SAID}。相近的内容：{extractive.text}")
