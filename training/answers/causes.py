"""Why tuned questions are answered wrongly: one line for each, by the first step that went astray.

    python -m training.answers.causes dev|practice|drill [--libraries FOLDER] [--most N]

retrieval: no chunk that was found holds the evidence. composition: none of the drafts is right. choice: a right draft was
made and another one went out. refusal: a right draft was made and nothing went out; or something
went out although the documents do not say it. The surest of the wrong answers come first.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from assistant.answer.citing import cite
from assistant.answer.compose import compose
from assistant.chain import AnswerChain
from assistant.exchange import answer_line
from assistant.types import Answer, Status
from eval.dataset import read_items
from eval.documents import Corpus
from eval.metrics import held, why_wrong
from eval.types import Item
from training.answers.collect import SETS, opened

_LONGEST = 60  # characters of a question or an answer in a line


@dataclass(frozen=True, slots=True)
class Wrong:
    """A question that was answered wrongly."""

    item: Item
    answer: Answer
    cause: str

    def line(self) -> str:
        """The row of a Markdown table."""
        said = self.answer.text if self.answer.status is Status.ANSWERED else "（拒答）"
        cells = (self.item.id, self.item.category, self.cause, self.item.question.text, said)
        return "| " + " | ".join(" ".join(cell.split()).replace("|", "/")[:_LONGEST] for cell in cells) + " |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    options = _options(arguments)
    _, documents, questions = next(one for one in SETS if one[0] == options.set)
    with tempfile.TemporaryDirectory() as folder:
        chain = opened(documents, (options.libraries or Path(folder)) / options.set, reader=True)
        corpus = Corpus(documents)
        items = tqdm(read_items(questions), mininterval=10, disable=None)
        found = [wrong for item in items if (wrong := examined(chain, corpus, item)) is not None]
        chain.library.close()
    print(dict(Counter(wrong.cause for wrong in found)))
    for wrong in sorted(found, key=lambda w: -(w.answer.confidence or 0.0))[: options.most]:
        print(wrong.line())


def examined(chain: AnswerChain, corpus: Corpus, item: Item) -> Wrong | None:
    """What went wrong with a question; None where nothing did."""
    answer = chain.invoke(item.question)
    if not why_wrong(answer_line(item.id, item.question.text, answer, 0.0), item):
        return None
    refused = answer.status is not Status.ANSWERED
    if not item.answerable:
        return Wrong(item, answer, "refusal")
    found = chain._search.invoke(item.question)
    if found.answer is not None:
        return Wrong(item, answer, "refusal")
    spans = [hit.chunk.span for hit in found.hits]
    if not all(held(places, spans, corpus) for places in corpus.evidence(item.evidence)):
        return Wrong(item, answer, "retrieval")
    with chain._pinned():
        answerer = chain._state().answerer
        desk = answerer.desk(found.query, found.hits)
        texts = [cite(one.draft, desk.passages, answerer._names)[0] for one in compose(desk)[0]]
    right = any(text and not why_wrong({"status": "answered", "answer": text}, item) for text in texts)
    return Wrong(item, answer, ("refusal" if refused else "choice") if right else "composition")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("set", choices=[name for name, _, _ in SETS])
    parser.add_argument("--libraries", type=Path, help="folder to keep the indexed documents in")
    parser.add_argument("--most", type=int, default=50, help="lines printed")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
