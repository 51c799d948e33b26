"""Question files with their keys: what is read, what is refused and how it is named, and the table of sets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assistant.errors import FormatError, InputError
from assistant.types import Question, Turn
from eval.check import faults
from eval.dataset import SETS, Minimum, key_hash, known_sets, minimums, read_items, read_set
from eval.documents import Corpus
from eval.types import CATEGORIES, Item, Quote
from tests.eval.conftest import WriteDocuments, WriteQuestions

Record = dict[str, Any]


def asked(identity: str = "1", **changes: Any) -> Record:
    """A question line with its key; a value of ... takes the key away."""
    line = {
        "id": identity,
        "question": "目标是多少？",
        "category": "numeric",
        "answerable": True,
        "key_facts": [["78.1", "七十八点一"]],
        "reference": "78.1岁",
        "evidence": [{"doc": "plan", "quote": "达到78.1岁"}],
        **changes,
    }
    return {key: value for key, value in line.items() if value is not ...}


def unanswerable(identity: str = "1", **changes: Any) -> Record:
    return asked(
        identity,
        **{"category": "unanswerable", "answerable": False, "key_facts": ..., "evidence": ..., **changes},
    )


# --- what is read ---


def test_a_line_with_every_key(write_questions: WriteQuestions) -> None:
    line = asked(
        "q7",
        history=[["user", "人均预期寿命？"], ["assistant", "哪一年？"]],
        category="followup",
        key_facts=[["78.1"], ["2025年", "25年"]],
        forbidden=["77.3"],
        about=["plan", "report"],
    )
    (item,) = read_items(write_questions(line))
    assert item == Item(
        id="q7",
        question=Question("目标是多少？", (Turn("user", "人均预期寿命？"), Turn("assistant", "哪一年？"))),
        category="followup",
        answerable=True,
        key_facts=(("78.1",), ("2025年", "25年")),
        forbidden=("77.3",),
        reference="78.1岁",
        evidence=(Quote("plan", "达到78.1岁"),),
        about=("plan", "report"),
        line=1,
    )


def test_the_least_that_a_line_may_have(write_questions: WriteQuestions) -> None:
    path = write_questions(
        {"id": "1", "question": "甲", "category": "fact", "answerable": True, "key_facts": [["乙"]]},
        {"id": "2", "question": "丙", "category": "unanswerable", "answerable": False},
    )
    assert read_items(path) == (
        Item("1", Question("甲"), "fact", True, key_facts=(("乙",),), line=1),
        Item("2", Question("丙"), "unanswerable", False, line=2),
    )


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_is_known(write_questions: WriteQuestions, category: str) -> None:
    (item,) = read_items(write_questions(asked(category=category)))
    assert item.category == category


def test_the_categories_are_those_of_the_contract() -> None:
    assert " ".join(CATEGORIES) == (
        "fact numeric date person list table comparison howto definition summary cross_doc followup "
        "unanswerable false_premise colloquial adversarial"
    )


def test_unknown_keys_and_blank_lines_are_passed_over(write_questions: WriteQuestions) -> None:
    path = write_questions("", asked("a", comment="注", note=[1]), "  ", asked("b"))
    assert [(item.id, item.line) for item in read_items(path)] == [("a", 2), ("b", 4)]


def test_a_byte_order_mark_and_windows_line_ends_are_read(write_questions: WriteQuestions) -> None:
    path = write_questions(asked("a"), asked("b"))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert [item.id for item in read_items(path)] == ["a", "b"]


def test_an_unanswerable_question_may_have_evidence_and_an_empty_list_of_facts(
    write_questions: WriteQuestions,
) -> None:
    (item,) = read_items(
        write_questions(unanswerable(key_facts=[], evidence=[{"doc": "plan", "quote": "甲"}]))
    )
    assert (item.key_facts, item.evidence) == ((), (Quote("plan", "甲"),))


def test_documents_of_a_question_are_those_of_its_evidence_each_once() -> None:
    evidence = (Quote("b", "甲"), Quote("a", "乙"), Quote("b", "丙"))
    item = Item("1", Question("问"), "fact", True, evidence=evidence, about=("c",))
    assert item.documents == ("b", "a")


def test_documents_of_a_question_without_evidence_are_those_it_is_about() -> None:
    assert Item("1", Question("问"), "unanswerable", False, about=("c", "d")).documents == ("c", "d")
    assert Item("1", Question("问"), "unanswerable", False).documents == ()


# --- what is refused ---

BAD = {
    "half an object": ('{"id": "2", ', "JSON"),
    "no object": ('["id", "2"]', "JSON 对象"),
    "no id": (asked("2", id=...), "“id”"),
    "blank id": (asked(" "), "“id” 是空的"),
    "no question": (asked("2", question=...), "“question”"),
    "question that is no text": (asked("2", question=5), "“question” 应是字符串"),
    "history that is no list": (asked("2", history="甲"), "“history”"),
    "unknown role": (asked("2", history=[["system", "甲"]]), "角色"),
    "id twice": (asked("1"), "编号 “1” 与第 1 行重复"),
    "category missing": (asked("2", category=...), "类别"),
    "category unknown": (asked("2", category="numbers"), "类别 “numbers” 不认识"),
    "category that is no text": (asked("2", category=["fact"]), "类别"),
    "answerable missing": (asked("2", answerable=...), "“answerable” 应是 true 或 false"),
    "answerable a number": (asked("2", answerable=1), "“answerable”"),
    "answerable a text": (asked("2", answerable="true"), "“answerable”"),
    "facts that are no list": (asked("2", key_facts="78.1"), "“key_facts” 应是列表的列表"),
    "facts that are null": (asked("2", key_facts=None), "“key_facts” 应是列表的列表"),
    "fact that is no list": (asked("2", key_facts=["78.1"]), "“key_facts” 的每一项"),
    "wording that is no text": (asked("2", key_facts=[[78.1]]), "“key_facts” 的每一项"),
    "fact without wording": (asked("2", key_facts=[["甲"], []]), "空的要点"),
    "empty wording": (asked("2", key_facts=[["甲", ""]]), "空的说法"),
    "blank wording": (asked("2", key_facts=[["甲", " \n　"]]), "空的说法"),
    "forbidden that is no list": (asked("2", forbidden="甲"), "“forbidden” 应是字符串的列表"),
    "forbidden that is no text": (asked("2", forbidden=[1]), "“forbidden” 应是字符串的列表"),
    "reference that is no text": (asked("2", reference=["甲"]), "“reference” 应是字符串"),
    "about that is no list": (asked("2", about="plan"), "“about” 应是字符串的列表"),
    "evidence that is no list": (asked("2", evidence={"doc": "plan", "quote": "甲"}), "“evidence” 应是列表"),
    "evidence that is no object": (asked("2", evidence=["甲"]), "“evidence” 的每一项"),
    "evidence without document": (asked("2", evidence=[{"quote": "甲"}]), "“evidence” 的每一项"),
    "evidence without quote": (asked("2", evidence=[{"doc": "plan"}]), "“evidence” 的每一项"),
    "quote that is no text": (asked("2", evidence=[{"doc": "plan", "quote": 5}]), "“evidence” 的每一项"),
    "blank quote": (asked("2", evidence=[{"doc": "plan", "quote": " "}]), "空的 quote"),
}


@pytest.mark.parametrize(("line", "says"), BAD.values(), ids=BAD.keys())
def test_a_malformed_line_is_named_with_file_and_line(
    write_questions: WriteQuestions, line: Record | str, says: str
) -> None:
    path = write_questions(asked("1"), "", line)
    with pytest.raises(FormatError) as raised:
        read_items(path)
    assert f"{path} 第 3 行：" in str(raised.value)
    assert says in str(raised.value)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (asked(key_facts=...), "可回答的题要有要点"),
        (asked(key_facts=[]), "可回答的题要有要点"),
        (unanswerable(key_facts=[["78.1"]]), "不可回答的题不应有"),
    ],
    ids=["answerable without facts", "answerable with an empty list", "unanswerable with facts"],
)
def test_a_key_at_odds_with_itself_is_read_and_found_by_the_check(
    write_questions: WriteQuestions, write_documents: WriteDocuments, line: Record, says: str
) -> None:
    corpus = Corpus(write_documents({"plan": "达到78.1岁"}))
    right, wrong = read_items(write_questions(asked("0"), line))
    assert list(faults(right, corpus)) == []
    assert any(says in fault for fault in faults(wrong, corpus))


def test_an_unknown_category_is_told_the_known_ones(write_questions: WriteQuestions) -> None:
    with pytest.raises(FormatError) as raised:
        read_items(write_questions(asked(category="x")))
    assert all(category in str(raised.value) for category in CATEGORIES)


def test_a_file_in_another_encoding_is_named_with_its_line(write_questions: WriteQuestions) -> None:
    path = write_questions(asked("1"))
    path.write_bytes(path.read_bytes() + '{"id": "2", "question": "目标"}\n'.encode("gb18030"))
    with pytest.raises(FormatError) as raised:
        read_items(path)
    assert f"{path} 第 2 行" in str(raised.value)
    assert "UTF-8" in str(raised.value)


@pytest.mark.parametrize("content", ["", "\n", " \n\t\n"])
def test_a_file_without_questions_is_named(write_questions: WriteQuestions, content: str) -> None:
    path = write_questions(content)
    with pytest.raises(FormatError, match="没有问题") as raised:
        read_items(path)
    assert str(path) in str(raised.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="找不到文件") as raised:
        read_items(tmp_path / "none.jsonl")
    assert str(tmp_path / "none.jsonl") in str(raised.value)


def test_a_folder_in_place_of_a_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="这是文件夹"):
        read_items(tmp_path)


# --- the table of sets ---


def table(folder: Path, text: str) -> Path:
    path = folder / SETS
    path.write_text(text, encoding="utf-8")
    return path


def test_a_registered_set_has_what_the_table_says(write_questions: WriteQuestions, tmp_path: Path) -> None:
    path = write_questions(asked(), name="dev.jsonl")
    table(
        tmp_path,
        '[[set]]\nquestions = "dev.jsonl"\ncorpus = "../files"\nname = "开发"\ntitle = "开发集"\nlocked = true\n',
    )
    found = read_set(path)
    assert (found.name, found.title, found.locked) == ("开发", "开发集", True)
    assert found.path == path
    assert found.corpus == (tmp_path.parent / "files").resolve()
    assert found.items == read_items(path)


def test_a_set_is_named_by_its_file_unless_the_table_says_otherwise(
    write_questions: WriteQuestions, tmp_path: Path
) -> None:
    path = write_questions(asked(), name="dev.jsonl")
    table(tmp_path, '[[set]]\nquestions = "dev.jsonl"\ncorpus = "files"\n')
    found = read_set(path)
    assert (found.name, found.title, found.locked) == ("dev", "dev", False)


def test_the_folder_of_a_set_is_sought_from_the_table_not_from_where_one_stands(
    write_questions: WriteQuestions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_questions(asked(), name="dev.jsonl")
    table(tmp_path, '[[set]]\nquestions = "dev.jsonl"\ncorpus = "files"\n')
    monkeypatch.chdir(tmp_path)
    assert read_set(Path("dev.jsonl")).corpus == (tmp_path / "files").resolve()


def test_a_folder_named_comes_before_that_of_the_table(
    write_questions: WriteQuestions, tmp_path: Path
) -> None:
    path = write_questions(asked(), name="dev.jsonl")
    table(tmp_path, '[[set]]\nquestions = "dev.jsonl"\ncorpus = "files"\ntitle = "开发集"\n')
    found = read_set(path, tmp_path / "others")
    assert (found.corpus, found.title) == (tmp_path / "others", "开发集")


@pytest.mark.parametrize("others", ["", '[[set]]\nquestions = "other.jsonl"\ncorpus = "files"\n'])
def test_a_set_that_is_not_registered_needs_a_folder(
    write_questions: WriteQuestions, tmp_path: Path, others: str
) -> None:
    path = write_questions(asked(), name="dev.jsonl")
    if others:
        table(tmp_path, others)
    with pytest.raises(InputError, match="--corpus") as raised:
        read_set(path)
    assert str(path) in str(raised.value)
    assert str(tmp_path / SETS) in str(raised.value)
    found = read_set(path, tmp_path)
    assert (found.name, found.title, found.corpus, found.locked) == ("dev", "dev", tmp_path, False)


def test_a_folder_for_want_of_a_better_one_comes_last(
    write_questions: WriteQuestions, tmp_path: Path
) -> None:
    path, default = write_questions(asked(), name="dev.jsonl"), tmp_path / "default"
    assert read_set(path, default=default).corpus == default
    assert read_set(path, tmp_path / "named", default).corpus == tmp_path / "named"
    table(tmp_path, '[[set]]\nquestions = "dev.jsonl"\ncorpus = "files"\n')
    assert read_set(path, default=default).corpus == (tmp_path / "files").resolve()


def test_a_bad_line_of_a_set_is_named(write_questions: WriteQuestions, tmp_path: Path) -> None:
    path = write_questions(asked(), asked("2", answerable=...))
    with pytest.raises(FormatError, match="第 2 行"):
        read_set(path, tmp_path)


@pytest.mark.parametrize("text", ["[[set]\n", "questions = \n", "[[set]]\ncorpus = 'a'\ncorpus = 'b'\n"])
def test_a_broken_table_is_named(write_questions: WriteQuestions, tmp_path: Path, text: str) -> None:
    path = write_questions(asked())
    broken = table(tmp_path, text)
    with pytest.raises(FormatError, match="不是合法的 TOML") as raised:
        read_set(path)
    assert str(broken) in str(raised.value)


def test_a_table_in_another_encoding_is_named(write_questions: WriteQuestions, tmp_path: Path) -> None:
    path = write_questions(asked())
    (tmp_path / SETS).write_bytes("# 题集\n".encode("gb18030"))
    with pytest.raises(FormatError, match="不是合法的 TOML"):
        read_set(path)


@pytest.mark.parametrize("entry", ['questions = "questions.jsonl"', 'corpus = "files"', 'name = "甲"'])
def test_an_entry_without_questions_or_corpus_is_refused(
    write_questions: WriteQuestions, tmp_path: Path, entry: str
) -> None:
    path = write_questions(asked())
    table(tmp_path, f"[[set]]\n{entry}\n")
    with pytest.raises(FormatError, match="questions 和 corpus") as raised:
        read_set(path)
    assert str(tmp_path / SETS) in str(raised.value)


@pytest.mark.parametrize(
    "text",
    [
        '[set]\nquestions = "questions.jsonl"\ncorpus = "files"\n',
        'set = "questions.jsonl"\n',
        '[[set]]\nquestions = 5\ncorpus = "files"\n',
    ],
    ids=["one bracket too few", "a text", "a number"],
)
def test_a_table_of_another_shape_is_refused(
    write_questions: WriteQuestions, tmp_path: Path, text: str
) -> None:
    path = write_questions(asked())
    table(tmp_path, text)
    with pytest.raises(FormatError, match=SETS):
        read_set(path)


def test_known_sets_come_in_the_order_of_the_table(tmp_path: Path) -> None:
    names = ["dev.jsonl", "acceptance.jsonl", "practice.jsonl"]
    table(tmp_path, "".join(f'[[set]]\nquestions = "{name}"\ncorpus = "files"\n' for name in names))
    assert known_sets(tmp_path) == [tmp_path / name for name in names]


@pytest.mark.parametrize("text", [None, "", "# 空的\n"])
def test_a_folder_without_registered_sets_is_named(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        table(tmp_path, text)
    with pytest.raises(InputError, match="没有登记题集") as raised:
        known_sets(tmp_path)
    assert str(tmp_path / SETS) in str(raised.value)


# --- what sets must come to ---


def test_minimums_are_read_as_they_stand(tmp_path: Path) -> None:
    table(
        tmp_path,
        '[[minimum]]\nsets = ["dev", "practice"]\nquestions = 200\ncategory = 5\ndocument = 10\n'
        'unanswerable = 0.15\n\n[[minimum]]\nsets = ["unseen"]\n',
    )
    assert minimums(tmp_path) == [
        Minimum(("dev", "practice"), questions=200, category=5, document=10, unanswerable=0.15),
        Minimum(("unseen",)),
    ]


def test_without_a_table_nothing_is_asked(tmp_path: Path) -> None:
    assert minimums(tmp_path) == []


@pytest.mark.parametrize(
    "text",
    [
        "[[minimum]]\nquestions = 5\n",
        '[[minimum]]\nsets = ["dev"]\nquestion = 5\n',
        "[[minimum]]\nsets = 5\n",
        '[minimum]\nsets = ["dev"]\n',
        "minimum = 5\n",
    ],
    ids=["no sets", "unknown key", "a number of sets", "one bracket too few", "a number"],
)
def test_a_minimum_of_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    path = table(tmp_path, text)
    with pytest.raises(FormatError, match="minimum") as raised:
        minimums(tmp_path)
    assert str(path) in str(raised.value)


def test_one_set_without_brackets_is_refused(tmp_path: Path) -> None:
    table(tmp_path, '[[minimum]]\nsets = "dev"\n')
    with pytest.raises(FormatError, match="minimum"):
        minimums(tmp_path)


# --- when a set is another one ---


def hash_of(write_questions: WriteQuestions, *lines: Record | str) -> str:
    return key_hash(read_items(write_questions(*lines)))


@pytest.mark.parametrize(
    "change",
    [
        {"id": "2"},
        {"question": "目标是什么？"},
        {"history": [["user", "甲"]]},
        {"category": "table"},
        {"key_facts": [["78.1"]]},
        {"key_facts": [["七十八点一", "78.1"]]},
        {"key_facts": [["78.1"], ["七十八点一"]]},
        {"forbidden": ["77.3"]},
        {"reference": "78.1"},
        {"evidence": []},
        {"evidence": [{"doc": "other", "quote": "达到78.1岁"}]},
        {"evidence": [{"doc": "plan", "quote": "到78.1岁"}]},
        {"answerable": False, "key_facts": []},
    ],
    ids=" ".join,
)
def test_the_hash_changes_with_question_and_key(write_questions: WriteQuestions, change: Record) -> None:
    before = hash_of(write_questions, asked())
    assert hash_of(write_questions, {**asked(), **change}) != before


def test_the_hash_changes_with_the_questions_of_a_set_and_their_order(
    write_questions: WriteQuestions,
) -> None:
    one, two = asked("1"), asked("2")
    hashes = {hash_of(write_questions, *lines) for lines in [(one,), (two,), (one, two), (two, one)]}
    assert len(hashes) == 4


def test_the_hash_does_not_change_with_comments_order_of_keys_or_blank_lines(
    write_questions: WriteQuestions,
) -> None:
    before = hash_of(write_questions, asked("1"), asked("2"))
    turned = dict(reversed(asked("1").items()))
    spelled = '{"id":"2","question":"\\u76ee标是多少？"' + ', "note": 1, "history": []'
    key = '"category":"numeric","answerable":true,"key_facts":[["78.1","七十八点一"]],"reference":"78.1岁"'
    evidence = '"evidence":[{"quote":"达到78.1岁","doc":"plan","page":3}]'
    after = hash_of(write_questions, "", {"comment": "注", **turned}, "", f"{spelled},{key},{evidence}}}")
    assert after == before
