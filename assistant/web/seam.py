"""What the page and the API need of the chain; `assistant.chain.AnswerChain` has it, and so has the tests' double."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from assistant.types import Answer, Block, Document, Question


class Shelf(Protocol):
    """The documents as they are now."""

    @property
    def generation(self) -> str | int:
        """Changes whenever the documents do."""

    def refresh(self) -> object:
        """Looks whether a newer state has been written, and turns to it."""

    def documents(self) -> Sequence[Document]:
        """All documents."""

    def blocks(self, doc: str) -> Sequence[Block]:
        """The structure of one document."""


class Asker(Protocol):
    """Answers questions; calls come from several threads."""

    @property
    def library(self) -> Shelf:
        """What the answers are written from."""

    def invoke(self, input: Question, /) -> Answer:
        """The whole answer."""

    def stream(self, input: Question, /) -> Iterator[Answer]:
        """Growing snapshots, some of them more than once; the last one is whole."""
