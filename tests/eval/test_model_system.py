"""Our system with a language model: run beside the others, and what it cost."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import InputError, RemoteError
from eval.commands import main
from eval.folder import RunFolder
from eval.report import write_report
from eval.scoring import score_run
from eval.summary import slice_of, summarise
from eval.systems import MODEL as OURS_MODEL
from eval.systems import OURS, SYSTEMS, Entry, Place
from eval.systems.ours import with_model
from eval.tables import systems_table
from eval.tokens import Price, Tokens, tokens_of, yuan
from tests.eval import contestants, report_runs
from tests.eval.running import IDS, contents, door, item_of, put_documents, records, result_of, small_set
from tests.eval.running import run_of as run_of_results
from tests.eval.running import scored as scored_set
from tests.models.server import MODEL, Fails, ModelServer, Says

KEY = "sk-0123456789-never-to-be-seen"
WRITTEN = {
    "自来水普及率目标": "到2025年底，全县自来水普及率达到96%[1]。",
    "每立方米多少元": "居民生活用水每立方米2.85元[1]。",
}
PRICE = Price(2.0, 8.0)


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


Call = Callable[..., Said]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Runs `python -m eval` in this process."""

    def run(*arguments: object) -> Said:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run


def scripted(body: dict[str, Any]) -> Says:
    """The answers of WRITTEN, by words of the question; otherwise it does not know. It never rewrites a question."""
    asked = str(body["messages"][-1]["content"]).partition("【问题】")[2]
    if not asked:
        return Says("两行\n不能用")
    return Says(next((text for words, text in WRITTEN.items() if words in asked), "资料未说明"))


def configure(patch: pytest.MonkeyPatch, url: str, key: str = "", model: str = MODEL) -> None:
    """Name a chat server, and others that must not be asked, in the environment."""
    nowhere = "http://127.0.0.1:9/v1"
    told = {"CHAT_URL": url, "CHAT_MODEL": model, "CHAT_KEY": key, "CHAT_RETRIES": "0"}
    told |= {"EMBED_URL": nowhere, "EMBED_MODEL": "x", "RERANK_URL": f"{nowhere}/rerank"}
    for name, value in told.items():
        patch.setenv(f"ASSISTANT_{name}", value)


@dataclass(frozen=True)
class Ran:
    """A run of ours without and with the model; `asked` are the chat requests after each."""

    out: Path
    asked: tuple[int, int]

    def lines(self, system: str) -> list[dict[str, Any]]:
        return records(self.out / "answers" / "small" / f"{system}.jsonl")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("model")
    one, out = small_set(folder), folder / "run"
    asked = []
    with pytest.MonkeyPatch.context() as patch, ModelServer(scripted, key=KEY) as server:
        configure(patch, server.url, KEY)
        for system in (OURS, OURS_MODEL):
            command = ["run", one.path, "--corpus", one.corpus, "--out", out, "--system", system]
            assert main([*map(str, command), "--price", "2,8"]) == 0
            asked.append(len(server.chats))
    return Ran(out, (asked[0], asked[1]))


# --- answering ---


@pytest.mark.slow
def test_only_the_system_with_the_model_asks_it(ran: Ran) -> None:
    without, with_it = ran.asked
    assert without == 0
    assert with_it >= len(IDS)  # one to try it out, one for a follow-up to be rewritten
    assert not [line for line in ran.lines(OURS) if "usage" in line or "notice" in line]


@pytest.mark.slow
def test_its_answers_are_the_models_proven(ran: Ran) -> None:
    lines = {line["id"]: line for line in ran.lines(OURS_MODEL)}
    assert list(lines) == IDS
    assert lines["q1"]["answer"].startswith("到2025年底，全县自来水普及率达到96%[1]")
    assert [cited["doc"] for cited in lines["q4"]["citations"]] == ["notice"]
    assert lines["q7"]["status"] == "not_found"
    assert all(
        line["usage"]["prompt"] > line["usage"]["completion"] > 0
        for line in lines.values()
        if "usage" in line
    )


