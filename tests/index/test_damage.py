"""Libraries that are missing, damaged, of another version, read-only, or on a full disk."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.errors import LibraryError, LibraryMissing
from assistant.index import generation, open_library, status
from tests.index.tools import (
    Hashed,
    contents,
    in_process,
    ingest_on_a_small_disk,
    ingest_unprivileged,
    open_unprivileged,
    policy,
    put,
    read_unprivileged,
    take,
)


def current(library: Path) -> Path:
    """The folder of the current generation."""
    return library / "indexes" / status(library).generation


def delete_words(library: Path) -> None:
    shutil.rmtree(current(library) / "words")


def delete_vectors(library: Path) -> None:
    shutil.rmtree(current(library) / "vectors")


def delete_all_indexes(library: Path) -> None:
    shutil.rmtree(library / "indexes")


def delete_one_file(library: Path) -> None:
    next((current(library) / "words").glob("*.term")).unlink()


def cut_one_file(library: Path) -> None:
    path = next((current(library) / "vectors").rglob("data_level0.bin"))
    path.write_bytes(path.read_bytes()[:-7])


def spoil_database(library: Path) -> None:
    (current(library) / "vectors" / "chroma.sqlite3").write_bytes(b"not a database" * 500)


def empty_database(library: Path) -> None:
    (current(library) / "vectors" / "chroma.sqlite3").write_bytes(b"")


def spoil_manifest(library: Path) -> None:
    (current(library) / "manifest.json").write_text("{", encoding="utf-8")


def other_manifest(library: Path) -> None:
    (current(library) / "manifest.json").write_text("[1]", encoding="utf-8")


def other_version(library: Path) -> None:
    path = current(library) / "manifest.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["versions"]["tantivy"] = "0.1"
    path.write_text(json.dumps(content), encoding="utf-8")


DAMAGES = [
    delete_words,
    delete_vectors,
    delete_all_indexes,
    delete_one_file,
    cut_one_file,
    spoil_database,
    empty_database,
    spoil_manifest,
    other_manifest,
    other_version,
]
Damage = Callable[[Path], None]


@pytest.mark.parametrize("damage", DAMAGES)
def test_ingest_rebuilds_the_indexes(
    small: Path, source: Path, files: dict[str, str], damage: Damage
) -> None:
    damage(small)
    assert not status(small).agree
    embeddings = Hashed()
    report = take(source, small, embeddings=embeddings)
    assert report.unchanged == ("a", "b", "c")
    assert embeddings.embedded == []
    assert contents(small) == files


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_reader_rebuilds_the_indexes(small: Path, files: dict[str, str], damage: Damage) -> None:
    with open_library(small) as library:
        words = library.words.search({"疫苗": 1.0})
        vectors = library.vectors.search(Hashed().embed_query("疫苗"))
    damage(small)
    with open_library(small) as library:
        assert library.words.search({"疫苗": 1.0}) == words
        assert library.vectors.search(Hashed().embed_query("疫苗")) == vectors
    assert contents(small) == files


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_reader_says_so_when_it_cannot_rebuild(small: Path, damage: Damage) -> None:
    from assistant.index.lock import writer_lock

    damage(small)

    def use() -> None:
        with open_library(small) as library:
            library.vectors.search(Hashed().embed_query("疫苗"))

    with writer_lock(small), pytest.raises(LibraryError, match=r"请运行 python -m assistant ingest.*写入"):
        use()


def test_contents_that_differ_are_found_and_mended(small: Path, source: Path, files: dict[str, str]) -> None:
    path = next((current(small) / "vectors").rglob("length.bin"))
    path.write_bytes(bytes(len(path.read_bytes())))
    assert any("length.bin 已损坏" in problem for problem in status(small).problems)
    take(source, small)
    assert contents(small) == files


def test_a_chunk_missing_from_the_index_is_found_and_mended(small: Path, source: Path) -> None:
    import chromadb
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False)
    with chromadb.PersistentClient(str(current(small) / "vectors"), settings=settings) as client:  # type: ignore[attr-defined]
        collection = client.get_collection("chunks", embedding_function=None)
        collection.delete(ids=collection.get(limit=1, include=[])["ids"])
    assert any("向量索引与资料库相差 1 段" in problem for problem in status(small).problems)
    take(source, small)
    assert status(small).agree


def test_nothing_there(tmp_path: Path) -> None:
    for look in (open_library, status):
        with pytest.raises(LibraryMissing, match=r"请先运行 python -m assistant ingest"):
            look(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_without_a_database(small: Path, source: Path, files: dict[str, str]) -> None:
    (small / "library.sqlite3").unlink()
    with pytest.raises(LibraryMissing, match="ingest"):
        open_library(small)
    assert take(source, small).added == ("a", "b", "c")
    assert contents(small) == files


def test_an_empty_database_is_a_fresh_start(small: Path, source: Path, files: dict[str, str]) -> None:
    (small / "library.sqlite3").write_bytes(b"")
    with pytest.raises(LibraryMissing, match="ingest"):
        open_library(small)
    take(source, small)
    assert contents(small) == files


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"This is no database. " * 400,
        lambda data: data[: len(data) // 2],
        lambda data: data[:100] + bytes(4000) + data[4100:],
        lambda data: data[:50],
    ],
    ids=["text", "half", "hole", "stub"],
)
def test_a_damaged_database_is_one_clear_sentence(
    small: Path, source: Path, spoil: Callable[[bytes], bytes]
) -> None:
    path = small / "library.sqlite3"
    path.write_bytes(spoil(path.read_bytes()))
    damaged = path.read_bytes()

    def read_all(library: Path) -> None:
        with open_library(library) as opened:
            opened.documents()
            opened.all_chunks()

    with pytest.raises(LibraryError, match=r"已损坏.*重新建立"):
        read_all(small)
    (source / "d.txt").write_text(policy("大同市"), encoding="utf-8")
    with pytest.raises(LibraryError, match=r"已损坏.*重新建立"):
        take(source, small)
    assert path.read_bytes() == damaged


def test_another_schema_is_one_clear_sentence(small: Path, source: Path) -> None:
    connection = sqlite3.connect(small / "library.sqlite3")
    connection.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")
    connection.commit()
    connection.close()
    for use in (open_library, status, lambda library: take(source, library)):
        with pytest.raises(LibraryError, match=r"格式是 99，本程序需要 1；请删除这个文件夹"):
            use(small)


def test_somebody_elses_database(tmp_path: Path, source: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    connection = sqlite3.connect(library / "library.sqlite3")
    connection.execute("CREATE TABLE holidays (day TEXT)")
    connection.commit()
    connection.close()
    with pytest.raises(LibraryError, match="已损坏"):
        open_library(library)
    with pytest.raises(LibraryError, match="已损坏"):
        take(source, library)


def test_a_file_where_the_folder_should_be(tmp_path: Path, source: Path) -> None:
    (tmp_path / "library").write_text("x", encoding="utf-8")
    with pytest.raises(LibraryError):
        take(source, tmp_path / "library")
    with pytest.raises(LibraryMissing):
        open_library(tmp_path / "library")


def make_read_only(folder: Path, *, writable: bool = False) -> None:
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() or writable else 0o444)
        if not writable and path.is_dir():
            path.chmod(0o555)


@pytest.fixture
def read_only(small: Path) -> object:
    make_read_only(small)
    yield small
    make_read_only(small, writable=True)


def test_a_read_only_library_can_be_read(read_only: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in read_only.rglob("*")}
    said = in_process(read_unprivileged, str(read_only), Hashed().embed_query("疫苗"))
    assert not said.error, said.message
    tried, words, nearest, refreshed = said.result
    if not tried:
        pytest.skip("this system does not let root give up its privileges")
    assert words == 5
    assert len(nearest) == 3
    assert not refreshed
    assert {path: path.stat().st_mtime_ns for path in read_only.rglob("*")} == before


def test_a_read_only_library_cannot_be_written(read_only: Path, source: Path) -> None:
    said = in_process(ingest_unprivileged, str(source), str(read_only))
    if not said.error and not said.result:
        pytest.skip("this system does not let root give up its privileges")
    assert said.error == "LibraryError"
    assert "不可写" in said.message


def test_a_damaged_read_only_library_says_so(small: Path) -> None:
    delete_words(small)
    make_read_only(small)
    try:
        said = in_process(open_unprivileged, str(small))
    finally:
        make_read_only(small, writable=True)
    if not said.error and not said.result:
        pytest.skip("this system does not let root give up its privileges")
    assert said.error == "LibraryError"
    assert "缺失" in said.message
    assert "不可写" in said.message


@pytest.mark.parametrize("largest", [2_000, 60_000, 150_000, 400_000])
def test_a_full_disk_changes_nothing(small: Path, source: Path, files: dict[str, str], largest: int) -> None:
    before = status(small).generation
    put(source, {**files, "d": policy("大同市", 5, 900)})
    said = in_process(ingest_on_a_small_disk, str(source), str(small), largest)
    assert said.error == "LibraryError", said
    assert "请检查磁盘空间" in said.message or "磁盘空间不足" in said.message
    assert contents(small) == files
    assert status(small).generation == before
    take(source, small)
    assert set(contents(small)) == {"a", "b", "c", "d"}


def test_a_generation_is_checked_before_it_is_used(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant.index import vectors

    real = vectors.change
    monkeypatch.setattr(vectors, "change", lambda collection, added, gone=(): real(collection, {}, gone))
    delete_vectors(small)
    before = status(small).generation
    with pytest.raises(LibraryError, match="向量索引与资料库相差"):
        open_library(small)
    assert status(small).generation == before
    assert {folder.name for folder in (small / generation.INDEXES).iterdir()} == {before}
