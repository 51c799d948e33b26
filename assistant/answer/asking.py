"""What a question asks for, part by part: how many things of which kinds, and whether it wants the points of a matter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from assistant.answer.ranking import units_asked
from assistant.language.numbers import whole_value
from assistant.search.kinds import EACH, asks, kind_of
from assistant.types import AnswerKind

# What was reached, and what is aimed at, in the words of who asks.
ASKS_REACHED = re.compile(
    r"实际|实打实|真正|眼下|目前|现在|现状|如今|已经|最后|完成|做到|干[了到成]|通到|到了|结果|落实了|发了|花了|用了|办成"
)
ASKS_AIMED = re.compile(
    r"目标|计划|打算|要(?:达到|到|多少|求)|规划|预[期算]|控制在|定[的了]|指标定|任务|想|安排|应该|原来"
)
_NUMERAL = "二两三四五六七八九十"
_POINTS = re.compile(
    r"概括|总结|归纳|捋|梳理|要点|大意|提炼|简述|"
    r"(?:哪|分|成|有|走|过|讲|抓|定|议|谈|说|靠)了?(?:哪)?几(?:大|个)?(?:块|条|件|方面|招|关|步|点|样|层|部分|项|手|板块|事)|哪几(?:处|摊|种)|"
    r"(?:主要|都|大概|大体|重点|具体)(?:讲|说|谈|抓|议|定|提|做|干|布置|部署)了?(?:些|哪些|什么|啥|哪几)|"
    r"哪些(?:方面|短板|问题|困难|毛病|要求|任务|措施|做法|经验|体会|建议|打算|动作|重点|内容)"
)
# 三个老毛病, 四件事: how many members there are; lengths of time and amounts are none
_MEMBERS = re.compile(
    rf"(?<![第十百千万每\d{_NUMERAL}])([{_NUMERAL}]|1\d|[2-9])(?:大|个|条|件|块|招|点|样|方面|种|项|层|关|步|类|句)"
    r"(?!月|工作日|小时|星期|礼拜|百分点|季度|年|半|多|以上|[十百千万亿])"
)
_NUMBERS = re.compile(r"多少|百分之几|几成|几(?=\s*[\u4e00-\u9fff])|多(?:高|大|长|久|远|宽)|几[？?。]*$")
_EACH = re.compile(rf"{EACH}|逐年|历年|每年都")
_CLAUSE = re.compile(r"[，,。；;？?、]")
_MOST_SIDES = 3
_YEARS = re.compile(r"(?:20)?\d\d年")
# A和B分别, A跟B哪个: two things named in one clause, of each of which the same is asked
_TWO = re.compile(rf"{EACH}|[哪谁]|差|一样|相同|不同|区别|比|对得上|一致")
_JOINT = re.compile(r"还是|以及|[和跟与同比]")


@dataclass(frozen=True, slots=True)
class AskedPart:
    """A clause of a question that asks something of its own."""

    text: str
    kind: AnswerKind
    units: tuple[str, ...]


@lru_cache(maxsize=256)
def asked_parts(question: str) -> tuple[AskedPart, ...]:
    """The clauses that ask, in their order."""
    told = [clause for clause in _CLAUSE.split(question) if asks(clause)]
    return tuple(AskedPart(clause, kind_of(clause), units_asked(clause)) for clause in told)


def wants_points(question: str) -> bool:
    """Whether a question wants the points of a matter in short (分哪几块, 主要抓了哪几件事), not one thing out of it."""
    return bool(_POINTS.search(question))


def members_asked(question: str) -> int:
    """How many members the question says that the answer has; 0 where it does not say."""
    found = _MEMBERS.search(question)
    return whole_value(found[1]) if found else 0


def numbers_asked(question: str, years: int) -> int:
    """How many numbers a question wants, roughly: one for each word that asks for one, or for each of several years."""
    count = len(_NUMBERS.findall(question))
    return max(count, 2, years) if count and _EACH.search(question) else count


@lru_cache(maxsize=256)
def sides_of(question: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """The questions that a question of two or three sides is made of, each with the clauses that all of them share.

    `words` are the question's terms: of two joined ones each side keeps its own. Empty for a question of one side.
    """
    words = (*words, *_YEARS.findall(question))
    if _EACH.search(question) and (found := _joined(question, words)):
        return found
    clauses = [clause for clause in _CLAUSE.split(question) if clause.strip()]
    asking = [clause for clause in clauses if asks(clause)]
    shared = "，".join(clauses[: clauses.index(asking[0])]) if asking else ""
    if 1 < len(asking) <= _MOST_SIDES:
        return tuple(f"{shared}，{clause}".strip("，") for clause in asking)
    return _joined(question, words) if _TWO.search(question) else ()


def _joined(question: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """The question without the one, and without the other of two terms that a word like 和 joins."""
    for match in _JOINT.finditer(question):
        left = max((w for w in words if question[: match.start()].endswith(w)), key=len, default="")
        right = max((w for w in words if question.startswith(w, match.end())), key=len, default="")
        if left and right and left != right:
            before, after = question[: match.start() - len(left)], question[match.end() + len(right) :]
            return f"{before}{left}{after}", f"{before}{right}{after}"
    return ()
