"""Writes down what the assistant sees for each development question, with what would have been right.

    python -m training.answers.collect chunks|sentences|drafts … [--no-reader] [--out FOLDER]

Several stages may be collected in one pass; what a later one sees is then computed with the weights that stand now.
One JSON line for each question: `group`, `answerable`, and `rows` of `{features, right}`. What is right: a chunk that
holds a quote of the key, a sentence that overlaps one, a draft whose answer the scoring rule accepts. Of a draft also
its `text`, the composer (`by`), and which share of what it cites overlaps a quote of the key (`cited`).
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tqdm import tqdm

from assistant.answer.citing import cite
from assistant.answer.compose import UNEXPLAINED, Desk
from assistant.answer.refusal import unknown_regions
from assistant.answer.sided import drafted
from assistant.answer.weighing import weighed
from assistant.chain import AnswerChain, build
from assistant.index import ingest
from assistant.models.embeddings import LocalEmbeddings
from assistant.search.retrieval import features as chunk_features
from assistant.settings import ROOT, Settings
from assistant.types import BlockKind, Hit, Query, Span
from eval.dataset import read_items
from eval.documents import Corpus
from eval.metrics import held, overlaps, why_wrong
from eval.types import Item

OUT = Path("build/answers")
SETS = (  # name, documents, questions: those that are tuned on
    ("dev", ROOT / "corpus", ROOT / "eval/questions/dev.jsonl"),
    ("practice", ROOT / "eval/corpora/practice", ROOT / "eval/questions/practice.jsonl"),
    ("drill", ROOT / "eval/corpora/drill", ROOT / "eval/questions/drill.jsonl"),
    ("rehearsal", ROOT / "eval/corpora/rehearsal", ROOT / "eval/questions/rehearsal.jsonl"),
    ("trial", ROOT / "eval/corpora/trial", ROOT / "eval/questions/trial.jsonl"),
    ("exercise", ROOT / "eval/corpora/exercise", ROOT / "eval/questions/exercise.jsonl"),
    ("lesson", ROOT / "eval/corpora/lesson", ROOT / "eval/questions/lesson.jsonl"),
)
Row = dict[str, Any]


class Collector:
    """One question set with the assistant over its documents."""

    def __init__(self, chain: AnswerChain, documents: Path) -> None:
        self._chain, self._corpus = chain, Corpus(documents)

    def rows(self, stages: Sequence[str], item: Item) -> Iterator[tuple[str, list[Row]]]:
        """Each stage with the rows of a question; none where it never comes so far."""
        found = self._chain._search.invoke(item.question)
        if found.answer is not None:
            return
        if "chunks" in stages:
            yield "chunks", [self._chunk(found.query, hit, item) for hit in found.hits]
        if set(stages) == {"chunks"}:
            return
        evidence = [span for places in self._corpus.evidence(item.evidence) for span in places]
        with self._chain._pinned():
            state = self._chain._state()
            desk = state.answerer.desk(found.query, found.hits)
            if "sentences" in stages:
                yield "sentences", list(self._sentences(desk, evidence))
            if "drafts" in stages and not unknown_regions(found.query.scope.regions, state.regions):
                yield "drafts", list(self._drafts(desk, item, evidence))

    def _chunk(self, query: Query, hit: Hit, item: Item) -> Row:
        right = any(
            held(places, [hit.chunk.span], self._corpus) for places in self._corpus.evidence(item.evidence)
        )
        return {"features": chunk_features(hit.parts), "right": right}

    def _sentences(self, desk: Desk, evidence: Sequence[Span]) -> Iterator[Row]:
        for candidate in desk.candidates:
            span = candidate.unit.span()
            right = any(overlaps(span, place, self._corpus) for place in evidence)
            heading = candidate.unit.block.kind in (BlockKind.HEADING, BlockKind.TITLE)
            yield {"features": dict(candidate.features), "right": right, "heading": heading}

    def _drafts(self, desk: Desk, item: Item, evidence: Sequence[Span]) -> Iterator[Row]:
        desk, alternatives, reason = drafted(desk)
        answerer = self._chain._state().answerer
        for one, told in weighed(desk, alternatives, reason == UNEXPLAINED):
            if told is None:
                continue
            text, citations = cite(one.draft, desk.passages, answerer._names)
            line = {"status": "answered" if text else "not_found", "answer": text}
            right = item.answerable and bool(text) and not why_wrong(line, item)
            held = [any(overlaps(c.span, place, self._corpus) for place in evidence) for c in citations]
            cited = sum(held) / max(1, len(held))
            yield {"features": told, "right": right, "by": one.by, "text": text, "cited": cited}


def main(arguments: Sequence[str] | None = None) -> None:
    """Collect stages over all sets."""
    options = _options(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    mode = "unread" if options.no_reader else "read"
    paths = {stage: options.out / f"{stage}-{mode}.jsonl" for stage in options.stages}
    with ExitStack() as stack:
        files = {
            stage: stack.enter_context(path.open("w", encoding="utf-8")) for stage, path in paths.items()
        }
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        for name, documents, questions in SETS:
            chain = opened(documents, (options.libraries or Path(folder)) / name, not options.no_reader)
            collector = Collector(chain, documents)
            for item in tqdm(read_items(questions), desc=f"{mode} {name}", mininterval=10, disable=None):
                for stage, rows in collector.rows(options.stages, item):
                    about = {"group": item.id, "set": name, "answerable": item.answerable, "rows": rows}
                    files[stage].write(json.dumps(about, ensure_ascii=False) + "\n")
            chain.library.close()
    print(*paths.values())


def opened(documents: Path, library: Path, reader: bool) -> AnswerChain:
    """The assistant over a folder of documents, indexed first."""
    settings = Settings(library=library, reader=reader, chat_url="", embed_url="", rerank_url="")
    embeddings = LocalEmbeddings()
    ingest(
        [documents],
        library,
        embeddings=embeddings,
        embedder_version=embeddings.version,
        chunk_tokens=settings.chunk_tokens,
    )
    return build(settings)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("stages", nargs="+", choices=("chunks", "sentences", "drafts"))
    parser.add_argument("--no-reader", action="store_true")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--libraries", type=Path, help="folder to keep the indexed documents in")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
