"""The models that the settings name, ready for use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.answer import chat
from assistant.dialogue import rewriting
from assistant.models.configured import chat_for, embeddings_for, fits, reranker_for
from assistant.models.encoder import Encoder
from assistant.models.reader import Reader
from assistant.prompts import Prompt

if TYPE_CHECKING:
    from assistant.models.chat import ChatServer
    from assistant.settings import Settings


_FOR_REWRITING = 0.25  # of the time for an answer, on top of it


@dataclass(frozen=True, slots=True)
class Chat:
    """The language model with its prompts; `context` is the tokens of passages that it is given."""

    server: ChatServer
    answer: Prompt
    rewrite: Prompt
    context: int
    rewriting_limit: float  # seconds


class Models:
    """The local encoder, the local reader and whatever servers are configured; nothing is connected to before it is needed.

    Raises PromptError for unusable prompt files, RemoteError for a server without the name of its model.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.by_meaning = settings.vectors
        self.encoder = Encoder(threads=settings.threads)
        self.embeddings = embeddings_for(settings, self.encoder)
        self.reader = _reader(settings)
        self.reranker = reranker_for(settings)
        self.chat = _chat(settings)

    @property
    def version(self) -> str:
        """Of the local encoder; empty where a server makes the vectors, which is not asked for it."""
        return "" if self._settings.embed_url else self.encoder.version

    def fits(self, embedder: str) -> bool:
        """Whether vectors of this version come from the configured model, as far as is known without asking it."""
        return fits(embedder, self._settings)

    def load(self) -> None:
        """Load what the first question would wait for. Raises ModelError."""
        if self.reader is not None:
            self.reader.load()
        if self.chat is not None:
            import langchain_openai  # noqa: F401

    def locate(self, text: str) -> tuple[float, ...]:
        """The vector that the passages for a question are looked for by. Raises RemoteError."""
        return tuple(self.embeddings.embed_query(text))


def _reader(settings: Settings) -> Reader | None:
    """The local reader; None where it is switched off or its weights are not there: answers are then worse, not none."""
    reader = Reader(threads=settings.threads)
    return reader if settings.reader and reader.present else None


def _chat(settings: Settings) -> Chat | None:
    if not settings.chat_url:
        return None
    answer = Prompt(settings.prompts, "answer", chat.VARIABLES)
    rewrite = Prompt(settings.prompts, "rewrite", rewriting.VARIABLES)
    return Chat(
        chat_for(settings), answer, rewrite, settings.chat_context, settings.chat_timeout * _FOR_REWRITING
    )
