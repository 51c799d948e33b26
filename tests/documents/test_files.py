"""Files as people hand them in: every encoding that is in use is read, everything else is refused in one line."""

from __future__ import annotations

import codecs
import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.documents import PARSER_VERSION, discover, load, passed_over
from assistant.documents.decode import LARGEST, LONGEST_LINE, decode
from assistant.errors import DocumentError
from assistant.types import Document

TEXT = "关于防汛工作的通知\n\n各乡镇要落实责任，二十四小时值班。\n"


def _load(path: Path) -> Document:
    (source,) = discover([path])
    return load(source, 280).document


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (TEXT.encode(), TEXT),
        (codecs.BOM_UTF8 + TEXT.encode(), "\ufeff" + TEXT),
        (TEXT.encode("gb18030"), TEXT),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "\ufeff" + TEXT),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "\ufeff" + TEXT),
        (TEXT.replace("\n", "\r\n").encode(), TEXT.replace("\n", "\r\n")),
    ],
    ids=["utf-8", "utf-8 with mark", "gb18030", "utf-16-le", "utf-16-be", "crlf"],
)
def test_encodings_in_use_are_read_as_they_are(tmp_path: Path, data: bytes, text: str) -> None:
    path = tmp_path / "通知.txt"
    path.write_bytes(data)
    document = _load(path)
    assert document.text == text
    assert document.hash == hashlib.sha256(data).hexdigest()
    assert (document.id, document.title) == ("通知", "关于防汛工作的通知")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "文件是空的"),
        (b" \r\n\t\n", "文件是空的"),
        ("\u3000\ufeff\n".encode(), "没有文字"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)), "不是文本文件"),
        (b"%PDF-1.7\n\x00\x01\x02", "不是文本文件"),
        ("各乡镇要落实责任。".encode("utf-16-le"), "无法识别文字编码|不是文本文件"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8a", "编码已损坏"),
        (b"\x01\x02\x03\x04\x05\x06\x07" * 40, "不是文本文件"),
        (TEXT.encode()[:-5] + b"\xff\xfe\xe5", "无法识别文字编码"),
        (("健" * (LONGEST_LINE + 1)).encode(), "有一行超过"),
    ],
    ids=[
        "empty",
        "blank",
        "zero width",
        "png",
        "pdf",
        "utf-16 bare",
        "utf-16 cut",
        "controls",
        "broken",
        "one line",
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "坏.txt"
    path.write_bytes(data)
    with pytest.raises(DocumentError, match=message) as raised:
        _load(path)
    assert "坏.txt" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_file_that_is_too_large_is_not_even_opened(tmp_path: Path) -> None:
    path = tmp_path / "大.txt"
    with path.open("wb") as file:
        file.truncate(50 * 2**20)
    assert LARGEST < 50 * 2**20
    with pytest.raises(DocumentError, match=r"50 MB.*上限"):
        _load(path)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        text = decode(data, "x.txt")
    except DocumentError:
        return
    assert text.strip("\ufeff \t\r\n\u3000")


def test_paths_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="路径不存在"):
        discover([tmp_path / "没有.txt"])
    word = tmp_path / "报告.docx"
    word.write_bytes(b"PK")
    with pytest.raises(DocumentError, match="只支持"):
        discover([word])
    source = discover([_written(tmp_path / "a.txt")])[0]
    source.path.unlink()
    with pytest.raises(DocumentError, match="文件不存在"):
        load(source, 280)


def test_a_folder_is_searched_below_in_a_fixed_order(tmp_path: Path) -> None:
    for name in ("b.txt", "a.md", "sub/deep/c.TXT", ".hidden/d.txt", ".e.txt", "userdict.txt", "f.pdf"):
        _written(tmp_path / name)
    found = discover([tmp_path, tmp_path / "b.txt"])
    assert [source.id for source in found] == ["a", "b", "c"]
    assert [load(source, 280).document.source for source in found] == ["a.md", "b.txt", "sub/deep/c.TXT"]


def test_files_of_one_name_get_ids_of_their_own(tmp_path: Path) -> None:
    for name in ("县/通知.txt", "市/通知.txt", "市/通知.md", "市/纪要.txt"):
        _written(tmp_path / name)
    together = discover([tmp_path])
    assert len({source.id for source in together}) == 4
    assert {"县-通知", "纪要"} < {source.id for source in together}
    apart = discover([tmp_path / "县", tmp_path / "市"])
    assert len({source.id for source in apart}) == 4


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    source = discover([_written(tmp_path / "a.txt")])[0]
    assert load(source, 280) == load(source, 280)
    assert PARSER_VERSION.isdigit()


def _written(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_files_of_other_formats_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(b"PK")
    (tmp_path / "b.txt").write_text("某局通知", encoding="utf-8")
    assert [file.name for file in passed_over([tmp_path])] == ["a.docx"]
