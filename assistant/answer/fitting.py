"""What a question demands of the form of its answer: a draft of another form cannot answer."""

from __future__ import annotations

import re
from collections.abc import Iterable

from assistant.answer.compose.people import asks_whose_words
from assistant.answer.ranking import kind_present
from assistant.language.names import is_name, names_in
from assistant.language.numbers import whole_value
from assistant.language.regions import regions_in
from assistant.types import AnswerKind

_NUMERAL = "二两三四五六七八九十"
_CLASS = "[个项条样种件大类点]"
# 哪五个, 五样分别, 分别是哪五样: how many parts the answer must have.
_COUNTED = (
    re.compile(rf"哪([{_NUMERAL}]|\d{{1,2}})(?![{_NUMERAL}\d年月日号期届批次])"),
    re.compile(rf"(?<![第{_NUMERAL}])([{_NUMERAL}]){_CLASS}[^，。？]{{0,8}}?分别"),
    re.compile(rf"分别[^，。？]{{0,8}}?(?<![第{_NUMERAL}])([{_NUMERAL}]){_CLASS}"),
)
_SORTS = tuple(
    (re.compile(asks), re.compile(holds))
    for asks, holds in (
        (r"哪一?[家个](?:公司|企业|厂)|什么公司", r"公司|集团|企业|厂|院|社|中心|[一二三四五六七八九十]局"),
        (r"(?:哪一?[所个]|什么)(?:学校|大学|院校)(?:毕业|出来|读)", r"大学|学院|学校|中学|专业|毕业"),
        (
            r"(?:哪一?年|什么时候|啥时候|几时|哪天).{0,4}(?:当上|上任|任职|接任|就任)",
            r"任命|上任|接任|就任|当选|任职|起任|改任",
        ),
        (
            r"(?:之前|以前|从前|原来|早先).{0,4}(?:在|是)?(?:哪|什么|啥).{0,4}(?:单位|部门|地方|工作|干|任职)",
            r"曾|历任|调任|前任|原任|原是|来自|出身",
        ),
        (
            r"(?:哪|什么|啥)(?:个|所)?(?:学校|大学|院校).{0,4}毕业|什么学历|啥学历",
            r"毕业|学历|学位|硕士|博士|本科",
        ),
        (r"多大(?:岁数|年纪)|(?:今年|现年)(?:多少岁|几岁|多大)", r"岁|出生|生于"),
        (r"哪一?家银行", r"行|信用社"),
    )
)
_ASKS_POST = re.compile(r"(?:什么|啥|何|哪个)(?:职务|职位|职称|身份|官)|职务是|哪家.{0,6}(?:院长|主任|校长)")
_POST = r"长|主任|书记|委员|秘书|经理|主席|教授|医师|员|负责人|董事|代表"
_MOST_COUNTED = 12  # parts; what counts more is seldom told whole
_QUOTES = re.compile(r"[“”\"『』「」‘’]")
_BETWEEN = re.compile(r"[、，；：。,;\n]|(?<=[\u4e00-\u9fff])[和与及或至到—-](?=[\u4e00-\u9fff\d])")
_NUMBER = r"(\d{1,5}|[一二两三四五六七八九十百]{1,5})"
_ORDINAL = re.compile(
    rf"第\s*{_NUMBER}(?:\s*[至到—-]\s*第?{_NUMBER})?\s*([期届批号]|次(?=[\u4e00-\u9fff]{{0,4}}会))"
)


def misfit(question: str, text: str, said: str, people: Iterable[str]) -> bool:
    """Whether a text is not of the form that the question demands; `said` is all that its passages say."""
    return (
        nobody_named(question, text, people)
        or parts_missing(question, text)
        or sort_missing(question, text)
        or post_unsaid(question, text, people)
        or ordinal_unsaid(question, said)
    )


def nobody_named(question: str, text: str, people: Iterable[str]) -> bool:
    """Whether it is asked whose words something is, and the text names nobody, no place and no institution."""
    if not asks_whose_words(question) or kind_present(AnswerKind.PERSON, text):
        return False
    begins = any(is_name(line[:length]) for line in text.splitlines() for length in (2, 3))
    if begins or any(len(name.text) > 1 for name in names_in(text)):
        return False
    return not any(name in text for name in people) and not regions_in(text)


def post_unsaid(question: str, text: str, people: Iterable[str]) -> bool:
    """Whether it is asked what post somebody has, and the text joins that person's name with none."""
    if not _ASKS_POST.search(question):
        return False
    named = [name for name in people if name in question]
    return bool(named) and not any(
        re.search(
            rf"(?:{_POST})[^，。；：、]{{0,3}}{re.escape(n)}|{re.escape(n)}[^。；]{{0,24}}(?:{_POST})", text
        )
        or n not in text
        for n in named
    )


def sort_missing(question: str, text: str) -> bool:
    """Whether it is asked which company, school or bank it is, or somebody's age, and the text holds none."""
    return any(asks.search(question) and not holds.search(text) for asks, holds in _SORTS)


def parts_missing(question: str, text: str) -> bool:
    """Whether a text has fewer pieces than the question says the answer has parts (“四个主动”是哪四个)."""
    bare = _QUOTES.sub("", question)
    count = next((whole_value(found[1]) for pattern in _COUNTED if (found := pattern.search(bare))), 0)
    return len(_BETWEEN.findall(text.rstrip("。；，"))) + 1 < count <= _MOST_COUNTED


def ordinal_unsaid(question: str, said: str) -> bool:
    """Whether a question names something by its number (第7期) that the passages do not name by this number."""
    known = [_ordinal(match) for match in _ORDINAL.finditer(said)]
    wanted = [_ordinal(match) for match in _ORDINAL.finditer(question)]
    return any(not any(u == unit and a <= first <= b for a, b, u in known) for first, _, unit in wanted)


def _ordinal(match: re.Match[str]) -> tuple[int, int, str]:
    """First, last and unit of 第3期, 第一至三期."""
    first = whole_value(match[1])
    return first, whole_value(match[2]) if match[2] else first, match[3]
