"""A real server in a thread, on a free port."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from socket import socket
from typing import Any

import uvicorn

from assistant.web.server import address, create_app, reserve


class _Served(threading.Thread):
    """The server with the application it serves, both in one event loop of its own."""

    def __init__(self, asker: Any, listener: socket, **options: Any) -> None:
        super().__init__(daemon=True)
        self._asker, self._listener, self._options = asker, listener, options
        self.server: uvicorn.Server | None = None

    def run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        app = create_app(self._asker, **self._options)
        self.server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1))
        await self.server.serve(sockets=[self._listener])

    def stop(self) -> None:
        if self.server:
            self.server.should_exit = True
        self.join(10)


@contextmanager
def served(asker: Any, **options: Any) -> Iterator[str]:
    """The address of the page over a chain, as long as the block runs; the options are those of `create_app`."""
    with reserve("127.0.0.1", 0) as listener:
        thread = _Served(asker, listener, **options)
        thread.start()
        while not (thread.server and thread.server.started):
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        try:
            yield address(listener)
        finally:
            thread.stop()
