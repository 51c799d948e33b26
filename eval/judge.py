"""A language model as the judge of answers, beside the scoring rule, and how far the two agree.

Only answers to answerable questions are judged: refusals and errors are right or wrong by their status, whoever judges.
What the model says is kept as it is said; whatever is no verdict in the form asked for counts as none. The scores of a run
never depend on it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from assistant.errors import RemoteError
from assistant.exchange import PartFile, read_records
from assistant.search.untrusted import as_data
from assistant.terminal.failures import one_line
from assistant.types import Question, Status
from eval.folder import RunFolder
from eval.metrics import without_marks
from eval.scoring import Scored
from eval.statistics import Interval, wilson
from eval.summary import Result
from eval.types import Item

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

    from assistant.prompts import Prompt

VARIABLES = frozenset({"question", "reference", "facts", "answer"})
RIGHT, WRONG, OPEN = "对", "错", "未判"
PATIENCE = 3  # failures of the server in a row after which it is not asked any more
LONGEST = 200  # characters of a reason
_VERDICT = re.compile(rf"({RIGHT}|{WRONG})[：:][ \t]*(\S[^\r\n]{{0,{LONGEST - 1}}})")
_SPEAKERS = {"user": "用户", "assistant": "助手"}
_JUDGED = "judged"

Line = dict[str, Any]
Progress = Callable[[int, int], None]


class Server(Protocol):
    """What is needed of a chat server."""

    def invoke(self, messages: Sequence[BaseMessage]) -> str:
        """A short answer. Raises RemoteError."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the judge says of one answer: RIGHT, WRONG or OPEN, and why; for OPEN, what came instead."""

    id: str
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """The judge beside the rule. `table[i][j]` counts answers that the rule and the judge call right (0) or wrong (1).

    `share` of the answers on which both agree, with Wilson's interval. `kappa` is that of Cohen (1960), None where it is
    undefined because neither tells answers apart. `open` answers have no verdict and count nowhere else. `apart` are the
    results on which the two disagree, with the judge's opinion.
    """

    table: tuple[tuple[int, int], tuple[int, int]]
    open: int
    share: Interval
    kappa: float | None
    apart: tuple[tuple[Result, Opinion], ...]

    @property
    def judged(self) -> int:
        """Answers with a verdict."""
        return sum(map(sum, self.table))


class Judge:
    """A chat server with the prompt that makes a judge of it; `model` is its name, by which opinions are told apart."""

    def __init__(self, server: Server, prompt: Prompt, model: str) -> None:
        self._server, self._prompt, self._model = server, prompt, model

    def opinions(self, one: Scored, system: str, folder: RunFolder, progress: Progress) -> list[Opinion]:
        """An opinion on every answer of a system on a set; `progress` receives how many are done, and of how many.

        They are kept in the run directory. One that is there already, of the same model on the same words, is not asked
        for again; what the server failed at is. Raises RemoteError when it fails PATIENCE times in a row.
        """
        out = opinions_file(folder, one.name, system)
        out.parent.mkdir(parents=True, exist_ok=True)
        asked = [result for result in one.results[system] if is_judged(result)]
        kept = {str(line.get("id")): line for _, line in read_records(out)} if out.is_file() else {}
        found, failures = [], 0
        with PartFile(out, {"set": one.name, "system": system, "judge": self._model}) as part:
            for done, result in enumerate(asked):
                progress(done, len(asked))
                item = result.item
                here = part.done(item.id, item.question.text)
                line = self._line(result, [here, kept.get(item.id)])
                if line is not here:
                    part.append(line)
                failures = failures + 1 if line["status"] == Status.ERROR else 0
                if failures == PATIENCE:
                    raise RemoteError(f"{line['reason']}。已有的判断都保存了，再次运行同一命令会接着做")
                found.append(Opinion(item.id, line["verdict"], line["reason"]))
            progress(len(asked), len(asked))
            part.finish([(result.item.id, result.item.question) for result in asked])
        return found

    def _line(self, result: Result, earlier: Sequence[Line | None]) -> Line:
        """The line of an answer: an earlier one, if it tells a verdict on the same words, else a new one."""
        messages = self._prompt.messages(_values(result))
        told = "\0".join([self._model, *(f"{message.type}\0{message.content}" for message in messages)])
        by = hashlib.sha256(told.encode()).hexdigest()[:16]
        for line in earlier:
            if line is not None and line.get("by") == by and line.get("status") == _JUDGED:
                return line
        head = {"id": result.item.id, "question": result.item.question.text, "by": by}
        try:
            verdict, reason = verdict_of(self._server.invoke(messages))
        except RemoteError as error:
            return {**head, "status": Status.ERROR.value, "verdict": OPEN, "reason": str(error)}
        return {**head, "status": _JUDGED, "verdict": verdict, "reason": reason}


def opinions_file(folder: RunFolder, set_name: str, system: str) -> Path:
    """Where the opinions on a system's answers to a set are kept."""
    return folder.path / "judge" / set_name / f"{system}.jsonl"


def is_judged(result: Result) -> bool:
    """Whether an answer is one that a judge is asked about."""
    return result.item.answerable and result.score.status == Status.ANSWERED


def verdict_of(reply: str) -> tuple[str, str]:
    """Verdict and reason of a reply in the form asked for; of any other one OPEN and the reply."""
    found = _VERDICT.fullmatch(reply.strip())
    return (found[1], one_line(found[2])) if found else (OPEN, one_line(reply[:LONGEST]))


def agreement(results: Sequence[Result], opinions: Sequence[Opinion]) -> Agreement:
    """The judge's opinions beside the scores of the same answers."""
    scored = {result.item.id: result for result in results}
    pairs = [(scored[one.id], one) for one in opinions if one.verdict != OPEN]
    counts = [[0, 0], [0, 0]]
    for result, opinion in pairs:
        counts[not result.score.correct][opinion.verdict == WRONG] += 1
    (both, judge_wrong), (rule_wrong, neither) = counts
    return Agreement(
        table=((both, judge_wrong), (rule_wrong, neither)),
        open=len(opinions) - len(pairs),
        share=wilson(both + neither, len(pairs)),
        kappa=_kappa(counts),
        apart=tuple((r, o) for r, o in pairs if r.score.correct != (o.verdict == RIGHT)),
    )


def _kappa(counts: Sequence[Sequence[int]]) -> float | None:
    """Undefined where both give one and the same verdict to all: agreement by chance is then complete too."""
    from statsmodels.stats.inter_rater import cohens_kappa

    if sum(map(sum, counts)) in (0, counts[0][0], counts[1][1]):
        return None
    return float(cohens_kappa(counts, return_results=False))


def _values(result: Result) -> Mapping[str, str]:
    item, line = result.item, result.line or {}
    told = {
        "question": _conversation(item.question),
        "reference": item.reference,
        "facts": _facts(item),
        "answer": without_marks(str(line.get("answer") or "")),
    }
    return {name: as_data(text) for name, text in told.items()}


def _conversation(question: Question) -> str:
    told = [f"{_SPEAKERS.get(turn.role, turn.role)}：{turn.text}" for turn in question.history]
    return "\n".join([*told, f"用户：{question.text}"]) if told else question.text


def _facts(item: Item) -> str:
    return "\n".join(f"{number}. {' ／ '.join(fact)}" for number, fact in enumerate(item.key_facts, start=1))
