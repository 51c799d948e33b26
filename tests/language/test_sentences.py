"""Where sentences and clauses end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.language.sentences import clauses, ends_sentence, sentences

_texts = st.text(alphabet="健康服务ab12。！？!?；，、：,;:“”（）《》()…. \n", max_size=60)


def _parts(text: str, stretches: list[tuple[int, int]]) -> list[str]:
    return [text[a:b] for a, b in stretches]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("加强领导。落实责任！", ["加强领导。", "落实责任！"]),
        ("他说：“要落实。”会议结束。", ["他说：“要落实。”", "会议结束。"]),
        ("达到12.5%。没有句号", ["达到12.5%。", "没有句号"]),
        ("真的吗？！是的。", ["真的吗？！", "是的。"]),
        ("（见附件。）下一句", ["（见附件。）", "下一句"]),
        ("", []),
        ("。", ["。"]),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert _parts(text, sentences(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("加强领导，落实责任；到位。", ["加强领导，", "落实责任；", "到位。"]),
        ("编制1,898个，已到位", ["编制1,898个，", "已到位"]),
        ("“党建，引领”工程，开工", ["“党建，引领”工程，", "开工"]),
        ("（市、县；乡）三级，联动", ["（市、县；乡）三级，", "联动"]),
        ("时间9:30，地点", ["时间9:30，", "地点"]),
    ],
)
def test_clauses(text: str, expected: list[str]) -> None:
    assert _parts(text, clauses(text)) == expected


@given(_texts)
def test_sentences_and_clauses_cover_the_text(text: str) -> None:
    assert "".join(_parts(text, sentences(text))) == text
    assert "".join(_parts(text, clauses(text))) == text
    assert all(a < b for a, b in [*sentences(text), *clauses(text)])


@given(_texts)
def test_a_sentence_but_the_last_ends_as_sentences_do(text: str) -> None:
    for part in _parts(text, sentences(text))[:-1]:
        assert ends_sentence(part)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("落实责任。", True),
        ("“落实责任。”", True),
        ("（落实责任）", False),
        ("落实责任…", True),
        ("如下：", False),
        ("责任；", False),
        ("落实责任。 \n", True),
        ("", False),
    ],
)
def test_the_end_of_a_sentence(text: str, expected: bool) -> None:
    assert ends_sentence(text) is expected
