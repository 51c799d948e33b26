"""Opens the files of a local model: the network for onnxruntime, and the tokeniser."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from assistant.errors import ModelError
from assistant.models.files import ModelFile, describe

if TYPE_CHECKING:
    from tokenizers import Tokenizer

T = TypeVar("T")
_ONLY_ERRORS = 3


class LocalModel:
    """A network and its tokeniser beside the file that describes them; opened on first use, threads may share it.

    `whole`: the tokeniser cuts nothing off.
    """

    def __init__(self, description: Path, network: str, tokeniser: str, *, whole: bool = False) -> None:
        self._description, self._network, self._tokeniser = description, network, tokeniser
        self._whole = whole
        self._lock = threading.Lock()
        self._ready: tuple[Any, Tokenizer] | None = None

    @property
    def present(self) -> bool:
        """Whether description and network are there at all."""
        return self._description.exists() and (self._description.parent / self._network).exists()

    def described(self, read: Callable[[Mapping[str, Any]], T]) -> T:
        """What `read` takes out of the description; ModelError if that, or a file it names, is missing there."""
        table, files = self._table
        try:
            if not {self._network, self._tokeniser} <= files.keys():
                raise KeyError(self._network)
            return read(table)
        except (KeyError, ValueError, TypeError, IndexError) as error:
            raise ModelError(
                f"模型说明文件 {self._description} 缺少必要内容，请重新获取完整的程序目录。"
            ) from error

    def verify(self) -> None:
        """Read both files; ModelError unless their SHA-256 are the ones described."""
        files = self.described(lambda _: self._table[1])
        for name in (self._network, self._tokeniser):
            files[name].verify()

    def load(self) -> tuple[Any, Tokenizer]:
        """The network and the tokeniser; ModelError if a file is missing or damaged."""
        with self._lock:
            if self._ready is None:
                files = self.described(lambda _: self._table[1])
                network, tokeniser = (
                    open_network(files[self._network]),
                    open_tokeniser(files[self._tokeniser]),
                )
                if self._whole:
                    tokeniser.no_truncation()
                self._ready = network, tokeniser
            return self._ready

    @cached_property
    def _table(self) -> tuple[Mapping[str, Any], dict[str, ModelFile]]:
        return describe(self._description)


def open_network(file: ModelFile) -> Any:
    """The network, ready to run; it takes one thread, the caller's, and gives memory back after each run.

    Raises ModelError if the file is missing or cannot be read as a network.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = _ONLY_ERRORS
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    path = file.check()
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise file.damaged() from error


def open_tokeniser(file: ModelFile) -> Tokenizer:
    """The tokeniser in a file. Raises ModelError if it is missing or cannot be read as one."""
    from tokenizers import Tokenizer

    path = file.check()
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:
        raise file.damaged() from error
