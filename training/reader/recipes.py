"""The recipes: what each run trains on, for how long, and from which weights."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mix:
    """How many groups of each source one epoch holds, as shares of the source, and what stands beside the answers.

    `misses` is the share of paragraph and written groups with a passage that does not answer; `rivals` the number of
    other articles beside the right one; `fragments` the share of written pairs that come as single sentences, too;
    `drafted` the share of the questions that come with the assistant's own drafts.
    """

    paragraphs: float = 1.0
    law: float = 1.0
    written: float = 0.0
    misses: float = 0.4
    rivals: int = 2
    fragments: float = 0.0
    drafted: float = 0.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """One training run.

    `rate` is the learning rate of the uppermost layer; each layer below has `decay` times that of the one above, and
    the lowest `frozen` stay as they are. The rate falls in a straight line to `floor` times itself. `teacher` names
    the run that a smaller network learns from. The last share `rounded` of the steps sees weights and activations as
    the 8-bit file will.
    """

    mix: Mix
    epochs: int
    layers: int = 12
    frozen: int = 4
    rate: float = 1e-4
    head_rate: float = 5e-4
    decay: float = 0.92
    floor: float = 0.05
    warmup: float = 0.05
    pieces: int = 2800  # in a batch, padding included
    averaged: float = 0.995  # of the running average of the weights
    start: str = ""  # the run whose weights are the beginning
    teacher: str = ""
    rounded: float = 0.0
    seed: int = 1


RECIPES = {
    "base": Recipe(Mix(), epochs=2, floor=0.3),
    "longer": Recipe(
        Mix(paragraphs=0.5, law=0.5, rivals=3),
        epochs=1,
        rate=8e-5,
        head_rate=3e-4,
        floor=0.3,
        start="base",
        seed=2,
    ),
    "policy": Recipe(
        Mix(paragraphs=0.15, law=0.7, written=1.0, misses=0.5, rivals=3, fragments=0.4),
        epochs=2,
        rate=1e-4,
        head_rate=3e-4,
        start="longer",
        rounded=0.3,
    ),
    "drafts": Recipe(
        Mix(paragraphs=0.05, law=0.2, written=0.35, misses=0.5, rivals=3, fragments=0.2, drafted=1.0),
        epochs=1,
        rate=6e-5,
        head_rate=2e-4,
        start="policy",
        rounded=0.4,
        seed=3,
    ),
}
