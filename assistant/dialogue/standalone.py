"""A follow-up as it would be asked without the history, by rules.

The last question is kept and one of its parts exchanged (year for year, place for place, person for person, one word
of a class for another, one indicator for another); or what the follow-up leaves out (place, year, subject) is put
before it. A question with a subject of its own stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from assistant.dialogue.context import Context, Slots, class_swap, read_slots, without_marks
from assistant.dialogue.tables import (
    AFTER,
    ASKS,
    BEFORE,
    FILLERS,
    HEADLESS,
    MARK_SETS,
    MARKED,
    MARKS,
    MEASURES,
    MORE,
    PERSON,
    PLACE,
    SORTS,
    THING,
    TIED,
    WIDE,
)
from assistant.language import segment
from assistant.language.clean import squeeze
from assistant.language.dates import years_in
from assistant.language.numbers import normalise
from assistant.language.resources import word_list
from assistant.language.synonyms import Synonyms
from assistant.search.catalog import TYPES, Catalog
from assistant.search.guard import is_out_of_scope, without_commands
from assistant.search.kinds import kind_of
from assistant.search.understand import Part
from assistant.types import AnswerKind, Question

SHORT, MEDIUM = (
    12,
    18,
)  # characters up to which a question without a subject of its own is taken for a follow-up
_LEAD = re.compile(r"^(?:(?:那么?|然后|另外|还有|请问|再问一下|对了)[，,]?)+")
_NOUN = re.compile(
    r"^(?:那么?|还有|另外)?[，,]?(?P<noun>[^，。？?]{2,20}?)(?<![是为在要])(?:呢|又?(?:怎么样|如何|咋样))?[？?]*$"
)
_TAIL = re.compile(r"，[^，]{1,20}呢[？?]?$")
_TOWN = re.compile(r"[省市县区镇乡村]$|街道$")
_THEY = re.compile(r"他们|她们|人家")
_LEANS = re.compile(
    r"^(?:那|这|该|其|又|再|还|也|要是|如果|万一|前者|后者|头一|另一|下一|上一|前一|后一|同期)"
)
_SHORT_WORD, _LONG = (
    6,
    24,
)  # characters of a word that may be exchanged; of a question that leans on the last one
_HOMES = ("place", "person", "organisation", "document")


def standalone(question: Question, catalog: Catalog, synonyms: Synonyms | None = None) -> str:
    """The question without need of its history; unchanged where it has no history or needs none."""
    context: Context | None = None
    asked = ""
    for turn in question.history:
        if turn.role == "user":
            asked = _resolved(turn.text, context, synonyms)
            if is_out_of_scope(asked) is None:
                context = Context(normalise(without_commands(asked) or asked), "", catalog)
        elif context:
            context = Context(context.question, without_marks(turn.text), catalog)
    return _resolved(question.text, context, synonyms)


def _resolved(text: str, context: Context | None, synonyms: Synonyms | None) -> str:
    if context is None or (is_out_of_scope(text) is not None and not MORE.match(text.strip())):
        return text.strip()
    plain = _dated(normalise(without_commands(text) or text), context)
    for rule in RULES:
        found = rule(plain, context, synonyms)
        if found is not None:
            return squeeze(found)
    return text.strip()


def _dated(text: str, context: Context) -> str:
    """前一年, 下一年: the year before or after the only one that was spoken of."""
    told = context.slots.of("year")
    years = years_in(told[0].value) if len(told) == 1 else ()
    if len(years) != 1:
        return text
    return BEFORE.sub(f"{years[0] - 1}年", AFTER.sub(f"{years[0] + 1}年", text))


def _more(text: str, context: Context, _: Synonyms | None) -> str | None:
    """为什么, 还有呢, 具体点: the last question with the wish behind it."""
    match = MORE.match(text)
    if not match:
        return None
    asks_anew = re.search(r"怎么做|咋做|如何做|什么时候|谁|多少|哪些|依据|出处|为", match["wish"])
    if asks_anew and "还有" not in match["wish"]:
        return context.subject + match["wish"] + "？"
    wish = "还有哪些" if match["wish"].startswith("还有") else match["wish"].rstrip("呢吗")
    return context.question.rstrip("？?。！!呢") + "，" + wish + "？"


def _swap(text: str, context: Context, _: Synonyms | None) -> str | None:
    """方山呢, 那2024年呢, 二级的呢: the last question with its part of the same kind exchanged."""
    first, comma, after = text.partition("，")
    for head, tail in ((first, after), (text, "")) if comma else ((text, ""),):
        slots = read_slots(head, context.catalog)
        changed, rest = context.question, slots.rest()
        swapped = class_swap(rest, changed)
        if swapped:
            changed, rest = swapped
        empty = not FILLERS.sub("", rest).strip()
        if empty and (slots.parts or swapped):
            changed = _exchanged(changed, slots, context)
            return changed + ("，" + tail if tail else "")
        if swapped and not slots.parts and HEADLESS.match(head):
            return swapped[0] + ("，" + tail if tail else "")
    return None


def _exchanged(question: str, new: Slots, context: Context) -> str:
    for kind in (*_HOMES, "year"):
        wanted = new.of(kind)
        if not wanted or (kind == "place" and new.of("organisation")):
            continue
        written = "和".join(dict.fromkeys(new.text[p.start : p.end] for p in wanted))
        question = _put(question, kind, written, wanted[0], context)
    return question


def _put(question: str, kind: str, written: str, new: Part, context: Context) -> str:
    slots = read_slots(question, context.catalog)
    own = slots.of(kind)
    if kind == "place" and not own and slots.of("person"):
        own = slots.of("person")
        old = context.catalog.people.get(own[0].value)
        post = old.posts[0] if old and old.posts else ""
        there = context.catalog.people_at(new.value, post) or context.catalog.people_at(new.value)
        written = there[0].name if len(there) == 1 else written
    if kind in ("person", "organisation", "document") and not own:
        own = slots.of("organisation") or slots.of("place")
    if own:
        for part in reversed(own[1:]):
            before = question[: part.start]
            question = re.sub(r"(?:和|与|跟|、|,)$", "", before) + question[part.end :]
        return question[: own[0].start] + written + question[own[0].end :]
    if kind == "year":
        places = slots.of("place")
        at = places[0].end if places else 0
        return question[:at] + written + question[at:]
    return written + question


def _pronouns(text: str, context: Context, _: Synonyms | None) -> str | None:
    """他, 该县, 这个规划: the words replaced by what they mean; None when there are none or nothing fits."""
    changed = text
    if PERSON.search(changed) and context.person():
        changed = PERSON.sub(lambda _: context.person(), changed, count=1)
    own = read_slots(changed, context.catalog)
    there = context.organisation() if _THEY.search(changed) else ""
    there = there or context.place()
    if not own.of("place") and there and PLACE.search(changed):
        changed = PLACE.sub(lambda _: there, changed, count=1)
    thing = THING.search(changed)
    if thing:
        meant = _meant(thing, context)
        if meant:
            changed = changed[: thing.start()] + meant + changed[thing.end() :]
    if changed == text:
        return None
    return _LEAD.sub("", changed)


def _meant(thing: re.Match[str], context: Context) -> str:
    noun = thing["noun"] or ""
    documents = context.slots.of("document")
    if documents and re.search(r"规划|计划|方案|文件|通知|办法|意见|报告|材料|条例|规定", noun):
        return context.scope
    for said in (context.question, context.answer) if noun else ():
        # The longest stretch that ends in the noun and holds no asking.
        found = re.search(rf"[^，。？?、；,\s]{{1,16}}{re.escape(noun)}", said)
        if found and not ASKS.search(found[0]):
            scope = context.place()
            return found[0] if not scope or scope in found[0] else scope + found[0]
    if noun and re.search(r"规划|计划|方案|文件|会议?$|班$", noun) and context.place():
        return context.place() + noun
    return context.subject


def _indicator(text: str, context: Context, synonyms: Synonyms | None) -> str | None:
    """孕产妇死亡率呢: the scope and the asking of the last question around the new subject."""
    match = _NOUN.match(text)
    slots = read_slots(text, context.catalog)
    if not match or any(slots.of(kind) for kind in _HOMES) or FILLERS.sub("", match["noun"]) == "":
        return None
    if ASKS.search(match["noun"]):
        return None
    noun = match["noun"].removesuffix("的")
    if not MEASURES.search(noun):
        return _other_row(noun, context) or _beside(text, context)
    asking = ASKS.search(context.question)
    aspect = re.search(
        r"(?:的)?(?:目标|实际|指标)?值?$", context.question[: asking.start()] if asking else context.question
    )
    tail = (aspect[0] if aspect else "") + (context.question[asking.start() :] if asking else "")
    year = "" if slots.of("year") else context.year
    scope = context.scope
    order = (scope + year) if scope else year
    return order + noun + tail


def _other_row(noun: str, context: Context) -> str | None:
    """The last question about another row of its table: the row's name, or its beginning, for the one asked before."""
    rows = sorted((name for name in context.catalog.indicators if name.startswith(noun)), key=len)
    places = context.slots.of("place")
    if not rows or not _TOWN.search(rows[0]) or not places:
        return None
    old = places[0]
    return context.question[: old.start] + rows[0] + context.question[old.end :]


