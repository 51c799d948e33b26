"""A run as JUnit XML, which build servers show: one suite for each system on each set, one case for each question."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence

from assistant.types import Status
from eval.scoring import Run, Scored
from eval.summary import Result

# What XML 1.0 cannot hold, however it is escaped.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(run: Run) -> bytes:
    """The document, UTF-8. A wrong answer is a failure, an error line an error; locked questions are told by id only."""
    root = ET.Element("testsuites", name="eval")
    for one in run.sets:
        for system, results in one.results.items():
            root.append(_suite(one, system, results))
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _suite(one: Scored, system: str, results: Sequence[Result]) -> ET.Element:
    failed = [r for r in results if not r.score.correct]
    errors = sum(r.score.status == Status.ERROR for r in failed)
    suite = ET.Element(
        "testsuite",
        name=f"{one.name}.{system}",
        tests=str(len(results)),
        failures=str(len(failed) - errors),
        errors=str(errors),
        time=f"{sum(r.score.seconds or 0.0 for r in results):.3f}",
    )
    for result in results:
        seconds = f"{result.score.seconds or 0.0:.3f}"
        case = ET.SubElement(
            suite, "testcase", classname=f"{one.name}.{system}", name=_clean(result.item.id), time=seconds
        )
        if not result.score.correct:
            error = result.score.status == Status.ERROR
            told = ET.SubElement(case, "error" if error else "failure", message=result.score.reason)
            told.text = "" if one.locked else _clean(_story(result))
    return suite


def _story(result: Result) -> str:
    line = result.line or {}
    answer = line.get("error") or line.get("answer") or ""
    return f"问：{result.item.question.text}\n答：{answer}\n参考：{result.item.reference}"


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
