"""Trains a reader by a recipe.

    python -m training.reader.train RECIPE [--sources FOLDER] [--out FOLDER]

Writes a checkpoint every few minutes; the same command goes on from the last one. The averaged weights stand in
`<out>/<recipe>.pt` at the end.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from tqdm import tqdm

from assistant.models.encoder import TOKENISER
from assistant.models.files import WEIGHTS
from training.export import OUTLIER_LAYERS
from training.network import Dense
from training.reader.batches import Batch, batches
from training.reader.losses import losses
from training.reader.mixing import Mixer
from training.reader.network import Reader, new_reader
from training.reader.recipes import RECIPES, Recipe
from training.reader.sources import DRAFTED, OUT, Sources

CHECKPOINT_SECONDS = 300
PUBLISHED = tuple(f"layers.{n}.narrow" for n in OUTLIER_LAYERS)  # whose 4-bit blocks the export keeps


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, or go on with, one recipe."""
    options = _options(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    sources = Sources(options.sources, drafted_file=options.out / DRAFTED)
    Training(options.recipe, sources, options.out).run()


class Training:
    """One run: the network, its optimiser and how far it is."""

    def __init__(self, name: str, sources: Sources, out: Path) -> None:
        self.name, self.recipe, self.out = name, RECIPES[name], out
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.manual_seed(self.recipe.seed)
        self.tokeniser = plain_tokeniser()
        self.mixer = Mixer(sources, self.recipe.mix)
        self.reader = new_reader(self.recipe.layers)
        if self.recipe.start:
            self.reader.load_state_dict(torch.load(out / f"{self.recipe.start}.pt"))
        self.teacher = load(out / f"{self.recipe.teacher}.pt") if self.recipe.teacher else None
        parts = _parts(self.reader, self.recipe)
        self.reader.to(self.device)
        self.trained = {k: p for k, p in self.reader.named_parameters() if p.requires_grad}
        self.average = {k: v.detach().clone() for k, v in self.reader.state_dict().items()}
        self.optimiser = torch.optim.AdamW(parts, weight_decay=0.01, fused=True)
        self.rates = [part["lr"] for part in parts]
        self.step = 0

    def run(self) -> None:
        """Train to the end; ask again after an interruption and it goes on."""
        todo = [made for epoch in range(self.recipe.epochs) for made in self._epoch(epoch)]
        self._resume()
        saved = time.monotonic()
        bar = tqdm(todo[self.step :], initial=self.step, total=len(todo), desc=self.name, mininterval=20)
        seen: dict[str, float] = {}
        for batch in bar:
            for number, part in enumerate(self.optimiser.param_groups):
                part["lr"] = self.rates[number] * _share(self.recipe, self.step / len(todo))
            if self.step >= (1 - self.recipe.rounded) * len(todo):
                self._round()
            for key, value in self._learn(batch).items():
                seen[key] = 0.98 * seen.get(key, value) + 0.02 * value
            self.step += 1
            bar.set_postfix({k: f"{v:.3f}" for k, v in seen.items()}, refresh=False)
            if time.monotonic() - saved > CHECKPOINT_SECONDS:
                self._save()
                saved = time.monotonic()
        self._save()
        torch.save(self.average, self.out / f"{self.name}.pt")
        notes = {"recipe": asdict(self.recipe), "steps": len(todo), "losses": seen}
        (self.out / f"{self.name}.json").write_text(json.dumps(notes, indent=1))
        (self.out / f"{self.name}.part").unlink()

    def _round(self) -> None:
        """From here on the network sees itself as the 8-bit file will be."""
        for name, part in self.reader.named_modules():
            if isinstance(part, Dense) and name not in PUBLISHED:
                part.rounded = True

    def _epoch(self, epoch: int) -> Iterator[Batch]:
        rng = random.Random(f"{self.recipe.seed} {epoch}")
        yield from batches(self.tokeniser, self.mixer.epoch(rng), self.recipe.pieces, rng)

    def _learn(self, batch: Batch) -> dict[str, float]:
        self.reader.train()
        with torch.autocast(self.device.type, torch.bfloat16):
            found = losses(self.reader, batch, self.device, self.teacher)
        total = torch.stack(list(found.values())).sum()
        self.optimiser.zero_grad(set_to_none=True)
        total.backward()
        nn.utils.clip_grad_norm_(self.reader.parameters(), 1.0)
        self.optimiser.step()
        keep = min(self.recipe.averaged, (1 + self.step) / (10 + self.step))
        for key, value in self.trained.items():
            self.average[key].lerp_(value.detach(), 1 - keep)
        return {key: float(value.detach()) for key, value in found.items()}

    def _save(self) -> None:
        state = {
            "step": self.step,
            "reader": self.reader.state_dict(),
            "average": self.average,
            "optimiser": self.optimiser.state_dict(),
        }
        new = self.out / f"{self.name}.new"
        torch.save(state, new)
        new.replace(self.out / f"{self.name}.part")

    def _resume(self) -> None:
        part = self.out / f"{self.name}.part"
        if not part.exists():
            return
        state = torch.load(part, map_location=self.device)
        self.step, self.average = state["step"], state["average"]
        self.reader.load_state_dict(state["reader"])
        self.optimiser.load_state_dict(state["optimiser"])


def plain_tokeniser() -> Tokenizer:
    """The encoder's tokeniser, which the reader shares; nothing is cut off."""
    made = Tokenizer.from_file(str(WEIGHTS / TOKENISER))
    made.no_truncation()
    return made


def load(path: Path) -> Reader:
    """A trained reader, ready to read."""
    state: dict[str, Tensor] = torch.load(path, map_location="cpu")
    layers = 1 + max(int(key.split(".")[1]) for key in state if key.startswith("layers."))
    reader = new_reader(layers)
    reader.load_state_dict(state)
    reader.eval()
    return reader


def _parts(reader: Reader, recipe: Recipe) -> list[dict[str, Any]]:
    """Parameters with their rates.

    The word table and the matrices that the export keeps in 4 bits as published are not trained.
    """
    reader.norm_words.requires_grad_(False)
    parts: list[dict[str, Any]] = []
    count = len(reader.layers)
    for number, layer in enumerate(reader.layers):
        trained = number >= recipe.frozen * count // 12
        for name, parameter in layer.named_parameters():
            kept = count == 12 and f"layers.{number}.{name}" in {f"{part}.weight" for part in PUBLISHED}
            parameter.requires_grad_(trained and not kept)
        rate = recipe.rate * recipe.decay ** (count - 1 - number)
        parts.append({"params": [p for p in layer.parameters() if p.requires_grad], "lr": rate})
    heads = [*reader.span.parameters(), *reader.judge.parameters()]
    return [part for part in parts if part["params"]] + [{"params": heads, "lr": recipe.head_rate}]


def _share(recipe: Recipe, done: float) -> float:
    if done < recipe.warmup:
        return done / recipe.warmup
    return 1 - (1 - recipe.floor) * (done - recipe.warmup) / (1 - recipe.warmup)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recipe", choices=RECIPES)
    parser.add_argument("--sources", type=Path, default=Path("../shared/training"))
    parser.add_argument("--out", type=Path, default=OUT)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
