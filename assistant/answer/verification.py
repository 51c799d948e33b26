"""Proof of a written sentence: which sentences of the documents it rests on, or that it rests on none.

A sentence that a language model wrote goes out only when the passages it was given say it. Its numbers, dates, names and
places must stand in what it cites, clause by clause; its other words must mostly. The model's own marks are a hint at
most: the citation is the sentence of the document that proves it, wherever the mark pointed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from assistant.language.clean import is_han, squeeze
from assistant.language.dates import years_in
from assistant.language.names import names_in
from assistant.language.numbers import Number, chinese_value, numbers_in
from assistant.language.regions import regions_in, short_name
from assistant.language.segment import bigrams, idle_words, plain
from assistant.language.sentences import clauses
from assistant.search.passages import Passages, Unit
from assistant.search.untrusted import is_command
from assistant.types import BlockKind, Span

Similar = Callable[[str, Sequence[str]], Sequence[float]]

MOST_UNITS = 4  # sentences of the documents that one written sentence may rest on
LEAST_SAID = 0.5  # share of a sentence's words that its support must say
LEAST_ALIKE = 0.84  # cosine from which a sentence in other words may have less of them
LEAST_SAID_ALIKE = 0.3
LEAST_OF_CLAUSE = 0.5  # share of each clause's words that must be said
CLAUSE_SAID = 0.45  # share of a clause's words from which a sentence of the document speaks of it
ADDS = 0.2  # share of a clause that a further sentence must say beyond those already found
MARKED = 0.08  # advantage of a passage that the writer named
NUMBERS = 0.6  # worth of a sentence that says all the numbers
ASKED = 0.3  # worth of a sentence that speaks of all that was asked
ALIKE = 0.4  # worth of likeness by vectors
_COMPARED = 6  # sentences of the documents that vectors are compared with
_LEAST_CLAUSE = 4  # characters of a clause that makes a statement of its own
_FORBIDS = re.compile(r"不得|禁止|不予|不能|不可以|不应|严禁|无需|不需要|不必|没有")
_NEGATIVE = re.compile(r"[不无未没禁免非勿严]")
_BOUND = re.compile(r"不(?:低于|少于|小于|超过|高于|大于|多于|到|足|满|断|同|仅|只|但|止)")
_COUNTS = re.compile(
    r"(?:^|[，：分有为是共])([一二两三四五六七八九十]+|\d+)(?:个?方面|[条项个点类种步块章招家位名]|部分|大类)[：:，]"
)
_REMARK = re.compile(r"[（(][^（）()]*[）)]")
# What a writer says of the documents rather than out of them.
_EMPTY = re.compile(
    r"实际值?|目标值?|征求意见稿|草案|正文|不一致|[表图]\d*|文件|资料|分别|都是|都|也|其中|以及|规划"
)
_FIRST_YEAR = 1900  # what is less counts years
_DATES = ("年", "月", "日", "号")
# Bounds of which the second does not prove the first.
_CONTRARY = {("min", "max"), ("max", "min"), ("max", "low"), ("min", "high")}
_MOST_CLAUSES = 8
_LONG_NAME = 6  # characters of a place name that is called by its last two
_LEAST_PAIRS = 2  # of words, in what says something
_FEW_PAIRS = 4  # of words, in what is hardly more than a value
_CLEARLY = 2  # word pairs more
_RANGE = re.compile(r"(\d+(?:\.\d+)?)%?\s*(?:[-–—~～]+|至|到)\s*(\d+(?:\.\d+)?)(?!\d|\s*年)")
_CONDITION = re.compile(r"如果|若|除|只有|仅|凡|对于?|符合|满足|未经|不包括")
_WHEN = re.compile(r"何时|什么时候|啥时候|时间|几月|几号|哪一?[年月天日]|多久|期限|几年|年份|截止")
_GRADE = re.compile(r"第?[一二三四五六七八九十]+[级类等期档型]|[表图]\d+")
_BOTH = re.compile(
    r"[两二]处(?=说法|不一致|不同|一致|都)|两者|二者|两地"
)  # how the writer calls what is compared
_YEAR = re.compile(r"[（(]?(?:到|在|于)?(?:19|20)\d\d年(?:度|底|末)?[）)]?")
# Words that turn the sense of a sentence round: what does not say them does not prove them.
_TURNS = re.compile(
    r"未(?!来|成年)|取消|停止|撤销|撤并|免职|不再|暂停|推迟|副(?=主任|书记|局长|院长|市长|县长|省长|部长|厅长)|原(?=主任|书记|局长|院长|市长|县长)"
)
_RISES, _FALLS = (
    re.compile(r"上升|上涨|增加|增长|提高|提升|扩大"),
    re.compile(r"下降|降低|减少|下滑|降至|降到|缩小|缩短"),
)
_BINDING, _EXPECTED = re.compile(r"约束性"), re.compile(r"预期性")
_OPPOSITES = ((_RISES, _FALLS), (_FALLS, _RISES), (_BINDING, _EXPECTED), (_EXPECTED, _BINDING))
_MARKER = re.compile(r"^\s*[（(]?[\d一二三四五六七八九十]{1,3}[)）.、．]")
_MARKUP = re.compile(
    r"https?:|www\.|[a-z0-9-]+\.[a-z]{2,}(?![a-z])|!?\[[^\]]*[^\d\]\s,，、][^\]]*\]|\]\s*\(|<[a-z/!]|[{}]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Proof:
    """A sentence, or what is left of it, with the spans that prove it; `whole` says whether nothing was cut off."""

    text: str
    spans: tuple[Span, ...]
    whole: bool = True


class Verifier:
    """Proves sentences from passages. `people` are the names that the library knows."""

    def __init__(self, passages: Passages, people: frozenset[str], similar: Similar) -> None:
        self._passages, self._people, self._similar = passages, people, similar

    def prove(
        self, sentence: str, marked: Sequence[Span], offered: Sequence[Span], question: str = ""
    ) -> Proof | None:
        """The proof of a sentence (without marks) from the passages offered; None when they do not say it.

        `marked` are those of the passages that the writer named for it; `question` is what it answers. A sentence that
        is proven but for a remark or for its first or last clauses loses those.
        """
        if _MARKUP.search(sentence):
            return None
        units, near = self._units(offered), self._units(marked)
        for text in _shorter(sentence.strip("。；，、 \n")):
            spans = self._spans(text, units, near, question)
            if spans:
                return Proof(text, spans, whole=_bare(text) == _bare(sentence))
        return self._undated(sentence.strip("。；，、 \n"), units, near, question)

    def _undated(
        self, sentence: str, units: Sequence[Unit], near: Sequence[Unit], question: str
    ) -> Proof | None:
        """The proof of a sentence without its year, where the documents are of that year but never write it down."""
        years, text = set(years_in(sentence)), _YEAR.sub("", sentence).strip("，、 ")
        spans = self._spans(text, units, near, question) if years and text != sentence else ()
        rest = [unit for unit in units if any(unit.span() == span for span in spans)]
        of_that_year = all(years <= set(unit.years) and unit.block.kind is not BlockKind.ROW for unit in rest)
        return Proof(text, spans, whole=False) if spans and of_that_year else None

    def _spans(
        self, text: str, units: Sequence[Unit], near: Sequence[Unit], question: str
    ) -> tuple[Span, ...]:
        """What proves a text as it is; empty when nothing does."""
        if not (says_something(text) or (numbers_in(text) and _WHEN.search(question))) or _miscounts(text):
            return ()
        support = self._support(text, units, near, question)
        if not support or not self._said(text, support) or _other_row(text, support, units):
            return ()
        grounds = _Grounds(support, self._passages)
        if not all(grounds.take(fact) for fact in _facts(text, self._people)):
            return ()
        if not all(grounds.near(region) for region in _regions(text)):
            return ()
        if any(_contradicts(text, unit) for unit in support) or _astray(text, support):
            return ()
        if not all(grounds.own(clause) for clause in _claims(_uncounted(text))):
            return ()
        if not grounds.belong(text, self._people):
            return ()
        return grounds.spans if _cells_agree(text, support) else ()

    def _units(self, spans: Iterable[Span]) -> list[Unit]:
        found: dict[Span, Unit] = {}
        for span in spans:
            for unit in self._passages.units(span):
                if not is_command(unit.text):
                    found.setdefault(unit.span(), unit)
        return list(found.values())

    def _support(self, text: str, units: Sequence[Unit], marked: Sequence[Unit], question: str) -> list[Unit]:
        """The sentences of the documents that a text rests on: the best one, then one for each clause and each place
        that it leaves out."""
        near = {unit.span() for unit in marked}
        first = self._best(text, units, near, question)
        if first is None:
            return []
        support = [first]
        for clause in _claims(text):
            if len(support) == MOST_UNITS or _speaks_of(clause, support):
                continue
            other = self._best(clause, units, near, question)
            told = all(any(_says(unit, n) for unit in support) for n in numbers_in(clause))
            least = max(CLAUSE_SAID, ADDS + max(_share(clause, unit) for unit in support) if told else 0.0)
            if other is not None and other not in support and _share(clause, other) >= least:
                support.append(other)
        for region in _regions(text):
            there = [unit for unit in marked or units if region in _place(unit)]
            if there and len(support) < MOST_UNITS and not any(region in _place(u) + u.text for u in support):
                other = self._best(text, there, near, question)
                support += [other] if other is not None else []
        return support

    def _best(self, text: str, units: Sequence[Unit], near: set[Span], question: str) -> Unit | None:
        numbers = numbers_in(text)

        def worth(unit: Unit) -> float:
            said = sum(_says(unit, number) for number in numbers) / max(1, len(numbers))
            asked = ASKED * _share(question, unit) if question else 0.0
            return _share(text, unit) + NUMBERS * said + asked + MARKED * (unit.span() in near)

        ranked = sorted(((worth(unit), -i, unit) for i, unit in enumerate(units)), key=lambda one: one[:2])
        top = [(value, unit) for value, _, unit in ranked[::-1][:_COMPARED] if value > 0]
        if not top:
            return None
        alike = self._similar(f"{question} {text}", [unit.text for _, unit in top])
        return max(zip(top, alike, strict=True), key=lambda one: one[0][0] + ALIKE * one[1])[0][1]

    def _said(self, text: str, support: Sequence[Unit]) -> bool:
        """Whether the support says most of the words, and some of each clause, or much the same in other words."""
        if len(_pairs(text)) < _FEW_PAIRS and numbers_in(text):
            return True  # a bare value, whose numbers are held to the support
        whole = "。".join(unit.text + "。" + _place(unit) for unit in support)
        clauses_said = [_covered(c, whole) for c in _claims(text) if len(_pairs(c)) >= _FEW_PAIRS]
        share = _covered(text, whole)
        if share >= LEAST_SAID and min(clauses_said, default=1.0) >= LEAST_OF_CLAUSE:
            return True
        if share < LEAST_SAID_ALIKE:
            return False
        return max(self._similar(text, [unit.text for unit in support])) >= LEAST_ALIKE


class _Grounds:
    """The spans of a proof as they come together: the support's own, and those of its place when a fact asks for them."""

    def __init__(self, support: Sequence[Unit], passages: Passages) -> None:
        self._support = support
        self._places = [place for unit in support for place in _places(unit, passages)]
        self._used: list[Span] = []

    @property
    def spans(self) -> tuple[Span, ...]:
        """The support's spans, then those of the places that were needed."""
        return tuple(dict.fromkeys([*(unit.span() for unit in self._support), *self._used]))

    def belong(self, text: str, people: frozenset[str]) -> bool:
        """Whether the persons that a text names are spoken of where the places are that it names."""
        homes = {form for unit in self._support for form in _forms(unit) if form in text}
        about = [unit for unit in self._support if homes & _forms(unit)]
        return not about or all(any(n in u.text + _place(u) for u in about) for n in _names(text, people))

    def own(self, clause: str) -> bool:
        """Whether the numbers that a clause gives a place are told by a sentence about that place."""
        numbers = numbers_in(clause)
        homes = {form for unit in self._support for form in _forms(unit) if form in clause}
        if not homes or not numbers:
            return True
        about = [unit for unit in self._support if homes & _forms(unit) or any(h in unit.text for h in homes)]
        told = [any(_says(unit, number) for unit in about) for number in numbers]
        return all(told) or not about or self._dated(clause, about, numbers, told)

    def _dated(
        self, clause: str, about: Sequence[Unit], numbers: Sequence[Number], told: Sequence[bool]
    ) -> bool:
        """Whether what the sentences about a place leave out is only the year, which their place gives."""
        left = [number for number, there in zip(numbers, told, strict=True) if not there]
        years = set(years_in(clause))
        return all(
            int(n.value) in years and any(_told(n, _place(unit), row=True) for unit in about) for n in left
        )

    def near(self, region: str) -> bool:
        """Whether the support speaks of a place, or stands where it is spoken of; a place's name need not be cited."""
        return any(region in unit.text + _place(unit) for unit in self._support)

    def take(self, fact: Fact) -> bool:
        """Whether the support says a fact, or its place does, which is then cited too."""
        if any(fact(_written(unit), unit.block.kind is BlockKind.ROW) for unit in self._support):
            return True
        for text, span in self._places:
            if fact(text, False):
                self._used.append(span)
                return True
        return False


