"""Questions about a document itself: its number, its date, whether it is in force."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.answer.compose.desk import Desk
from assistant.answer.drafts import Draft, Part
from assistant.language.dates import dates_in, years_in
from assistant.language.regions import within
from assistant.search.passages import Unit
from assistant.types import AnswerKind, Document

_PAPER = r"(?:规划|计划|文件|方案|通知|办法|条例|意见|材料|稿子?|报告|公告|纲要|规定)"
_NUMBER = re.compile(rf"文号|发文字号|几号文|(?:{_PAPER}).{{0,4}}编号")
_DATE = re.compile(
    rf"{_PAPER}[^，。]{{0,4}}(?:是|在|于)?(?:哪年|哪一?天|什么时候|啥时候|何时|几月|哪月)[^，。]{{0,3}}"
    r"(?:的|发|印|出|写|公布|成文|定)|(?:发文|成文|印发|发布)(?:日期|时间)"
)
_STATUS = re.compile(
    r"征求意见|正式(?:文件|生效|实施|印发|发布|出台|版)?|草稿|定稿|草案|生效了?|算数|有效力|现行|废止|定下来"
)
_ASKS_STATUS = re.compile(r"吗|吧|么[？?]?$|是不是|还是|是否|算不算|算数|什么(?:状态|性质)")
_HEAD_UNITS = 12


def paper_draft(desk: Desk) -> Draft | None:
    """The line of the document's head that tells its number, its date or its status."""
    question = desk.question
    if not re.search(_PAPER, question):
        return None
    for document in _documents(desk):
        head = [u for u in desk.passages.pages(document.id).units[:_HEAD_UNITS] if len(u.text) < 60]
        if _NUMBER.search(question) and document.number:
            return _line([u for u in head if "号" in u.text and document.number[:3] in u.text])
        if _DATE.search(question) and desk.query.kind in (AnswerKind.DATE, AnswerKind.FACT):
            return _line([u for u in head if dates_in(u.text) or (years_in(u.text) and len(u.text) < 12)])
        if (
            _STATUS.search(question)
            and _ASKS_STATUS.search(question)
            and document.status in ("征求意见稿", "草案", "已废止", "试行")
        ):
            draft = _line([u for u in head if document.status in u.text])
            if draft is not None:
                denied = re.search(r"正式|生效|定下来|定稿", question)
                verdict = "不是正式文件，是" if denied else "是"
                return Draft((Part(verdict + document.status, draft.parts[0].spans),), sure=True)
    return None


def _documents(desk: Desk) -> Iterator[Document]:
    """The documents that the question names, or those of its place."""
    scope = desk.query.scope
    for document in desk.passages.documents():
        named = document.id in scope.documents
        placed = any(
            within(document.region, region) for region in scope.regions if "、" not in document.region
        )
        if named or (placed and not scope.documents):
            yield document


def _line(units: Sequence[Unit]) -> Draft | None:
    """The first of the units as it stands."""
    return Draft((Part(units[0].text, (units[0].span(),)),), sure=True) if units else None
