"""Which sentences answer the question: candidates out of the hits, ranked."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from assistant.language.dates import dates_in, years_in
from assistant.language.numbers import numbers_in
from assistant.language.segment import bigrams, idle_words
from assistant.models.learned import Linear, learned
from assistant.search.fusion import min_max
from assistant.search.matching import Matcher
from assistant.search.passages import Passages, Unit
from assistant.search.reading import RELEVANCE, ReadChunk, Readings
from assistant.search.scope import (
    document_fit,
    document_regions,
    organisation_fit,
    person_fit,
    region_fit,
    year_fit,
)
from assistant.search.untrusted import is_command
from assistant.types import AnswerKind, BlockKind, Hit, Query, Scope

Similar = Callable[[Sequence[str]], Sequence[float]]

_ENUMERATION = re.compile(r"、.*?、|一是|；.*?；|[（(]一[）)]")
_WAY = re.compile(
    r"通过|采取|采用|按照|依托|以.{1,12}为|方式|实行|建立|开展|申请|提交|办理|落实|推进|制定|组织|鼓励"
)
_DEFINES = re.compile(r"是指|指的是|即|包括|包含|简称|[（(].{2,}[）)]|为.{1,20}的|以.+?为|、")
_WHEN = re.compile(
    r"每?(?:周|星期)[一二三四五六日天]|[\d一二三四五六七八九十]+(?:个?工作日|个月|[天日年])(?:之?内|前|以内)?|每[年月日周]"
)
_ORGANISED_NAME = re.compile(
    r"(?:书记|主任|局长|院长|长|委员|代表|同志|教授|组长|秘书|经理|主席)\s?[\u4e00-\u9fff]{2,4}"
)
_HEADED = re.compile(r"[（(]([^（）()]{1,8})[)）]\s*：\s*[≤≥]?\s*\d")  # the unit stands in the column's head
_FIRST_YEAR = 1000  # smaller numbers of years are lengths of time
_FAQ = 0.9  # worth of the section's own question beside the sentence's words
# Questions that want words of a certain sort, and the words.
WORDS_ASKED = (
    (
        re.compile(r"在哪|哪儿|哪里|地点|会场|什么地方|啥地方"),
        re.compile(
            r"设在|位于|地点|地址|在[^，。]{2,14}(?:召开|举行|举办|开展)|向.{2,20}(?:提出|提交|备案|申请)"
        ),
    ),
    (re.compile(r"电话|联系方式|找谁|咨询|手机号"), re.compile(r"电话|联系人|\d{3,4}-\d{7,8}|1\d{10}|12345")),
    (re.compile(r"罚|处罚|后果"), re.compile(r"罚款|处.{0,12}元|警告|责令|追究|吊销|取消")),
)
_READ = 12  # candidates whose similarity by vectors is looked at


def scaled(cosines: Sequence[float]) -> list[float]:
    """Likeness 0 … 1 out of the encoder's cosines, which lie between about 0.75 and 0.95."""
    return [min(1.0, max(0.0, (cosine - 0.75) / 0.2)) for cosine in cosines]


def of_year(years: Sequence[int], unit: Unit) -> float:
    """How a unit, with the columns of its table, fits the years asked for, -1 … 1."""
    return year_fit(years, unit.text + unit.block.attributes.get("columns", ""), unit.years)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit with what speaks for it; `read` is its chunk as the reader read it, None where it was not read.

    The features: `own` and `whole`, coverage of the question by the sentence, and with the words of its place; `hit`,
    the place of its chunk's score between the worst and the best; `pairs`, the share of the question's bigrams in it;
    `kind` and `unit`, whether it holds what the kind of answer is made of, and the unit asked for; `region`, `year`,
    `person`, `organisation`, `document`, how it fits the question's scope, -1 … 1; `heading`; `similar`, its cosine with
    the question, scaled; `share`, how much of the reader's belief in its chunk lies in it; `answers`, that times the
    probability that the chunk answers.
    """

    unit: Unit
    hit: Hit
    features: Mapping[str, float]
    model: Linear
    read: ReadChunk | None = None

    @property
    def score(self) -> float:
        """The weighted sum of the features."""
        return self.model.score(self.features)

    @property
    def own(self) -> float:
        """Coverage of the question by the unit's text."""
        return self.features["own"]

    @property
    def whole(self) -> float:
        """Coverage of the question by the unit's text and place."""
        return self.features["whole"]

    @property
    def similar(self) -> float:
        """Likeness by vectors, 0 … 1; 0 where it was not looked at."""
        return self.features["similar"]

    @property
    def in_scope(self) -> bool:
        """Whether nothing about the unit contradicts the question's place, person, institution and document."""
        return all(self.features[name] >= 0 for name in ("region", "person", "organisation", "document"))

    def with_similar(self, value: float) -> Candidate:
        """The candidate with its likeness by vectors."""
        return replace(self, features=MappingProxyType({**self.features, "similar": value}))


