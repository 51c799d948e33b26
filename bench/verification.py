"""What verification lets through and what it costs, with scripted models that answer the development questions.

    python bench/verification.py [--library DIR] [--questions N] [--timed N] [--list] [--json]

The models are told the key: each gives the reference answer, one with marks that point to passages without the evidence,
one with right marks and one number altered (in digits, or in Chinese numerals), one with right marks and nothing altered.
They speak through a real server on this computer to the whole chain, with the passages that it retrieves. The verifier
alone is given the passages that hold the evidence too, so that what retrieval misses does not count. For the times the
server writes at the pace of a real one.

Ends non-zero when a target is missed. `--list` prints the altered numbers that went out and the sentences dropped.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(ROOT := Path(__file__).resolve().parent.parent))

from assistant.answer.chat import FAILED, UNPROVEN
from assistant.answer.verification import Verifier
from assistant.answer.writing import MARK
from assistant.chain import AnswerChain, build
from assistant.language.numbers import numbers_in
from assistant.search.passages import Passages
from assistant.settings import Settings
from assistant.types import Answer, BlockKind, Span
from eval.dataset import read_items
from eval.documents import Corpus
from eval.metrics import overlaps
from eval.types import Item
from tests.models.server import MODEL, ModelServer, Request, Says

SEED = 5
ROUNDS = 3  # alterations of each answer that the verifier alone is tried with
# Characters that the server writes at once, and seconds before each piece: 50 characters a second, about what a model
# of medium size does, but without its silence before the first one, of which 10 % would hide our own time.
PIECE, PAUSE = 2, 0.04
UNUSABLE = "不改写\n（脚本）"  # for the rewriting of a follow-up, which the rules then do

PRECISION, CAUGHT, DROPPED = 0.90, 1.0, 0.03
OVERHEAD_SHARE, OVERHEAD, SHOWN = 0.10, 0.150, 0.300  # of the model's time; seconds; seconds

_SENTENCE = re.compile(r"[^。！？\n]+[。！？\n]*")
_CLAUSE = re.compile(r"[^，。；、！？\n]+")
_REMARK = re.compile(r"[（(][^（）()]*[）)]")
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_ALIKE = {"digits": "0123456789", "numerals": "一二三四五六七八九"}  # altered to another of its kind
# Altered clauses that the documents say as well: there is nothing to catch.
_TRUE = frozenset({"2023年每千人口拥有3岁以下婴幼儿托位2.5个"})
_FAILED = FAILED.split("（")[0]


@dataclass(frozen=True, slots=True)
class Case:
    """A question with its reference, cut into sentences, and where the evidence stands."""

    item: Item
    sentences: tuple[str, ...]
    evidence: tuple[Span, ...]

    def right(self, spans: Sequence[Span], corpus: Corpus) -> list[bool]:
        """For each span whether it shares half of itself, or of the evidence, with the evidence."""
        return [any(overlaps(span, place, corpus) for place in self.evidence) for span in spans]


@dataclass(slots=True)
class Count:
    """How many of how many; `told` are those that are looked into."""

    good: int = 0
    of: int = 0
    told: list[str] = field(default_factory=list)

    def add(self, good: int, of: int = 1, told: str = "") -> None:
        """Count further ones; `told` when something is to be looked into."""
        self.good, self.of = self.good + good, self.of + of
        self.told += [told] if told else []

    @property
    def share(self) -> float:
        """The share, 0 … 1."""
        return self.good / max(1, self.of)


@dataclass(slots=True)
class Proved:
    """Sentences that went out whole, shortened or not at all, citations that are right, altered numbers that are caught.

    `sentences` is precision without the table headers, headings and titles that are cited beside a sentence for what
    they alone say (a year, a name): hardly a key names them.
    """

    precision: Count = field(default_factory=Count)
    sentences: Count = field(default_factory=Count)
    digits: Count = field(default_factory=Count)
    numerals: Count = field(default_factory=Count)
    dropped: Count = field(default_factory=Count)
    shortened: Count = field(default_factory=Count)
    written: Count = field(default_factory=Count)  # answers that are the model's, not the extractive ones

    def cite(self, case: Case, spans: Sequence[Span], corpus: Corpus, passages: Passages, told: str) -> None:
        """Count the citations of an answer."""
        right = case.right(spans, corpus)
        self.precision.add(sum(right), len(right), "" if all(right) else f"{case.item.id} {told}")
        own = [good for span, good in zip(spans, right, strict=True) if not stands_above(span, passages)]
        self.sentences.add(sum(own), len(own))

    def catch(self, kind: str, case: Case, clause: str, out: str) -> None:
        """Count an altered number: it is caught when its clause is not in what goes out."""
        if clause in _TRUE:
            return
        missed = bare(clause) in bare(out)
        told = f"{case.item.id} {clause} | {case.item.reference}" if missed else ""
        getattr(self, kind).add(not missed, told=told)


def stands_above(span: Span, passages: Passages) -> bool:
    """Whether a span is a title, a heading or the header of a table."""
    blocks = passages.pages(span.doc).blocks
    heads = (block.span for block in blocks if block.kind in (BlockKind.TITLE, BlockKind.HEADING))
    rows = (block.attributes for block in blocks if "header_start" in block.attributes)
    headers = (Span(span.doc, int(row["header_start"]), int(row["header_end"])) for row in rows)
    return span in (*heads, *headers)


class Script:
    """The model: says what it is set to, and notes when it was asked."""

    def __init__(self) -> None:
        self.says: str | list[str] = ""
        self.pause = 0.0
        self.asked: list[float] = []

    def __call__(self, body: dict[str, Any]) -> Says:
        self.asked.append(time.monotonic())
        rewrites = "【最后一问】" in body["messages"][-1]["content"]
        return Says(UNUSABLE if rewrites else self.says, delay=self.pause)


def cases(limit: int, corpus: Corpus) -> list[Case]:
    """The answerable development questions, evenly chosen when there are more than `limit`."""
    items = [item for item in read_items(ROOT / "eval/questions/dev.jsonl") if item.answerable]
    chosen = evenly(items, limit)
    return [
        Case(
            item,
            tuple(_SENTENCE.findall(item.reference)),
            tuple(span for quote in item.evidence for span in corpus.places(quote)),
        )
        for item in chosen
    ]


def evenly(things: Sequence[Any], limit: int) -> list[Any]:
    """At most `limit` of them, at equal distances."""
    step = max(1.0, len(things) / max(1, limit))
    return [things[int(step * number)] for number in range(min(limit, len(things)))]


# Answers as the models write them


def marked(sentence: str, numbers: Sequence[int]) -> str:
    """A sentence with marks before its end."""
    body = sentence.rstrip("。！？\n")
    return body + "".join(f"[{number}]" for number in numbers) + (sentence[len(body) :] or "。")


def bare(text: str) -> str:
    """Words and figures alone."""
    return re.sub(r"[^\w.%％≥≤+-]|_", "", MARK.sub("", text))


def altered(sentence: str, kind: str, chance: random.Random) -> tuple[str, str] | None:
    """The sentence with one character of one number altered, and the clause that holds it; None without such a number."""
    alike = _ALIKE[kind]
    digits = [found.span() for found in _DIGITS.finditer(sentence)]
    numerals = [(n.start, n.end) for n in numbers_in(sentence) if not _DIGITS.search(n.surface)]
    spots = digits if kind == "digits" else numerals
    places = [at for start, end in spots for at in range(start, end) if sentence[at] in alike]
    if not places:
        return None
    at = chance.choice(places)
    leads = at == 0 or not (sentence[at - 1].isdigit() or sentence[at - 1] == ".")
    new = chance.choice([c for c in alike if c != sentence[at] and not (c == "0" and leads)])
    text = sentence[:at] + new + sentence[at + 1 :]
    clause = next(found[0] for found in _CLAUSE.finditer(text) if found.start() <= at < found.end())
    return text, clause


def with_one_altered(case: Case, kind: str, chance: random.Random) -> tuple[list[str], str] | None:
    """The sentences, one of them altered, and the altered clause; None when the reference holds no such number."""
    order = list(range(len(case.sentences)))
    chance.shuffle(order)
    for number in order:
        if found := altered(case.sentences[number], kind, chance):
            said = list(case.sentences)
            said[number] = found[0]
            return said, found[1]
    return None


# The verifier alone


def verify_alone(chain: AnswerChain, found: Sequence[tuple[Case, list[Span]]], corpus: Corpus) -> Proved:
    """Sentence by sentence, with the passages that hold the evidence among those that are offered."""
    state, proved, chance = chain._state(), Proved(), random.Random(SEED)
    verifier = Verifier(state.passages, frozenset(state.catalog.people), state.alike)
    chunks = [chunk.span for chunk in state.passages._texts.all_chunks()]
    for case, retrieved in found:
        gold = [c for c in chunks if any(c.doc == e.doc and c.overlap(e) for e in case.evidence)]
        offered = list(dict.fromkeys([*retrieved, *gold]))
        wrong = [span for span in offered if span not in gold]

        def prove(
            sentence: str, marks: Sequence[Span], offered: list[Span] = offered, case: Case = case
        ) -> Any:
            return verifier.prove(sentence.rstrip("。！？\n"), marks, offered, case.item.question.text)

        cited: dict[Span, None] = {}
        for sentence in case.sentences:
            proof = prove(sentence, gold)
            proved.dropped.add(proof is None, told="" if proof else f"{case.item.id} {sentence}")
            proved.shortened.add(proof is not None and not proof.whole)
            astray = prove(sentence, wrong[:1])
            cited |= dict.fromkeys(astray.spans if astray else ())
        proved.cite(case, list(cited), corpus, state.passages, case.item.reference)
        proved.written.add(bool(cited))
        for kind in list(_ALIKE) * ROUNDS:
            if changed := with_one_altered(case, kind, chance):
                out = [proof.text for s in changed[0] if (proof := prove(s, gold))]
                proved.catch(kind, case, changed[1], "。".join(out))
    return proved


# The whole chain


def retrieved(chain: AnswerChain, cases: Sequence[Case]) -> list[tuple[Case, list[Span]]]:
    """The passages that the model is shown for each question, by their numbers in the prompt."""
    writer = chain._state().writer
    assert writer is not None
    with chain._pinned():
        return [(case, writer._offered(chain._search.invoke(case.item.question).hits)) for case in cases]


def ask_chain(
    chain: AnswerChain, script: Script, found: Sequence[tuple[Case, list[Span]]], corpus: Corpus
) -> Proved:
    """Every question to the whole chain: with wrong marks, with one number altered, with right marks."""
    proved, chance = Proved(), random.Random(SEED)
    for case, offered in found:
        right = case.right(offered, corpus)
        holding = [number for number, good in enumerate(right, start=1) if good]
        others = [number for number, good in enumerate(right, start=1) if not good] or [len(offered) + 1]

        script.says = "".join(marked(s, [chance.choice(others)]) for s in case.sentences)
        answer = chain.invoke(case.item.question)
        own = is_own(answer)
        proved.written.add(own)
        if own:
            spans = [citation.span for citation in answer.citations]
            proved.cite(case, spans, corpus, chain._state().passages, answer.text)

        for kind in _ALIKE:
            if changed := with_one_altered(case, kind, chance):
                script.says = "".join(marked(s, holding) for s in changed[0])
                proved.catch(kind, case, changed[1], own_text(chain.invoke(case.item.question)))

        if holding:  # what is not among the passages cannot be proven
            script.says = "".join(marked(s, holding) for s in case.sentences)
            count_kept(proved, case, own_text(chain.invoke(case.item.question)))
    return proved


def is_own(answer: Answer) -> bool:
    """Whether an answer is what the model wrote, not the extractive one in its place."""
    return answer.usage is not None and UNPROVEN not in answer.notice and _FAILED not in answer.notice


def own_text(answer: Answer) -> str:
    """What goes out of what the model wrote."""
    return answer.text if is_own(answer) else ""


def count_kept(proved: Proved, case: Case, out: str) -> None:
    """Which sentences went out whole, and of which a part."""
    parts = [bare(_REMARK.sub("", part)) for part in _SENTENCE.findall(MARK.sub("", out))]
    for sentence in case.sentences:
        whole = bare(sentence) in bare(out)
        body = bare(_REMARK.sub("", sentence))
        part = not whole and any(one and one in body for one in parts)
        dropped = not whole and not part
        proved.dropped.add(dropped, told=f"{case.item.id} {sentence}" if dropped else "")
        proved.shortened.add(part)


# Times


@dataclass(slots=True)
class Times:
    """Seconds for each question: the model's, our own around it, and until the first sentence is shown once written."""

    model: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    shown: list[float] = field(default_factory=list)

    @property
    def beyond(self) -> float:
        """Median of our own time beyond the share of the model's that it may take."""
        return statistics.median(o - OVERHEAD_SHARE * m for o, m in zip(self.own, self.model, strict=True))


