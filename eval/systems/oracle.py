"""The upper bound of the scoring rule: a system that is shown the key."""

from __future__ import annotations

from assistant.types import Status
from eval.documents import Corpus, normalise
from eval.metrics import facts_found
from eval.systems.base import Line, Place, line_of
from eval.types import Item


class Oracle:
    """Answers with the reference and, where that leaves a fact out, the fact's first wording in the evidence."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus

    def answer_item(self, item: Item) -> Line:
        if not item.answerable:
            return {
                "status": Status.NOT_FOUND.value,
                "answer": item.reference,
                "citations": [],
                "retrieved": [],
            }
        places = [where[0] for where in self._corpus.evidence(item.evidence) if where]
        found = facts_found(item.reference, item.key_facts)
        quoted = normalise("".join(quote.text for quote in item.evidence))
        missing = [
            next((wording for wording in fact if normalise(wording) in quoted), "")
            for fact, there in zip(item.key_facts, found, strict=True)
            if not there
        ]
        text = "；".join(filter(None, [item.reference, *missing]))
        retrieved = [(place, 1.0 / rank) for rank, place in enumerate(places, start=1)]
        marks = "".join(f"[{number}]" for number in range(1, len(places) + 1))
        return line_of(self._corpus, text + marks, places, retrieved) | {"status": Status.ANSWERED.value}


def opened(place: Place) -> Oracle:
    """Over the folder's documents."""
    return Oracle(Corpus(place.corpus))
