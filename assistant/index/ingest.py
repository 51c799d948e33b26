"""From files to a library: parse, embed, build the next generation beside the old one, switch."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from assistant import __version__
from assistant.errors import DocumentError, LibraryError
from assistant.index.faults import explained
from assistant.index.lock import writer_lock
from assistant.index.renew import Change, chunks_after, renew, sound, sweep
from assistant.index.rows import batches, input_hash, passage
from assistant.index.store import Origin, Store, Version
from assistant.types import Chunk

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

    from assistant.documents import Source

Progress = Callable[[str, int, int], None]

PARSING, EMBEDDING, INDEXING = "读取文件", "计算向量", "建立索引"
BATCH = 64  # passages embedded between two commits
CONFLICT = "编号 {id} 已被另一个文件 {path} 使用；请改名，或在 manifest.toml 里另给编号"
UNREADABLE = "无法读取（{reason}）"
BAD_VECTORS = "向量模型返回的数据不合要求；请检查模型设置，资料库没有改动"
OTHER_MODEL = (
    "资料库 {path} 的向量由 {found} 算出，现在设置的是 {wanted}；不同模型的向量不能混用，资料库没有改动。"
    "要用新模型重新计算全部 {chunks} 个片段的向量，请加上 --re-embed；否则请改回原来的设置"
)


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest did, by document ids.

    `failed` maps the path of a file that could not be taken in to the reason; `chunks` is the number of all
    chunks now in the library.
    """

    added: tuple[str, ...]
    updated: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    failed: Mapping[str, str]
    chunks: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read: the longest chunk, and whether their structure is."""

    chunk_tokens: int
    structure: bool


@dataclass(frozen=True, slots=True)
class Embedder:
    """What makes the vectors, the version it is known by, and how many passages it embeds between two commits."""

    embeddings: Embeddings
    version: str
    batch: int = BATCH


@dataclass(slots=True)
class _Plan:
    """What reading the files has found, file by file."""

    versions: list[Version] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    moved: list[Origin] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def _quiet(_stage: str, _done: int, _total: int) -> None:
    """Says nothing."""


def ingest(
    paths: Sequence[Path],
    library: Path,
    *,
    embeddings: Embeddings,
    embedder_version: str,
    chunk_tokens: int,
    structure: bool = True,
    progress: Progress | None = None,
    prune: bool = True,
    chroma_url: str = "",
    batch: int = BATCH,
    re_embed: bool = False,
) -> IngestReport:
    """Brings the library up to date with files and folders; doing it twice changes nothing.

    A file that cannot be read is reported in `failed` and leaves an earlier version of it in place. With
    `prune`, documents that came from below one of the folders and are no longer there are removed. `progress`
    receives a Chinese stage, how many are done, and of how many. Vectors are kept as they are made; all else
    becomes visible at once at the end, or, on any failure or interrupt, not at all. Without `structure` documents
    are taken as plain paragraphs. `batch` passages are embedded between two commits. `re_embed` lets all vectors be
    computed anew where a model on a server takes the place of another one, or gives way to the local one; a newer
    version of the local one needs no leave.
    Raises DocumentError for paths that do not exist, LibraryBusy, LibraryError, and what `embeddings` raises.
    """
    from assistant.documents import PARSER_VERSION, discover

    start = time.perf_counter()
    tell = progress or _quiet
    sources = discover(paths)
    with writer_lock(library), Store(library, write=True) as store:
        if not re_embed:
            _refuse_mixing(store, embedder_version)
        sweep(store, chroma_url)
        plan = _plan(sources, store.origins(store.sequence), Reading(chunk_tokens, structure), tell)
        plan.removed = _removed(paths if prune else (), sources, store.origins(store.sequence))
        change = Change(plan.versions, plan.removed)
        meta = {
            "embedder": embedder_version,
            "parser": PARSER_VERSION,
            "chunk_tokens": str(chunk_tokens),
            "structure": str(structure),
            "code": __version__,
        }
        known = set(store.origins(store.sequence))
        _update(store, change, meta, Embedder(embeddings, embedder_version, batch), tell, chroma_url)
        if plan.moved:
            store.move(plan.moved)
        ids = [version.origin.id for version in plan.versions]
        return IngestReport(
            added=tuple(i for i in ids if i not in known),
            updated=tuple(i for i in ids if i in known),
            unchanged=tuple(plan.unchanged),
            removed=tuple(plan.removed),
            failed=MappingProxyType(plan.failed),
            chunks=store.counts(store.sequence)[1],
            seconds=time.perf_counter() - start,
        )


def _refuse_mixing(store: Store, wanted: str) -> None:
    """LibraryError where another model made the vectors and one of the two is on a server."""
    from assistant.models.server_embeddings import is_served

    found = store.meta().get("embedder", "")
    if found in {"", wanted} or not (is_served(found) or is_served(wanted)):
        return
    if chunks := store.counts(store.sequence)[1]:
        message = OTHER_MODEL.format(path=store.library, found=found, wanted=wanted, chunks=chunks)
        raise LibraryError(message)


def _update(
    store: Store, change: Change, meta: Mapping[str, str], embedder: Embedder, tell: Progress, url: str
) -> None:
    """Embeds and switches, unless the library already is what it should be."""
    before = store.meta()
    if not before["generation"] and not change.added:
        return
    usable = sound(store, url)
    if usable and not change.added and not change.gone and before.get("embedder") == embedder.version:
        return
    embed(store, chunks_after(store, change), embedder, tell)
    tell(INDEXING, 0, 1)
    renew(store, change, meta, url=url, usable=usable)
    tell(INDEXING, 1, 1)


def _plan(sources: Sequence[Source], known: Mapping[str, Origin], reading: Reading, tell: Progress) -> _Plan:
    plan = _Plan()
    for done, source in enumerate(sources):
        tell(PARSING, done, len(sources))
        try:
            _plan_one(plan, source, known.get(source.id), reading)
        except DocumentError as error:
            plan.failed[str(source.path)] = str(error)
        except (OSError, ValueError, LookupError, RecursionError) as error:
            # What a parser did not foresee in one file must not keep the other files out.
            plan.failed[str(source.path)] = UNREADABLE.format(reason=f"{type(error).__name__}: {error}")
    tell(PARSING, len(sources), len(sources))
    return plan


def _plan_one(plan: _Plan, source: Source, known: Origin | None, reading: Reading) -> None:
    from assistant.documents import load

    origin = _origin(source, reading)
    if known and known.path != origin.path and Path(known.path).is_file():
        if known.hash != origin.hash:
            raise DocumentError(CONFLICT.format(id=origin.id, path=known.path))
        plan.unchanged.append(origin.id)
    elif known and known.fingerprint == origin.fingerprint:
        plan.unchanged.append(origin.id)
        if known.path != origin.path:
            plan.moved.append(origin)
    else:
        parsed = load(source, reading.chunk_tokens, structure=reading.structure)
        plan.versions.append(Version(origin, parsed.document, parsed.blocks, parsed.chunks))


def _origin(source: Source, reading: Reading) -> Origin:
    """The fingerprint covers everything that a parsed document depends on, and not where its folder lies."""
    from assistant.documents import PARSER_VERSION

    path = source.path.resolve()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    entry = asdict(source.entry) if source.entry else {}
    relative = source.path.relative_to(source.folder).as_posix()
    version = PARSER_VERSION if reading.structure else f"{PARSER_VERSION}, plain"
    parts = [digest, relative, version, reading.chunk_tokens, entry]
    fingerprint = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    return Origin(source.id, str(path), digest, fingerprint)


def _removed(paths: Iterable[Path], sources: Sequence[Source], known: Mapping[str, Origin]) -> list[str]:
    """Documents whose file is gone from a folder given, and those whose file now goes by another id."""
    ids = {source.id for source in sources}
    files = {str(source.path.resolve()) for source in sources}
    folders = [path.resolve() for path in paths if path.is_dir()]
    return [
        own
        for own, origin in known.items()
        if own not in ids
        and (origin.path in files or any(Path(origin.path).is_relative_to(folder) for folder in folders))
    ]


def embed(store: Store, chunks: Sequence[Chunk], embedder: Embedder, tell: Progress = _quiet) -> None:
    """Computes the vectors that the store does not yet have, and keeps them batch by batch.

    Raises LibraryError when the model returns something other than one finite vector for each passage.
    """
    known = store.embedded(embedder.version)
    wanted = {input_hash(chunk): passage(chunk) for chunk in chunks}
    # Passages of like length together, because a batch takes as long as its longest.
    missing = sorted((item for item in wanted.items() if item[0] not in known), key=lambda item: len(item[1]))
    done = 0
    for batch in batches(missing, embedder.batch):
        tell(EMBEDDING, done, len(missing))
        blobs = _blobs(embedder.embeddings.embed_documents([text for _, text in batch]), len(batch))
        with explained(store.library):
            store.keep_vectors(dict(zip((key for key, _ in batch), blobs, strict=True)), embedder.version)
        done += len(batch)
    tell(EMBEDDING, done, len(missing))


def _blobs(vectors: object, count: int) -> list[bytes]:
    """Vectors as little-endian float32; shape (count, width)."""
    import numpy as np

    try:
        matrix = np.asarray(vectors, dtype="<f4")
    except (TypeError, ValueError) as error:
        raise LibraryError(BAD_VECTORS) from error
    if matrix.ndim != 2 or len(matrix) != count or not matrix.shape[1] or not np.isfinite(matrix).all():
        raise LibraryError(BAD_VECTORS)
    return [row.tobytes() for row in matrix]
