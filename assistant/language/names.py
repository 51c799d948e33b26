"""Names of persons in running text, recognised beside a post or a verb of speaking."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from assistant.language import segment
from assistant.language.resources import word_list

_SAYS = (
    r"(?:同志|先生|女士)?(?:这样|这么|如此|接着|随后|当场)?(?:说|讲|提到|提出|谈|表示|认为|要求|指出|强调|介绍|是哪|是谁|是什么|是不是|负责|对.{1,10}(?:怎么|有什么)"
    r"|是.{1,12}(?:吗|吧|对)|是[^，。,]{0,16}?(?:书记|主任|[局院市县区部厅处会组校]长)|的(?:讲话|发言|观点|职务|看法))"
)
_SPEAKS = re.compile(_SAYS)
_MINORITY = re.compile(rf"[一-鿿]{{2,8}}(?:[·•・][一-鿿]{{2,8}}?)+(?=$|[^一-鿿·•・]|的|主任|书记|{_SAYS})")
_GIVEN = re.compile(r"[一-鿿]{1,2}")
# Characters that begin what is said about a person.
_VERBS = frozenset("作做出主讲说在向对为与和等会指强要参到同代带率前多也就已曾并及将应宣传深介")
_WITHIN = frozenset("里上中内外下前后间处些类")
# A name does not go over these: the words of offices, and function words.
_NOT_IN_NAMES = re.compile(
    r"[委局院县市省区厅部处科室组会党政医卫健疾镇乡村街人的是和与在了有什么哪谁各副总]"
)


@dataclass(frozen=True, slots=True)
class Name:
    """A person's name as it stands in a text; `post` is the post beside it, or empty."""

    text: str
    post: str
    start: int
    end: int


@cache
def posts() -> re.Pattern[str]:
    """Any word for a post, the longest first."""
    return re.compile("|".join(sorted(word_list("posts.txt"), key=len, reverse=True)))


@cache
def _surnames() -> frozenset[str]:
    return word_list("surnames.txt")


def names_in(text: str) -> tuple[Name, ...]:
    """The names that stand beside a post (局长张三, 张三局长, 张局长) or before a verb of speaking, in order."""
    words = _words(text)
    found: dict[int, Name] = {m.start(): Name(m[0], "", m.start(), m.end()) for m in _MINORITY.finditer(text)}
    for post in posts().finditer(text):
        after = _name_at(text, post.end(), words)
        if after:
            found.setdefault(post.end(), Name(after, post[0], post.end(), post.end() + len(after)))
            continue
        before = _name_before(text, post.start(), words)
        if before:
            start = post.start() - len(before)
            found.setdefault(start, Name(before, post[0], start, post.start()))
    for start in words:
        for end in (start + 3, start + 2):
            name = text[start:end]
            # 简单说说: a verb of speaking is not the end of a name.
            spoken = start not in found and _SPEAKS.match(text, end) and name[-1] not in _VERBS
            if spoken and is_name(name) and not _goes_beyond(words[start], name):
                found[start] = Name(name, "", start, end)
    return tuple(found[start] for start in sorted(found))


def looks_like_name(word: str) -> bool:
    """Whether two to four characters begin with a family name and hold nothing that names do not hold."""
    surname = word[:2] if word[:2] in _surnames() else word[:1]
    given = word[len(surname) :]
    usual = _GIVEN.fullmatch(given) and not _NOT_IN_NAMES.search(given) and not posts().search(word)
    return surname in _surnames() and bool(usual)


def is_name(word: str) -> bool:
    """Whether a word looks like a name and the dictionary does not know it as anything else."""
    return looks_like_name(word) and segment.load().is_name_or_new(word)


def _goes_beyond(word: str, name: str) -> bool:
    """Whether a name would take a known word and the character for a place in it: 文件里 is none."""
    return 1 < len(word) < len(name) and name[-1] in _WITHIN and not segment.load().is_name_or_new(word)


def _words(text: str) -> dict[int, str]:
    """Start → word, for every word of a text."""
    marks = sorted(segment.load().boundaries(text))
    return {start: text[start:end] for start, end in pairwise(marks)}


def _name_at(text: str, start: int, words: dict[int, str]) -> str:
    """The name that begins at a word's start; the third character is no part of it when a verb begins there."""
    for length in (4, 3, 2):
        piece, end = text[start : start + length], start + length
        if len(piece) < length or start not in words:
            continue
        if len(words[start]) > length and not (len(words[start]) == length + 1 and text[end] in _VERBS):
            continue
        if (length == 3 and piece[2] in _VERBS) or not is_name(piece):
            continue
        if end == len(text) or end in words or text[end] in _VERBS:
            return piece
    return ""


def _name_before(text: str, end: int, words: dict[int, str]) -> str:
    for length in (4, 3, 2):
        start = end - length
        if start >= 0 and start in words and is_name(text[start:end]):
            return text[start:end]
    surname = text[end - 1 : end]
    alone = end < 2 or (end - 1) in words
    return surname if alone and surname in _surnames() and not _NOT_IN_NAMES.match(surname) else ""
