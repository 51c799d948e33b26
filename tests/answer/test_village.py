"""What stands in a sentence further on: the rest of a set, the speaker of a quotation, the result beside the plan."""

from __future__ import annotations

from assistant.chain import AnswerChain
from tests.answer.asking import told


def test_a_set_is_told_until_it_is_complete(village: AnswerChain) -> None:
    text = told(village, "村务“六公开”都公开哪些")
    assert all(word in text for word in ("财务收支", "合同签订", "工程招标", "误工补贴", "征地补偿"))


def test_members_called_by_the_set_s_noun_are_its_members(village: AnswerChain) -> None:
    text = told(village, "云栖镇塘坝管护的三种方式分别是什么")
    assert all(word in text for word in ("轮流清淤", "专人巡塘", "统一养护"))
    assert "塘长" not in text


def test_the_speaker_stands_behind_the_quotation_and_what_describes_him(village: AnswerChain) -> None:
    text = told(village, "光靠一家一户不行，这话是谁讲的")
    assert "马春生" in text
    assert "田秀芝" not in text


def test_a_column_that_says_plan_is_no_result(village: AnswerChain) -> None:
    text = told(village, "云栖镇2024年民宿床位计划多少张，实际多少张")
    assert "300" in text
    assert "286" in text
    assert "计划实际" not in text
