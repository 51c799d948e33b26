"""The local reader, with the shipped weights and with damaged copies of them."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from assistant.errors import ModelError
from assistant.models.files import WEIGHTS
from assistant.models.reader import (
    DESCRIPTION,
    MOST_SPANS,
    NETWORK,
    TOKENISER,
    Passage,
    Reader,
    Reading,
    best_spans,
    softmax,
)
from assistant.models.reading import MOST_PIECES, PASSAGE, QUESTION, rows
from assistant.models.sessions import LocalModel

PLACE = "云泽县养老服务规划（2024—2026年）｜三、主要任务｜（二）建设床位"
TEXT = (
    "到2026年，全县养老机构护理型床位达到1200张，占床位总数的62%。新建护理型床位每张补助8000元，改建的每张补助3000元。"
    "补助资金由县财政局于每年9月底前拨付。床位建设由县民政局牵头，县住房城乡建设局配合。"
)
ASKED = [
    ("云泽县新建一张护理型床位补助多少钱", "8000元"),
    ("云泽县到2026年护理型床位要占多少比例", "62%"),
    ("床位建设哪个单位牵头", "县民政局"),
    ("补助的钱每年什么时候到", "9月底"),
]
LONG = "县政府每年召开一次会议，研究养老服务工作。" * 60


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    for name in (NETWORK, TOKENISER, DESCRIPTION):
        shutil.copyfile(WEIGHTS / name, tmp_path / name)
    return tmp_path


def read(reader: Reader, question: str, text: str = TEXT, place: str = PLACE) -> Reading:
    return reader.read(question, [Passage(place, text)])[0]


@pytest.mark.parametrize(("question", "answer"), ASKED)
def test_the_best_span_holds_the_answer(reader: Reader, question: str, answer: str) -> None:
    reading = read(reader, question)
    best = reading.spans[0]
    assert answer in TEXT[best.start : best.end]
    assert best.end - best.start <= len(answer) + 12
    assert reading.answerable > 0.5


def test_the_passage_that_answers_comes_before_those_that_do_not(reader: Reader) -> None:
    others = ["县文化馆每周二至周日开放，周一闭馆。", LONG, "加强农村公路养护，完善县乡村三级养护体系。"]
    readings = reader.read(ASKED[0][0], [Passage(PLACE, text) for text in (*others, TEXT)])
    assert max(range(4), key=lambda n: readings[n].relevance) == 3
    assert max(range(4), key=lambda n: readings[n].answerable) == 3
    assert readings[0].answerable < 0.3


def test_near_misses_are_less_answerable_than_what_is_said(reader: Reader) -> None:
    said = read(reader, "云泽县新建一张护理型床位补助多少钱").answerable
    for missed in ("云泽县改建的公办幼儿园每个班补助多少钱", "临河市新建一张护理型床位补助多少钱"):
        assert read(reader, missed).answerable < said


def test_belief_is_shared_out_over_the_passage(reader: Reader) -> None:
    reading = read(reader, ASKED[0][0])
    assert reading.share(0, len(TEXT)) == pytest.approx(1.0, abs=1e-3)
    assert reading.share(0, 0) == 0.0
    at = TEXT.index("8000元")
    assert reading.share(at, at + 5) > reading.share(0, at)


def test_spans_are_apart_and_inside_and_ordered(reader: Reader) -> None:
    for text in (TEXT, LONG, TEXT * 12):
        spans = read(reader, "补助多少钱", text).spans
        assert 0 < len(spans) <= MOST_SPANS
        assert all(0 <= s.start < s.end <= len(text) for s in spans)
        assert all(0.0 <= s.probability <= 1.0 for s in spans)
        assert [s.probability for s in spans] == sorted((s.probability for s in spans), reverse=True)
        placed = sorted((s.start, s.end) for s in spans)
        assert all(a[1] <= b[0] for a, b in zip(placed, placed[1:], strict=False))


def test_an_answer_far_down_a_long_passage_is_found(reader: Reader) -> None:
    text = LONG[:400] + TEXT
    best = read(reader, ASKED[0][0], text).spans[0]
    assert best.start >= 400
    assert "元" in text[best.start : best.end]


def test_an_empty_passage_answers_nothing(reader: Reader) -> None:
    for text in ("", " \n\u3000"):
        reading = read(reader, "补助多少钱", text)
        assert (reading.answerable, reading.spans, reading.share(0, 9)) == (0.0, (), 0.0)
    assert reader.read("补助多少钱", []) == []


@pytest.mark.parametrize("question", ["补" * 5000, "", "补助\ud83d多少", "\x00\u202e补助", "🙂" * 300])
def test_odd_questions_are_read(reader: Reader, question: str) -> None:
    reading = read(reader, question)
    assert 0.0 <= reading.answerable <= 1.0
    assert np.isfinite(reading.relevance)


def test_reading_stops_once_the_first_passages_are_certain(reader: Reader) -> None:
    passages = [Passage(PLACE, TEXT), *(Passage(PLACE, f"{n}{LONG[:60]}") for n in range(9))]
    question = ASKED[0][0]
    assert len(reader.read(question, passages)) == 10
    assert len(reader.read(question, passages, certain=0.01)) == 4
    assert len(reader.read(question, passages[1:], certain=1.5)) == 9


def test_a_reading_depends_on_nothing_beside_it(reader: Reader) -> None:
    passages = [Passage(PLACE, TEXT), Passage("", LONG), Passage(PLACE, TEXT[:60])]
    together = reader.read("补助多少钱", passages)
    with ThreadPoolExecutor(3) as pool:
        alone = list(pool.map(lambda p: Reader(threads=1).read("补助多少钱", [p])[0], passages))
    for a, b in zip(together, alone, strict=True):
        assert (a.relevance, a.answerable, a.spans) == (b.relevance, b.answerable, b.spans)


@given(st.text(max_size=400), st.text(max_size=40), st.text(max_size=600))
@hypothesis_settings(max_examples=60, deadline=None)
def test_rows_keep_their_bounds(question: str, place: str, passage: str) -> None:
    _, tokeniser = LocalModel(WEIGHTS / DESCRIPTION, NETWORK, TOKENISER, whole=True).load()
    made = rows(tokeniser, question, place, passage)
    assert made
    covered: set[int] = set()
    for row in made:
        assert len(row.ids) == len(row.parts) == len(row.offsets) <= MOST_PIECES
        assert row.parts[0] == row.parts[-1] == QUESTION
        for part, (start, end) in zip(row.parts, row.offsets, strict=True):
            if part == PASSAGE:
                assert 0 <= start <= end <= len(passage)
                covered |= set(range(start, end))
    assert {i for i, char in enumerate(passage) if char.isalnum() and char.isascii()} <= covered


def test_missing_files_are_told_and_leave_the_reader_absent(copied: Path) -> None:
    assert Reader(path=copied).present
    (copied / NETWORK).unlink()
    assert not Reader(path=copied).present
    with pytest.raises(ModelError, match="找不到模型文件"):
        Reader(path=copied).read("问", [Passage("", "文")])
    (copied / DESCRIPTION).unlink()
    with pytest.raises(ModelError, match="找不到模型说明文件"):
        Reader(path=copied).verify()


def test_damaged_files_are_told(copied: Path) -> None:
    network = copied / NETWORK
    whole = network.read_bytes()
    network.write_bytes(whole[:-100])
    with pytest.raises(ModelError, match="不完整"):
        Reader(path=copied).load()
    network.write_bytes(whole[:1000] + bytes(5000) + whole[6000:])
    with pytest.raises(ModelError, match="已损坏"):
        Reader(path=copied).verify()
    network.write_bytes(bytes(len(whole)))
    with pytest.raises(ModelError, match="已损坏"):
        Reader(path=copied).load()


@pytest.mark.parametrize(
    "text", ["", "version = 1", "[files]\n", 'version = "a"\n[calibration]\nanswerable = [1]\n[files]\n']
)
def test_a_malformed_description_is_told(copied: Path, text: str) -> None:
    (copied / DESCRIPTION).write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match="说明文件"):
        Reader(path=copied).version  # noqa: B018


def test_threads_must_be_some() -> None:
    with pytest.raises(ValueError, match="at least one thread"):
        Reader(threads=0)


def test_the_likeliest_spans_come_first_and_do_not_overlap() -> None:
    start = softmax(np.array([0.0, 5.0, 0.0, 0.0, 4.0, 0.0], dtype=np.float32))
    end = softmax(np.array([0.0, 0.0, 5.0, 0.0, 0.0, 4.0], dtype=np.float32))
    found = best_spans(start, end)
    assert [(first, last) for first, last, _ in found[:2]] == [(1, 2), (4, 5)]
    assert best_spans(start[:0], end[:0]) == []
