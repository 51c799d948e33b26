"""The switch to the next state of the library: a new generation beside the old, then one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import LibraryError
from assistant.index import generation
from assistant.index.faults import explained
from assistant.index.generation import Base, Place
from assistant.index.lock import writer_lock
from assistant.index.store import Store, Version
from assistant.types import Chunk

NO_VECTORS = "资料库 {path} 缺少部分向量；请运行 python -m assistant ingest 重新计算"


@dataclass(frozen=True, slots=True)
class Change:
    """What the next state adds or replaces, and the ids of the documents that it no longer has."""

    added: Sequence[Version] = ()
    gone: Sequence[str] = ()


def current_place(store: Store, url: str) -> Place:
    """Where the current generation should lie; its name is empty in a library without one."""
    meta = store.meta()
    return Place(store.library, meta["library"], meta["generation"], url)


def sweep(store: Store, url: str) -> None:
    """Removes what killed writers left, and generations older than the previous one."""
    meta = store.meta()
    with explained(store.library):
        generation.sweep(current_place(store, url), {meta["generation"], meta.get("previous", "")} - {""})


def sound(store: Store, url: str) -> bool:
    """Whether the current generation is whole and holds exactly the chunks that SQLite holds."""
    place = current_place(store, url)
    if not place.name or generation.flaw(place, thorough=True):
        return False
    try:
        return not generation.disagreement(place, set(store.inputs(store.sequence)))
    except Exception:  # noqa: BLE001 - whatever a damaged index raises, it is to be built anew
        return False


def chunks_after(store: Store, change: Change) -> list[Chunk]:
    """All chunks of the state after the change, by document id and position."""
    leaving = {*change.gone, *(version.origin.id for version in change.added)}
    kept = [chunk for chunk in store.chunks(store.sequence) if chunk.span.doc not in leaving]
    added = [chunk for version in change.added for chunk in version.chunks]
    return sorted([*kept, *added], key=lambda chunk: chunk.span.doc)


def renew(
    store: Store, change: Change, meta: Mapping[str, str], *, url: str = "", usable: bool = True
) -> None:
    """Builds the next generation and makes it current; on any failure the library stays as it was.

    `meta` holds at least `embedder`. `usable` says whether the current generation may be built upon.
    """
    old = current_place(store, url)
    name = f"g{store.sequence + 1:06d}-{secrets.token_hex(4)}"
    new = Place(old.library, old.identity, name, url)
    same = store.meta().get("embedder") == meta["embedder"]
    base = Base(old, store.inputs(store.sequence)) if usable and same and old.name else None

    def blobs(inputs: Iterable[str]) -> Mapping[str, bytes]:
        wanted = list(inputs)
        found = store.vectors(wanted, meta["embedder"])
        if len(found) < len(set(wanted)):
            raise LibraryError(NO_VECTORS.format(path=store.library))
        return found

    generation.build(new, chunks_after(store, change), blobs, base)
    try:
        store.switch(change.added, change.gone, {**meta, "generation": name})
    except BaseException:
        # An interrupt may come after the commit; then the new generation is current and must stay.
        if store.meta()["generation"] != name:
            generation.discard(new)
        raise
    sweep(store, url)


def rebuild(library: Path, url: str = "") -> None:
    """Builds the indexes anew from SQLite if they are not sound.

    Raises LibraryBusy when another process writes, LibraryError when the folder cannot be written.
    """
    with writer_lock(library), Store(library, write=True) as store:
        if not sound(store, url):
            renew(store, Change(), {"embedder": store.meta()["embedder"]}, url=url, usable=False)
