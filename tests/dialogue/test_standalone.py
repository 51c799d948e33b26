"""Follow-ups made to stand alone: pairs from many domains, and what must hold for all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.dialogue import standalone
from assistant.language.synonyms import load
from assistant.search.catalog import Catalog, Entry, Person
from assistant.types import Question, Turn

CATALOG = Catalog(
    people={
        "赵国栋": Person("赵国栋", ("局长",), ("临江市教育局",), ("临江市",)),
        "周岩": Person("周岩", ("主任",), ("湖北省卫生健康委",), ("湖北省",)),
        "林晓燕": Person("林晓燕", ("主任",), ("湖南省卫生健康委",), ("湖南省",)),
    },
    organisations=("临江市教育局", "湖北省卫生健康委", "湖南省卫生健康委"),
    documents=(
        Entry(
            "plan",
            "临江市教育事业发展规划（2024—2026年）",
            "",
            ("规划", "发展规划"),
            ("临江市",),
            (2024, 2025, 2026),
        ),
        Entry("class", "湖北省干部培训班侧记", "", ("培训班", "侧记"), ("湖北省",), (2024,)),
    ),
    indicators=("高中阶段毛入学率（%）", "婴儿死亡率（‰）", "孕产妇死亡率"),
)
GLOSSARY = load(Path(__file__).resolve().parents[2] / "corpus" / "glossary.toml")

# Question before, answer to it, follow-up, what it means.
PAIRS = [
    # year for year
    ("太原2022年近视率多少", "51%。[1]", "那2025年呢", "太原2025年近视率多少"),
    ("太原2022年近视率多少", "51%。[1]", "25年呢？", "太原25年近视率多少"),
    ("太原近视率是多少", "51%。", "那2024年呢？", "太原2024年近视率是多少"),
    ("北京2024年的最低工资是多少", "2420元", "再说说2023年的", "北京2023年的最低工资是多少"),
    ("今年水库除险加固几座", "3座", "去年呢", "去年水库除险加固几座"),
    # place for place
    ("文水县2025年修几公里路", "12公里", "那方山呢？", "方山2025年修几公里路"),
    ("湖北卫健委主任是谁", "周岩。[1]", "湖南呢", "湖南卫健委主任是谁"),
    ("临江市学校有几所", "30所", "换成上海呢", "上海学校有几所"),
    ("太原和大同的目标分别是多少", "…", "那长治和运城呢", "长治和运城的目标分别是多少"),
    ("湖北卫健委主任是谁", "周岩", "那贵州的呢，谁负责", "贵州卫健委主任是谁，谁负责"),
    ("山西省方山县耕地面积", "…", "临县呢", "临县耕地面积"),
    # person for person, place for person
    ("周岩说了什么", "…", "林晓燕呢", "林晓燕说了什么"),
    ("周岩说了什么", "…", "湖南呢", "林晓燕说了什么"),
    # word of a class for word of a class
    ("三级公立医院床位使用率是多少", "80%", "二级的呢", "二级公立医院床位使用率是多少"),
    ("临江有几个国家级重点专科", "4个", "还有省级的呢", "临江有几个省级重点专科"),
    ("城里急救点服务半径多大", "5公里", "农村的多远", "农村急救点服务半径多大"),
    ("市级综合医院要多少床", "30张", "县里的呢，配多少张", "县级综合医院要多少床，配多少张"),
    ("临江门诊还收预交金吗", "不收", "那住院的呢", "临江住院还收预交金吗"),
    ("全省男性吸烟率是多少", "45%", "女性的呢", "全省女性吸烟率是多少"),
    ("规划的第一条原则是什么", "…", "第二条是什么", "规划的第二条原则是什么"),
    ("上半年财政收入多少", "…", "下半年呢", "下半年财政收入多少"),
    # indicator for indicator
    ("太原2025年婴儿死亡率目标是多少", "5‰", "孕产妇死亡率呢？", "太原2025年孕产妇死亡率目标是多少"),
    ("太原2025年孕产妇死亡率目标是多少", "…", "婴儿死亡率是多少", "太原2025年婴儿死亡率是多少"),
    # names and pronouns
    ("谁是临江市教育局局长", "赵国栋。[1]", "他说了什么？", "赵国栋说了什么？"),
    ("谁是局长", "李四明。[1]", "他主要讲了啥", "李四明主要讲了啥"),
    ("文水县2025年修几公里路", "12公里", "该县的水库有几座", "文水县的水库有几座"),
    ("青海2024年要做什么", "…", "那边的书记叫什么", "青海的书记叫什么"),
    ("临江规划里毛入学率是多少", "95%", "这个规划是什么时候发布的", "临江规划是什么时候发布的"),
    ("临江招商引资大会哪天开的", "3月1日", "那个大会谁参加了", "临江招商引资大会谁参加了"),
    # ellipsis of the subject or the scope
    ("临江2025年高中毛入学率是什么情况", "…", "目标是多少？", "临江2025年高中毛入学率目标是多少？"),
    ("文水县今年托位要多少", "4个", "普惠的要占多少？", "文水县今年托位普惠的要占多少？"),
    ("文水县今年签约率要涨多少", "1个点", "那2024年的实际签约率是多少", "文水县2024年的实际签约率是多少"),
    ("文水县道路改造工作怎么做", "…", "谁负责", "文水县道路改造工作谁负责？"),
    ("临江区域教育中心怎么建", "…", "具体分哪几级？", "临江区域教育中心具体分哪几级？"),
    ("人才招聘报名条件有哪些", "…", "截止时间是？", "人才招聘报名条件截止时间是？"),
    ("育儿补贴是什么", "…", "怎么申请", "育儿补贴怎么申请"),
    # wishes
    ("文水县今年有哪些民生实事", "…", "还有呢", "文水县今年有哪些民生实事，还有哪些？"),
    ("文水县怎么提升供水能力", "…", "具体点", "文水县怎么提升供水能力，具体点？"),
    ("文水县今年取消门诊预交金吗", "…", "为什么", "文水县今年取消门诊预交金为什么？"),
]
UNCHANGED = [
    ("太原2025年近视率是多少", "什么是走班制？"),
    ("太原2025年近视率是多少", "临江市教育局局长是谁"),
    ("太原2025年近视率是多少", "全国有多少家医院"),
    ("太原2025年近视率是多少", "医院绩效考核的长效机制怎么建立起来"),
    ("太原2025年近视率是多少", "DRG付费是什么意思"),
    ("太原2025年近视率是多少", "哪些地方在搞巡回医疗"),
    ("太原2025年近视率是多少", "谢谢"),
    ("太原2025年近视率是多少", "今天天气怎么样"),
    ("太原2025年近视率是多少", "培训班几号办的"),
    ("你好", "临江学校有几所？"),
]


def _asked(text: str, *history: tuple[str, str]) -> str:
    return standalone(Question(text, tuple(Turn(role, said) for role, said in history)), CATALOG, GLOSSARY)


@pytest.mark.parametrize(("before", "answer", "text", "expected"), PAIRS)
def test_follow_up(before: str, answer: str, text: str, expected: str) -> None:
    found = _asked(text, ("user", before), ("assistant", answer))
    assert found.rstrip("？") == expected.rstrip("？")


@pytest.mark.parametrize(("before", "text"), UNCHANGED)
def test_a_new_subject_inherits_nothing(before: str, text: str) -> None:
    assert _asked(text, ("user", before), ("assistant", "……")) == text


def test_chains_of_follow_ups() -> None:
    history = [
        ("user", "太原2022年近视率多少"),
        ("assistant", "51%"),
        ("user", "那2025年呢"),
        ("assistant", "49%"),
    ]
    assert _asked("大同呢", *history) == "大同2025年近视率多少"


def test_small_talk_between_does_not_break_the_thread() -> None:
    history = [
        ("user", "太原2022年近视率多少"),
        ("assistant", "51%"),
        ("user", "谢谢"),
        ("assistant", "不客气"),
    ]
    assert _asked("那大同呢", *history) == "大同2022年近视率多少"


@given(st.text(max_size=40))
def test_without_history_a_question_stays(text: str) -> None:
    assert _asked(text) == text.strip()


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_any_conversation_gives_the_same_text_each_time(before: str, answer: str, text: str) -> None:
    history = (("user", before), ("assistant", answer))
    assert _asked(text, *history) == _asked(text, *history)
