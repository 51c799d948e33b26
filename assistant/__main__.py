"""`python -m assistant`: the command line, with the page behind its command `serve`."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from assistant.cli import run

if TYPE_CHECKING:
    from assistant.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line (default: of this process); returns the exit code."""
    return run(sys.argv[1:] if arguments is None else arguments, serve=_serve)


def _serve(settings: Settings) -> None:
    from assistant.web.server import serve  # Gradio takes seconds to import

    serve(settings)


if __name__ == "__main__":
    # Starting makes a million objects that stay to the end: looking for garbage among them, while they come and
    # again before leaving, would cost a fifth of the time of one question.
    gc.set_threshold(50_000)
    code = main()
    gc.freeze()
    raise SystemExit(code)
