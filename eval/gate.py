"""The gate: a committed file of expected figures, and whether a run has fallen short of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.errors import FormatError, InputError
from assistant.exchange import write_whole
from eval.scoring import Run
from eval.statistics import Interval
from eval.summary import Slice
from eval.systems import OURS

EXPECTED = Path(__file__).parent / "expected.json"
DIGITS = 4
# How far a figure may fall short before the gate shuts, in its own unit. Validity and fidelity may not fall at all.
MARGINS = {
    "correct": 0.01,
    "answered": 0.015,
    "refused": 0.02,
    "recall@5": 0.01,
    "citation_precision": 0.02,
    "citation_recall": 0.02,
    "citation_validity": 0.0,
    "fidelity": 0.0,
}


@dataclass(frozen=True, slots=True)
class Expected:
    """What our system must reach: for each set its figures, and by how much each figure may fall short."""

    margins: Mapping[str, float]
    sets: Mapping[str, Mapping[str, float]]

    def as_json(self) -> dict[str, Any]:
        """A JSON object that `read_expected` reads again."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A figure below what was expected."""

    set: str
    figure: str
    expected: float
    margin: float
    found: float | None


def figures(whole: Slice) -> dict[str, float | None]:
    """The figures that the gate watches, by the names of MARGINS."""
    watched: dict[str, Interval | None] = {
        "correct": whole.correct,
        "answered": whole.answered,
        "refused": whole.refused,
        "recall@5": whole.recall[5],
        "citation_precision": whole.citation_precision,
        "citation_recall": whole.citation_recall,
        "citation_validity": whole.citation_validity,
        "fidelity": whole.fidelity,
    }
    return {name: None if value is None else round(value.value, DIGITS) for name, value in watched.items()}


def shortfalls(run: Run, expected: Expected) -> list[Shortfall]:
    """What our system falls short of, over the sets that both know. Raises InputError when they share none."""
    ours = {one.name: one.summaries[OURS].whole for one in run.sets if OURS in one.summaries}
    common = [name for name in expected.sets if name in ours]
    if not common:
        raise InputError("评测目录里没有预期文件所列的题集（或没有本系统的结果）")
    return [found for name in common for found in _compared(name, expected, ours[name])]


def missing(run: Run, expected: Expected) -> list[str]:
    """Sets that are expected but were not run."""
    there = {one.name for one in run.sets if OURS in one.summaries}
    return [name for name in expected.sets if name not in there]


def read_expected(path: Path) -> Expected:
    """The file of expected figures. Raises InputError, FormatError."""
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        return Expected(
            _numbers(read["margins"]), {name: _numbers(table) for name, table in read["sets"].items()}
        )
    except FileNotFoundError:
        raise InputError(f"找不到预期文件：{path}；用 python -m eval gate 目录 --update 可生成") from None
    except OSError as error:
        raise InputError(f"读不了预期文件 {path}：{error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise FormatError(f"{path} 不是预期文件：应含 margins 和 sets，每一项都是数字") from None


def expected_from(run: Run, earlier: Expected | None = None) -> Expected:
    """What a run gives, as the figures to expect; margins, and sets that were not run, are kept from earlier ones."""
    sets = {
        one.name: {k: v for k, v in figures(one.summaries[OURS].whole).items() if v is not None}
        for one in run.sets
        if OURS in one.summaries
    }
    if earlier is None:
        return Expected(MARGINS, sets)
    return Expected(earlier.margins, {**earlier.sets, **sets})


def write_expected(path: Path, expected: Expected) -> None:
    """Put the file in its place whole, or not at all."""
    write_whole(path, (json.dumps(expected.as_json(), indent=1) + "\n").encode())


def _compared(name: str, expected: Expected, whole: Slice) -> Iterator[Shortfall]:
    found = figures(whole)
    for figure, value in expected.sets[name].items():
        now, margin = found.get(figure), expected.margins.get(figure, 0.0)
        if now is None or now < value - margin - 10**-DIGITS / 2:
            yield Shortfall(name, figure, value, margin, now)


def _numbers(table: Mapping[str, Any]) -> dict[str, float]:
    return {str(name): float(value) for name, value in table.items()}
