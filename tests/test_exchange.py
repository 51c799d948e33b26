"""Question and answer files: what is read, what is refused, and that nothing is lost on the way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import FormatError, InputError
from assistant.exchange import answer_line, dump_line, read_questions, read_records
from assistant.types import Answer, Chunk, Citation, Hit, Question, Span, Status, Turn

TEXT = st.text(st.characters(codec="utf-8"))
IDS = TEXT.filter(lambda text: text.strip() != "")
TURNS = st.tuples(st.sampled_from(["user", "assistant"]), TEXT)
EXTRA = st.dictionaries(
    st.sampled_from(["category", "key_facts", "reference", "note"]),
    st.one_of(TEXT, st.integers(), st.lists(TEXT)),
)
QUESTIONS = st.lists(
    st.tuples(IDS, TEXT, st.lists(TURNS, max_size=3), EXTRA),
    min_size=1,
    max_size=5,
    unique_by=lambda row: row[0],
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "questions.jsonl"


@given(rows=QUESTIONS, end=st.sampled_from(["\n", "\r\n", "\n\n"]), mark=st.booleans())
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str, list[tuple[str, str]], dict[str, object]]],
    end: str,
    mark: bool,
) -> None:
    path = tmp_path_factory.mktemp("exchange") / "questions.jsonl"
    lines = [
        json.dumps({"id": id, "question": text, "history": history, **extra}, ensure_ascii=False)
        for id, text, history, extra in rows
    ]
    path.write_bytes((end.join(lines) + end).encode("utf-8-sig" if mark else "utf-8"))
    assert read_questions(path) == [
        (id, Question(text, tuple(Turn(role, said) for role, said in history)))
        for id, text, history, _ in rows
    ]


@given(
    id=IDS,
    question=TEXT,
    text=TEXT,
    status=st.sampled_from(list(Status)),
    places=st.lists(st.tuples(st.integers(0, 999), st.integers(0, 99), TEXT), max_size=30),
    seconds=st.floats(0, 1e4),
)
def test_an_answer_line_is_one_line_and_holds_all(
    id: str, question: str, text: str, status: Status, places: list[tuple[int, int, str]], seconds: float
) -> None:
    spans = [Span("doc", start, start + length) for start, length, _ in places]
    citations = tuple(
        Citation(span, quote, "《题》") for span, (_, _, quote) in zip(spans, places, strict=True)
    )
    hits = tuple(Hit(Chunk(str(n), span, "文", ""), 1.0 - n / 100) for n, span in enumerate(spans))
    dumped = dump_line(
        answer_line(id, question, Answer(status, text, citations, hits, error="坏了"), seconds)
    )
    assert dumped.endswith("\n")
    assert dumped.count("\n") == 1
    line = json.loads(dumped.encode("utf-8"))
    keys = ["id", "question", "status", "answer", "citations", "retrieved", "seconds", "confidence"]
    assert list(line) == keys + (["error"] if status is Status.ERROR else [])
    assert (line["id"], line["question"], line["status"], line["answer"]) == (
        id,
        question,
        status.value,
        text,
    )
    assert [(c["doc"], c["start"], c["end"], c["quote"], c["label"]) for c in line["citations"]] == [
        (c.span.doc, c.span.start, c.span.end, c.quote, c.label) for c in citations
    ]
    assert len(line["retrieved"]) == min(20, len(hits))
    assert all(list(hit) == ["doc", "start", "end", "score"] for hit in line["retrieved"])
    assert line["seconds"] == pytest.approx(seconds, abs=1e-4)


GOOD = '{"id": "1", "question": "问"}'


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "不是合法的 JSON"),
        ("你好", "不是合法的 JSON"),
        ("[1, 2]", "JSON 对象"),
        ('"文"', "JSON 对象"),
        ("null", "JSON 对象"),
        ('{"question": "问"}', "缺少 “id”"),
        ('{"id": "2"}', "缺少 “question”"),
        ('{"id": 2, "question": "问"}', "“id” 应是字符串"),
        ('{"id": " ", "question": "问"}', "“id” 是空的"),
        ('{"id": "2", "question": ["问"]}', "“question” 应是字符串"),
        ('{"id": "2", "question": null}', "“question” 应是字符串"),
        ('{"id": "1", "question": "又问"}', "与第 1 行重复"),
        ('{"id": "2", "question": "问", "history": "前文"}', "“history” 应是列表"),
        ('{"id": "2", "question": "问", "history": [["user"]]}', "第 1 项 应是 [角色, 文字]"),
        ('{"id": "2", "question": "问", "history": [{"role": "user"}]}', "应是 [角色, 文字]"),
        ('{"id": "2", "question": "问", "history": [["user", "一"], ["system", "二"]]}', "第 2 项 的角色"),
        ('{"id": "2", "question": "问", "history": [[["user"], "一"]]}', "的角色"),
        ('{"id": "2", "question": "问", "history": [["user", 1]]}', "的文字 应是字符串"),
        (r'{"id": "2", "question": "\ud800"}', "代理字符"),
        ('{"id": "2", "n": ' + "1" * 5000 + "}", "超出可处理的范围"),
        ("[" * 200_000, "超出可处理的范围"),
    ],
)
def test_a_malformed_line_is_named_with_file_and_number(file: Path, line: str, said: str) -> None:
    file.write_text(f"{GOOD}\n\n{line}\n", encoding="utf-8")
    with pytest.raises(FormatError) as caught:
        read_questions(file)
    message = str(caught.value)
    assert message.startswith(f"{file} 第 3 行：")
    assert said in message
    assert "\n" not in message


def test_another_encoding_is_named(file: Path) -> None:
    file.write_bytes(GOOD.encode() + b"\n" + '{"id": "2", "question": "问题"}\n'.encode("gb18030"))
    with pytest.raises(FormatError, match="第 2 行：不是 UTF-8"):
        read_questions(file)


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(FormatError, match="没有问题"):
        read_questions(file)


def test_what_cannot_be_read_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="找不到文件"):
        read_questions(tmp_path / "none.jsonl")
    with pytest.raises(InputError, match="文件夹"):
        read_questions(tmp_path)


def test_other_keys_are_neither_needed_nor_checked(file: Path) -> None:
    file.write_text(
        '{"id": "1", "question": "问", "history": null, "answerable": "也许", "key_facts": 3}', "utf-8"
    )
    assert read_questions(file) == [("1", Question("问"))]


def test_unicode_line_separators_do_not_split_a_line(file: Path) -> None:
    file.write_text('{"id": "1", "question": "甲\u2028乙\x85丙"}\n', "utf-8")
    assert read_questions(file) == [("1", Question("甲\u2028乙\x85丙"))]
    assert [number for number, _ in read_records(file)] == [1]
