"""Run directories: whole files, hashes that change with what they cover and with nothing else."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.errors import FormatError, InputError
from eval.documents import Corpus
from eval.folder import RUN, RunFolder, code_hash
from eval.types import QuestionSet
from tests.eval.running import QUESTIONS, changed, contents, put_documents, records, small_set

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")


@pytest.fixture(autouse=True)
def same_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing the weights of the encoder for every run would take longer than the tests."""
    monkeypatch.setattr("eval.folder.code_hash", lambda: "code")


@pytest.fixture
def small(tmp_path: Path) -> QuestionSet:
    return small_set(tmp_path)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "run"


def prepare(out: Path, *sets: QuestionSet) -> Path | None:
    """Where the old directory was put."""
    return RunFolder(out).prepare(sets, {one.name: Corpus(one.corpus) for one in sets})


# --- files ---


def test_what_is_written_is_read_again(out: Path) -> None:
    folder = RunFolder(out)
    assert folder.write("a/b.bin", b"\0\r\n") == out / "a" / "b.bin"
    folder.write_json("c.json", {"目标": [1, None]})
    folder.write_lines("d.jsonl", [{"id": "一"}, {"id": "\u2028"}])
    assert (out / "a" / "b.bin").read_bytes() == b"\0\r\n"
    assert json.loads((out / "c.json").read_text("utf-8")) == {"目标": [1, None]}
    assert (out / "d.jsonl").read_text("utf-8") == '{"id": "一"}\n{"id": "\u2028"}\n'
    assert sorted(contents(out)) == ["a/b.bin", "c.json", "d.jsonl"]


@needs_full
def test_a_full_disk_leaves_the_old_file_whole(out: Path) -> None:
    folder = RunFolder(out)
    folder.write("report.html", b"old")
    (out / "report.html.new").symlink_to(FULL)
    with pytest.raises(OSError, match="No space left"):
        folder.write("report.html", b"new" * 10_000)
    assert contents(out) == {"report.html": b"old"}


def test_who_reads_the_old_file_reads_it_whole(out: Path) -> None:
    folder = RunFolder(out)
    folder.write("report.html", b"old")
    with (out / "report.html").open("rb") as reader:
        folder.write("report.html", b"new")
        assert reader.read() == b"old"
    assert contents(out) == {"report.html": b"new"}


def test_a_line_that_cannot_be_written_leaves_the_old_file_whole(out: Path) -> None:
    folder = RunFolder(out)
    folder.write_lines("results.jsonl", [{"id": "1"}])
    with pytest.raises(ValueError):
        folder.write_lines("results.jsonl", [{"id": "2"}, {"id": float("nan")}])
    assert records(out / "results.jsonl") == [{"id": "1"}]
    assert sorted(contents(out)) == ["results.jsonl"]


def test_what_a_killed_writer_left_is_no_hindrance(out: Path) -> None:
    folder = RunFolder(out)
    (out / "run.json.new").parent.mkdir()
    (out / "run.json.new").write_bytes(b"{ half")
    folder.save()
    assert sorted(contents(out)) == [RUN]
    assert RunFolder(out).record == folder.record


# --- opening ---


def test_a_directory_without_a_record_is_no_run(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing", tmp_path):
        with pytest.raises(InputError, match=r"不是评测目录（没有 run\.json）；请先运行"):
            RunFolder.existing(path)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"sets": {}}', "\udcff"])
def test_a_damaged_record_is_named(text: str, out: Path) -> None:
    out.mkdir()
    (out / RUN).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(FormatError, match=r"run\.json"):
        RunFolder(out)


# --- what a directory was made with ---


def edit(path: Path, text: str) -> Callable[..., None]:
    def change(small: QuestionSet, patch: pytest.MonkeyPatch) -> None:
        (small.corpus / path).write_text(text, encoding="utf-8")

    return change


