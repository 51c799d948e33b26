"""Failures of requests become a Chinese sentence with a fitting status code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException

from assistant.errors import AssistantError, InputError, LibraryError, ModelError
from assistant.web import render
from assistant.web.passage import DocumentUnknown

MOST_BYTES = 1 << 20  # of one request
# The status code of each kind of failure; the first that fits counts.
CODES: tuple[tuple[type[Exception], int], ...] = (
    (DocumentUnknown, 404),
    (InputError, 422),
    (LibraryError, 503),
    (ModelError, 503),
)
WORDS = {
    404: "没有这个地址，可用的有 /api/ask、/api/ask/stream、/api/documents、/api/status",
    405: "这个地址不接受这种请求方法",
    413: f"请求太大，最多 {MOST_BYTES // 1024} KB",
}
# What pydantic finds wrong, by the first words of its error type.
DEFECTS = (
    ("missing", "缺少这一项"),
    ("json_invalid", "不是合法的 JSON"),
    ("value_error", "含有不成对的代理字符"),
    ("string_unicode", "含有不成对的代理字符"),
    ("string_too_long", "太长"),
    ("string", "应是字符串"),
    ("literal", "应是 user 或 assistant"),
    ("too_long", "项数太多"),
    ("list", "应是列表"),
    ("tuple", "应是 [角色, 文字]"),
    ("int", "应是整数"),
    ("greater_than", "不能是负数"),
    ("model", "应是一个 JSON 对象"),
    ("dict", "应是一个 JSON 对象"),
)


def complaint(error: RequestValidationError) -> str:
    """What is wrong with a request, one clause for each place."""
    return "请求的格式不对：" + "；".join(_clause(one) for one in error.errors())


def _clause(one: Mapping[str, Any]) -> str:
    kind = str(one["type"])
    what = next((words for start, words in DEFECTS if kind.startswith(start)), "不可用")
    place = ".".join(str(part) for part in one["loc"][1:]) if kind != "json_invalid" else ""
    return f"{place or '请求内容'} {what}"


def reply(path: str, code: int, message: str) -> JSONResponse | HTMLResponse:
    """The response that tells a failure at a path."""
    if path.startswith("/page/"):
        return HTMLResponse(render.trouble(message), code)
    return JSONResponse({"error": message}, code)


def speak_chinese(app: FastAPI) -> None:
    """Failures become `{"error": sentence}`; under /page a piece of HTML."""

    @app.exception_handler(RequestValidationError)
    def malformed(request: Request, error: RequestValidationError) -> JSONResponse | HTMLResponse:
        return reply(request.url.path, 422, complaint(error))

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> JSONResponse | HTMLResponse:
        return reply(request.url.path, error.status_code, WORDS.get(error.status_code, str(error.detail)))

    @app.exception_handler(AssistantError)
    def known(request: Request, error: AssistantError) -> JSONResponse | HTMLResponse:
        code = next((code for kind, code in CODES if isinstance(error, kind)), 500)
        return reply(request.url.path, code, str(error))
