"""The retriever in LangChain's own terms, for other LangChain code."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as Page
from langchain_core.retrievers import BaseRetriever

from assistant.types import Hit


class PolicyRetriever(BaseRetriever):
    """Gives the passages of `find` as LangChain documents; offsets and structure stand in the metadata."""

    find: Callable[[str, int], Sequence[Hit]]
    k: int = 5

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Page]:
        del run_manager
        return [page(hit) for hit in self.find(query, self.k)]


def page(hit: Hit) -> Page:
    """A hit as a LangChain document."""
    chunk = hit.chunk
    return Page(
        id=chunk.id,
        page_content=chunk.text,
        metadata={
            "doc": chunk.span.doc,
            "start": chunk.span.start,
            "end": chunk.span.end,
            "score": hit.score,
            "heading_path": list(chunk.heading_path),
            "speaker": chunk.speaker,
            "region": chunk.region,
            "years": list(chunk.years),
            "kind": chunk.kind.value,
        },
    )
