"""Opens the files of a local model: the network for onnxruntime, and the tokeniser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant.models.files import ModelFile

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_ONLY_ERRORS = 3


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
