"""The whole way from question to answer as a LangChain Runnable."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.runnables import Runnable, RunnableLambda

from assistant import __version__
from assistant.chain import AnswerChain, build
from assistant.errors import LibraryMissing, QuestionError
from assistant.settings import Settings
from assistant.types import Answer, Question, Status, Turn

QUESTIONS = [
    "晋中2024年居民健康素养目标是多少",
    "方山医养结合四种模式分别是什么",
    "长治在培训班上发言的是谁",
    "晋中和方山的家庭医生签约率分别是多少",
    "省人民医院平均住院日降到9.6天了？",
    "太原有多少家医院",
    "写一首诗",
    "吕梁卫生健康工作会议什么时候召开",
]
ASKED = [Question(text) for text in QUESTIONS]
LISTED = "晋中规划的基本原则有哪些"


def test_it_is_a_runnable(chain: AnswerChain) -> None:
    assert isinstance(chain, Runnable)
    answer = chain.invoke(Question(QUESTIONS[0]))
    assert isinstance(answer, Answer)
    assert answer.status is Status.ANSWERED


def test_plain_text_is_a_question_without_history(chain: AnswerChain) -> None:
    assert chain.invoke(QUESTIONS[0]) == chain.invoke(Question(QUESTIONS[0]))


def test_history_counts(chain: AnswerChain) -> None:
    history = (Turn("user", "晋中2024年居民健康素养目标是多少"), Turn("assistant", "30.61%[1]。"))
    followed = chain.invoke(Question("那2023年呢", history))
    assert followed.text == chain.invoke("晋中2023年居民健康素养目标是多少").text
    assert chain.invoke("那2023年呢").text != followed.text


@pytest.mark.parametrize("question", [LISTED, *QUESTIONS])
def test_a_stream_grows_to_the_whole_answer(chain: AnswerChain, question: str) -> None:
    snapshots = list(chain.stream(question))
    assert snapshots[-1] == chain.invoke(question)
    texts = [snapshot.text for snapshot in snapshots]
    assert all(later.startswith(text) for text, later in zip(texts, texts[1:], strict=False))
    assert all(len(text) < len(later) for text, later in zip(texts, texts[1:], strict=False))
    assert {snapshot.status for snapshot in snapshots} == {snapshots[-1].status}


def test_a_long_answer_comes_in_steps(chain: AnswerChain) -> None:
    assert len(list(chain.stream(LISTED))) > 1


def test_a_batch_keeps_the_order(chain: AnswerChain) -> None:
    assert chain.batch(ASKED) == [chain.invoke(question) for question in QUESTIONS]


def test_a_batch_survives_a_bad_question(chain: AnswerChain) -> None:
    answers: list[object] = list(chain.batch([ASKED[0], Question(" ")], return_exceptions=True))
    assert isinstance(answers[0], Answer)
    assert isinstance(answers[1], QuestionError)


def test_async_calls_give_the_same(chain: AnswerChain) -> None:
    assert asyncio.run(chain.ainvoke(ASKED[0])) == chain.invoke(QUESTIONS[0])
    assert asyncio.run(chain.abatch(ASKED[:3])) == chain.batch(ASKED[:3])


class Stages(BaseCallbackHandler):
    """Remembers what was started and ended, and with what configuration."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.ended = 0
        self.failed = 0
        self.tags: set[str] = set()

    def on_chain_start(self, serialized: Any, inputs: Any, *, run_id: UUID, **kwargs: Any) -> None:
        self.started.append(kwargs.get("name") or "")
        self.tags |= set(kwargs.get("tags") or ())

    def on_chain_end(self, outputs: Any, *, run_id: UUID, **kwargs: Any) -> None:
        self.ended += 1

    def on_chain_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        self.failed += 1


@pytest.mark.parametrize("call", ["invoke", "stream", "batch"])
def test_callbacks_see_the_stages_in_order(chain: AnswerChain, call: str) -> None:
    stages = Stages()
    config: Any = {"callbacks": [stages], "tags": ["probe"]}
    if call == "invoke":
        chain.invoke(QUESTIONS[0], config)
    elif call == "stream":
        list(chain.stream(QUESTIONS[0], config))
    else:
        chain.batch([ASKED[0]], config)
    seen = [name for name in stages.started if name in {"understand", "retrieve", "answer"}]
    assert seen == ["understand", "retrieve", "answer"]
    assert stages.ended == len(stages.started)
    assert stages.failed == 0
    assert "probe" in stages.tags


