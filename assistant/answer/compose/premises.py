"""Yes/no questions and premises to be checked: the sentence that settles them, and the verdict where code can tell."""

from __future__ import annotations

import re

from assistant.answer.compose.desk import Desk, near
from assistant.answer.compose.people import introduction, wrong_post
from assistant.answer.compose.tables import table_draft
from assistant.answer.drafts import Draft, Part
from assistant.answer.ranking import Candidate
from assistant.language.dates import dates_in
from assistant.language.numbers import Number, numbers_in
from assistant.types import AnswerKind, BlockKind

AFFIRMED, DENIED = "是的", "不是"  # how a premise is settled
_DENIES = re.compile(r"不(?!断|仅|但|同|少于|低于|超过|高于|到|良)|未|没有|取消|禁止|严禁")
_NEGATIVE = re.compile(r"不是|没有|不用|不能|不需要|未")
_PLAINLY = 0.3  # of coverage by which another speaker's passage must say it better
_SUM = 1000  # from which a number without a unit is a sum (投了9000万)
_AFFIRMS = 0.75  # coverage from which a sentence counts as saying what the question says


def premise_draft(desk: Desk) -> Draft | None:
    """The settling sentence with its verdict: 是的, 不是, or none when code cannot tell."""
    best = _counting(desk) or desk.best()
    if best is None:
        return None
    other = _said_by_another(desk, best)
    if other is not None:
        who = introduction(desk, other.unit.speaker)
        quoted = desk.quote(other.unit, _kind(desk), most=80)
        return (
            Draft((Part(f"{DENIED}。" + who.text, who.spans), quoted), other.whole)
            if who is not None
            else None
        )
    wrong = wrong_post(desk)
    if wrong is not None:
        quoted = desk.quote(best.unit, _kind(desk), most=80)
        return Draft((Part(f"{DENIED}。" + wrong.text, wrong.spans), quoted), best.whole)
    if _person_differs(desk, best) and best.unit.speaker:
        who = introduction(desk, best.unit.speaker)
        quoted = desk.quote(best.unit, _kind(desk), most=80)
        if who is not None:
            return Draft((Part(f"{DENIED}。" + who.text, who.spans), quoted), best.whole)
    if best.unit.block.kind is BlockKind.ROW:
        table = table_draft(desk)
        if table is not None:
            quote, spans = table.parts[0].text, table.parts[0].spans
            return Draft((Part(_verdict(desk, best, quote) + quote, spans), *table.parts[1:]), table.coverage)
    quoted = desk.quote(best.unit, _kind(desk))
    return Draft((Part(_verdict(desk, best, quoted.text) + quoted.text, quoted.spans),), best.whole)


def _counting(desk: Desk) -> Candidate | None:
    """A passage nearly as good as the best that counts in the unit of the question's number, if one is asked about."""
    units = {number.unit for number in _asked_numbers(desk.question) if number.unit}
    inside = [c for c in desk.body() if c.in_scope]
    return next(
        (c for c in near(inside) if units & {number.unit for number in numbers_in(c.unit.text)}), None
    )


def _said_by_another(desk: Desk, best: Candidate) -> Candidate | None:
    """The passage of another speaker that says what the question puts into a person's mouth."""
    if not desk.query.scope.people or not re.search(r"说|讲|提|谈|强调", desk.question):
        return None
    first = next(iter(desk.body()), None)
    others = [c for c in desk.body() if c.unit.speaker and c.unit.speaker not in desk.query.scope.people]
    top = max(others, key=lambda c: c.own, default=None)
    return top if first is not None and top is not None and top.own >= best.own + _PLAINLY else None


def _kind(desk: Desk) -> AnswerKind:
    return AnswerKind.NUMBER if _asked_numbers(desk.question) else AnswerKind.YES_NO


def _asked_numbers(question: str) -> list[Number]:
    return [
        n
        for n in numbers_in(question)
        if question[n.end : n.end + 1] not in "年月日号" and n.unit not in {"年", "月", "日"}
    ]


def _verdict(desk: Desk, best: Candidate, quote: str) -> str:
    """不是 when a number, a date, a person or a place of the question differs from the text's; 是的 when all is said."""
    if (
        _number_differs(desk.question, quote)
        or _date_differs(desk.question, quote)
        or _person_differs(desk, best)
    ):
        return f"{DENIED}。"
    if best.features["region"] < 0 or best.features["year"] < 0:
        return ""
    negative = bool(_NEGATIVE.search(desk.question))
    if best.whole >= _AFFIRMS and not negative and not _DENIES.search(quote):
        return f"{AFFIRMED}。"
    return ""


def _number_differs(question: str, text: str) -> bool:
    asked, said = _asked_numbers(question), numbers_in(text)
    for number in asked:
        if any(number.same(other) for other in said):
            continue
        if any(
            other.unit == number.unit or (not number.unit and number.value >= _SUM <= other.value)
            for other in said
        ):
            return True
    return False


def _date_differs(question: str, text: str) -> bool:
    asked, said = dates_in(question), dates_in(text)
    pairs = [(a, s) for a in asked for s in said if a.month and s.month]
    return bool(pairs) and not any(
        a.month == s.month and (not a.day or not s.day or a.day == s.day) for a, s in pairs
    )


def _person_differs(desk: Desk, best: Candidate) -> bool:
    people = desk.query.scope.people
    return bool(people) and best.features["person"] < 0
