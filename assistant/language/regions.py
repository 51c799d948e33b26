"""China's provinces, prefectures and counties: finding them in text, and which lies within which."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from assistant.language import segment
from assistant.language.resources import lines, word_list

SUFFIXES = ("省", "地区", "市", "县", "区", "旗", "盟")
LEVELS = ("province", "city", "county")
ALIASES = {
    "兵团": "新疆生产建设兵团",
    "生产建设兵团": "新疆生产建设兵团",
    "内蒙": "内蒙古自治区",
    "全疆": "新疆维吾尔自治区",
}
# Several provinces under one name.
GROUPS = {
    "京津冀": ("北京市", "天津市", "河北省"),
    "长三角": ("上海市", "江苏省", "浙江省", "安徽省"),
    "川渝": ("四川省", "重庆市"),
    "陕甘宁": ("陕西省", "甘肃省", "宁夏回族自治区"),
}
CORPS = "新疆生产建设兵团"
# What goes on after a short county name that then is none: 成县域, 和县级.
_NOT_AFTER = re.compile(r"[级域乡]|区域|直属|直机关|直单位|级以上")
_EDGE = re.compile(r"[\s，。、；：,.;:（）()《》〈〉“”\"'‘’\[\]【】—\-·?？!！]")
# A short county name is taken for a place when one of these comes next.
_CUE_AFTER = re.compile(
    r"(?:和|与|跟|、|的|呢|那边|这边|那儿|这儿|那里|当地|全县|全市|有|今年|去年|明年|计划|要|在|到|"
    r"是|20\d\d|卫生|卫健|规划|工作|人民医院|医院|中医|疾控|对|提|能|$|[？?，,。])"
)
_NAMED = re.compile(
    r"(?:(?<=[\s、，；：。（(“])|^)([\u4e00-\u9fff]{2,3}(?:[县区市镇乡]|街道))(?=[\s、，；：。）)”\d]|的|每|为|由|和|与|共|于|在)",
    re.M,
)
_HEADING = re.compile(r"([\u4e00-\u9fff]{2,3}?[省市县区镇乡])(?=[\u4e00-\u9fff“”《\d]|$)")
_PARENT = "省市州盟县区"  # ends of names behind which the name of a place within may follow
# Words that end like a place's name and are none.
_COMMON = re.compile(
    r"[各全本该两每多某几一二三四五六七八九十][省市县区镇乡]|[老新城郊小社地园校景山库灾矿厂片辖专街牧库林]区|县区|市区|街区|(?:乡|县|集|城|市)镇|城市|超市|上市|乡村|"
    r"及|或|以|等|按|向|为|是|所|由|任|副|开发|示范|试点|功能|保护|重点|中心|主城"
)
_CUE_BEFORE = re.compile(r"(?:^|[和与跟、，,。：:；;？?\s]|那|在|到|比|及|去|关于|请问|省|市|是)$")


@dataclass(frozen=True, slots=True)
class Region:
    """A place in a text: canonical name, level, the names it lies in (widest first), and where it stands.

    A county name that several prefectures have and the text does not settle has no parents.
    """

    name: str
    level: str
    parents: tuple[str, ...]
    surface: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the gazetteer."""

    name: str
    level: str
    parents: tuple[str, ...]
    short: str
    current: str = ""  # the name in use now, for a former name


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All places by full name and by short name."""

    full: dict[str, tuple[Place, ...]]
    short: dict[str, tuple[Place, ...]]
    lengths: dict[
        str, tuple[int, ...]
    ]  # first two characters of a name → lengths of such names, longest first


@cache
def gazetteer() -> Gazetteer:
    """The places of the data file, with 新疆生产建设兵团 and a few countries."""
    places = list(_places())
    full: dict[str, list[Place]] = {}
    short: dict[str, list[Place]] = {}
    for place in places:
        full.setdefault(place.name, []).append(place)
        if len(place.short) > 1 and place.short != place.name:
            short.setdefault(place.short, []).append(place)
            if place.name.endswith("自治州"):
                short.setdefault(f"{place.short}州", []).append(place)
    return Gazetteer(
        {name: tuple(found) for name, found in full.items()},
        {name: tuple(sorted(found, key=lambda p: LEVELS.index(p.level))) for name, found in short.items()},
        _lengths([*full, *short, *ALIASES, *GROUPS]),
    )


def _lengths(names: Iterable[str]) -> dict[str, tuple[int, ...]]:
    by_head: dict[str, set[int]] = {}
    for name in names:
        by_head.setdefault(name[:2], set()).add(len(name))
    return {head: tuple(sorted(found, reverse=True)) for head, found in by_head.items()}


def _places() -> Iterable[Place]:
    seen: set[str] = set()
    for line in lines("regions.tsv"):
        first, second, rest = (*line.split("\t"), "", "")[:3]
        province = _place(first, "province", ())
        if province.name not in seen:
            seen.add(province.name)
            yield province
        parents: tuple[str, ...] = (province.name,)
        if second:
            city = _place(second, "city", parents)
            yield city
            parents = (*parents, city.name)
        for word in rest.split():
            yield _place(word, "county", parents)
    yield Place(CORPS, "province", (), CORPS)
    for country in word_list("countries.txt"):
        yield Place(country, "country", (), country)


def _place(word: str, level: str, parents: tuple[str, ...]) -> Place:
    name, _, short = word.lstrip("~").partition("=")
    name, _, current = name.partition(">")
    if not short:
        short = next((name[: -len(s)] for s in SUFFIXES if name.endswith(s) and len(name) > len(s)), name)
    if word.startswith("~"):
        short = name
    return Place(name, level, parents, short, current)


@cache
def _vague() -> frozenset[str]:
    """Names that are common words as well; they count only with their parent beside them or when known."""
    return word_list("vague_regions.txt")


def regions_in(text: str, known: Iterable[str] = ()) -> tuple[Region, ...]:
    """The places that a text names, in order, none overlapping.

    `known` are names that the reader expects (the library's own places): their short forms count everywhere. Bare
    short names of other counties count only in the position of a place name.
    """
    stems = {short_name(name): name for name in known}
    unlisted = _unlisted(tuple(known))
    found: list[Region] = []
    at = 0
    while at < len(text):
        region = _unlisted_at(text, at, unlisted) or _region_at(text, at, stems, found)
        if region:
            found.extend(region)
            at = region[-1].end
        else:
            at += 1
    return tuple(_settle(found))


@lru_cache(maxsize=8)
def _unlisted(known: tuple[str, ...]) -> dict[str, list[tuple[str, str]]]:
    """Long and short forms of the known places that no gazetteer lists, with their names, by their first two
    characters, the longest first."""
    names = [name for name in known if name not in gazetteer().full]
    forms = {form: name for name in names for form in (short_name(name), name) if len(form) > 1}
    found: dict[str, list[tuple[str, str]]] = {}
    for form in sorted(forms, key=len, reverse=True):
        found.setdefault(form[:2], []).append((form, forms[form]))
    return found


def _unlisted_at(text: str, at: int, forms: dict[str, list[tuple[str, str]]]) -> list[Region]:
    for form, name in forms.get(text[at : at + 2], ()):
        if text.startswith(form, at):
            return [Region(name, _level(name), (), form, at, at + len(form))]
    return []


def _level(name: str) -> str:
    return {"省": "province", "市": "city"}.get(name[-1], "county")


def place_names(text: str) -> Counter[str]:
    """Names that a text uses like those of places (望溪区、东圩区; 鹿屿镇40户), whether or not a gazetteer lists them.

    A name stands alone between marks, or at the beginning of a line or a cell; words of the dictionary are none.
    """
    load = segment.load()
    found = Counter(match[1] for match in _NAMED.finditer(text))
    return Counter(
        {name: n for name, n in found.items() if load.is_name_or_new(name) and not _COMMON.search(name)}
    )


def homes_in(title: str) -> tuple[str, ...]:
    """The places that a title or a post names; where no gazetteer lists one, that which it begins with by its form."""
    named = tuple(dict.fromkeys(region.name for region in regions_in(title)))
    own = "" if named else _leading(title)
    return named or ((own,) if own else ())


def innermost(name: str) -> str:
    """The last place of a path: 方山县 of 山西省吕梁市方山县, also where no gazetteer lists it."""
    found = regions_in(name)
    listed = found[-1].name if found and found[-1].end == len(name) else ""
    if listed:
        return listed
    rest = _leading(name)
    return rest if rest and name.endswith(rest) else name


def _leading(text: str) -> str:
    """The innermost of the unlisted places that a text begins with, by their form; empty where it begins with none."""
    at, found = 0, ""
    while match := _HEADING.match(text, at):
        if _COMMON.search(match[1]):
            break
        at, found = match.end(), match[1]
        if found[-1] not in _PARENT:
            break
    return found


def _region_at(text: str, at: int, stems: dict[str, str], before: Sequence[Region]) -> list[Region]:
    book = gazetteer()
    for length in book.lengths.get(text[at : at + 2], ()):
        surface, end = text[at : at + length], at + length
        if surface in GROUPS:
            return [_region(book.full[name][0], surface, at, end) for name in GROUPS[surface]]
        alias = ALIASES.get(surface)
        places = book.full.get(alias or surface)
        if places and (alias or _full_stands(text, at, end, places, stems, before)):
            return [_choose(places, surface, at, end, before)]
        places = book.short.get(surface)
        if places and _short_stands(text, at, end, places, stems, before):
            wanted = [p for p in places if p.name == stems.get(surface)] or list(places)
            return [_choose(wanted, surface, at, end, before)]
    return []


def _full_stands(
    text: str, at: int, end: int, places: Sequence[Place], stems: dict[str, str], before: Sequence[Region]
) -> bool:
    name = text[at:end]
    if name in stems.values() or _nested(places, at, before):
        return not _NOT_AFTER.match(text, end) or len(name) > 2
    if name in _vague() or (len(name) == 2 and places[0].level == "county"):
        edge = (
            at == 0 or bool(_EDGE.match(text[at - 1])) or bool(_CUE_BEFORE.search(text[max(0, at - 3) : at]))
        )
        return name not in _vague() and edge and not _NOT_AFTER.match(text, end)
    return not (places[0].level == "county" and _NOT_AFTER.match(text, end) and len(name) < 3)


def _short_stands(
    text: str, at: int, end: int, places: Sequence[Place], stems: dict[str, str], before: Sequence[Region]
) -> bool:
    surface = text[at:end]
    if surface in stems and surface not in _vague():
        return True
    if surface in _vague():
        cued = _CUE_BEFORE.search(text[max(0, at - 3) : at]) and _CUE_AFTER.match(text, end)
        return bool(surface in stems and cued) or _nested(places, at, before)
    if places[0].level != "county":
        return {at, end} <= _boundaries(text)
    if len(places) > 1 and not _nested(places, at, before):
        return False
    if _nested(places, at, before):
        return True
    return bool(_CUE_BEFORE.search(text[max(0, at - 3) : at]) and _CUE_AFTER.match(text, end))


@lru_cache(maxsize=4)
def _boundaries(text: str) -> frozenset[int]:
    return segment.load().boundaries(text)


def _nested(places: Sequence[Place], at: int, before: Sequence[Region]) -> bool:
    """Whether a place stands right behind one that it lies in."""
    return bool(before) and before[-1].end == at and any(before[-1].name in place.parents for place in places)


def _choose(places: Sequence[Place], surface: str, at: int, end: int, before: Sequence[Region]) -> Region:
    """Of places with one name: the one within a place named before; the widest; else the name without parents."""
    named = {region.name for region in before}
    within_named = [place for place in places if named & set(place.parents)]
    best = within_named or list(places)
    if len(best) > 1 and best[0].level == best[1].level:
        best = [Place(best[0].name, best[0].level, (), best[0].short)]
    return _region(best[0], surface, at, end)


def _region(place: Place, surface: str, start: int, end: int) -> Region:
    return Region(place.current or place.name, place.level, place.parents, surface, start, end)


def _settle(found: Sequence[Region]) -> Iterable[Region]:
    """A name without parents takes those of its only candidate within a place named later (朝阳区（北京市）)."""
    names = {region.name for region in found}
    for region in found:
        if region.parents or region.level != "county":
            yield region
            continue
        options = [p for p in gazetteer().full.get(region.name, ()) if names & set(p.parents)]
        parents = options[0].parents if len(options) == 1 else ()
        yield Region(region.name, region.level, parents, region.surface, region.start, region.end)


def canonical(name: str) -> str:
    """The full name of a place given by its full or short name; a name that is not in the gazetteer stays."""
    book = gazetteer()
    if name in ALIASES:
        return ALIASES[name]
    places = book.full.get(name) or book.short.get(name)
    return (places[0].current or places[0].name) if places else name


def short_name(name: str) -> str:
    """The short form of a place's name: 山西省 → 山西; a name of two characters stays."""
    places = gazetteer().full.get(name)
    short = places[0].short if places else next((name[:-1] for s in "省市县区旗" if name.endswith(s)), name)
    return short if len(short) > 1 else name


def parents_of(name: str) -> tuple[str, ...]:
    """The places that a place lies in, widest first; empty for an unknown or an ambiguous name."""
    places = gazetteer().full.get(canonical(name), ())
    chains = {place.parents for place in places}
    return chains.pop() if len(chains) == 1 else ()


def within(inner: str, outer: str) -> bool:
    """Whether one place is the other or lies in it; both by full or short name."""
    low, high = canonical(inner), canonical(outer)
    return low == high or any(high in place.parents for place in gazetteer().full.get(low, ()))
