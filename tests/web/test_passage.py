"""The stretch around a quote, and where it stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import InputError
from assistant.types import Block, BlockKind, Document, Span
from assistant.web.passage import AFTER, BEFORE, DocumentUnknown, cut, find_document, heading_path
from tests.web.double import FANGSHAN, JINZHONG, Scripted


@given(st.text(alphabet="文字。\n 1\t", min_size=1, max_size=900), st.data())
def test_a_passage_is_one_stretch_of_the_original(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    document = Document(id="d", text=text, title="t", hash="h")
    passage = cut(document, start, end)
    assert passage.quote == text[start:end]
    first = start - len(passage.before)
    assert text[first : end + len(passage.after)] == passage.before + passage.quote + passage.after
    assert len(passage.before) <= BEFORE
    assert len(passage.after) <= AFTER
    assert passage.opens_document == (not text[:first].strip())


@pytest.mark.parametrize(("start", "end"), [(0, 0), (3, 2), (-1, 2), (0, 5)])
def test_places_outside_the_document_are_refused(start: int, end: int) -> None:
    with pytest.raises(InputError, match="不在文件之内"):
        cut(Document(id="d", text="一二三四", title="t", hash="h"), start, end)


def test_the_nearest_heading_counts() -> None:
    blocks = [
        Block(BlockKind.STATEMENT, Span("d", 0, 100), "", ("一",)),
        Block(BlockKind.PARAGRAPH, Span("d", 10, 50), "", ("一", "（二）")),
        Block(BlockKind.FURNITURE, Span("d", 20, 30), "", ("目录",)),
    ]
    assert heading_path(Span("d", 25, 60), blocks) == ("一", "（二）")
    assert heading_path(Span("d", 60, 70), blocks) == ("一",)
    assert heading_path(Span("d", 200, 201), blocks) == ()


def test_a_document_is_found_by_its_id(scripted: Scripted) -> None:
    assert find_document(scripted.library, JINZHONG).status == "征求意见稿"
    assert find_document(scripted.library, FANGSHAN).number == "方卫发〔2025〕19号"
    with pytest.raises(DocumentUnknown, match="没有编号为"):
        find_document(scripted.library, "nothing")
