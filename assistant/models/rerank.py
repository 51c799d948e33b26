"""A reranking model behind a server: how well each passage answers a question.

Two families of servers take the passages under different names: `texts` (text-embeddings-inference) and `documents`
(Jina, Cohere, vLLM, Xinference). Which one a server belongs to is found out by the first request.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

from assistant.errors import RemoteError
from assistant.models.calls import RERANK, Patience, ask, explained

BATCH = 32  # passages in one request; text-embeddings-inference takes no more unless told to
RETRIES = 1
UNFIT = "重排模型的服务返回的数据不合要求（{what}）：请检查 ASSISTANT_RERANK_URL"
_TEXTS, _DOCUMENTS = "texts", "documents"


class Reranker:
    """Scores from the model behind the full address of a /rerank; threads may share it.

    Nothing is connected to before the first question.
    """

    def __init__(self, url: str, model: str = "", key: str = "", timeout: float = 10.0) -> None:
        self._url, self._model, self._key, self._timeout = url, model, key, timeout
        # Servers of the second family want to know the model.
        self._fields: tuple[str, ...] = (_DOCUMENTS, _TEXTS) if model else (_TEXTS, _DOCUMENTS)

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """One score for each text, in their order: the higher, the better it fits; the scale is the model's own.

        What the server leaves out gets the lowest score of all. It takes at most `timeout` seconds in all. Raises
        RemoteError.
        """
        end = time.monotonic() + self._timeout
        found: dict[int, float] = {}
        for start in range(0, len(texts), BATCH):
            batch = texts[start : start + BATCH]
            patience = Patience(end - time.monotonic(), RETRIES)
            scored = patience.run(lambda left, batch=batch: self._scored(query, batch, left))  # type: ignore[misc]
            found |= {start + place: score for place, score in scored.items()}
        lowest = min(found.values(), default=0.0)
        return [found.get(place, lowest) for place in range(len(texts))]

    def _scored(self, query: str, texts: Sequence[str], seconds: float) -> dict[int, float]:
        """Scores by the texts' places. A request refused for good is made in the other family's way."""
        end, refusal = time.monotonic() + seconds, None
        for field in self._fields:
            if (left := end - time.monotonic()) <= 0:
                raise explained(TimeoutError(), RERANK)
            body = self._body(field, query, texts)
            try:
                reply = ask(self._url, body, part=RERANK, key=self._key, seconds=left)
            except RemoteError as error:
                if error.passing:
                    raise
                refusal = refusal or error
            else:
                self._fields = (field,)
                return _scores(reply, len(texts))
        assert refusal is not None
        raise refusal

    def _body(self, field: str, query: str, texts: Sequence[str]) -> dict[str, object]:
        more: dict[str, object] = {"truncate": True} if field == _TEXTS else {}
        if self._model:
            more["model"] = self._model
        return {"query": query, field: list(texts), **more}


def _scores(reply: Any, count: int) -> dict[int, float]:
    """Scores by place; RemoteError unless each is a finite number for one of the texts."""
    rows = reply.get("results", reply.get("data")) if isinstance(reply, dict) else reply
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise _unfit("没有得分")
    found = {}
    for row in rows:
        place, score = row.get("index"), row.get("relevance_score", row.get("score"))
        if not isinstance(place, int) or not 0 <= place < count or place in found:
            raise _unfit("得分的序号不对")
        if not isinstance(score, int | float) or not math.isfinite(score):
            raise _unfit("得分不是数字")
        found[place] = float(score)
    return found


def _unfit(what: str) -> RemoteError:
    return RemoteError(UNFIT.format(what=what))
