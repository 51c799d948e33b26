"""A model server for the tests: real HTTP on 127.0.0.1, whose every reply is written in a script.

    with ModelServer([Fails(429, headers={"Retry-After": "1"}), Says("到2025年达到78.1岁[1]。")]) as server:
        ...  # ask server.url with model MODEL
    assert len(server.chats) == 2

Each endpoint has a script of its own: one reply (given every time), a list of replies (given in turn; past its end
the server answers 500), or a function from the request's body to a reply. `/chat/completions` speaks by the first
argument, `/embeddings` by `embeddings` (default: `Vectors()`), `/rerank` by `rerank` (default: `Scores()`), `/models`
by `listing` (default: `Lists()`); faults such as `Fails` or `Hangs` stand in any of them. What real servers send lies
in `shapes/`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import struct
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any, Self

MODEL = "qwen-test"
_SHAPES = Path(__file__).parent / "shapes"
_MOST = 1 << 40  # characters of an endless reply


def shape(name: str) -> Any:
    """What a server sends, by the name of its file in `shapes/`; `$NAMES` in it are filled in by `filled`."""
    return json.loads((_SHAPES / f"{name}.json").read_text(encoding="utf-8"))


def filled(template: Any, values: Mapping[str, Any]) -> Any:
    """The template with every string `$NAME` replaced by a value of any type, also inside longer strings."""
    if isinstance(template, dict):
        return {key: filled(value, values) for key, value in template.items()}
    if isinstance(template, list):
        return [filled(value, values) for value in template]
    if not isinstance(template, str) or "$" not in template:
        return template
    if template.startswith("$") and template[1:] in values:
        return values[template[1:]]
    for name, value in values.items():
        template = template.replace(f"${name}", str(value))
    return template


@dataclass(frozen=True)
class Says:
    """An answer, streamed or plain as the request wants it.

    A text is sent in pieces of six characters, a list as it stands, with `delay` seconds before each piece;
    `usage` False leaves the token counts out, as older servers do. `reasoning` comes before the text.
    """

    text: str | Sequence[str]
    delay: float = 0.0
    finish: str | None = "stop"
    usage: bool = True
    reasoning: str | Sequence[str] = ""
    shape: str = "vllm"

    @property
    def pieces(self) -> list[str]:
        return _pieces(self.text)


@dataclass(frozen=True)
class Fails:
    """An error; the body is JSON unless it is a string."""

    status: int
    body: Any = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def like(cls, name: str, headers: Mapping[str, str] | None = None, model: str = MODEL) -> Fails:
        """An error of `shapes/errors.json`, such as `deepseek_balance`."""
        entry = shape("errors")[name]
        return cls(entry["status"], filled(entry["body"], {"MODEL": model}), headers or {})


@dataclass(frozen=True)
class Cuts:
    """The connection breaks after these pieces; with none, before any header."""

    after: str | Sequence[str] = ()
    shape: str = "vllm"


@dataclass(frozen=True)
class Hangs:
    """Silence for so many seconds, then the connection ends; before it these pieces, with none not even headers."""

    seconds: float
    after: str | Sequence[str] = ()
    shape: str = "vllm"


@dataclass(frozen=True)
class Drips:
    """One byte every `pause` seconds without end: of the text's stream, then of comments; or of the headers."""

    pause: float = 0.05
    text: str = ""
    headers: bool = False


@dataclass(frozen=True)
class Garbles:
    """Broken JSON: in an event after these pieces, or as the whole body of what is not streamed."""

    after: str | Sequence[str] = ()
    line: str = '{"choices": [{"delta": {"content": "半'


@dataclass(frozen=True)
class Empty:
    """Status 200 without an answer: `choices` empty, `content` empty or null, or a `body` of no bytes."""

    what: str = "choices"


@dataclass(frozen=True)
class Vectors:
    """Vectors from the hashes of the texts, the same for the same text and length.

    `wrong`: "" (all well), "count" (one too few), "nan", "lengths" (the last one is shorter), "shuffled"
    (in another order, told by `index`), "index" (an index twice), "empty" (no vector at all).
    """

    length: int = 8
    wrong: str = ""


