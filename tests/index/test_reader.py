"""A library kept open while others write, and while many threads read."""

from __future__ import annotations

import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import LibraryError, LibraryMissing
from assistant.index import ingest, open_library, status
from assistant.index.rows import passage
from tests.index.tools import Hashed, in_process, ingest_apart, policy, put, take


def test_nearest_is_the_cosine(small: Path) -> None:
    embeddings = Hashed()
    with open_library(small) as library:
        chunks = library.all_chunks()
        query = embeddings.embed_query("疫苗")
        found = library.vectors.search(query, len(chunks) + 10)
    matrix = np.array(embeddings.embed_documents([passage(chunk) for chunk in chunks]))
    cosines = matrix @ np.array(query) / np.linalg.norm(matrix, axis=1) / np.linalg.norm(query)
    assert dict(found) == {
        c.id: pytest.approx(value, abs=1e-5) for c, value in zip(chunks, cosines, strict=True)
    }
    assert found == sorted(found, key=lambda pair: (-pair[1], pair[0]))


@pytest.mark.parametrize("vector", [[], [1.0] * 7, [float("nan")] * 32, [[1.0] * 32]])
def test_a_vector_that_does_not_fit(small: Path, vector: list[float]) -> None:
    with open_library(small) as library, pytest.raises(LibraryError, match="不能相比"):
        library.vectors.search(vector)


def test_refresh_notices_another_process(small: Path, source: Path, files: dict[str, str]) -> None:
    with open_library(small) as library:
        before = library.generation
        assert not library.refresh()
        put(source, {**files, "d": policy("大同市")})
        assert not in_process(ingest_apart, str(source), str(small)).error
        assert library.generation == before
        assert {document.id for document in library.documents()} == {"a", "b", "c"}
        assert library.refresh()
        assert library.generation == status(small).generation != before
        assert {document.id for document in library.documents()} == {"a", "b", "c", "d"}
        assert library.words.search({"大同": 1.0, "大同市": 1.0})
        assert not library.refresh()


def test_the_state_before_stays_whole(small: Path, source: Path, files: dict[str, str]) -> None:
    """A reader that has not refreshed sees documents, chunks and both indexes of its own generation."""
    with open_library(small) as library:
        chunks = library.all_chunks()
        blocks = library.blocks("a")
        nearest = library.vectors.search(Hashed().embed_query("疫苗"))
        put(source, {"a": policy("大同市")})
        take(source, small)
        assert library.all_chunks() == chunks
        assert library.blocks("a") == blocks
        assert library.document("a").text == files["a"]
        assert library.vectors.search(Hashed().embed_query("疫苗")) == nearest
        found = library.words.search({"晋中": 1.0, "晋中市": 1.0}, limit=2)
        assert {chunk.span.doc for chunk in library.chunks(own for own, _ in found)} == {"b"}


def test_pinned_calls_see_one_state(small: Path, source: Path, files: dict[str, str]) -> None:
    with open_library(small) as library:
        with library.pinned():
            chunks = library.all_chunks()
            put(source, {"a": policy("大同市")})
            take(source, small)
            assert library.refresh()
            assert library.all_chunks() == chunks
            inherited = contextvars.copy_context()
            with ThreadPoolExecutor(1) as pool:
                assert pool.submit(inherited.run, library.all_chunks).result() == chunks
                assert pool.submit(library.document, "a").result().text == policy("大同市")
            with library.pinned():
                assert library.document("a").text == files["a"]
        assert library.document("a").text == policy("大同市")


def test_many_threads_search_while_the_library_changes(
    small: Path, source: Path, files: dict[str, str]
) -> None:
    query = Hashed().embed_query("疫苗")
    over = threading.Event()
    library = open_library(small)

    def search() -> int:
        rounds = 0
        while not over.is_set():
            with library.pinned():
                words = [own for own, _ in library.words.search({"疫苗": 1.0})]
                vectors = [own for own, _ in library.vectors.search(query)]
                for found in (words, vectors):
                    chunks = library.chunks(found)
                    assert [chunk.id for chunk in chunks] == found
                    for chunk in chunks[:3]:
                        text = library.document(chunk.span.doc).slice(chunk.span)
                        assert "".join(text.split()) == chunk.text
            library.refresh()
            rounds += 1
        return rounds

    with ThreadPoolExecutor(6) as pool:
        searching = [pool.submit(search) for _ in range(6)]
        try:
            for number in range(5):
                put(source, {**files, "a": policy("大同市", number), "d": policy("太原市", number)})
                take(source, small)
        finally:
            over.set()
        assert all(future.result() > 0 for future in searching)
    library.close()


def test_a_library_that_was_deleted_and_made_anew(small: Path, source: Path) -> None:
    import shutil

    with open_library(small) as library:
        library.vectors.warm()
        shutil.rmtree(small)
        with pytest.raises(LibraryMissing):
            library.refresh()
        put(source, {"z": policy("太原市")})
        take(source, small)
        assert library.refresh()
        assert [document.id for document in library.documents()] == ["z"]
        assert library.vectors.search(Hashed().embed_query("疫苗"), 1)


def test_closing(small: Path) -> None:
    library = open_library(small)
    with library.reading() as state:
        library.close()
        assert state.vectors().search(Hashed().embed_query("疫苗"), 1)  # calls under way may finish
    library.close()
    for use in (library.documents, library.refresh, library.all_chunks):
        with pytest.raises(LibraryError, match="已关闭"):
            use()


def test_two_readers_of_one_folder(small: Path) -> None:
    query = Hashed().embed_query("疫苗")
    with open_library(small) as one:
        with open_library(small) as two:
            assert one.vectors.search(query) == two.vectors.search(query)
        assert one.vectors.search(query)


def test_versions_are_told(small: Path) -> None:
    from assistant import __version__
    from assistant.documents import PARSER_VERSION

    with open_library(small) as library:
        told = library.versions
    assert told["parser"] == PARSER_VERSION
    assert told["code"] == __version__
    assert told["embedder"] == "hashed-1"
    assert told["generation"] == status(small).generation


def test_status_counts(small: Path) -> None:
    found = status(small, check=True)
    assert found.agree
    assert found.documents == 3
    assert set(found.bytes_on_disk) == {"library", "words", "vectors"}
    assert all(size > 0 for size in found.bytes_on_disk.values())


def test_heavy_libraries_wait(small: Path) -> None:
    """Opening a library and searching words needs no Chroma."""
    import subprocess
    import sys

    code = (
        "import sys, pathlib, assistant.index as index\n"
        "assert not {'chromadb', 'tantivy', 'onnxruntime'} & set(sys.modules)\n"
        f"library = index.open_library(pathlib.Path({str(small)!r}))\n"
        "assert library.words.search({'疫苗': 1.0})\n"
        "assert 'chromadb' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_the_real_documents(corpus_dir: Path, tmp_path: Path) -> None:
    report = ingest(
        [corpus_dir], tmp_path / "library", embeddings=Hashed(), embedder_version="1", chunk_tokens=280
    )
    assert report.added == (
        "fangshan-plan-2025",
        "jinzhong-plan-2023-2025",
        "lvliang-meeting-2023",
        "provinces-outlook-2024",
        "shanxi-training-2025",
    )
    assert status(tmp_path / "library", check=True).problems == ()
    with open_library(tmp_path / "library") as library:
        best = library.chunks([library.words.search({"投入": 1.0, "机制": 1.0})[0][0]])[0]
        assert "投入" in best.text + best.context
