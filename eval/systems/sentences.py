"""The floor: the two sentences that BM25 likes best, whatever they say."""

from __future__ import annotations

import re
from collections.abc import Sequence

import jieba

from assistant.types import Question, Span
from eval.documents import Corpus
from eval.systems.base import MOST_RETRIEVED, Line, Place, line_of

# Lines part sentences too: of several ways to part them this one answers best, as hard-wrapped lines are short.
_SENTENCE = re.compile(r"[^。！？；\n]*[^\s。！？；][^。！？；\n]*[。！？；]?")
GIVEN = 2


class BestSentences:
    """BM25 (Okapi) over jieba's words and character bigrams; it never refuses what shares a term with the documents."""

    def __init__(self, corpus: Corpus) -> None:
        from rank_bm25 import BM25Okapi

        self._corpus = corpus
        self._spans = [
            Span(doc, *found.span())
            for doc, text in corpus.texts.items()
            for found in _SENTENCE.finditer(text.original)
        ]
        self._bm25 = BM25Okapi([_terms(self._text(span)) for span in self._spans])

    def answer(self, question: Question) -> Line:
        scores = self._bm25.get_scores(_terms(question.text))
        best = sorted(range(len(scores)), key=lambda i: (-scores[i], i))[:MOST_RETRIEVED]
        found = [(self._spans[i], float(scores[i])) for i in best if scores[i] > 0]
        cited = [span for span, _ in found[:GIVEN]]
        text = "".join(f"{self._text(span)}[{n}]" for n, span in enumerate(cited, start=1))
        return line_of(self._corpus, text, cited, found) | {"confidence": found[0][1] if found else 0.0}

    def _text(self, span: Span) -> str:
        return "".join(self._corpus.texts[span.doc].original[span.start : span.end].split())


def opened(place: Place) -> BestSentences:
    """Over the folder's documents."""
    jieba.setLogLevel("WARNING")
    return BestSentences(Corpus(place.corpus))


def _terms(text: str) -> Sequence[str]:
    plain = "".join(text.split())
    return [*jieba.lcut(plain), *(plain[i : i + 2] for i in range(len(plain) - 1))]