def test_it_composes_with_other_runnables(chain: AnswerChain) -> None:
    ask: Runnable[dict[str, str], Question] = RunnableLambda(lambda form: Question(form["q"]))
    read: Runnable[Answer, str] = RunnableLambda(lambda answer: answer.text)
    composed = ask | chain | read
    assert composed.invoke({"q": QUESTIONS[0]}) == chain.invoke(QUESTIONS[0]).text
    assert composed.batch([{"q": q} for q in QUESTIONS[:3]]) == [chain.invoke(q).text for q in QUESTIONS[:3]]
    stages = Stages()
    composed.invoke({"q": QUESTIONS[0]}, {"callbacks": [stages]})
    assert "retrieve" in stages.started


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u3000", "\u200b\ufeff", "\x00"])
def test_a_blank_question_is_an_error_that_says_so(chain: AnswerChain, text: str) -> None:
    for call in (chain.invoke, lambda text: list(chain.stream(text))):
        with pytest.raises(QuestionError, match="空"):
            call(text)


def test_an_over_long_question_is_an_error_that_says_the_limit(chain: AnswerChain) -> None:
    assert chain.invoke("晋中" * 1000).status in Status
    with pytest.raises(QuestionError, match="2000"):
        chain.invoke("晋中" * 1000 + "？")


def test_the_limit_is_a_setting(library: Path) -> None:
    short = build(Settings(library=library, question_chars=10))
    with pytest.raises(QuestionError, match="10"):
        short.invoke("晋中市的健康素养水平是多少")


def test_a_library_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing):
        build(Settings(library=tmp_path / "nowhere"))


@pytest.mark.parametrize(
    "question", ["晋中" * 1000, "？？？", "😀", "1", "《》", "\ud800", "[1]", "{}", "%s", "a" * 2000]
)
def test_strange_questions_are_answered_somehow(chain: AnswerChain, question: str) -> None:
    answer = chain.invoke(question)
    assert answer.status is not Status.ERROR
    assert answer.text


def test_half_a_character_in_the_history_does_no_harm(chain: AnswerChain) -> None:
    history = (Turn("user", "晋中2024年居民健康素养目标是多少\ud83d"), Turn("assistant", "\ude00"))
    assert "28.61" in chain.invoke(Question("那2023年呢\ud83d", history)).text


def test_many_threads_get_the_answers_of_one(chain: AnswerChain) -> None:
    alone = {question: chain.invoke(question) for question in QUESTIONS}
    asked = [QUESTIONS[(i * 3 + i // 8) % len(QUESTIONS)] for i in range(24)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(chain.invoke, asked))
    assert answers == [alone[question] for question in asked]


def test_threads_that_come_first_to_a_cold_chain(library: Path) -> None:
    cold = build(Settings(library=library))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(cold.invoke, [QUESTIONS[0]] * 8))
    assert all(answer == answers[0] for answer in answers)


def test_the_record_holds_the_versions(chain: AnswerChain) -> None:
    for question in (QUESTIONS[0], QUESTIONS[5], QUESTIONS[6]):
        record = chain.invoke(question).record
        assert record["code"] == __version__
        assert record["library"] == chain.library.generation
        assert record["encoder"] == chain.encoder.version
        assert record["settings"]


def test_the_record_tells_settings_apart(chain: AnswerChain, library: Path) -> None:
    other = build(Settings(library=library, question_chars=500))
    same = build(Settings(library=library))
    settings = chain.invoke(QUESTIONS[6]).record["settings"]
    assert other.invoke(QUESTIONS[6]).record["settings"] != settings
    assert same.invoke(QUESTIONS[6]).record["settings"] == settings


def _ingest(source: Path, library: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "assistant", "ingest", str(source), "--library", str(library)],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_running_chain_picks_up_what_another_process_ingests(tmp_path: Path) -> None:
    source, library = tmp_path / "documents", tmp_path / "library"
    source.mkdir()
    paper = source / "yuyao-bridges.txt"
    paper.write_text("余姚市桥梁养护计划\n\n余姚市今年维修桥梁35座。\n", encoding="utf-8")
    _ingest(source, library)
    running = build(Settings(library=library))
    question = "余姚今年维修多少座桥梁"
    before = running.invoke(question)
    assert "35座" in before.text
    assert running.invoke("象山今年种多少亩柑橘").status is Status.NOT_FOUND

    paper.write_text("余姚市桥梁养护计划\n\n余姚市今年维修桥梁48座。\n", encoding="utf-8")
    (source / "xiangshan-fruit.txt").write_text(
        "象山县柑橘产业计划\n\n象山县今年种植柑橘6200亩。\n", encoding="utf-8"
    )
    _ingest(source, library)
    after = running.invoke(question)
    assert "48座" in after.text
    assert "35座" not in after.text
    assert "6200亩" in running.invoke("象山今年种多少亩柑橘").text
    assert after.record["library"] != before.record["library"]
    assert after.record["settings"] == before.record["settings"]