@pytest.mark.slow
def test_tokens_reach_the_summary(ran: Ran) -> None:
    summary = json.loads((ran.out / "summary.json").read_text("utf-8"))["sets"]["small"]["systems"]
    assert summary[OURS]["whole"]["tokens"] is None
    told = [line["usage"] for line in ran.lines(OURS_MODEL) if "usage" in line]
    tokens = summary[OURS_MODEL]["whole"]["tokens"]
    assert tokens["answers"] == len(told) >= 5
    assert tokens["prompt"] == sum(usage["prompt"] for usage in told)
    assert tokens["mean_completion"] == pytest.approx(tokens["completion"] / len(told))


@pytest.mark.slow
def test_the_key_of_the_server_is_written_nowhere(ran: Ran) -> None:
    files = contents(ran.out)
    assert "**********" in files["run.json"].decode()
    assert not [name for name, data in files.items() if KEY.encode() in data]


@pytest.mark.slow
def test_table_and_report_tell_tokens_and_cost(ran: Ran, call: Call) -> None:
    said = call("report", ran.out, "--price", "2,8")
    assert (said.code, said.err) == (0, "")
    tokens = score_run(RunFolder(ran.out)).sets[0].summaries[OURS_MODEL].whole.tokens
    assert tokens is not None
    page = (ran.out / "report.html").read_text("utf-8")
    for told in (f"{tokens.prompt:,}", f"{tokens.mean_prompt:,.0f}", yuan(tokens.cost(PRICE)), "费用"):
        assert told in page
    assert call("report", ran.out).code == 0
    assert "费用</th>" not in (ran.out / "report.html").read_text("utf-8")


# --- what it needs ---


