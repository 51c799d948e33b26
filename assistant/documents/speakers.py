"""Who says what: signature lines, photo captions, and which side of a signature its statement stands on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

# The words that end a post in Chinese public service, business and schools.
_POSTS = (
    "书记 主任 局长 院长 所长 处长 科长 部长 厅长 司长 市长 县长 区长 镇长 乡长 省长 州长 会长 "
    "校长 社长 站长 行长 总裁 总经理 经理 董事长 秘书长 主席 委员 组长 队长 团长 政委 司令员 专员 巡视员 "
    "调研员 教授 研究员 主编 记者 医师 护士长 党组成员 党委委员 负责人 代表 村长 督学 总工程师 总会计师 总监 厂长 馆长 "
    "园长 关长 检察长 审判长 庭长 "
)
POSTS = tuple(_POSTS.split())
_ENDS = "|".join(sorted(POSTS, key=len, reverse=True))
_NAME = r"[\u4e00-\u9fff](?:\s?[\u4e00-\u9fff]){1,3}|[\u4e00-\u9fff]{1,8}(?:[·•][\u4e00-\u9fff]{1,8})+"
_POST_NAME = re.compile(rf"(?P<post>\S.{{2,60}}?(?:{_ENDS}))[\s　]+(?P<name>{_NAME})")
_NAME_POST = re.compile(rf"(?P<name>{_NAME})[\s　]+(?P<post>\S[^，。；,;]{{2,60}}?(?:{_ENDS}))")
_ORGANISATION = re.compile(
    r".+?(?:委员会|卫生健康委|健康委|卫健委|疾控局|[委局院厅部办处所校司团]|中心|集团|公司|协会|学会|政府)(?=党|书记|主任|副|局长|院长|$|.*长)"
)
_SAYS = re.compile(
    r"(?P<name>[\u4e00-\u9fff]{2,3}|[\u4e00-\u9fff]{1,6}(?:·[\u4e00-\u9fff]{1,8})+)(?:同志|主任|书记|局长|院长)?"
    r"(?:要求|强调|指出|表示|认为|介绍|说|提出)[，：,:]"
)
_NOT_NAMES = re.compile(
    r"会议|大会|通知|意见|方案|报告|文件|规划|同时|并且|我们|他们|专家|群众|记者|一致|再次|多次|明确"
)
_COLON = re.compile(rf"(?P<name>{_NAME})\s?[（(](?P<post>[^（）()]{{2,40}})[）)]\s?[：:]")


@dataclass(frozen=True, slots=True)
class Speaker:
    """A person with the post and the organisation that stand beside the name."""

    name: str
    post: str

    @property
    def organisation(self) -> str:
        """The organisation that the post belongs to, as far as the post names it."""
        found = _ORGANISATION.match(self.post)
        return re.sub(r"党[委组]$", "", found.group()) if found else ""


def signature(line: str) -> Speaker | None:
    """The speaker that a line of its own names, as in 某某局党组书记、局长 张三."""
    text = line.strip()
    if any(char in text for char in "，,。；;：:"):
        return None
    found = _POST_NAME.fullmatch(text) or _NAME_POST.fullmatch(text)
    if not found:
        return None
    name = "".join(found["name"].split())
    return None if name.endswith(POSTS) else Speaker(name, "".join(found["post"].split()))


def spoken_by(paragraph: str) -> Speaker | None:
    """The speaker that a paragraph names at its beginning, as in 张三要求，… or 张三（某局局长）：…."""
    found = _COLON.match(paragraph)
    if found:
        return Speaker("".join(found["name"].split()), found["post"])
    found = _SAYS.match(paragraph)
    if found and not _NOT_NAMES.search(found["name"]):
        return Speaker(found["name"], "")
    return None


def stands_before(signatures: Sequence[Speaker], bodies: Sequence[str]) -> bool:
    """Whether signatures stand before their statements.

    `bodies` are the texts around the signatures: bodies[i] is before signature i, bodies[i + 1] after it. A speaker
    names the own institution more often than the neighbours' do; where that does not settle it, an empty first body
    means that signatures come first.
    """
    votes = 0
    for i, speaker in enumerate(signatures):
        for key in _keys(speaker):
            votes += min(3, bodies[i + 1].count(key)) - min(3, bodies[i].count(key))
    if votes:
        return votes > 0
    return not bodies[0].strip()


def _keys(speaker: Speaker) -> list[str]:
    organisation = speaker.organisation or speaker.post
    place = re.match(r"[\u4e00-\u9fff]{2,8}?(?:自治区|省|市|县|区|兵团)", organisation)
    return [organisation] + ([place.group()] if place else [])