def _marked(text: str, context: Context, _: Synonyms | None) -> str | None:
    """那黄的呢, B类呢: the last question with the mark exchanged; and 初级的呢, where a word of that ending stands."""
    match = MARKS.match(text)
    if match:
        others = next((marks for marks in MARK_SETS if match["mark"] in marks), "")
        found = re.search(rf"(?<![A-Za-z])[{others}](?={match['noun'] or MARKED})", context.question)
        return (
            context.question[: found.start()] + match["mark"] + context.question[found.end() :]
            if found
            else None
        )
    noun = _NOUN.match(text)
    new = FILLERS.sub("", noun["noun"]).strip() if noun else ""
    if noun is None or not 1 < len(new) <= _SHORT_WORD or new not in noun["noun"] or new[-1] not in SORTS:
        return None
    begun = [word[: len(new)] for word in segment.query_words(context.question) if len(word) >= len(new)]
    alike = [word for word in begun if word != new and word[-1] == new[-1]]
    return context.question.replace(alike[0], new, 1) if len(alike) == 1 else None


def _beside(text: str, context: Context) -> str:
    """The last question with the follow-up behind it, in place of one that stands there: who reads both knows."""
    return _TAIL.sub("", context.question).rstrip("？?。！!呢") + "，" + _LEAD.sub("", text)


