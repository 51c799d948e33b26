"""The HTTP API under /api, and the pieces of HTML under /page that the page's script asks for."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Generator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query
from fastapi.concurrency import iterate_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse
from pydantic import AfterValidator, BaseModel, Field

from assistant import __version__
from assistant.exchange import answer_line
from assistant.types import Answer, Document, Question, Status, Turn
from assistant.web import render
from assistant.web.passage import cut, find_document
from assistant.web.seam import Asker
from assistant.web.talk import failed, usable

MOST_TURNS = 200


def _encodable(text: str) -> str:
    text.encode()  # a lone surrogate, which JSON can spell, could not be written out again
    return text


Text = Annotated[str, AfterValidator(_encodable)]


class Ask(BaseModel):
    """The body of a question."""

    question: Text
    history: list[tuple[Literal["user", "assistant"], str]] = Field(
        default_factory=list, max_length=MOST_TURNS
    )
    id: str = Field(default="", max_length=200)


Place = Annotated[int, Query(ge=0)]


def api_router(asker: Asker, question_chars: int) -> APIRouter:
    """The routes under /api."""
    router = APIRouter(prefix="/api")

    def question(ask: Ask) -> Question:
        return Question(
            usable(ask.question, question_chars), tuple(Turn(role, text) for role, text in ask.history)
        )

    @router.post("/ask")
    def ask(body: Ask) -> JSONResponse:
        asked, start = question(body), time.perf_counter()
        line = answer_line(body.id, asked.text, asker.invoke(asked), time.perf_counter() - start)
        return JSONResponse(line)

    @router.post("/ask/stream")
    def ask_stream(body: Ask) -> StreamingResponse:
        events = _events(asker, body.id, question(body))
        return StreamingResponse(
            _closed(events), media_type="text/event-stream", headers={"Cache-Control": "no-cache"}
        )

    @router.get("/documents")
    def documents() -> list[dict[str, Any]]:
        asker.library.refresh()
        return [_metadata(document) for document in asker.library.documents()]

    @router.get("/documents/{doc}")
    def document(doc: str) -> dict[str, Any]:
        found = find_document(asker.library, doc)
        return {**_metadata(found), "text": found.text}

    @router.get("/status")
    def status() -> dict[str, Any]:
        asker.library.refresh()
        found = asker.library.documents()
        return {
            "version": __version__,
            "generation": str(asker.library.generation),
            "documents": len(found),
            "characters": sum(len(document.text) for document in found),
        }

    @router.api_route("/{rest:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def nothing_here(rest: str) -> None:
        raise HTTPException(405 if rest in {"ask", "ask/stream", "documents", "status"} else 404)

    return router


def page_router(asker: Asker) -> APIRouter:
    """The routes under /page: what fills the place beside the conversation."""
    router = APIRouter(prefix="/page", default_response_class=HTMLResponse)

    @router.get("/documents")
    def documents() -> str:
        asker.library.refresh()
        return render.document_list(asker.library.documents())

    @router.get("/documents/{doc}")
    def document(doc: str, start: Place = 0, end: Place = 0) -> str:
        found = find_document(asker.library, doc)
        return render.document_view(found, min(start, len(found.text)), min(end, len(found.text)))

    @router.get("/documents/{doc}/passage")
    def passage(doc: str, start: Place, end: Place, label: str = "") -> str:
        found = find_document(asker.library, doc)
        return render.passage_view(cut(found, start, end, asker.library.blocks(doc)), label)

    return router


def _metadata(document: Document) -> dict[str, Any]:
    return {
        "id": document.id,
        "title": document.title,
        "issuer": document.issuer,
        "number": document.number,
        "date": document.date,
        "region": document.region,
        "status": document.status,
        "kind": document.kind,
        "characters": len(document.text),
        "hash": document.hash,
    }


async def _closed(events: Generator[str]) -> AsyncIterator[str]:
    """The events, taken in threads of the server; their generator is closed at once when the client has left."""
    try:
        async for event in iterate_in_threadpool(events):
            yield event
    finally:
        events.close()


def _events(asker: Asker, id: str, asked: Question) -> Generator[str]:
    """`snapshot` events with the text so far, then one `answer` event with the answer line.

    Where nothing was added, a comment goes out: a server notices only when it sends that the client has left.
    """
    start = time.perf_counter()
    answer: Answer | None = None
    sent = ""
    try:
        for answer in asker.stream(asked):
            yield _event("snapshot", {"text": answer.text}) if answer.text != sent else ": \n\n"
            sent = answer.text
    except Exception as error:  # noqa: BLE001 - the response has begun, so the failure must go into it
        answer = failed(error)
    last = answer or Answer(Status.ERROR, "", error="没有得到回答")
    yield _event("answer", answer_line(id, asked.text, last, time.perf_counter() - start))


def _event(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
