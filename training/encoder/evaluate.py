"""How well an encoder finds the passage that answers a question, and nothing but the encoder.

    python -m training.encoder.evaluate FOLDER [--sources FOLDER]

FOLDER holds encoder.toml and its files. MRR@10 and recall@5 over what training has kept back: written pairs among
all written passages, questions about the law among some thousand articles, paragraphs of the encyclopaedia; and over
the tuned questions among the chunks of their documents.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from assistant.index import ingest
from assistant.index.library import Library
from assistant.models.embeddings import LocalEmbeddings
from assistant.models.encoder import Encoder
from assistant.models.files import WEIGHTS
from assistant.settings import Settings
from eval.dataset import read_items
from eval.documents import Corpus
from eval.metrics import held
from training.answers.collect import SETS
from training.encoder.contrast import encoded
from training.reader.sources import Sources

ARTICLES, PARAGRAPHS, SEED = 2000, 800, 3  # how many others stand beside the right ones
Asked = tuple[str, frozenset[str]]  # a question with the passages that answer it


def measure(
    encoder: Encoder, sources: Sources, sets: Sequence[str] = ("written", "law", "paragraphs")
) -> dict[str, dict[str, float]]:
    """Figures of each set by its name."""
    makers = {"written": _written, "law": _law, "paragraphs": _paragraphs}
    return {name: _figures(encoder, *makers[name](sources)) for name in sets}


def _written(sources: Sources) -> tuple[list[Asked], list[str]]:
    kept = sources.written(kept_back=True)
    passages = [encoded(e.passage) for e in (*kept, *sources.written(kept_back=False))]
    asked = [(e.question, frozenset({encoded(e.passage)})) for e in kept if e.answerable]
    return asked, list(dict.fromkeys(passages))


def _law(sources: Sources) -> tuple[list[Asked], list[str]]:
    articles = {id: encoded(p) for id, p in sources.articles.items()}
    asked = [(q.question, frozenset(articles[id] for id in q.positive)) for q in sources.law(kept_back=True)]
    others = random.Random(SEED).sample(sorted(set(articles.values())), ARTICLES)
    return asked, list(dict.fromkeys([p for _, right in asked for p in sorted(right)] + others))


def _paragraphs(sources: Sources) -> tuple[list[Asked], list[str]]:
    kept = sources.readings(kept_back=True)
    pool = list(dict.fromkeys(r.paragraph[:240] for r in kept))[:PARAGRAPHS]
    asked = [(r.question, frozenset({r.paragraph[:240]})) for r in kept if r.paragraph[:240] in pool]
    return asked[:PARAGRAPHS], pool


def _figures(encoder: Encoder, asked: Sequence[Asked], passages: Sequence[str]) -> dict[str, float]:
    with tqdm(total=len(passages), desc="passages", mininterval=10, disable=None) as bar:
        told = encoder.encode_passages(passages, lambda done, _: bar.update(done - bar.n) and None)
    number = {passage: at for at, passage in enumerate(passages)}
    ranks = []
    for question, right in asked:
        order = np.argsort(-(told @ encoder.encode_query(question)), kind="stable")
        wanted = {number[p] for p in right}
        ranks.append(next(n for n, at in enumerate(order, 1) if int(at) in wanted))
    return _told(ranks)


def _told(ranks: Sequence[int]) -> dict[str, float]:
    return {
        "questions": len(ranks),
        "mrr@10": round(float(np.mean([1 / r if 0 < r <= 10 else 0.0 for r in ranks])), 4),
        "recall@5": round(float(np.mean([0 < r <= 5 for r in ranks])), 4),
    }


def tuned(folder: Path) -> dict[str, dict[str, float]]:
    """The same over the tuned questions, ranked by vectors alone among the chunks of their documents."""
    found = {}
    for name, documents, questions in SETS:
        corpus, embeddings = Corpus(documents), LocalEmbeddings(path=folder)
        with tempfile.TemporaryDirectory() as library:
            ingest(
                [documents],
                Path(library),
                embeddings=embeddings,
                embedder_version=embeddings.version,
                chunk_tokens=Settings().chunk_tokens,
            )
            with Library(Path(library)) as opened:
                found[name] = _told(list(_ranks(opened, embeddings, corpus, questions)))
    return found


def _ranks(opened: Library, embeddings: LocalEmbeddings, corpus: Corpus, questions: Path) -> Iterator[int]:
    for item in read_items(questions):
        if not item.answerable or item.question.history:
            continue
        nearest = opened.vectors.search(embeddings.embed_query(item.question.text), 20)
        chunks = opened.chunks([id for id, _ in nearest])
        places = corpus.evidence(item.evidence)
        yield next((n for n, c in enumerate(chunks, 1) if any(held(p, [c.span], corpus) for p in places)), 0)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure one encoder."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?", default=WEIGHTS)
    parser.add_argument("--sources", type=Path, default=Path("../shared/training"))
    options = parser.parse_args(arguments)
    found = measure(Encoder(path=options.folder), Sources(options.sources)) | tuned(options.folder)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
