"""`python -m eval`: check question sets, run systems over them, report, hold the gate."""

from __future__ import annotations

import sys

from eval.commands import main

if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
