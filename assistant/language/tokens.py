"""Counts and cuts text in tokens of the vocabulary cl100k_base, without a network.

`tiktoken.get_encoding` downloads the vocabulary; here it is read from the package's own data, see
data/cl100k_base.md. A Chinese character is 1.3 of these tokens on average and 0.7 tokens of the local models, so
a limit counted here keeps within theirs.
"""

from __future__ import annotations

import base64
import gzip
import threading
import zlib
from importlib import resources
from typing import TYPE_CHECKING

from assistant.errors import ModelError

if TYPE_CHECKING:
    from tiktoken import Encoding

VOCABULARY = "cl100k_base.tiktoken.gz"
SIZE = 100_256
# The pattern of tiktoken_ext.openai_public.cl100k_base, whose function would start a download.
PATTERN = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"
    r"|\s++$|\s*[\r\n]|\s+(?!\S)|\s"
)
_lock = threading.Lock()
_loaded: list[Encoding] = []


def count_tokens(text: str) -> int:
    """Number of tokens of the text; names of special tokens count as the characters that they are."""
    return len(encoding().encode_ordinary(text))


def truncate(text: str, limit: int) -> str:
    """The text, or a beginning of it, that has at most `limit` tokens; ValueError below zero."""
    if limit < 0:
        raise ValueError(f"a text cannot have {limit} tokens")
    known = encoding()
    tokens = known.encode_ordinary(text)
    if len(tokens) <= limit:
        return text
    # The last token kept may end inside a character, of which nothing is kept then.
    cut = text[: len(known.decode_bytes(tokens[:limit]).decode("utf-8", "ignore"))]
    while count_tokens(cut) > limit:  # a beginning may be split otherwise than within the whole
        cut = cut[:-1]
    return cut


def encoding() -> Encoding:
    """The encoding, loaded on first use and then shared; ModelError if its file cannot be read."""
    with _lock:
        if not _loaded:
            _loaded.append(_load())
        return _loaded[0]


def _load() -> Encoding:
    import tiktoken

    file = resources.files("assistant.language").joinpath("data", VOCABULARY)
    try:
        lines = gzip.decompress(file.read_bytes()).split(b"\n")
        ranks = {
            base64.b64decode(token): int(rank) for token, rank in (line.split() for line in lines if line)
        }
        return tiktoken.Encoding(
            "cl100k_base", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens={}, explicit_n_vocab=SIZE
        )
    except (OSError, EOFError, ValueError, AssertionError, zlib.error) as error:
        raise ModelError(f"词表文件 {file} 缺失或已损坏，请重新获取完整的程序目录。") from error
