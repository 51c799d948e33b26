"""What a library holds, and whether its three parts agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from assistant.errors import LibraryError
from assistant.index import generation
from assistant.index.faults import DamagedIndex, explained
from assistant.index.files import size_of
from assistant.index.generation import VECTORS, WORDS
from assistant.index.snapshot import Snapshot
from assistant.index.store import STORE_NAME, Store


@dataclass(frozen=True, slots=True)
class LibraryStatus:
    """What `status` found; `bytes_on_disk` has the keys library, words and vectors."""

    path: Path
    documents: int
    chunks: int
    generation: str
    bytes_on_disk: Mapping[str, int]
    versions: Mapping[str, str]
    problems: tuple[str, ...]

    @property
    def agree(self) -> bool:
        """Whether SQLite, tantivy and Chroma hold the same chunks."""
        return not self.problems


def status(library: Path, *, chroma_url: str = "", check: bool = False) -> LibraryStatus:
    """Looks the library over without changing it; `check` lets SQLite examine its whole file as well.

    Raises LibraryMissing, or LibraryError when SQLite itself cannot be read.
    """
    with Store(library) as store:
        meta = store.meta()
        at = int(meta["sequence"])
        documents, chunks = store.counts(at)
        problems = list(store.integrity()) if check else []
        ids = set(store.inputs(at))
    problems += _index_problems(library, chroma_url, ids)
    folder = library / generation.INDEXES / meta["generation"]
    with explained(library):
        sizes = {
            "library": size_of(library / STORE_NAME),
            "words": size_of(folder / WORDS),
            "vectors": size_of(folder / VECTORS),
        }
    versions = {**generation.versions(), **meta}
    return LibraryStatus(
        path=library,
        documents=documents,
        chunks=chunks,
        generation=meta["generation"],
        bytes_on_disk=MappingProxyType(sizes),
        versions=MappingProxyType(versions),
        problems=tuple(problems),
    )


def _index_problems(library: Path, url: str, ids: set[str]) -> list[str]:
    try:
        snapshot = Snapshot(library, url)
    except DamagedIndex as damaged:
        return [str(damaged)]
    try:
        said = generation.flaw(snapshot.place, thorough=True)
        word_ids = snapshot.words.ids()
        vector_ids = snapshot.vectors().ids()
    except LibraryError as error:
        return [str(error)]
    finally:
        snapshot.retire()
    differences = {"词索引": len(word_ids ^ ids), "向量索引": len(vector_ids ^ ids)}
    found = [f"{name}与资料库相差 {count} 段" for name, count in differences.items() if count]
    return [*([said] if said else []), *found]
