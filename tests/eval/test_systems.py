"""The systems of the table, each over the two documents: one door, one kind of line, no way out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import pytest

from assistant.errors import InputError
from assistant.types import Question, Status
from eval.documents import Corpus
from eval.folder import RunFolder
from eval.scoring import Run, score_run
from eval.summary import Result
from eval.systems import OURS, SYSTEMS, Entry, Place, entry_of
from eval.systems.base import MOST_RETRIEVED, line_of
from eval.systems.oracle import Oracle
from eval.types import Item, Quote
from eval.worker import Worker
from tests.eval import contestants
from tests.eval.running import IDS, ROOT, door, item_of, put_documents, records, small_set
from tests.test_offline import GUARD

INSTALLED = [name for name, entry in SYSTEMS.items() if entry.installed]
CHUNKS = [name for name, entry in SYSTEMS.items() if entry.door.startswith("eval.systems.shipped:")]


TABLE = """
[[set]]
questions = "small.jsonl"
title = "供水题"
corpus = "documents"
"""


@dataclass(frozen=True)
class Ran:
    """All installed systems over the two documents; `log` is what the guard noted in their processes."""

    done: subprocess.CompletedProcess[str]
    scored: Run
    log: Path

    def results(self, system: str) -> list[Result]:
        if system not in INSTALLED:
            pytest.skip(f"{system}: {SYSTEMS[system].lacks}")
        return list(self.scored.sets[0].results[system])


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("systems")
    out, log = folder / "run", folder / "tried.txt"
    (folder / "sets.toml").write_text(TABLE, encoding="utf-8")
    one = small_set(folder)
    with pytest.MonkeyPatch.context() as patch:
        guard(patch, folder, log)
        done = subprocess.run(
            [sys.executable, "-m", "eval", "run", one.path, "--system", "all", "--out", out],
            cwd=ROOT,
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
    return Ran(done, score_run(RunFolder.existing(out)), log)


def guard(patch: pytest.MonkeyPatch, folder: Path, log: Path) -> None:
    """Have every process that is started note and refuse outside connections."""
    (folder / "sitecustomize.py").write_text(GUARD, encoding="utf-8")
    patch.setenv("PYTHONPATH", f"{folder}{os.pathsep}{ROOT}")
    patch.setenv("SOCKET_GUARD_LOG", str(log))


# --- the table ---


def test_a_name_of_the_table_is_its_entry() -> None:
    for name in SYSTEMS:
        assert entry_of(name) is SYSTEMS[name]
        assert entry_of(name).name == name
    assert [name for name, entry in SYSTEMS.items() if entry.sees_key] == ["oracle"]


def test_any_function_can_be_a_system() -> None:
    assert entry_of("my.module:opened") == Entry("my.module:opened", "my.module:opened", "my.module:opened")


@pytest.mark.parametrize("name", ["", "nobody", "OURS", "eval.systems.ours.whole"])
def test_an_unknown_name_is_refused_and_the_known_ones_are_told(name: str) -> None:
    with pytest.raises(InputError, match=f"没有系统 {name}；可用：ours、.*oracle，或“模块:函数”"):
        entry_of(name)


def test_whether_a_package_is_there() -> None:
    assert Entry("a", "a", "a:b").installed
    assert Entry("a", "a", "a:b", needs="json").installed
    assert not Entry("a", "a", "a:b", needs="no_such_package").installed


# --- every system ---


@pytest.mark.slow
def test_the_run_succeeds_and_only_what_is_not_installed_is_left_out(ran: Ran) -> None:
    missing = [f"跳过 {name}：{entry.lacks}" for name, entry in SYSTEMS.items() if not entry.installed]
    assert ran.done.stderr.splitlines() == missing
    assert ran.done.returncode == 0
    assert ran.scored.systems == INSTALLED


@pytest.mark.slow
def test_the_run_prints_a_row_for_each_system_and_writes_everything(ran: Ran) -> None:
    assert "供水题（small，8 题）" in ran.done.stdout
    rows = {line.split("│")[1].strip() for line in ran.done.stdout.splitlines() if line.startswith("│")}
    out = ran.scored.folder.path
    for name in INSTALLED:
        assert SYSTEMS[name].title in rows
        for kind in ("answers", "results"):
            assert [line["id"] for line in records(out / kind / "small" / f"{name}.jsonl")] == IDS
    whole = json.loads((out / "summary.json").read_text("utf-8"))["sets"]["small"]["systems"][OURS]["whole"]
    assert (whole["questions"], whole["citation_validity"]["value"]) == (8, 1.0)
    assert "供水题" in (out / "report.html").read_text("utf-8")
    assert len(ET.parse(out / "junit.xml").getroot()) == len(INSTALLED)


@pytest.mark.slow
@pytest.mark.parametrize("system", SYSTEMS)
def test_every_line_is_whole_and_every_citation_valid(system: str, ran: Ran) -> None:
    corpus = ran.scored.sets[0].corpus
    for result in ran.results(system):
        line = result.line
        assert line is not None
        assert line["status"] in {Status.ANSWERED, Status.NOT_FOUND, Status.DECLINED}, line.get("error")
        assert result.score.citations_valid == result.score.citations == len(line["citations"])
        assert len(line["retrieved"]) <= MOST_RETRIEVED
        for passage in line["retrieved"]:
            text = corpus.texts[passage["doc"]].original
            assert 0 <= passage["start"] < passage["end"] <= len(text)
        scores = [passage["score"] for passage in line["retrieved"]]
        assert scores == sorted(scores, reverse=True)
        for number in range(1, len(line["citations"]) + 1):
            assert f"[{number}]" in line["answer"]
        assert line["seconds"] >= 0


@pytest.mark.slow
def test_no_system_opens_an_outside_connection(ran: Ran) -> None:
    assert not ran.log.exists(), ran.log.read_text("utf-8")


def test_an_outside_connection_would_be_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "tried.txt"
    guard(monkeypatch, tmp_path, log)
    troubled = small_set(tmp_path).items[2]
    place = Place(tmp_path / "documents", tmp_path)
    with Worker(entry_of(door(contestants.calling_out)), place, 20.0) as worker:
        assert "blocked by the test" in worker.ask(troubled)["error"]
    assert log.read_text("utf-8").startswith("socket.")


@pytest.mark.slow
def test_our_system_answers_and_refuses(ran: Ran) -> None:
    results = ran.results(OURS)
    assert sum(result.score.correct for result in results) >= 7
    assert not [r.item.id for r in results if not r.item.answerable and r.score.status == Status.ANSWERED]
    assert ran.scored.sets[0].summaries[OURS].coverage  # it tells how sure it is


@pytest.mark.slow
@pytest.mark.parametrize(
    "system", ["ours-no-reader", "ours-no-vectors", "ours-no-structure", "ours-no-glossary"]
)
def test_a_part_taken_away_still_answers(system: str, ran: Ran) -> None:
    assert ran.results(system)[0].score.correct


@pytest.mark.slow
def test_the_best_sentences_are_two_pieces_of_the_documents(ran: Ran) -> None:
    answered = [result for result in ran.results("bm25-sentences") if result.score.status == Status.ANSWERED]
    assert answered[0].score.correct
    assert {len(result.line["citations"]) for result in answered if result.line} <= {1, 2}


@pytest.mark.slow
@pytest.mark.parametrize("system", CHUNKS)
def test_the_first_chunk_is_the_answer(system: str, ran: Ran) -> None:
    corpus = ran.scored.sets[0].corpus
    for result in ran.results(system):
        assert result.line is not None
        first, (cited,) = result.line["retrieved"][0], result.line["citations"]
        assert [first[key] for key in ("doc", "start", "end")] == [
            cited[key] for key in ("doc", "start", "end")
        ]
        assert result.line["answer"] == f"{cited['quote']}[1]"
        assert cited["quote"].strip() == corpus.texts[cited["doc"]].original.strip()  # they are short


@pytest.mark.slow
def test_the_upper_bound_is_fully_right(ran: Ran) -> None:
    results, whole = ran.results("oracle"), ran.scored.sets[0].summaries["oracle"].whole
    assert [result.score.reason for result in results] == [""] * len(results)
    for figure in (whole.facts, whole.recall[10], whole.mrr, whole.ndcg, whole.fidelity):
        assert figure is not None
        assert figure.value == 1.0
    for figure in (whole.citation_precision, whole.citation_recall, whole.citation_validity):
        assert figure is not None
        assert figure.value == 1.0
    assert whole.refusal.f1 == 1.0


# --- parts ---


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    return Corpus(put_documents(tmp_path / "documents"))


@pytest.mark.parametrize(
    ("item", "answer"),
    [
        (item_of(), "达到96%[1]"),
        (item_of(key_facts=(("九十六", "96%"), ("普及率达到", "不在"))), "达到96%；普及率达到[1]"),
        (item_of(reference="", key_facts=(("97%", "96%"),)), "96%[1]"),
        (item_of(key_facts=(("不在",),)), "达到96%[1]"),
    ],
)
def test_the_upper_bound_fills_in_what_the_reference_leaves_out(
    item: Item, answer: str, corpus: Corpus
) -> None:
    line = Oracle(corpus).answer_item(item)
    assert (line["status"], line["answer"]) == (Status.ANSWERED, answer)
    assert [cited["quote"] for cited in line["citations"]] == ["普及率达到96%"]


def test_the_upper_bound_refuses_what_cannot_be_answered(corpus: Corpus) -> None:
    line = Oracle(corpus).answer_item(item_of(answerable=False, reference="文件没有说"))
    assert (line["status"], line["citations"], line["retrieved"]) == (Status.NOT_FOUND, [], [])


def test_the_upper_bound_cites_each_quote_at_its_place(corpus: Corpus) -> None:
    quotes = (Quote("notice", "2.85元"), Quote("plan", "不在原文里"), Quote("plan", "周明"))
    line = Oracle(corpus).answer_item(item_of(evidence=quotes))
    assert [cited["doc"] for cited in line["citations"]] == ["notice", "plan"]
    assert line["answer"].endswith("[1][2]")


def test_no_more_passages_are_told_than_an_answer_line_may_hold(corpus: Corpus) -> None:
    (span,) = corpus.places(Quote("plan", "周明"))
    line = line_of(corpus, "周明[1]", [span], [(span, 1.0)] * 30)
    assert len(line["retrieved"]) == MOST_RETRIEVED
    assert line_of(corpus, "", [], [])["status"] == Status.NOT_FOUND


def test_the_best_sentences_refuse_what_shares_nothing_with_the_documents(
    tmp_path: Path, corpus: Corpus
) -> None:
    pytest.importorskip("rank_bm25")
    from eval.systems.sentences import opened

    system = opened(Place(corpus.folder, tmp_path))
    line = system.answer(Question("xyz"))
    assert (line["status"], line["answer"], line["retrieved"]) == (Status.NOT_FOUND, "", [])
    assert system.answer(Question("水\n价 2.85 元"))["status"] == Status.ANSWERED