def set_to(name: str, value: str) -> Callable[..., None]:
    def change(small: QuestionSet, patch: pytest.MonkeyPatch) -> None:
        patch.setenv(name, value)

    return change


def touch(small: QuestionSet, patch: pytest.MonkeyPatch) -> None:
    os.utime(small.corpus / "plan.txt", (time.time() + 60, time.time() + 60))


def rename(small: QuestionSet, patch: pytest.MonkeyPatch) -> None:
    (small.corpus / "plan.txt").rename(small.corpus / "plan-2.txt")


def move(small: QuestionSet, patch: pytest.MonkeyPatch) -> None:
    """The same documents, elsewhere; where they were is linked to it."""
    elsewhere = small.corpus.with_name("elsewhere")
    shutil.move(small.corpus, elsewhere)
    small.corpus.symlink_to(elsewhere)


def other_glossary(small: QuestionSet, patch: pytest.MonkeyPatch) -> None:
    """Glossary and user dictionary are read from the folder of this setting."""
    folder = small.corpus.with_name("words")
    folder.mkdir()
    (folder / "glossary.toml").write_text('[[group]]\nterms = ["水价", "收费标准"]\n', encoding="utf-8")
    patch.setenv("ASSISTANT_CORPUS", str(folder))


def other_code(small: QuestionSet, patch: pytest.MonkeyPatch) -> None:
    patch.setattr("eval.folder.code_hash", lambda: "other")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(edit(Path("plan.txt"), "全县自来水普及率达到97%。"), id="text"),
        pytest.param(edit(Path("more.txt"), "又一份文件。"), id="another document"),
        pytest.param(rename, id="name"),
        pytest.param(
            edit(Path("manifest.toml"), '[[document]]\nfile = "plan.txt"\ntitle = "方案"\n'), id="manifest"
        ),
        pytest.param(edit(Path("glossary.toml"), ""), id="glossary"),
        pytest.param(edit(Path("userdict.txt"), "老旧管网\n"), id="user dictionary"),
        pytest.param(set_to("ASSISTANT_CHUNK_TOKENS", "200"), id="chunks"),
        pytest.param(set_to("ASSISTANT_VECTORS", "false"), id="vectors"),
        pytest.param(other_code, id="code"),
        pytest.param(other_glossary, id="folder of the glossary"),
    ],
)
def test_what_changes_answers_makes_a_directory_outdated(
    change: Callable[..., None], small: QuestionSet, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert prepare(out, small) is None
    change(small, monkeypatch)
    kept = prepare(out, small)
    assert kept is not None
    assert (kept / RUN).is_file()
    assert RunFolder(out).record["sets"].keys() == {"small"}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda small, patch: None, id="nothing"),
        pytest.param(touch, id="time of a file"),
        pytest.param(move, id="place of the documents"),
        pytest.param(edit(Path("notes.json"), "{}"), id="a file that is no document"),
        pytest.param(set_to("ASSISTANT_PORT", "9000"), id="port"),
        pytest.param(set_to("ASSISTANT_LIBRARY", "elsewhere"), id="library"),
    ],
)
def test_what_changes_no_answer_does_not(
    change: Callable[..., None], small: QuestionSet, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(out, small)
    before = RunFolder(out).record
    change(small, monkeypatch)
    assert prepare(out, small) is None
    after = RunFolder(out).record
    assert {**after["sets"]["small"], "folder": ""} == {**before["sets"]["small"], "folder": ""}
    assert (after["code"], after["settings"]) == (before["code"], before["settings"])


@pytest.mark.parametrize(
    ("changes", "hashes"),
    [
        ({"question": "多少？"}, {"asked", "keys"}),
        ({"history": [["user", "前"]]}, {"asked", "keys"}),
        ({"key_facts": [["96％"]]}, {"keys"}),
        ({"forbidden": ["97"]}, {"keys"}),
        ({"reference": "96"}, {"keys"}),
        ({"category": "table"}, {"keys"}),
        ({"evidence": [{"doc": "notice", "quote": "2.85元"}]}, {"keys"}),
        ({"note": "别的键"}, set()),
    ],
)
def test_questions_and_keys_are_told_apart(
    changes: dict[str, object], hashes: set[str], tmp_path: Path, small: QuestionSet
) -> None:
    for name, lines in (("a", QUESTIONS), ("b", changed("q1", **changes))):
        prepare(tmp_path / name, small_set(tmp_path, lines))
    first, second = (RunFolder(tmp_path / name).record["sets"]["small"] for name in ("a", "b"))
    assert {key for key in ("asked", "keys", "documents") if first[key] != second[key]} == hashes


def test_what_answers_depend_on_is_their_key(tmp_path: Path, small: QuestionSet, out: Path) -> None:
    other = small_set(tmp_path, QUESTIONS[:3], "other")
    prepare(out, small, other)
    folder = RunFolder(out)
    keys = [folder.key("small", "a"), folder.key("small", "b"), folder.key("other", "a")]
    assert len({json.dumps(key, sort_keys=True) for key in keys}) == 3
    prepare(out, small_set(tmp_path, changed("q1", reference="别的")))
    assert RunFolder(out).key("small", "a") == keys[0]
    assert folder.scratch("small") == folder.scratch("other")  # the same documents


def test_the_record_says_on_what_machine_and_when(small: QuestionSet, out: Path) -> None:
    prepare(out, small)
    record = RunFolder(out).record
    assert record["machine"]["cores"] == os.cpu_count()
    assert record["machine"]["packages"]["chromadb"]
    assert record["started"].endswith("+00:00")
    assert record["sets"]["small"]["count"] == len(QUESTIONS)
    assert RunFolder(out).items("small") == small.items


# --- code ---


def tree(folder: Path) -> Path:
    for name in (
        "assistant/chain.py",
        "assistant/language/data/units.txt",
        "assistant/__pycache__/chain.pyc",
        "prompts/ask.txt",
        "eval/systems/ours.py",
        "eval/worker.py",
        "eval/metrics.py",
        "eval/report/page.py",
        "corpus/glossary.toml",
        "corpus/userdict.txt",
        "corpus/plan.txt",
        "tests/test_x.py",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("name", "covered"),
    [
        ("assistant/chain.py", True),
        ("assistant/language/data/units.txt", True),
        ("eval/systems/ours.py", True),
        ("eval/worker.py", True),
        ("assistant/__pycache__/chain.pyc", False),
        ("eval/metrics.py", True),
        ("eval/report/page.py", False),
        ("corpus/glossary.toml", False),
        ("corpus/plan.txt", False),
        ("tests/test_x.py", False),
    ],
)
def test_the_code_that_answers_come_from_is_hashed(
    name: str, covered: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eval.folder.ROOT", tree(tmp_path))
    before = code_hash()
    assert code_hash() == before
    path = tmp_path / name
    path.write_text("changed", encoding="utf-8")
    assert (code_hash() != before) is covered
    path.write_text(name, encoding="utf-8")
    assert code_hash() == before
    path.rename(path.with_name("renamed"))
    assert (code_hash() != before) is covered


# --- documents of a finished run ---


def test_documents_that_changed_after_the_run_are_noticed(small: QuestionSet, out: Path) -> None:
    prepare(out, small)
    assert RunFolder(out).corpus("small").texts.keys() == {"plan", "notice"}
    put_documents(small.corpus, {"plan": "别的"})
    with pytest.raises(InputError, match="里的文件在评测之后有变化；请重新运行"):
        RunFolder(out).corpus("small")
    shutil.rmtree(small.corpus)
    with pytest.raises(InputError, match="找不到文件夹"):
        RunFolder(out).corpus("small")


def test_a_system_that_has_not_finished_has_no_lines(small: QuestionSet, out: Path) -> None:
    prepare(out, small)
    assert RunFolder(out).lines("small", "ours") == {}
