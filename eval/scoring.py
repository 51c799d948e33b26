"""From a run directory to scores and figures: everything that a table, the report or the gate shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.errors import InputError
from eval.compare import Verdict, compare
from eval.documents import Corpus
from eval.folder import RunFolder
from eval.metrics import score
from eval.summary import Result, Summary, summarise
from eval.systems import OURS, SYSTEMS, in_order
from eval.types import Item


@dataclass(frozen=True, slots=True)
class Scored:
    """One set of a run. `results`, `summaries` and `against` are by system; `against` compares each with ours.

    In `against`, ours is the second: its wins are questions that only ours has right.
    """

    name: str
    title: str
    locked: bool
    items: tuple[Item, ...]
    corpus: Corpus
    results: Mapping[str, Sequence[Result]]
    summaries: Mapping[str, Summary]
    against: Mapping[str, Verdict]


@dataclass(frozen=True, slots=True)
class Run:
    """A run directory scored. `record` is its run.json; `sets` in the order in which they were run."""

    folder: RunFolder
    sets: tuple[Scored, ...]
    record: Mapping[str, Any] = field(default_factory=dict)

    @property
    def systems(self) -> list[str]:
        """The systems that answered at least one set: those of the table in its order, then others."""
        return in_order({system for one in self.sets for system in one.results})

    def set(self, name: str) -> Scored:
        """The set of a name. Raises InputError."""
        found = next((one for one in self.sets if one.name == name), None)
        if found is None:
            raise InputError(f"{self.folder.path} 里没有题集 {name}")
        return found


def title_of(system: str) -> str:
    """A system's name for people."""
    return SYSTEMS[system].title if system in SYSTEMS else system


def score_run(folder: RunFolder) -> Run:
    """Score everything that a directory holds. Raises InputError when its documents are gone or have changed."""
    corpora: dict[str, Corpus] = {}
    sets = []
    for name, told in folder.record["sets"].items():
        if told["documents"] not in corpora:
            corpora[told["documents"]] = folder.corpus(name)
        sets.append(_score_set(folder, name, corpora[told["documents"]]))
    return Run(folder, tuple(sets), folder.record)


def _score_set(folder: RunFolder, name: str, corpus: Corpus) -> Scored:
    told, items = folder.record["sets"][name], folder.items(name)
    evidence = [corpus.evidence(item.evidence) for item in items]
    results: dict[str, list[Result]] = {}
    for system in folder.record["systems"]:
        lines = folder.lines(name, system)
        if lines:
            results[system] = [
                Result(item, lines.get(item.id), score(lines.get(item.id), item, places, corpus))
                for item, places in zip(items, evidence, strict=True)
            ]
    against = {
        system: compare(found, results[OURS])
        for system, found in results.items()
        if system != OURS and OURS in results
    }
    summaries = {system: summarise(found) for system, found in results.items()}
    return Scored(name, told["title"], told["locked"], items, corpus, results, summaries, against)


def write_scores(run: Run) -> None:
    """Keep scores and figures in the run directory."""
    for one in run.sets:
        for system, results in one.results.items():
            run.folder.write_lines(f"results/{one.name}/{system}.jsonl", map(_record, results))
    run.folder.write_json("summary.json", as_json(run))


def as_json(run: Run) -> dict[str, Any]:
    """The figures of a run as a JSON object: by set, then by system."""
    return {
        "record": run.record,
        "sets": {
            one.name: {
                "title": one.title,
                "locked": one.locked,
                "systems": {system: summary.as_json() for system, summary in one.summaries.items()},
                "ours_against": {system: verdict.as_json() for system, verdict in one.against.items()},
            }
            for one in run.sets
        },
    }


def _record(result: Result) -> dict[str, Any]:
    item = result.item
    told = {"id": item.id, "category": item.category, "documents": list(item.documents)}
    return told | result.score.as_json()
