"""From files and folders to parsed documents."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.documents.chunking import chunk
from assistant.documents.decode import read_text
from assistant.documents.describe import date_of, issuer_of, number_of, region_of, status_of, title_of
from assistant.documents.manifest import Entry, read_manifest
from assistant.documents.structure import parse, plain
from assistant.errors import DocumentError
from assistant.language.regions import innermost
from assistant.types import Block, Chunk, Document

PARSER_VERSION = "8"  # raised whenever the same file would give other blocks or chunks
SUFFIXES = (".txt", ".md")
UNREAD = (".doc", ".docx", ".pdf", ".wps", ".ofd", ".rtf", ".xls", ".xlsx", ".ppt", ".pptx", ".html", ".htm")
RESERVED = ("userdict.txt",)  # the segmenter's dictionary lies beside the documents


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read: its id in the library, the folder it was found in, and the manifest's words on it."""

    path: Path
    id: str
    folder: Path
    entry: Entry | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document read: its text, its blocks in order, its chunks in order."""

    document: Document
    blocks: tuple[Block, ...]
    chunks: tuple[Chunk, ...]


def discover(paths: Sequence[Path]) -> list[Source]:
    """The documents in files and folders (searched below), in a fixed order. Raises DocumentError."""
    found: dict[Path, Source] = {}
    for path in paths:
        if path.is_dir():
            files = [f for f in sorted(path.rglob("*")) if f.suffix.lower() in SUFFIXES and f.is_file()]
            for source in _sources((f for f in files if not _hidden(f, path)), path):
                found.setdefault(source.path.resolve(), source)
        elif path.exists():
            if path.suffix.lower() not in SUFFIXES:
                raise DocumentError(f"{path}：只支持 {'、'.join(SUFFIXES)} 文件，请先另存为纯文本")
            for source in _sources([path], path.parent):
                found.setdefault(source.path.resolve(), source)
        else:
            raise DocumentError(f"{path}：路径不存在，请检查后重试")
    return _distinct(list(found.values()))


def passed_over(paths: Sequence[Path]) -> list[Path]:
    """Office files below the folders that look like documents but are in a format that is not read."""
    folders = [path for path in paths if path.is_dir()]
    files = [file for folder in folders for file in sorted(folder.rglob("*")) if not _hidden(file, folder)]
    return [file for file in files if file.suffix.lower() in UNREAD and file.is_file()]


def load(source: Source, chunk_tokens: int, *, structure: bool = True) -> Parsed:
    """Read and parse one file; chunks hold at most `chunk_tokens` tokens. Raises DocumentError.

    Without `structure` the text is taken as plain paragraphs, without headings, speakers, tables or furniture.
    """
    data, text = read_text(source.path)
    digest = hashlib.sha256(data).hexdigest()
    entry = source.entry
    if entry and entry.hash and entry.hash != digest:
        raise DocumentError(
            f"{source.path.name}：内容与清单登记的校验值不符；如确已更新，请在 manifest.toml 中更新或删除 hash"
        )
    title = entry.title if entry else ""
    if structure:
        blocks = parse(source.id, text, title)
        if not title:
            title = title_of(blocks, source.path.stem)
            blocks = parse(source.id, text, title)
    else:
        title, blocks = title or source.path.stem, plain(source.id, text)
    document = _describe(Document(id=source.id, text=text, title=title, hash=digest), entry)
    document = replace(document, source=_relative(source.path, source.folder))
    return Parsed(document, tuple(blocks), tuple(chunk(document, blocks, chunk_tokens)))


def _describe(document: Document, entry: Entry | None) -> Document:
    if entry:
        return replace(
            document,
            issuer=entry.issuer,
            number=entry.number,
            date=entry.date,
            region="、".join(map(innermost, entry.region.split("、"))),
            status=entry.status,
            kind=entry.kind,
        )
    text, title = document.text, document.title
    issuer = issuer_of(title, text)
    return replace(
        document,
        issuer=issuer,
        number=number_of(text),
        date=date_of(text),
        region=region_of(title, text, issuer),
        status=status_of(title, text),
    )


def _sources(files: Iterable[Path], folder: Path) -> list[Source]:
    manifests: dict[Path, dict[str, Entry]] = {}
    sources = []
    for file in files:
        entries = manifests.setdefault(file.parent, read_manifest(file.parent))
        entry = entries.get(file.name)
        sources.append(Source(file, entry.id if entry else file.stem, folder, entry))
    return sources


def _distinct(sources: list[Source]) -> list[Source]:
    """Files of the same name are told apart by their folders, then by the folder searched, then by their suffix."""
    for naming in (_by_place, _by_folder, _by_suffix):
        counts = Counter(source.id for source in sources)
        sources = [replace(s, id=naming(s)) if counts[s.id] > 1 and s.entry is None else s for s in sources]
    repeated = [name for name, n in Counter(source.id for source in sources).items() if n > 1]
    if repeated:
        raise DocumentError(f"有多个文件的编号都是 {repeated[0]}，请改名后重试")
    return sources


def _by_place(source: Source) -> str:
    return "-".join(source.path.relative_to(source.folder).with_suffix("").parts)


def _by_folder(source: Source) -> str:
    return "-".join(filter(None, (source.folder.resolve().name, _by_place(source))))


def _by_suffix(source: Source) -> str:
    return _by_folder(source) + source.path.suffix.lower().replace(".", "-")


def _hidden(file: Path, folder: Path) -> bool:
    return file.name in RESERVED or any(part.startswith(".") for part in file.relative_to(folder).parts)


def _relative(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else path.name
