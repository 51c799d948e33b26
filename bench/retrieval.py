"""Evidence recall of our retrieval beside a LangChain quickstart, on the same questions in one run.

    python bench/retrieval.py [QUESTIONS.jsonl]

The quickstart: RecursiveCharacterTextSplitter (500 characters, 50 overlap), Chroma, the same local encoder. A quote
counts as found at k when at least 80 % of its characters lie inside the first k passages of its document.
"""

from __future__ import annotations

import json
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(ROOT := Path(__file__).resolve().parent.parent))

import chromadb
import numpy as np
from chromadb.config import Settings as ChromaSettings
from langchain_text_splitters import RecursiveCharacterTextSplitter

from assistant.chain import build
from assistant.index import ingest
from assistant.models.embeddings import LocalEmbeddings
from assistant.settings import Settings
from assistant.types import Document, Question, Span, Turn

DEPTHS = (1, 3, 5, 10)
Find = Callable[[Question], Sequence[Span]]


def evidence(documents: dict[str, Document], quotes: Sequence[dict[str, str]]) -> list[Span]:
    """Where the quotes stand; white space and compatibility forms are ignored."""
    found = []
    for quote in quotes:
        text = documents[quote["doc"]].text
        pairs = [
            (f, i)
            for i, c in enumerate(text)
            for f in unicodedata.normalize("NFKC", c).lower()
            if not f.isspace()
        ]
        wanted = "".join(unicodedata.normalize("NFKC", quote["quote"]).lower().split())
        at = "".join(f for f, _ in pairs).find(wanted)
        if at >= 0:
            found.append(Span(quote["doc"], pairs[at][1], pairs[at + len(wanted) - 1][1] + 1))
    return found


def recall(found: Sequence[Span], wanted: Sequence[Span], k: int) -> list[bool]:
    """For each quote whether 80 % of it lies in the first k passages."""
    return [
        len({i for p in found[:k] if p.doc == s.doc for i in range(max(p.start, s.start), min(p.end, s.end))})
        >= 0.8 * (s.end - s.start)
        for s in wanted
    ]


def quickstart(documents: Sequence[Document], embeddings: LocalEmbeddings) -> Find:
    """Recursive splitting, Chroma, nothing else; a follow-up is searched as it was typed."""
    splitter = RecursiveCharacterTextSplitter(chunk_size=500, chunk_overlap=50, add_start_index=True)
    spans: list[Span] = []
    texts: list[str] = []
    for document in documents:
        for page in splitter.create_documents([document.text]):
            start = page.metadata["start_index"]
            spans.append(Span(document.id, start, start + len(page.page_content)))
            texts.append(page.page_content)
    settings = ChromaSettings(anonymized_telemetry=False)
    store = chromadb.EphemeralClient(settings).create_collection(
        "quickstart", metadata={"hnsw:space": "cosine"}
    )
    store.add(
        ids=[str(i) for i in range(len(texts))],
        embeddings=np.array(embeddings.embed_documents(texts), dtype=np.float32),
    )

    def find(question: Question) -> Sequence[Span]:
        found = store.query(
            query_embeddings=np.array([embeddings.embed_query(question.text)], dtype=np.float32),
            n_results=max(DEPTHS),
        )
        return [spans[int(i)] for i in found["ids"][0]]

    return find


def main() -> None:
    """Ingest the corpus into a temporary library, ask both, print the table."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "eval/questions/dev.jsonl"
    questions = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    embeddings = LocalEmbeddings()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(library=Path(folder) / "library")
        ingest(
            [settings.corpus],
            settings.library,
            embeddings=embeddings,
            embedder_version=embeddings.version,
            chunk_tokens=settings.chunk_tokens,
        )
        chain = build(settings)
        documents = chain.library.documents()
        by_id = {document.id: document for document in documents}
        systems: dict[str, Find] = {
            "ours": lambda q: [hit.chunk.span for hit in chain.invoke(q).hits],
            "LangChain quickstart": quickstart(documents, embeddings),
        }
        asked = [q for q in questions if q["evidence"]]
        print(f"{len(asked)} answerable questions of {path.name}; evidence recall@k")
        table = {}
        for name, find in systems.items():
            rows: dict[int, list[bool]] = {k: [] for k in DEPTHS}
            for q in asked:
                spans = find(Question(q["question"], tuple(Turn(*turn) for turn in q.get("history", []))))
                for k in DEPTHS:
                    rows[k] += recall(spans, evidence(by_id, q["evidence"]), k)
            table[name] = {k: sum(hits) / len(hits) for k, hits in rows.items()}
            print(f"{name:22}" + "  ".join(f"@{k} {100 * share:5.1f} %" for k, share in table[name].items()))
        gain = 100 * (table["ours"][5] - table["LangChain quickstart"][5])
        print(f"difference at 5: {gain:+.1f} points (target: at least +15)")
        chain.library.close()


if __name__ == "__main__":
    main()
