"""Short ways for tests to read a text and look at what came out."""

from __future__ import annotations

import json
from pathlib import Path

from assistant.documents import Parsed, discover, load
from assistant.types import Block, BlockKind


def read(folder: Path, text: str, name: str = "doc.txt", chunk_tokens: int = 280) -> Parsed:
    """Write a text to a file, as a user would hand it in, and read it."""
    path = folder / name
    path.write_bytes(text.encode())
    (source,) = discover([path])
    return load(source, chunk_tokens)


def of_kind(parsed: Parsed, kind: BlockKind) -> list[Block]:
    """The blocks of one kind, in order."""
    return [block for block in parsed.blocks if block.kind is kind]


def texts(parsed: Parsed, kind: BlockKind) -> list[str]:
    """The cleaned texts of the blocks of one kind, in order."""
    return [block.text for block in of_kind(parsed, kind)]


def block_with(parsed: Parsed, words: str) -> Block:
    """The one leaf, furniture apart, that holds the words."""
    others = (BlockKind.STATEMENT, BlockKind.TABLE, BlockKind.FURNITURE)
    found = [b for b in parsed.blocks if words in b.text and b.kind not in others]
    assert len(found) == 1, [b.text for b in found]
    return found[0]


def cells(block: Block) -> dict[str, str]:
    """The cells of a row by column."""
    return dict(json.loads(block.attributes["cells"]))
