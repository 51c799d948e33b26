"""Taking documents in, and telling how the library and the local models are."""

from __future__ import annotations

from collections.abc import Sequence, Sized
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from assistant.cli.failures import FAILED, INTERRUPTED, one_line
from assistant.cli.render import console, progress, say
from assistant.errors import InputError

if TYPE_CHECKING:
    from assistant.index.ingest import IngestReport
    from assistant.settings import Settings


def take_in(paths: Sequence[Path], settings: Settings) -> None:
    """Ingest files and folders and tell what came of it; ends with exit code 1 when a file failed."""
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise InputError("找不到：" + "、".join(missing))
    from assistant.index.ingest import ingest
    from assistant.models.embeddings import LocalEmbeddings

    embeddings = LocalEmbeddings(threads=settings.threads)
    with progress() as bar:
        task = bar.add_task("收入", total=None)
        try:
            report = ingest(
                paths,
                settings.library,
                embeddings=embeddings,
                embedder_version=embeddings.version,
                chunk_tokens=settings.chunk_tokens,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
        except KeyboardInterrupt:
            bar.stop()
            typer.echo("已停止：资料库保持原样。再次运行同一命令会重新开始。", err=True)
            raise typer.Exit(INTERRUPTED) from None
    _tell(report, settings.library)
    if report.failed:
        raise typer.Exit(FAILED)


def show_status(settings: Settings) -> None:
    """Documents, passages, sizes and versions of the library, and whether the model files are whole."""


def _tell(report: IngestReport, library: Path) -> None:
    parts = {"新增": report.added, "更新": report.updated, "未变": report.unchanged, "移除": report.removed}
    counted = "，".join(f"{name} {_count(what)}" for name, what in parts.items())
    typer.echo(f"{library}：{counted}；共 {report.chunks} 段，用时 {report.seconds:.1f} 秒")
    for path, reason in report.failed.items():
        typer.echo(f"错误：{path} 没有收入：{one_line(reason)}", err=True)


def _count(what: object) -> int:
    return len(what) if isinstance(what, Sized) else int(str(what))
