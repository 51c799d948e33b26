"""What an ingest adds, changes, removes and leaves alone."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.embeddings import Embeddings

from assistant.errors import DocumentError, LibraryError
from assistant.index import ingest, open_library, status
from tests.index.tools import VERSION, Hashed, contents, generations, policy, put, take


def ids(library: Path) -> list[set[str]]:
    """The chunk ids in SQLite, tantivy and Chroma."""
    from assistant.index.snapshot import Snapshot

    snapshot = Snapshot(library)
    try:
        return [set(snapshot.store.inputs(snapshot.at)), snapshot.words.ids(), snapshot.vectors().ids()]
    finally:
        snapshot.retire()


def test_everything_is_there_after_the_first_time(
    tmp_path: Path, source: Path, files: dict[str, str]
) -> None:
    report = take(source, tmp_path / "library")
    assert report.added == ("a", "b", "c")
    assert (report.updated, report.unchanged, report.removed, dict(report.failed)) == ((), (), (), {})
    assert report.chunks == status(tmp_path / "library").chunks > 0
    assert report.seconds > 0
    assert contents(tmp_path / "library") == files


def test_what_was_parsed_is_what_is_read(small: Path, source: Path) -> None:
    from assistant.documents import discover, load

    parsed = [load(found, 120) for found in discover([source])]
    with open_library(small) as library:
        assert library.documents() == [p.document for p in parsed]
        assert library.document("a") == parsed[0].document
        assert library.all_chunks() == [chunk for p in parsed for chunk in p.chunks]
        for p in parsed:
            assert library.blocks(p.document.id) == list(p.blocks)
            assert library.chunks_of(p.document.id) == list(p.chunks)
            wanted = [chunk.id for chunk in reversed(p.chunks)]
            assert [chunk.id for chunk in library.chunks([*wanted, "unknown"])] == wanted
        assert library.blocks("unknown") == []
        with pytest.raises(LibraryError, match="没有编号为 unknown"):
            library.document("unknown")


def test_twice_changes_nothing(small: Path, source: Path) -> None:
    before = status(small), (small / "library.sqlite3").read_bytes(), generations(small)
    embeddings = Hashed()
    report = take(source, small, embeddings=embeddings)
    assert report.unchanged == ("a", "b", "c")
    assert (report.added, report.updated, report.removed) == ((), (), ())
    assert embeddings.embedded == []
    assert (status(small), (small / "library.sqlite3").read_bytes(), generations(small)) == before


def test_only_what_is_new_is_embedded(small: Path, source: Path) -> None:
    (source / "d.txt").write_text(policy("太原市"), encoding="utf-8")
    embeddings = Hashed()
    report = take(source, small, embeddings=embeddings)
    assert (report.added, report.unchanged) == (("d",), ("a", "b", "c"))
    with open_library(small) as library:
        assert len(embeddings.embedded) == len(library.chunks_of("d"))
    assert set(contents(small)) == {"a", "b", "c", "d"}


def test_a_changed_file_replaces_its_chunks(small: Path, source: Path) -> None:
    with open_library(small) as library:
        old = {chunk.id for chunk in library.chunks_of("b")}
    (source / "b.txt").write_text(policy("运城市", 50), encoding="utf-8")
    assert take(source, small).updated == ("b",)
    assert contents(small)["b"] == policy("运城市", 50)
    for part in ids(small):
        assert not part & old
    with open_library(small) as library:
        assert not library.words.search({"晋中": 1.0, "晋中市": 1.0})
        assert library.words.search({"运城": 1.0, "运城市": 1.0})


def test_a_deleted_file_leaves_all_three(small: Path, source: Path) -> None:
    with open_library(small) as library:
        old = {chunk.id for chunk in library.chunks_of("c")}
    (source / "c.txt").unlink()
    assert take(source, small).removed == ("c",)
    assert set(contents(small)) == {"a", "b"}
    for part in ids(small):
        assert part
        assert not part & old


def test_a_folder_that_becomes_empty_leaves_an_empty_library(small: Path, source: Path) -> None:
    put(source, {})
    assert take(source, small).removed == ("a", "b", "c")
    assert contents(small) == {}
    with open_library(small) as library:
        assert library.words.search({"疫苗": 1.0}) == []
        assert library.vectors.search([1.0] * 32) == []


def test_without_prune_nothing_is_removed(small: Path, source: Path) -> None:
    (source / "c.txt").unlink()
    assert take(source, small, prune=False).removed == ()
    assert set(contents(small)) == {"a", "b", "c"}


def test_another_folder_removes_nothing(small: Path, tmp_path: Path) -> None:
    put(tmp_path / "more", {"d": policy("太原市")})
    assert take(tmp_path / "more", small).added == ("d",)
    assert set(contents(small)) == {"a", "b", "c", "d"}


def test_the_same_name_elsewhere_is_refused_while_both_exist(small: Path, tmp_path: Path) -> None:
    put(tmp_path / "more", {"a": policy("太原市"), "d": policy("大同市")})
    report = take(tmp_path / "more", small)
    assert report.added == ("d",)
    assert "编号 a 已被另一个文件" in report.failed[str(tmp_path / "more" / "a.txt")]
    assert contents(small)["a"] == policy("方山县", 0)


def test_a_folder_may_move(small: Path, source: Path) -> None:
    moved = source.rename(source.with_name("moved"))
    assert take(moved, small).unchanged == ("a", "b", "c")
    (moved / "a.txt").unlink()
    assert take(moved, small).removed == ("a",)


def test_a_new_id_for_the_same_file_replaces_the_old(small: Path, source: Path) -> None:
    entry = '[[document]]\nfile = "a.txt"\nid = "fangshan"\ntitle = "方山县计划"\nstatus = "现行"\n'
    (source / "manifest.toml").write_text(entry, encoding="utf-8")
    report = take(source, small)
    assert (report.added, report.removed) == (("fangshan",), ("a",))
    with open_library(small) as library:
        assert library.document("fangshan").title == "方山县计划"
    (source / "manifest.toml").write_text(entry.replace("现行", "征求意见稿"), encoding="utf-8")
    assert take(source, small).updated == ("fangshan",)
    with open_library(small) as library:
        assert library.document("fangshan").status == "征求意见稿"


def test_a_bad_file_is_told_and_the_others_go_on(tmp_path: Path, source: Path) -> None:
    (source / "bad.txt").write_bytes(b"\x00\x01\x02\xff\xfe" * 50)
    report = take(source, tmp_path / "library")
    assert report.added == ("a", "b", "c")
    assert list(report.failed) == [str(source / "bad.txt")]
    assert report.failed[str(source / "bad.txt")]
    assert set(contents(tmp_path / "library")) == {"a", "b", "c"}


def test_a_file_that_goes_bad_leaves_its_last_good_version(
    small: Path, source: Path, files: dict[str, str]
) -> None:
    (source / "a.txt").write_bytes(b"\x00\x01\x02\xff\xfe" * 50)
    report = take(source, small)
    assert list(report.failed) == [str(source / "a.txt")]
    assert contents(small) == files


def test_a_path_that_is_not_there_touches_nothing(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="不存在"):
        take(tmp_path / "nowhere", tmp_path / "library")
    assert not (tmp_path / "library").exists()


def test_another_chunk_size_parses_all_anew(small: Path, source: Path) -> None:
    assert take(source, small, chunk_tokens=64).updated == ("a", "b", "c")
    with open_library(small) as library:
        assert library.versions["chunk_tokens"] == "64"


def test_another_embedder_computes_all_vectors_anew(small: Path, source: Path, tmp_path: Path) -> None:
    put(tmp_path / "more", {"d": policy("太原市")})
    other = Hashed("other")
    report = ingest(
        [tmp_path / "more"], small, embeddings=other, embedder_version="other-1", chunk_tokens=120
    )
    assert report.added == ("d",)
    assert len(other.embedded) == report.chunks
    with open_library(small, embedder_version="other-1") as library:
        chunk = library.chunks_of("a")[0]
        text = next(text for text in other.embedded if text.endswith(chunk.text))
        nearest, cosine = library.vectors.search(other.embed_query(text), 1)[0]
        assert nearest == chunk.id
        assert cosine == pytest.approx(1.0, abs=1e-5)
    with pytest.raises(LibraryError, match=r"other-1.*hashed-1.*ingest"):
        open_library(small, embedder_version=VERSION)


class Wrong(Embeddings):
    """Gives back something that is not one vector for each text."""

    def __init__(self, vectors: list[list[float]]) -> None:
        self.vectors = vectors

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return self.vectors

    def embed_query(self, text: str) -> list[float]:
        return self.vectors[0]


@pytest.mark.parametrize("vectors", [[], [[1.0]], [[float("nan")] * 3] * 64, [[1.0], [1.0, 2.0]]])
def test_senseless_vectors_are_refused(tmp_path: Path, source: Path, vectors: list[list[float]]) -> None:
    with pytest.raises(LibraryError, match="向量模型返回的数据不合要求"):
        take(source, tmp_path / "library", embeddings=Wrong(vectors))


def test_progress_counts_up_to_the_end(tmp_path: Path, source: Path) -> None:
    told: list[tuple[str, int, int]] = []
    take(source, tmp_path / "library", progress=lambda *what: told.append(what))
    stages = list(dict.fromkeys(stage for stage, _, _ in told))
    assert stages == ["读取文件", "计算向量", "建立索引"]
    for stage in stages:
        steps = [(done, total) for name, done, total in told if name == stage]
        assert [done for done, _ in steps] == sorted(done for done, _ in steps)
        assert steps[-1][0] == steps[-1][1] > 0


@pytest.mark.parametrize("stage", ["读取文件", "计算向量", "建立索引"])
@pytest.mark.parametrize("fresh", [True, False])
def test_an_interrupt_leaves_all_as_it_was(
    tmp_path: Path, source: Path, files: dict[str, str], stage: str, fresh: bool
) -> None:
    library = tmp_path / "library"
    if not fresh:
        take(source, library)
    before = generations(library) if not fresh else set()
    put(source, {**files, "b": policy("运城市"), "d": policy("大同市")})

    def interrupt(name: str, done: int, total: int) -> None:
        if name == stage and done < total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take(source, library, progress=interrupt)
    if fresh:
        assert not (library / "indexes").exists() or not generations(library)
    else:
        assert contents(library) == files
        assert generations(library) == before
    embeddings = Hashed()
    take(source, library, embeddings=embeddings)
    assert contents(library) == {**files, "b": policy("运城市"), "d": policy("大同市")}
    assert (embeddings.embedded == []) == (stage == "建立索引")


def test_one_generation_before_the_current_is_kept(small: Path, source: Path) -> None:
    seen = [status(small).generation]
    for number in range(3):
        (source / "a.txt").write_text(policy("大同市", number + 7), encoding="utf-8")
        take(source, small)
        seen.append(status(small).generation)
    assert len(set(seen)) == 4
    assert generations(small) == set(seen[-2:])


def test_foreign_folders_are_left_alone(small: Path, source: Path) -> None:
    (small / "indexes" / "notes").mkdir()
    (small / "indexes" / "g000099-00000000").mkdir()
    take(source, small)
    assert "notes" in generations(small)
    assert "g000099-00000000" not in generations(small)


def test_the_store_has_no_loose_ends(small: Path, source: Path) -> None:
    for number in range(3):
        (source / "a.txt").write_text(policy("大同市", number), encoding="utf-8")
        take(source, small)
    assert status(small, check=True).problems == ()
    connection = sqlite3.connect(small / "library.sqlite3")
    try:
        loose = "SELECT count(*) FROM vectors WHERE input NOT IN (SELECT input FROM chunks)"
        assert connection.execute(loose).fetchone() == (0,)
        versions = "SELECT count(*) FROM documents WHERE id = 'a'"
        assert connection.execute(versions).fetchone() == (2,)
        attributes = connection.execute("SELECT attributes FROM blocks").fetchall()
        assert all(isinstance(json.loads(row[0]), dict) for row in attributes)
    finally:
        connection.close()


STEPS = st.lists(
    st.dictionaries(st.sampled_from("abcd"), st.integers(0, 4), max_size=4), min_size=1, max_size=4
)


@settings(max_examples=8)
@given(steps=STEPS)
def test_any_way_leads_to_the_same_library(
    steps: list[dict[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Step by step or at once: same chunks, same BM25, same cosines."""
    folder = tmp_path_factory.mktemp("ways")
    try:
        for step in [{"a": 0}, *steps, {**steps[-1], "z": 1}]:
            put(folder / "documents", {stem: policy(f"{stem}县", number, 3) for stem, number in step.items()})
            take(folder / "documents", folder / "slow")
        take(folder / "documents", folder / "fast")
        assert contents(folder / "slow") == contents(folder / "fast")
        with open_library(folder / "slow") as slow, open_library(folder / "fast") as fast:
            assert slow.all_chunks() == fast.all_chunks()
            for terms in ({"疫苗": 1.0}, {"接种率": 2.0, "任务": 0.5}):
                assert dict(slow.words.search(terms)) == pytest.approx(
                    dict(fast.words.search(terms)), rel=1e-5
                )
            query = Hashed().embed_query("疫苗")
            assert dict(slow.vectors.search(query)) == pytest.approx(
                dict(fast.vectors.search(query)), abs=1e-6
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
