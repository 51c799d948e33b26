"""Tokens are counted and cut offline, with the published vocabulary."""

from __future__ import annotations

import gzip
import hashlib
import inspect
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path

import pytest
import tiktoken_ext.openai_public as published  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import ModelError
from assistant.language import tokens
from assistant.language.tokens import count_tokens, truncate

ROOT = Path(__file__).resolve().parents[2]
WITHOUT_NETWORK = """
import socket
def blocked(*_, **__): raise OSError("blocked")
socket.socket.connect = socket.getaddrinfo = socket.create_connection = blocked
from assistant.language.tokens import count_tokens
assert count_tokens("方山县2025年卫生健康工作计划") == 18, count_tokens("方山县2025年卫生健康工作计划")
"""


def test_the_vocabulary_is_the_published_one() -> None:
    packed = resources.files("assistant.language").joinpath("data", tokens.VOCABULARY).read_bytes()
    digest = hashlib.sha256(gzip.decompress(packed)).hexdigest()
    assert digest in inspect.getsource(published.cl100k_base)


def test_the_pattern_is_the_published_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "load_tiktoken_bpe", lambda *_, **__: {})
    assert published.cl100k_base()["pat_str"] == tokens.PATTERN


def test_a_fresh_process_counts_without_a_network() -> None:
    subprocess.run([sys.executable, "-c", WITHOUT_NETWORK], cwd=ROOT, check=True)


@pytest.mark.parametrize(
    ("text", "count"), [("", 0), ("hello world", 2), ("<|endoftext|>", 7), ("2025年", 3), ("\ud800", 1)]
)
def test_known_counts(text: str, count: int) -> None:
    assert count_tokens(text) == count


@given(st.text(max_size=300), st.integers(0, 80))
def test_a_cut_text_is_a_beginning_within_the_limit(text: str, limit: int) -> None:
    cut = truncate(text, limit)
    assert text.startswith(cut)
    assert count_tokens(cut) <= limit
    assert cut == text or count_tokens(text) > limit


def test_a_character_of_several_tokens_is_never_broken() -> None:
    assert count_tokens("龘") == 2
    assert [truncate("省龘卫", limit) for limit in (1, 2, 3)] == ["省", "省", "省龘"]


def test_a_negative_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="-1"):
        truncate("省", -1)


def test_many_threads_load_it_once_and_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_loaded", [])
    with ThreadPoolExecutor(8) as pool:
        loaded = set(map(id, pool.map(lambda _: tokens.encoding(), range(16))))
    assert len(loaded) == 1


def test_a_long_run_of_one_character_is_counted_quickly() -> None:
    assert count_tokens("a" * 200_000) == 25_000


def test_chinese_policy_text_has_about_one_and_a_third_tokens_a_character(corpus_dir: Path) -> None:
    for path in corpus_dir.glob("*.txt"):
        text = re.sub(r"\s+", "", path.read_text(encoding="utf-8"))
        assert 1.1 < count_tokens(text) / len(text) < 1.7, path.name


def test_a_damaged_vocabulary_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_loaded", [])
    monkeypatch.setattr(tokens, "VOCABULARY", "posts.txt")
    with pytest.raises(ModelError, match="已损坏"):
        count_tokens("省")
