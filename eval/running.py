"""Running systems over question sets: resumable, one time limit for each question, nothing asked twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.exchange import PartFile, only_writer
from eval.documents import Corpus
from eval.folder import RunFolder
from eval.systems import Entry, Place
from eval.types import QuestionSet
from eval.worker import SystemUnusable, Worker

Progress = Callable[[str, int, int], None]
LIMIT = 60.0  # seconds for one question


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did: where an outdated directory of the same name was put, which systems were left out because a
    package is missing, and which could not be opened; both with the reason."""

    kept: Path | None
    missing: Mapping[str, str]
    failed: Mapping[str, str]


def run(
    sets: Sequence[QuestionSet],
    systems: Sequence[Entry],
    folder: RunFolder,
    *,
    limit: float = LIMIT,
    progress: Progress,
) -> Outcome:
    """Ask every system every question and keep the answers in the directory.

    Interrupted at any point, the same call goes on where it stopped. `progress` receives what is going on, how many
    questions of it are done, and of how many. Raises InputError for what cannot be asked or written.
    """
    folder.path.parent.mkdir(parents=True, exist_ok=True)
    with only_writer(folder.path):
        folder.reload()
        by_folder = {one.corpus: Corpus(one.corpus) for one in sets}
        kept = folder.prepare(sets, {one.name: by_folder[one.corpus] for one in sets})
        missing: dict[str, str] = {}
        failed: dict[str, str] = {}
        for entry in systems:
            if not entry.installed:
                missing[entry.name] = entry.lacks
                continue
            try:
                for one in sets:
                    _answer_set(one, entry, folder, limit, progress)
            except SystemUnusable as error:
                failed[entry.name] = str(error)
    return Outcome(kept, missing, failed)


def _answer_set(one: QuestionSet, entry: Entry, folder: RunFolder, limit: float, progress: Progress) -> None:
    out = folder.answers(one.name, entry.name)
    if entry.name not in folder.record["systems"]:
        folder.record["systems"][entry.name] = entry.title
        folder.save()
    if out.is_file():
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    scratch = folder.scratch(one.name)
    scratch.mkdir(parents=True, exist_ok=True)
    what = f"{one.title} · {entry.title}"
    questions = [(item.id, item.question) for item in one.items]
    with PartFile(out, folder.key(one.name, entry.name)) as part:
        progress(what, len(part), len(one.items))
        with Worker(entry, Place(one.corpus, scratch), limit) as worker:
            for done, item in enumerate(one.items, start=1):
                if part.done(item.id, item.question.text) is None:
                    part.append(worker.ask(item))
                progress(what, done, len(one.items))
        part.finish(questions)
