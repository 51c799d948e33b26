"""BM25 over words and bigrams, with terms that are never a query language."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.index import Library, Unit, open_library
from assistant.index.words import WordIndex, write_words
from assistant.types import Chunk, Span

TEXTS = ["疫苗接种率达到九成", "疫苗疫苗疫苗接种", "医院建设", "COVID-19 疫苗 AND 接种 OR 医院", "体育活动"]


def chunk(number: int, text: str, context: str = "") -> Chunk:
    return Chunk(id=f"c{number}", span=Span("d", 0, len(text)), text=text, context=context)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> WordIndex:
    folder = tmp_path_factory.mktemp("words")
    chunks = [chunk(n, text) for n, text in enumerate(TEXTS)]
    write_words(folder, [*chunks, chunk(9, "职责分工", "疫苗管理办法")])
    return WordIndex(folder)


def test_scores_are_bm25(tmp_path: Path) -> None:
    """The formula of Robertson and Zaragoza with k1 = 1.2, b = 0.75, on texts short enough for exact lengths."""
    bags = [["甲"], ["甲", "甲", "乙"], ["乙", "丙"]]
    write_words(tmp_path, [chunk(n, "、".join(bag)) for n, bag in enumerate(bags)])
    mean = sum(map(len, bags)) / len(bags)
    idf = math.log(1 + (len(bags) - 2 + 0.5) / (2 + 0.5))
    found = dict(WordIndex(tmp_path).search({"甲": 1.0}, Unit.BIGRAMS))
    for number, bag in enumerate(bags[:2]):
        frequency = bag.count("甲")
        length = 1.2 * (1 - 0.75 + 0.75 * len(bag) / mean)
        assert found[f"c{number}"] == pytest.approx(idf * frequency * 2.2 / (frequency + length), rel=1e-5)
    assert "c2" not in found


def test_words_and_bigrams_are_apart(index: WordIndex) -> None:
    assert [own for own, _ in index.search({"苗接": 1.0}, Unit.BIGRAMS)] == ["c1", "c0"]
    assert index.search({"苗接": 1.0}, Unit.WORDS) == []
    assert {own for own, _ in index.search({"疫苗": 1.0}, "words")} == {"c0", "c1", "c3", "c9"}


def test_text_and_context_are_weighed(index: WordIndex) -> None:
    assert "c9" not in dict(index.search({"疫苗": 1.0}, context=0.0))
    assert [own for own, _ in index.search({"疫苗": 1.0}, text=0.0)] == ["c9"]
    whole, half = (dict(index.search({"疫苗": 1.0}, context=c))["c9"] for c in (1.0, 0.5))
    assert half == pytest.approx(whole / 2)


def test_boosts_multiply(index: WordIndex) -> None:
    one, three = (dict(index.search({"疫苗": boost})) for boost in (1.0, 3.0))
    assert three == {own: pytest.approx(3 * score) for own, score in one.items()}
    both = dict(index.search({"疫苗": 1.0, "医院": 2.0}))
    assert both["c3"] == pytest.approx(one["c3"] + dict(index.search({"医院": 2.0}))["c3"])


def test_best_first_and_limited(index: WordIndex) -> None:
    found = index.search({"疫苗": 1.0, "接种": 1.0})
    assert found == sorted(found, key=lambda pair: (-pair[1], pair[0]))
    assert index.search({"疫苗": 1.0, "接种": 1.0}, limit=2) == found[:2]
    assert index.search({"疫苗": 1.0}, limit=0) == []


def test_forms_of_letters_do_not_matter(index: WordIndex) -> None:
    for form in ("covid-19", "COVID-19", "ＣＯＶＩＤ-19"):
        assert [own for own, _ in index.search({form: 1.0}, Unit.WORDS)] == ["c3"]


@pytest.mark.parametrize("terms", [{}, {"": 1.0}, {"疫苗": 0.0}, {"疫苗": -1.0}, {"没有的词": 1.0}])
def test_nothing_to_search(index: WordIndex, terms: dict[str, float]) -> None:
    assert index.search(terms) == []


def test_operators_are_mere_words(index: WordIndex) -> None:
    assert [own for own, _ in index.search({"and": 1.0})] == ["c3"]
    assert index.search({"疫苗 OR 医院": 1.0}) == []
    assert index.search({'words_text:疫苗"': 1.0, "*": 1.0, "(": 1.0}) == []


@given(
    terms=st.dictionaries(st.text(max_size=20), st.floats(0.1, 10), max_size=8), unit=st.sampled_from(Unit)
)
def test_any_text_is_a_term(index: WordIndex, terms: dict[str, float], unit: Unit) -> None:
    for _, score in index.search(terms, unit):
        assert score > 0


def test_unknown_units_are_refused(index: WordIndex) -> None:
    with pytest.raises(ValueError, match="letters"):
        index.search({"疫苗": 1.0}, "letters")


def test_through_the_library(small: Path) -> None:
    with open_library(small) as library:
        assert isinstance(library, Library)
        found = library.words.search({"方山": 1.0, "方山县": 1.0}, limit=3)
        assert {chunk.span.doc for chunk in library.chunks(own for own, _ in found)} == {"a"}
