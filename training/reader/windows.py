"""Makes groups of examples out of the sources: windows that hold the answer, and others that only look like it."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence

from training.reader.neighbours import Neighbours, bigrams
from training.reader.sources import LawQuestion
from training.reader.types import Example, Group, Passage, Reading, Stretch

SHORTEST, LONGEST = 120, 240  # characters of a window
_YEAR = re.compile(r"(1[0-9]|20)\d\d(?=年)")
_PLACE = re.compile(r"[\u4e00-\u9fff]{2,3}(?:省|市|县|区|镇|乡)(?![\u4e00-\u9fff]?(?:里|内|民|域|级|政府))")
_MOVED = 0.4  # of the unanswerable ones beside written pairs; the others are like passages
_SIBLING = 0.6  # of those: sections of the same document
_RIVAL_SURE = 0.7  # a passage that nobody read for the question may answer by chance
_CLOSED = "。！？；"
_FRAGMENTS, _SHORTEST_PIECE = (
    2,
    12,
)  # sentences without the answer beside one with it; characters of a sentence
_WRONG, _WRONG_ALONE = 3, 2  # drafts beside a right one; of a question without one
_LAW_SURE = 0.3  # an article that nobody named may still answer


def paragraph_groups(
    readings: Sequence[Reading],
    neighbours: Neighbours,
    rng: random.Random,
    misses: float,
    size: int | None = None,
) -> Iterator[Group]:
    """One group for each reading: a window with its answer and, in a share `misses` of them, one without.

    `size` is the number of characters of every window; otherwise each has its own.
    """
    for reading in readings:
        at = reading.answer
        start, text = window(reading.paragraph, at, size or rng.randint(SHORTEST, LONGEST), rng)
        spans = ((at[0] - start, at[1] - start),)
        examples = [Example(reading.question, Passage(text), answerable=True, spans=spans)]
        if rng.random() < misses:
            examples += _miss(reading, examples[0], neighbours, rng)
        yield Group(tuple(examples), "paragraphs")


def law_groups(
    questions: Sequence[LawQuestion],
    articles: Mapping[str, Passage],
    rivals: Mapping[str, Sequence[str]],
    rng: random.Random,
    others: int,
) -> Iterator[Group]:
    """One group for each question: an article that settles it before `others` of its `rivals`."""
    for asked in questions:
        among = [id for id in rivals[asked.question] if id not in asked.positive]
        chosen = [articles[id] for id in rng.sample(among, min(others, len(among)))]
        first = articles[rng.choice(asked.positive)]
        examples = [Example(asked.question, _cut(first, rng), answerable=True, sure=_LAW_SURE)]
        examples += [Example(asked.question, _cut(p, rng), answerable=False, sure=_LAW_SURE) for p in chosen]
        yield Group(tuple(examples), "law")


def written_groups(
    examples: Sequence[Example], neighbours: Neighbours, rng: random.Random, misses: float
) -> Iterator[Group]:
    """One group for each written pair; beside a share of the answerable ones stands one that is not.

    That is another section of the same document, a like passage, or the same one about another place or year, which is
    exchanged in the question or in the passage.
    """
    siblings: dict[str, list[Passage]] = {}
    for passage in dict.fromkeys(e.passage for e in examples):
        siblings.setdefault(_title(passage), []).append(passage)
    places = sorted({p for e in examples for p in _PLACE.findall(e.question) if p in e.passage.where})
    for example in examples:
        beside: Example | None = None
        if example.answerable and rng.random() < misses:
            beside = _moved(example, places, rng) if rng.random() < _MOVED else None
            if beside is None:
                beside = _rival(example, siblings[_title(example.passage)], neighbours, rng)
        ranked = beside is not None and beside.question == example.question
        yield Group((example, beside) if beside else (example,), "written", ranked)


def fragment_groups(examples: Sequence[Example], share: float, rng: random.Random) -> Iterator[Group]:
    """For a share of the examples, single sentences of their passages: that which holds the answer, and others.

    So a piece of a passage can be judged as an answer by itself. Where the passage does not answer, neither does the
    sentence of it that looks most like an answer.
    """
    for example in examples:
        if rng.random() >= share:
            continue
        pieces = _sentences(example.passage.text)
        holding = [(a, b) for a, b in pieces if any(a <= s and e <= b for s, e in example.spans)]
        others = [(a, b) for a, b in pieces if not any(s < b and a < e for s, e in example.spans)]
        others.sort(key=lambda at: -_alike(example.question, example.passage.text[slice(*at)]))
        wrong = [_piece(example, at, answerable=False) for at in others[:_FRAGMENTS]]
        if holding and example.answerable:
            right = _piece(example, rng.choice(holding), answerable=True)
            yield Group((right, *wrong), "fragments", ranked=bool(wrong))
        elif wrong and not example.answerable:
            yield Group((wrong[0],), "fragments", ranked=False)


def drafted_groups(questions: Sequence[Sequence[Example]], rng: random.Random) -> Iterator[Group]:
    """For each question a right draft before some wrong ones; where none is right, wrong ones by themselves."""
    for drafts in questions:
        right = [e for e in drafts if e.answerable]
        wrong = [e for e in drafts if not e.answerable]
        chosen = rng.sample(wrong, min(_WRONG if right else _WRONG_ALONE, len(wrong)))
        if right:
            yield Group((rng.choice(right), *chosen), "drafted", ranked=bool(chosen))
        else:
            yield from (Group((example,), "drafted", ranked=False) for example in chosen)


def _piece(example: Example, at: Stretch, *, answerable: bool) -> Example:
    start, end = at
    spans = tuple((s - start, e - start) for s, e in example.spans if start <= s and e <= end)
    piece = Passage(example.passage.text[start:end], example.passage.where)
    return Example(example.question, piece, answerable, spans, 1.0 if answerable else _RIVAL_SURE)


def _sentences(text: str) -> list[Stretch]:
    """Stretches between closing marks or line ends; very short ones go with what follows."""
    ends = [i + 1 for i, char in enumerate(text) if char in _CLOSED + "\n"] + [len(text)]
    found, start = list[Stretch](), 0
    for end in ends:
        if end - start >= _SHORTEST_PIECE or (end == len(text) and end > start):
            found.append((start, end))
            start = end
    return found


def _alike(question: str, piece: str) -> float:
    pairs = set(bigrams(question))
    return len(pairs & set(bigrams(piece))) / max(1, len(pairs))


def _title(passage: Passage) -> str:
    return passage.where.split("｜")[0]


def _rival(
    example: Example, siblings: Sequence[Passage], neighbours: Neighbours, rng: random.Random
) -> Example | None:
    others = [passage for passage in siblings if passage != example.passage]
    rival: Passage | None = rng.choice(others) if others and rng.random() < _SIBLING else None
    rival = rival or neighbours.near(example.question, rng, besides=example.passage.text)
    return Example(example.question, rival, answerable=False, sure=_RIVAL_SURE) if rival else None


def _moved(example: Example, places: Sequence[str], rng: random.Random) -> Example | None:
    """The example with another year or place in its question, or another place in its passage."""
    asked, passage = example.question, example.passage
    said = passage.where + passage.text
    ways = []
    if found := _YEAR.search(asked):
        year = str(int(found[0]) + rng.choice((-3, -2, -1, 1, 2, 3, 5)))
        if year not in said:
            ways.append((asked[: found.start()] + year + asked[found.end() :], passage))
    other = rng.choice(places)
    for place in _PLACE.findall(asked):
        if place in said and other[:2] not in said:
            ways.append((asked.replace(place, other), passage))
            moved = Passage(passage.text.replace(place, other), passage.where.replace(place, other))
            ways.append((asked, moved))
    if not ways:
        return None
    question, passage = rng.choice(ways)
    return Example(question, passage, answerable=False)


def window(text: str, at: Stretch, size: int, rng: random.Random) -> tuple[int, str]:
    """A stretch of `size` characters around a span, starting where a sentence does if one starts near."""
    first = max(0, min(at[0], at[1] - size))
    start = rng.randint(max(0, at[1] - size), at[0]) if at[0] > max(0, at[1] - size) else first
    begins = [i + 1 for i in range(max(0, start - 30), at[0]) if text[i] in _CLOSED]
    if begins and begins[0] + size >= at[1]:
        start = begins[0]
    return start, text[start : max(start + size, at[1])]


def _miss(reading: Reading, good: Example, neighbours: Neighbours, rng: random.Random) -> list[Example]:
    """One example that does not answer: other question, other window, or other paragraph."""
    ways = [_exchanged, _elsewhere, _other_paragraph]
    rng.shuffle(ways)
    for way in ways:
        if made := way(reading, good, neighbours, rng):
            return [made]
    return []


def _exchanged(reading: Reading, good: Example, neighbours: Neighbours, rng: random.Random) -> Example | None:
    """The same window, asked about another year or another name that it does not hold."""
    asked = reading.question
    if found := _YEAR.search(asked):
        year = str(int(found[0]) + rng.choice((-3, -2, -1, 1, 2, 3, 5, 10)))
        if year not in reading.paragraph:
            changed = asked[: found.start()] + year + asked[found.end() :]
            return Example(changed, good.passage, answerable=False)
    for name, kind in neighbours.names_in(asked):
        other = neighbours.other_name(kind, rng)
        if name in good.passage.text and other not in reading.paragraph and name not in other:
            return Example(asked.replace(name, other), good.passage, answerable=False)
    return None


def _elsewhere(reading: Reading, good: Example, neighbours: Neighbours, rng: random.Random) -> Example | None:
    """A window of the same paragraph that holds no answer."""
    text = reading.paragraph
    said = {text[s:e] for s, e in reading.answers}
    starts = [0] + [i + 1 for i, char in enumerate(text) if char in _CLOSED]
    rng.shuffle(starts)
    for start in starts:
        piece = text[start : start + rng.randint(60, LONGEST)]
        if len(piece) >= 40 and not any(answer in piece for answer in said):
            return Example(reading.question, Passage(piece), answerable=False)
    return None


def _other_paragraph(
    reading: Reading, good: Example, neighbours: Neighbours, rng: random.Random
) -> Example | None:
    """The paragraph that looks most like an answer by its words."""
    rival = neighbours.near(reading.question, rng, besides=reading.paragraph)
    said = {reading.paragraph[s:e] for s, e in reading.answers}
    if rival is None or any(answer in rival.text for answer in said):
        return None
    return Example(reading.question, _cut(rival, rng), answerable=False)


def _cut(passage: Passage, rng: random.Random) -> Passage:
    size = rng.randint(SHORTEST, LONGEST)
    if len(passage.text) <= size + 40:
        return passage
    begins = [0] + [i + 1 for i, c in enumerate(passage.text[:-size]) if c in _CLOSED]
    start = rng.choice(begins)
    return Passage(passage.text[start : start + size], passage.where)
