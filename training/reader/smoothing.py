"""Moves outliers of activations into the weights, so that eight bits hold both (SmoothQuant, Xiao and others 2023).

A channel of a matrix's input is divided by s and the matrix's row multiplied by it, with s the geometric mean of the
channel's largest activation and the inverse of the row's largest weight. The product stays what it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from assistant.models.reading import Pieces
from training.export import OUTLIER_LAYERS
from training.network import Dense
from training.reader.batches import stack
from training.reader.network import Reader

_LEAST = 1e-3


def smooth(reader: Reader, sample: Sequence[Pieces]) -> None:
    """Smooth the inputs of all matrices that are exported in eight bits, by what they are in a sample of rows."""
    chosen = [
        dense
        for number, layer in enumerate(reader.layers)
        for name, dense in layer.named_children()
        if isinstance(dense, Dense) and not (name == "narrow" and number in OUTLIER_LAYERS)
    ]
    with torch.no_grad(), _watched(chosen) as largest:
        for row in sample:
            reader(*stack([row])[:2])
        for dense, most in zip(chosen, largest, strict=True):
            rows = dense.weight.abs().amax(dim=1).clamp(min=_LEAST)
            scale = (most.clamp(min=_LEAST) / rows).sqrt()
            scale = scale / scale.mean()
            dense.weight.mul_(scale[:, None])
            dense.smoothing = nn.Parameter(1 / scale, requires_grad=False)


@contextmanager
def _watched(chosen: Sequence[Dense]) -> Iterator[list[Tensor]]:
    """The largest absolute input of each channel, kept up to date while the network runs."""
    largest = [torch.zeros(dense.weight.shape[0]) for dense in chosen]

    def look(number: int, _: nn.Module, inputs: tuple[Any, ...]) -> None:
        largest[number] = torch.maximum(largest[number], inputs[0].abs().flatten(0, -2).amax(dim=0))

    hooks = [dense.register_forward_pre_hook(partial(look, n)) for n, dense in enumerate(chosen)]
    try:
        yield largest
    finally:
        for hook in hooks:
            hook.remove()