class Ranking:
    """Ranks the sentences of the hits for one query."""

    def __init__(
        self,
        query: Query,
        matcher: Matcher,
        passages: Passages,
        similar: Similar,
        readings: Readings | None = None,
    ) -> None:
        self.query, self.matcher, self._passages, self._similar = query, matcher, passages, similar
        self._readings = readings
        self._model = learned("sentences", read=readings is not None)
        idle = idle_words()
        self._pairs = frozenset(pair for pair in bigrams(query.standalone) if pair not in idle)

    def candidates(self, hits: Sequence[Hit]) -> list[Candidate]:
        """The units of the hits, best first; each unit once."""
        ranked = sorted(self.seen(hits), key=_order)
        near = ranked[:_READ]
        alike = scaled(self._similar([c.unit.text for c in near]))
        near = [c.with_similar(s) for c, s in zip(near, alike, strict=True)]
        return sorted(near, key=_order) + ranked[_READ:]

    def seen(self, hits: Sequence[Hit]) -> list[Candidate]:
        """The units of the hits in the order of the hits, before any vector is looked at."""
        found: dict[int, Candidate] = {}
        shares = min_max({hit.chunk.id: hit.score for hit in hits})
        for hit in hits:
            read = self._read(hit)
            for unit in self._passages.units(hit.chunk.span):
                if id(unit) not in found and not is_command(unit.text):
                    features = self.features(unit, shares[hit.chunk.id]) | _as_read(read, unit)
                    found[id(unit)] = Candidate(unit, hit, MappingProxyType(features), self._model, read)
        return list(found.values())

    def _read(self, hit: Hit) -> ReadChunk | None:
        if self._readings is None or RELEVANCE not in hit.parts:
            return None
        return self._readings.of(self.query.standalone, [hit.chunk])[0]

    def features(self, unit: Unit, share: float) -> dict[str, float]:
        """The features of a unit, but the cosine and what the reader says."""
        kind = unit.block.kind
        plain_heading = (
            kind in (BlockKind.HEADING, BlockKind.TITLE) and "speaker" not in unit.block.attributes
        )
        return {
            **fits(unit, self.query.scope, self._passages.homes),
            **said(unit, self.query, self.matcher),
            "hit": share,
            "pairs": len(self._pairs & set(bigrams(unit.text))) / max(1, len(self._pairs)),
            "heading": float(plain_heading),
            "similar": 0.0,
        }


def fits(unit: Unit, scope: Scope, homes: Container[str]) -> dict[str, float]:
    """How a unit agrees with each part of a question's scope; `homes` are the places that documents belong to."""
    return {
        "region": region_fit(
            scope.regions,
            unit.regions,
            unit.text + "".join(unit.block.heading_path) + unit.block.attributes.get("post", ""),
            document_regions(unit.document),
            homes,
        ),
        "year": of_year(scope.years, unit),
        "person": person_fit(scope.people, unit.speaker, unit.text, unit.block.text, unit.document.text),
        "organisation": organisation_fit(
            scope.organisations, unit.block.attributes.get("organisation", ""), unit.text
        ),
        "document": document_fit(scope, unit.doc),
    }


def said(unit: Unit, query: Query, matcher: Matcher) -> dict[str, float]:
    """How much of a query a unit says, and whether it holds what the kind of answer is made of."""
    units = units_asked(query.standalone)
    return {
        "own": max(matcher.coverage(unit.text), _FAQ * _asked(unit, matcher)),
        "whole": matcher.coverage(unit.text, unit.where, 1.0),
        "kind": max(kind_present(query.kind, unit.text), words_present(query.standalone, unit.text)),
        "unit": kind_present(query.kind, unit.text, units) if units else 0.0,
    }


