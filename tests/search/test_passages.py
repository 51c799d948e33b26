"""Documents taken apart into sentences and rows, each with its place and its origin."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.documents.chunking import chunk
from assistant.documents.structure import parse
from assistant.language.clean import comparable
from assistant.search.passages import Passages
from assistant.types import Block, BlockKind, Chunk, Document, Span

TEXT = """临江市水利工作计划

一、修好水渠

今年清淤水渠 40 公里，衬砌12公里。每个村都有管水员！

表1 主要指标

指标\t2024年\t2025年
灌溉面积（万亩）\t30\t32
节水率（%）\t51\t55

二、管好水库

（一）加固三座水库。
（二）汛期每天巡查两次；
"""


class Texts:
    """Documents in memory, as a library gives them."""

    def __init__(self, *texts: str) -> None:
        self._documents = {
            f"d{i}": Document(f"d{i}", text, "临江市水利工作计划", "", date="2025年", region="临江市")
            for i, text in enumerate(texts)
        }

    def documents(self) -> Sequence[Document]:
        return list(self._documents.values())

    def document(self, id: str) -> Document:
        return self._documents[id]

    def blocks(self, doc: str) -> Sequence[Block]:
        document = self._documents[doc]
        return parse(doc, document.text, document.title)

    def chunks_of(self, doc: str) -> Sequence[Chunk]:
        return chunk(self.document(doc), self.blocks(doc), 60)

    def all_chunks(self) -> Sequence[Chunk]:
        return [c for d in self.documents() for c in self.chunks_of(d.id)]


def test_every_sentence_is_a_unit_of_its_own() -> None:
    units = Passages(Texts(TEXT)).pages("d0").units
    texts = [unit.text for unit in units]
    assert "今年清淤水渠40公里，衬砌12公里。" in texts
    assert "每个村都有管水员！" in texts
    assert [unit.index for unit in units] == list(range(len(units)))


def test_the_chunk_of_a_span_is_the_one_that_holds_most_of_it() -> None:
    texts = Texts(TEXT)
    passages = Passages(texts)
    for own in texts.chunks_of("d0"):
        assert passages.chunk_at(own.span) == own
    assert passages.chunk_at(Span("d0", len(TEXT) + 5, len(TEXT) + 9)) is None


def test_a_unit_knows_its_place() -> None:
    units = Passages(Texts(TEXT)).pages("d0").units
    canal = next(unit for unit in units if "清淤" in unit.text)
    assert "修好水渠" in canal.where
    assert "临江市水利工作计划" in canal.where
    assert canal.regions == ("临江市",)
    assert canal.years == (2025,)
    assert canal.speaker == ""


def test_a_row_is_read_aloud_and_cited_as_it_stands() -> None:
    units = Passages(Texts(TEXT)).pages("d0").units
    row = next(unit for unit in units if unit.block.kind is BlockKind.ROW and "节水率" in unit.text)
    assert "2025年" in row.text
    assert "2025年" not in TEXT[row.span().start : row.span().end]
    assert TEXT[row.span().start : row.span().end] == "节水率（%）\t51\t55"


def test_the_units_of_a_span() -> None:
    passages = Passages(Texts(TEXT))
    start = TEXT.index("今年清淤")
    found = passages.units(Span("d0", start, start + 30))
    assert "今年清淤水渠40公里，衬砌12公里。" in [unit.text for unit in found]
    assert passages.units(Span("d0", 0, 0)) == []


def test_rarity_falls_with_use() -> None:
    passages = Passages(Texts(TEXT))
    unknown, seldom, often = (passages.rarity(word) for word in ("地铁", "巡查", "水"))
    assert unknown == pytest.approx(1.0)
    assert 0.0 <= often < seldom < unknown
    assert passages.knows("巡查")
    assert not passages.knows("地铁")


LINES = st.sampled_from(
    [
        "一、总则",
        "（一）要求",
        "今年建成3座水库。明年再建2座；",
        "■ 巡查",
        "全县投资 1.2 亿元",
        "甲\t乙\t丙\n1\t2\t3",
        "张三强调，要节水。",
        "",
    ]
)


@given(st.lists(st.one_of(LINES, st.text("水渠，。；\n 　1２（）", max_size=30)), max_size=12).map("\n".join))
def test_every_unit_is_the_cleaned_text_of_its_span(text: str) -> None:
    passages = Passages(Texts(text))
    pages = passages.pages("d0")
    for unit in pages.units:
        span = unit.span()
        assert 0 <= span.start < span.end <= len(text)
        assert unit.block.span.contains(span)
        if unit.block.kind is not BlockKind.ROW:
            assert unit.origin.text == unit.text
            originals = "".join(text[origin] for origin in unit.origin.origins)
            assert comparable(originals) == comparable(unit.text)
