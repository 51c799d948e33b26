"""Text to words, for the word index and for questions.

Han runs are cut by rjieba, which carries jieba's dictionary and model and gives the same words on such runs (a test
compares the two); Latin words and numbers are kept whole by a rule of our own, the same for both sides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from assistant.language.resources import simplified, word_list

# A letter run may go on over digits and inner hyphens (covid-19, h1n1, 5g); a number keeps its decimals.
_PIECE = re.compile(
    r"[㐀-䶿一-鿿\U00020000-\U0003134f〇]+|\d+(?:\.\d+)?(?![a-z])|[a-z0-9]+(?:[-'][a-z0-9]+)*"
)

_PLAIN_KEPT = (
    16384  # texts whose plain form is remembered: a question holds its words against the same sentences often
)


@cache
def stop_words() -> frozenset[str]:
    """Function words and the empty words of politeness."""
    return word_list("stopwords.txt")


@cache
def question_words() -> frozenset[str]:
    """Words that ask: 多少, 谁, 什么时候 …"""
    return word_list("question_words.txt")


@cache
def idle_words() -> frozenset[str]:
    """Words that say nothing of what is asked: stop words and words that ask."""
    return stop_words() | question_words()


@lru_cache(maxsize=_PLAIN_KEPT)
def plain(text: str) -> str:
    """The form in which words are compared: NFKC, lower case, simplified characters."""
    return simplified(unicodedata.normalize("NFKC", text).lower())


class Segmenter:
    """Cuts text with a user dictionary: one word a line, optionally a frequency and a tag, as jieba reads it."""

    def __init__(self, dictionary: Path | None = None) -> None:
        self._dictionary = dictionary
        self._cutter: Any = None

    def _cut(self) -> Any:
        if self._cutter is None:
            import rjieba

            cutter = rjieba.Jieba()
            for word, frequency in _user_words(self._dictionary):
                cutter.add_word(word, frequency, None)
            self._cutter = cutter
        return self._cutter

    def words(self, text: str) -> list[str]:
        """All words of a text for the index, and beside every long word the shorter ones within it."""
        return self._pieces(text, lambda run: self._cut().cut_for_search(run))

    def cut(self, text: str) -> list[str]:
        """The words of a text, each character in one of them."""
        return self._pieces(text, lambda run: self._cut().cut(run))

    def query_words(self, text: str) -> list[str]:
        """The words of a question without stop words and question words, each once, as they come."""
        idle = idle_words()
        return list(dict.fromkeys(word for word in self.cut(text) if word not in idle))

    def content_words(self, text: str) -> list[str]:
        """The query words that say something: of single characters only numbers stay."""
        return [word for word in self.query_words(text) if len(word) > 1 or word.isdecimal()]

    def boundaries(self, text: str) -> frozenset[int]:
        """Offsets into a text at which a word starts or ends; no character is changed for it."""
        marks, at = {0, len(text)}, 0
        for word in self._cut().cut(text):
            marks |= {at, at + len(word)}
            at += len(word)
        return frozenset(marks)

    def is_name_or_new(self, word: str) -> bool:
        """Whether the dictionary has a word as a person's name, or not at all."""
        return not self.knows(word) or str(self._cut().tag(word)[0][1]).startswith("nr")

    def knows(self, word: str) -> bool:
        """Whether the dictionary has a word."""
        return bool(self._cut().has_word(word))

    def _pieces(self, text: str, cut: Any) -> list[str]:
        out: list[str] = []
        for piece in _PIECE.findall(plain(text)):
            if piece[0].isascii():
                out.append(piece)
            else:
                out.extend(cut(piece))
        return out


def _user_words(dictionary: Path | None) -> Iterable[tuple[str, int | None]]:
    if dictionary is None or not dictionary.exists():
        return
    for line in dictionary.read_text(encoding="utf-8").splitlines():
        parts = line.split()
        if parts and not parts[0].startswith("#"):
            yield plain(parts[0]), int(parts[1]) if len(parts) > 1 and parts[1].isdecimal() else None


@cache
def load(dictionary: Path | None = None) -> Segmenter:
    """The segmenter of a user dictionary; one for each path, loaded when first used."""
    return Segmenter(dictionary)


def words(text: str, dictionary: Path | None = None) -> list[str]:
    """All words of a text for the index (see `Segmenter.words`)."""
    return load(dictionary).words(text)


def query_words(text: str, dictionary: Path | None = None) -> list[str]:
    """The words of a question that are worth searching (see `Segmenter.query_words`)."""
    return load(dictionary).query_words(text)


def content_words(text: str, dictionary: Path | None = None) -> list[str]:
    """The words of a question that say something (see `Segmenter.content_words`)."""
    return load(dictionary).content_words(text)


def bigrams(text: str) -> list[str]:
    """Overlapping pairs of Han characters (a lone one as it is); Latin words and numbers whole."""
    out: list[str] = []
    for piece in _PIECE.findall(plain(text)):
        if piece[0].isascii() or len(piece) == 1:
            out.append(piece)
        else:
            out.extend(piece[i : i + 2] for i in range(len(piece) - 1))
    return out