def _asked(unit: Unit, matcher: Matcher) -> float:
    """Coverage of the question by the question that the unit's section answers (FAQ), else 0."""
    path = unit.block.heading_path
    is_question = bool(path) and path[-1].rstrip().endswith(("？", "?"))
    return matcher.coverage(path[-1]) if is_question and unit.block.kind is not BlockKind.HEADING else 0.0


# What a question of quantity asks for, and the units that answer it.
UNITS_ASKED = (
    (
        re.compile(
            r"多少钱|几个?亿|几万|投资|花多少|经费|金额|(?:补贴|补助|奖补|奖励|资助|津贴).{0,8}多少|多少[十百千]?[万亿]?元|几块|给多少|涨多少钱|(?:工资|薪水|年薪|月薪|收入).{0,4}(?:多少|几)"
        ),
        ("元",),
    ),
    (
        re.compile(r"百分之|百分比|比例|占比|[\u4e00-\u9fff]率|几成|百分点|几个点|多少个?点"),
        ("%", "‰", "百分点", "/"),
    ),
    (re.compile(r"多少张|几张|床位数|多少床|多少个?床"), ("张",)),
    (re.compile(r"多少人(?!次)|几个人|多少名|几名|多少学员"), ("人", "名", "位")),
    (re.compile(r"多少岁|几岁|寿命"), ("岁",)),
    (re.compile(r"多远|多少公里|半径"), ("公里", "千米", "米", "分钟")),
    (re.compile(r"(?:多少|几)(?:家|所|座)"), ("家", "所", "座", "个")),
    (re.compile(r"(?:多少|几)(?:天|日)(?!内)"), ("天", "日")),
    (re.compile(r"(?:多少|几)场"), ("场", "次")),
    *(
        (re.compile(rf"(?:多少|几){unit}"), (unit,))
        for unit in ("件", "条", "辆", "亩", "户", "吨", "台", "种")
    ),
)


def units_asked(question: str) -> tuple[str, ...]:
    """The units of which one must stand behind the number that answers the question; empty when any may."""
    return next((units for pattern, units in UNITS_ASKED if pattern.search(question)), ())


def _as_read(read: ReadChunk | None, unit: Unit) -> dict[str, float]:
    """What the reader says for a unit."""
    share = read.share(unit) if read is not None else 0.0
    return {"share": share, "answers": share * read.reading.answerable if read is not None else 0.0}


def words_present(question: str, text: str) -> float:
    """Whether a text holds words of the sort that a question wants: 0 or 1."""
    return float(any(asked.search(question) and said.search(text) for asked, said in WORDS_ASKED))


def kind_present(kind: AnswerKind, text: str, units: Sequence[str] = ()) -> float:
    """Whether a text holds what the kind of answer is made of: 0 or 1, or in between when it is not sure."""
    if kind is AnswerKind.NUMBER:
        found = [n for n in numbers_in(text) if n.value < _FIRST_YEAR or not _is_year(text, n.end)]
        if units and found:
            headed = any(unit in head for head in _HEADED.findall(text) for unit in units)
            return 1.0 if headed or any(unit in n.unit for n in found for unit in units) else 0.3
        return float(bool(found))
    if kind is AnswerKind.DATE:
        return 1.0 if dates_in(text) or _WHEN.search(text) else 0.6 * bool(years_in(text))
    if kind is AnswerKind.PERSON:
        return float(bool(_ORGANISED_NAME.search(text)))
    if kind is AnswerKind.LIST:
        return float(bool(_ENUMERATION.search(text) or text.endswith("：")))
    if kind is AnswerKind.HOWTO:
        return 0.7 * float(bool(_WAY.search(text)))
    if kind is AnswerKind.DEFINITION:
        return 0.7 * float(bool(_DEFINES.search(text)))
    return 0.0


def _is_year(text: str, end: int) -> bool:
    return text[end : end + 1] == "年" or text[end - 1 : end] == "年"


def _order(candidate: Candidate) -> tuple[float, str, int]:
    return (-candidate.score, candidate.unit.doc, candidate.unit.index)
