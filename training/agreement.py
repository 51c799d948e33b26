"""How well the written encoder agrees with what it was made from, over passages cut from text files."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.models.encoder import Encoder

CHARACTERS = 80
ENOUGH = 20  # a shorter rest of a file is no passage
SEED = 7


class Original(Protocol):
    """What the written encoder is compared with; texts without prefixes, vectors of length 1."""

    def passage(self, texts: list[str]) -> NDArray[np.float32]:
        """(texts, dimension)."""

    def query(self, texts: list[str]) -> NDArray[np.float32]:
        """(texts, dimension)."""


@dataclass(frozen=True)
class Agreement:
    """Cosines between both encoders' vectors, and how often both find the same nearest passages."""

    passages: int
    mean: float
    lowest: float
    mean_query: float
    same_first: float  # share of passages, asked as a question, with the same nearest other passage
    same_ten: float  # mean share of common members among the ten nearest


def passages(texts: Iterable[Path], rows: Iterable[Path], most: int) -> list[str]:
    """At most `most` passages of 80 characters from text files and from the key `text` of .jsonl.gz files."""
    sources = [path.read_text(encoding="utf-8") for path in sorted(texts)]
    for path in sorted(rows):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            sources += [json.loads(line)["text"] for line in lines]
    bare = (re.sub(r"\s+", "", source) for source in sources)
    cut = [text[i : i + CHARACTERS] for text in bare for i in range(0, len(text), CHARACTERS)]
    cut = [piece for piece in cut if len(piece) >= ENOUGH]
    return random.Random(SEED).sample(cut, min(most, len(cut)))


def compare(encoder: Encoder, original: Original, texts: Sequence[str]) -> Agreement:
    """Encode with both and compare."""
    ours, theirs = encoder.encode_passages(list(texts)), original.passage(list(texts))
    our_queries = np.stack([encoder.encode_query(text) for text in texts])
    their_queries = original.query(list(texts))
    cosines = (ours * theirs).sum(axis=1)
    near, near_theirs = _nearest(our_queries, ours), _nearest(their_queries, theirs)
    common = [len(set(a) & set(b)) / len(a) for a, b in zip(near, near_theirs, strict=True)]
    return Agreement(
        passages=len(texts),
        mean=float(cosines.mean()),
        lowest=float(cosines.min()),
        mean_query=float((our_queries * their_queries).sum(axis=1).mean()),
        same_first=float((near[:, 0] == near_theirs[:, 0]).mean()),
        same_ten=float(np.mean(common)),
    )


def _nearest(queries: NDArray[np.float32], found: NDArray[np.float32]) -> NDArray[np.int64]:
    scores = queries @ found.T
    np.fill_diagonal(scores, -1)
    return np.argsort(-scores, axis=1)[:, :10]
