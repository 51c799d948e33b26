"""The files of a local model beside their description, a small TOML file with sizes and hashes."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import ModelError

WEIGHTS = Path(__file__).resolve().parent / "weights"
_REMEDY = "请重新获取完整的程序目录，或按 training/README.md 重新生成。"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model: where it lies and what it must be."""

    path: Path
    size: int  # bytes
    sha256: str

    def check(self) -> Path:
        """The path, if the file is there and as long as it should be; ModelError otherwise. Reads nothing."""
        try:
            size = self.path.stat().st_size
        except OSError as error:
            raise ModelError(f"找不到模型文件 {self.path}。{_REMEDY}") from error
        if size != self.size:
            raise ModelError(
                f"模型文件 {self.path} 不完整（应为 {self.size} 字节，实为 {size} 字节）。{_REMEDY}"
            )
        return self.path

    def verify(self) -> None:
        """Read the whole file; ModelError unless its SHA-256 is the one described."""
        with self.check().open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != self.sha256:
            raise self.damaged()

    def damaged(self) -> ModelError:
        """What to raise when the file's content cannot be used."""
        return ModelError(f"模型文件 {self.path} 已损坏，内容与说明不符。{_REMEDY}")


def describe(description: Path) -> tuple[Mapping[str, Any], dict[str, ModelFile]]:
    """The description's keys, and its table `files` by name; ModelError if it is missing or malformed."""
    try:
        table = tomllib.loads(description.read_text(encoding="utf-8"))
        files = {
            name: ModelFile(description.parent / name, int(entry["bytes"]), str(entry["sha256"]))
            for name, entry in table["files"].items()
        }
    except OSError as error:
        raise ModelError(f"找不到模型说明文件 {description}。{_REMEDY}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"模型说明文件 {description} 已损坏。{_REMEDY}") from error
    return table, files
