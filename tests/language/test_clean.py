"""Clean text: what goes, what is unified, and where every character came from."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.language.clean import clean, compact, comparable, is_blank, is_han, squeeze
from assistant.types import Span

_CHARS = "健康，。,;:!?()（）“”ＡＢ１２％．－ab12%. \t\u3000\n\r\u200b\ufeff\u00ad\u2028\x00\u0301𠮷①㎡"
_texts = st.one_of(st.text(alphabet=_CHARS, max_size=60), st.text(max_size=40))

CASES = [
    ("健 康\n服务", "健康服务"),
    ("到 2025 年，达 到 90 %", "到2025年，达到90%"),
    ("policy  assistant\n2025 plan", "policy assistant 2025 plan"),
    ("ＣＭＩ值１２．５％", "CMI值12.5%"),
    ("深化改革,强化服务;(试行)", "深化改革，强化服务；（试行）"),
    ("1,898 个", "1,898个"),
    ("A, B; C", "A,B;C"),
    ("健\u200b康\ufeff服\u00ad务\x07", "健康服务"),
    ("“健康中国 2030”", "“健康中国2030”"),
    ("", ""),
    (" \n\t", ""),
]


@pytest.mark.parametrize(("original", "expected"), CASES)
def test_cleaned(original: str, expected: str) -> None:
    assert squeeze(original) == expected
    assert squeeze(expected) == expected


@given(_texts)
def test_every_character_knows_its_origin(original: str) -> None:
    cleaned = clean(original)
    assert len(cleaned.origins) == len(cleaned.text) == len(cleaned)
    assert all(a < b for a, b in zip(cleaned.origins, cleaned.origins[1:], strict=False))
    for char, origin in zip(cleaned.text, cleaned.origins, strict=True):
        there = original[origin]
        same = unicodedata.normalize("NFKC", char) == unicodedata.normalize("NFKC", there)
        assert same or (char == " " and there.isspace())


@given(_texts)
def test_nothing_that_shows_is_lost(original: str) -> None:
    kept = set(clean(original).origins)
    assert all(i in kept for i, char in enumerate(original) if not is_blank(char))
    shown = "".join(char for char in original if not is_blank(char))
    assert comparable(clean(original).text) == comparable(shown)


@given(_texts, st.data())
def test_a_part_points_home(original: str, data: st.DataObject) -> None:
    cleaned = clean(original)
    if not cleaned.text:
        return
    start = data.draw(st.integers(0, len(cleaned) - 1))
    end = data.draw(st.integers(start + 1, len(cleaned)))
    span = cleaned.span("d", start, end)
    assert 0 <= span.start < span.end <= len(original)
    assert cleaned.part(start, end).span("d") == span
    inside = comparable(compact("".join(c for c in original[span.start : span.end] if not is_blank(c))))
    assert inside == comparable(cleaned.text[start:end])


@given(_texts, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 8)), max_size=4), st.data())
def test_holes_are_left_out(original: str, holes: list[tuple[int, int]], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(original)))
    end = data.draw(st.integers(start, len(original)))
    skip = [Span("d", at, at + width) for at, width in holes]
    cleaned = clean(original, start, end, skip)
    assert all(a < b for a, b in zip(cleaned.origins, cleaned.origins[1:], strict=False))
    for char, origin in zip(cleaned.text, cleaned.origins, strict=True):
        assert start <= origin
        assert origin < end or char == " "
        assert char == " " or not any(span.start <= origin < span.end for span in skip)
    left = {i for i in range(start, end) if not any(span.start <= i < span.end for span in skip)}
    assert {i for i in left if not is_blank(original[i])} <= set(cleaned.origins)


def test_a_stretch_that_is_none_is_refused() -> None:
    cleaned = clean("健康")
    for start, end in ((0, 0), (1, 3), (-1, 1)):
        with pytest.raises(ValueError, match="not a stretch"):
            cleaned.span("d", start, end)


def test_kinds_of_characters() -> None:
    assert [is_han(c) for c in "健㐀𠮷a，々1"] == [True, True, True, False, False, False, False]
    assert [is_blank(c) for c in " \u3000\u200b\ufeff\x00a。"] == [True, True, True, True, True, False, False]
