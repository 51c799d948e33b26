"""Tokens that a language model read and wrote for answers, and what they cost."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from assistant.errors import InputError

_MILLION = 1e6


@dataclass(frozen=True, slots=True)
class Price:
    """Yuan for a million tokens read (`prompt`) and for a million written (`completion`)."""

    prompt: float
    completion: float

    @classmethod
    def parse(cls, text: str) -> Price:
        """The price written as “read,written”, such as 2,8. Raises InputError."""
        try:
            prompt, completion = (float(part) for part in text.replace("，", ",").split(","))
        except ValueError:
            prompt = completion = math.nan
        if not (0 <= prompt < math.inf and 0 <= completion < math.inf):
            raise InputError(f"--price 应是读、写每百万词元的价格（元），如 2,8；现在是 {text}")
        return cls(prompt, completion)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens read (`prompt`) and written (`completion`) for the `answers` that tell them; means are over those alone."""

    answers: int
    prompt: int
    completion: int
    mean_prompt: float
    mean_completion: float

    def cost(self, price: Price) -> float:
        """What all of it cost, in yuan."""
        return (self.prompt * price.prompt + self.completion * price.completion) / _MILLION


def tokens_of(lines: Iterable[Mapping[str, Any] | None]) -> Tokens | None:
    """What answer lines tell of their tokens (`usage`); None when none tells any."""
    told = [counts for line in lines if line is not None and (counts := _counts(line.get("usage")))]
    if not told:
        return None
    prompt, completion = (sum(counts) for counts in zip(*told, strict=True))
    return Tokens(len(told), prompt, completion, prompt / len(told), completion / len(told))


def yuan(cost: float) -> str:
    """An amount in yuan as text, with digits enough for what costs little."""
    return f"{cost:,.2f}" if cost >= 0.1 or not cost else f"{cost:.4f}"


def _counts(usage: Any) -> tuple[int, int] | None:
    """Both counts; None unless they are such, since any system may write the line."""
    if not isinstance(usage, Mapping):
        return None
    found = [usage.get(key) for key in ("prompt", "completion")]
    if all(isinstance(count, int) and not isinstance(count, bool) and count >= 0 for count in found):
        return found[0], found[1]  # type: ignore[return-value]
    return None
