"""A question understood: its kind, its scope (places, people, years, documents) and its weighted terms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assistant.language import segment
from assistant.language.dates import years_in
from assistant.language.names import names_in, posts
from assistant.language.numbers import normalise, numbers_in
from assistant.language.regions import Region, regions_in, short_name, within
from assistant.language.resources import word_list
from assistant.language.synonyms import Synonyms
from assistant.search.catalog import TYPES, Catalog, Entry, abbreviates, official
from assistant.search.guard import without_commands
from assistant.search.kinds import EACH, asks, kind_of
from assistant.types import Query, Scope, Term

PLACE_WEIGHT, GENERIC_WEIGHT, PERSON_WEIGHT, QUOTED_WEIGHT = 0.3, 0.3, 0.6, 1.6
SINGLE_WEIGHT, NUMBER_WEIGHT = 0.5, 0.7
_LIGHT = {"place": PLACE_WEIGHT, "person": PERSON_WEIGHT, "organisation": PERSON_WEIGHT}
_YEAR = re.compile(r"(?:20)?\d\d\s*年|20\d\d")
_WHICH = re.compile(r"哪\s?[一二两三四五六七八九十几\d]+\s?[个条项种类家位名所点样句字]?|同?一[天个样]")
# Pieces of speech that a cutter joins to words: 要配, 说要, 提了.
_SCRAP = re.compile(r"[要到了还说得提会能没也就被把让给去来]")
PAIR_WEIGHT = 0.3
_SYNONYMS_KEPT = 10
_QUOTED = re.compile(r"[“\"「『']([^”\"」』']{2,30})[”\"」』']")
_TITLE = re.compile(r"《([^》]{2,80})》")
_NUMBER = re.compile(r"[一-鿿]{1,10}[〔\[(]\s*\d{4}\s*[〕\])]\s*(?:第\s*)?\d+\s*号")
_OFFICE = re.compile(r"(?:医院|保健院|卫生院|[委局院厅校]|中心|大学|学院|集团|公司|政府|协会)")
# What points at a document before the word for its type, and after it.
_BY = re.compile(r"(?:这[个份部次]?|那[个份部次]?|该|本|次|按照?|根据|依据?|照|违反|[新老旧])$")
_SAYS = re.compile(r"[里中上]|提到|是|的|规定|要求|说|写|讲|明确|提出")
_BEGINS = re.compile(r"(?:^|[^\u4e00-\u9fff]|[的里在按照跟和与说讲问下])$")
_VAGUE = re.compile(r"标准|规定|要点|决定|规范|总结|会议")  # words for a type that mean much else
_DATED = re.compile(
    r"(?:(?:19|20)\d\d|(?<!\d)\d\d)年?(?:度)?(?:的|印发的?|出台的?|发的)?(?:[这那][个份部]|[新老旧])?$"
)
# What parts two places that are asked about beside each other; two documents.
_APART = re.compile(r"[，。；？、]|[和跟与同比]|还是")
_SIDED = re.compile(rf"{EACH}|不一样|一样|不同|区别|差|比|[老旧新]|以前|后来|现在|又")
_REACH = 12  # characters between a document's place and the word for its type


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the question that the scope has taken: `kind` is place, year, person, organisation or document."""

    kind: str
    value: str
    start: int
    end: int


def understand(
    text: str, standalone: str, catalog: Catalog, synonyms: Synonyms, dictionary: Path | None = None
) -> Query:
    """Understand a question given as typed and as it stands alone; the same input gives the same query."""
    standalone = without_commands(standalone) or standalone
    plain = normalise(standalone)
    parts = scope_parts(plain, catalog)
    scope = _scope(plain, parts, catalog)
    places = len(set(scope.regions)) if len(scope.regions) > 1 else len(scope.people)
    kind = kind_of(plain, places)
    return Query(text, standalone, kind, terms_of(plain, parts, synonyms, dictionary), scope)


