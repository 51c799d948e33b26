"""A chat model behind an OpenAI-compatible address, through LangChain's ChatOpenAI.

What other programs set in the environment (OPENAI_*, proxies, LangSmith) does not reach the calls: everything is
passed explicitly. What a model thinks aloud never comes out, whichever way its server marks it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from assistant.errors import RemoteError
from assistant.models.calls import CHAT, CONNECT, Patience, connection, explained, relayed
from assistant.types import Usage

if TYPE_CHECKING:
    from langchain_core.messages import AIMessageChunk, BaseMessage
    from langchain_openai import ChatOpenAI
    from openai import DefaultAsyncHttpxClient, DefaultHttpxClient

MOST = 20_000  # characters of an answer that are read
NO_KEY = "none"  # the library wants one; it is not sent
EMPTY = "对话模型的回答是空的"
NOTHING = "对话模型的服务没有按约定作答：请检查 ASSISTANT_CHAT_URL，通常以 /v1 结尾"
UNREADABLE = "对话模型的服务返回了无法解读的内容"
THOUGHT = "对话模型还没有开始回答就用完了长度：可以调高 ASSISTANT_CHAT_TOKENS，或关闭它的思考模式"
FILTERED = "对话模型的服务以内容审查为由没有回答"
BROKEN = "对话模型的回答中途断了"
MIXED = "对话模型把思考过程混进了回答"
CUT = "对话模型没有在限定的长度内答完"
_TAG = re.compile(r"</?think>")
_BEGUN = re.compile(r"<(?:/?(?:t(?:h(?:i(?:n(?:k)?)?)?)?)?)?\Z")  # a tag of which more may come


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of an answer. The last one has no text and says why it ended ("stop", "length", …) and what it cost."""

    text: str
    finish: str = ""
    usage: Usage | None = None


class ChatServer:
    """A chat model behind an address ending in /v1; safe to share between threads, loaded on first use.

    An answer takes at most `timeout` seconds, up to `retries` further tries included, and `max_tokens` tokens.
    """

    def __init__(
        self, url: str, model: str, key: str, *, timeout: float, retries: int, max_tokens: int
    ) -> None:
        self._url, self._model, self._key = url, model, key
        self._timeout, self._retries, self._max_tokens = timeout, retries, max_tokens
        self._thinks_first = False  # whether answers were seen to begin with thoughts that no tag opens

    def stream(self, messages: Sequence[BaseMessage], *, limit: float | None = None) -> Generator[Piece]:
        """The answer piece by piece; closing the generator hangs up.

        It takes at most `limit` seconds, where that is less than the server's own limit. A failure before the first
        text is tried again if that may help. RemoteError once nothing helps, or when it fails after text has come:
        that text is then to be thrown away.
        """
        import langchain_openai  # noqa: F401 - loading it takes seconds that the model is not to blame for

        seconds = self._timeout if limit is None else min(limit, self._timeout)
        client = connection(self._key, seconds, CHAT)
        end = time.monotonic() + seconds

        def work(put: Callable[[Piece], None]) -> None:
            Patience(seconds, self._retries).run(lambda _: self._try(client, messages, end, put))

        try:
            with closing(relayed(work, seconds, client.close)) as pieces:
                yield from pieces
        except TimeoutError as error:
            raise explained(error, CHAT) from None

    def invoke(self, messages: Sequence[BaseMessage], *, limit: float | None = None) -> str:
        """The whole of a short answer. Raises RemoteError, also when it was cut off for its length."""
        pieces = list(self.stream(messages, limit=limit))
        if pieces[-1].finish == "length":
            raise RemoteError(CUT)
        return "".join(piece.text for piece in pieces)

    def _try(
        self,
        client: DefaultHttpxClient,
        messages: Sequence[BaseMessage],
        end: float,
        put: Callable[[Piece], None],
    ) -> None:
        """One try: puts the pieces of an answer. Raises RemoteError, `passing` only while no text has come."""
        from langsmith import tracing_context

        heard = _Heard(self._thinks_first)
        try:
            with tracing_context(enabled=False), closing(self._chunks(client, messages, end)) as chunks:
                for chunk in chunks:
                    if time.monotonic() > end:
                        raise TimeoutError
                    if text := heard.take(chunk):
                        put(Piece(text))
                    if heard.length >= MOST:
                        heard.finish = "length"
                        break
        except Exception as error:  # noqa: BLE001 - the cause is left out, as the key may stand in it
            if not heard.finish:  # else the answer is whole, and only its cost may be missing
                raise _failure(error, heard) from None
        finally:
            self._thinks_first |= heard.thinks_first
        if text := heard.rest():
            put(Piece(text))
        heard.check()
        put(Piece("", heard.finish, heard.usage))

    def _chunks(
        self, client: DefaultHttpxClient, messages: Sequence[BaseMessage], end: float
    ) -> Generator[AIMessageChunk]:
        left = max(0.001, end - time.monotonic())
        yield from self._chat(client, left).stream(list(messages))

    def _chat(self, client: DefaultHttpxClient, seconds: float) -> ChatOpenAI:
        from langchain_openai import ChatOpenAI
        from openai import Timeout

        return ChatOpenAI(
            base_url=self._url,
            model=self._model,
            api_key=self._key or NO_KEY,  # type: ignore[arg-type]
            temperature=0,
            # Its own `max_tokens` is sent under a newer name that Ollama and DeepSeek do not know.
            extra_body={"max_tokens": self._max_tokens},
            timeout=Timeout(seconds, connect=min(seconds, CONNECT)),
            max_retries=0,
            stream_usage=True,
            http_client=client,
            http_async_client=_never_used(),
            http_socket_options=(),  # else it warns of proxies in the environment
            openai_proxy=None,
            use_responses_api=False,
            output_version="v0",
        )


