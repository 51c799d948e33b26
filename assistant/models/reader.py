"""Reads a question beside passages: where the answer stands, how well a passage answers, and whether it does.

Like the encoder, each window runs alone on one thread and several threads run at a time, so what is read in a passage
depends on nothing but the question and that passage.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.models.files import WEIGHTS
from assistant.models.reading import PASSAGE, Pieces, rows
from assistant.models.sessions import LocalModel

DESCRIPTION, NETWORK, TOKENISER = "reader.toml", "reader.onnx", "encoder-tokenizer.json"
LONGEST = 96  # pieces of a span
MOST_SPANS = 8
NOTHING = -20.0  # relevance of a passage without a character
_FIRST_LOOK = 4  # passages read before it may be enough
_READINGS_KEPT = 2048
_LENGTH = 0.99  # for each piece more: of two spans believed alike, the shorter


@dataclass(frozen=True, slots=True)
class Passage:
    """What is read: a text, and the words of its place (title, headings, speaker)."""

    place: str
    text: str


@dataclass(frozen=True, slots=True)
class FoundSpan:
    """A stretch of a passage's characters that may answer; `probability` that it does, given that the passage does."""

    start: int
    end: int
    probability: float


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """One passage read for one question.

    `answerable` is the probability that the passage answers, `relevance` a score to order passages by (higher is
    better, no unit), `spans` where the answer may stand, best first, none overlapping another.
    """

    relevance: float
    answerable: float
    spans: tuple[FoundSpan, ...]
    _offsets: NDArray[np.int32]  # (pieces, 2)
    _belief: NDArray[np.float32]  # (pieces,), of sum 1 unless the passage is empty

    def share(self, start: int, end: int) -> float:
        """How much of the belief about where the answer begins and ends lies in the characters start:end, 0 … 1."""
        inside = (self._offsets[:, 0] < end) & (self._offsets[:, 1] > start)
        return float(self._belief[inside].sum())


@dataclass(frozen=True, slots=True)
class _Description:
    version: str
    answerable: tuple[float, float]  # factor and summand of the logit
    span: tuple[float, float]


class Reader:
    """The local reader; everything is loaded on first use, and threads may share it.

    `threads` windows are read at a time. `path` is the folder that holds reader.toml and the files it names.
    """

    def __init__(self, threads: int = 2, path: Path = WEIGHTS) -> None:
        if threads < 1:
            raise ValueError(f"a reader needs at least one thread, not {threads}")
        self._threads = threads
        self._model = LocalModel(path / DESCRIPTION, NETWORK, TOKENISER, whole=True)
        self._read = lru_cache(maxsize=_READINGS_KEPT)(self._read_one)

    @property
    def present(self) -> bool:
        """Whether the weights are there: without them the assistant works on without a reader."""
        return self._model.present

    @property
    def version(self) -> str:
        """Names the weights and their calibration."""
        return self._description.version

    def verify(self) -> None:
        """Read every file of the model; ModelError unless their SHA-256 are the ones described."""
        self._model.verify()

    def load(self) -> None:
        """Open the network now, so that the first question does not wait for it. Raises ModelError."""
        self._model.load()

    def read(self, question: str, passages: Sequence[Passage], *, certain: float = 2.0) -> list[Reading]:
        """Readings of the passages, in their order; errors of the model's files are ModelError.

        Once one of them answers with a probability of `certain` or more, the passages behind it are not read, and the
        list is shorter; the first four are read always.
        """
        if not passages:
            return []
        self._model.load()  # before any thread starts, so that a missing file is reported once
        if len(passages) == 1:
            return [self._read(question, passages[0])]
        found: list[Reading] = []
        step = max(self._threads, _FIRST_LOOK)
        with ThreadPoolExecutor(min(self._threads, len(passages)), "reader") as pool:
            for at in range(0, len(passages), step):
                found += pool.map(lambda p: self._read(question, p), passages[at : at + step])
                if max(reading.answerable for reading in found) >= certain:
                    break
        return found

    def _read_one(self, question: str, passage: Passage) -> Reading:
        session, tokeniser = self._model.load()
        windows = [
            _Window(pieces, *_run(session, pieces))
            for pieces in rows(tokeniser, question, passage.place, passage.text)
        ]
        return _joined(windows, passage.text, self._description)

    @cached_property
    def _description(self) -> _Description:
        def read(table: Mapping[str, Any]) -> _Description:
            found = table["calibration"]
            answerable, span = ((float(found[n][0]), float(found[n][1])) for n in ("answerable", "span"))
            return _Description(str(table["version"]), answerable, span)

        return self._model.described(read)


