"""From a draft to an answer: every part verified against its spans, citations numbered, labels made."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.answer.drafts import Draft, Part
from assistant.language.clean import squeeze
from assistant.language.numbers import unsupported
from assistant.search.passages import Passages
from assistant.types import BlockKind, Citation, Span

MARK = re.compile(r"\[(\d+)\]")


def cite(draft: Draft, passages: Passages, people: frozenset[str]) -> tuple[str, tuple[Citation, ...]]:
    """The text with marks and its citations; parts that their spans do not prove are dropped."""
    kept = [_closely(part, passages, people) for part in draft.parts if proven(part, passages, people)]
    if not any(part.spans for part in kept):
        return "", ()
    spans: list[Span] = []
    pieces = []
    for part in kept:
        marks = ""
        for span in part.spans:
            if span not in spans:
                spans.append(span)
            marks += f"[{spans.index(span) + 1}]"
        # A mark that the document itself holds must not look like one of the answer's.
        pieces.append(MARK.sub(r"〔\1〕", part.text).rstrip("。；，") + marks)
    joint = "\n" if len(pieces) > 2 else "；"
    return joint.join(pieces) + "。", tuple(citation(span, passages) for span in spans)


def _closely(part: Part, passages: Passages, people: frozenset[str]) -> Part:
    """The part without its table's header line, where the rows alone prove its numbers: the label tells the table."""
    rows = tuple(span for span in part.spans if span not in passages.pages(span.doc).headers)
    if not rows or len(rows) == len(part.spans):
        return part
    alone = replace(part, spans=rows)
    return alone if proven(alone, passages, people) else part


def proven(part: Part, passages: Passages, people: frozenset[str]) -> bool:
    """Whether every number, date and person's name of a part stands in the spans it cites."""
    quotes = [squeeze(passages.pages(span.doc).document.slice(span)) for span in part.spans]
    if unsupported(part.text, quotes):
        return False
    said = "".join(quotes)
    return all(name in said for name in people if name in part.text)


def citation(span: Span, passages: Passages) -> Citation:
    """The citation of a span: its exact characters and the formal reference."""
    pages = passages.pages(span.doc)
    return Citation(span, pages.document.slice(span), label(span, passages))


def label(span: Span, passages: Passages) -> str:
    """The formal reference: 《title》（number）headings, and the speaker of a statement."""
    pages = passages.pages(span.doc)
    told = [b for b in pages.blocks if b.kind not in (BlockKind.STATEMENT, BlockKind.FURNITURE)]
    # A table's header line lies in no row: the table itself speaks for it.
    block = max(told, key=lambda b: (b.span.overlap(span), b.kind is not BlockKind.TABLE), default=None)
    parts: Sequence[str] = ()
    if block is not None and block.span.overlap(span):
        a = block.attributes
        parts = [*block.heading_path, a.get("caption", ""), f"{a.get('post', '')}{a.get('speaker', '')}"]
    draft = f"（{pages.document.status}）" if pages.document.status in ("征求意见稿", "草案") else ""
    return pages.document.reference + draft + " ".join(filter(None, parts))
