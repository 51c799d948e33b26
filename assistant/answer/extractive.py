"""The answerer that needs no model: ranks sentences, composes by kind, verifies, refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from assistant.answer.choosing import Choice, choose
from assistant.answer.citing import cite
from assistant.answer.compose import UNEXPLAINED, Desk
from assistant.answer.drafts import GLANCE, Draft, Part
from assistant.answer.ranking import Candidate, Ranking, scaled
from assistant.answer.refusal import judge
from assistant.answer.sided import drafted
from assistant.language.regions import short_name
from assistant.search.catalog import Catalog
from assistant.search.matching import matcher_for
from assistant.search.passages import Passages
from assistant.search.reading import Readings
from assistant.search.retrieval import Retriever
from assistant.types import Answer, Hit, Query, Status

NOT_IN_FORCE = {
    "征求意见稿": "注：所引文件是征求意见稿，尚未正式印发。",
    "草案": "注：所引文件是草案。",
    "已废止": "注：所引文件已废止。",
}
UNPROVEN = "资料中没有能核实的内容"
_NEARBY = 80  # characters of the nearest passage that a refusal shows
_WORTH_SHOWING = 0.3  # of the question that it must cover


class ExtractiveAnswerer:
    """Answers from the retriever's hits in the documents' own words."""

    def __init__(
        self,
        passages: Passages,
        retriever: Retriever,
        similar: Callable[[Query, Sequence[str]], Sequence[float]],
        catalog: Catalog,
        regions: frozenset[str],
        readings: Readings | None = None,
        understood: Callable[[str, str], Query] | None = None,
    ) -> None:
        self._readings, self._understood = readings, understood
        self._passages, self._retriever, self._similar = passages, retriever, similar
        self._people, self._regions = catalog.people, regions
        self._homes, self._names = frozenset(catalog.regions), frozenset(catalog.people)

    def answer(self, query: Query, hits: Sequence[Hit]) -> Answer:
        """The whole answer to a query, from its hits."""
        desk = self.desk(query, hits)
        desk, alternatives, reason = drafted(desk)
        choices = self._brief(choose(desk, alternatives, reason == UNEXPLAINED))
        verdict = judge(desk, choices, self._regions, reason)
        if verdict.draft is None:
            return replace(self._refuse(desk, verdict.reason, hits), confidence=verdict.confidence)
        text, citations = cite(verdict.draft, self._passages, self._names)
        if not text:
            return self._refuse(desk, UNPROVEN, hits)
        text += self._remarks(verdict.draft)
        return Answer(Status.ANSWERED, text, citations, tuple(hits), confidence=verdict.confidence)

    def _brief(self, choices: Sequence[Choice]) -> Sequence[Choice]:
        """The choices that are one glance with the remark on their documents; all of them, if none is."""
        drafts = [(choice, choice.alternative.draft) for choice in choices]
        return [c for c, draft in drafts if len(draft.text) + len(self._remarks(draft)) <= GLANCE] or choices

    def _remarks(self, draft: Draft) -> str:
        return remarks((span.doc for part in draft.parts for span in part.spans), self._passages)

    def desk(self, query: Query, hits: Sequence[Hit], *, read: bool = True) -> Desk:
        """The ranked candidates of a query, ready for composing; without `read` no reader is asked."""
        readings = self._readings if read else None
        matcher = matcher_for(query, self._passages.rarity)
        similar = partial(self._similar, query)
        ranking = Ranking(query, matcher, self._passages, similar, readings)
        candidates = ranking.candidates(hits)
        judged = partial(readings.judged, query.standalone) if readings is not None else None
        return Desk(
            query,
            matcher,
            self._passages,
            candidates,
            self._search,
            self._people,
            self._homes,
            lambda texts: scaled(similar(texts)),
            self._understood,
            self._opened if self._understood is not None else None,
            judged,
        )

    def _opened(self, text: str, before: str) -> Desk:
        """The work on one side of a question; what it leaves unsaid was said `before`."""
        assert self._understood is not None
        query = self._understood(text, before)
        return replace(self.desk(query, self._retriever.retrieve(query, read=False), read=False), opened=None)

    def _search(self, query: Query) -> Sequence[Candidate]:
        """The candidates of one side of a question; reading each side brought no more right answers, and takes long."""
        return self.desk(query, self._retriever.retrieve(query, read=False), read=False).candidates

    def _refuse(self, desk: Desk, reason: str, hits: Sequence[Hit]) -> Answer:
        nearest = next(iter(desk.body()), None)
        if nearest is None or nearest.whole < _WORTH_SHOWING:
            return Answer(Status.NOT_FOUND, reason + "。", (), tuple(hits))
        quote = desk.quote(nearest.unit, most=_NEARBY, whole=_NEARBY)
        text, citations = cite(Draft((Part(quote.text, quote.spans),)), self._passages, self._names)
        # Another place's figures must not pass for those of the place asked for.
        places = [short_name(region) for region in nearest.unit.regions]
        named = f"（{places[0]}）" if len(places) == 1 and places[0] not in desk.question + quote.text else ""
        nearby = f"相近的内容{named}：{text}" if text else ""
        return Answer(Status.NOT_FOUND, f"{reason}。{nearby}", citations, tuple(hits))


def remarks(docs: Iterable[str], passages: Passages) -> str:
    """What a reader must know of the documents cited: that one is a draft, or no longer in force."""
    documents = (passages.pages(doc).document for doc in docs)
    return "".join(dict.fromkeys(NOT_IN_FORCE.get(document.status, "") for document in documents))


def snapshots(answer: Answer) -> Iterator[Answer]:
    """Growing snapshots of an answer, one for each sentence or line; the last one is whole."""
    text = answer.text
    ends = [i + 1 for i, char in enumerate(text) if char in "。；\n" and i + 1 < len(text)]
    for end in ends:
        yield replace(answer, text=text[:end])
    yield answer


def declined(reason: str) -> Answer:
    """The reply to what is out of scope."""
    return Answer(Status.DECLINED, reason)
