"""What a language model writes, taken apart as it comes: sentences with the marks that belong to them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBERS = r"\d{1,3}(?:\s*[,，、]\s*\d{1,3})*"
MARK = re.compile(
    rf"[\[［【]\s*(?:资料|来源)?\s*({_NUMBERS})\s*[\]］】]|[（(]\s*(?:资料|来源)\s*({_NUMBERS})\s*[）)]"
)
_END = re.compile(rf"(?:[。！？!?]|\n+)(?:[”’」』）)]|\s*(?:{MARK.pattern}))*")
_BULLET = re.compile(r"^\s*(?:[-*•·▪■]\s*|#{1,6}\s+|[（(]?\d{1,2}[.、）)]\s*(?!\d)|[①-⑳]\s*)+")
_EMPHASIS = re.compile(r"\*\*|__|`+")
_LEAD = re.compile(rf"[：:]\s*(?:{MARK.pattern})*\s*$")
_BEGUN = re.compile(r"[\[［【（(][^\]］】）)]{0,16}$")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence without marks and markup, the numbers of the passages it names, and whether it begins a line."""

    text: str
    marks: tuple[int, ...]
    begins_line: bool = False


class Splitter:
    """Cuts a growing text into sentences; each comes out once nothing that follows can belong to it."""

    def __init__(self) -> None:
        self._rest = ""
        self._line = False  # whether what comes next begins a line

    def feed(self, text: str) -> list[Sentence]:
        """The sentences that a further piece of text completes."""
        self._rest += text
        return self._taken(whole=False)

    def finish(self) -> list[Sentence]:
        """The sentences of what is left."""
        return self._taken(whole=True)

    def _taken(self, *, whole: bool) -> list[Sentence]:
        found = []
        while (cut := self._cut(whole=whole)) is not None:
            piece, self._rest = self._rest[:cut], self._rest[cut:]
            sentence = _sentence(piece, self._line)
            if sentence is not None:
                found.append(sentence)
            self._line = "\n" in piece or (self._line and sentence is None)
        return found

    def _cut(self, *, whole: bool) -> int | None:
        """Where the first sentence of the rest ends; None while it may go on."""
        for end in _END.finditer(self._rest):
            if "\n" in end[0] and _LEAD.search(self._rest[: end.start()]):
                continue  # 包括：, whose items stand on lines of their own
            follows = self._rest[end.end() :].lstrip()
            if not whole and (not follows or _BEGUN.match(follows)):
                return None  # a mark may still come
            return end.end()
        return len(self._rest) if whole and self._rest else None


def _sentence(piece: str, begins_line: bool) -> Sentence | None:
    marks = tuple(
        dict.fromkeys(
            int(number)
            for found in MARK.finditer(piece)
            for number in re.findall(r"\d+", found[1] or found[2])
        )
    )
    lines = (_BULLET.sub("", line) for line in _EMPHASIS.sub("", MARK.sub("", piece)).split("\n"))
    text = "".join(line.strip() for line in lines)
    return Sentence(text, marks, begins_line) if re.search(r"\w", text) else None
