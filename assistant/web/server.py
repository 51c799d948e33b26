"""The web server: the API, the page and the page's own files in one FastAPI application."""

from __future__ import annotations

import errno
import logging
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import ServeError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from assistant.settings import Settings
    from assistant.web.seam import Asker

STATIC = Path(__file__).with_name("static")
LEAVE_SECONDS = 2  # an open page holds a connection; leaving must not wait for it
NO_TELEMETRY: Any = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
# Why an address cannot be listened on, and what to do.
REFUSALS = {
    errno.EADDRINUSE: "端口 {port} 已被占用：可能已经打开了一个网页问答。请先关闭它，或设置环境变量 ASSISTANT_PORT 换一个端口",
    errno.EACCES: "没有权限使用端口 {port}，请设置环境变量 ASSISTANT_PORT 换一个大于 1024 的端口",
    errno.EADDRNOTAVAIL: "本机没有地址 {host}，请改正环境变量 ASSISTANT_HOST（只在本机使用时为 127.0.0.1）",
}
UNKNOWN_HOST = "无法在 {host}:{port} 提供网页（{reason}），请检查环境变量 ASSISTANT_HOST 与 ASSISTANT_PORT"
_LOG = logging.getLogger(__name__)


def create_app(asker: Asker, *, question_chars: int = 2000, model: bool = False) -> FastAPI:
    """The application over one chain: the page at /, the API at /api. `model`: a language model writes."""
    from fastapi import FastAPI
    from fastapi.staticfiles import StaticFiles

    from assistant.web.api import api_router, page_router
    from assistant.web.faults import speak_chinese
    from assistant.web.guard import LastResort, SafeHeaders, SizeLimit
    from assistant.web.page import mount_page

    # FastAPI's own documentation pages load their scripts from elsewhere.
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, telemetry=NO_TELEMETRY)
    speak_chinese(app)
    app.add_middleware(LastResort)
    app.add_middleware(SizeLimit)
    app.add_middleware(SafeHeaders)
    app.include_router(api_router(asker, question_chars))
    app.include_router(page_router(asker))
    app.mount("/page/static", StaticFiles(directory=STATIC), name="static")
    mount_page(app, asker, question_chars, model=model)
    return app


def serve(settings: Settings) -> None:
    """Serve the page on the settings' address until interrupted. Raises ServeError, and what building the chain does."""
    # The address comes first: a port in use should be said at once, not after seconds of loading.
    with reserve(settings.host, settings.port) as listener:
        from assistant.chain import build

        chain = build(settings)
        chain.warm()
        app = create_app(chain, question_chars=settings.question_chars, model=bool(settings.chat_url))
        run(app, listener)


def run(app: FastAPI, listener: socket.socket) -> None:
    """Serve an application on an open socket; Ctrl-C returns."""
    import uvicorn

    class Server(uvicorn.Server):
        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            # Open pages are cut off after a while, and each would be logged as a failure with its traceback.
            logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
            await super().shutdown(sockets)

    config = uvicorn.Config(
        app, log_level="warning", timeout_graceful_shutdown=LEAVE_SECONDS, server_header=False
    )
    sys.stderr.write(f"网页已打开：{address(listener)} （按 Ctrl+C 结束）\n")
    sys.stderr.flush()
    try:
        Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        _LOG.info("interrupted")


def reserve(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one. Raises ServeError."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise ServeError(_refusal(error, host, port)) from error
    try:
        # Elsewhere than on Windows this lets a restart take the port over at once; there it would share it.
        if sys.platform != "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(place)
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise ServeError(_refusal(error, host, port)) from error
    return listener


def address(listener: socket.socket) -> str:
    """The address that a browser on this computer opens."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _refusal(error: OSError, host: str, port: int) -> str:
    reason = REFUSALS.get(error.errno or 0, UNKNOWN_HOST)
    return reason.format(host=host, port=port, reason=error.strerror or error)
