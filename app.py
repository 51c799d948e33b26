"""`python app.py`: the page in the browser, on the library of `data/library`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from assistant.cli import run

if TYPE_CHECKING:
    from assistant.settings import Settings


def page(settings: Settings) -> None:
    """Serve the page until interrupted."""
    from assistant.web.server import serve  # Gradio takes seconds to import

    serve(settings)


if __name__ == "__main__":
    raise SystemExit(run(["serve", *sys.argv[1:]], serve=page))
