"""Lists, named sets and definitions."""

from __future__ import annotations

import pytest

from assistant.answer.compose.members import Name, asked_count, name_of
from assistant.chain import AnswerChain
from tests.answer.asking import refused, told


def test_items_under_a_heading(farm: AnswerChain) -> None:
    text = told(farm, "绵阳规划的保障措施有哪些")
    assert all(item in text for item in ("组织领导", "资金投入", "督导考核"))
    assert "智慧农业" not in text


def test_sections_under_a_heading_in_other_words(farm: AnswerChain) -> None:
    text = told(farm, "绵阳农业规划提了哪几项重点任务")
    assert all(item in text for item in ("高标准农田", "新型经营主体", "智慧农业"))


def test_members_that_follow_in_the_paragraph(farm: AnswerChain) -> None:
    text = told(farm, "嘉善今年重点抓好哪三件事")
    assert all(item in text for item in ("黄桃", "甲鱼节", "直播基地"))


def test_items_of_an_article(rules: AnswerChain) -> None:
    text = told(rules, "设立民办博物馆要具备哪些条件")
    assert all(item in text for item in ("馆址", "300件", "资金", "专业人员"))


def test_a_list_within_a_sentence(rules: AnswerChain) -> None:
    text = told(rules, "博物馆对哪些人免费开放")
    assert all(item in text for item in ("未成年人", "六十岁以上老人", "现役军人"))


def test_a_list_of_papers_to_hand_in(rules: AnswerChain) -> None:
    text = told(rules, "申请设立民办博物馆要交哪些材料")
    assert all(item in text for item in ("申请书", "藏品目录", "馆舍证明"))


def test_a_named_set_that_is_explained(farm: AnswerChain) -> None:
    text = told(farm, "“五个一批”是指什么")
    members = ("龙头企业", "合作社", "家庭农场", "园区", "品牌")
    assert all(member in text for member in members)


def test_a_named_set_that_is_only_named_is_refused_with_the_reason(farm: AnswerChain) -> None:
    text = refused(farm, "“三棵树”模式具体指哪三棵树")
    assert "只提到" in text
    assert "三棵树" in text


@pytest.mark.parametrize(
    "question", ["“四个免费”是哪四个", "“五进”活动具体是进哪五样地方", "三定一查分别定哪三样、查什么"]
)
def test_a_name_with_a_number_is_not_taken_apart_by_guess(names: AnswerChain, question: str) -> None:
    assert "只提到" in refused(names, question)


def test_a_set_explained_in_the_next_sentence(names: AnswerChain) -> None:
    text = told(names, "“三送”服务是指哪三送")
    assert all(member in text for member in ("送书", "送课", "送展"))


def test_a_library_of_few_passages_answers_too(names: AnswerChain) -> None:
    assert "56小时" in told(names, "图书馆每周至少开放多少小时")
    assert "10册" in told(names, "读者每次可以借多少册图书")


def test_a_set_explained_in_brackets(rules: AnswerChain) -> None:
    text = told(rules, "“两员”指的是哪两员")
    assert "讲解员" in text
    assert "安全员" in text


def test_a_definition_by_shall_mean(rules: AnswerChain) -> None:
    for question in ("什么是民办博物馆", "民办博物馆是什么意思"):
        text = told(rules, question)
        assert "利用非国有资产设立的博物馆" in text


def test_a_definition_by_brackets(voices: AnswerChain) -> None:
    text = told(voices, "“双减”是什么意思")
    assert "作业负担" in text
    assert "校外培训" in text


@pytest.mark.parametrize(
    ("question", "members"),
    [
        ("护林要守住的“三条红线”具体是哪三条", ("面积红线", "火情红线", "病虫红线")),
        ("文件里讲的那“三张网”都是啥网", ("预警网", "巡护网", "举报网")),
        ("湖㳇镇今年打算办哪三桩事", ("割灌机", "防火步道", "红黄榜")),
    ],
)
def test_a_set_told_over_several_sentences(
    forest: AnswerChain, question: str, members: tuple[str, ...]
) -> None:
    text = told(forest, question)
    assert all(member in text for member in members)


def test_a_set_that_is_only_named(forest: AnswerChain) -> None:
    assert "没有说明它的具体内容" in refused(forest, "“五个到位”包括哪些")


@pytest.mark.parametrize(
    ("name", "asked", "count", "nouns"),
    [
        ("三张网", 0, 3, ("网",)),
        ("三减两免一兜底", 0, 6, ("减", "免", "兜底")),
        ("一窗三办", 3, 3, ("办",)),
        ("十二项措施", 0, 12, ("措施",)),
    ],
)
def test_what_a_name_counts(name: str, asked: int, count: int, nouns: tuple[str, ...]) -> None:
    assert name_of(name, asked) == Name(count, nouns)


def test_how_many_are_asked_for() -> None:
    assert asked_count("打算干哪三桩事") == 3
    assert asked_count("十二项措施分别是哪些") == 12
    assert asked_count("第三条措施是什么") == 0
