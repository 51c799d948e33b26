"""The words of the chunks in tantivy: BM25 over jieba words and over character bigrams.

Scores are tantivy's BM25 with k1 = 1.2 and b = 0.75 (Robertson and Zaragoza, "The Probabilistic Relevance
Framework: BM25 and Beyond", 2009).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from assistant.types import Chunk

HEAP_BYTES = 64_000_000
SPARE = 16  # fetched beyond the limit, so that equal scores at its end are cut by id, not by place


class Unit(StrEnum):
    """What the terms of a search are."""

    WORDS = "words"
    BIGRAMS = "bigrams"


Segmenter = Callable[[str], list[str]]


def segmenters() -> dict[Unit, Segmenter]:
    """How text is cut into the terms of each unit."""
    from assistant.language import segment

    return {Unit.WORDS: segment.words, Unit.BIGRAMS: segment.bigrams}


def _schema() -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for unit in Unit:
        for part in ("text", "context"):
            builder.add_text_field(f"{unit}_{part}", tokenizer_name="whitespace", index_option="freq")
    return builder.build()


def write_words(folder: Path, chunks: Iterable[Chunk], *, add: bool = False) -> None:
    """Indexes the chunks in an empty folder, or adds them to the index that the folder holds."""
    import tantivy

    folder.mkdir(parents=True, exist_ok=True)
    path = str(folder)
    index = tantivy.Index.open(path) if add else tantivy.Index(_schema(), path=path, reuse=False)
    cut = segmenters()
    # One thread: the order of the chunks, and with it the order of equal scores, stays that of the input.
    writer = index.writer(heap_size=HEAP_BYTES, num_threads=1)
    for chunk in chunks:
        entry = tantivy.Document()
        entry.add_text("id", chunk.id)
        for unit, segmenter in cut.items():
            entry.add_text(f"{unit}_text", " ".join(segmenter(chunk.text)))
            entry.add_text(f"{unit}_context", " ".join(segmenter(chunk.context)))
        writer.add_document(entry)
    writer.commit()
    writer.wait_merging_threads()


class WordIndex:
    """A tantivy index opened for searching; threads may share it."""

    def __init__(self, folder: Path) -> None:
        import tantivy

        self._index = tantivy.Index.open(str(folder))
        self._index.config_reader("manual")
        self._schema = self._index.schema

    def search(
        self,
        terms: Mapping[str, float],
        unit: Unit | str = Unit.WORDS,
        limit: int = 50,
        *,
        text: float = 1.0,
        context: float = 1.0,
    ) -> list[tuple[str, float]]:
        """The chunks with the highest BM25, as (chunk id, score), best first, equal scores by id.

        `terms` maps a term of the unit to its boost; `text` and `context` weigh the two fields, zero leaves
        one out. Terms are compared in the form of `assistant.language.segment.plain` and never parsed as a
        query; a term without a positive boost is left out.
        """
        import tantivy

        from assistant.language.segment import plain

        fields = {f"{Unit(unit)}_text": text, f"{Unit(unit)}_context": context}
        make = tantivy.Query
        clauses = [
            (
                tantivy.Occur.Should,
                make.boost_query(make.term_query(self._schema, name, plain(term), "freq"), weight * boost),
            )
            for term, boost in terms.items()
            for name, weight in fields.items()
            if weight * boost > 0 and term
        ]
        if not clauses or limit < 1:
            return []
        searcher = self._index.searcher()
        found = searcher.search(make.boolean_query(clauses), limit + SPARE, count=False).hits
        scored = [(str(searcher.doc(address)["id"][0]), float(score)) for score, address in found]
        return sorted(scored, key=lambda pair: (-pair[1], pair[0]))[:limit]

    def ids(self) -> set[str]:
        """The ids of all chunks in the index."""
        import tantivy

        searcher = self._index.searcher()
        if not searcher.num_docs:
            return set()
        found = searcher.search(tantivy.Query.all_query(), searcher.num_docs, count=False).hits
        return {str(searcher.doc(address)["id"][0]) for _, address in found}
