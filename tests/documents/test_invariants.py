"""What holds for every text whatsoever: nothing is lost, nothing is invented, every offset points home."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import example, given
from hypothesis import strategies as st

from assistant.documents.chunking import chunk
from assistant.documents.structure import parse
from assistant.language.clean import compact, is_blank
from assistant.types import Block, BlockKind, Chunk, Document
from tests.documents.texts import texts, titles


def _chunks(text: str, title: str, limit: int) -> tuple[list[Block], list[Chunk]]:
    document = Document(id="d", text=text, title=title, hash="")
    blocks = parse("d", text, title)
    return blocks, chunk(document, blocks, limit)


def _covered(text: str, stretches: Sequence[tuple[int, int]]) -> set[int]:
    return {i for start, end in stretches for i in range(start, end)}


@given(texts, titles, st.integers(4, 400))
@example("一、标题\n" * 40, "", 8)
def test_every_shown_character_lies_in_a_chunk_or_in_furniture(text: str, title: str, limit: int) -> None:
    blocks, chunks = _chunks(text, title, limit)
    held = _covered(text, [(c.span.start, c.span.end) for c in chunks])
    furniture = _covered(text, [(b.span.start, b.span.end) for b in blocks if b.kind is BlockKind.FURNITURE])
    lost = [(i, c) for i, c in enumerate(text) if not is_blank(c) and i not in held and i not in furniture]
    assert not lost


@given(texts, titles, st.integers(4, 400))
def test_a_chunk_is_its_span_without_white_space(text: str, title: str, limit: int) -> None:
    _, chunks = _chunks(text, title, limit)
    for one in chunks:
        assert 0 <= one.span.start < one.span.end <= len(text)
        assert one.text == compact(text[one.span.start : one.span.end])
        assert one.text
    starts = [(c.span.start, c.span.end) for c in chunks]
    assert starts == sorted(starts)
    assert all(a[1] <= b[0] for a, b in zip(starts, starts[1:], strict=False)), "chunks do not overlap"


@given(texts, titles)
def test_blocks_stand_in_order_inside_the_text(text: str, title: str) -> None:
    blocks = parse("d", text, title)
    assert [b.span.start for b in blocks] == sorted(b.span.start for b in blocks)
    for block in blocks:
        assert 0 <= block.span.start < block.span.end <= len(text)
        assert block.span.doc == "d"
        if block.kind is BlockKind.ROW:
            assert block.attributes.get("caption") is not None


@given(texts, titles, st.integers(4, 400))
def test_chunks_keep_within_the_limit(text: str, title: str, limit: int) -> None:
    blocks, chunks = _chunks(text, title, limit)
    above = [b.span for b in blocks if b.kind in (BlockKind.HEADING, BlockKind.TITLE)]
    heads = _covered(text, [(span.start, span.end) for span in above])
    for one in chunks:
        if one.kind is not BlockKind.ROW and len(one.text) > 1:  # one character may be several tokens
            assert one.tokens <= limit * (1 if one.span.start not in heads else 1.25)


@given(texts, titles)
def test_the_same_text_gives_the_same_ids(text: str, title: str) -> None:
    first, second = _chunks(text, title, 60), _chunks(text, title, 60)
    assert first == second
    ids = [c.id for c in first[1]]
    assert len(set(ids)) == len(ids)