def _failure(error: Exception, heard: _Heard) -> RemoteError:
    """What went wrong; trying again is of no use once text has come."""
    if type(error) is ValueError and not heard.anything:  # LangChain's way to say so
        return RemoteError(NOTHING, passing=True)
    if isinstance(
        error, TypeError | LookupError | AttributeError
    ):  # it looks for what the reply does not have
        return RemoteError(UNREADABLE, passing=not heard.length)
    failure = explained(error, CHAT)
    return RemoteError(str(failure), passing=failure.passing and not heard.length, wait=failure.wait)


@cache
def _never_used() -> DefaultAsyncHttpxClient:
    """Given so that the library makes none of its own, which would follow the environment."""
    from openai import DefaultAsyncHttpxClient

    return DefaultAsyncHttpxClient(trust_env=False)


class _Heard:
    """What has been heard of one answer."""

    def __init__(self, thinks_first: bool) -> None:
        self._thoughts = _Thoughts(thinks_first)
        self.anything = False
        self.length = 0  # characters that came out
        self.finish = ""
        self.usage: Usage | None = None

    @property
    def thinks_first(self) -> bool:
        return self._thoughts.unopened

    def take(self, chunk: AIMessageChunk) -> str:
        """The text that a chunk adds to the answer."""
        self.anything = True
        text = self._given(self._thoughts.feed(chunk.text))
        self.finish = chunk.response_metadata.get("finish_reason") or self.finish
        if cost := chunk.usage_metadata:
            self.usage = Usage(cost["input_tokens"], cost["output_tokens"])
        return text

    def rest(self) -> str:
        """The text that was held back, once no chunk follows."""
        return self._given(self._thoughts.rest())

    def _given(self, text: str) -> str:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        if not self.length:
            text = text.lstrip()
        text = text[: MOST - self.length]
        self.length += len(text)
        return text

    def check(self) -> None:
        """RemoteError unless this is a whole answer, or one cut off for its length."""
        if not self.finish:  # some servers close the connection in good form when they break down
            raise RemoteError(BROKEN if self.length else EMPTY, passing=not self.length)
        if not self.length:
            known = {"length": THOUGHT, "content_filter": FILTERED}
            raise RemoteError(known.get(self.finish, EMPTY), passing=self.finish not in known)


class _Thoughts:
    """Takes `<think>…</think>` out of a growing text, wherever it is cut into pieces.

    The prompt of some models opens the tag for them, so that only `</think>` comes. That is noticed when it is too
    late, and remembered: `open` says that an answer is to begin with thoughts, until a tag closes them or it ends.
    """

    def __init__(self, open: bool) -> None:
        self._thinking = self._doubtful = open
        self._doubt = ""  # what counts as thoughts only if a tag closes them
        self._held = ""
        self._begun = False
        self.unopened = open

    def feed(self, text: str) -> str:
        """What further text gives; the beginning of a tag is held back."""
        self._held += text
        given, at = "", 0
        for tag in _TAG.finditer(self._held):
            given += self._taken(self._held[at : tag.start()])
            if tag[0] == "</think>" and not self._thinking:
                given = self._noticed()
            self._thinking, self._doubtful, at = tag[0] == "<think>", False, tag.end()
        tail = self._held[at:]
        begun = _BEGUN.search(tail)
        self._held = begun[0] if begun else ""
        given += self._taken(tail[: len(tail) - len(self._held)])
        self._begun |= bool(given.strip())
        return given

    def rest(self) -> str:
        """What is left at the end."""
        tail = self._taken(self._held)
        return (self._doubt if self._doubtful else "") + tail

    def _taken(self, text: str) -> str:
        if self._doubtful:
            self._doubt = (self._doubt + text)[:MOST]
        return "" if self._thinking else text

    def _noticed(self) -> str:
        """All that came so far was thought; RemoteError if some of it went out as text."""
        self.unopened = True
        if self._begun:
            raise RemoteError(MIXED)
        return ""
