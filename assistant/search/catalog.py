"""What a library holds by name: people, organisations, places, years, titles and indicators."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from assistant.language.dates import years_in
from assistant.language.names import is_name, names_in, posts
from assistant.language.regions import homes_in, parents_of, place_names, short_name
from assistant.types import Block, BlockKind, Document, Span

# Words by which people call a document.
TYPES = re.compile(
    "工作计划|实施方案|行动计划|行动方案|工作方案|发展规划|规划纲要|工作要点|工作报告|实施意见|指导意见|实施细则|管理办法|培训班|"
    "规划|计划|方案|纲要|意见|办法|条例|通知|公告|公报|报告|规定|细则|标准|指南|规范|决定|决议|会议|工作会|侧记|专版|要点|章程|"
    "通报|问答|解读|纪要|手册|指引|简报|通告|批复|预案|总结|守则"
)
_SHORT = (
    "规划",
    "计划",
    "方案",
    "意见",
    "会议",
    "办法",
    "细则",
    "报告",
    "要点",
)  # people leave the rest away
_TITLE_BEFORE = re.compile(r"[^，。；：,;:！？!?\s（）()“”\"]{2,40}$")
_ORGANISATION = re.compile(
    r"[一-鿿]{2,24}?(?:卫生健康委员会|卫生健康委|卫健委|健康委|卫生健康局|卫健局|疾控局|疾控中心|疾病预防控制中心|医院|保健院|卫生院|"
    r"管理局|监督局|委员会|大学|学院|集团|研究院|研究所|中心|局|厅|委|政府|法院|检察院|公司|协会|学会)"
)
# What stands between an institution and a post within it.
_WITHIN = re.compile(r"(?:(?:党组|党委|党工委|党总支|党支部|纪委|副)*(?:成员|委员)?[、，]?)+$")
# One spelling for offices that go by several.
_OFFICIAL = (
    ("卫生健康委员会", "卫生健康委"),
    ("卫健委", "卫生健康委"),
    ("卫健局", "卫生健康局"),
    ("疾病预防控制", "疾控"),
)


@dataclass(frozen=True, slots=True)
class Person:
    """Someone the library names; `statements` are the spans in which the person speaks."""

    name: str
    posts: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    statements: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A document as people refer to it; `kinds` are the words for its type (规划, 工作计划 …)."""

    id: str
    title: str
    number: str
    kinds: tuple[str, ...]
    regions: tuple[str, ...]
    years: tuple[int, ...]


@dataclass(frozen=True)
class Catalog:
    """The names of one generation of a library; read-only."""

    people: Mapping[str, Person] = field(default_factory=dict)
    organisations: tuple[str, ...] = ()
    documents: tuple[Entry, ...] = ()
    indicators: tuple[str, ...] = ()
    places: tuple[str, ...] = ()  # that the documents name, listed in a gazetteer or not

    @classmethod
    def build(cls, documents: Sequence[Document], blocks: Sequence[Block]) -> Catalog:
        """Gather the names from documents and their blocks (any order)."""
        people: dict[str, Person] = {}
        places = {document.id: _document_regions(document) for document in documents}
        for block in blocks:
            for person in _people(block, places.get(block.span.doc, ())):
                people[person.name] = _merged(people.get(person.name), person)
        organisations = {o for person in people.values() for o in person.organisations}
        organisations |= {
            o for d in documents if _ORGANISATION.fullmatch(d.issuer) for o in official(d.issuer)
        }
        indicators = [b.attributes["indicator"] for b in blocks if b.attributes.get("indicator")]
        return cls(
            people,
            tuple(sorted(organisations)),
            tuple(_entry(document, places[document.id]) for document in documents),
            tuple(dict.fromkeys(indicators)),
            _places_named(documents),
        )

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """Every place that a document or a person belongs to, each once."""
        of_documents = [region for entry in self.documents for region in entry.regions]
        of_people = [region for person in self.people.values() for region in person.regions]
        return tuple(dict.fromkeys(of_documents + of_people))

    @cached_property
    def known_places(self) -> tuple[str, ...]:
        """The regions, and every other place that the documents name, each once."""
        return tuple(dict.fromkeys((*self.regions, *self.places)))

    @cached_property
    def years(self) -> tuple[int, ...]:
        """Every year that a document speaks of by title or date, ascending."""
        return tuple(sorted({year for entry in self.documents for year in entry.years}))

    def people_at(self, region: str, post: str = "") -> tuple[Person, ...]:
        """The people of a place, of those with a post (党组书记 counts as 书记)."""
        return tuple(
            person
            for person in self.people.values()
            if region in person.regions and (not post or any(post in own for own in person.posts))
        )


