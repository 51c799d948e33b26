"""Turns examples into tensors: question, place and passage as one row of pieces."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor

from assistant.models.reading import Pieces, rows
from training.reader.types import Example, Group, Stretch

_NEAR = 32  # groups of like length are sought among this many batches' worth


@dataclass(frozen=True, slots=True)
class Row:
    """One example in pieces; `targets` are the first and last piece of each span."""

    pieces: Pieces
    targets: tuple[tuple[int, int], ...]
    example: Example


@dataclass(frozen=True, slots=True)
class Batch:
    """ids, parts, mask: (rows, length); starts, ends: (rows, length), each row of sum 1 or 0; the others (rows,).

    `groups` gives each row the number of its group, `firsts` says whether it must come first there, `ranked` whether
    the group is ranked at all.
    """

    ids: Tensor
    parts: Tensor
    mask: Tensor
    starts: Tensor
    ends: Tensor
    answerable: Tensor
    sure: Tensor
    groups: Tensor
    firsts: Tensor
    ranked: Tensor


def row(tokeniser: Tokenizer, example: Example) -> Row:
    """An example in pieces; a span that the window cuts off is left out."""
    pieces = rows(tokeniser, example.question, example.passage.where, example.passage.text)[0]
    targets = tuple(t for span in example.spans if (t := _target(pieces, span)) is not None)
    return Row(pieces, targets, example)


def batches(tokeniser: Tokenizer, groups: Sequence[Group], most: int, rng: random.Random) -> Iterator[Batch]:
    """Batches of at most `most` pieces, padding included; groups of like length stand together."""
    order = list(groups)
    rng.shuffle(order)
    made = [[row(tokeniser, e) for e in group.examples] for group in order]
    numbered = list(zip(order, made, strict=True))
    found: list[list[tuple[Group, list[Row]]]] = []
    for at in range(0, len(numbered), _NEAR * 16):
        near = sorted(numbered[at : at + _NEAR * 16], key=lambda pair: _longest(pair[1]))
        found += _packed(near, most)
    rng.shuffle(found)
    for chosen in found:
        yield collate(chosen)


def collate(chosen: Sequence[tuple[Group, Sequence[Row]]]) -> Batch:
    """Groups as one batch."""
    made_rows = [
        (number, group, place, r)
        for number, (group, made) in enumerate(chosen)
        for place, r in enumerate(made)
    ]
    ids, parts, mask = stack([r.pieces for _, _, _, r in made_rows])
    starts, ends = torch.zeros(ids.shape), torch.zeros(ids.shape)
    for at, (_, _, _, r) in enumerate(made_rows):
        for first, last in r.targets:
            starts[at, first] += 1 / len(r.targets)
            ends[at, last] += 1 / len(r.targets)
    return Batch(
        ids,
        parts,
        mask,
        starts,
        ends,
        answerable=torch.tensor([float(r.example.answerable) for _, _, _, r in made_rows]),
        sure=torch.tensor([r.example.sure for _, _, _, r in made_rows]),
        groups=torch.tensor([number for number, _, _, _ in made_rows]),
        firsts=torch.tensor([place == 0 for _, _, place, _ in made_rows]),
        ranked=torch.tensor([group.ranked and len(group.examples) > 1 for _, group, _, _ in made_rows]),
    )


def stack(pieces: Sequence[Pieces]) -> tuple[Tensor, Tensor, Tensor]:
    """ids, parts and mask of several rows, (rows, longest)."""
    longest = max(len(p.ids) for p in pieces)
    ids = torch.ones((len(pieces), longest), dtype=torch.int64)
    parts, mask = torch.zeros_like(ids), torch.zeros_like(ids)
    for at, p in enumerate(pieces):
        ids[at, : len(p.ids)] = torch.tensor(p.ids)
        parts[at, : len(p.ids)] = torch.tensor(p.parts)
        mask[at, : len(p.ids)] = 1
    return ids, parts, mask


def _target(pieces: Pieces, span: Stretch) -> tuple[int, int] | None:
    touched = [i for i, (s, e) in enumerate(pieces.offsets) if e > s and s < span[1] and e > span[0]]
    if not touched or pieces.offsets[touched[-1]][1] < span[1]:
        return None
    return touched[0], touched[-1]


def _longest(rows: Sequence[Row]) -> int:
    return max(len(r.pieces.ids) for r in rows)


def _packed(pairs: Sequence[tuple[Group, list[Row]]], most: int) -> Iterator[list[tuple[Group, list[Row]]]]:
    now: list[tuple[Group, list[Row]]] = []
    longest = rows = 0
    for pair in pairs:
        longest, rows = max(longest, _longest(pair[1])), rows + len(pair[1])
        if now and longest * rows > most:
            yield now
            now, longest, rows = [], _longest(pair[1]), len(pair[1])
        now.append(pair)
    if now:
        yield now