def scope_parts(text: str, catalog: Catalog) -> tuple[Part, ...]:
    """Every place, person, institution, document number or title in a normalised question, in order."""
    regions = regions_in(text, catalog.known_places)
    parts = [Part("place", region.name, region.start, region.end) for region in regions]
    parts += _people(text, catalog, regions)
    parts += [
        Part("organisation", name, start, end) for name, start, end in _organisations(text, catalog, regions)
    ]
    parts += [Part("document", entry, start, end) for entry, start, end in _documents(text, catalog, regions)]
    return tuple(sorted(parts, key=lambda part: (part.start, -part.end)))


def _people(text: str, catalog: Catalog, regions: Sequence[Region]) -> list[Part]:
    found: list[Part] = []
    for name in sorted(catalog.people, key=len, reverse=True):
        for alias in (name, *name.split("·")) if "·" in name else (name,):
            at = text.find(alias)
            if at >= 0 and not any(part.start < at + len(alias) and at < part.end for part in found):
                found.append(Part("person", name, at, at + len(alias)))
    for other in names_in(text):
        taken = any(part.start < other.end and other.start < part.end for part in found)
        place = any(region.start < other.end and other.start < region.end for region in regions)
        if not taken and not place:
            who = _known_person(other.text, other.post, text, catalog, regions)
            found.append(Part("person", who, other.start, other.end))
    return found


def _known_person(name: str, post: str, text: str, catalog: Catalog, regions: Sequence[Region]) -> str:
    """张书记 is the one Zhang who is a secretary, at the place or the institution named if several are."""
    if len(name) > 1:
        return name
    same = [
        p for p in catalog.people.values() if p.name.startswith(name) and any(post in own for own in p.posts)
    ]
    if len(same) > 1:
        named = {organisation for organisation, _, _ in _organisations(text, catalog, regions)}
        near = [p for p in same if named & set(p.organisations)]
        near = near or [p for p in same if {r.name for r in regions} & set(p.regions)]
        same = near or same
    return same[0].name if len(same) == 1 else name + post


def _organisations(text: str, catalog: Catalog, regions: Sequence[Region]) -> Iterable[tuple[str, int, int]]:
    """Institutions of the catalog named in full, by their last words, or by kept characters (山医大二院)."""
    places = {region.name for region in regions}
    done = 0
    for ending in _OFFICE.finditer(text):
        for start in range(max(done, ending.end() - 20), ending.end() - 2):
            written = "".join(official(text[start : ending.end()]))
            matches = [o for o in catalog.organisations if o == written or abbreviates(written, o)]
            if len(matches) > 1 and places:
                matches = [o for o in matches if any(short_name(p) in o for p in places)] or matches
            if len(matches) == 1 and _sound(written, matches[0]):
                yield matches[0], start, ending.end()
                done = ending.end()
                break


def _sound(short: str, full: str) -> bool:
    """An abbreviation keeps the first character of the full name or of what follows its place, and is not too short."""
    heads = {
        full[0],
        *(full[len(r.surface)] for r in regions_in(full) if r.start == 0 and len(r.surface) < len(full)),
    }
    heads |= {full[r.end - 1] for r in regions_in(full) if r.start == 0}
    return short[0] in heads and len(short) >= 3


def _documents(text: str, catalog: Catalog, regions: Sequence[Region]) -> Iterable[tuple[str, int, int]]:
    for match in _TITLE.finditer(text):
        wanted = segment.plain(match[1]).replace(" ", "")
        for entry in catalog.documents:
            if wanted in segment.plain(entry.title).replace(" ", ""):
                yield entry.id, match.start(), match.end()
    for match in _NUMBER.finditer(text):
        for entry in catalog.documents:
            if entry.number and normalise(entry.number).replace(" ", "") == match[0].replace(" ", ""):
                yield entry.id, match.start(), match.end()
    for match in TYPES.finditer(text):
        same = [entry for entry in catalog.documents if match[0] in entry.kinds]
        for entry in _meant(text, match, same, regions) if same else ():
            yield entry.id, match.start(), match.end()


