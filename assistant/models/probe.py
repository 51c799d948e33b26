"""Whether the configured model servers do what is wanted of them: one short request to each."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assistant.errors import RemoteError
from assistant.models.calls import CHAT, EMBED, RERANK, Part, ask
from assistant.models.configured import Server, chat_for, embeddings_for, reranker_for, servers

if TYPE_CHECKING:
    from assistant.settings import Settings

WELL = "可用（{what}，{seconds:.2f} 秒）"
NAMELESS = "没有设置对话模型的名称：请设置 ASSISTANT_CHAT_MODEL"
OTHER_VECTORS = (
    "连得上，但它的向量（{wanted}）与资料库的（{found}）不能相比：需要重新计算向量，"
    "请运行 python -m assistant ingest --re-embed，或改回原来的设置"
)
OFFERED = "；服务提供的模型：{names}"
_LISTING_SECONDS = 10.0
_LISTED = 5  # models named in a line
_LONGEST = 80  # characters of a model's name
_FEW_TOKENS = 16
_GREETING = "你好"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one address gave: `said` is a line of Chinese, `address` bears no credentials."""

    name: str
    address: str
    ok: bool
    said: str


def probe(settings: Settings, embedder: str = "") -> list[Finding]:
    """One finding for each configured address, in the order chat model, embeddings, reranker.

    `embedder` is the version of the library's vectors, empty where there is no library. Each address may take as long
    as its time limit; a failure that may pass is not waited out.
    """
    configured = [server for server in servers(settings) if server.url]
    if configured:
        import langchain_openai  # noqa: F401 - loading it takes seconds that are not the servers'
    once = settings.model_copy(update={"chat_retries": 0, "embed_retries": 0})
    return [_finding(server, once, embedder) for server in configured]


def _finding(server: Server, settings: Settings, embedder: str) -> Finding:
    start = time.perf_counter()
    try:
        what = _CHECKS[server.part](settings, embedder)
    except RemoteError as error:
        return Finding(server.part.name, server.address, False, f"{error}{_offered(error, server)}")
    well = WELL.format(what=what, seconds=time.perf_counter() - start)
    return Finding(server.part.name, server.address, True, well)


def _chat(settings: Settings, _embedder: str) -> str:
    from langchain_core.messages import HumanMessage

    from assistant.models.chat import THOUGHT

    if not settings.chat_model:
        raise RemoteError(NAMELESS)
    server = chat_for(settings, max_tokens=_FEW_TOKENS)
    try:
        with closing(server.stream([HumanMessage(_GREETING)])) as pieces:
            next(pieces)
    except RemoteError as error:
        if str(error) != THOUGHT:  # a model that thinks before it speaks has answered as well
            raise
    return settings.chat_model


def _embed(settings: Settings, embedder: str) -> str:
    embeddings = embeddings_for(settings)
    wanted = embeddings.version
    if embedder and embedder != wanted:
        raise RemoteError(OTHER_VECTORS.format(wanted=wanted, found=embedder))
    agrees = "，与资料库一致" if embedder else ""
    return f"{settings.embed_model}，{embeddings.dimension} 维{agrees}"


def _rerank(settings: Settings, _embedder: str) -> str:
    reranker = reranker_for(settings)
    assert reranker is not None
    reranker.scores(_GREETING, [_GREETING])
    return settings.rerank_model or "未指定模型"


_CHECKS: dict[Part, Callable[[Settings, str], str]] = {CHAT: _chat, EMBED: _embed, RERANK: _rerank}


def _offered(error: RemoteError, server: Server) -> str:
    """The models that the server offers, where the error is about the model's name and the server tells."""
    if f"{server.part.prefix}_MODEL" not in str(error):
        return ""
    base = server.url.rstrip("/")
    if server.part is RERANK:
        base = base.rpartition("/")[0]
    try:
        listed = ask(f"{base}/models", part=server.part, key=server.key, seconds=_LISTING_SECONDS)
    except RemoteError:
        return ""
    names = _names(listed)
    more = f" 等 {len(names)} 个" if len(names) > _LISTED else ""
    return OFFERED.format(names="、".join(names[:_LISTED]) + more) if names else ""


def _names(listed: Any) -> list[str]:
    """The names in a list of models; none where it is something else."""
    rows = listed.get("data") if isinstance(listed, dict) else None
    return [str(row["id"])[:_LONGEST] for row in rows or () if isinstance(row, dict) and "id" in row]
