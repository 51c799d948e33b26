"""Text cleaning that remembers where every character came from."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.types import Span

# Half-width punctuation that stands for the full-width form when a Han character or Chinese punctuation is beside it.
# Both forms are equal under NFKC, so a cleaned text still compares equal to its original.
WIDEN = {",": "，", ";": "；", ":": "：", "!": "！", "?": "？", "(": "（", ")": "）"}
INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad\ufffd")


def is_han(char: str) -> bool:
    """Whether a character is an ideograph."""
    return (
        "\u4e00" <= char <= "\u9fff" or "\u3400" <= char <= "\u4dbf" or "\U00020000" <= char <= "\U0003134f"
    )


def _is_chinese(char: str) -> bool:
    return is_han(char) or "\u3000" <= char <= "\u303f" or char in "“”‘’—…·" or "\uff00" <= char <= "\uffef"


def is_blank(char: str) -> bool:
    """Whether a character shows nothing: white space, a zero-width character or a control character."""
    return char.isspace() or char in INVISIBLE or unicodedata.category(char) in {"Cc", "Cf"}


@dataclass(frozen=True, slots=True)
class CleanText:
    """A cleaned text; `origins[i]` is the offset in the original text that character i came from."""

    text: str
    origins: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.text)

    def span(self, doc: str, start: int = 0, end: int | None = None) -> Span:
        """The span of the original that the characters start:end of the cleaned text came from."""
        stop = len(self.text) if end is None else end
        if not 0 <= start < stop <= len(self.text):
            raise ValueError(f"{start}:{stop} is not a stretch of a text of {len(self.text)} characters")
        return Span(doc, self.origins[start], self.origins[stop - 1] + 1)

    def part(self, start: int, end: int) -> CleanText:
        """The characters start:end with their origins."""
        return CleanText(self.text[start:end], self.origins[start:end])


def clean(original: str, start: int = 0, end: int | None = None, skip: Sequence[Span] = ()) -> CleanText:
    """Clean a stretch of an original text, leaving out the spans in `skip`.

    White space goes, but one space stays between two Latin words or numbers; full-width letters and digits become
    half-width, half-width punctuation beside Chinese becomes full-width; zero-width and control characters go. Every
    rule maps one character to one or none, so the origin of each is known.
    """
    stop = len(original) if end is None else end
    kept: list[tuple[str, int]] = []
    gap = -1  # where the white space or the hole is that parts what is kept from what comes
    holes = sorted((s.start, s.end) for s in skip if s.start < min(stop, s.end) and s.end > start)
    at = start
    while at < stop:
        if holes and at >= holes[0][0]:
            at = max(at, holes.pop(0)[1])
            gap = at - 1
            continue
        char = original[at]
        if is_blank(char):
            gap = at if char.isspace() else gap
        else:
            narrow = _narrow(char)
            if gap >= 0 and kept and _wordlike(kept[-1][0]) and _wordlike(narrow):
                kept.append((" ", gap))
            kept.append((narrow, at))
            gap = -1
        at += 1
    return CleanText(_widen([char for char, _ in kept]), tuple(origin for _, origin in kept))


def squeeze(text: str) -> str:
    """The text as `clean` leaves it, without the origins."""
    return clean(text).text


def compact(text: str) -> str:
    """The text with all white space removed, for comparing quotes with originals."""
    return "".join(text.split())


def comparable(text: str) -> str:
    """The normal form in which texts are compared: NFKC, lower case, no white space."""
    return compact(unicodedata.normalize("NFKC", text).lower())


def _wordlike(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _narrow(char: str) -> str:
    if "\uff01" <= char <= "\uff5e":
        half = chr(ord(char) - 0xFEE0)
        return half if half.isalnum() or half in "%+-=<>/.~" else char
    return char


def _widen(chars: list[str]) -> str:
    out = list(chars)
    for i, char in enumerate(chars):
        if char not in WIDEN:
            continue
        before = chars[i - 1] if i else ""
        after = chars[i + 1] if i + 1 < len(chars) else ""
        if (before and _is_chinese(before)) or (after and _is_chinese(after)):
            out[i] = WIDEN[char]
    return "".join(out)
