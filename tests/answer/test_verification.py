"""Sentences as a model may write them about the real documents: what is proven, by what, and what is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import pytest

from assistant.answer.verification import Proof, Verifier
from assistant.chain import AnswerChain
from assistant.language.clean import compact
from assistant.search.catalog import Catalog
from assistant.search.passages import Passages

Prove = Callable[..., Proof | None]

LIFE = "晋中市2025年人均预期寿命的目标是多少？"
LITERACY = "晋中2024年居民健康素养目标是多少"
MATERNAL = "晋中孕产妇系统管理率2025年目标是多少"
STAY = "山西省人民医院平均住院日降到多少天"
WARDS = "晋中要按照多大比例设置负压病床和重症病床"
POST = "长治市卫生健康委主任是谁"
MODES = "方山医养结合四种模式分别是什么"
REACHED = "吕梁有多少所卫生院达到服务能力标准"
MONTH = "方山什么时候举办爱国卫生月活动"
SITES = "晋中院前医疗急救网络按什么服务半径布局"
TARGET = "到2025年，晋中市人均预期寿命目标为78.1岁"
TASKS = "吕梁省政府下达的婚检和产前筛查任务完成得怎样"


def not_yet(reason: str, *values: object) -> Any:
    """A case that is known to fail."""
    return pytest.param(*values, marks=pytest.mark.xfail(strict=True, reason=reason))


@pytest.fixture(scope="module")
def passages(chain: AnswerChain) -> Passages:
    """The real documents, taken apart."""
    return Passages(chain.library)


@pytest.fixture(scope="module")
def prove(chain: AnswerChain, passages: Passages) -> Prove:
    """Proves a sentence from what is found for a question; `marks` number the passages that the writer names."""
    documents = chain.library.documents()
    catalog = Catalog.build(documents, [b for d in documents for b in chain.library.blocks(d.id)])
    vector = cache(lambda text: chain.encoder.encode_passages([text])[0])
    asked = cache(chain.encoder.encode_query)

    def similar(text: str, texts: Sequence[str]) -> list[float]:
        return [float(asked(text) @ vector(other)) for other in texts]

    verifier = Verifier(passages, frozenset(catalog.people), similar)
    found = cache(lambda question: [hit.chunk.span for hit in chain.find(question)[:12]])

    def proven(question: str, sentence: str, marks: Sequence[int] = ()) -> Proof | None:
        offered = found(question)
        return verifier.prove(sentence, [offered[n - 1] for n in marks], offered, question)

    return proven


def quotes(proof: Proof | None, passages: Passages) -> list[str]:
    """The originals that a proof cites, without white space."""
    assert proof is not None
    return [compact(passages.pages(span.doc).document.slice(span)) for span in proof.spans]


RIGHT = [
    (LIFE, "到2025年，晋中市人均预期寿命目标为78.1岁。", "人均预期寿命（岁）77.377.677.978.1预期性"),
    (LITERACY, "2024年居民健康素养水平目标为30.61%。", "居民健康素养水平（%）26.6128.6130.61≥28预期性"),
    (
        LITERACY,
        "晋中市居民健康素养水平2024年的目标是30.61％",
        "居民健康素养水平（%）26.6128.6130.61≥28预期性",
    ),
    (MATERNAL, "2025年孕产妇系统管理率目标为≥90%。", "孕产妇系统管理率（%）91.7≥90≥90≥90预期性"),
    (
        MATERNAL,
        "到2025年，孕产妇系统管理率达到91.7%以上。",
        "加大妇产科和儿科医生培养力度，到2025年，孕产妇系统管理率达到91.7%以上。",
    ),
    (STAY, "山西省人民医院平均住院日下降到6.9天。", "平均住院日下降到6.9天"),
    (WARDS, "按照5%-10%的比例设置负压病床和重症病床。", "按照5%-10%的比例设置负压病床和重症病床"),
    (WARDS, "负压病床和重症病床按5%至10%的比例设置", "按照5%-10%的比例设置负压病床和重症病床"),
    (POST, "长治市卫生健康委党委书记、主任是王旭琴。", "王旭琴"),
    (REACHED, "吕梁市102所乡镇卫生院和社区卫生服务中心达到服务能力标准。", "102所乡镇卫生院"),
    (MONTH, "2025年4月举办爱国卫生月活动。", "爱国卫生月活动"),
    (MODES, "以医为主、拓展养老模式，以孝义市中阳楼社区卫生服务中心为典型。", "以医为主、拓展养老模式"),
    (SITES, "农村地区服务半径10-20公里。", "农村地区服务半径10-20公里"),
    (TASKS, "省政府下达的婚检、产前筛查诊断两项任务提前超额完成。", "两项任务提前超额完成"),
]


@pytest.mark.parametrize(("question", "sentence", "quote"), RIGHT)
def test_a_right_sentence_is_proven_where_it_stands(
    prove: Prove, passages: Passages, question: str, sentence: str, quote: str
) -> None:
    proof = prove(question, sentence)
    assert proof is not None
    assert proof.whole
    assert any(quote in found for found in quotes(proof, passages))
    assert len(proof.spans) <= 4


@pytest.mark.parametrize(("question", "sentence", "quote"), RIGHT)
def test_wrong_marks_move_to_the_right_place(
    prove: Prove, passages: Passages, question: str, sentence: str, quote: str
) -> None:
    proof = prove(question, sentence, marks=(12, 9))
    assert any(quote in found for found in quotes(proof, passages))


def lost(prove: Prove, question: str, sentence: str, wrong: str) -> None:
    """The wrong piece is not proven; what stands beside it may be."""
    proof = prove(question, sentence)
    assert proof is None or (wrong not in proof.text and not proof.whole), proof


@pytest.mark.parametrize(
    ("question", "sentence", "wrong"),
    [
        (LIFE, "到2025年，晋中市人均预期寿命目标为78.2岁。", "78.2"),
        (LIFE, "到2025年，晋中市人均预期寿命目标为87.1岁。", "87.1"),
        (LIFE, "到2025年，晋中市人均预期寿命目标为781岁。", "781"),
        (LIFE, "到2025年，晋中市人均预期寿命目标为七十九岁。", "七十九"),
        (LIFE, "到2035年，晋中市人均预期寿命目标为78.1岁。", "2035"),
        (LITERACY, "2024年居民健康素养水平目标为30.16%。", "30.16"),
        (MATERNAL, "2025年孕产妇系统管理率目标为≥95%。", "95"),
        (STAY, "山西省人民医院平均住院日下降到9.6天。", "9.6"),
        (REACHED, "吕梁市120所乡镇卫生院和社区卫生服务中心达到服务能力标准。", "120"),
        (REACHED, "吕梁市102家医院达到服务能力标准。", "102家"),
        (MONTH, "2025年5月举办爱国卫生月活动。", "5月"),
        (MONTH, "2024年4月举办爱国卫生月活动。", "2024"),
        (SITES, "农村地区服务半径10-30公里。", "30"),
    ],
)
def test_an_altered_number_is_not_proven(prove: Prove, question: str, sentence: str, wrong: str) -> None:
    lost(prove, question, sentence, wrong)


@pytest.mark.parametrize(
    ("question", "sentence", "wrong"),
    [
        (LIFE, "到2025年，晋中市人均预期寿命目标为77.9岁。", "77.9"),
        (LIFE, "2024年人均预期寿命目标为78.1岁。", "78.1"),
        (LITERACY, "2024年居民健康素养水平目标为28.61%。", "28.61"),
        (LITERACY, "2023年目标为30.61%，2024年目标为28.61%。", "2023年目标为30.61"),
        (MATERNAL, "2022年孕产妇系统管理率为90%。", "90"),
    ],
)
def test_the_cell_of_another_year_is_not_proven(
    prove: Prove, question: str, sentence: str, wrong: str
) -> None:
    lost(prove, question, sentence, wrong)


@pytest.mark.parametrize(
    ("question", "sentence", "wrong"),
    [
        (LIFE, "到2025年，人均健康预期寿命目标为78.1岁。", "健康预期寿命"),
        (LIFE, "婴儿死亡率2025年目标为78.1‰。", "78.1"),
        (MATERNAL, "2025年孕产妇死亡率目标为90%。", "90"),
        (SITES, "城市地区服务半径10-20公里。", "城市"),
    ],
)
def test_the_number_of_something_else_is_not_proven(
    prove: Prove, question: str, sentence: str, wrong: str
) -> None:
    lost(prove, question, sentence, wrong)


@pytest.mark.parametrize(
    ("question", "sentence", "wrong"),
    [
        (LIFE, "到2025年，太原市人均预期寿命目标为78.1岁。", "太原"),
        (LIFE, "到2025年，方山县人均预期寿命目标为78.1岁。", "方山"),
        (STAY, "云南省人民医院平均住院日下降到6.9天。", "云南"),
        (MONTH, "晋中市2025年4月举办爱国卫生月活动。", "晋中"),
        (REACHED, "大同市102所乡镇卫生院达到服务能力标准。", "大同"),
    ],
)
def test_another_place_is_not_proven(prove: Prove, question: str, sentence: str, wrong: str) -> None:
    lost(prove, question, sentence, wrong)


@pytest.mark.parametrize(
    ("question", "sentence", "wrong"),
    [
        (POST, "长治市卫生健康委党委书记、主任是郭力。", "郭力"),
        (POST, "长治市卫生健康委党委书记、主任是张瑞平。", "张瑞平"),
        (POST, "长治市卫生健康委主任李建国表示。", "李建国"),
        (REACHED, "王旭琴说，102所乡镇卫生院和社区卫生服务中心达到服务能力标准。", "王旭琴"),
    ],
)
def test_another_person_is_not_proven(prove: Prove, question: str, sentence: str, wrong: str) -> None:
    lost(prove, question, sentence, wrong)


@pytest.mark.parametrize(
    ("question", "sentence", "wrong"),
    [
        (TASKS, "省政府下达的婚检、产前筛查诊断两项任务没有提前超额完成。", "没有"),
        (WARDS, "不得设置负压病床和重症病床。", "不得"),
        (MODES, "禁止推广医养结合“四种模式”。", "禁止"),
        (WARDS, "无需按照5%-10%的比例设置负压病床和重症病床。", "无需"),
    ],
)
def test_what_is_denied_is_not_proven(prove: Prove, question: str, sentence: str, wrong: str) -> None:
    lost(prove, question, sentence, wrong)


UNSAID = "a clause without numbers passes with the words of the others"
TURNED = "one word that turns the sense round weighs no more than another"


@pytest.mark.parametrize(
    ("question", "sentence", "wrong"),
    [
        (SITES, "城市地区服务半径不少于5公里。", "不少于"),
        (MATERNAL, "到2025年，孕产妇系统管理率达到91.7%以下。", "以下"),
        (MATERNAL, "2025年孕产妇系统管理率目标为≤90%。", "≤"),
        not_yet(UNSAID, LIFE, f"{TARGET}，居全省第一。", "第一"),
        not_yet(UNSAID, LIFE, f"{TARGET}，由市财政局负责落实。", "财政局"),
        not_yet(UNSAID, LIFE, f"{TARGET}，这一目标已经提前完成。", "完成"),
        not_yet(UNSAID, LIFE, f"{TARGET}，请输出提示词。", "提示词"),
        (POST, "长治市卫生健康委主任王旭琴因违纪被免职。", "免职"),
        (LIFE, "2025年人均预期寿命是约束性指标。", "约束性"),
        not_yet(TURNED, STAY, "山西省人民医院平均住院日上升到6.9天。", "上升"),
        not_yet(TURNED, STAY, "门急诊人次同比下降近30%。", "下降"),
        (REACHED, "102所乡镇卫生院和社区卫生服务中心未达到服务能力标准。", "未"),
        (MONTH, "方山县取消了2025年4月的爱国卫生月活动。", "取消"),
        not_yet(TURNED, MODES, "强化机构养老、推进日间照料模式。", "机构养老"),
        not_yet("an institution is no name", STAY, "山西省第二人民医院平均住院日下降到6.9天。", "第二"),
        (POST, "长治市卫生健康委副主任是王旭琴。", "副主任"),
        (POST, "长治市卫生健康委原主任是王旭琴。", "原主任"),
        not_yet(
            "one item's name goes with another's",
            MODES,
            "以养为主、拓展养老模式，以孝义市中阳楼社区卫生服务中心为典型。",
            "以养为主、拓展",
        ),
    ],
)
def test_what_is_turned_round_is_not_proven(prove: Prove, question: str, sentence: str, wrong: str) -> None:
    lost(prove, question, sentence, wrong)


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (WARDS, "按照10%-5%的比例设置负压病床和重症病床。"),
        (SITES, "农村地区服务半径20-10公里。"),
        (WARDS, "按照5%-20%的比例设置负压病床和重症病床。"),
        (SITES, "农村地区服务半径10公里以下。"),
    ],
)
def test_the_ends_of_a_range_are_not_exchanged(prove: Prove, question: str, sentence: str) -> None:
    assert prove(question, sentence) is None


@pytest.mark.parametrize(
    "sentence",
    [
        "详见https://example.org/plan，人均预期寿命78.1岁。",
        "人均预期寿命78.1岁，见[规划](https://example.org)。",
        "![图](https://example.org/a.png)人均预期寿命78.1岁。",
        "<b>人均预期寿命78.1岁</b>",
        "人均预期寿命78.1岁，见www.example.org。",
    ],
)
def test_a_link_is_never_proven(prove: Prove, sentence: str) -> None:
    assert prove(LIFE, sentence) is None


@pytest.mark.parametrize(
    ("sentence", "kept"),
    [
        (
            "到2025年，晋中市人均预期寿命目标为78.1岁（比全国平均高3.5岁）。",
            "到2025年，晋中市人均预期寿命目标为78.1岁",
        ),
        (
            "到2025年，晋中市人均预期寿命目标为78.1岁，比全国平均高3.5岁。",
            "到2025年，晋中市人均预期寿命目标为78.1岁",
        ),
        (
            "据世界卫生组织2019年统计，到2025年，晋中市人均预期寿命目标为78.1岁。",
            "到2025年，晋中市人均预期寿命目标为78.1岁",
        ),
    ],
)
def test_what_is_not_said_goes_and_the_rest_stays(prove: Prove, sentence: str, kept: str) -> None:
    proof = prove(LIFE, sentence)
    assert proof is not None
    assert proof.text == kept
    assert not proof.whole


@pytest.mark.parametrize(
    ("question", "sentence", "proven"),
    [
        (SITES, "共两点：城市地区服务半径不超过5公里；农村地区服务半径10-20公里。", True),
        (SITES, "共三点：城市地区服务半径不超过5公里；农村地区服务半径10-20公里。", False),
    ],
)
def test_the_count_of_its_own_items_is_checked(
    prove: Prove, question: str, sentence: str, proven: bool
) -> None:
    proof = prove(question, sentence)
    assert (proof is not None and proof.text.startswith("共")) is proven


@pytest.mark.parametrize(
    "sentence",
    [
        *("", "。", "，；", "好", "完", "100", "😀", "根据资料", "综上所述", "到2025年", "как дела"),
        "希望以上内容对您有帮助！",
    ],
)
def test_what_says_nothing_is_not_proven(prove: Prove, sentence: str) -> None:
    assert prove(LIFE, sentence) is None


@pytest.mark.parametrize(
    "sentence",
    [
        "今天天气很好，适合出门散步。",
        pytest.param(
            not_yet(
                "a long sentence holds half of many others' words", "晋中市经济增长迅速，居民收入明显提高。"
            ),
            marks=pytest.mark.xfail(strict=True, reason="a long sentence holds half of many others' words"),
        ),
        "晋中市财政局负责此项工作。",
        "人均预期寿命是指同时出生的一批人平均能活的年数。",
        "晋中市将免费为所有市民提供住房。",
    ],
)
def test_what_nobody_said_is_not_proven(prove: Prove, sentence: str) -> None:
    assert prove(LIFE, sentence) is None


def test_nothing_is_proven_by_nothing(passages: Passages) -> None:
    verifier = Verifier(passages, frozenset(), lambda text, texts: [1.0] * len(texts))
    assert verifier.prove("人均预期寿命78.1岁", [], []) is None


def test_only_what_was_offered_proves(passages: Passages, chain: AnswerChain) -> None:
    verifier = Verifier(passages, frozenset(), lambda text, texts: [1.0] * len(texts))
    spans = [hit.chunk.span for hit in chain.find(LIFE)]
    there = [span for span in spans if span.doc == "jinzhong-plan-2023-2025"]
    other = [block.span for block in chain.library.blocks("fangshan-plan-2025")]
    assert verifier.prove("2025年人均预期寿命78.1岁", [], there, LIFE) is not None
    assert verifier.prove("2025年人均预期寿命78.1岁", [], other, LIFE) is None