def _places_named(documents: Sequence[Document]) -> tuple[str, ...]:
    """Places that the documents name more than once."""
    counts: Counter[str] = Counter()
    for document in documents:
        counts.update(place_names(document.text))
    return tuple(sorted(name for name, count in counts.items() if count > 1))


def _document_regions(document: Document) -> tuple[str, ...]:
    named = [r for r in document.region.split("、") if r]
    return tuple(dict.fromkeys(named or homes_in(document.title)))


def _entry(document: Document, regions: tuple[str, ...]) -> Entry:
    kinds = tuple(dict.fromkeys(TYPES.findall(document.kind) + TYPES.findall(document.title)))
    wider = tuple(short for kind in kinds for short in _SHORT if kind.endswith(short))
    years = years_in(f"{document.title}。{document.date}")
    return Entry(
        document.id, document.title, document.number, tuple(dict.fromkeys(kinds + wider)), regions, years
    )


def _people(block: Block, places: tuple[str, ...]) -> Iterable[Person]:
    attributes = block.attributes
    if block.kind is BlockKind.STATEMENT and attributes.get("speaker"):
        post = attributes.get("post", "")
        regions = homes_in(post) or places[:1]
        own = official(attributes.get("organisation", "") or _organisation(post), regions)
        titles = tuple(posts().findall(post))
        yield Person(attributes["speaker"], titles, own, regions, (block.span,))
    elif block.kind in (BlockKind.PARAGRAPH, BlockKind.ITEM) and posts().search(block.text):
        yield from _named(block.text, places)


def _named(text: str, places: tuple[str, ...]) -> Iterable[Person]:
    """People whom running text names behind their post, also 副主任张三、李四."""
    for name in names_in(text):
        title = _TITLE_BEFORE.search(text, max(0, name.start - 40), name.start) if name.post else None
        if not title or not title[0].endswith(name.post):
            continue
        regions = homes_in(title[0]) or places
        own = official(_organisation(title[0]), regions)
        person = Person(name.text, tuple(posts().findall(title[0])), own, regions)
        yield person
        at = name.end
        while (more := re.compile(r"、([一-鿿]{2,3})(?=[、，。,])").match(text, at)) and is_name(more[1]):
            yield replace(person, name=more[1])
            at = more.end()


def _organisation(post: str) -> str:
    """The institution that a post belongs to, as far as the words say it."""
    first = posts().search(post)
    head = _WITHIN.sub("", post[: first.start()] if first else post)
    return head if _ORGANISATION.fullmatch(head) or len(head) > 3 else ""


def official(organisation: str, regions: Sequence[str] = ()) -> tuple[str, ...]:
    """The names of an institution in one spelling, 市卫健委 with its place before it, 甲（乙） as two; may be empty."""
    for other, word in _OFFICIAL:
        organisation = organisation.replace(other, word)
    if regions and re.match(r"[省市县区](?!外)", organisation):
        place = next((name for name in region_chain(regions[0]) if name.endswith(organisation[0])), "")
        organisation = place + organisation[1:] if place else organisation
    return tuple(name for name in re.split(r"[（）()]", organisation) if name)


def _merged(old: Person | None, new: Person) -> Person:
    if old is None:
        return new
    return Person(
        new.name,
        tuple(dict.fromkeys(old.posts + new.posts)),
        tuple(dict.fromkeys(old.organisations + new.organisations)),
        tuple(dict.fromkeys(old.regions + new.regions)),
        tuple(dict.fromkeys(old.statements + new.statements)),
    )


def abbreviates(short: str, full: str) -> bool:
    """Whether a short name keeps characters of the full one in order, the last among them (山医大二院)."""
    if len(short) >= len(full) or short[-1:] != full[-1:]:
        return False
    rest = iter(full)
    return all(char in rest for char in short)


def region_chain(region: str) -> tuple[str, ...]:
    """A place and what it lies in, with their short names."""
    names = (region, *parents_of(region))
    return tuple(dict.fromkeys(n for name in names for n in (name, short_name(name))))
