"""Calls to model servers: what their failures mean, when to try again, and an end to every wait.

A call may fail in many ways, and each library names them in its own; `explained` turns all of them into RemoteError
with one Chinese line that says what is wrong and which setting to look at, never with the key.
"""

from __future__ import annotations

import random
import re
import ssl
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from itertools import count
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from assistant.errors import RemoteError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openai import DefaultHttpxClient

T = TypeVar("T")

CONNECT = 10.0  # seconds to wait for a connection; a server that is there takes far less
FIRST_PAUSE = 0.5  # seconds before the second try; doubled before each further one
SAID = 120  # characters of a server's own words that are passed on
# Whatever else a library would send (its version, the operating system, OPENAI_ORG_ID, OPENAI_CUSTOM_HEADERS)
# is nobody's business.
_SENT = {
    "accept",
    "accept-encoding",
    "connection",
    "content-length",
    "content-type",
    "host",
    "transfer-encoding",
}


@dataclass(frozen=True, slots=True)
class Part:
    """What a server is for: its name in messages, the prefix of its settings, and what they say of it."""

    name: str
    prefix: str
    address: str  # what its address should look like
    smaller: str  # what makes its requests shorter


CHAT = Part("对话模型", "ASSISTANT_CHAT", "通常以 /v1 结尾", "可以调低 ASSISTANT_CHAT_CONTEXT")
EMBED = Part("向量模型", "ASSISTANT_EMBED", "通常以 /v1 结尾", "可以调低 ASSISTANT_EMBED_BATCH")
RERANK = Part("重排模型", "ASSISTANT_RERANK", "应为 /rerank 的完整地址", "请换用能处理更长文字的模型")


@dataclass(frozen=True, slots=True)
class _Rule:
    """What a reply with such a status and such words in it means; the first rule that fits decides."""

    status: str  # pattern of the whole status
    words: str  # pattern of a piece of the body, in any case
    message: str
    passing: bool = False


_UNKNOWN = r"model_not_found|no such model|无可用渠道|model[^.]{0,120}?(?:does not exist|not exist|not found)"
_LONG = r"context.{0,3}(?:length|window|size)|too (?:long|large|many tokens)|maximum.{0,20}(?:length|tokens|batch)|batch size"
_SPENT = r"insufficient.{0,3}(?:quota|balance)|arrearage|billing|overdue"
_CENSORED = r"data_?inspection|content_?(?:filter|policy)|inappropriate content|sensitive"
_RULES = (
    _Rule("3..", "", "{name}的地址已转往别处：请检查 {prefix}_URL"),
    _Rule("40[0134]|422|503", _UNKNOWN, "{name}的服务没有所设的模型：请检查 {prefix}_MODEL"),
    _Rule("402", "", "{name}的账户余额不足"),
    _Rule("400|403|429", _SPENT, "{name}的账户额度已用完"),
    _Rule("40[13]", "", "{name}的密钥被拒绝：请检查 {prefix}_KEY"),
    _Rule("400|403", _CENSORED, "{name}的内容审查没有放行"),
    _Rule("404|405", "", "{name}的地址不对（{status}）：请检查 {prefix}_URL，{address}"),
    _Rule("400|422", _LONG, "发给{name}的内容太长：{smaller}"),
    _Rule("413", "", "发给{name}的内容太长：{smaller}"),
    _Rule("408", "", "{name}的服务等候超时", passing=True),
    _Rule("429", "", "{name}的服务请求过多，请稍后再试", passing=True),
    _Rule("5..", "", "{name}的服务出错（{status}）", passing=True),
    _Rule("...", "", "{name}的服务不接受请求（{status}）{said}"),
)
# By the class of an error or of what caused it; the generations of httpx share these names. First fit decides.
_FAULTS = (
    (
        "ConnectionRefusedError",
        "连不上{name}的服务（连接被拒绝）：请确认服务已启动，并检查 {prefix}_URL",
        False,
    ),
    ("gaierror", "找不到{name}的主机：请检查 {prefix}_URL", False),
    ("SSLCertVerificationError", "{name}的服务证书无法验证：请让系统信任签发它的机构", False),
    (
        "SSLError",
        "与{name}的服务建不成加密连接：请检查 {prefix}_URL 应以 http:// 还是 https:// 开头",
        False,
    ),
    (
        "UnsupportedProtocol",
        "{name}的地址无法使用：请检查 {prefix}_URL，应以 http:// 或 https:// 开头",
        False,
    ),
    ("InvalidURL", "{name}的地址无法使用：请检查 {prefix}_URL，应以 http:// 或 https:// 开头", False),
    ("ConnectTimeout", "连不上{name}的服务（没有回应）：请检查 {prefix}_URL", False),
    ("TimeoutException", "{name}在限定时间内没有答完：可以调高 {prefix}_TIMEOUT", True),
    ("TimeoutError", "{name}在限定时间内没有答完：可以调高 {prefix}_TIMEOUT", True),
    ("ConnectError", "连不上{name}的服务：请检查 {prefix}_URL", True),
    ("TransportError", "与{name}的连接中断", True),
    ("JSONDecodeError", "{name}的服务返回了无法解读的内容", True),
    ("UnicodeDecodeError", "{name}的服务返回了无法解读的内容", True),
    ("APIError", "{name}的服务中途出错{said}", True),
)


