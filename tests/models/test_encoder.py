"""The local encoder, with the shipped weights and with damaged copies of them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from assistant.errors import ModelError
from assistant.models.encoder import DESCRIPTION, NETWORK, TOKENISER, Encoder
from assistant.models.files import WEIGHTS

ROOT = Path(__file__).resolve().parents[2]
MIXED = ["方山县2025年卫生健康工作计划", "", "吕梁市召开全市卫生健康工作会议。" * 30, "GDP 5.2%", "打疫苗"]
RANKED = [
    (
        "打疫苗的接种率要达到多少",
        "适龄儿童免疫规划疫苗接种率保持在90%以上。",
        "加强公立医院党的建设，落实党委领导下的院长负责制。",
    ),
    ("坐月子的妇女怎么管", "做好孕产妇健康管理和产后访视工作。", "推进医疗废物集中处置设施建设。"),
    (
        "医院的钱谁来出",
        "完善政府投入机制，落实对公立医院的财政补助。",
        "开展爱国卫生运动，改善城乡环境卫生。",
    ),
]
WITHOUT_NETWORK = """
import socket, sys
def blocked(*_, **__): raise OSError("blocked")
socket.socket.connect = socket.getaddrinfo = socket.create_connection = blocked
from assistant.models.encoder import Encoder
assert "onnxruntime" not in sys.modules and "tokenizers" not in sys.modules
encoder = Encoder()
assert encoder.version and "onnxruntime" not in sys.modules
assert encoder.encode_query("山西").shape == (384,)
"""


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder()


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    folder = tmp_path / "weights"
    folder.mkdir()
    for name in (NETWORK, TOKENISER, DESCRIPTION):
        shutil.copyfile(WEIGHTS / name, folder / name)
    return folder


def test_vectors_have_the_promised_shape_type_and_length(encoder: Encoder) -> None:
    vectors = encoder.encode_passages(MIXED)
    assert vectors.shape == (5, encoder.dimension) == (5, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert encoder.encode_query("山西").shape == (384,)
    assert encoder.encode_passages([]).shape == (0, 384)


def test_a_vector_does_not_depend_on_its_neighbours_threads_or_order(encoder: Encoder) -> None:
    together = encoder.encode_passages(MIXED)
    alone = np.concatenate([encoder.encode_passages([text]) for text in MIXED])
    backwards = Encoder(threads=1).encode_passages(MIXED[::-1])[::-1]
    assert np.array_equal(together, alone)  # to the last bit
    assert np.array_equal(together, backwards)


def test_the_same_question_gives_the_same_vector_in_every_process(encoder: Encoder) -> None:
    script = "from assistant.models.encoder import Encoder; print(Encoder().encode_query('打疫苗').tobytes().hex())"
    other = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert bytes.fromhex(other.stdout.strip()) == encoder.encode_query("打疫苗").tobytes()


def test_questions_and_passages_are_told_apart(encoder: Encoder) -> None:
    assert not np.array_equal(encoder.encode_query("山西"), encoder.encode_passages(["山西"])[0])


@hypothesis_settings(max_examples=25)
@given(st.text(max_size=200))
def test_any_text_has_a_vector(encoder: Encoder, text: str) -> None:
    vector = encoder.encode_query(text)
    assert np.isfinite(vector).all()
    assert abs(float(vector @ vector) - 1) < 1e-4


def test_half_a_surrogate_pair_is_no_obstacle(encoder: Encoder) -> None:
    assert np.isfinite(encoder.encode_query("山西\ud800省")).all()


def test_of_a_very_long_text_the_beginning_counts(encoder: Encoder) -> None:
    beginning = "卫生健康工作要点" * 400
    vectors = encoder.encode_passages([beginning, beginning + "与此无关的结尾" * 50_000])
    assert np.array_equal(vectors[0], vectors[1])


@pytest.mark.parametrize(
    "blank", ["山西省 \n\t 卫生", "山西省\u3000卫生", " 山西省 卫生 \r\n", "山西省 卫\u200b生"]
)
def test_kinds_and_runs_of_white_space_do_not_matter(encoder: Encoder, blank: str) -> None:
    assert np.array_equal(encoder.encode_query(blank), encoder.encode_query("山西省 卫生"))


@pytest.mark.parametrize(("question", "answer", "other"), RANKED)
def test_what_means_the_same_ranks_above_what_does_not(
    encoder: Encoder, question: str, answer: str, other: str
) -> None:
    near, far = encoder.encode_passages([answer, other]) @ encoder.encode_query(question)
    assert near > far + 0.01


def test_the_documents_are_read_without_unknown_pieces(corpus_dir: Path) -> None:
    from tokenizers import Tokenizer

    tokeniser = Tokenizer.from_file(str(WEIGHTS / TOKENISER))
    tokeniser.no_truncation()
    unknown, total = 0, 0
    for path in corpus_dir.glob("*.txt"):
        ids = tokeniser.encode(re.sub(r"\s+", "", path.read_text(encoding="utf-8"))).ids
        unknown, total = unknown + ids.count(3), total + len(ids)
    assert unknown / total < 0.001


def test_progress_counts_every_text(encoder: Encoder) -> None:
    told: list[tuple[int, int]] = []
    encoder.encode_passages(["一", "二", "三"], progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_failing_progress_callback_stops_the_work(encoder: Encoder) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        encoder.encode_passages(["一"] * 5000, progress=stop)


def test_threads_may_share_an_encoder_that_is_not_loaded_yet(encoder: Encoder) -> None:
    fresh = Encoder()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(fresh.encode_query, ["山西"] * 8))
    assert all(np.array_equal(vector, encoder.encode_query("山西")) for vector in found)


def test_no_thread_is_refused() -> None:
    with pytest.raises(ValueError, match="0"):
        Encoder(threads=0)


def test_a_fresh_process_loads_late_and_needs_no_network() -> None:
    subprocess.run([sys.executable, "-c", WITHOUT_NETWORK], cwd=ROOT, check=True)


def test_the_shipped_files_are_the_described_ones(encoder: Encoder) -> None:
    encoder.verify()
    card = (WEIGHTS / "encoder.md").read_text(encoding="utf-8")
    described = (WEIGHTS / DESCRIPTION).read_text(encoding="utf-8").split("\n", 1)[1]
    assert described.strip() in card
    assert (WEIGHTS / NETWORK).stat().st_size <= 36_000_000


@pytest.mark.parametrize("name", [NETWORK, TOKENISER, DESCRIPTION])
def test_a_missing_file_is_named_with_what_to_do(copied: Path, name: str) -> None:
    (copied / name).unlink()
    with pytest.raises(ModelError, match=rf"找不到.*{name}.*重新获取"):
        Encoder(path=copied).encode_query("山西")


@pytest.mark.parametrize("name", [NETWORK, TOKENISER])
def test_a_half_copied_file_is_noticed_at_once(copied: Path, name: str) -> None:
    content = (copied / name).read_bytes()
    (copied / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(ModelError, match=rf"{name} 不完整"):
        Encoder(path=copied).encode_passages(["山西", "晋中"])


def _zeros(content: bytes) -> bytes:
    return bytes(len(content))


def _one_byte(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.mark.parametrize("name", [NETWORK, TOKENISER])
@pytest.mark.parametrize(("damage", "at_load"), [(_zeros, True), (_one_byte, False)])
def test_damage_of_the_same_length_is_found(
    copied: Path, name: str, damage: Callable[[bytes], bytes], at_load: bool
) -> None:
    (copied / name).write_bytes(damage((copied / name).read_bytes()))
    damaged = Encoder(path=copied)
    with pytest.raises(ModelError, match=rf"{name} 已损坏"):
        damaged.verify()
    if at_load:
        with pytest.raises(ModelError, match=rf"{name} 已损坏"):
            damaged.encode_query("山西")


@pytest.mark.parametrize("text", ["version = ", 'version = "x"', "[files]", "[files]\na = 1", "\x00"])
def test_a_damaged_description_is_noticed(copied: Path, text: str) -> None:
    (copied / DESCRIPTION).write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match="说明文件"):
        _ = Encoder(path=copied).version
