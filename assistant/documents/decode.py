"""From bytes to text: which encoding a file is in, and whether it is text at all."""

from __future__ import annotations

import codecs
from pathlib import Path

from assistant.errors import DocumentError

LARGEST = 16 * 1024 * 1024  # bytes; the longest statutes stay below 1 MB
LONGEST_LINE = 200_000  # characters; no paragraph is that long
_MARKED = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def read_text(path: Path) -> tuple[bytes, str]:
    """The bytes of a file and its decoded text, exactly as the file is (line ends and marks kept).

    Raises DocumentError for a file that is missing, empty, too large, binary or in an unknown encoding.
    """
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise DocumentError(
                f"{path.name}：文件有 {size / 2**20:.0f} MB，超过 {LARGEST // 2**20} MB 的上限，请拆分后再导入"
            )
        data = path.read_bytes()
    except FileNotFoundError:
        raise DocumentError(f"{path}：文件不存在，请检查路径") from None
    except OSError as error:
        raise DocumentError(f"{path}：无法读取（{error.strerror or error}）") from error
    text = decode(data, path.name)
    if max(map(len, text.splitlines()), default=0) > LONGEST_LINE:
        raise DocumentError(f"{path.name}：有一行超过 {LONGEST_LINE} 个字符，不像是一份文档，请先分段")
    return data, text


def decode(data: bytes, name: str) -> str:
    """Decode bytes as UTF-8, marked UTF-16 or GB18030, whichever they really are."""
    if not data.strip():
        raise DocumentError(f"{name}：文件是空的")
    for mark, encoding in _MARKED:
        if data.startswith(mark):
            return _strict(data, encoding, name)
    if b"\x00" in data:
        raise DocumentError(f"{name}：不是文本文件，请先另存为纯文本（.txt）")
    for encoding in ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8" or _plausible(text):
            return _not_blank(text, name)
    raise DocumentError(f"{name}：无法识别文字编码，请另存为 UTF-8 编码的纯文本")


def _strict(data: bytes, encoding: str, name: str) -> str:
    try:
        return _not_blank(data.decode(encoding), name)
    except UnicodeDecodeError:
        raise DocumentError(f"{name}：文字编码已损坏，请另存为 UTF-8 编码的纯文本") from None


def _not_blank(text: str, name: str) -> str:
    if not text.strip("\ufeff \t\r\n\u3000"):
        raise DocumentError(f"{name}：文件里没有文字")
    controls = sum(ord(char) < 32 and char not in "\t\r\n\f\v" for char in text)
    if controls > len(text) // 100 + 2:
        raise DocumentError(f"{name}：不是文本文件，请先另存为纯文本（.txt）")
    return text


def _plausible(text: str) -> bool:
    """GB18030 decodes nearly any bytes; real Chinese uses the common planes and hardly a private-use character."""
    common = sum(
        "\u4e00" <= char <= "\u9fa5" or char.isascii() or "\u3000" <= char <= "\u303f" for char in text
    )
    wide = sum("\uff00" <= char <= "\uffef" or char in "“”‘’—…·‰℃≥≤×" for char in text)
    return common + wide >= 0.9 * len(text)
