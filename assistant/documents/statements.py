"""Statements: the blocks that one speaker answers for, wrapped in a block of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace

from assistant.documents.speakers import Speaker, stands_before
from assistant.types import Block, BlockKind, Span

_SPOKEN = (BlockKind.PARAGRAPH, BlockKind.ITEM)


def with_statements(blocks: list[Block], close: Set[int]) -> list[Block]:
    """Give blocks to their speakers: those between signatures, or those after a name with a post and a colon.

    `close` holds the offsets of the blocks that have no blank line above them.
    """
    signed = [i for i, b in enumerate(blocks) if b.kind is BlockKind.HEADING and "speaker" in b.attributes]
    return _between_signatures(blocks, signed) if signed else _after_names(blocks, close)


def _between_signatures(blocks: Sequence[Block], signed: Sequence[int]) -> list[Block]:
    edges = [-1, *signed, len(blocks)]
    bodies = [list(blocks[a + 1 : b]) for a, b in zip(edges, edges[1:], strict=False)]
    bodies[0] = _after_title(bodies[0])
    speakers = [Speaker(blocks[i].attributes["speaker"], blocks[i].attributes["post"]) for i in signed]
    before = stands_before(speakers, ["".join(b.text for b in body) for body in bodies])
    spoken = bodies[1:] if before else bodies[:-1]
    owner: dict[int, dict[str, str]] = {}
    wrapped = []
    for speaker, body, place in zip(speakers, spoken, signed, strict=True):
        attributes = _attributes(speaker)
        owner.update({id(b): attributes for b in [*body, blocks[place]]})
        shown = [b for b in body if b.kind is not BlockKind.FURNITURE]
        wrapped.append(_statement(shown, blocks[place], attributes))
    unsigned = [] if before else [b for b in bodies[-1] if b.kind is not BlockKind.FURNITURE]
    if unsigned:
        owner.update({id(b): {"unsigned": "yes"} for b in unsigned})
        wrapped.append(_statement(unsigned, unsigned[0], {"unsigned": "yes"}))
    return wrapped + [_owned(b, owner.get(id(b), {})) for b in blocks]


def _after_names(blocks: Sequence[Block], close: Set[int]) -> list[Block]:
    """Statements that begin with 张三（某局局长）： and go on in the unmarked paragraphs right below."""
    out: list[Block] = []
    run: list[Block] = []
    for block in [*blocks, None]:
        goes_on = block is not None and run and _goes_on(run[0], block, close)
        if run and not goes_on:
            speaker = Speaker(run[0].attributes["speaker"], run[0].attributes["post"])
            out.append(_statement(run, run[0], _attributes(speaker)))
            out += [_owned(b, _attributes(speaker)) for b in run]
            run = []
        if block is None:
            break
        if goes_on or (block.kind in _SPOKEN and block.attributes.get("post")):
            run.append(block)
        else:
            out.append(block)
    return out


def _goes_on(first: Block, block: Block, close: Set[int]) -> bool:
    speaker = block.attributes.get("speaker")
    if block.kind not in _SPOKEN or block.heading_path != first.heading_path:
        return False
    return speaker == first.attributes["speaker"] or (speaker is None and block.span.start in close)


def _attributes(speaker: Speaker) -> dict[str, str]:
    return {"speaker": speaker.name, "post": speaker.post, "organisation": speaker.organisation}


def _statement(body: Sequence[Block], sign: Block, attributes: Mapping[str, str]) -> Block:
    parts = [*body, sign]
    span = Span(sign.span.doc, min(b.span.start for b in parts), max(b.span.end for b in parts))
    return Block(BlockKind.STATEMENT, span, "".join(b.text for b in body), (), attributes)


def _owned(block: Block, attributes: Mapping[str, str]) -> Block:
    if not attributes or block.kind is BlockKind.FURNITURE:
        return block
    return replace(block, attributes=dict(block.attributes) | dict(attributes))


def _after_title(body: list[Block]) -> list[Block]:
    """What follows the last title: a lead may stand before the headline and belongs to nobody."""
    last = max((i for i, b in enumerate(body) if b.kind is BlockKind.TITLE), default=-1)
    return body[last + 1 :]