@dataclass(frozen=True)
class Scores:
    """Scores by the share of the query's characters that stand in a text, best first.

    `shape` is one of `shapes/rerank.json`; a request with other fields is refused as that server would. `leave`
    keeps back so many of the last entries. Above `most` texts the server refuses.
    """

    shape: str = "tei"
    leave: int = 0
    most: int = 32


@dataclass(frozen=True)
class Lists:
    """The models that the server was given."""


Reply = Says | Fails | Cuts | Hangs | Drips | Garbles | Empty | Vectors | Scores | Lists
Script = Reply | Sequence[Reply] | Callable[[dict[str, Any]], Reply]


@dataclass
class Request:
    """One request as it came; `sent` are the moments (time.monotonic) at which pieces of text left."""

    method: str
    path: str
    headers: dict[str, str]  # names in lower case
    body: Any
    sent: list[float] = field(default_factory=list)
    gone: bool = False  # the client hung up before the reply was over


class ModelServer:
    """Serves while its context lasts; `requests` keeps what came, in order.

    With `key`, a request that does not bear it is refused with 401; a model that is not among `models` with 404.
    """

    def __init__(
        self,
        script: Script = (),
        *,
        embeddings: Script | None = None,
        rerank: Script | None = None,
        listing: Script | None = None,
        models: Sequence[str] = (MODEL,),
        key: str = "",
        shape: str = "vllm",
    ) -> None:
        self.requests: list[Request] = []
        self.models, self.key, self.shape = tuple(models), key, shape
        self.closing = Event()
        self._scripts: dict[str, Script] = {
            "chat/completions": script,
            "embeddings": Vectors() if embeddings is None else embeddings,
            "rerank": Scores() if rerank is None else rerank,
            "models": Lists() if listing is None else listing,
        }
        self._given = dict.fromkeys(self._scripts, 0)
        self._lock = Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._http.daemon_threads = True
        self._http.model_server = self  # type: ignore[attr-defined]
        self.connections: set[socket.socket] = set()
        self._thread = Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        for connection in list(self.connections):  # else kept-alive ones would be served on
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    @property
    def host(self) -> str:
        """The address without a path, such as http://127.0.0.1:43210."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def url(self) -> str:
        """The base address that OpenAI's clients want, ending in /v1."""
        return f"{self.host}/v1"

    @property
    def chats(self) -> list[Request]:
        """The requests to /chat/completions."""
        return self.to("chat/completions")

    def to(self, endpoint: str) -> list[Request]:
        """The requests to one endpoint, such as `embeddings` or `rerank`."""
        with self._lock:
            return [request for request in self.requests if request.path.endswith(f"/{endpoint}")]

    def reply(self, request: Request) -> Reply:
        """Notes the request and says what it gets."""
        with self._lock:
            self.requests.append(request)
        if self.key and request.headers.get("authorization") != f"Bearer {self.key}":
            return Fails.like("dashscope_key_refused")
        endpoint = next((name for name in self._scripts if request.path.endswith(f"/{name}")), "")
        if not endpoint:
            return Fails(404, {"detail": "Not Found"})
        model = (request.body or {}).get("model")
        if model is not None and model not in self.models:
            return Fails.like(f"{self.shape}_unknown_model", model=model)
        return self._next(endpoint, request.body)

    def _next(self, endpoint: str, body: dict[str, Any]) -> Reply:
        script = self._scripts[endpoint]
        if callable(script):
            return script(body)
        if not isinstance(script, Sequence):
            return script
        with self._lock:
            number = self._given[endpoint]
            self._given[endpoint] += 1
        return script[number] if number < len(script) else Fails(500, "the script is at its end")


