"""The common case: the best sentence's best clauses, and a second one where it says what the first does not."""

from __future__ import annotations

import re

from assistant.answer.compose.desk import Desk
from assistant.answer.drafts import LONGEST, Draft, Part
from assistant.answer.ranking import Candidate
from assistant.types import AnswerKind, BlockKind

_SAME_QUESTION = 0.55  # coverage from which a FAQ's question is the one asked
_REPLY = re.compile(r"(?:答|A)\s*[：:]\s*")
_LONGEST_REPLY = 150  # characters
_GAIN = 0.2  # of coverage that a second sentence must add
_SEVERAL = (AnswerKind.LIST, AnswerKind.SUMMARY, AnswerKind.HOWTO, AnswerKind.COMPARISON)
_ALSO = 0.4  # of the belief in the best sentence, for another one beside it
_ROOM = {AnswerKind.HOWTO: 170, AnswerKind.LIST: 170, AnswerKind.DEFINITION: 150, AnswerKind.SUMMARY: 170}


def fact_draft(desk: Desk) -> Draft | None:
    """One or two verbatim pieces that say what the question asks for."""
    best = desk.best()
    if best is None:
        return None
    room = _ROOM.get(desk.query.kind, 130)
    parts = [desk.quote(best.unit, most=room, whole=min(room, 120))]
    second = _second(desk, best)
    if second is not None:
        part = desk.quote(second.unit, most=90, whole=90)
        if sum(len(p.text) for p in parts) + len(part.text) <= LONGEST:
            parts = _in_order(parts[0], part, best, second)
    return Draft(tuple(parts), best.whole)


def read_draft(desk: Desk) -> Draft | None:
    """What the reader believes to answer: its sentence, and for a list the further sentences that it believes in."""
    read = sorted((c for c in desk.body() if c.features["answers"] > 0), key=lambda c: -c.features["answers"])
    if not read:
        return None
    best = read[0]
    chosen = [best]
    if desk.query.kind in _SEVERAL:
        chosen += [
            c
            for c in read[1:]
            if c.hit is best.hit and c.features["answers"] >= _ALSO * best.features["answers"]
        ]
    parts: list[Part] = []
    for candidate in sorted(chosen, key=lambda c: c.unit.index):
        part = desk.quote(candidate.unit)
        if not parts or sum(len(p.text) for p in parts) + len(part.text) <= LONGEST:
            parts.append(part)
    return Draft(tuple(parts), best.whole)


def quote_draft(desk: Desk, candidate: Candidate) -> Draft:
    """One sentence alone."""
    return Draft((desk.quote(candidate.unit),), candidate.whole)


def _second(desk: Desk, best: Candidate) -> Candidate | None:
    """The candidate that says most of what the best one leaves unsaid, if it is worth it."""
    own = desk.matcher.strengths(best.unit.text, best.unit.where, 1.0)
    for candidate in desk.body()[1:6]:
        if candidate is best or not candidate.in_scope or candidate.unit.block.kind is BlockKind.ROW:
            continue
        other = desk.matcher.strengths(candidate.unit.text)
        gain = sum(
            w.weight * max(0.0, o - s) for w, o, s in zip(desk.matcher.wanted, other, own, strict=True)
        )
        if (
            gain / desk.matcher.total >= _GAIN
            and candidate.own >= 0.35
            and candidate.unit.doc == best.unit.doc
        ):
            return candidate
    return None


def _in_order(first: Part, second: Part, a: Candidate, b: Candidate) -> list[Part]:
    """Neighbours are given in the order of the text."""
    near = a.unit.doc == b.unit.doc and abs(a.unit.index - b.unit.index) <= 3
    return [second, first] if near and b.unit.index < a.unit.index else [first, second]


def faq_draft(desk: Desk) -> Draft | None:
    """The whole answer that a FAQ gives to the question, when one of its questions is the one asked."""
    best = desk.best()
    path = best.unit.block.heading_path if best is not None else ()
    if best is None or not path or not path[-1].rstrip().endswith(("？", "?")):
        return None
    coverage = desk.matcher.coverage(path[-1])
    if coverage < _SAME_QUESTION:
        return None
    parts: list[Part] = []
    for unit in desk.passages.pages(best.unit.doc).units:
        if unit.block.heading_path != path or unit.block.kind not in (BlockKind.PARAGRAPH, BlockKind.ITEM):
            continue
        reply = _REPLY.match(unit.text)
        start = reply.end() if reply else 0
        text = unit.text[start:]
        if parts and sum(len(p.text) for p in parts) + len(text) > _LONGEST_REPLY:
            break
        if text:
            parts.append(Part(text, (unit.span(start),)))
    return Draft(tuple(parts), coverage) if parts else None