@dataclass(frozen=True, slots=True, eq=False)
class _Window:
    """What the network says of one window; start and end are logits over the pieces of the passage."""

    pieces: Pieces
    start: NDArray[np.float32]
    end: NDArray[np.float32]
    relevance: float
    answerable: float


def _run(session: Any, pieces: Pieces) -> tuple[NDArray[np.float32], NDArray[np.float32], float, float]:
    ids = np.array([pieces.ids], dtype=np.int64)
    parts = np.array([pieces.parts], dtype=np.int64)
    start, end, relevance, answerable = session.run(None, {"ids": ids, "parts": parts})
    inside = parts[0] == PASSAGE
    return start[0][inside], end[0][inside], float(relevance[0]), float(answerable[0])


def _joined(windows: Sequence[_Window], text: str, description: _Description) -> Reading:
    """The windows of one passage as one reading: the best judgement counts, and weighs the belief in places."""
    if not any(window.start.size for window in windows):
        return Reading(NOTHING, 0.0, (), np.zeros((0, 2), np.int32), np.zeros(0, np.float32))
    judged = [_calibrated(w.answerable, description.answerable) for w in windows]
    total = sum(judged) or 1.0
    offsets, belief, spans = [], [], []
    for window, answerable in zip(windows, judged, strict=True):
        weight = answerable / total
        start, end = softmax(window.start), softmax(window.end)
        places = [
            o for o, part in zip(window.pieces.offsets, window.pieces.parts, strict=True) if part == PASSAGE
        ]
        offsets += places
        belief += [*((start + end) / 2 * weight)]
        for first, last, score in best_spans(start, end):
            logit = math.log(max(score, 1e-9))
            probability = _calibrated(logit, description.span) * weight
            spans.append(FoundSpan(places[first][0], _with_sign(text, places[last][1]), probability))
    return Reading(
        relevance=max(w.relevance for w in windows),
        answerable=max(judged),
        spans=tuple(_apart(sorted(spans, key=lambda s: -s.probability))),
        _offsets=np.array(offsets, dtype=np.int32).reshape(-1, 2),
        _belief=np.array(belief, dtype=np.float32),
    )


def _with_sign(text: str, end: int) -> int:
    """The end of a span, behind the sign that belongs to its last number: 62 | %."""
    return end + 1 if text[end : end + 1] in ("%", "‰", "％") and text[end - 1].isdigit() else end


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities of sum 1 over the last axis; of nothing, nothing."""
    if not logits.size:
        return logits
    raised: NDArray[np.float32] = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: NDArray[np.float32] = raised / raised.sum(axis=-1, keepdims=True)
    return shares


def best_spans(
    start: NDArray[np.float32], end: NDArray[np.float32], most: int = MOST_SPANS
) -> list[tuple[int, int, float]]:
    """First piece, last piece and probability of the likeliest spans, best first, none overlapping another.

    start, end: (pieces,), each of sum 1; a span's probability is the product of both, as in BERT's reading of SQuAD
    (Devlin and others 2019).
    """
    if not start.size:
        return []
    count = len(start)
    distance = np.arange(count)[None, :] - np.arange(count)[:, None]
    allowed = (distance >= 0) & (distance < LONGEST)
    scores = np.where(allowed, start[:, None] * end[None, :] * _LENGTH ** np.maximum(distance, 0), 0.0)
    found: list[tuple[int, int, float]] = []
    while len(found) < most:
        first, last = divmod(int(scores.argmax()), count)
        if scores[first, last] <= 0.0:
            break
        found.append((first, last, float(start[first] * end[last])))
        scores[: last + 1, first:] = 0.0
    return found


def _apart(spans: Sequence[FoundSpan]) -> Iterator[FoundSpan]:
    taken: list[FoundSpan] = []
    for span in spans:
        if len(taken) < MOST_SPANS and all(span.end <= t.start or span.start >= t.end for t in taken):
            taken.append(span)
            yield span


def _calibrated(logit: float, scale: tuple[float, float]) -> float:
    """Platt's (1999) calibration of a logit: a probability."""
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, scale[0] * logit + scale[1]))))
