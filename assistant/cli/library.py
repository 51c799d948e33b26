"""Taking documents in, and telling how the library and the local models are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from assistant.errors import InputError, LibraryMissing, ModelError, RemoteError
from assistant.terminal.failures import FAILED, INTERRUPTED, describe, one_line
from assistant.terminal.output import progress

if TYPE_CHECKING:
    from assistant.index import IngestReport, LibraryStatus
    from assistant.models.configured import Server
    from assistant.models.encoder import Encoder
    from assistant.models.reader import Reader
    from assistant.settings import Settings

_KEPT = "资料库没有改动，已算出的向量已保存；再次运行同一命令会接着做"
_PARTS = {"library": "正文", "words": "词索引", "vectors": "向量索引"}
_VERSIONS = {
    "code": "程序",
    "parser": "解析",
    "embedder": "向量模型",
    "chunk_tokens": "片段上限",
    "schema": "库格式",
    "format": "索引格式",
    "tantivy": "tantivy",
    "chromadb": "chromadb",
}


def take_in(paths: Sequence[Path], settings: Settings, *, re_embed: bool = False) -> None:
    """Ingest files and folders and tell what came of it; ends with exit code 1 when a file failed.

    `re_embed` lets all vectors be computed anew with another model.
    """
    if missing := [str(path) for path in paths if not path.exists()]:
        raise InputError("找不到：" + "、".join(missing))
    from assistant.documents import passed_over

    with progress() as bar:
        task = bar.add_task("准备", total=None)
        try:
            report = _ingest(
                paths,
                settings,
                lambda stage, done, total: bar.update(task, description=stage, completed=done, total=total),
                re_embed=re_embed,
            )
        except KeyboardInterrupt:
            bar.stop()
            typer.echo("已停止：资料库保持原样。再次运行同一命令即可。", err=True)
            raise typer.Exit(INTERRUPTED) from None
        except RemoteError as error:
            raise RemoteError(f"{error}。{_KEPT}") from error
    _tell(report, settings.library)
    _warn(passed_over(paths))
    if report.failed:
        raise typer.Exit(FAILED)


def _ingest(
    paths: Sequence[Path], settings: Settings, tell: Callable[[str, int, int], None], *, re_embed: bool
) -> IngestReport:
    from assistant.index import ingest
    from assistant.index.ingest import BATCH
    from assistant.models.configured import embeddings_for

    embeddings = embeddings_for(settings)
    return ingest(
        paths,
        settings.library,
        embeddings=embeddings,
        embedder_version=embeddings.version,
        chunk_tokens=settings.chunk_tokens,
        structure=settings.structure,
        progress=tell,
        chroma_url=settings.chroma_url,
        # A commit after each request, so that no server is asked for the same vectors twice.
        batch=settings.embed_batch if settings.embed_url else BATCH,
        re_embed=re_embed,
    )


def show_status(settings: Settings, *, check_servers: bool = False) -> None:
    """Documents, passages, sizes and versions of the library, and whether it and the model files are whole.

    With `check_servers` every configured model server is tried, also before there is a library. Ends with exit code 1
    when something is damaged, or a server does not do what is wanted.
    """
    from assistant.index import status

    try:
        found = status(settings.library, chroma_url=settings.chroma_url, check=True)
    except LibraryMissing:
        if check_servers:
            _show_servers(settings, "")
        raise
    embedder = found.versions.get("embedder", "")
    models, whole = _model_rows(settings)
    for name, value in [*_library_rows(found), *models, *_server_rows(settings, embedder)]:
        typer.echo(f"{name}：{one_line(value)}")
    working = _show_servers(settings, embedder) if check_servers else True
    if not (found.agree and whole and working):
        raise typer.Exit(FAILED)


def _server_rows(settings: Settings, embedder: str) -> list[tuple[str, str]]:
    """What is configured, without connecting to it. `embedder` is the version of the library's vectors."""
    from assistant.models.configured import fits, servers

    chat, embed, rerank = servers(settings)
    vectors = _configured(embed, "用本地模型")
    if embedder and not fits(embedder, settings):
        vectors += f"；但资料库的向量由 {embedder} 算出，要改用须运行 python -m assistant ingest --re-embed"
    return [
        (chat.part.name, _configured(chat, "未设置，用原文作答")),
        (embed.part.name, vectors),
        (rerank.part.name, _configured(rerank, "未设置")),
    ]


def _configured(server: Server, otherwise: str) -> str:
    return f"{server.model or '未指定名称'}（{server.address}）" if server.url else otherwise


def _show_servers(settings: Settings, embedder: str) -> bool:
    """One line for each configured address; whether all are well."""
    from assistant.models.probe import probe

    findings = probe(settings, embedder)
    for one in findings:
        typer.echo(one_line(f"检查{one.name} {one.address}：{one.said}"))
    if not findings:
        typer.echo("检查模型服务：没有设置任何地址")
    return all(one.ok for one in findings)


def _warn(files: Sequence[Path]) -> None:
    """Say which files of a folder were not read because of their format."""
    if files:
        names = "、".join(one_line(file.name) for file in files[:3]) + ("等" if len(files) > 3 else "")
        typer.echo(
            f"提示：{names} 共 {len(files)} 个文件格式不支持，没有收入；请另存为纯文本（.txt）", err=True
        )


def _tell(report: IngestReport, library: Path) -> None:
    counts = {
        "新增": len(report.added),
        "更新": len(report.updated),
        "未变": len(report.unchanged),
        "移除": len(report.removed),
    }
    told = "，".join(f"{name} {count}" for name, count in counts.items())
    typer.echo(f"资料库 {library}：{told}；共 {report.chunks} 个片段，用时 {report.seconds:.1f} 秒")
    for path, reason in report.failed.items():
        typer.echo(f"错误：没有收入 {one_line(path)}：{one_line(reason)}", err=True)


def _library_rows(found: LibraryStatus) -> list[tuple[str, str]]:
    sizes = "，".join(f"{name} {_size(found.bytes_on_disk.get(key, 0))}" for key, name in _PARTS.items())
    versions = "，".join(
        f"{name} {found.versions[key]}" for key, name in _VERSIONS.items() if key in found.versions
    )
    return [
        ("资料库", str(found.path)),
        ("文件", str(found.documents)),
        ("片段", str(found.chunks)),
        ("代次", found.generation),
        ("占用", sizes),
        ("版本", versions),
        ("索引", "一致" if found.agree else "不一致：" + "；".join(found.problems) + "。请运行 ingest 重建"),
    ]


def _size(number: int) -> str:
    return f"{number / 1e6:.1f} MB"


def _model_rows(settings: Settings) -> tuple[list[tuple[str, str]], bool]:
    """What to say of the local models, and whether the files of those in use are the ones described."""
    from assistant.models.encoder import Encoder
    from assistant.models.reader import Reader

    encoder, reader = Encoder(), Reader()
    rows = [("本地模型", *_state(encoder))]
    if not reader.present:
        rows.append(("阅读模型", "没有权重文件，只按字词和向量排序，回答会差一些", True))
    elif not settings.reader:
        rows.append(("阅读模型", "已关闭", True))
    else:
        rows.append(("阅读模型", *_state(reader)))
    return [(name, said) for name, said, _ in rows], all(whole for _, _, whole in rows)


def _state(model: Encoder | Reader) -> tuple[str, bool]:
    try:
        model.verify()
    except ModelError as error:
        return describe(error), False
    return f"{model.version}，文件完好", True
