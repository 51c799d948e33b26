"""Tables in plain text: which lines are rows, what belongs to which column and group, what is repaired."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.types import BlockKind
from tests.documents.reading import block_with, cells, of_kind, read, texts


def test_tabs_with_title_and_unit_above(tmp_path: Path) -> None:
    text = "资金通知\n\n具体金额如下。\n\n2024年救助资金分配表\n单位：万元\n县区\t合计\t低保\n东湖区\t1200\t800\n西岭县\t2350\t1500\n"
    parsed = read(tmp_path, text)
    rows = of_kind(parsed, BlockKind.ROW)
    assert [row.attributes["indicator"] for row in rows] == ["东湖区", "西岭县"]
    assert cells(rows[1]) == {"合计": "2350", "低保": "1500"}
    assert {(row.attributes["caption"], row.attributes["unit"]) for row in rows} == {
        ("2024年救助资金分配表 单位：万元", "万元")
    }
    context = next(c.context for c in parsed.chunks if "西岭县" in c.text)
    assert "2024年救助资金分配表" in context
    assert "县区 合计 低保" in context


def test_merged_group_cells_and_units(tmp_path: Path) -> None:
    text = (
        "表3 主要经济指标（单位：亿元）\n类别\t指标\t2022年\t2023年\n工业\t规上工业增加值\t120.5\t131.2\n\t工业投资\t80.1\t92.4\n"
        "农业\t农业总产值\t45.0\t47.3\n\t粮食产量（万吨）\t30.2\t30.8\n"
    )
    rows = of_kind(read(tmp_path, text), BlockKind.ROW)
    assert [(r.attributes["group"], r.attributes["indicator"], r.attributes["unit"]) for r in rows] == [
        ("工业", "规上工业增加值", "亿元"),
        ("工业", "工业投资", "亿元"),
        ("农业", "农业总产值", "亿元"),
        ("农业", "粮食产量（万吨）", "万吨"),
    ]
    assert cells(rows[3]) == {"2022年": "30.2", "2023年": "30.8"}
    assert not any("flag" in row.attributes for row in rows)


def test_merged_cells_between_bars(tmp_path: Path) -> None:
    text = "绩效表\n| 一级 | 二级 | 目标值 |\n|---|---|---|\n| 产出 | 救助人数 | ≥5000人 |\n|  | 发放及时率 | 100% |\n| 效益 | 满意度 | ≥90% |\n"
    parsed = read(tmp_path, text)
    rows = of_kind(parsed, BlockKind.ROW)
    assert [(r.attributes["group"], r.attributes["indicator"]) for r in rows] == [
        ("产出", "救助人数"),
        ("产出", "发放及时率"),
        ("效益", "满意度"),
    ]
    assert texts(parsed, BlockKind.FURNITURE) == ["|---|---|---|"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "东湖镇\t12000\t35\n南塘镇\t9000\t\n西岭镇\t8000\t22\n",
            [("东湖镇", "12000", "35"), ("南塘镇", "9000", ""), ("西岭镇", "8000", "22")],
        ),
        (
            "东湖镇\t12000\t35\n\t8000\t22\n南塘镇\t9000\t\n",
            [("东湖镇", "12000", "35"), ("", "8000", "22"), ("南塘镇", "9000", "")],
        ),
        (
            "东湖镇\t12000\t35\n南塘镇\t\t40\n合计\t21000\t75\n",
            [("东湖镇", "12000", "35"), ("南塘镇", "", "40"), ("合计", "21000", "75")],
        ),
    ],
    ids=["last cell empty", "name missing", "middle empty"],
)
def test_a_table_without_groups_is_not_shifted(
    tmp_path: Path, body: str, expected: list[tuple[str, str, str]]
) -> None:
    rows = of_kind(read(tmp_path, "表1 各镇人口\n乡镇\t人口\t面积\n" + body), BlockKind.ROW)
    found = [(r.attributes.get("indicator", ""), cells(r)["人口"], cells(r)["面积"]) for r in rows]
    assert found == expected
    assert not any("group" in r.attributes or "flag" in r.attributes for r in rows)


def test_a_shifted_row_is_moved_back_and_a_short_one_is_flagged(tmp_path: Path) -> None:
    text = "表2 指标\n领域\t指标\t2022年\t2025年\n水平\t人均寿命\t77\t78\n\t死亡率\t5\t4\n近视率\t57\t55\t\n环境\t卫生乡镇\t13\n"
    rows = of_kind(read(tmp_path, text), BlockKind.ROW)
    assert [r.attributes.get("flag", "") for r in rows] == ["", "", "列错位，已右移一列", "列数与表头不符"]
    assert (rows[2].attributes["group"], rows[2].attributes["indicator"]) == ("水平", "近视率")
    assert cells(rows[2]) == {"2022年": "57", "2025年": "55"}
    assert cells(rows[3]) == {"2022年": "13", "2025年": ""}


def test_serial_numbers_do_not_name_a_row(tmp_path: Path) -> None:
    text = "2023年招聘计划表\n\n序号\t岗位\t人数\t学历\n1\t内科医师\t5\t硕士\n2\t护士\t12\t大专\n3\t药师\t\t本科\n"
    parsed = read(tmp_path, text)
    rows = of_kind(parsed, BlockKind.ROW)
    assert [r.attributes["indicator"] for r in rows] == ["内科医师", "护士", "药师"]
    assert cells(rows[2]) == {"人数": "", "学历": "本科"}
    assert parsed.document.title == "2023年招聘计划表"


def test_columns_parted_by_blanks(tmp_path: Path) -> None:
    text = (
        "接种点安排\n\n区域    名称                电话\n"
        "东湖区  东湖社区服务中心      0350-111\n西岭县  西岭县医院           0350-22\n\n请预约。\n"
    )
    parsed = read(tmp_path, text)
    rows = of_kind(parsed, BlockKind.ROW)
    assert [cells(row)["电话"] for row in rows] == ["0350-111", "0350-22"]
    assert block_with(parsed, "请预约").kind is BlockKind.PARAGRAPH


def test_two_columns(tmp_path: Path) -> None:
    text = "便民服务电话\n\n单位\t电话\n市民热线\t12345\n供水公司\t0350-3330001\n"
    rows = of_kind(read(tmp_path, text), BlockKind.ROW)
    assert [(row.attributes["indicator"], cells(row)) for row in rows] == [
        ("市民热线", {"电话": "12345"}),
        ("供水公司", {"电话": "0350-3330001"}),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "名单\n\n张　三　　李　四　　王　五\n赵　六　　钱　七　　孙　八\n周　九　　吴　十　　郑　一\n",
        "通知\n\n　　一  二  三，各单位要落实。\n　　四  五  六，各单位要检查。\n　　七  八  九，各单位要整改。\n",
        "标题\n\n甲\t乙\t丙\n\n这是一段话，讲的是别的事情。\n",
    ],
    ids=["names in columns", "loose spacing", "a lone line"],
)
def test_what_only_looks_like_a_table_is_none(tmp_path: Path, text: str) -> None:
    assert not of_kind(read(tmp_path, text), BlockKind.TABLE)


def test_a_table_goes_on_after_a_page_break(tmp_path: Path) -> None:
    text = (
        "附表：2024年重点项目清单\n\n项目名称\t投资（万元）\t开工时间\n东湖大桥\t32000\t2024年3月\n- 5 -\n"
        "项目名称\t投资（万元）\t开工时间\n西岭水库\t15000\t2024年9月\n"
    )
    parsed = read(tmp_path, text)
    assert len(of_kind(parsed, BlockKind.TABLE)) == 1
    assert [cells(r)["投资（万元）"] for r in of_kind(parsed, BlockKind.ROW)] == ["32000", "15000"]
    assert [b.attributes["reason"] for b in of_kind(parsed, BlockKind.FURNITURE)] == ["页码", "重复的表头"]
    assert parsed.document.date == ""


def test_two_tables_stay_two(tmp_path: Path) -> None:
    text = (
        "汇总\n\n表1 人口\n乡镇\t人口\t面积\n东湖镇\t12000\t35\n\n乡镇\t学校\t医院\t车站\n东湖镇\t3\t1\t2\n"
    )
    parsed = read(tmp_path, text)
    assert len(of_kind(parsed, BlockKind.TABLE)) == 2
    assert [len(cells(row)) for row in of_kind(parsed, BlockKind.ROW)] == [2, 3]
