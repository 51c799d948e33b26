"""How pages are laid out: wraps, page breaks, running heads, numbering, bullets, indentation, Markdown."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.types import BlockKind
from tests.documents.reading import block_with, of_kind, read, texts

FIRST = (
    "为进一步提升城市管理精细化水平，切实解决市民反映强烈的占道经营、乱停乱放、噪声扰民等突出问题，现就加强城市管理工作提出以下意见。"
    "各区、各部门要充分认识城市管理工作的重要性和紧迫性，把城市管理摆在更加突出的位置，着力补短板、强弱项、提品质。"
)
SECOND = (
    "要健全完善市、区、街道、社区四级联动的工作机制，明确责任分工，细化工作措施，确保各项任务落到实处。到2026年底，城区生活垃圾分类"
    "覆盖率达到98%以上，主次干道机械化清扫率达到95%以上，新增公共停车泊位5000个，改造老旧小区120个，惠及居民3.2万户。"
)


@pytest.mark.parametrize("width", [16, 22, 30, 38])
@pytest.mark.parametrize(
    "page", ["- 3 -", "\n- 3 -\n", "\n\n第 3 页 共 20 页\n\n", "— 3 —\n云溪市人民政府公报", "\f3\n"]
)
def test_hard_wraps_and_page_breaks_are_healed(tmp_path: Path, width: int, page: str) -> None:
    lines = [
        line
        for paragraph in (FIRST, SECOND)
        for indented in ["　　" + paragraph]
        for line in (indented[i : i + width] for i in range(0, len(indented), width))
    ]
    for place in (9, 6, 3):
        lines.insert(place, page)
    parsed = read(tmp_path, "关于加强城市管理工作的意见\n\n" + "\n".join(lines) + "\n")
    assert texts(parsed, BlockKind.PARAGRAPH) == [FIRST, SECOND]
    assert {b.attributes["reason"] for b in of_kind(parsed, BlockKind.FURNITURE)} <= {"页码", "页眉"}


def test_a_running_head_is_furniture_but_where_it_opens_the_document(tmp_path: Path) -> None:
    page = "云溪市国土空间总体规划说明书\n第{}页\n\n　　第{}个片区的建设用地规模控制在{}平方公里以内，并与周边乡镇的产业布局\n"
    text = "".join(page.format(n, n, 3 * n) for n in range(1, 6)) + "相协调。\n"
    parsed = read(tmp_path, text)
    assert parsed.document.title == "云溪市国土空间总体规划说明书"
    heads = [b for b in of_kind(parsed, BlockKind.FURNITURE) if b.attributes["reason"] == "页眉"]
    assert len(heads) == 4
    assert all("说明书" not in text for text in texts(parsed, BlockKind.PARAGRAPH))


DOTTED = """云溪市智慧城市建设技术指南

1 总则
1.1 编制目的
为指导全市智慧城市建设，制定本指南。
1.2 适用范围
1.2.1 新建项目
新建项目应当全部执行本指南，预计节约
1.2万元以上。
1.2.2 改建项目
改建项目参照执行。
2 技术要求
2.1 数据中心
2.1.1 机房等级不低于B级，可用性不低于99.9%。
（1）演练前应当报备
报备材料包括方案和人员名单。
（2）演练后应当总结
总结应当在10日内完成。
"""


def test_dotted_numbers_are_headings_and_quantities_are_not(tmp_path: Path) -> None:
    parsed = read(tmp_path, DOTTED)
    assert block_with(parsed, "改建项目参照执行").heading_path == ("1总则", "1.2适用范围", "1.2.2改建项目")
    assert block_with(parsed, "预计节约").text == "新建项目应当全部执行本指南，预计节约1.2万元以上。"
    assert block_with(parsed, "99.9%").heading_path == ("2技术要求", "2.1数据中心")
    assert block_with(parsed, "10日内").heading_path[-1] == "（2）演练后应当总结"


def test_numbered_quantities_stay_text(tmp_path: Path) -> None:
    text = "2024年工作总结\n\n一、存在问题\n1.5亿元债务尚未化解。\n2.62万人尚未参保。\n12 个项目尚未开工。\n"
    parsed = read(tmp_path, text)
    assert texts(parsed, BlockKind.HEADING) == ["一、存在问题"]
    assert not of_kind(parsed, BlockKind.ITEM)


GUIDE = """老年证办理流程

办理条件
年满60周岁的本市常住老年人。

办理材料
1.身份证原件
2.近期一寸照片2张