def explained(error: Exception, part: Part) -> RemoteError:
    """What an error of openai, httpx or this module means, as the one error that callers know."""
    if isinstance(error, RemoteError):
        return error
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    if status is not None:
        return _refused(error, str(status), response, part)
    names = {kind.__name__ for link in _chain(error) for kind in type(link).__mro__}
    for name, message, passing in _FAULTS:
        if name in names:
            return RemoteError(_worded(message, part, said=_said(error)), passing=passing)
    return RemoteError(_worded("{name}没有答成" + f"（{type(error).__name__}）", part))


def _refused(error: Exception, status: str, response: Any, part: Part) -> RemoteError:
    body = str(_body(error))
    rule = next(
        rule
        for rule in _RULES
        if re.fullmatch(rule.status, status) and re.search(rule.words, body, re.IGNORECASE | re.DOTALL)
    )
    message = _worded(rule.message, part, status=status, said=_said(error))
    return RemoteError(message, passing=rule.passing, wait=waiting_time(response.headers))


def _worded(message: str, part: Part, **more: str) -> str:
    return message.format(
        name=part.name, prefix=part.prefix, address=part.address, smaller=part.smaller, **more
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _body(error: Exception) -> Any:
    """What the server sent with the error: decoded JSON or text."""
    body = getattr(error, "body", None)
    if body is not None:
        return body
    return getattr(getattr(error, "response", None), "text", "")


def _said(error: Exception) -> str:
    """The server's own words as one short line, without the key and without pages of markup."""
    words = _body(error)
    while isinstance(words, dict):
        words = words.get("message") or words.get("error") or words.get("detail") or ""
    text = " ".join(str(words).split())
    key = _key(error)
    if key:
        text = text.replace(key, "***")
    text = "".join(c for c in re.sub(r"\bsk-[\w*-]+", "***", text) if c.isprintable())
    return f"：{text[:SAID]}" if text and not text.startswith("<") else ""


def _key(error: Exception) -> str:
    request = getattr(error, "request", None)
    headers: Mapping[str, str] = getattr(request, "headers", {})
    return headers.get("authorization", "").removeprefix("Bearer ").strip()


def waiting_time(headers: Mapping[str, str]) -> float | None:
    """Seconds that `Retry-After` asks for, given as seconds or as a date; None where it says nothing usable."""
    told = headers.get("retry-after", "").strip()
    try:
        if re.fullmatch(r"\d+(?:\.\d+)?", told):
            return float(told)
        moment = parsedate_to_datetime(told)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a call may take with all its tries, in seconds, and how many further tries it has."""

    limit: float
    retries: int

    def run(self, call: Callable[[float], T]) -> T:
        """What the call gives; it is told the seconds left.

        Only RemoteError with `passing` is tried again, after the time the server asks for or after 0.5 s, 1 s,
        2 s …, give or take a quarter so that many callers do not come back at once. Where that does not fit into
        the limit, the last error is raised at once.
        """
        end = time.monotonic() + self.limit
        for tries in count():
            try:
                return call(end - time.monotonic())
            except RemoteError as error:
                pause = (
                    FIRST_PAUSE * 2**tries * random.uniform(0.75, 1.25) if error.wait is None else error.wait
                )
                if not error.passing or tries >= self.retries or time.monotonic() + pause >= end:
                    raise
            time.sleep(pause)
        raise AssertionError("unreachable")


def connection(key: str, seconds: float, part: Part) -> DefaultHttpxClient:
    """An HTTP client for one call, whose single steps take at most so many seconds.

    It uses no proxy, password file or header from the environment and follows no redirection, which could carry the
    key elsewhere. Without a key, a name and password in the address count. Raises RemoteError for a key that no
    header can hold.
    """
    from openai import DefaultHttpxClient, Timeout

    if not (key.isascii() and key.isprintable()):
        raise RemoteError(f"{part.name}的密钥含有不能使用的字符：请检查 {part.prefix}_KEY")

    def bare(request: Any) -> None:
        sent = _SENT | {"authorization"} if request.url.userinfo else _SENT  # http://user:password@host
        for name in [name for name in request.headers if name.lower() not in sent]:
            del request.headers[name]
        request.headers["user-agent"] = "policy-assistant"
        if key:
            request.headers["authorization"] = f"Bearer {key}"

    return DefaultHttpxClient(
        trust_env=False,
        verify=_trusted(),
        follow_redirects=False,
        timeout=Timeout(seconds, connect=min(seconds, CONNECT)),
        event_hooks={"request": [bare]},
    )


@cache
def _trusted() -> ssl.SSLContext:
    """The certificates that this computer trusts; reading them takes too long to do it for each call."""
    return ssl.create_default_context()


def ask(url: str, body: object = None, *, part: Part, key: str, seconds: float) -> Any:
    """The JSON that an address gives for JSON posted to it, or for a plain GET without a body.

    One try, over after so many seconds even if the server sends byte after byte. Raises RemoteError.
    """
    client = connection(key, seconds, part)

    def work(put: Callable[[Any], None]) -> None:
        response = client.get(url) if body is None else client.post(url, json=body)
        response.raise_for_status()
        put(response.json())

    try:
        with closing(relayed(work, seconds, client.close)) as replies:
            return next(replies)
    except Exception as error:  # noqa: BLE001 - it becomes the error that callers know, without its cause: the key
        raise explained(error, part) from None


@dataclass(frozen=True, slots=True)
class _End:
    error: BaseException | None


def relayed(
    work: Callable[[Callable[[T], None]], None], seconds: float, hang_up: Callable[[], None]
) -> Generator[T]:
    """What `work` puts out, one by one, while it works in a thread of its own; raises what it raises.

    No time limit of a library covers all that can take long: looking a name up, or a server that sends a byte now and
    then. Here TimeoutError comes after so many seconds whatever happens. `hang_up` is called at the end, also when
    nobody wants to hear more; it must make the work stop.
    """
    items: SimpleQueue[T | _End] = SimpleQueue()
    end = time.monotonic() + seconds

    def run() -> None:
        try:
            work(items.put)
        except BaseException as error:  # noqa: BLE001 - it is raised where the items are awaited
            items.put(_End(error))
        else:
            items.put(_End(None))

    threading.Thread(target=run, name="model call", daemon=True).start()
    try:
        while True:
            try:
                item = items.get(timeout=max(0.0, end - time.monotonic()))
            except Empty:
                raise TimeoutError from None
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item
    finally:
        hang_up()