Fact = Callable[[str, bool], bool]  # what is said, and whether it is a row of a table


def _facts(text: str, people: frozenset[str]) -> Iterator[Fact]:
    """What must be said exactly: each fact as a test of a text."""
    for found in _RANGE.finditer(text):
        ends = _ends(found)
        if float(ends[0]) >= float(ends[1]):
            yield lambda said, row: False
        yield lambda said, row, ends=ends: ends in map(_ends, _RANGE.finditer(said))  # type: ignore[misc]
    for number in numbers_in(_uncounted(_BOTH.sub("", text))):
        yield lambda said, row, number=number: _told(number, said, row)  # type: ignore[misc]
    for grade in _GRADE.findall(text):
        yield lambda said, row, grade=grade: grade in said  # type: ignore[misc]
    for name in _names(text, people):
        yield lambda said, row, name=name: name in said  # type: ignore[misc]


def _names(text: str, people: frozenset[str]) -> list[str]:
    return sorted({name for name in people if name in text} | {name.text for name in names_in(text)})


def _ends(found: re.Match[str]) -> tuple[str, str]:
    return found[1], found[2]


def _written(unit: Unit) -> str:
    """What a citation of a sentence shows; of a table's row not the names of its columns, which its text holds."""
    if unit.block.kind is not BlockKind.ROW:
        return unit.text
    span = unit.span()
    return squeeze(unit.document.text[span.start : span.end])


