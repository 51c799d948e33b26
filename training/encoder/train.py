"""Fine-tunes the encoder: a question comes nearer to the passage that answers it than to those beside it.

    python -m training.encoder.train [--steps N] [--sources FOLDER] [--out FOLDER]

Minimises InfoNCE (van den Oord and others 2018) within each batch, and beside it how far the vectors move from the
published ones, so that what the encoder knows of other matters stays. Writes `encoder.pt`, the running average of
the weights; interrupted, it begins anew (a run takes some twenty minutes on 2 cores).
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from tqdm import tqdm

from training import vocabulary
from training.encoder.contrast import Contrast, Contrasts
from training.encoder.floats import published, tensors
from training.export import OUTLIER_LAYERS
from training.network import Network
from training.reader.sources import OUT, Sources
from training.reader.train import plain_tokeniser

STEPS, SEED = 200, 1
RATE, DECAY, FROZEN = 4e-5, 0.92, 3  # of the uppermost layer; each below has so much of it; the lowest stay
TEMPERATURE, KEPT = (
    0.02,
    4.0,
)  # of the softmax over cosines; weight of the distance from the published vectors
AVERAGED, WARMUP, FLOOR = 0.99, 0.05, 0.05


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, and write the weights with a note of how."""
    options = _options(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    network = published()
    average, seen = _train(network, Contrasts(Sources(options.sources)), options.steps)
    torch.save(average, options.out / "encoder.pt")
    notes = {"steps": options.steps, "seed": SEED, "rate": RATE, "kept": KEPT, "losses": seen}
    (options.out / "encoder.json").write_text(json.dumps(notes, indent=1))


def _train(network: Network, contrasts: Contrasts, steps: int) -> tuple[dict[str, Tensor], dict[str, float]]:
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    parts = _parts(network)
    old = deepcopy(network).to(device).eval().requires_grad_(False)
    network.to(device)
    average = {name: value.detach().clone() for name, value in network.state_dict().items()}
    optimiser = torch.optim.AdamW(parts, weight_decay=0.01, fused=True)
    rates = [part["lr"] for part in parts]
    tokeniser, seen = plain_tokeniser(), dict[str, float]()
    made = contrasts.batches(steps, random.Random(SEED))
    with tqdm(made, total=steps, desc="encoder", mininterval=10) as bar:
        for step, batch in enumerate(bar):
            for number, part in enumerate(optimiser.param_groups):
                part["lr"] = rates[number] * _share(step / steps)
            with torch.autocast(device.type, torch.bfloat16):
                found = _losses(network, old, tokeniser, batch, device)
            optimiser.zero_grad(set_to_none=True)
            torch.stack(list(found.values())).sum().backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            keep = min(AVERAGED, (1 + step) / (10 + step))
            for name, value in network.named_parameters():
                if value.requires_grad:
                    average[name].lerp_(value.detach(), 1 - keep)
            for name, value in found.items():
                seen[name] = 0.95 * seen.get(name, float(value.detach())) + 0.05 * float(value.detach())
            bar.set_postfix({k: f"{v:.3f}" for k, v in seen.items()}, refresh=False)
    return average, seen


def _losses(
    network: Network, old: Network, tokeniser: Tokenizer, batch: Contrast, device: torch.device
) -> dict[str, Tensor]:
    query, passage = vocabulary.PREFIXES
    asked = tensors(tokeniser, [query + text for text in batch.questions], device)
    told = tensors(tokeniser, [passage + text for text in batch.passages], device)
    questions, passages = network(*asked).float(), network(*told).float()
    with torch.no_grad():
        before = old(*asked).float(), old(*told).float()
    scores = questions @ passages.T / TEMPERATURE
    right = torch.zeros_like(scores, dtype=torch.bool)
    for row, held in enumerate(batch.right):
        right[row, list(held)] = True
    of_right = scores.masked_fill(~right, float("-inf")).logsumexp(-1)
    moved = [1 - (now * then).sum(-1).mean() for now, then in zip((questions, passages), before, strict=True)]
    return {"contrast": (scores.logsumexp(-1) - of_right).mean(), "moved": KEPT * torch.stack(moved).sum()}


def _parts(network: Network) -> list[dict[str, Any]]:
    """What is trained: not the word table, and not the matrices that the export keeps as published."""
    network.norm_words.requires_grad_(False)
    parts = []
    for number, layer in enumerate(network.layers):
        for name, parameter in layer.named_parameters():
            published = number in OUTLIER_LAYERS and name == "narrow.weight"
            parameter.requires_grad_(number >= FROZEN and not published)
        rate = RATE * DECAY ** (len(network.layers) - 1 - number)
        parts.append({"params": [p for p in layer.parameters() if p.requires_grad], "lr": rate})
    return [part for part in parts if part["params"]]


def _share(done: float) -> float:
    if done < WARMUP:
        return done / WARMUP
    return 1 - (1 - FLOOR) * (done - WARMUP) / (1 - WARMUP)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--sources", type=Path, default=Path("../shared/training"))
    parser.add_argument("--out", type=Path, default=OUT)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
