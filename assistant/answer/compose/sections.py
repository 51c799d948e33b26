"""Answers out of structure: the items of a section, the points of a statement, the members of a list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from assistant.answer.compose.desk import Desk
from assistant.answer.drafts import LONGEST, Draft, Part
from assistant.documents.items import lead
from assistant.language.sentences import before_marks, clauses, sentences
from assistant.search.passages import Pages, Unit
from assistant.types import AnswerKind, Block, BlockKind, Span

_PARTS = re.compile(r"哪几|哪些|几个方面|几条|几项|几点|方面|分别|措施|内容|任务|重点|工作|怎么|如何")
_SPOKEN = (BlockKind.PARAGRAPH, BlockKind.ITEM)
_PREAMBLE = re.compile(
    r"重要论述|新时代中国特色社会主义思想|^(?:通过|作为|回望|回顾|在过去)|指导思想|习近平总书记指出"
)
_LONG_ITEMS = (60, 40, 25)  # characters of an item that is given whole: fewer, where a list would be too long
_LEAD, _MOST_POINTS = 34, 8  # characters of a sentence that only opens; sentences that may follow it
_POINT, _LEAST_POINT = 22, 6  # characters of a point of a summary
_SECTION = re.compile(r"[这那]一?(?:块|部分|节|章|段|条|方面)|一[节章]|部分|基本原则|原则|几条")
_OUTLINED, _MOST_OUTLINES = 6, 5  # candidates whose sections are told in short; how many sections at most
_LEAST_HEADING = 0.45  # of the question that a heading must cover
_NO_POINT = re.compile(r"(?:附[件表录注图]|目录|问|答|来源)[\d一二三四五六七八九十]*[：:]?$")
_PAPERS = 2  # of the best candidates, whose customary sections are looked at
# The customary parts of official papers: how people ask for them, how headings name them.
_SORTS = tuple(
    (re.compile(asked), re.compile(named))
    for asked, named in (
        (r"毛病|短板|短处|不足|问题|困难|难处|差距|薄弱|欠缺|软肋", r"问题|不足|短板|困难|差距|薄弱|挑战"),
        (r"下一步|接下来|打算|往后|今后|后面(?:要|准备)|明年", r"下一步|今后|打算|安排|展望|明年|工作思路"),
        (r"成绩|成效|亮点|干成|做得好|效果", r"成效|成绩|亮点|进展|回顾|完成情况|主要做法"),
        (
            r"保证|保障|靠(?:什么|啥|哪)|落下去|落到位|兜底|压责任",
            r"保障|组织实施|组织领导|监督|责任落实|工作要求",
        ),
        (r"经验|体会|启示|收获|心得|感受", r"经验|体会|启示|收获|感悟|思考|做法"),
        (r"原因|为什么|怎么回事|起因", r"原因|起因|经过"),
        (r"建议|意见", r"建议|意见"),
        (r"任务|重点活|重点工作|抓(?:哪|什么|了)|重点(?:干|做|抓)", r"任务|重点|措施|举措"),
        (r"目标|指标", r"目标|指标"),
        (r"各管|分工|职责|归口", r"职责|分工|责任"),
        (r"罚|追究|后果", r"罚则|法律责任|责任追究"),
        (r"原则", r"原则"),
        (r"条件|资格|够格", r"条件|对象|范围"),
        (r"流程|手续|步骤|程序|几步|几道", r"程序|流程|步骤|办理|申报"),
    )
)


def section_draft(desk: Desk) -> Draft | None:
    """The leading words of the items or paragraphs under the heading that the question names."""
    found = _section(desk)
    if found is None:
        return None
    pages, blocks, coverage = found
    items = [b for b in blocks if b.kind is BlockKind.ITEM]
    parts = list(_leads(pages, items if len(items) > 1 else blocks))
    return Draft(_fitting(parts), coverage) if parts else None


def _section(desk: Desk) -> tuple[Pages, list[Block], float] | None:
    """The section whose heading covers the question best, among the sections of the candidates."""
    best: tuple[float, int, Pages, tuple[str, ...]] | None = None
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for rank, candidate in enumerate(desk.candidates[:40]):
        if not candidate.in_scope:
            continue
        path = candidate.unit.block.heading_path
        for depth in range(1, len(path) + 1):
            key = (candidate.unit.doc, path[:depth])
            if key in seen:
                continue
            seen.add(key)
            pages = desk.passages.pages(candidate.unit.doc)
            place = f"{pages.document.title} {pages.document.region}"
            coverage = desk.matcher.coverage(path[depth - 1], place, 1.0)
            if best is None or _better(coverage, path[depth - 1], best[0], best[3][-1]):
                best = (coverage, rank, pages, path[:depth])
    if best is None or best[0] < _LEAST_HEADING:
        return None
    body = section_body(best[2], best[3])
    return (best[2], body, best[0]) if body else None


def section_body(pages: Pages, path: tuple[str, ...]) -> list[Block]:
    """What tells a section in short: the headings right below its own, or else its items and paragraphs.

    An empty path means the whole document.
    """
    inside = [
        b
        for b in pages.blocks
        if b.heading_path[: len(path)] == path
        and b.kind in (BlockKind.ITEM, BlockKind.PARAGRAPH, BlockKind.HEADING)
    ]
    below = [b for b in inside if b.kind is BlockKind.HEADING and len(b.heading_path) == len(path) + 1]
    return below if len(below) > 1 else [b for b in inside if b.kind is not BlockKind.HEADING]


def outline_draft(desk: Desk, pages: Pages, path: tuple[str, ...]) -> Draft | None:
    """The leading words of what stands in a section."""
    blocks = section_body(pages, path)
    items = [b for b in blocks if b.kind is BlockKind.ITEM]
    parts = list(_leads(pages, items if len(items) > 1 else blocks)) if blocks else []
    if len(parts) < 2:
        return None
    where = " ".join((pages.document.title, *path))
    said = "".join(part.text for part in parts)
    return Draft(_fitting(parts), desk.matcher.coverage(said, where, 1.0))


def outlines(desk: Desk) -> Iterator[tuple[Pages, tuple[str, ...]]]:
    """The sections of the best candidates, headings among them, each once: the innermost, and the one around it."""
    seen: set[tuple[str, tuple[str, ...]]] = set()
    inside = [c for c in desk.candidates if c.in_scope]
    for candidate in inside[:_OUTLINED]:
        path = candidate.unit.block.heading_path
        for depth in (len(path), len(path) - 1):
            key = (candidate.unit.doc, path[:depth])
            if depth >= 0 and key not in seen and len(seen) < _MOST_OUTLINES:
                seen.add(key)
                yield desk.passages.pages(candidate.unit.doc), path[:depth]
    papers = dict.fromkeys(c.unit.doc for c in inside[:_OUTLINED])
    for pages in (desk.passages.pages(doc) for doc in list(papers)[:_PAPERS]):
        for path in dict.fromkeys(b.heading_path for b in pages.blocks if b.heading_path):
            if (pages.document.id, path) not in seen and section_sort(desk.question, path[-1]) > 0:
                seen.add((pages.document.id, path))
                yield pages, path


def section_sort(question: str, heading: str) -> int:
    """Whether a heading names the customary part of a paper that a question asks for: 1; another such part: -1; else 0.

    Papers say 存在的问题, people ask for 毛病; papers say 保障措施, people ask how it is made sure.
    """
    wanted = _sorts_asked(question)
    if not wanted:
        return 0
    held = {n for n, (_, named) in enumerate(_SORTS) if named.search(heading)}
    if not held:
        return 0
    return 1 if wanted & held else -1


@lru_cache(maxsize=64)
def _sorts_asked(question: str) -> frozenset[int]:
    """The customary parts that a question asks for, by their places in the table; it is held against many headings."""
    return frozenset(n for n, (asked, _) in enumerate(_SORTS) if asked.search(question))


def _better(coverage: float, heading: str, best: float, other: str) -> bool:
    """Of two headings that cover the question alike, the one that says less besides is meant."""
    return coverage > best + 1e-6 or (coverage > best - 1e-6 and len(heading) < len(other))


def _leads(pages: Pages, blocks: Sequence[Block]) -> Iterator[Part]:
    for block in blocks:
        cleaned = pages.cleaned(block)
        text = cleaned.text
        if _NO_POINT.match(text):
            continue
        if block.kind is BlockKind.PARAGRAPH and len(blocks) == 1:
            for start, end in sentences(text):
                stop = end - 1 if text[end - 1] in "。；" else end
                yield Part(text[start:stop], (cleaned.span(pages.document.id, start, stop),))
            continue
        name = lead(text)
        start = text.find(name) if name else 0
        yield Part(
            name or text, (cleaned.span(pages.document.id, max(start, 0), max(start, 0) + len(name or text)),)
        )


def _fitting(parts: Sequence[Part]) -> tuple[Part, ...]:
    """As many parts as a short answer holds, at least one; all are cut alike when they are too many."""
    total = 0
    kept: list[Part] = []
    for part in parts:
        total += len(part.text) + 1
        if kept and total > LONGEST:
            break
        kept.append(part)
    return tuple(kept)


def statement_draft(desk: Desk) -> Draft | None:
    """What a person or an institution says, point by point: on the matter asked for, or the whole statement."""
    speaker = _speaker(desk)
    if not speaker:
        return None
    doc = next(c.unit.doc for c in desk.candidates if c.unit.speaker == speaker)
    units = [u for u in desk.passages.pages(doc).units if u.speaker == speaker and u.block.kind in _SPOKEN]
    units = [u for u in units if not _PREAMBLE.search(u.text)] or units
    if not units:  # a signature under a table or a heading alone
        return None
    paragraphs: dict[Span, list[Unit]] = {}
    for unit in units:
        paragraphs.setdefault(unit.block.span, []).append(unit)
    asked = _asked_paragraphs(desk, list(paragraphs.values()))
    parts = _points(
        asked
        or [p for p in paragraphs.values() if not _PREAMBLE.search(p[0].text)]
        or list(paragraphs.values())
    )
    return (
        Draft(
            _fitting(parts),
            max(c.whole for c in desk.candidates),
            sure=bool(desk.query.scope.people or desk.query.scope.organisations),
        )
        if parts
        else None
    )


def _speaker(desk: Desk) -> str:
    """Whose statement is asked for: the person named, or the speaker of the best sentence."""
    speakers = {c.unit.speaker for c in desk.candidates if c.unit.speaker}
    named = [name for name in desk.query.scope.people if name in speakers]
    if named or desk.query.scope.people:
        return next(iter(named), "")
    best = desk.best()
    return best.unit.speaker if best is not None else ""


def _asked_paragraphs(desk: Desk, paragraphs: Sequence[list[Unit]]) -> list[list[Unit]]:
    """The paragraphs that speak of the question's own matter, beyond the speaker's name; none when it has no matter."""
    own = [
        w for w in desk.matcher.wanted if w.weight > 0 and not any(w.text in u.where for u in paragraphs[0])
    ]
    if not own:
        return []
    covered = [
        (
            sum(
                w.weight
                for w in own
                if any(word in "".join(u.text for u in p) for word in (w.text, *w.synonyms))
            ),
            p,
        )
        for p in paragraphs
    ]
    best = max(weight for weight, _ in covered)
    return (
        [p for weight, p in covered if weight >= 0.8 * best]
        if best >= 0.5 * sum(w.weight for w in own)
        else []
    )


def _points(paragraphs: Sequence[list[Unit]]) -> list[Part]:
    """The points of some paragraphs: one each when they are many, else the heads of their sentences."""
    units = [p[0] for p in paragraphs] if len(paragraphs) > 3 else [unit for p in paragraphs for unit in p]
    parts = []
    for unit in units:
        cuts = clauses(unit.text)
        last = 0
        while last + 1 < len(cuts) and cuts[last][1] - cuts[0][0] < _POINT:
            last += 1
        start = cuts[0][0]
        end = before_marks(unit.text, start, cuts[last][1], "，；。：、")
        if end - start >= _LEAST_POINT:
            parts.append(Part(unit.text[start:end], (unit.span(start, end),)))
    return parts


def list_draft(desk: Desk) -> Draft | None:
    """The members of a list: items of the section or the paragraph whose opening words the question names."""
    best = desk.best()
    section = _section(desk)
    if section is not None and _SECTION.search(desk.question):
        return section_draft(desk)
    if best is not None and (section is None or section[2] < best.whole + 0.05):
        items = items_after(desk, best.unit.block) or _points_after(desk, best.unit)
        if items:
            return Draft(_fitting(items), best.whole)
        if best.own >= 0.5 or section is None:
            return None
    if section is None or not _PARTS.search(desk.question):
        return None
    return section_draft(desk)


def enumeration_draft(desk: Desk) -> Draft | None:
    """The best sentence and what its final colon introduces: 有下列情形之一的，…： with its items or its next sentences."""
    best = desk.best()
    if best is None or not best.unit.text.endswith(("：", ":")):
        return None
    items = items_after(desk, best.unit.block)
    if not items:
        return None
    start, end = 0, len(best.unit.text) - 1
    lead_in = Part(best.unit.text[start:end], (best.unit.span(start, end),)) if end < _LEAD * 2 else None
    parts = ([lead_in] if lead_in is not None and desk.query.kind is not AnswerKind.LIST else []) + items
    return Draft(_fitting(parts), best.whole)


def items_after(desk: Desk, block: Block) -> list[Part]:
    """The list that a paragraph or an article ending in a colon introduces."""
    pages = desk.passages.pages(block.span.doc)
    if not block.text.endswith(("：", ":")):
        return []
    following = [
        b for b in pages.blocks if b.span.start >= block.span.end and b.kind is not BlockKind.FURNITURE
    ]
    items: list[Block] = []
    for other in following:
        marker = other.attributes.get("marker", "")
        if (
            other.kind is not BlockKind.ITEM
            or marker == block.attributes.get("marker")
            or marker.startswith("第")
        ):
            break
        items.append(other)
    if len(items) < 2:
        return []
    for longest in _LONG_ITEMS:
        parts = [_item(pages, item, longest) for item in items]
        if sum(len(part.text) + 1 for part in parts) <= LONGEST:
            break
    return parts


def _item(pages: Pages, block: Block, longest: int) -> Part:
    """An item without its marker and its final mark; one longer than `longest` by its opening words."""
    cleaned = pages.cleaned(block)
    text = cleaned.text
    start = (
        len(block.attributes.get("marker", "")) if text.startswith(block.attributes.get("marker", "")) else 0
    )
    end = len(text)
    if end - start > longest:
        end = clauses(text[start:], "。；，")[0][1] + start
    end = before_marks(text, start, end, "。；，、")
    return Part(text[start:end], (cleaned.span(pages.document.id, start, end),))


def _points_after(desk: Desk, unit: Unit) -> list[Part]:
    """The heads of the sentences that follow a short opening sentence in its paragraph: a lead and its points."""
    if len(unit.text) > _LEAD or "、" in unit.text or not _PARTS.search(desk.question):
        return []
    following = []
    for other in desk.passages.pages(unit.doc).units[unit.index + 1 : unit.index + 1 + _MOST_POINTS]:
        if other.block is not unit.block:
            break
        following.append(other)
    return _points([following]) if len(following) > 1 else []
