"""Time of ingesting the corpus into an empty library, against embedding its passages alone.

    python bench/ingest.py [PATH…] [--rounds N] [--json]

Both take turns in one process with the shipped encoder, so that the ratio of the medians does not depend on the
machine; the first ingest, which loads Chroma and tantivy, is also given by itself. Target: ratio at most 1.2.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from langchain_core.embeddings import Embeddings

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from assistant.documents import discover, load
from assistant.index import ingest
from assistant.index.rows import passage
from assistant.models.embeddings import LocalEmbeddings
from assistant.settings import Settings


def time_embedding(embeddings: Embeddings, passages: list[str]) -> float:
    """Seconds for all passages in one call."""
    start = time.perf_counter()
    embeddings.embed_documents(passages)
    return time.perf_counter() - start


def time_ingest(embeddings: LocalEmbeddings, paths: list[Path], chunk_tokens: int) -> float:
    """Seconds for an ingest into a library that is not there yet."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        report = ingest(
            paths,
            Path(folder) / "library",
            embeddings=embeddings,
            embedder_version=embeddings.version,
            chunk_tokens=chunk_tokens,
        )
        seconds = time.perf_counter() - start
    if report.failed:
        raise SystemExit(f"not ingested: {dict(report.failed)}")
    return seconds


def main() -> int:
    """Measure and print."""
    settings = Settings()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", type=Path, nargs="*", default=[settings.corpus])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    parsed = [load(source, settings.chunk_tokens) for source in discover(arguments.paths)]
    passages = [passage(chunk) for each in parsed for chunk in each.chunks]
    embeddings = LocalEmbeddings(threads=settings.threads)
    embeddings.embed_documents(passages[:1])  # loads the model
    alone, whole = [], []
    for _ in range(arguments.rounds):
        alone.append(time_embedding(embeddings, passages))
        whole.append(time_ingest(embeddings, arguments.paths, settings.chunk_tokens))
    figures = {
        "passages": len(passages),
        "embedding_s": round(statistics.median(alone), 2),
        "ingest_s": round(statistics.median(whole), 2),
        "first_ingest_s": round(whole[0], 2),
        "ratio": round(statistics.median(whole) / statistics.median(alone), 3),
    }
    if arguments.json:
        print(json.dumps(figures))
    else:
        print("  ".join(f"{name} {value}" for name, value in figures.items()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
