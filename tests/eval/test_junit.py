"""The file for build servers: well-formed whatever was answered, with the right counts."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

from assistant.types import Question
from eval.junit import junit
from eval.metrics import FAILED, NO_LINE
from eval.scoring import Run
from eval.summary import Result
from eval.systems import OURS
from tests.eval.running import item_of, result_of, run_of, scored, verdicts

CONTROLS = "".join(map(chr, range(32))) + "\x7f\x85\ufffe\uffff"
SPECIAL = "<b>&amp;\"']]></failure>\U00020000"


def failed(id: str) -> Result:
    return result_of(
        item_of(id), False, status="error", reason=FAILED, line={"status": "error", "error": "坏了"}
    )


def read(run: Run) -> ET.Element:
    return ET.fromstring(junit(run))


def test_suites_and_cases_are_counted(tmp_path: Path) -> None:
    ours = [*verdicts("++-"), failed("4")]
    silent = result_of(item_of("5"), False, status="error", reason=NO_LINE, seconds=None)
    run = run_of(
        tmp_path,
        scored(tmp_path, {OURS: [*ours, silent], "oracle": [*verdicts("+++++")]}, "a"),
        scored(tmp_path, {OURS: verdicts("+")}, "b"),
    )
    root = read(run)
    assert (root.tag, root.get("name")) == ("testsuites", "eval")
    told = {
        suite.get("name"): tuple(suite.get(key) for key in ("tests", "failures", "errors", "time"))
        for suite in root
    }
    assert told == {
        "a.ours": ("5", "1", "2", "0.400"),
        "a.oracle": ("5", "0", "0", "0.500"),
        "b.ours": ("1", "0", "0", "0.100"),
    }
    first = root[0]
    assert [case.get("name") for case in first] == ["1", "2", "3", "4", "5"]
    assert {case.get("classname") for case in first} == {"a.ours"}
    assert [[child.tag for child in case] for case in first] == [[], [], ["failure"], ["error"], ["error"]]
    assert first[4].get("time") == "0.000"
    for suite in root:
        assert len(suite.findall("testcase/failure")) == int(suite.get("failures", ""))
        assert len(suite.findall("testcase/error")) == int(suite.get("errors", ""))


def test_a_failure_tells_question_answer_and_reference(tmp_path: Path) -> None:
    wrong = result_of(item_of("1"), False, line={"status": "answered", "answer": "95%[1]"})
    case, error = read(run_of(tmp_path, scored(tmp_path, {OURS: [wrong, failed("2")]})))[0]
    assert (case[0].get("message"), case[0].text) == ("要点全缺", "问：问题1？\n答：95%[1]\n参考：达到96%")
    assert (error[0].get("message"), error[0].text) == ("出错", "问：问题2？\n答：坏了\n参考：达到96%")


def test_no_text_breaks_the_document(tmp_path: Path) -> None:
    item = item_of("<&\"'>", question=Question(CONTROLS + SPECIAL), reference=SPECIAL)
    wrong = result_of(item, False, line={"status": "answered", "answer": CONTROLS + SPECIAL})
    case = read(run_of(tmp_path, scored(tmp_path, {OURS: [wrong]})))[0][0]
    assert case.get("name") == item.id
    text = case[0].text or ""
    assert text.count(SPECIAL) == 3
    assert text.count("\ufffd") == 2 * (29 + 2)  # 29 of the first 32, and the two that are no characters


def test_no_id_breaks_the_document(tmp_path: Path) -> None:
    run = run_of(tmp_path, scored(tmp_path, {OURS: [result_of(item_of("a\x01b"))]}))
    assert str(read(run)[0][0].get("name")).startswith("a")


def test_questions_of_a_locked_set_are_told_by_id_only(tmp_path: Path) -> None:
    item = item_of("s1", question=Question("锁定的问题"), reference="锁定的参考")
    wrong = result_of(item, False, line={"status": "answered", "answer": "锁定的回答"})
    run = run_of(tmp_path, scored(tmp_path, {OURS: [wrong]}, "secret", locked=True))
    told = junit(run).decode("utf-8")
    assert "s1" in told
    assert "锁定" not in told
    assert read(run)[0].get("failures") == "1"


def test_a_run_without_results_is_a_document_too(tmp_path: Path) -> None:
    assert len(read(run_of(tmp_path))) == 0
    assert len(read(run_of(tmp_path, scored(tmp_path, {})))) == 0