def _meant(
    text: str, match: re.Match[str], same: Sequence[Entry], regions: Sequence[Region]
) -> Sequence[Entry]:
    """Which documents of a type its word means: those of the place shortly before it, or the only one it fits."""
    years = years_in(text)
    same = [entry for entry in same if not (entry.years and years and min(years) > max(entry.years))]
    before = [r for r in regions if r.end <= match.start()]
    if before:
        near = before[-1]
        wordy = re.search(r"[，。；？]", text[near.end : match.start()])
        fits = match.start() - near.end <= _REACH and not wordy
        return [entry for entry in same if fits and near.name in entry.regions]
    if regions or not same:
        return []
    dated = _DATED.search(text[: match.start()])
    if dated:
        found = [entry for entry in same if set(years_in(dated[0])) & set(entry.years)]
        return found if len(found) == 1 else []
    if len(same) == 1 and not _VAGUE.fullmatch(match[0]) and _pointed_at(text, match, same[0]):
        return same
    told = (_of_title(text, match, same), _of_age(text, match, same))
    return next((found for found in told if len(found) == 1), [])


def _pointed_at(text: str, match: re.Match[str], entry: Entry) -> bool:
    """Whether a type word is used as a name: 按条例, 那份规划, 报告里说; not so after words foreign to the title."""
    before = text[: match.start()]
    by = _BY.search(before)
    if not by and not (_SAYS.match(text[match.end() :]) and _BEGINS.search(before)):
        return False
    words = re.search(r"[\u4e00-\u9fff]{2,6}$", before[: by.start() if by else len(before)])
    pairs = [words[0][i : i + 2] for i in range(len(words[0]) - 1)] if words else []
    return len(pairs) < 3 or not by or by[0][:1] not in "这那" or any(pair in entry.title for pair in pairs)


def _of_age(text: str, match: re.Match[str], same: Sequence[Entry]) -> list[Entry]:
    """The newest or the oldest of several documents of a type about one matter: 新办法, 老规定."""
    found = re.search(r"([新老旧])$", text[: match.start()])
    if not found or len(same) < 2 or any(_unlike(same[0].title, other.title) for other in same[1:]):
        return []
    by_age = sorted(same, key=lambda entry: max(entry.years, default=0))
    return by_age[-1:] if found[1] == "新" else by_age[:1]


def _unlike(title: str, other: str) -> bool:
    """Whether two titles share less than half of their pairs of characters."""
    one, two = ({text[i : i + 2] for i in range(len(text) - 1)} for text in (title, other))
    return len(one & two) < 0.5 * min(len(one), len(two))


def _of_title(text: str, match: re.Match[str], same: Sequence[Entry]) -> list[Entry]:
    """The documents of a type whose titles share most with the words right before it: 养犬条例."""
    words = re.split(r"[^\u4e00-\u9fff]|[的里了在和与按照]", text[max(0, match.start() - 6) : match.start()])[
        -1
    ]
    pairs = {words[i : i + 2] for i in range(len(words) - 1)} - _generic()
    shared = [sum(pair in entry.title for pair in pairs) for entry in same]
    most = max(shared, default=0)
    named = most and 2 * most >= len(pairs)
    return [entry for entry, count in zip(same, shared, strict=True) if named and count == most]


def _scope(text: str, parts: Sequence[Part], catalog: Catalog) -> Scope:
    def values(kind: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(part.value for part in parts if part.kind == kind))

    # The place and year inside a title or a document number belong to the document, not to the question.
    free = text
    for part in parts:
        if part.kind == "document" and (text[part.start] == "《" or text[part.end - 1] == "号"):
            free = _blanked(free, part.start, part.end)
    places = [part for part in parts if part.kind == "place" and free[part.start] != " "]
    return Scope(
        _innermost(text, places),
        values("person"),
        tuple(dict.fromkeys(posts().findall(text))),
        values("organisation"),
        years_in(free),
        () if _of_one_side(text, parts) else values("document"),
    )


def _innermost(text: str, places: Sequence[Part]) -> tuple[str, ...]:
    """山西省吕梁市方山县 restricts to the county alone; 吕梁提了什么，方山又提了什么 to both."""

    def leads_to(outer: Part, inner: Part) -> bool:
        between = text[outer.end : inner.start] if outer.end <= inner.start else ""
        return within(inner.value, outer.value) and not _APART.search(between)

    kept = [p.value for p in places if not any(o.value != p.value and leads_to(p, o) for o in places)]
    return tuple(dict.fromkeys(kept))


