"""A plain BERT encoder in torch over the packed weights: post-norm layers, exact GELU, mean pooling, length 1."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.e5_weights import Blocks, Weights


class Dense(nn.Module):  # type: ignore[misc]
    """x W + b with W stored as (inputs, outputs), so that the export keeps the matrix under its own name."""

    def __init__(self, matrix: NDArray[np.float32], bias: NDArray[np.float32]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.from_numpy(np.ascontiguousarray(matrix.T)), requires_grad=False)
        self.bias = nn.Parameter(torch.from_numpy(bias.copy()), requires_grad=False)
        self.rounded = False

    def forward(self, x: Tensor) -> Tensor:
        if self.rounded:
            return _rounded_input(x) @ _rounded_weight(self.weight) + self.bias
        return x @ self.weight + self.bias


def _rounded_input(x: Tensor) -> Tensor:
    """x as the 8-bit file sees it, one scale for each text, (batch, length, inputs); gradients pass as if it were not.

    The straight-through estimator of Bengio, Léonard and Courville 2013.
    """
    with torch.no_grad():
        exact = x.detach().float()
        low = exact.amin((1, 2), keepdim=True).clamp(max=0.0)
        step = (exact.amax((1, 2), keepdim=True).clamp(min=0.0) - low).clamp(min=1e-8) / 255
        moved = (((exact - low) / step).round_() * step + low - exact).to(x.dtype)
    return x + moved


def _rounded_weight(weight: Tensor) -> Tensor:
    """The same for a weight, (inputs, outputs): 7 bits with one scale for each output."""
    with torch.no_grad():
        step = weight.abs().amax(0, keepdim=True).clamp(min=1e-8) / 64
        moved = (weight / step).round_() * step - weight
    return weight + moved


class Layer(nn.Module):  # type: ignore[misc]
    """Attention and feed-forward part, each followed by its layer norm. x: (batch, length, hidden)."""

    def __init__(self, weights: Weights, number: int) -> None:
        super().__init__()
        self.heads = weights.shape.heads
        vectors = weights.vectors
        at = f"l{number}."
        self.qkv = Dense(
            joined(weights, number).dense(), np.concatenate([vectors[f"{at}{p}.b"] for p in "qkv"])
        )
        self.out = Dense(weights.matrices[at + "ao.w"].dense(), vectors[at + "ao.b"])
        self.wide = Dense(weights.matrices[at + "fi.w"].dense(), vectors[at + "fi.b"])
        self.narrow = Dense(weights.matrices[at + "fo.w"].dense(), vectors[at + "fo.b"])
        self.norm_attention = norm(weights, at + "aln")
        self.norm_out = norm(weights, at + "oln")

    def forward(self, x: Tensor, mask: Tensor | float) -> Tensor:
        batch, length, hidden = x.shape
        q, k, v = (
            part.reshape(batch, length, self.heads, hidden // self.heads).transpose(1, 2)
            for part in self.qkv(x).chunk(3, dim=-1)
        )
        scores = q @ k.transpose(-1, -2) * (hidden // self.heads) ** -0.5 + mask
        mixed = (scores.softmax(dim=-1) @ v).transpose(1, 2).reshape(batch, length, hidden)
        x = self.norm_attention(x + self.out(mixed))
        return self.norm_out(x + self.narrow(nn.functional.gelu(self.wide(x))))


class Network(nn.Module):  # type: ignore[misc]
    """ids, mask: int64 (batch, length) → float32 (batch, hidden), each row of length 1."""

    def __init__(self, weights: Weights, kept: NDArray[np.int64]) -> None:
        super().__init__()
        table = weights.matrices["emb.word"].take(kept).dense()
        self.words = nn.Parameter(torch.from_numpy(table), requires_grad=False)
        places = weights.vectors["emb.pos"] + weights.vectors["emb.type"][0]
        self.places = nn.Parameter(torch.from_numpy(places), requires_grad=False)
        self.norm_words = norm(weights, "emb.ln")
        self.layers = nn.ModuleList(Layer(weights, n) for n in range(weights.shape.layers))

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        x = self.norm_words(nn.functional.embedding(ids, self.words) + self.places[: ids.shape[1]])
        kept = mask.to(x.dtype)
        hidden_out = (1.0 - kept)[:, None, None, :] * torch.finfo(torch.float32).min
        for layer in self.layers:
            x = layer(x, hidden_out)
        mean = (x * kept[:, :, None]).sum(dim=1) / kept.sum(dim=1, keepdim=True)
        return mean / mean.norm(dim=-1, keepdim=True)


def joined(weights: Weights, number: int) -> Blocks:
    """Query, key and value matrix of a layer as one of (3 hidden, hidden): one product instead of three."""
    parts = [weights.matrices[f"l{number}.{name}.w"] for name in "qkv"]
    return Blocks(np.concatenate([p.codes for p in parts]), np.concatenate([p.scales for p in parts]))


def norm(weights: Weights, name: str) -> nn.LayerNorm:
    """A layer norm with the weights of that name."""
    made = nn.LayerNorm(weights.shape.hidden, eps=weights.shape.epsilon)
    made.weight = nn.Parameter(torch.from_numpy(weights.vectors[name + ".w"].copy()), requires_grad=False)
    made.bias = nn.Parameter(torch.from_numpy(weights.vectors[name + ".b"].copy()), requires_grad=False)
    return made