class _Gone(Exception):
    """The reply ends here, and with it the connection."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # pieces must leave when they are written
    request_seen: Request

    @property
    def models(self) -> ModelServer:
        return self.server.model_server  # type: ignore[attr-defined, no-any-return]

    def handle(self) -> None:
        self.models.connections.add(self.connection)
        with suppress(ConnectionError):
            super().handle()
        self.models.connections.discard(self.connection)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: the tests read `requests`."""

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            body = json.loads(content or b"{}")
        except ValueError:  # such as what a tracing client sends
            body = {"raw": content}
        self._answer(body)

    def _answer(self, body: Any) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.request_seen = Request(self.command, self.path.split("?")[0], headers, body)
        try:
            reply = self.models.reply(self.request_seen)
            _WAYS[type(reply)](self, reply)
        except _Gone:
            self.close_connection = True
        except OSError:
            self.request_seen.gone = True
            self.close_connection = True

    # Ways to answer, one for each kind of reply.

    def says(self, reply: Says) -> None:
        form = shape(reply.shape)
        values = self._values(reply)
        if self.request_seen.body.get("stream"):
            self._open()
            for event in self._events(form["stream"], reply, values):
                self._event(event)
            self._event("[DONE]")
            self._chunk(b"")
            return
        if not self._rest(reply.delay):
            raise _Gone
        whole = filled(form["plain"], values | {"TEXT": "".join(reply.text)})
        if not reply.usage:
            del whole["usage"]
        self._send(200, whole)

    def fails(self, reply: Fails) -> None:
        self._send(reply.status, reply.body, reply.headers)

    def cuts(self, reply: Cuts) -> None:
        self._begin(reply.after, reply.shape)
        raise _Gone

    def hangs(self, reply: Hangs) -> None:
        self._begin(reply.after, reply.shape)
        self._rest(reply.seconds)
        raise _Gone

    def drips(self, reply: Drips) -> None:
        stream = (json.dumps(self._piece("vllm", reply.text), ensure_ascii=False)).encode()
        whole = b"data: " + stream + b"\n\n" if reply.text else b""
        if not reply.headers:
            self._open()
        for number in range(_MOST):
            byte = whole[number : number + 1] or b":"
            if reply.headers:
                self.wfile.write((b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * number)[number : number + 1])
            else:
                self._chunk(byte)
            if not self._rest(reply.pause):
                raise _Gone

    def garbles(self, reply: Garbles) -> None:
        if not (self.request_seen.body or {}).get("stream"):
            self._send(200, reply.line, {"Content-Type": "application/json"})
            return
        self._begin(reply.after, "vllm", always=True)
        self._event(reply.line)
        self._event("[DONE]")
        self._chunk(b"")

    def empty(self, reply: Empty) -> None:
        streamed = bool((self.request_seen.body or {}).get("stream"))
        if reply.what == "body":
            self._send(200, "", {"Content-Type": "text/event-stream" if streamed else "application/json"})
        elif reply.what == "content":
            self.says(Says([]))
        elif streamed:
            self._open()
            self._event(shape("vllm")["stream"]["usage"] | {"usage": None, "model": MODEL})
            self._event("[DONE]")
            self._chunk(b"")
        else:
            self._send(200, {**shape("vllm")["plain"], "choices": [], "usage": None, "model": MODEL})

    def vectors(self, reply: Vectors) -> None:
        body = self.request_seen.body
        texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
        if not all(isinstance(text, str) for text in texts):
            self._send(400, {"error": {"message": "input must be a string or a list of strings"}})
            return
        lists = [_vector(text, reply.length) for text in texts]
        if reply.wrong == "nan":
            lists[-1][-1] = float("nan")
        elif reply.wrong == "lengths":
            lists[-1].pop()
        packed = body.get("encoding_format") == "base64"
        data = [
            {"object": "embedding", "index": number, "embedding": _packed(values) if packed else values}
            for number, values in enumerate(lists)
        ]
        count = sum(len(text) for text in texts)
        usage = {"prompt_tokens": count, "total_tokens": count}
        self._send(
            200, {"object": "list", "data": _twisted(data, reply.wrong), "model": MODEL, "usage": usage}
        )

    def scores(self, reply: Scores) -> None:
        body, form = self.request_seen.body, shape("rerank")[reply.shape]
        field_name = form["request"][-1]
        if field_name not in body:
            self.fails(Fails.like("tei_fields" if reply.shape == "tei" else "jina_fields"))
            return
        texts = body[field_name]
        if len(texts) > reply.most:
            self.fails(Fails.like("tei_batch"))
            return
        asked = set(body["query"])
        scored = [(len(asked & set(text)) / max(1, len(asked)), number) for number, text in enumerate(texts)]
        ranked = sorted(scored, key=lambda pair: (-pair[0], pair[1]))
        entries = [
            filled(form["entry"], {"INDEX": number, "SCORE": score, "TEXT": texts[number]})
            for score, number in ranked[: len(ranked) - reply.leave]
        ]
        total = sum(len(text) for text in texts)
        self._send(200, filled(form["whole"], {"ENTRIES": entries, "MODEL": MODEL, "TOTAL": total}))

    def lists(self, reply: Lists) -> None:
        whole = shape(self.models.shape)["models"]
        entry = whole["data"][0]
        self._send(200, whole | {"data": [filled(entry, {"MODEL": name}) for name in self.models.models]})

    # What the ways are made of.

    def _values(self, reply: Says) -> dict[str, Any]:
        prompt = len(json.dumps(self.request_seen.body.get("messages"), ensure_ascii=False))
        count = len(reply.pieces)
        return {
            "MODEL": MODEL,
            "FINISH": reply.finish,
            "PROMPT": prompt,
            "COMPLETION": count,
            "TOTAL": prompt + count,
            "REASONING": "".join(reply.reasoning) or None,
        }

    def _events(self, form: Any, reply: Says, values: dict[str, Any]) -> Iterator[Any]:
        if form.get("comment"):
            self._chunk(f": {form['comment']}\n\n".encode())
        if form["opening"]:
            yield filled(form["opening"], values)
        for kind, pieces in (("reasoning", _pieces(reply.reasoning)), ("piece", reply.pieces)):
            for piece in pieces:
                if not self._rest(reply.delay):
                    raise _Gone
                yield filled(form[kind], values | {"TEXT": piece})
                if kind == "piece":
                    self.request_seen.sent.append(time.monotonic())
        closing = filled(form["closing"], values)
        if not reply.usage:
            closing.pop("usage", None)
        yield closing
        wanted = (self.request_seen.body.get("stream_options") or {}).get("include_usage")
        if form["usage"] and reply.usage and wanted:
            yield filled(form["usage"], values)

    def _piece(self, name: str, text: str) -> Any:
        return filled(shape(name)["stream"]["piece"], {"MODEL": MODEL, "TEXT": text})

    def _begin(self, pieces: str | Sequence[str], name: str, *, always: bool = False) -> None:
        """Headers and the first pieces of a stream; nothing at all when there are no pieces."""
        if pieces or always:
            self._open()
        for piece in _pieces(pieces):
            self._event(self._piece(name, piece))
            self.request_seen.sent.append(time.monotonic())

    def _open(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def _event(self, content: Any) -> None:
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        self._chunk(f"data: {text}\n\n".encode())

    def _chunk(self, content: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(content), content))

    def _send(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        content = (body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)).encode()
        kind = "text/plain; charset=utf-8" if isinstance(body, str) else "application/json"
        self.send_response(status)
        for name, value in ({"Content-Type": kind} | dict(headers or {})).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _rest(self, seconds: float) -> bool:
        """Waits; False when the server is closing meanwhile."""
        return not self.models.closing.wait(seconds) if seconds else True


_WAYS: dict[type, Callable[[_Handler, Any], None]] = {
    Says: _Handler.says,
    Fails: _Handler.fails,
    Cuts: _Handler.cuts,
    Hangs: _Handler.hangs,
    Drips: _Handler.drips,
    Garbles: _Handler.garbles,
    Empty: _Handler.empty,
    Vectors: _Handler.vectors,
    Scores: _Handler.scores,
    Lists: _Handler.lists,
}


def _pieces(text: str | Sequence[str]) -> list[str]:
    return [text[at : at + 6] for at in range(0, len(text), 6)] if isinstance(text, str) else list(text)


def _vector(text: str, length: int) -> list[float]:
    """Numbers between −1 and 1 that depend on the text alone."""
    raw = hashlib.shake_256(text.encode()).digest(2 * length)
    return [number / 32768 for number in struct.unpack(f"<{length}h", raw)]


def _packed(values: Sequence[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()


def _twisted(data: list[dict[str, Any]], wrong: str) -> list[dict[str, Any]]:
    if wrong == "shuffled":
        return data[::-1]
    if wrong == "index":
        return [entry | {"index": 0} for entry in data]
    return {"count": data[:-1], "empty": []}.get(wrong, data)
