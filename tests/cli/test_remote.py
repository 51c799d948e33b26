"""The commands with model servers: what is shown of them, and libraries whose vectors come from one."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from assistant.__main__ import main
from assistant.index import open_library, status
from assistant.models.encoder import Encoder
from tests.index.tools import policy, put
from tests.models.server import MODEL, Fails, Hangs, ModelServer, Reply, Says, Scores, Vectors

from .conftest import ROOT, Run

KEY = "sk-secret-0123456789"
BATCH = 5
SERVED = f"server:{MODEL}:8"
TINY = "长度"  # what is embedded to learn how long the vectors are
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder of three documents with some twenty passages."""
    put(tmp_path / "papers", {stem: policy(place) for stem, place in zip("abc", "甲乙丙", strict=True)})
    return tmp_path / "papers"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Where a library will be."""
    return tmp_path / "library"


class Ingest:
    """`ingest` with the embeddings of a server."""

    def __init__(self, patch: pytest.MonkeyPatch, source: Path, library: Path) -> None:
        self._patch, self._source, self._library = patch, source, library
        patch.setenv("ASSISTANT_CHUNK_TOKENS", "64")

    def __call__(
        self, server: ModelServer | None, *options: str, model: str = MODEL, retries: int = 0
    ) -> int:
        if server is None:
            self._patch.delenv("ASSISTANT_EMBED_URL", raising=False)
        else:
            for name, value in environment_of(server, model=model, retries=retries).items():
                self._patch.setenv(name, value)
        return main(["ingest", str(self._source), "--library", str(self._library), *options])


@pytest.fixture
def ingest(monkeypatch: pytest.MonkeyPatch, source: Path, library: Path) -> Ingest:
    return Ingest(monkeypatch, source, library)


def environment_of(server: ModelServer, *, model: str = MODEL, retries: int = 0) -> dict[str, str]:
    return {
        "ASSISTANT_CHUNK_TOKENS": "64",
        "ASSISTANT_EMBED_URL": server.url,
        "ASSISTANT_EMBED_MODEL": model,
        "ASSISTANT_EMBED_KEY": KEY,
        "ASSISTANT_EMBED_BATCH": str(BATCH),
        "ASSISTANT_EMBED_RETRIES": str(retries),
    }


def passages(server: ModelServer) -> list[str]:
    """Every passage that the server was asked to embed, request by request."""
    return [text for request in server.to("embeddings") for text in request.body["input"] if text != TINY]


def after(number: int, failure: Reply) -> Any:
    """A script that embeds so many requests, then fails for ever."""
    count = iter(range(10_000))
    return lambda _body: Vectors() if next(count) < number else failure


def state(library: Path) -> tuple[str, str, int]:
    """Generation, embedder and number of chunks of a whole library."""
    found = status(library, check=True)
    assert found.problems == ()
    return found.generation, found.versions["embedder"], found.chunks


def test_a_library_from_a_server(ingest: Ingest, library: Path, capsys: Captured) -> None:
    with ModelServer(key=KEY) as server:
        assert ingest(server) == 0
        assert "新增 3" in capsys.readouterr().out
        _, embedder, chunks = state(library)
        assert embedder == SERVED
        asked = passages(server)
        assert len(asked) == len(set(asked)) == chunks > 3 * BATCH
        sizes = [len(request.body["input"]) for request in server.to("embeddings")]
        assert sizes[0] == 1
        assert set(sizes[1:-1]) == {BATCH}
        before = len(server.requests)
        assert ingest(server) == 0
        assert "新增 0，更新 0，未变 3" in capsys.readouterr().out
        assert len(server.requests) == before + 1  # how long the vectors are


def test_vectors_are_found_by_the_server_s_query(ingest: Ingest, library: Path) -> None:
    from assistant.models.server_embeddings import ServerEmbeddings

    with ModelServer(key=KEY) as server:
        assert ingest(server) == 0
        embeddings = ServerEmbeddings(server.url, MODEL, KEY)
        with open_library(library, embedder_version=embeddings.version) as opened:
            chunk = opened.chunks_of("b")[2]
            text = next(one for one in passages(server) if one.endswith(chunk.text) and "乙" in one)
            nearest, cosine = opened.vectors.search(embeddings.embed_query(text), 1)[0]
    assert nearest == chunk.id
    assert cosine == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (Fails(500), "出错（500）"),
        (Fails.like("dashscope_limit"), "请求过多"),
        (Fails.like("dashscope_key_refused"), "ASSISTANT_EMBED_KEY"),
        (Vectors(wrong="nan"), "不是有限的数"),
        (Vectors(length=9), "9 维，先前的有 8 维"),
    ],
)
def test_a_failure_half_way_is_told_and_the_next_run_goes_on(
    ingest: Ingest, library: Path, capsys: Captured, failure: Reply, said: str
) -> None:
    with ModelServer(embeddings=after(3, failure)) as failing:
        assert ingest(failing) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("错误：")
    assert shown.err.count("\n") == 1
    assert said in shown.err
    assert "资料库没有改动，已算出的向量已保存；再次运行同一命令会接着做" in shown.err
    assert KEY not in shown.err
    assert not (library / "indexes").exists()
    embedded = passages(failing)[: 2 * BATCH]  # the first reply told the length
    with ModelServer() as server:
        assert ingest(server) == 0
        embedded += passages(server)
    assert set(Counter(embedded).values()) == {1}
    assert len(embedded) == state(library)[2]


def test_a_failure_leaves_an_older_library_as_it_was(
    ingest: Ingest, source: Path, library: Path, capsys: Captured
) -> None:
    with ModelServer() as server:
        assert ingest(server) == 0
    before = state(library)
    (source / "d.txt").write_text(policy("丁", sentences=30), "utf-8")
    with ModelServer(embeddings=after(2, Fails(500))) as failing:
        assert ingest(failing) == 1
    assert state(library) == before
    with ModelServer() as server:
        assert ingest(server) == 0
        assert "新增 1，更新 0，未变 3" in capsys.readouterr().out
        assert all("丁" in text for text in passages(server))


def test_what_may_pass_is_tried_again(ingest: Ingest, library: Path) -> None:
    limited = Fails(429, headers={"Retry-After": "0.1"})
    script: list[Reply] = [Vectors(), limited, Vectors(), Fails(500), *[Vectors()] * 20]
    with ModelServer(embeddings=script) as server:
        assert ingest(server, retries=2) == 0
        assert len(passages(server)) == state(library)[2] + 2 * BATCH


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for one process there")
def test_ctrl_c_keeps_what_is_done(
    environment: dict[str, str], ingest: Ingest, source: Path, library: Path
) -> None:
    with ModelServer(embeddings=after(3, Hangs(60))) as slow:
        process = subprocess.Popen(
            [sys.executable, "-m", "assistant", "ingest", str(source), "--library", str(library)],
            cwd=ROOT,
            env={**environment, **environment_of(slow)},
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        end = time.monotonic() + 60
        while len(slow.requests) < 4:
            assert time.monotonic() < end, "nothing was asked"
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert said == "已停止：资料库保持原样。再次运行同一命令即可。\n"
    with ModelServer() as server:
        assert ingest(server) == 0
        embedded = [*passages(slow)[: 2 * BATCH], *passages(server)]
    assert set(Counter(embedded).values()) == {1}
    assert len(embedded) == state(library)[2]


def test_a_server_that_is_not_there(ingest: Ingest, library: Path, capsys: Captured) -> None:
    with ModelServer() as server:
        pass
    assert ingest(server) == 1
    assert "连不上向量模型的服务" in capsys.readouterr().err
    assert not library.exists()


class TestAnotherModel:
    """Vectors of different models never mix, and none are computed anew without leave."""

    def test_a_server_takes_over_from_the_local_model_by_leave_only(
        self, ingest: Ingest, library: Path, capsys: Captured
    ) -> None:
        assert ingest(None) == 0
        before = state(library)
        with ModelServer() as server:
            capsys.readouterr()
            assert ingest(server) == 1
            shown = capsys.readouterr()
            assert passages(server) == []
            assert state(library) == before
            for word in (Encoder().version, SERVED, "没有改动", f"全部 {before[2]} 个片段", "--re-embed"):
                assert word in shown.err
            assert ingest(server, "--re-embed") == 0
            assert state(library)[1:] == (SERVED, before[2])
            assert len(passages(server)) == before[2]

    def test_and_back_again(self, ingest: Ingest, library: Path, capsys: Captured) -> None:
        with ModelServer() as server:
            assert ingest(server) == 0
        before = state(library)
        assert ingest(None) == 1
        assert "--re-embed" in capsys.readouterr().err
        assert state(library) == before
        assert ingest(None, "--re-embed") == 0
        assert state(library)[1:] == (Encoder().version, before[2])

    @pytest.mark.parametrize(("model", "length"), [("other", 8), (MODEL, 9)], ids=["name", "length"])
    def test_another_model_on_a_server(
        self, ingest: Ingest, source: Path, library: Path, capsys: Captured, model: str, length: int
    ) -> None:
        with ModelServer() as server:
            assert ingest(server) == 0
        before = state(library)
        (source / "d.txt").write_text(policy("丁"), "utf-8")
        with ModelServer(embeddings=Vectors(length), models=[model]) as other:
            assert ingest(other, model=model) == 1
            assert f"server:{model}:{length}" in capsys.readouterr().err
            assert state(library) == before
            assert ingest(other, "--re-embed", model=model) == 0
            _, embedder, chunks = state(library)
            assert embedder == f"server:{model}:{length}"
            assert len(set(passages(other))) == len(passages(other)) == chunks > before[2]

    def test_the_same_model_elsewhere_is_the_same(self, ingest: Ingest, library: Path) -> None:
        with ModelServer() as server:
            assert ingest(server) == 0
        before = state(library)
        with ModelServer() as moved:
            assert ingest(moved) == 0
            assert passages(moved) == []
        assert state(library) == before

    def test_an_interrupted_change_leaves_the_old_vectors(self, ingest: Ingest, library: Path) -> None:
        with ModelServer() as server:
            assert ingest(server) == 0
        before = state(library)
        with ModelServer(embeddings=after(3, Fails(500)), models=["other"]) as failing:
            assert ingest(failing, "--re-embed", model="other") == 1
        assert state(library) == before
        with ModelServer(models=["other"]) as other:
            assert ingest(other, model="other") == 1
            assert ingest(other, "--re-embed", model="other") == 0
            embedded = passages(failing)[: 2 * BATCH] + passages(other)
        assert set(Counter(embedded).values()) == {1}

    def test_an_empty_library_needs_no_leave(self, ingest: Ingest, source: Path, library: Path) -> None:
        assert ingest(None) == 0
        put(source, {})
        assert ingest(None) == 0
        put(source, {"a": policy("甲")})
        with ModelServer() as server:
            assert ingest(server) == 0
        assert state(library)[1] == SERVED


class TestStatus:
    """What `status` says of models, and what it does to find out."""

    @pytest.fixture
    def made(self, ingest: Ingest, library: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A library whose vectors come from a server that is no longer configured."""
        with ModelServer() as server:
            assert ingest(server) == 0
        monkeypatch.delenv("ASSISTANT_EMBED_URL")
        capsys.readouterr()
        return library

    def configure(self, monkeypatch: pytest.MonkeyPatch, url: str, model: str = MODEL) -> None:
        for part, address in {"CHAT": url, "EMBED": url, "RERANK": f"{url}/rerank"}.items():
            monkeypatch.setenv(f"ASSISTANT_{part}_URL", address)
            monkeypatch.setenv(f"ASSISTANT_{part}_MODEL", model)
            monkeypatch.setenv(f"ASSISTANT_{part}_KEY", KEY)

    def test_without_settings_all_is_local(self, library: Path, ingest: Ingest, capsys: Captured) -> None:
        assert ingest(None) == 0
        capsys.readouterr()
        assert main(["status", "--library", str(library)]) == 0
        shown = capsys.readouterr().out
        for line in ("对话模型：未设置，用原文作答", "向量模型：用本地模型", "重排模型：未设置"):
            assert f"\n{line}\n" in shown
        assert main(["status", "--library", str(library), "--probe"]) == 0
        assert capsys.readouterr().out.removeprefix(shown) == "检查模型服务：没有设置任何地址\n"

    def test_models_are_named_and_nothing_is_connected_to(
        self, made: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.setblocking(False)
            host = f"127.0.0.1:{listener.getsockname()[1]}"
            self.configure(monkeypatch, f"http://me:password@{host}/v1")
            assert main(["status", "--library", str(made)]) == 0
            with pytest.raises(BlockingIOError):
                listener.accept()
        shown = capsys.readouterr().out
        assert f"\n对话模型：{MODEL}（http://{host}/v1）\n" in shown
        assert f"\n向量模型：{MODEL}（http://{host}/v1）\n" in shown
        assert f"\n重排模型：{MODEL}（http://{host}/v1/rerank）\n" in shown
        assert KEY not in shown
        assert "password" not in shown

    def test_a_library_of_another_model_is_told(
        self, made: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert main(["status", "--library", str(made)]) == 0
        assert f"向量模型：用本地模型；但资料库的向量由 {SERVED} 算出" in capsys.readouterr().out
        self.configure(monkeypatch, "http://127.0.0.1:9/v1", "other")
        assert main(["status", "--library", str(made)]) == 0
        assert f"；但资料库的向量由 {SERVED} 算出" in capsys.readouterr().out

    def test_the_check_of_servers_that_are_well(
        self, made: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with ModelServer(Says("您好。"), rerank=Scores("vllm"), key=KEY) as server:
            self.configure(monkeypatch, server.url)
            assert main(["status", "--library", str(made), "--probe"]) == 0
        lines = capsys.readouterr().out.splitlines()[-3:]
        assert lines[0].startswith(f"检查对话模型 {server.url}：可用（{MODEL}，")
        assert lines[1].startswith(f"检查向量模型 {server.url}：可用（{MODEL}，8 维，与资料库一致，")
        assert lines[2].startswith(f"检查重排模型 {server.url}/rerank：可用（{MODEL}，")

    def test_the_check_of_servers_that_are_not(
        self, made: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with ModelServer(Fails.like("vllm_key_refused"), embeddings=Vectors(16), rerank=Fails(500)) as server:
            self.configure(monkeypatch, server.url)
            assert main(["status", "--library", str(made), "--probe"]) == 1
        lines = capsys.readouterr().out.splitlines()[-3:]
        assert "密钥被拒绝" in lines[0]
        assert "需要重新计算向量" in lines[1]
        assert "出错（500）" in lines[2]
        assert KEY not in "".join(lines)

    def test_servers_can_be_checked_before_there_is_a_library(
        self, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with ModelServer(Says("您好。"), key=KEY) as server:
            self.configure(monkeypatch, server.url)
            monkeypatch.delenv("ASSISTANT_RERANK_URL")
            assert main(["status", "--library", str(tmp_path / "none"), "--probe"]) == 1
        shown = capsys.readouterr()
        assert [line.split()[0] for line in shown.out.splitlines()] == ["检查对话模型", "检查向量模型"]
        assert shown.err.startswith("错误：")


def test_the_commands_as_they_are_called(run: Run, source: Path, library: Path) -> None:
    with ModelServer(key=KEY) as server:
        variables = environment_of(server)
        done = run("ingest", str(source), "--library", str(library), **variables)
        assert (done.returncode, done.stderr) == (0, "")
        done = run("status", "--probe", "--library", str(library), **variables)
        assert (done.returncode, done.stderr) == (0, "")
        said = done.stdout.splitlines()[-1]
        assert said.startswith("检查向量模型")
        # Loading libraries takes longer than this; it is not the server's time.
        assert float(said.removesuffix(" 秒）").rpartition("，")[2]) < 1.0
