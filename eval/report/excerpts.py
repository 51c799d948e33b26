"""Stretches of the original text around evidence and citations, cut into pieces that are marked one way each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.types import Span
from eval.documents import Corpus
from eval.metrics import overlaps

AROUND = 60  # characters shown before and after
LONGEST = 600  # characters of one piece; of a longer one its head and its tail are shown
TAIL = 120

PLAIN, EVIDENCE, CITATION, BOTH = "plain", "evidence", "citation", "both"


@dataclass(frozen=True, slots=True)
class Piece:
    """Text marked one way. Of a long piece `text` is the head, `tail` the end, `left_out` the number between them."""

    kind: str
    text: str
    tail: str = ""
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The characters `start` to `end` of a document, end exclusive. `before`, `after`: whether text goes on there."""

    doc: str
    start: int
    end: int
    pieces: tuple[Piece, ...]
    before: bool
    after: bool


def excerpts(evidence: Iterable[Span], citations: Iterable[Span], corpus: Corpus) -> list[Excerpt]:
    """The stretches that hold the spans, by document in the order of the spans, then by place; touching ones merged.

    Spans outside their document are cut at its end, spans of unknown documents left out.
    """
    proofs, cited = _inside(evidence, corpus), _inside(citations, corpus)
    found = []
    for doc in dict.fromkeys(span.doc for span in [*proofs, *cited]):
        here = [[(s.start, s.end) for s in spans if s.doc == doc] for spans in (proofs, cited)]
        text = corpus.texts[doc].original
        for start, end in _windows([*here[0], *here[1]], len(text)):
            pieces = _pieces(text, start, end, here[0], here[1])
            found.append(Excerpt(doc, start, end, pieces, start > 0, end < len(text)))
    return found


def chosen(places: Sequence[Span], citations: Sequence[Span], corpus: Corpus) -> Span | None:
    """Of the places where a quote stands, the one that a citation overlaps, else the first; None without places."""
    known = [cited for cited in citations if cited.doc in corpus.texts]
    cited = (place for place in places if any(overlaps(one, place, corpus) for one in known))
    return next(cited, places[0] if places else None)


def _inside(spans: Iterable[Span], corpus: Corpus) -> list[Span]:
    known = [span for span in spans if span.doc in corpus.texts]
    lengths = {span.doc: len(corpus.texts[span.doc].original) for span in known}
    return [
        Span(span.doc, span.start, min(span.end, lengths[span.doc]))
        for span in known
        if span.start < min(span.end, lengths[span.doc])
    ]


def _windows(marked: Sequence[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    windows: list[tuple[int, int]] = []
    for start, end in sorted((max(0, start - AROUND), min(length, end + AROUND)) for start, end in marked):
        if windows and start <= windows[-1][1]:
            windows[-1] = windows[-1][0], max(end, windows[-1][1])
        else:
            windows.append((start, end))
    return windows


def _pieces(
    text: str, start: int, end: int, evidence: Sequence[tuple[int, int]], citations: Sequence[tuple[int, int]]
) -> tuple[Piece, ...]:
    cuts = {edge for span in [*evidence, *citations] for edge in span if start < edge < end}
    edges = sorted({start, end, *cuts})
    stretches: list[tuple[str, int, int]] = []
    for a, b in zip(edges, edges[1:], strict=False):
        proves, cited = (any(x <= a and b <= y for x, y in spans) for spans in (evidence, citations))
        kind = BOTH if proves and cited else EVIDENCE if proves else CITATION if cited else PLAIN
        if stretches and stretches[-1][0] == kind:
            stretches[-1] = kind, stretches[-1][1], b
        else:
            stretches.append((kind, a, b))
    return tuple(_piece(kind, text[a:b]) for kind, a, b in stretches)


def _piece(kind: str, text: str) -> Piece:
    if len(text) <= LONGEST:
        return Piece(kind, text)
    head = LONGEST - TAIL
    return Piece(kind, text[:head], text[-TAIL:], len(text) - LONGEST)