def time_chain(
    chain: AnswerChain,
    server: ModelServer,
    script: Script,
    found: Sequence[tuple[Case, list[Span]]],
    corpus: Corpus,
) -> Times:
    """Stream answers that the server writes at the pace of a model."""
    times = Times()
    script.pause = PAUSE
    for case, offered in found:
        holding = [n for n, good in enumerate(case.right(offered, corpus), start=1) if good]
        text = "".join(marked(s, holding) for s in case.sentences)
        script.says = [text[at : at + PIECE] for at in range(0, len(text), PIECE)]
        script.asked.clear()
        before = len(server.chats)
        start = time.monotonic()
        seen = [(answer, time.monotonic()) for answer in chain.stream(case.item.question)]
        whole = time.monotonic() - start
        requests = server.chats[before:]
        if not requests:  # declined: no model was asked
            continue
        model = sum(one.sent[-1] - asked for one, asked in zip(requests, script.asked, strict=True))
        times.model.append(model)
        times.own.append(whole - model)
        times.shown += first_shown(case, requests[-1], seen, len(marked(case.sentences[0], holding)))
    script.pause = 0.0
    return times


def first_shown(
    case: Case, request: Request, seen: Sequence[tuple[Answer, float]], length: int
) -> Iterator[float]:
    """Seconds from the moment at which the server had written the first sentence to the snapshot that shows it."""
    written = request.sent[-(-length // PIECE) - 1]
    body = bare(_REMARK.sub("", case.sentences[0]))
    for answer, moment in seen:
        first = next(iter(_SENTENCE.findall(MARK.sub("", own_text_so_far(answer)))), "")
        if first and bare(_REMARK.sub("", first)) in body:
            yield moment - written
            return


def own_text_so_far(answer: Answer) -> str:
    """The text of a snapshot; usage comes only with the last one."""
    return "" if answer.notice.startswith((UNPROVEN, _FAILED)) else answer.text


# What is told


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure, what it is over, its target as text, and whether it is met; None where nothing is asked of it."""

    name: str
    told: str
    target: str = ""
    met: bool | None = None


def share_figure(
    where: str, name: str, count: Count, target: str = "", met: Callable[[float], bool] | None = None
) -> Figure:
    """A share as a figure."""
    told = f"{100 * count.share:.1f} % ({count.good}/{count.of})"
    return Figure(f"{where}: {name}", told, target, met(count.share) if met else None)


def figures(alone: Proved, whole: Proved, times: Times) -> list[Figure]:
    """Everything that is measured."""
    rows = []
    for where, proved in (("verifier alone", alone), ("whole chain", whole)):
        told = partial(share_figure, where)
        rows += [
            told("citation precision, wrong marks", proved.precision, "≥ 90 %", lambda s: s >= PRECISION),
            told("the same without headers, headings, titles", proved.sentences),
            told("altered digits caught", proved.digits, "100 %", lambda s: s >= CAUGHT),
            told("altered Chinese numerals caught", proved.numerals, "100 %", lambda s: s >= CAUGHT),
            told("unaltered sentences dropped", proved.dropped, "≤ 3 %", lambda s: s <= DROPPED),
            told("unaltered sentences shortened", proved.shortened),
            told("answers of which a sentence is proven", proved.written),
        ]
    return rows + time_figures(times)


def time_figures(times: Times) -> list[Figure]:
    """What is measured of the times."""
    model, own, shown = map(statistics.median, (times.model, times.own, times.shown))
    late = sorted(times.shown)[int(0.95 * len(times.shown))]
    most = OVERHEAD_SHARE * model + OVERHEAD
    first = "first sentence shown once written"
    return [
        Figure("model's time, median", f"{1000 * model:.0f} ms over {len(times.model)} questions"),
        Figure(
            "our own time around it, median",
            f"{1000 * own:.0f} ms",
            f"≤ 10 % + 150 ms = {1000 * most:.0f} ms",
            times.beyond <= OVERHEAD,
        ),
        Figure(f"{first}, median", f"{1000 * shown:.0f} ms", "≤ 300 ms", shown <= SHOWN),
        Figure(f"{first}, p95", f"{1000 * late:.0f} ms over {len(times.shown)} questions"),
    ]


def measure(library: Path, questions: int, timed: int) -> tuple[Proved, Proved, Times]:
    """The verifier alone, the whole chain, and its times."""
    corpus, script = Corpus(ROOT / "corpus"), Script()
    with ModelServer(script) as server:
        settings = Settings(
            library=library,
            chat_url=server.url,
            chat_model=MODEL,
            chat_retries=0,
            embed_url="",
            rerank_url="",
        )
        chain = build(settings)
        chain.warm()
        found = retrieved(chain, cases(questions, corpus))
        alone = verify_alone(chain, found, corpus)
        whole = ask_chain(chain, script, found, corpus)
        times = time_chain(chain, server, script, evenly(found, timed), corpus)
    return alone, whole, times


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--library", type=Path, default=Settings().library)
    parser.add_argument("--questions", type=int, default=10_000, help="at most so many")
    parser.add_argument("--timed", type=int, default=40, help="questions that the times are taken of")
    parser.add_argument("--list", action="store_true", help="print what went wrong")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    alone, whole, times = measure(arguments.library, arguments.questions, arguments.timed)
    rows = figures(alone, whole, times)
    if arguments.json:
        print(json.dumps({row.name: [row.told, row.target, row.met] for row in rows}, ensure_ascii=False))
    else:
        print("| figure | value | target | met |\n| --- | --- | --- | --- |")
        for row in rows:
            print(
                f"| {row.name} | {row.told} | {row.target} | {'' if row.met is None else 'yes' if row.met else 'NO'} |"
            )
    if arguments.list:
        for where, proved in (("verifier alone", alone), ("whole chain", whole)):
            for what in ("digits", "numerals", "dropped", "precision"):
                for line in getattr(proved, what).told:
                    print(f"{where}, {what}: {line}")
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