def _leaning(text: str, context: Context, synonyms: Synonyms | None) -> str | None:
    """A short question that begins with 那, 这 or the like, or names nothing of its own, after what the last was about."""
    slots = read_slots(text, context.catalog)
    if any(slots.of(kind) for kind in _HOMES) or WIDE.search(text) or _elsewhere(text, context):
        return None
    leans = bool(_LEANS.match(text)) and len(text) <= _LONG
    if not leans and (len(text) > SHORT or kind_of(text) is AnswerKind.DEFINITION):
        return None
    if not leans and _strong(text, _content(slots.rest()), context, synonyms):
        return None
    bare = _LEAD.sub("", text)
    return context.subject + "，" + bare if context.subject not in bare else None


def _inherit(text: str, context: Context, synonyms: Synonyms | None) -> str | None:
    """A question without place, person or document of its own gets those of the last one, and its subject if need be."""
    slots = read_slots(text, context.catalog)
    if any(slots.of(kind) for kind in _HOMES) or WIDE.search(text) or _elsewhere(text, context):
        return None
    content = _content(slots.rest())
    kind = kind_of(text)
    tied, headless = bool(TIED.match(text)), bool(HEADLESS.match(text))
    if kind is AnswerKind.DEFINITION and content and not headless:
        return None
    asks_value = kind in (AnswerKind.NUMBER, AnswerKind.DATE, AnswerKind.PERSON, AnswerKind.LIST)
    strong = _strong(text, content, context, synonyms)
    lean = len(content) <= 1 and not strong and len(text) <= SHORT
    if not (tied or headless or lean or (asks_value and len(content) <= 4 and len(text) <= MEDIUM)):
        return None
    bare = _LEAD.sub("", text)
    if headless or not strong:
        return _joined(context.subject, bare, slots)
    if (tied or not context.scope) and not _known(content, context):
        return context.subject + "，" + bare
    year = "" if slots.of("year") or kind is not AnswerKind.NUMBER else context.year
    return (context.scope + year + bare) if context.scope or year else None


def _elsewhere(text: str, context: Context) -> bool:
    """Whether a text speaks of a type of document (培训班, 规划) that only other places have."""
    places = {part.value for part in context.slots.of("place")}
    kinds = set(TYPES.findall(text))
    entries = [entry for entry in context.catalog.documents if kinds & set(entry.kinds)]
    return bool(entries and places) and not any(places & set(entry.regions) for entry in entries)


def _joined(subject: str, text: str, slots: Slots) -> str:
    """The subject before the text; a year in the text drives out the one in the subject."""
    if slots.of("year"):
        subject = re.sub(r"(?:19|20)?\d\d年|(?:19|20)\d\d", "", subject)
    shared = next((n for n in range(min(len(subject), len(text)), 0, -1) if subject.endswith(text[:n])), 0)
    return subject + text[shared:]


def _content(text: str) -> list[str]:
    words = segment.query_words(text)
    generic = word_list("generic_words.txt")
    return [word for word in words if (len(word) > 1 or word.isdecimal()) and word not in generic]


def _strong(text: str, content: list[str], context: Context, synonyms: Synonyms | None) -> bool:
    """Whether a text names a subject: an indicator of the library, a long word, a quoted one, several words."""
    if len(content) >= 2 or re.search(r"[“\"「]|\d\+", text):
        return True
    if any(len(word) >= 3 and not word.isdecimal() for word in content):
        return True
    known = synonyms.phrases(text) if synonyms else ()
    return _known(content, context) or any(len(p.text) >= 3 for p in known)


def _known(content: list[str], context: Context) -> bool:
    """Whether a word belongs to the name of an indicator of the library, or names a measure."""
    return any(
        MEASURES.search(word) or any(word in name for name in context.catalog.indicators) for word in content
    )


Rule = Callable[[str, Context, Synonyms | None], str | None]
RULES: tuple[Rule, ...] = (_more, _swap, _marked, _pronouns, _indicator, _inherit, _leaning)
