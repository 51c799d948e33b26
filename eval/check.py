"""Whether question sets can be trusted: quotes that stand, keys that can be met, splits that do not leak."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from eval.dataset import Minimum
from eval.documents import Corpus, normalise
from eval.metrics import facts_found, forbidden_found, why_wrong
from eval.systems.oracle import Oracle
from eval.types import CATEGORIES, Item, QuestionSet

ALIKE = 0.7  # Jaccard likeness of bigrams from which two questions count as the same


@dataclass(frozen=True, slots=True)
class Counts:
    """What some sets come to together."""

    questions: int
    unanswerable: int
    categories: Mapping[str, int]
    documents: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Findings:
    """`errors` must be mended; `warnings` are worth a look. Questions of locked sets are named by id only."""

    errors: tuple[str, ...]
    warnings: tuple[str, ...]


def check(
    sets: Sequence[QuestionSet], corpora: Mapping[str, Corpus], minimums: Sequence[Minimum] = ()
) -> Findings:
    """Look for everything that would make a verdict wrong. `corpora` gives the documents of each set by its name."""
    errors: list[str] = []
    for one in sets:
        for item in one.items:
            where = f"{one.path} 第 {item.line} 行（{item.id}）"
            told = faults(item, corpora[one.name])
            errors += [f"{where}：{fault.partition('：')[0] if one.locked else fault}" for fault in told]
    errors += [fault for minimum in minimums for fault in _short(minimum, sets, corpora)]
    return Findings(tuple(errors), tuple(_repeats(sets, corpora)))


def faults(item: Item, corpus: Corpus) -> Iterator[str]:
    """What is wrong with one question's key."""
    for doc in item.about:
        if doc not in corpus.texts:
            yield f"about 里的文件 {doc} 不存在"
    for quote in item.evidence:
        if quote.doc not in corpus.texts:
            yield f"依据所在的文件 {quote.doc} 不存在"
        elif not corpus.places(quote):
            yield f"依据不是 {quote.doc} 的原文：{quote.text[:40]}"
    if not item.answerable:
        if item.evidence or item.key_facts:
            yield "不可回答的题不应有依据和要点"
        return
    yield from _key_faults(item, corpus)


def counts(sets: Sequence[QuestionSet], corpora: Mapping[str, Corpus]) -> Counts:
    """Questions by category and by document. A question on two documents counts for both."""
    items = [item for one in sets for item in one.items]
    there = [doc for one in sets for doc in corpora[one.name].texts]
    documents = Counter(doc for item in items for doc in item.documents)
    categories = Counter(item.category for item in items)
    return Counts(
        questions=len(items),
        unanswerable=sum(not item.answerable for item in items),
        categories={name: categories[name] for name in CATEGORIES},
        documents={name: documents[name] for name in dict.fromkeys(there)},
    )


def likeness(a: Item, b: Item) -> float:
    """Jaccard likeness, 0 … 1, of the character bigrams of two questions, each with what the user said before."""
    first, second = _bigrams(a), _bigrams(b)
    return len(first & second) / max(1, len(first | second))


def _key_faults(item: Item, corpus: Corpus) -> Iterator[str]:
    if not item.evidence:
        yield "可回答的题要有依据"
    if not item.key_facts:
        yield "可回答的题要有要点，否则答什么都算对"
    said = item.reference + "\n".join(quote.text for quote in item.evidence)
    for fact, there in zip(item.key_facts, facts_found(said, item.key_facts), strict=True):
        if not there:
            yield f"要点既不在依据里也不在参考答案里：{' / '.join(fact)}"
    for wording in forbidden_found(item.reference, item.forbidden):
        yield f"参考答案含有禁用内容：{wording}"
    reason = why_wrong(Oracle(corpus).answer_item(item), item)
    if reason:
        yield f"照参考答案回答也会判错（{reason}）"


def _short(minimum: Minimum, sets: Sequence[QuestionSet], corpora: Mapping[str, Corpus]) -> Iterator[str]:
    meant = [one for one in sets if one.name in minimum.sets]
    if len(meant) < len(minimum.sets):
        return  # only some of them are looked at
    name, found = "+".join(minimum.sets), counts(meant, corpora)
    if found.questions < minimum.questions:
        yield f"{name} 共 {found.questions} 题，要求至少 {minimum.questions} 题"
    for what, least, table in (
        ("类别", minimum.category, found.categories),
        ("文件", minimum.document, found.documents),
    ):
        for key, number in table.items():
            if number < least:
                yield f"{name} 的{what} {key} 只有 {number} 题，要求至少 {least} 题"
    if found.unanswerable < minimum.unanswerable * found.questions:
        share = 100 * found.unanswerable / max(1, found.questions)
        yield f"{name} 不可回答的题占 {share:.0f}%，要求至少 {100 * minimum.unanswerable:.0f}%"


def _repeats(sets: Sequence[QuestionSet], corpora: Mapping[str, Corpus]) -> Iterator[str]:
    """Questions that are nearly the same, over the same documents."""
    placed = [(one, item) for one in sets for item in one.items]
    grams = {id(item): _bigrams(item) for _, item in placed}
    for (one, a), (other, b) in combinations(placed, 2):
        first, second = grams[id(a)], grams[id(b)]
        if min(len(first), len(second)) < ALIKE * max(len(first), len(second)):
            continue
        if len(first & second) < ALIKE * len(first | second):
            continue
        if corpora[one.name].hash == corpora[other.name].hash:
            across = "，一题在锁定集内" if one.locked != other.locked else ""
            yield f"{one.name}/{a.id} 与 {other.name}/{b.id} 几乎是同一问题{across}"


def _bigrams(item: Item) -> frozenset[str]:
    earlier = [turn.text for turn in item.question.history if turn.role == "user"]
    text = normalise("".join([*earlier, item.question.text]))
    return frozenset(text[i : i + 2] for i in range(len(text) - 1)) or frozenset({text})