def _places(unit: Unit, passages: Passages) -> Iterator[tuple[str, Span]]:
    """What stands over a sentence: table header, headings, title, signature, each with its span."""
    pages, own, a = passages.pages(unit.doc), unit.span(), unit.block.attributes
    if "header_start" in a:
        header = Span(unit.doc, int(a["header_start"]), int(a["header_end"]))
        yield pages.document.slice(header), header
    above = set(unit.block.heading_path)
    for block in reversed(pages.blocks):
        heading = block.kind is BlockKind.HEADING and block.text in above and block.span.start <= own.start
        signature = block.kind is BlockKind.HEADING and _signs(block.attributes, a)
        if (heading or signature or block.kind is BlockKind.TITLE) and not is_command(block.text):
            yield _MARKER.sub("", block.text), block.span


def _signs(heading: Mapping[str, str], statement: Mapping[str, str]) -> bool:
    """Whether a heading is the signature of the statement."""
    return bool(heading.get("speaker")) and heading.get("speaker") == statement.get("speaker")


def _place(unit: Unit) -> str:
    """The words of a sentence's place, and what is known of its document."""
    d = unit.document
    return "。".join((unit.where, d.region, d.issuer, d.date, d.number, d.status, d.kind))


def _regions(text: str) -> list[str]:
    return sorted({short_name(region.name) for region in regions_in(text)})


