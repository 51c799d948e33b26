"""Who-questions: who holds a post, who said it, what post somebody holds."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.answer.compose.desk import Desk, near
from assistant.answer.compose.facts import fact_draft
from assistant.answer.drafts import Draft, Part
from assistant.answer.ranking import Candidate
from assistant.documents.speakers import POSTS
from assistant.language.regions import short_name
from assistant.language.segment import plain
from assistant.search.catalog import Person, abbreviates
from assistant.search.passages import Unit
from assistant.types import AnswerKind, BlockKind

_SAID = re.compile(
    r"(?:谁|哪一?位).{0,12}(?:说|讲|提|谈|强调|要求|表示)|(?:话|说法).{0,4}(?:出自|是).{0,6}(?:谁|哪)|之口|(?:说|讲|提|谈|强调|表示).{0,40}(?:是谁|的是哪|哪位|哪个|哪一位|谁)|谁的(?:话|观点|发言)|谁说"
)
_WHOSE = re.compile(
    r"(?:谁|哪一?位)(?:(?!负责|参加|提交|需要|可以|应当)[\u4e00-\u9fff]){0,6}?(?:说(?![明法])|(?<!宣)讲(?![座课解授])|谈(?!判)|提到|提过|提了|表示)|之口|(?:说|讲|谈|提到|表示)的?(?:人|这话的)?(?:是谁|是哪一?位|是哪个人)|谁的(?:话|观点|发言)"
)
_SPEAKS = re.compile(r"讲话|发的?言|讲的?话|代表|讲的|上台|致辞")
_HEADS = re.compile(r"一把手|头头|头儿|老大|管事|当家|负责人|领导|主要负责|谁管|掌门|主官")
_POST = re.compile(rf"(?:副|第一|常务)?(?:{'|'.join(sorted(POSTS, key=len, reverse=True))})")
# The office named right before a post: 某市交通运输局局长.
_OFFICE = re.compile(
    r"([\u4e00-\u9fff]{2,14}?(?:局|厅|委员会|委|院|中心|集团|公司|大学|学校|馆|处|部|协会))的?"
    r"(?:党组|党委)?(?:副|第一|常务)?(?:书记|主任|.?长|经理)"
)
_WHO = re.compile(r"谁|哪一?位|叫什么|叫啥|姓什么|姓啥|姓名|名字|哪个|何人")
_INTRODUCE = re.compile(r"(?:请问)?([\u4e00-\u9fff·]{2,8})(?:同志)?是(?:谁|什么人|何人)[？?]?")
_SPEAKERS = 3
_WHICH_OF_THEM = re.compile(r"各?管(?:哪|什么)|(?:同一?|一)个人")
_NAME = re.compile(r"叫什么名|叫啥名|姓什么|姓啥|名字")
_WHAT_POST = re.compile(
    r"职务|职位|什么官|干什么的|干啥的|做什么的|身份|什么人|是谁|哪个单位|哪里的|哪儿的|什么来头"
)


def asks_whose_words(question: str) -> bool:
    """Whether a question asks for the speaker of something (谁提到 …, … 是谁说的)."""
    return bool(_WHOSE.search(question))


def asks_who_said(question: str) -> bool:
    """Whether a question asks whose words something is (谁谈了中医药)."""
    return bool(re.search(r"谁(?:在|曾)?(?:说|讲|谈|强调|表示)", question))


def wants_a_name(question: str) -> bool:
    """Whether only a person's name can answer: who holds a post, what somebody is called."""
    introduced = _INTRODUCE.fullmatch(question)
    named = introduced is not None and not _HEADS.search(introduced[1])
    return named or bool(_WHO.search(question) and _POST.search(question)) or bool(_NAME.search(question))


def person_draft(desk: Desk) -> Draft | None:
    """The name with the post, or the clause in which the name stands; None when no name is to be had."""
    if _SAID.search(desk.question):
        return speaker_draft(desk)
    if _stranger(desk):
        return None
    holders = _holders(desk)
    if holders:
        return _introduced(desk, holders)
    if _HEADS.search(desk.question) and not _POST.search(desk.question) and _acted(desk):
        return fact_draft(desk)
    if _placed(desk) and _POST.search(desk.question) and _WHO.search(desk.question) and not _acted(desk):
        return None
    for candidate in desk.body()[:6]:
        if candidate.in_scope and any(name in candidate.unit.text for name in desk.people):
            return Draft((desk.quote(candidate.unit),), candidate.whole)
    return None


def _stranger(desk: Desk) -> bool:
    """Whether the question asks who somebody is whom the documents do not introduce."""
    found = re.fullmatch(
        r"(?:请问)?([\u4e00-\u9fff·]{2,8})(?:同志)?是(?:谁|什么人|何人)[？?]?", desk.question
    )
    if not found or found[1] in desk.people or _placed(desk):
        return False
    return not (_POST.search(found[1]) or _HEADS.search(found[1]))


def _placed(desk: Desk) -> bool:
    return bool(desk.query.scope.regions or desk.query.scope.organisations)


def _acted(desk: Desk) -> bool:
    """Whether the question asks who did something, beyond who holds the post."""
    rest = _POST.sub("", desk.question)
    return any(
        term.text in rest and term.weight > 0.6 for term in desk.query.terms if not _HEADS.search(term.text)
    )


