"""Writes down what the assistant sees for each development question, with what would have been right.

    python -m training.answers.collect chunks|sentences|drafts [--no-reader] [--out FOLDER]

One JSON line for each question: `group`, `answerable`, and `rows` of `{features, right}`. What is right: a chunk that
holds a quote of the key, a sentence that overlaps one, a draft whose answer the scoring rule accepts.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from assistant.answer.choosing import weighed
from assistant.answer.citing import cite
from assistant.answer.compose import UNEXPLAINED, Desk, compose
from assistant.answer.refusal import unknown_regions
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
)
Row = dict[str, Any]


class Collector:
    """One question set with the assistant over its documents."""

    def __init__(self, chain: AnswerChain, documents: Path) -> None:
        self._chain, self._corpus = chain, Corpus(documents)

    def rows(self, stage: str, item: Item) -> list[Row] | None:
        """The rows of a question; None where it never comes so far."""
        found = self._chain._search.invoke(item.question)
        if found.answer is not None:
            return None
        evidence = [span for places in self._corpus.evidence(item.evidence) for span in places]
        if stage == "chunks":
            return [self._chunk(found.query, hit, item) for hit in found.hits]
        with self._chain._pinned():
            state = self._chain._state()
            desk = state.answerer.desk(found.query, found.hits)
            if stage == "sentences":
                return list(self._sentences(desk, evidence))
            if unknown_regions(found.query.scope.regions, state.regions):
                return None
            return list(self._drafts(desk, item))

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

    def _drafts(self, desk: Desk, item: Item) -> Iterator[Row]:
        alternatives, reason = compose(desk)
        answerer = self._chain._state().answerer
        for one, told in weighed(desk, alternatives, reason == UNEXPLAINED):
            if told is None:
                continue
            text, _ = cite(one.draft, desk.passages, answerer._names)
            line = {"status": "answered" if text else "not_found", "answer": text}
            right = item.answerable and bool(text) and not why_wrong(line, item)
            yield {"features": told, "right": right, "by": one.by, "text": text}


def main(arguments: Sequence[str] | None = None) -> None:
    """Collect one stage over all sets."""
    options = _options(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    name = f"{options.stage}-{'unread' if options.no_reader else 'read'}.jsonl"
    with (options.out / name).open("w", encoding="utf-8") as file, tempfile.TemporaryDirectory() as folder:
        for set_name, documents, questions in SETS:
            chain = _chain(documents, (options.libraries or Path(folder)) / set_name, not options.no_reader)
            collector = Collector(chain, documents)
            for item in tqdm(
                read_items(questions), desc=f"{options.stage} {set_name}", mininterval=10, disable=None
            ):
                rows = collector.rows(options.stage, item)
                if rows is not None:
                    about = {"group": item.id, "set": set_name, "answerable": item.answerable, "rows": rows}
                    file.write(json.dumps(about, ensure_ascii=False) + "\n")
            chain.library.close()
    print(options.out / name)


def _chain(documents: Path, library: Path, reader: bool) -> AnswerChain:
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
    parser.add_argument("stage", choices=("chunks", "sentences", "drafts"))
    parser.add_argument("--no-reader", action="store_true")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--libraries", type=Path, help="folder to keep the indexed documents in")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
