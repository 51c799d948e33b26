"""The models that the settings name. Nothing here opens a connection."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from assistant.models.calls import CHAT, EMBED, RERANK, Part

if TYPE_CHECKING:
    from assistant.models.chat import ChatServer
    from assistant.models.embeddings import LocalEmbeddings
    from assistant.models.encoder import Encoder
    from assistant.models.rerank import Reranker
    from assistant.models.server_embeddings import ServerEmbeddings
    from assistant.settings import Settings


@dataclass(frozen=True, slots=True)
class Server:
    """One address of the settings; `url` is empty where none is configured."""

    part: Part
    url: str = field(repr=False)  # may hold a password
    model: str
    key: str = field(repr=False)

    @property
    def address(self) -> str:
        """The address as it may be shown: without user, password and query."""
        try:
            parts = urlsplit(self.url)
        except ValueError:
            return ""
        return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def servers(settings: Settings) -> tuple[Server, Server, Server]:
    """The servers of the chat model, the embeddings and the reranker."""
    return (
        Server(CHAT, settings.chat_url, settings.chat_model, settings.chat_key.get_secret_value()),
        Server(EMBED, settings.embed_url, settings.embed_model, settings.embed_key.get_secret_value()),
        Server(RERANK, settings.rerank_url, settings.rerank_model, settings.rerank_key.get_secret_value()),
    )


def embeddings_for(settings: Settings, encoder: Encoder | None = None) -> LocalEmbeddings | ServerEmbeddings:
    """The configured embeddings; without a server the local ones, by `encoder` where one is loaded already.

    Their `version` names what makes the vectors; for a server, which is asked for it, it may raise RemoteError. So
    does this when the settings name a server but no model.
    """
    if settings.embed_url:
        from assistant.models.server_embeddings import ServerEmbeddings

        return ServerEmbeddings(
            settings.embed_url,
            settings.embed_model,
            settings.embed_key.get_secret_value(),
            timeout=settings.embed_timeout,
            retries=settings.embed_retries,
            batch=settings.embed_batch,
        )
    from assistant.models.embeddings import LocalEmbeddings

    return LocalEmbeddings(threads=settings.threads, encoder=encoder)


def reranker_for(settings: Settings) -> Reranker | None:
    """The configured reranker; None without one."""
    if not settings.rerank_url:
        return None
    from assistant.models.rerank import Reranker

    return Reranker(
        settings.rerank_url,
        settings.rerank_model,
        settings.rerank_key.get_secret_value(),
        timeout=settings.rerank_timeout,
    )


def chat_for(settings: Settings, *, max_tokens: int | None = None) -> ChatServer:
    """The chat server of the settings; `max_tokens` in place of the configured longest answer."""
    from assistant.models.chat import ChatServer

    return ChatServer(
        settings.chat_url,
        settings.chat_model,
        settings.chat_key.get_secret_value(),
        timeout=settings.chat_timeout,
        retries=settings.chat_retries,
        max_tokens=settings.chat_tokens if max_tokens is None else max_tokens,
    )


def fits(version: str, settings: Settings) -> bool:
    """Whether vectors of this version come from the configured model, as far as can be told without asking a server.

    A local version always fits the local model: a newer one takes over by itself.
    """
    from assistant.models.server_embeddings import is_served, model_of

    if not settings.embed_url:
        return not is_served(version)
    return is_served(version) and model_of(version) == settings.embed_model