def _forms(unit: Unit) -> set[str]:
    """The names of the places that a sentence is about, in full and in short (新疆生产建设兵团, 兵团)."""
    return {
        form
        for name in unit.regions
        for form in (name, short_name(name), name[-2:] if len(name) > _LONG_NAME else name)
    }


def _says(unit: Unit, number: Number) -> bool:
    return _told(number, unit.text, unit.block.kind is BlockKind.ROW)


def _told(number: Number, said: str, row: bool) -> bool:
    """Whether a text says a number: the same quantity, not at most where the other says at least.

    A number without a unit proves one with a unit only in a table, whose cells leave units out; and the two ends of a
    range prove each other only.
    """
    return any(
        number.same(other)
        and (number.bound, other.bound) not in _CONTRARY
        and (bool(other.unit) or not number.unit or (row and _fits_row(number.unit, said)))
        and (number.bound in ("low", "high")) <= (other.bound in ("low", "high"))
        for other in numbers_in(said)
    )


def _fits_row(unit: str, said: str) -> bool:
    """Whether a cell may have a unit; a rate (/10万) must be named by its row."""
    return not unit.startswith("/") or unit in "".join(said.split())


def _uncounted(text: str) -> str:
    """A text without the count of its own items (三条：甲；乙；丙), which the writer made and code can check."""
    found = _COUNTS.search(text)
    if not found:
        return text
    listed = text[found.end() :]
    parted = "；" if "；" in listed else "、"
    items = [item for item in listed.replace(";", "；").split(parted) if item.strip("。 ")]
    counted = int(found[1]) if found[1].isdigit() else chinese_value(found[1])
    agrees = counted == len(items)
    return text[: found.start()] + text[found.end() :] if agrees else text


