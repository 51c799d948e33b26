"""What is written beside the documents is taken over exactly, or refused with the place of the mistake."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from assistant.documents import discover, load
from assistant.errors import DocumentError

TEXT = "东湖区防汛预案\n\n一、总则\n\n为做好防汛工作，制定本预案。\n"


def _folder(tmp_path: Path, manifest: str) -> Path:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "manifest.toml").write_text(manifest, encoding="utf-8")
    return tmp_path


def test_the_manifest_is_taken_over(tmp_path: Path) -> None:
    digest = hashlib.sha256(TEXT.encode()).hexdigest()
    folder = _folder(
        tmp_path,
        f"""
        [[document]]
        file = "a.txt"
        id = "flood"
        title = "东湖区防汛预案"
        issuer = "东湖区应急局"
        number = "东应急〔2024〕3号"
        date = "2024年5月"
        region = "东湖区"
        status = "试行"
        kind = "预案"
        hash = "{digest}"
        """,
    )
    (source,) = discover([folder])
    document = load(source, 280).document
    assert (document.id, document.title, document.issuer) == ("flood", "东湖区防汛预案", "东湖区应急局")
    assert (document.number, document.date, document.region) == ("东应急〔2024〕3号", "2024年5月", "东湖区")
    assert (document.status, document.kind, document.source) == ("试行", "预案", "a.txt")
    assert document.hash == digest


def test_a_file_without_an_entry_describes_itself(tmp_path: Path) -> None:
    folder = _folder(tmp_path, '[[document]]\nfile = "other.txt"\n')
    (source,) = discover([folder])
    assert (source.id, source.entry) == ("a", None)
    assert load(source, 280).document.title == "东湖区防汛预案"


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ("[[document]\n", "清单无法读取"),
        ('[[document]]\nfile = "a.txt"\nauthor = "x"\n', "第 1 项：不认识的键 author"),
        ('[[documents]]\nfile = "a.txt"\n', "不认识的键 documents"),
        ("document = 3\n", r"每份文件请写成一个 \[\[document\]\]"),
        ('document = ["a.txt"]\n', r"每份文件请写成一个 \[\[document\]\]"),
        ('[[document]]\nid = "a"\n', "第 1 项：缺少 file"),
        ('[[document]]\nfile = "a.txt"\nid = ""\n', "第 1 项：id"),
        ('[[document]]\nfile = "a.txt"\ndate = 2024\n', "第 1 项：每个值都要写成带引号的文字"),
        (
            '[[document]]\nfile = "a.txt"\nid = "x"\n[[document]]\nfile = "b.txt"\nid = "x"\n',
            "第 2 项：编号 x 重复",
        ),
        (
            '[[document]]\nfile = "a.txt"\nid = "x"\n[[document]]\nfile = "a.txt"\nid = "y"\n',
            "第 2 项：文件 a.txt 重复",
        ),
    ],
)
def test_mistakes_are_named_with_their_place(tmp_path: Path, manifest: str, message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        discover([_folder(tmp_path, manifest)])


def test_a_file_that_changed_is_refused(tmp_path: Path) -> None:
    (source,) = discover([_folder(tmp_path, f'[[document]]\nfile = "a.txt"\nhash = "{"0" * 64}"\n')])
    with pytest.raises(DocumentError, match="校验值不符"):
        load(source, 280)


def test_two_manifests_may_not_give_one_id(tmp_path: Path) -> None:
    for name in ("x", "y"):
        (tmp_path / name).mkdir()
        _folder(tmp_path / name, '[[document]]\nfile = "a.txt"\nid = "same"\n')
    with pytest.raises(DocumentError, match="编号都是 same"):
        discover([tmp_path])
