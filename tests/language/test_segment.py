"""Text to words."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.language import segment

CORPUS = Path(__file__).resolve().parents[2] / "corpus"


def test_words_are_those_of_jieba_on_han_runs(corpus_dir: Path) -> None:
    """rjieba stands in for jieba because the two agree, with a user dictionary as well as without."""
    import jieba
    import rjieba

    reference, ours = jieba.Tokenizer(), rjieba.Jieba()
    reference.tmp_dir = None
    for word in ("托位数", "县管乡用", "数字医共体"):
        reference.add_word(word)
        ours.add_word(word, None, None)
    for file in sorted(corpus_dir.glob("*.txt")):
        for run in re.findall("[一-鿿]+", file.read_text(encoding="utf-8")):
            assert ours.cut(run) == reference.lcut(run)
            assert ours.cut_for_search(run) == reference.lcut_for_search(run)


def test_numbers_and_latin_words_stay_whole() -> None:
    assert segment.words("COVID-19和H1N1、5G，人均84.5元") == [
        "covid-19",
        "和",
        "h1n1",
        "5g",
        "人均",
        "84.5",
        "元",
    ]


def test_widths_case_and_script_make_no_difference() -> None:
    assert segment.words("ＤＲＧ付費") == segment.words("drg付费")


def test_long_words_bring_their_parts() -> None:
    assert set(segment.words("升级版")) >= {"升级", "升级版"}


def test_the_user_dictionary_keeps_a_word(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("# remark\n甲乙丙工程 50 n\n", encoding="utf-8")
    assert "甲乙丙工程" in segment.words("推进甲乙丙工程建设", path)
    assert "甲乙丙工程" not in segment.words("推进甲乙丙工程建设")
    assert segment.words("推进", tmp_path / "missing.txt") == ["推进"]


def test_questions_lose_what_says_nothing() -> None:
    dictionary = CORPUS / "userdict.txt"
    assert segment.query_words("请问晋中的近视率是多少呢？", dictionary) == ["晋中", "近视率"]
    assert segment.content_words("托位有几个啊", dictionary) == ["托位"]


def test_bigrams_overlap_within_han_runs() -> None:
    assert segment.bigrams("托位数4.5个，DRG") == ["托位", "位数", "4.5", "个", "drg"]


@given(st.text(max_size=60))
def test_cutting_loses_no_han_character(text: str) -> None:
    han = re.findall("[一-鿿]", segment.plain(text))
    assert [char for word in segment.load().cut(text) for char in word if "一" <= char <= "鿿"] == han


@given(st.text(max_size=60))
def test_boundaries_lie_within_the_text(text: str) -> None:
    assert segment.load().boundaries(text) <= set(range(len(text) + 1))


@pytest.mark.parametrize("statement", ["from assistant.language import segment; segment.words('今天开会')"])
def test_nothing_is_written_and_nothing_said(statement: str, tmp_path: Path) -> None:
    environment = {"TMPDIR": str(tmp_path), "PATH": "", "PYTHONPATH": str(CORPUS.parent)}
    done = subprocess.run(
        [sys.executable, "-c", statement],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("", "")
    assert list(tmp_path.iterdir()) == []
