"""The command line: ingest, ask, chat, answer, serve, status.

Nothing heavy is imported before a command needs it, so that help and errors come at once.
"""

from assistant.cli.commands import run

__all__ = ["run"]
