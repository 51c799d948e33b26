"""The documents as the scorer sees them: where quotes stand, what counts as a character, when a corpus changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import DocumentError, InputError
from assistant.types import Span
from eval.documents import Corpus, Text, normalise
from eval.types import Quote
from tests.eval.conftest import WriteDocuments


def slices(text: Text, quote: str) -> list[str]:
    """The originals at the places of a quote."""
    return [text.original[place.start : place.end] for place in text.places(quote)]


# --- where a quote stands ---


def test_a_quote_stands_at_its_offsets() -> None:
    assert Text("d", "到2025年达到78.1岁。").places("78.1岁") == [Span("d", 8, 13)]


def test_a_quote_is_found_across_a_hard_wrap() -> None:
    assert slices(Text("d", "人均预期\n    寿命78.1岁"), "预期寿命") == ["预期\n    寿命"]


def test_white_space_of_the_quote_is_ignored() -> None:
    assert slices(Text("d", "人均预期寿命"), " 预期\t寿\n命　") == ["预期寿命"]


def test_white_space_around_the_place_is_not_part_of_it() -> None:
    assert Text("d", "  甲乙  ").places("甲乙") == [Span("d", 2, 4)]


def test_table_cells_are_found_without_their_tabs() -> None:
    row = "人均预期寿命（岁）\t77.3\t77.6"
    assert slices(Text("d", row), "人均预期寿命（岁）77.377.6") == [row]


@pytest.mark.parametrize(
    ("original", "quote"),
    [
        ("达到９０％", "达到90%"),
        ("达到90%", "达到９０％"),
        ("ＩＣＵ", "icu"),
        ("（含）", "(含)"),
        ("㎡", "m2"),
    ],
)
def test_compatible_characters_and_cases_are_equal(original: str, quote: str) -> None:
    assert slices(Text("d", f"前{original}后"), quote) == [original]


def test_a_character_that_unfolds_keeps_its_offset() -> None:
    text = Text("d", "100㎡…以上")
    assert text.places("以上") == [Span("d", 5, 7)]
    assert slices(text, "2...以") == ["㎡…以"]


def test_every_place_is_found_also_those_that_overlap() -> None:
    assert Text("d", "每每每年").places("每每") == [Span("d", 0, 2), Span("d", 1, 3)]
    assert len(Text("d", "甲乙。甲\n乙。甲丙").places("甲乙")) == 2


@pytest.mark.parametrize("quote", ["", " \n　", "没有", "甲丙"])
def test_what_does_not_stand_there_has_no_place(quote: str) -> None:
    assert Text("d", "甲乙丙").places(quote) == []


def test_offsets_are_code_points() -> None:
    assert Text("d", "𠮷😀甲").places("甲") == [Span("d", 2, 3)]


@pytest.mark.parametrize("words", ["Jose\u0301", "ｶﾞｽ"])
def test_characters_that_compose_are_found_in_their_own_text(words: str) -> None:
    assert slices(Text("d", f"前{words}后"), words) == [words]


ALPHABET = "甲乙丙 \n\t　１1ＡaB，,。…㎡①"


@given(st.text(ALPHABET, min_size=1, max_size=40), st.data())
def test_every_stretch_of_a_text_is_found_where_it_is(original: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(original) - 1))
    end = data.draw(st.integers(start + 1, len(original)))
    quote, text = original[start:end], Text("d", original)
    places = text.places(quote)
    if normalise(quote):
        inner = quote.strip()
        first = start + quote.index(inner)
        assert Span("d", first, first + len(inner)) in places
    assert all(normalise(quote) in normalise(original[p.start : p.end]) for p in places)


# --- characters that are not white space ---


def test_white_space_is_no_ink() -> None:
    text = Text("d", "甲 乙\n\t　丙")
    assert text.ink(0, 7) == 3
    assert text.ink(1, 2) == 0
    assert text.ink(2, 6) == 1


@pytest.mark.parametrize(("start", "end"), [(2, 2), (3, 1), (10, 20), (-5, 0), (-9, -3), (20, 10)])
def test_an_empty_stretch_has_no_ink(start: int, end: int) -> None:
    assert Text("d", "甲乙丙丁").ink(start, end) == 0


def test_ink_ends_where_the_text_ends() -> None:
    assert Text("d", "甲乙丙丁").ink(2, 100) == 2
    assert Text("d", "甲乙丙丁").ink(-100, 1) == 1


@given(st.text(ALPHABET, max_size=40), st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_ink_adds_up(original: str, a: int, b: int, c: int) -> None:
    a, b, c = sorted((a, b, c))
    text = Text("d", original)
    assert text.ink(a, b) + text.ink(b, c) == text.ink(a, c) == len("".join(original[a:c].split()))


# --- a folder of documents ---


def test_documents_have_the_ids_of_the_library(write_documents: WriteDocuments) -> None:
    folder = write_documents({"plan": "规划", "report": "报告"})
    (folder / "manifest.toml").write_text('[[document]]\nfile = "plan.txt"\nid = "the-plan"\n', "utf-8")
    assert sorted(Corpus(folder).texts) == ["report", "the-plan"]


def test_texts_are_the_files_as_they_are(write_documents: WriteDocuments) -> None:
    original = "\ufeff第一行\r\n\r\n第二行　\n"
    assert Corpus(write_documents({"plan": original})).texts["plan"].original == original


def test_other_encodings_and_sub_folders_are_read(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "old.txt").write_bytes("晋中市卫生健康事业发展规划".encode("gb18030"))
    (tmp_path / "wide.md").write_bytes("晋中市".encode("utf-16"))
    texts = Corpus(tmp_path).texts
    assert texts["old"].original == "晋中市卫生健康事业发展规划"
    assert texts["wide"].original == "\ufeff晋中市"


def test_a_quote_is_sought_in_its_document_only(write_documents: WriteDocuments) -> None:
    corpus = Corpus(write_documents({"plan": "甲乙丙", "report": "丙甲乙"}))
    assert corpus.places(Quote("report", "甲乙")) == [Span("report", 1, 3)]
    assert corpus.places(Quote("plan", "丙甲")) == []
    assert corpus.places(Quote("unknown", "甲乙")) == []


def test_evidence_keeps_the_order_of_the_quotes(write_documents: WriteDocuments) -> None:
    corpus = Corpus(write_documents({"plan": "甲乙甲丙"}))
    found = corpus.evidence([Quote("plan", "丙"), Quote("plan", "丁"), Quote("plan", "甲")])
    assert found == [[Span("plan", 3, 4)], [], [Span("plan", 0, 1), Span("plan", 2, 3)]]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"找不到文件夹：.*nowhere"):
        Corpus(tmp_path / "nowhere")


def test_a_file_is_no_folder(write_documents: WriteDocuments) -> None:
    with pytest.raises(InputError, match="找不到文件夹"):
        Corpus(write_documents({"plan": "规划"}) / "plan.txt")


@pytest.mark.parametrize("name", ["picture.png", "userdict.txt", ".hidden.txt"])
def test_a_folder_without_documents_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("甲", encoding="utf-8")
    with pytest.raises(InputError, match="没有可读的文件"):
        Corpus(tmp_path)


def test_a_document_that_cannot_be_read_is_named(write_documents: WriteDocuments) -> None:
    folder = write_documents({"plan": "规划"})
    (folder / "broken.txt").write_bytes(b"\x00\x01\x02")
    with pytest.raises(DocumentError, match=r"broken\.txt"):
        Corpus(folder)


# --- when a corpus is another one ---


def test_the_same_files_elsewhere_have_the_same_hash(tmp_path: Path) -> None:
    for place in ("here", "there"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "plan.txt").write_text("规划", encoding="utf-8")
    assert Corpus(tmp_path / "here").hash == Corpus(tmp_path / "there").hash


@pytest.mark.parametrize("name", ["plan.txt", "new.txt", "manifest.toml", "glossary.toml", "userdict.txt"])
def test_the_hash_changes_with_what_answers_depend_on(write_documents: WriteDocuments, name: str) -> None:
    folder = write_documents({"plan": "规划"})
    before = Corpus(folder).hash
    (folder / name).write_text("# 变了\n", encoding="utf-8")
    assert Corpus(folder).hash != before


def test_the_hash_changes_with_the_name_of_a_document(write_documents: WriteDocuments) -> None:
    folder = write_documents({"plan": "规划"})
    before = Corpus(folder).hash
    (folder / "plan.txt").rename(folder / "other.txt")
    assert Corpus(folder).hash != before


@pytest.mark.parametrize("name", ["README", "picture.png", ".hidden.txt"])
def test_the_hash_does_not_change_with_what_nobody_reads(write_documents: WriteDocuments, name: str) -> None:
    folder = write_documents({"plan": "规划"})
    before = Corpus(folder).hash
    (folder / name).write_text("变了", encoding="utf-8")
    assert Corpus(folder).hash == before


def test_the_hash_changes_with_the_manifest_of_a_sub_folder(write_documents: WriteDocuments) -> None:
    folder = write_documents({"plan": "规划"})
    (folder / "below").mkdir()
    (folder / "below" / "report.txt").write_text("报告", encoding="utf-8")
    before = Corpus(folder).hash
    (folder / "below" / "manifest.toml").write_text(
        '[[document]]\nfile = "report.txt"\nid = "report"\ntitle = "另一标题"\nstatus = "草案"\n', "utf-8"
    )
    assert Corpus(folder).hash != before
