"""How well articles of statutes are ranked for citizens' questions: BM25, vectors, their fusion, and the reader."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from assistant.models.encoder import Encoder
from assistant.models.reader import Passage, Reader
from training.reader.neighbours import BM25, bigrams
from training.reader.sources import LawQuestion, Sources

DEPTH = 20  # articles that the reader reads
SHARES = tuple(round(0.1 * n, 1) for n in range(11))
_RECIPROCAL = 10  # places that count


def measure(reader: Reader, sources: Sources, build: Path) -> dict[str, float]:
    """MRR@10 over the kept-back questions and all articles; the fusion's share is the one that is best for itself."""
    asked = sources.law(kept_back=True)
    ids = list(sources.articles)
    by_words = _word_scores(sources, asked)
    by_vectors = _vector_scores(sources, asked, build)
    found = {"bm25": _mrr(by_words, asked, ids), "vectors": _mrr(by_vectors, asked, ids)}
    mixes = {share: share * by_vectors + (1 - share) * by_words for share in SHARES}
    best = max(mixes, key=lambda share: _mrr(mixes[share], asked, ids))
    found["fusion"] = _mrr(mixes[best], asked, ids)
    read = _read(reader, sources, asked, ids, mixes[best])
    for share in SHARES:
        mixed = [(1 - share) * _scaled(before) + share * _scaled(now) for before, now in read]
        orders = [
            [ids[i] for i in top[np.argsort(-m, kind="stable")]] for (top, m) in _paired(mixes[best], mixed)
        ]
        found[f"reader_{share}"] = _reciprocal(orders, asked)
    return {name: round(value, 4) for name, value in found.items()}


def _read(
    reader: Reader,
    sources: Sources,
    asked: Sequence[LawQuestion],
    ids: Sequence[str],
    scores: NDArray[np.float32],
) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """For each question the scores of its first articles before and after reading."""
    found = []
    for question, row in tqdm(
        list(zip(asked, scores, strict=True)), desc="law", mininterval=10, disable=None
    ):
        top = _top(row)
        passages = [sources.articles[ids[i]] for i in top]
        readings = reader.read(question.question, [Passage(p.where, p.text) for p in passages])
        found.append((row[top], np.array([r.relevance for r in readings], dtype=np.float32)))
    return found


def _paired(
    scores: NDArray[np.float32], mixed: Sequence[NDArray[np.float32]]
) -> list[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    return [(_top(row), m) for row, m in zip(scores, mixed, strict=True)]


def _top(row: NDArray[np.float32]) -> NDArray[np.int64]:
    return np.argsort(-row, kind="stable")[:DEPTH]


def _word_scores(sources: Sources, asked: Sequence[LawQuestion]) -> NDArray[np.float32]:
    index = BM25([bigrams(p.where + p.text) for p in sources.articles.values()])
    return np.stack([_scaled(index.scores(bigrams(q.question))) for q in asked])


def _vector_scores(sources: Sources, asked: Sequence[LawQuestion], build: Path) -> NDArray[np.float32]:
    encoder = Encoder()
    cache = build / f"articles-{encoder.version}.npy"
    if not cache.exists():
        cache.parent.mkdir(parents=True, exist_ok=True)
        texts = [f"{p.where} {p.text}" for p in sources.articles.values()]
        with tqdm(total=len(texts), desc="articles", mininterval=10, disable=None) as bar:
            np.save(cache, encoder.encode_passages(texts, lambda done, _: bar.update(done - bar.n) and None))
    vectors = np.load(cache)
    return np.stack([_scaled(vectors @ encoder.encode_query(q.question)) for q in asked])


def _scaled(row: NDArray[np.float32]) -> NDArray[np.float32]:
    low, high = row.min(), row.max()
    scaled: NDArray[np.float32] = (row - low) / (high - low) if high > low else np.zeros_like(row)
    return scaled


def _mrr(scores: NDArray[np.float32], asked: Sequence[LawQuestion], ids: Sequence[str]) -> float:
    return _reciprocal([[ids[i] for i in _top(row)] for row in scores], asked)


def _reciprocal(orders: Sequence[Sequence[str]], asked: Sequence[LawQuestion]) -> float:
    """Mean reciprocal rank of the first right article among the first ten."""
    ranks = [
        next((n for n, id in enumerate(order[:_RECIPROCAL], 1) if id in q.positive), 0)
        for order, q in zip(orders, asked, strict=True)
    ]
    return float(np.mean([1 / rank if rank else 0.0 for rank in ranks]))