def _of_one_side(text: str, parts: Sequence[Part]) -> bool:
    """Whether the documents that a question names are those of one of its sides alone (按条例 …, 细则又 …).

    So it is where another word for a document stands beside them that names none of them, or where they are named
    only in a clause that asks something after another one has asked.
    """
    named = [part for part in parts if part.kind == "document"]
    if not named:
        return False
    for match in TYPES.finditer(text):
        known = any(p.start < match.end() and match.start() < p.end for p in parts) or _VAGUE.fullmatch(
            match[0]
        )
        if not known and _SIDED.search(text):
            return True
    before = text[: min(part.start for part in named)]
    clauses = re.split(r"[，。；？?、]", before)
    return any(asks(clause) for clause in clauses[:-1])


@cache
def _generic() -> frozenset[str]:
    return word_list("generic_words.txt")


def terms_of(
    text: str, parts: Sequence[Part], synonyms: Synonyms, dictionary: Path | None = None
) -> tuple[Term, ...]:
    """The content of a question as terms with synonyms; what the scope holds already weighs little."""
    found: dict[str, Term] = {}
    for word, weight in _weighed(text, parts, synonyms, dictionary):
        key = segment.plain(word)
        if key not in found or found[key].weight < weight:
            others = synonyms.expand(word)[:_SYNONYMS_KEPT]
            found[key] = Term(word, tuple(dict.fromkeys((*others, *_spellings(word)))), weight)
    return tuple(found.values())


def _weighed(
    text: str, parts: Sequence[Part], synonyms: Synonyms, dictionary: Path | None
) -> Iterator[tuple[str, float]]:
    """Words with weights: what is quoted, the scope, then the longest glossary entries, then single words."""
    yield from ((match[1], QUOTED_WEIGHT) for match in _QUOTED.finditer(text))
    rest = text
    for part in parts:
        if part.kind in _LIGHT and rest[part.start : part.end].strip():
            yield short_name(part.value) if part.kind == "place" else part.value, _LIGHT[part.kind]
            rest = _blanked(rest, part.start, part.end)
    for match in (*_YEAR.finditer(rest), *_WHICH.finditer(rest)):
        rest = _blanked(rest, match.start(), match.end())
    marks = segment.load(dictionary).boundaries(rest)
    for phrase in synonyms.phrases(rest):
        # A pair that lies across two words is chance: 哪家医院 has nothing to do with 家医.
        if len(phrase.text) > 2 or {phrase.start, phrase.end} <= marks:
            yield phrase.text, _weight(phrase.text)
            rest = _blanked(rest, phrase.start, phrase.end)
    yield from ((n.surface, NUMBER_WEIGHT) for n in numbers_in(rest) if not n.surface[0].isdecimal())
    words = segment.query_words(rest, dictionary)
    yield from ((pair, PAIR_WEIGHT) for pair in _neighbours(words, rest))
    for word in words:
        if len(word) > 1 or word.isdecimal():
            yield word, _weight(word)
        elif synonyms.expand(word):
            yield word, SINGLE_WEIGHT


def _neighbours(words: Sequence[str], text: str) -> list[str]:
    """Words that stand together in the question: they mean more where they stand together in a passage."""
    pairs = [a + b for a, b in zip(words, words[1:], strict=False) if len(a) > 1 and len(b) > 1]
    return [pair for pair in pairs if pair in text and not set(pair) & set("什么怎如何")]


def _blanked(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]


def _weight(word: str) -> float:
    scrap = len(word) == 2 and _SCRAP.search(word) and not segment.load().knows(word)
    if word in _generic() or scrap:
        return GENERIC_WEIGHT
    if word.isdecimal():
        return NUMBER_WEIGHT
    return 1.0 if len(word) <= 2 else 1.15 if len(word) == 3 else 1.3


def _spellings(word: str) -> tuple[str, ...]:
    """A number in the other script: 十八项 is written 18项 as well."""
    numbers = [
        number
        for number in numbers_in(word)
        if number.surface == word and not word[0].isdecimal() and number.value < 10_000
    ]
    return tuple(f"{number.value.normalize():f}{number.unit}" for number in numbers)
