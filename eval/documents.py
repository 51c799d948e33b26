"""The documents that questions are about, as the scorer needs them: decoded texts, and where a quote stands."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from assistant.documents import discover
from assistant.documents.decode import read_text
from assistant.errors import InputError
from assistant.language.clean import comparable
from assistant.types import Span
from eval.types import Quote


def normalise(text: str) -> str:
    """Unicode NFKC, lower case, all white space removed: the form in which everything is compared."""
    return comparable(text)


class Text:
    """A document's text with its normalised form and the way back from it."""

    def __init__(self, doc: str, original: str) -> None:
        self.doc, self.original = doc, original

    @cached_property
    def _forms(self) -> tuple[str, list[tuple[int, int]]]:
        """The normalised text and for each of its characters the stretch of the original that it comes from."""
        forms: list[str] = []
        origins: list[tuple[int, int]] = []
        for offset, group in _groups(self.original):
            for form in unicodedata.normalize("NFKC", group).lower():
                if not form.isspace():
                    forms.append(form)
                    origins.append((offset, offset + len(group)))
        return "".join(forms), origins

    def places(self, quote: str) -> list[Span]:
        """Every place where the words stand, white space ignored."""
        text, origins = self._forms
        wanted = normalise(quote)
        found: list[Span] = []
        start = text.find(wanted) if wanted else -1
        while start >= 0:
            found.append(Span(self.doc, origins[start][0], origins[start + len(wanted) - 1][1]))
            start = text.find(wanted, start + 1)
        return found

    @cached_property
    def inked(self) -> list[int]:
        """For each offset, and the end, how many characters before it are not white space."""
        counts = [0]
        for char in self.original:
            counts.append(counts[-1] + (not char.isspace()))
        return counts

    def ink(self, start: int, end: int) -> int:
        """Number of characters between two offsets that are not white space; 0 for an empty stretch."""
        last = len(self.original)
        start, end = min(max(start, 0), last), min(max(end, 0), last)
        return max(0, self.inked[end] - self.inked[start])


def _groups(text: str) -> Iterator[tuple[int, str]]:
    """Offset and characters of every stretch that is normalised as one: a letter with the marks that combine with it."""
    start = 0
    for offset in range(1, len(text) + 1):
        if offset < len(text) and not text[offset].isascii():
            one, both = text[offset], text[start : offset + 1]
            apart = unicodedata.normalize("NFKC", text[start:offset]) + unicodedata.normalize("NFKC", one)
            if unicodedata.normalize("NFKC", both) != apart:
                continue
        if start < offset <= len(text):
            yield start, text[start:offset]
        start = offset


class Corpus:
    """The documents of a folder, by their ids in the library. Raises DocumentError and InputError."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise InputError(f"找不到文件夹：{folder}")
        self.folder = folder
        self.texts: Mapping[str, Text] = {
            source.id: Text(source.id, read_text(source.path)[1]) for source in discover([folder])
        }
        if not self.texts:
            raise InputError(f"文件夹里没有可读的文件：{folder}")

    @cached_property
    def hash(self) -> str:
        """Over ids and texts, and the manifest and the word lists that lie beside them."""
        told = hashlib.sha256()
        for doc in sorted(self.texts):
            told.update(f"{doc}\0{self.texts[doc].original}\0".encode())
        for path in sorted(self.folder.rglob("*.toml")) + sorted(self.folder.glob("userdict.txt")):
            told.update(path.name.encode() + b"\0" + path.read_bytes())
        return told.hexdigest()

    def places(self, quote: Quote) -> list[Span]:
        """Every place of a quote in its document; empty when the document is unknown or does not hold it."""
        text = self.texts.get(quote.doc)
        return text.places(quote.text) if text else []

    def evidence(self, quotes: Iterable[Quote]) -> list[list[Span]]:
        """For each quote its places; a quote that stands twice is found in either."""
        return [self.places(quote) for quote in quotes]
