"""Messages that hold several questions: each is answered, and the answers become one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.answer.citing import MARK
from assistant.answer.drafts import LONGEST
from assistant.search.kinds import asks
from assistant.types import Answer, Citation, Status

_ENDS = re.compile(r"[？?]")
_LEAST = 5  # characters of a question that stands beside another
_MOST = 3


def questions_in(text: str) -> list[str]:
    """The questions of a message, when it holds several that could each be asked alone; else nothing."""
    parts = [part.strip("，,。；; ") for part in _ENDS.split(text)]
    asked = [part for part in parts if len(part) >= _LEAST and asks(part)]
    return asked if 1 < len(asked) <= _MOST and len(asked) == sum(bool(part) for part in parts) else []


def joined(answers: Sequence[Answer]) -> Answer | None:
    """One answer out of several, citations numbered anew; None unless all say something and they stay short."""
    if any(answer.status is not Status.ANSWERED for answer in answers):
        return None
    citations: list[Citation] = []
    texts = []
    for answer in answers:
        numbers = []
        for citation in answer.citations:
            if citation not in citations:
                citations.append(citation)
            numbers.append(citations.index(citation) + 1)
        text = _renumbered(answer.text.partition("注：")[0], numbers)
        if text not in texts:
            texts.append(text)
    notes = dict.fromkeys("注：" + a.text.partition("注：")[2] for a in answers if "注：" in a.text)
    length = sum(len(MARK.sub("", text)) for text in texts)
    if len(texts) < len(answers) or length > LONGEST:
        return None
    hits = tuple({hit.chunk.id: hit for answer in answers for hit in answer.hits[:10]}.values())
    return replace(answers[0], text="".join([*texts, *notes]), citations=tuple(citations), hits=hits[:20])


def _renumbered(text: str, numbers: Sequence[int]) -> str:
    return MARK.sub(lambda mark: f"[{numbers[int(mark[1]) - 1]}]", text)