def _holders(desk: Desk) -> list[Person]:
    """The people of the place or institution asked for who hold the post asked for, best first."""
    scope, question = desk.query.scope, desk.question
    asked = _POST.findall(question)
    heads, speaks = bool(_HEADS.search(question)), bool(_SPEAKS.search(question))
    if not _placed(desk) or not (asked or heads or speaks):
        return []
    found = []
    for person in desk.people.values():
        here = (
            _of(scope.organisations, person.organisations)
            if scope.organisations
            else _of(scope.regions, person.regions)
        )
        if not here or not _of_office(question, person):
            continue
        fits = _holds(person, asked) if asked else _is_head(person) if heads else bool(person.statements)
        if fits:
            found.append(person)
    return sorted(found, key=lambda p: (not p.organisations, not p.statements, p.name))


def _of_office(question: str, person: Person) -> bool:
    """Whether the office that the question names is the person's; true when it names none."""
    found = _OFFICE.search(question)
    if not found or not person.organisations:
        return True
    office = found[1].rpartition("的")[2]
    for form in (form for region in person.regions for form in (region, short_name(region))):
        office = office.rpartition(form)[2]
    office = office.lstrip("省市县区自治州")
    return len(office) < 2 or any(office in own or abbreviates(office, own) for own in person.organisations)


def _of(wanted: Sequence[str], own: Sequence[str]) -> bool:
    return any(plain(a) in plain(b) or plain(b) in plain(a) for a in wanted for b in own)


def _holds(person: Person, asked: Sequence[str]) -> bool:
    """Whether one of the posts is asked for: 书记 also as 党组书记, but 主任 never as 副主任."""
    return any(
        own == post or (own.endswith(post) and not own.removesuffix(post).endswith("副"))
        for own in person.posts
        for post in asked
    )


def _is_head(person: Person) -> bool:
    return any(re.search(r"书记|主任|局长|院长|厅长", post) and "副" not in post for post in person.posts)


def _introduced(desk: Desk, holders: Sequence[Person]) -> Draft:
    parts = [part for person in holders[:2] if (part := introduction(desk, person.name)) is not None]
    return Draft(tuple(parts[:1] if _is_head(holders[0]) else parts), sure=True)


def introduction(desk: Desk, name: str) -> Part | None:
    """A person's name and post as a signature or a sentence gives them."""
    said: Unit | None = None
    for document in desk.passages.documents():
        for unit in desk.passages.pages(document.id).units:
            if unit.block.kind is BlockKind.HEADING and unit.speaker == name:
                return Part(f"{name}，{unit.block.attributes['post']}", (unit.span(),))
            if said is None and name in unit.text and unit.block.kind is not BlockKind.FURNITURE:
                said = unit
    return desk.quote(said, AnswerKind.PERSON, most=60, whole=60) if said is not None else None


def spoken(desk: Desk) -> list[Candidate]:
    """The best sentence of each of the first speakers, where the question asks whose words something is."""
    if not asks_whose_words(desk.question):
        return []
    first: dict[str, Candidate] = {}
    for candidate in (c for c in desk.body() if c.in_scope and c.unit.speaker):
        first.setdefault(candidate.unit.speaker, candidate)
    return list(first.values())[:_SPEAKERS]


def speaker_draft(desk: Desk, best: Candidate | None = None) -> Draft | None:
    """Who says it: the signature of the statement that a sentence, or else the best one, stands in, then the sentence."""
    inside = [c for c in desk.body() if c.in_scope]
    best = best or next((c for c in near(inside) if c.unit.speaker), None)
    if best is None:
        return None
    quote = desk.quote(best.unit, AnswerKind.FACT, most=80, whole=80)
    who = introduction(desk, best.unit.speaker)
    return Draft((who, quote) if who is not None else (quote,), best.whole)


def post_draft(desk: Desk) -> Draft | None:
    """The posts of the people whom the question names, and whether it is the one that the question supposes."""
    people = [name for name in desk.query.scope.people if name in desk.people]
    if not people:
        return None
    parts = [part for name in people[:_SPEAKERS] if (part := introduction(desk, name)) is not None]
    if not parts:
        return None
    part = parts[0]
    if (
        desk.query.kind is AnswerKind.YES_NO
        and _POST.search(desk.question)
        and not re.search(r"说|讲|提", desk.question)
    ):
        verdict = "是的。" if _supposed(desk, desk.people[people[0]]) else "不是。"
        return Draft((Part(verdict + part.text, part.spans),), sure=True)
    asked = _WHAT_POST.search(desk.question) or (len(parts) > 1 and _WHICH_OF_THEM.search(desk.question))
    return Draft(tuple(parts), sure=True) if asked else None


def _supposed(desk: Desk, person: Person) -> bool:
    scope = desk.query.scope
    posts = _holds(person, _POST.findall(desk.question))
    institution = not scope.organisations or _of(scope.organisations, person.organisations)
    place = not scope.regions or _of(scope.regions, person.regions)
    return posts and institution and place


def wrong_post(desk: Desk) -> Part | None:
    """The introduction of a person whom the question calls by a post that the person does not hold (局长张三)."""
    for name in desk.query.scope.people:
        called = re.search(rf"({_POST.pattern}){name}", desk.question)
        if called and name in desk.people and not _holds(desk.people[name], [called[1]]):
            return introduction(desk, name)
    return None
