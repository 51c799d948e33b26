"""Finding the passages that a question is about, in the library of the real documents."""

from __future__ import annotations

import pytest

from assistant.chain import AnswerChain
from assistant.language.clean import compact
from assistant.types import Hit

# question, document, words that stand in the passage looked for
QUESTIONS = [
    ("晋中人均预期寿命的目标", "jinzhong-plan-2023-2025", "人均预期寿命（岁）"),
    ("晋中抽烟的人占多少", "jinzhong-plan-2023-2025", "15岁以上人群吸烟率"),
    ("晋中三岁以下娃娃的托位数", "jinzhong-plan-2023-2025", "婴幼儿托位数（个）"),
    ("晋中2025年孕前优生检查要覆盖多少人", "jinzhong-plan-2023-2025", "孕前优生健康检查目标人群覆盖率"),
    ("方山看病付费的DRG要和什么衔接", "fangshan-plan-2025", "落实DRG支付方式"),
    ("方山上门照顾失能老人怎么弄", "fangshan-plan-2025", "上门为居家养老的失能"),
    ("方山的药品目录多久调一次", "fangshan-plan-2025", "药品目录并实行一年一调整"),
    ("云南的援外医疗项目有哪些", "provinces-outlook-2024", "光明行"),
    ("谭相东说西藏民生实事办哪些", "provinces-outlook-2024", "大骨节病防治"),
    ("西藏的藏医药怎么走出去", "provinces-outlook-2024", "完善藏医药产业布局"),
    ("山西培训班在哪里办的", "shanxi-training-2025", "中央党校"),
    ("山西疾控局讲的四个突破", "shanxi-training-2025", "健全疾控体系上再突破"),
    ("忻州的建兜提是什么", "shanxi-training-2025", "建兜提"),
    ("吕梁去年统一招聘了多少医学毕业生", "lvliang-meeting-2023", "毕业生177名"),
    ("吕梁有多少个乡镇卫生院达到服务能力标准", "lvliang-meeting-2023", "102所乡镇卫生院"),
]


@pytest.mark.parametrize(("question", "doc", "words"), QUESTIONS)
def test_the_right_passage_is_among_the_first_five(
    chain: AnswerChain, question: str, doc: str, words: str
) -> None:
    hits = chain.find(question, 5)
    said = [hit.chunk.text for hit in hits if hit.chunk.span.doc == doc]
    assert any(words in text for text in said), [hit.chunk.text[:40] for hit in hits]


@pytest.mark.parametrize("question", [question for question, _, _ in QUESTIONS[::4]])
def test_hits_are_sorted_single_and_told_apart(chain: AnswerChain, question: str) -> None:
    hits = chain.find(question)
    assert 0 < len(hits) <= 20
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len({hit.chunk.id for hit in hits}) == len(hits)
    for hit in hits:
        document = chain.library.document(hit.chunk.span.doc)
        assert compact(document.slice(hit.chunk.span)) == hit.chunk.text


def test_a_smaller_limit_gives_the_head_of_the_list(chain: AnswerChain) -> None:
    few, many = chain.find("医养结合怎么做", 3), chain.find("医养结合怎么做", 20)
    assert _ids(few) == _ids(many)[:3]


def test_finding_twice_finds_the_same(chain: AnswerChain) -> None:
    for question in ("晋中床位数目标", "谁负责疫苗", "zzz", "2025"):
        assert _scores(chain.find(question)) == _scores(chain.find(question))


def test_a_place_outweighs_likeness(chain: AnswerChain) -> None:
    """The same matter in another place must not come first."""
    for place, doc in (("方山", "fangshan-plan-2025"), ("晋中", "jinzhong-plan-2023-2025")):
        assert chain.find(f"{place}家庭医生签约", 1)[0].chunk.span.doc == doc


def test_a_speaker_leads_to_the_statement_without_the_name(chain: AnswerChain) -> None:
    hits = chain.find("王旭琴讲了什么", 3)
    assert {hit.chunk.speaker for hit in hits} == {"王旭琴"}
    assert any("王旭琴" not in hit.chunk.text for hit in hits)


def test_the_parts_of_a_score_are_told(chain: AnswerChain) -> None:
    best = chain.find("晋中2025年孕产妇死亡率目标", 1)[0]
    assert {"words", "bigrams", "vectors", "sentence", "region", "year"} <= set(best.parts)
    assert best.parts["region"] > 0


@pytest.mark.parametrize("question", ["？", "的", "a", "😀", "1", "。。。", "“”", "《》", "\ud800"])
def test_questions_without_content_do_no_harm(chain: AnswerChain, question: str) -> None:
    assert all(hit.score == hit.score for hit in chain.find(question))


def _ids(hits: list[Hit]) -> list[str]:
    return [hit.chunk.id for hit in hits]


def _scores(hits: list[Hit]) -> list[tuple[str, float]]:
    return [(hit.chunk.id, hit.score) for hit in hits]