def _miscounts(text: str) -> bool:
    """Whether a text announces another number of items than it gives."""
    return bool(_COUNTS.search(text)) and _uncounted(text) == text


def says_something(text: str) -> bool:
    """Whether a text holds more than idle words and dates."""
    values = [number for number in numbers_in(text) if number.unit not in _DATES]
    return bool(values) or len([pair for pair in _pairs(text) if is_han(pair[0])]) >= _LEAST_PAIRS


def _shorter(text: str) -> Iterator[str]:
    """A text, then without its remarks in brackets, then ever shorter runs of its clauses."""
    bare = _REMARK.sub("", text)
    yield text
    if bare != text and len(bare) >= _LEAST_CLAUSE:
        yield bare
    parts = [bare[start:end] for start, end in clauses(bare, "，；,;")][:_MOST_CLAUSES]
    for length in range(len(parts) - 1, 0, -1):
        for start in (len(parts) - length, 0):
            run = "".join(parts[start : start + length]).strip("，；,; ")
            left = "".join(parts[:start] + parts[start + length :])
            if len(run) >= _LEAST_CLAUSE and not _needs(run, left):
                yield run


def _needs(run: str, left: str) -> bool:
    """Whether what is left out (a year, a place, a condition) changes what the rest says."""
    year = bool(years_in(left)) and not years_in(run)
    place = bool(_regions(left)) and not _regions(run)
    return year or place or bool(_CONDITION.search(left))


def _bare(text: str) -> str:
    return re.sub(r"[\s，。；、,;]", "", text)


def _claims(text: str) -> list[str]:
    found = (text[start:end].strip("，；：、。 ") for start, end in clauses(text, "，；：、,;:"))
    return [clause for clause in found if len(clause) >= _LEAST_CLAUSE]


def _speaks_of(clause: str, support: Sequence[Unit]) -> bool:
    numbers = numbers_in(clause)
    return any(
        _share(clause, unit) >= CLAUSE_SAID and all(_says(unit, number) for number in numbers)
        for unit in support
    )


def _share(text: str, unit: Unit) -> float:
    return _covered(text, f"{unit.text}。{_place(unit)}")


def _covered(text: str, said: str) -> float:
    """The share, 0 … 1, of a text's word pairs that another says; idle words and numbers do not count."""
    pairs, body = _pairs(text), plain(said)
    return sum(pair in body for pair in pairs) / len(pairs) if pairs else 1.0


def _pairs(text: str) -> list[str]:
    idle = idle_words()
    return [p for p in bigrams(plain(_EMPTY.sub("", text))) if p not in idle and not p[0].isdigit()]


