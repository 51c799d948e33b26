"""Who holds a post, who said it, what somebody said."""

from __future__ import annotations

import pytest

from assistant.answer.compose.voices import asks_voice
from assistant.chain import AnswerChain
from tests.answer.asking import refused, told


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("湖州市教育局局长是谁", "沈立群"),  # signatures after the statements
        ("德清县教育局局长叫什么名字", "陆海萍"),
        ("长兴县教育局的副局长是哪位", "钱志远"),
        ("株洲市交通运输局局长是谁", "罗湘平"),  # signatures before the statements
        ("襄阳市交通运输局党组书记是谁", "杜文涛"),
    ],
)
def test_who_holds_a_post(voices: AnswerChain, question: str, name: str) -> None:
    text = told(voices, question)
    assert name in text
    others = {"沈立群", "陆海萍", "钱志远", "罗湘平", "杜文涛", "韦春燕"} - {name}
    assert not any(other in text for other in others)


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("谁说要把骨干教师派到乡村去", "沈立群"),
        ("孩子都吃上热饭是谁说的", "陆海萍"),
        ("是谁说三年交流教师460名", "沈立群"),
    ],
)
def test_who_said_it_where_the_signature_follows(voices: AnswerChain, question: str, name: str) -> None:
    assert name in told(voices, question)


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("谁说要把候车时间压到10分钟以内", "杜文涛"),
        ("谁讲了预约公交", "韦春燕"),
        ("新增社区微循环线路是谁说的", "罗湘平"),
    ],
)
def test_who_said_it_where_the_signature_precedes(voices: AnswerChain, question: str, name: str) -> None:
    assert name in told(voices, question)


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("哪个市开通了预约公交", ("柳州",)),
        ("“预约公交”是哪个市在搞", ("柳州",)),
        ("哪几个市说了公交线路有多少条", ("株洲", "襄阳", "柳州")),
        ("有哪位书记讲过老人乘公交免费", ("杜文涛",)),
        ("“地铁口、医院、学校门口”这话出自谁之口", ("杜文涛",)),
        ("罗湘平、韦春燕各管哪儿的", ("株洲", "柳州")),
        ("柳州是谁发的言", ("韦春燕",)),
    ],
)
def test_whose_words_and_which_places(voices: AnswerChain, question: str, names: tuple[str, ...]) -> None:
    text = told(voices, question)
    assert all(name in text for name in names)


def test_who_mentioned_it(voices: AnswerChain) -> None:
    assert "钱志远" in told(voices, "谁提到每周至少上一节劳动课")


def test_what_a_person_said(voices: AnswerChain) -> None:
    text = told(voices, "陆海萍讲了什么")
    assert "一校一品" in text
    assert "8600万元" in text
    assert "劳动" not in text
    assert "预约公交" in told(voices, "韦春燕说了什么")


def test_what_the_speaker_of_a_place_said(voices: AnswerChain) -> None:
    text = told(voices, "襄阳的交通运输局书记讲了什么")
    assert "襄阳" in text
    assert "柳州" not in text


def test_the_post_of_a_person(voices: AnswerChain) -> None:
    assert "长兴县教育局副局长" in told(voices, "钱志远是什么职务")
    assert "襄阳市交通运输局" in told(voices, "杜文涛是哪个单位的")


def test_a_wrong_post_is_corrected(voices: AnswerChain) -> None:
    text = told(voices, "韦春燕是局长吗")
    assert text.startswith("不是")
    assert "副局长" in text


def test_a_wrong_institution_is_corrected(voices: AnswerChain) -> None:
    text = told(voices, "陆海萍是长兴县教育局局长吗")
    assert text.startswith("不是")
    assert "德清县教育局局长" in text


def test_a_right_post_is_confirmed(voices: AnswerChain) -> None:
    text = told(voices, "陆海萍是德清县教育局局长吗")
    assert text.startswith("是")


def test_words_put_into_the_wrong_mouth_are_corrected(voices: AnswerChain) -> None:
    text = told(voices, "陆海萍说要把骨干教师派到乡村去，对吗")
    assert text.startswith("不是")
    assert "沈立群" in text


@pytest.mark.parametrize(
    "question",
    [
        "安吉县教育局局长是谁",
        "嘉善县农业农村局局长叫什么",
        "湖州市教育局副局长是谁",
        "湖州市交通运输局局长是谁",
    ],
)
def test_an_official_whom_nothing_names_is_refused(voices: AnswerChain, question: str) -> None:
    text = refused(voices, question)
    assert "钱志远" not in text.split("相近")[0]


def test_an_unusual_post_that_nothing_names_is_refused(rules: AnswerChain) -> None:
    refused(rules, "镇江市博物馆馆长是谁")


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("“水泵不能等水干了再修”这话是谁讲的", "徐文涛"),  # named behind the quotation
        ("推进会上是谁建议先间伐后补种的", "沈巧云"),  # she, of the sentence before
    ],
)
def test_who_speaks_in_running_text(forest: AnswerChain, question: str, name: str) -> None:
    assert name in told(forest, question)


@pytest.mark.parametrize(
    "question", ["这话是谁讲的", "是谁建议先改旧园的", "哪位院长提到了会诊", "这话的是哪位领导"]
)
def test_who_spoke_is_asked(question: str) -> None:
    assert asks_voice(question)


@pytest.mark.parametrize(
    "question", ["谁能申请补充医疗保险", "谁负责发补贴的预算", "建议由谁办理", "谁家打算盖房", "材料交给谁"]
)
def test_who_spoke_is_not_asked(question: str) -> None:
    assert not asks_voice(question)
