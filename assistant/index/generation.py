"""A generation: the tantivy and Chroma indexes of one state of the library, in a folder of their own.

`manifest.json` is written last and lists the files; a folder without it was never finished.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

from assistant.errors import LibraryError
from assistant.index import files, vectors, words
from assistant.index.faults import explain
from assistant.index.rows import input_hash
from assistant.types import Chunk

INDEXES = "indexes"
INDEX_FORMAT = "1"  # raised when the fields, or the terms that segmentation gives, change
MANIFEST = "manifest.json"
NAME = re.compile(r"g\d{6}-[0-9a-f]{8}")
WORDS, VECTORS = "words", "vectors"
LOCAL_COLLECTION = "chunks"
TRANSIENT = ".lock"  # tantivy's lock files, which come and go
FAILED = "无法为资料库 {path} 建立索引（{reason}）；资料库没有改动，请检查磁盘空间后重试"

VectorSource = Callable[[Iterable[str]], Mapping[str, bytes]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a generation lies. `url` is the Chroma server that holds its vectors; empty: in its folder."""

    library: Path
    identity: str  # random name of the library; keeps libraries on one server apart
    name: str
    url: str = ""

    @property
    def folder(self) -> Path:
        """The generation's folder."""
        return self.library / INDEXES / self.name

    @property
    def prefix(self) -> str:
        """How the names of this library's collections on a server begin."""
        return f"policy-{self.identity[:16]}-"

    @property
    def collection(self) -> str:
        """Name of the collection in Chroma."""
        return self.prefix + self.name if self.url else LOCAL_COLLECTION


@dataclass(frozen=True, slots=True)
class Base:
    """A finished generation to start from, and the input hash of each chunk in it by chunk id."""

    place: Place
    inputs: Mapping[str, str]


@cache
def versions() -> dict[str, str]:
    """What must be the same for an index to be usable."""
    return {"format": INDEX_FORMAT, "tantivy": version("tantivy"), "chromadb": version("chromadb")}


def build(place: Place, chunks: Sequence[Chunk], blobs: VectorSource, base: Base | None = None) -> None:
    """Builds the generation and checks that it holds exactly the chunks; leaves nothing behind on failure.

    `blobs` gives float32 vectors by input hash. With `base`, only what differs is indexed anew.
    """
    try:
        with _failing(place.library):
            _build(place, chunks, blobs, base)
            flaw = disagreement(place, {chunk.id for chunk in chunks})
            if flaw and base:
                discard(place)
                _build(place, chunks, blobs, None)
                flaw = disagreement(place, {chunk.id for chunk in chunks})
            if flaw:
                raise LibraryError(FAILED.format(path=place.library, reason=flaw))
            _write_manifest(place, len(chunks))
            files.flush(place.folder)
    except BaseException:
        discard(place)
        raise


def _build(place: Place, chunks: Sequence[Chunk], blobs: VectorSource, base: Base | None) -> None:
    target = {chunk.id: input_hash(chunk) for chunk in chunks}
    known = base.inputs if base else {}
    added = [chunk for chunk in chunks if known.get(chunk.id) != target[chunk.id]]
    gone = [own for own, value in known.items() if target.get(own) != value]
    if base and len(added) + len(gone) > len(target):
        base, added, gone = None, list(chunks), []
    place.folder.mkdir(parents=True)
    # BM25 counts deleted entries until they are merged away, so that deletions ask for a fresh index.
    if base and not gone:
        files.copy_files(base.place.folder / WORDS, place.folder / WORDS, skip=(".tantivy-",))
        words.write_words(place.folder / WORDS, added, add=True)
    else:
        words.write_words(place.folder / WORDS, chunks)
    _write_vectors(place, chunks if place.url else added, gone, blobs, base)


def _write_vectors(
    place: Place, chunks: Sequence[Chunk], gone: Sequence[str], blobs: VectorSource, base: Base | None
) -> None:
    inputs = {chunk.id: input_hash(chunk) for chunk in chunks}
    found = blobs(inputs.values())
    added = {own: found[value] for own, value in inputs.items()}
    if place.url:
        with vectors.using(vectors.remote_client(place.url)) as client, vectors.reachable(place.url):
            vectors.change(vectors.create(client, place.collection), added)
        return
    folder = place.folder / VECTORS
    if base:
        vectors.copy_local(base.place.folder / VECTORS, folder)
    with vectors.using(vectors.local_client(folder)) as client:
        if base:
            collection = client.get_collection(place.collection, embedding_function=None)
        else:
            collection = vectors.create(client, place.collection)
        vectors.change(collection, added, gone)