收费标准
不收费
"""


def test_short_lines_head_what_stands_below_them(tmp_path: Path) -> None:
    parsed = read(tmp_path, GUIDE)
    assert texts(parsed, BlockKind.HEADING) == ["办理条件", "办理材料", "收费标准"]
    assert texts(parsed, BlockKind.ITEM) == ["1.身份证原件", "2.近期一寸照片2张"]
    assert block_with(parsed, "近期一寸照片").heading_path == ("办理材料",)
    assert block_with(parsed, "不收费").heading_path == ("收费标准",)


def test_bullets_that_run_into_each_other(tmp_path: Path) -> None:
    text = (
        "2024年民生实事\n\n●新建公办幼儿园12所●改造老旧小区85个●新增养老床位2000张\n●完成户厕改造1.8万户。\n\n"
        "主要措施：\n• 落实资金保障\n• 每月调度通报\n\n以上事项年底公开评议。\n"
    )
    parsed = read(tmp_path, text)
    assert texts(parsed, BlockKind.ITEM) == [
        "●新建公办幼儿园12所",
        "●改造老旧小区85个",
        "●新增养老床位2000张",
        "●完成户厕改造1.8万户。",
        "•落实资金保障",
        "•每月调度通报",
    ]
    assert block_with(parsed, "公开评议").kind is BlockKind.PARAGRAPH


def test_indentation_parts_paragraphs(tmp_path: Path) -> None:
    text = "关于防汛工作的通知\n\n　　各乡镇要落实责任。\n　　各村要切实加强巡查\n并做好记录。\n\t水库要控制水位。\n"
    assert texts(read(tmp_path, text), BlockKind.PARAGRAPH) == [
        "各乡镇要落实责任。",
        "各村要切实加强巡查并做好记录。",
        "水库要控制水位。",
    ]


MARKDOWN = """# 出境旅游补贴申领指南

本指南适用于 2025 年。

## 申领条件

- 本市户籍
* 无失信记录

## 申领流程

1. 登录小程序。
2. 上传材料。

### 材料清单

| 材料 | 份数 | 备注 |
| --- | --- | --- |
| 身份证复印件 | 1 | 正反面 |
| 行程单 | 2 | 加盖公章 |

---

#话题标签，不是标题。
"""


def test_markdown(tmp_path: Path) -> None:
    parsed = read(tmp_path, MARKDOWN, "guide.md")
    assert parsed.document.title == "出境旅游补贴申领指南"
    assert texts(parsed, BlockKind.TITLE) == ["出境旅游补贴申领指南"]
    assert texts(parsed, BlockKind.HEADING) == ["申领条件", "申领流程", "材料清单"]
    items = [(b.text, b.heading_path[-1]) for b in of_kind(parsed, BlockKind.ITEM)]
    assert items == [
        ("-本市户籍", "申领条件"),
        ("*无失信记录", "申领条件"),
        ("1.登录小程序。", "申领流程"),
        ("2.上传材料。", "申领流程"),
    ]
    row = block_with(parsed, "行程单")
    assert row.heading_path == ("申领流程", "材料清单")
    assert block_with(parsed, "#话题标签").kind is BlockKind.PARAGRAPH


def test_an_item_that_the_margin_broke_stays_an_item_of_its_list(tmp_path: Path) -> None:
    items = [
        "（一）与住宅外墙的间距不小于六米；",
        "（二）不占用消防车通道；",
        "（三）配备灭火器材，录像保存不少于三十",
    ]
    text = "\n".join(
        [
            "云溪市充电管理规定",
            "",
            "第八条 集中充电场所应当符合下列要求：",
            *items,
            "日。",
            "第九条 备案不收取费用。",
        ]
    )
    parsed = read(tmp_path, text + "\n")
    assert block_with(parsed, "录像保存").text.endswith("录像保存不少于三十日。")
    assert block_with(parsed, "录像保存").kind is BlockKind.ITEM


def test_a_page_that_ends_within_a_short_line_of_a_sentence_is_healed(tmp_path: Path) -> None:
    wrapped = [
        "会议同意安排水毁修复补助资金180万元，其中青禾县95万元、",
        "石桥县60万元、南",
        "3",
        "坪区25万元，于6月10日前拨付。责任部门：财务科。",
    ]
    filler = [f"会议听取了第{n}项工作情况汇报，研究了有关事项并提出了具体要求。" for n in range(1, 9)]
    parsed = read(tmp_path, "\n".join(["市交通局办公会议纪要", "", *filler, *wrapped]) + "\n")
    assert "南坪区25万元" in block_with(parsed, "石桥县60万元").text