def _contradicts(text: str, unit: Unit) -> bool:
    """Whether one forbids or denies what the other does not."""
    own, said = _BOUND.sub("", text), _BOUND.sub("", unit.text)
    if any(word not in said + _place(unit) for word in _TURNS.findall(own)):
        return True
    for one, other in _OPPOSITES:
        if one.search(own) and not one.search(said) and other.search(said):
            return True
    if _FORBIDS.search(own) and not _NEGATIVE.search(said):
        return True
    for found in _FORBIDS.finditer(said):
        denied = said[found.end() : found.end() + 3]
        if len(denied) == 3 and denied in own and not _NEGATIVE.search(own):
            return True
    return False


def _astray(text: str, support: Sequence[Unit]) -> bool:
    """Whether a number of the text belongs, where it is taken from, to something else.

    Of the clauses of the support that give a number of the same unit, the one that shares most words with the text's
    clause must give the text's number, and must share some where the clause has any.
    """
    there = [(unit.text[a:b], unit) for unit in support for a, b in _parts(unit)]
    return any(
        _elsewhere(clause, number, there)
        for clause in _claims(_uncounted(text))
        for number in numbers_in(clause)
    )


def _parts(unit: Unit) -> list[tuple[int, int]]:
    return [(0, len(unit.text))] if unit.block.kind is BlockKind.ROW else clauses(unit.text, "，；、,;")


def _elsewhere(clause: str, number: Number, there: Sequence[tuple[str, Unit]]) -> bool:
    if number.unit in _DATES and not (number.unit == "年" and number.value < _FIRST_YEAR):
        return False
    shared = {False: 0, True: 0}  # by whether the number is given
    for said, unit in there:
        if any(n.unit == number.unit or not n.unit for n in numbers_in(said)):
            given = _told(number, said, unit.block.kind is BlockKind.ROW)
            shared[given] = max(shared[given], sum(pair in said for pair in _pairs(clause)))
    apart = (
        shared[True] == 0 and len(_pairs(clause)) >= _FEW_PAIRS
    )  # the number, but nothing of what it counts
    return apart or shared[False] >= shared[True] + _CLEARLY


def _cells_agree(text: str, support: Sequence[Unit]) -> bool:
    """Whether values out of a table stand under the years that the text gives them."""
    rows = [unit for unit in support if unit.block.kind is BlockKind.ROW]
    prose = [unit for unit in support if unit.block.kind is not BlockKind.ROW]
    return all(_row_agrees(clause, unit, prose) for unit in rows for clause in _dated(text))


def _other_row(text: str, support: Sequence[Unit], units: Sequence[Unit]) -> bool:
    """Whether the text names a row of a table in full, and rests on another one."""
    rows = [unit for unit in support if unit.block.kind is BlockKind.ROW]
    if not rows:
        return False
    said = plain(text)
    named = [
        u for u in units if u.block.kind is BlockKind.ROW and len(_indicator(u)) > 1 and _indicator(u) in said
    ]
    return bool(named) and not any(_indicator(row) == _indicator(unit) for row in rows for unit in named)


def _indicator(unit: Unit) -> str:
    return plain(_REMARK.sub("", unit.block.attributes.get("indicator", "")))


def _dated(text: str) -> Iterator[str]:
    """The stretches of a text that speak of one year each."""
    found = ""
    for start, end in clauses(text, "，；,;、"):
        clause = text[start:end]
        if years_in(clause) and years_in(found):
            yield found
            found = ""
        found += clause
    yield found


def _row_agrees(text: str, unit: Unit, prose: Sequence[Unit]) -> bool:
    years = set(years_in(text))
    if len(years) != 1:
        return True
    cells: dict[str, str] = json.loads(unit.block.attributes.get("cells", "{}"))
    columns = {column: set(years_in(column)) for column in cells}
    if not any(years & own for own in columns.values()):
        return True
    for number in numbers_in(text):
        if any(_says(other, number) for other in prose):
            continue
        under = {c for c, value in cells.items() if _told(number, value, row=True)}
        if under and not any(years & columns[c] or not columns[c] for c in under):
            return False
    return True