@contextmanager
def _failing(library: Path) -> Iterator[None]:
    """Turns whatever the two index libraries raise into LibraryError."""
    try:
        yield
    except LibraryError:
        raise
    except OSError as error:
        raise explain(error, library) from error
    except Exception as error:
        reason = str(error) or type(error).__name__
        raise LibraryError(FAILED.format(path=library, reason=reason)) from error


def open_vectors(place: Place, folder: Path | None = None) -> vectors.VectorIndex:
    """The generation's vectors; `folder` is a copy of its folder to be used instead."""
    if place.url:
        client = vectors.remote_client(place.url)
    else:
        with vectors.reachable(""):
            client = vectors.local_client((folder or place.folder) / VECTORS)
    return vectors.VectorIndex(client, place.collection, place.url)


def disagreement(place: Place, ids: set[str], folder: Path | None = None) -> str:
    """How the two indexes differ from the chunk ids given; empty when they do not."""
    said = []
    word_ids = words.WordIndex((folder or place.folder) / WORDS).ids()
    if word_ids != ids:
        said.append(f"词索引与资料库相差 {len(word_ids ^ ids)} 段")
    opened = open_vectors(place, folder)
    try:
        vector_ids = opened.ids()
    finally:
        opened.close()
    if vector_ids != ids:
        said.append(f"向量索引与资料库相差 {len(vector_ids ^ ids)} 段")
    return "，".join(said)


def _write_manifest(place: Place, chunks: int) -> None:
    listed = {
        str(path.relative_to(place.folder)): {"size": path.stat().st_size, "sha256": files.digest(path)}
        for path in _lasting(place.folder)
    }
    content = {"versions": versions(), "url": place.url, "chunks": chunks, "files": listed}
    (place.folder / MANIFEST).write_text(json.dumps(content, indent=1), encoding="utf-8")


def _lasting(folder: Path) -> list[Path]:
    # Chroma's database changes a little whenever it is opened; only that it is there can be said of it.
    return [path for path in files.walk(folder) if path.suffix != TRANSIENT and path.name != vectors.DATABASE]


def flaw(place: Place, *, thorough: bool = False) -> str:
    """What is wrong with the generation's folder, in a few Chinese words; empty when nothing is.

    Cheap by default: versions and the sizes of files. `thorough` compares their contents as well.
    """
    try:
        manifest = json.loads((place.folder / MANIFEST).read_text(encoding="utf-8"))
        listed = manifest["files"].items()
        if manifest["versions"] != versions():
            return "索引是由其他版本建立的"
        if manifest["url"] != place.url:
            return "向量存放在别处"
        for name, known in listed:
            path = place.folder / name
            if not path.is_file() or path.stat().st_size != known["size"]:
                return f"索引文件 {name} 缺失或不完整"
            if thorough and files.digest(path) != known["sha256"]:
                return f"索引文件 {name} 已损坏"
    except FileNotFoundError:
        return "索引文件夹缺失或不完整"
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "索引清单无法读取"
    if not place.url and not (place.folder / VECTORS / vectors.DATABASE).is_file():
        return f"索引文件 {VECTORS}/{vectors.DATABASE} 缺失"
    return ""


def discard(place: Place) -> None:
    """Removes a generation that nobody uses."""
    shutil.rmtree(place.folder, ignore_errors=True)
    if place.url:
        # The server may be what failed; the next ingest sweeps what stays there.
        with suppress(LibraryError):
            _drop_collections(place, keep=None)


def sweep(place: Place, keep: set[str]) -> None:
    """Removes all generations of the library but those named; `place` says where to look."""
    indexes = place.library / INDEXES
    for folder in indexes.iterdir() if indexes.is_dir() else ():
        if NAME.fullmatch(folder.name) and folder.name not in keep:
            shutil.rmtree(folder, ignore_errors=True)
    if place.url:
        _drop_collections(place, keep)


def _drop_collections(place: Place, keep: set[str] | None) -> None:
    """Drops the place's own collection, or with `keep` all of the library's but those."""
    with vectors.using(vectors.remote_client(place.url)) as client, vectors.reachable(place.url):
        for collection in client.list_collections():
            name = collection.name
            ours = name == place.collection if keep is None else name.startswith(place.prefix)
            if ours and name.removeprefix(place.prefix) not in (keep or set()):
                client.delete_collection(name)