def test_among_all_systems_it_is_left_out_without_a_server(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in SYSTEMS.keys() - {OURS, OURS_MODEL}:
        monkeypatch.delitem(SYSTEMS, name)
    monkeypatch.setitem(SYSTEMS, OURS, Entry(OURS, "本系统", door(contestants.steady)))
    one = small_set(tmp_path)
    said = call("run", one.path, "--corpus", one.corpus, "--out", tmp_path / "run", "--system", "all")
    assert said.err == "跳过 ours-model：没有配置 ASSISTANT_CHAT_URL、ASSISTANT_CHAT_MODEL\n"
    assert said.code == 0
    assert "词元" not in said.out


@pytest.mark.parametrize("more", [[], ["--system", "all"]])
def test_asked_for_by_name_it_must_have_one(more: list[str], call: Call, tmp_path: Path) -> None:
    one = small_set(tmp_path)
    arguments = ["run", one.path, "--corpus", one.corpus, "--out", tmp_path / "run", "--system", OURS_MODEL]
    said = call(*arguments, *more)
    assert said.code == 1
    told = "错误：系统 ours-model 打不开：没有配置 ASSISTANT_CHAT_URL、ASSISTANT_CHAT_MODEL\n"
    assert (said.out, said.err) == ("", told)
    assert not (tmp_path / "run").exists()


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    entry = SYSTEMS[OURS_MODEL]
    assert not entry.installed
    monkeypatch.setenv("ASSISTANT_CHAT_URL", "http://127.0.0.1:9/v1")
    assert entry.lacks == "没有配置 ASSISTANT_CHAT_MODEL"
    with pytest.raises(InputError, match="没有配置 ASSISTANT_CHAT_MODEL"):
        with_model(Place(put_documents(tmp_path / "documents"), tmp_path))
    monkeypatch.setenv("ASSISTANT_CHAT_MODEL", MODEL)
    assert (entry.lacks, entry.installed) == ("", True)


@pytest.mark.parametrize(
    ("script", "key", "told"),
    [
        (Says("好"), "sk-wrong", "密钥被拒绝"),
        (Fails(500), KEY, "服务出错（500）"),
        (Says(""), KEY, "回答是空的"),
    ],
)
def test_a_server_that_does_not_answer_is_found_out_before_any_question(
    script: Says | Fails, key: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ModelServer(script, key=KEY) as server:
        configure(monkeypatch, server.url, key)
        with pytest.raises(RemoteError, match=told) as raised:
            with_model(Place(put_documents(tmp_path / "documents"), tmp_path))
    assert key not in str(raised.value)
    assert not (tmp_path / "library").exists()


# --- tokens ---


def test_tokens_are_summed_over_the_answers_that_tell_them() -> None:
    lines = [
        {"usage": {"prompt": 1000, "completion": 50}},
        None,
        {},
        {"usage": {"prompt": 3000, "completion": 0}},
    ]
    found = tokens_of(lines)
    assert found == Tokens(2, 4000, 50, 2000.0, 25.0)
    assert found.cost(PRICE) == pytest.approx(0.0084)
    assert tokens_of([None, {}]) is None


@pytest.mark.parametrize(
    "usage", [None, 7, [], {}, {"prompt": 1}, {"prompt": "1", "completion": 1}, {"prompt": -1, "completion": 1},
              {"prompt": True, "completion": 1}, {"prompt": 1.5, "completion": 1}]
)  # fmt: skip
def test_rubbish_tells_no_tokens(usage: object) -> None:
    assert tokens_of([{"usage": usage}]) is None


@pytest.mark.parametrize(("text", "price"), [("2,8", PRICE), (" 2 ， 8.0", PRICE), ("0,0", Price(0, 0))])
def test_a_price_is_two_numbers(text: str, price: Price) -> None:
    assert Price.parse(text) == price


@pytest.mark.parametrize("text", ["", "2", "2,", "2;8", "2,8,1", "-1,2", "nan,1", "1,inf", "二,八"])
def test_any_other_price_is_refused(text: str, call: Call, tmp_path: Path) -> None:
    report_runs.small_run(tmp_path)
    said = call("report", tmp_path / "run", "--price", text)
    assert said.code == 1
    assert (
        said.err == f"错误：--price 应是读、写每百万词元的价格（元），如 2,8；现在是 {text}".rstrip() + "\n"
    )


@pytest.mark.parametrize(
    ("cost", "told"), [(0.0, "0.00"), (0.0084, "0.0084"), (0.1, "0.10"), (1234.5, "1,234.50")]
)
def test_small_amounts_keep_their_digits(cost: float, told: str) -> None:
    assert yuan(cost) == told


def test_slices_have_tokens_of_their_own() -> None:
    usage = {"status": "answered", "answer": "96%", "usage": {"prompt": 900, "completion": 30}}
    results = [result_of(item_of("1"), line=usage), result_of(item_of("2", category="table"))]
    summary = summarise(results)
    assert summary.whole.tokens == Tokens(1, 900, 30, 900.0, 30.0)
    assert summary.categories["table"].tokens is None
    assert slice_of([]).tokens is None


def test_the_table_has_columns_for_tokens_only_when_there_are_any(tmp_path: Path) -> None:
    usage = {"status": "answered", "answer": "96%", "usage": {"prompt": 900, "completion": 30}}
    told = [result_of(item_of("1"), line=usage), result_of(item_of("2"))]
    plain = [result_of(item_of("1")), result_of(item_of("2"))]
    one = scored_set(tmp_path, {OURS: plain, OURS_MODEL: told})
    columns = [str(column.header) for column in systems_table(one).columns]
    assert [name for name in columns if re.search("词元|每题|费用", name)] == ["词元 读/写", "每题"]
    table = systems_table(one, PRICE)
    cells = {str(column.header): list(column.cells) for column in table.columns}
    assert cells["词元 读/写"] == ["—", "900/30"]
    assert cells["每题"] == ["—", "900/30"]
    assert cells["费用（元）"] == ["—", "0.0020"]
    bare = systems_table(scored_set(tmp_path, {OURS: plain}), PRICE)
    assert not [column for column in bare.columns if "元" in str(column.header)]


def test_the_report_has_columns_for_tokens_only_when_there_are_any(tmp_path: Path) -> None:
    plain = [result_of(item_of("1"))]
    usage = {"status": "answered", "answer": "96%", "usage": {"prompt": 900, "completion": 30}}
    without = run_of_results(tmp_path, scored_set(tmp_path, {OURS: plain}))
    assert "词元" not in write_report(without, price=PRICE).read_text("utf-8")
    with_it = run_of_results(tmp_path, scored_set(tmp_path, {OURS: [result_of(item_of("1"), line=usage)]}))
    page = write_report(with_it).read_text("utf-8")
    assert ("每题读" in page, "费用</th>" in page) == (True, False)
