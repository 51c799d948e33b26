"""The five documents, read as they are: who speaks, what heads what, what is furniture, what the table says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from assistant.documents import Parsed, discover, load
from assistant.language.clean import comparable, is_blank, squeeze
from assistant.settings import Settings
from assistant.types import BlockKind
from tests.documents.reading import block_with, cells, of_kind, texts

SHANXI = [
    ("金永生", "山西省疾控局党组成员、副局长", "疾病预防控制体系是保护人民健康", "山西省疾控局"),
    (
        "冀晓鹏",
        "忻州市卫生健康委党组书记、副主任",
        "人民健康是社会主义现代化的重要标志。忻州市",
        "忻州市卫生健康委",
    ),
    (
        "王旭琴",
        "长治市卫生健康委党委书记、主任",
        "2025年是“十四五”规划的收官之年，长治市",
        "长治市卫生健康委",
    ),
    (
        "张军龙",
        "运城市卫生健康委党组书记、主任",
        "通过系统学习《习近平关于健康中国论述摘编》",
        "运城市卫生健康委",
    ),
    (
        "唐锦辉",
        "山西白求恩医院（同济山西医院）党委书记",
        "习近平总书记指出，人民健康",
        "山西白求恩医院（同济山西医院）",
    ),
    ("张瑞平", "山西省人民医院党委书记", "公立医院高质量发展面临前所未有的机遇", "山西省人民医院"),
    (
        "成晓龙",
        "山西医科大学第二医院党委书记",
        "习近平总书记关于健康中国建设的重要论述，是",
        "山西医科大学第二医院",
    ),
    (
        "孙震宇",
        "山西省儿童医院（山西省妇幼保健院）党委书记",
        "习近平总书记关于健康中国建设的重要论述，通篇",
        "山西省儿童医院（山西省妇幼保健院）",
    ),
    ("", "", "作为基层医疗工作者和一名共产党员", ""),
]
PROVINCES = [
    ("姜旭", "云南省卫生健康委党组书记、主任", "2023年以来，云南省"),
    ("谭相东", "西藏自治区卫生健康委党组书记、副主任", "2024年，西藏自治区"),
    ("张军林", "陕西省卫生健康委党组书记、主任", "2024年，陕西省"),
    ("刘浩年", "青海省卫生健康委党组书记、主任", "回望2023年，我们耕耘有获"),
    ("张浩", "甘肃省卫生健康委党组书记、主任", "2024年，甘肃省"),
    ("吕金捍", "宁夏回族自治区卫生健康委党组书记、主任", "2024年，宁夏回族自治区"),
    ("于爱平", "新疆维吾尔自治区卫生健康委主任", "在过去的一年中，新疆维吾尔自治区"),
    ("艾麦尔江·吐尼牙孜", "新疆生产建设兵团卫生健康委主任", "2024年，新疆生产建设兵团"),
]
FANGSHAN = [
    ("一、党建引领卫生健康事业高质量发展", 3),
    ("二、持续深化医药卫生体制改革", 2),
    ("三、开展高素质人才建设行动", 3),
    ("四、开展综合医院服务能力提升行动", 3),
    ("五、开展基层服务兜网底行动", 4),
    ("六、持续完善重大传染病常态化防控体系", 4),
    ("七、持续完善人口发展支持和服务体系", 4),
    ("八、持续完善老年健康服务体系", 3),
    ("九、持续完善母婴安全服务体系", 2),
    ("十、持续完善中医药服务体系", 0),
    ("十一、开展儿科、精神卫生提升服务", 0),
    ("十二、开展健康促进提升服务", 0),
    ("十三、高标准落实惠民健康服务", 0),
    ("十四、逐步完善基础设施", 0),
    ("十五、提升系统安全水平", 0),
    ("十六、着力做好党风廉政建设工作，为卫生健康各项任务的顺利落实保驾护航", 4),
]
GROUPS = {"健康水平": 6, "健康生活": 2, "健康服务": 11, "健康保障": 3, "健康环境": 2}


@pytest.fixture(scope="module")
def documents(corpus_dir: Path) -> Mapping[str, Parsed]:
    limit = Settings().chunk_tokens
    return {source.id: load(source, limit) for source in discover([corpus_dir])}


def test_five_documents_are_found(documents: Mapping[str, Parsed]) -> None:
    assert sorted(documents) == [
        "fangshan-plan-2025",
        "jinzhong-plan-2023-2025",
        "lvliang-meeting-2023",
        "provinces-outlook-2024",
        "shanxi-training-2025",
    ]


@pytest.mark.parametrize(
    "name",
    [
        "fangshan-plan-2025",
        "jinzhong-plan-2023-2025",
        "lvliang-meeting-2023",
        "provinces-outlook-2024",
        "shanxi-training-2025",
    ],
)
def test_nothing_is_lost(documents: Mapping[str, Parsed], name: str) -> None:
    parsed = documents[name]
    text = parsed.document.text
    spans = [c.span for c in parsed.chunks] + [b.span for b in of_kind(parsed, BlockKind.FURNITURE)]
    held = {i for span in spans for i in range(span.start, span.end)}
    assert "".join(c for i, c in enumerate(text) if i not in held and not is_blank(c)) == ""


def test_the_statements_of_shanxi_are_signed_below(documents: Mapping[str, Parsed]) -> None:
    statements = of_kind(documents["shanxi-training-2025"], BlockKind.STATEMENT)
    found = [
        (s.attributes.get("speaker", ""), s.attributes.get("post", ""), s.attributes.get("organisation", ""))
        for s in statements
    ]
    assert found == [(name, post, organisation) for name, post, _, organisation in SHANXI]
    for statement, (_, _, opening, _) in zip(statements, SHANXI, strict=True):
        assert statement.text.startswith(opening)
    assert statements[-1].attributes == {"unsigned": "yes"}


def test_the_chunks_of_a_statement_know_its_speaker(documents: Mapping[str, Parsed]) -> None:
    parsed = documents["shanxi-training-2025"]
    by_speaker = Counter(chunk.speaker for chunk in parsed.chunks)
    assert set(by_speaker) == {name for name, *_ in SHANXI}
    for statement in of_kind(parsed, BlockKind.STATEMENT):
        inside = [c for c in parsed.chunks if statement.span.contains(c.span)]
        assert {c.speaker for c in inside} == {statement.attributes.get("speaker", "")}
    regions = {c.speaker: c.region for c in parsed.chunks}
    assert (regions["王旭琴"], regions["冀晓鹏"], regions["张瑞平"]) == ("长治市", "忻州市", "山西省")


def test_the_statements_of_the_provinces_are_signed_above(documents: Mapping[str, Parsed]) -> None:
    parsed = documents["provinces-outlook-2024"]
    statements = of_kind(parsed, BlockKind.STATEMENT)
    assert [(s.attributes["speaker"], s.attributes["post"]) for s in statements] == [
        (n, p) for n, p, _ in PROVINCES
    ]
    for statement, (_, _, opening) in zip(statements, PROVINCES, strict=True):
        assert statement.text.startswith(opening)
    captions = of_kind(parsed, BlockKind.FURNITURE)
    assert [c.text for c in captions] == [name for name, *_ in PROVINCES]
    assert {c.attributes["reason"] for c in captions} == {"图片说明"}


def test_half_width_marks_are_unified(documents: Mapping[str, Parsed]) -> None:
    for parsed in documents.values():
        for block in parsed.blocks:
            # English half-width marks stay between letters and digits only.
            assert not re.search(r"[\u4e00-\u9fff][,;:!?]|[,;:!?][\u4e00-\u9fff]", block.text), block.text[
                :60
            ]
            assert not re.search(r"[０-９Ａ-Ｚａ-ｚ％]", block.text)


def test_fangshan_has_sixteen_headings_with_their_items(documents: Mapping[str, Parsed]) -> None:
    parsed = documents["fangshan-plan-2025"]
    assert texts(parsed, BlockKind.HEADING) == [heading for heading, _ in FANGSHAN]
    items = Counter(b.heading_path[0] for b in of_kind(parsed, BlockKind.ITEM))
    assert items == Counter({heading: n for heading, n in FANGSHAN if n})
    for heading, n in FANGSHAN:
        markers = [
            b.attributes["marker"] for b in of_kind(parsed, BlockKind.ITEM) if b.heading_path == (heading,)
        ]
        assert markers == ["一是", "二是", "三是", "四是"][:n]
    assert texts(parsed, BlockKind.TITLE)[-1] == "方山县2025年卫生健康工作计划"


def test_the_contents_pages_of_jinzhong_are_furniture(documents: Mapping[str, Parsed]) -> None:
    parsed = documents["jinzhong-plan-2023-2025"]
    contents = [b for b in of_kind(parsed, BlockKind.FURNITURE) if b.attributes["reason"] == "目录"]
    assert contents[0].text == "目录"
    assert len(contents) == 41
    assert contents[-1].text == "（六）做好宣传引导27"
    chapters = [b.text for b in of_kind(parsed, BlockKind.HEADING) if b.attributes["level"] == "5"]
    assert [c[0] for c in chapters] == list("一二三四五六七八")
    assert len({b.heading_path for b in of_kind(parsed, BlockKind.HEADING)}) == len(
        texts(parsed, BlockKind.HEADING)
    )


def test_heading_paths_follow_the_numbering(documents: Mapping[str, Parsed]) -> None:
    parsed = documents["jinzhong-plan-2023-2025"]
    paragraph = block_with(parsed, "发展婴幼儿照护服务")
    assert paragraph.heading_path == (
        "五、提高服务质量和水平",
        "（一）维护全生命周期健康",
        "3.发展婴幼儿照护服务",
    )
    assert block_with(parsed, "设立卫生健康专家咨询委员会").heading_path == (
        "八、强化组织保障",
        "（二）加强组织保障",
    )
    # Half-width brackets in the file, full-width in the clean text.
    assert block_with(parsed, "（一）改革完善疾病预防控制体系").attributes["level"] == "6"


def test_the_table_of_jinzhong(documents: Mapping[str, Parsed]) -> None:
    parsed = documents["jinzhong-plan-2023-2025"]
    rows = of_kind(parsed, BlockKind.ROW)
    assert len(rows) == 24
    assert Counter(row.attributes["group"] for row in rows) == GROUPS
    assert {row.attributes["caption"] for row in rows} == {"表1晋中市卫生健康事业发展规划主要指标"}
    by_name = {row.attributes["indicator"]: row for row in rows}
    life = by_name["人均预期寿命（岁）"]
    assert cells(life) == {
        "2022年": "77.3",
        "2023年": "77.6",
        "2024年": "77.9",
        "2025年": "78.1",
        "指标性质": "预期性",
    }
    assert life.attributes["unit"] == "岁"
    assert by_name["孕产妇死亡率（1/10万）"].attributes["unit"] == "1/10万"
    assert cells(by_name["全市儿童青少年总体近视率（%）"])["2025年"] == "≤55.6"
    assert cells(by_name["国家卫生乡镇（个）"])["2022年"] == "13"


def test_the_shifted_row_is_repaired_and_flagged(documents: Mapping[str, Parsed]) -> None:
    rows = of_kind(documents["jinzhong-plan-2023-2025"], BlockKind.ROW)
    flagged = [row for row in rows if "flag" in row.attributes]
    assert [row.attributes["indicator"] for row in flagged] == ["设置中医临床科室的二级以上公立医院比例（%）"]
    assert flagged[0].attributes["group"] == "健康服务"
    assert cells(flagged[0]) == {
        "2022年": "75",
        "2023年": "80",
        "2024年": "85",
        "2025年": "90",
        "指标性质": "预期性",
    }


def test_the_sidebar_of_lvliang_is_furniture_and_the_second_article_is_not(
    documents: Mapping[str, Parsed],
) -> None:
    parsed = documents["lvliang-meeting-2023"]
    sidebar = of_kind(parsed, BlockKind.FURNITURE)
    assert {b.attributes["reason"] for b in sidebar} == {"重复的边栏"}
    assert sidebar[0].text == "2023年全市卫生健康工作这样干！"
    assert sidebar[-1].text.startswith("■做好卫生健康宣传工作")
    venues = [b for b in parsed.blocks if b.text.startswith("会议分现场会议和视频会议")]
    assert [b.kind for b in venues] == [BlockKind.PARAGRAPH] * 2
    items = of_kind(parsed, BlockKind.ITEM)
    assert [b.attributes["marker"] for b in items] == [f"{n}是" for n in "一二三四五六七八"]
    second = block_with(parsed, "党风廉政建设工作会议召开")
    assert second.kind is BlockKind.PARAGRAPH
    assert block_with(parsed, "全市卫生健康系统要强化学习").attributes["speaker"] == "郭力"


def test_no_paragraph_stops_in_mid_sentence(documents: Mapping[str, Parsed]) -> None:
    leaves = (BlockKind.PARAGRAPH, BlockKind.ITEM)
    open_ended = [
        block.text[-12:]
        for parsed in documents.values()
        for block in parsed.blocks
        if block.kind in leaves
        and "caption" not in block.attributes
        and not re.search(r"[。！？：；][”）]?$", block.text)
    ]
    assert open_ended == OPEN_ENDED


# What the files themselves leave open: a cover, and sentences that lost their ends before they came here.
OPEN_ENDED = ["（征求意见稿）", "2023年7月", "害群众利益的行为，行风建"]


def test_the_number_of_chunks_is_what_the_index_was_tuned_on(documents: Mapping[str, Parsed]) -> None:
    assert 230 <= sum(len(parsed.chunks) for parsed in documents.values()) <= 290
    for parsed in documents.values():
        assert len({c.id for c in parsed.chunks}) == len(parsed.chunks)


def test_what_the_manifest_says_is_taken_over(documents: Mapping[str, Parsed]) -> None:
    plan = documents["fangshan-plan-2025"].document
    assert plan.reference == "《方山县2025年卫生健康工作计划》（方卫发〔2025〕19号）"
    assert plan.issuer == "方山县卫生健康局"
    assert documents["jinzhong-plan-2023-2025"].document.status == "征求意见稿"
    for parsed in documents.values():
        assert squeeze(parsed.document.title)
        assert parsed.document.source.endswith(".txt")


def test_the_structure_is_found_without_the_manifest_too(
    documents: Mapping[str, Parsed], corpus_dir: Path, tmp_path: Path
) -> None:
    for name, known in documents.items():
        copy = tmp_path / f"{name}.txt"
        copy.write_bytes((corpus_dir / copy.name).read_bytes())
        (source,) = discover([copy])
        found = load(source, Settings().chunk_tokens)
        assert [(b.kind, b.span) for b in found.blocks] == [(b.kind, b.span) for b in known.blocks]
        ours, theirs = comparable(found.document.title), comparable(known.document.title)
        assert ours == theirs
        assert found.document.number == known.document.number
