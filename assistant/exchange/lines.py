"""Question lines and answer lines: the files that other programs write and read.

They are UTF-8, one JSON object a line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from assistant.errors import FormatError, InputError
from assistant.types import Answer, Question, Status, Turn

ROLES = ("user", "assistant")
MOST_RETRIEVED = 20


def read_questions(path: Path) -> list[tuple[str, Question]]:
    """The id and the question of every line; other keys are ignored, blank lines skipped.

    Raises InputError when the file cannot be read, FormatError when a line is malformed or none is there.
    """
    questions: dict[str, Question] = {}
    first_seen: dict[str, int] = {}
    for number, record in read_records(path):
        where = f"{path} 第 {number} 行"
        identity = _text(record, "id", where)
        if not identity.strip():
            raise FormatError(f"{where}：“id” 是空的，请写上在文件内不重复的编号")
        if identity in questions:
            raise FormatError(f"{where}：编号 “{identity}” 与第 {first_seen[identity]} 行重复")
        questions[identity] = Question(_text(record, "question", where), _history(record, where))
        first_seen[identity] = number
    if not questions:
        raise FormatError(f"{path} 里没有问题：每行应是一个 JSON 对象，含 “id” 和 “question”")
    return list(questions.items())


def read_records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line number, from 1, and JSON object of every line that is not blank.

    Raises InputError when the file cannot be read, FormatError when a line is not a JSON object in UTF-8.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"找不到文件：{path}") from None
    except IsADirectoryError:
        raise InputError(f"这是文件夹，不是文件：{path}") from None
    except OSError as error:
        raise InputError(f"读不了文件 {path}：{error.strerror}") from error
    # Bytes are split, not text: JSON strings may hold the other line separators of Unicode.
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if line.strip():
            yield number, _record(line, f"{path} 第 {number} 行")


def answer_line(id: str, question: str, answer: Answer, seconds: float) -> dict[str, Any]:
    """The answer line for one question; `seconds` is wall time."""
    line: dict[str, Any] = {
        "id": id,
        "question": question,
        "status": answer.status.value,
        "answer": answer.text,
        "citations": [
            {
                "doc": citation.span.doc,
                "start": citation.span.start,
                "end": citation.span.end,
                "quote": citation.quote,
                "label": citation.label,
            }
            for citation in answer.citations
        ],
        "retrieved": [
            {
                "doc": hit.chunk.span.doc,
                "start": hit.chunk.span.start,
                "end": hit.chunk.span.end,
                "score": round(float(hit.score), 6),
            }
            for hit in answer.hits[:MOST_RETRIEVED]
        ],
        "seconds": round(seconds, 4),
        "confidence": round(float(answer.confidence), 4),
    }
    if answer.notice:
        line["notice"] = answer.notice
    if answer.usage is not None:
        line["usage"] = {"prompt": answer.usage.prompt, "completion": answer.usage.completion}
    if answer.status is Status.ERROR:
        line["error"] = answer.error
    return line


def dump_line(line: Mapping[str, Any]) -> str:
    """One line of a file, with its line feed."""
    return json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n"


def _record(line: bytes, where: str) -> dict[str, Any]:
    try:
        record = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise FormatError(f"{where}：不是 UTF-8 编码，请另存为 UTF-8 后重试") from None
    except json.JSONDecodeError as error:
        raise FormatError(f"{where}：不是合法的 JSON（第 {error.colno} 个字符附近）") from None
    except (ValueError, RecursionError):  # a number of thousands of digits; brackets without end
        raise FormatError(f"{where}：JSON 超出可处理的范围") from None
    if not isinstance(record, dict):
        raise FormatError(f'{where}：应是一个 JSON 对象，如 {{"id": "1", "question": "……"}}')
    return record


def _text(record: Mapping[str, Any], key: str, where: str) -> str:
    if key not in record:
        raise FormatError(f"{where}：缺少 “{key}”")
    return _checked(record[key], f"{where}：“{key}”")


def _checked(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise FormatError(f"{what} 应是字符串")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise FormatError(f"{what} 里有不成对的代理字符（如 \\ud800），无法写成 UTF-8") from None
    return value


def _history(record: Mapping[str, Any], where: str) -> tuple[Turn, ...]:
    turns = record.get("history")
    if turns is None:
        return ()
    if not isinstance(turns, list):
        raise FormatError(f"{where}：“history” 应是列表，每项为 [角色, 文字]")
    return tuple(
        _turn(turn, f"{where}：“history” 第 {number} 项") for number, turn in enumerate(turns, start=1)
    )


def _turn(turn: object, what: str) -> Turn:
    if not isinstance(turn, list) or len(turn) != 2:
        raise FormatError(f"{what} 应是 [角色, 文字]")
    role, text = turn
    if role not in ROLES:
        raise FormatError(f"{what} 的角色应是 user 或 assistant")
    return Turn(role, _checked(text, f"{what} 的文字"))
