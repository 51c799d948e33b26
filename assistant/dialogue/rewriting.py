"""A follow-up made to stand alone by a language model, with the rules as the fallback."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from assistant.errors import RemoteError
from assistant.language.clean import comparable, squeeze
from assistant.language.names import names_in
from assistant.language.numbers import unsupported
from assistant.language.regions import regions_in
from assistant.language.segment import bigrams, idle_words
from assistant.search.untrusted import as_data
from assistant.types import Question

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

    from assistant.prompts import Prompt

VARIABLES = frozenset({"history", "question"})
TURNS = 6  # of the history that the model is shown
_LONGEST = 200
_SPOKEN_OF = 0.6  # share of its word pairs that the conversation must hold
_NAMES = {"user": "用户", "assistant": "助手"}


class Server(Protocol):
    """What is needed of a chat server."""

    def invoke(self, messages: Sequence[BaseMessage], *, limit: float | None = None) -> str:
        """A short answer within `limit` seconds. Raises RemoteError."""


def rewritten(
    question: Question, server: Server, prompt: Prompt, by_rules: str, limit: float | None = None
) -> str:
    """The question as the model would ask it without the history; `by_rules` when there is none, or the model fails or
    brings in a number or a place that nobody spoke of. It may take `limit` seconds."""
    if not question.history:
        return by_rules
    told = "\n".join(f"{_NAMES.get(t.role, t.role)}：{squeeze(t.text)}" for t in question.history[-TURNS:])
    try:
        messages = prompt.messages({"history": as_data(told), "question": as_data(squeeze(question.text))})
        written = server.invoke(messages, limit=limit)
    except RemoteError:
        return by_rules
    found = squeeze(written.strip().removeprefix("改写后的问题：").strip("“”\"' "))
    known = [question.text, by_rules, *(turn.text for turn in question.history)]
    return found if _usable(found, written, known) else by_rules


def _usable(found: str, written: str, known: Sequence[str]) -> bool:
    """Whether what the model made of the question is one, and brings in nothing that nobody spoke of."""
    said = comparable("".join(known))
    pairs = [pair for pair in bigrams(comparable(found)) if pair not in idle_words()]
    names = (*(name.text for name in names_in(found)), *(region.name[:2] for region in regions_in(found)))
    return (
        bool(found)
        and len(found) <= _LONGEST
        and "\n" not in written.strip()
        and not unsupported(found, known)
        and all(comparable(name) in said for name in names)
        and sum(pair in said for pair in pairs) >= _SPOKEN_OF * len(pairs)
    )
