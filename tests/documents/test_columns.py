"""Tables that do not show their columns: single blanks, headers of two lines, cells that stand only once."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.documents.headers import column_names
from assistant.types import BlockKind
from tests.documents.reading import block_with, cells, of_kind, read

SQUEEZED = (
    "河道整治年报\n\n表1 投资安排（单位：万元）\n项目 牵头单位 总投资 2024年 2025年\n堤防加固 县水务局 860 320 540\n"
    "泵站改造 县排涝中心 275 75 200\n合计 — 1135 395 740\n注：不含征地费用。\n"
)


def test_single_blanks(tmp_path: Path) -> None:
    parsed = read(tmp_path, SQUEEZED)
    rows = of_kind(parsed, BlockKind.ROW)
    assert [row.attributes["indicator"] for row in rows] == ["堤防加固", "泵站改造", "合计"]
    assert cells(rows[0]) == {"牵头单位": "县水务局", "总投资": "860", "2024年": "320", "2025年": "540"}
    assert rows[0].attributes["unit"] == "万元"
    assert parsed.document.text[rows[1].span.start : rows[1].span.end] == "泵站改造 县排涝中心 275 75 200"
    assert block_with(parsed, "不含征地").kind is BlockKind.PARAGRAPH


@pytest.mark.parametrize(
    "header",
    [
        "地区 2024年 2024年 2025年 2025年\n 计划 实际 计划 1—8月实际",
        "         2024年            2025年\n地区     计划     实际     计划     1—8月实际",
        "地区\t2024年\t\t2025年\t\n\t计划\t实际\t计划\t1—8月实际",
    ],
)
def test_two_lines_of_headers(tmp_path: Path, header: str) -> None:
    parting = "\t" if "\t" in header else "    " if "    " in header else " "
    body = ["东湖区 168 152.4 214 117.6", "西岭县 36 33.2 42 25.8", "合计 204 185.6 256 143.4"]
    text = f"补助通报\n\n附件1\n补助资金安排表\n{header}\n" + "\n".join(
        row.replace(" ", parting) for row in body
    )
    rows = of_kind(read(tmp_path, text + "\n"), BlockKind.ROW)
    assert cells(rows[1]) == {
        "2024年计划": "36",
        "2024年实际": "33.2",
        "2025年计划": "42",
        "2025年1—8月实际": "25.8",
    }


def test_years_over_unlike_columns_by_their_places(tmp_path: Path) -> None:
    text = (
        "评估报告\n\n指标                2024年          2025年        2027年  判定\n"
        "                    计划    实际    计划    实际  原目标\n"
        "入园率              92.5    92.9    93.5    94.1    95.5    达标\n大班额              5.0     4.6     3.0     2.2     0       达标\n"
    )
    rows = of_kind(read(tmp_path, text), BlockKind.ROW)
    assert cells(rows[0])["2027年原目标"] == "95.5"
    assert cells(rows[1])["判定"] == "达标"


@pytest.mark.parametrize("parting", [" ", "\t", "|"])
def test_a_cell_shared_with_the_rows_above_stands_once(tmp_path: Path, parting: str) -> None:
    lines = [
        "项目 地区 2024年标准 2025年标准",
        "岗位补贴 一类 1,800 1,950",
        "二类 1,650 1,780",
        "创业补贴 一类 8,000 10,000",
    ]
    shown = [line.replace(" ", parting) for line in lines]
    if parting == "|":
        shown = [f"|{line}|" for line in shown]
    rows = of_kind(read(tmp_path, "补贴标准\n\n说明如下。\n\n" + "\n".join(shown) + "\n"), BlockKind.ROW)
    assert [(r.attributes["group"], r.attributes["indicator"]) for r in rows] == [
        ("岗位补贴", "一类"),
        ("岗位补贴", "二类"),
        ("创业补贴", "一类"),
    ]
    assert cells(rows[1]) == {"2024年标准": "1,650", "2025年标准": "1,780"}


def test_a_sum_belongs_to_no_group(tmp_path: Path) -> None:
    text = (
        "公报\n\n表3 服务量\n类别 机构 诊疗人次 入院人次\n 2024年 2025年 2024年 2025年\n医院 县医院 52.3 55.1 241 249\n"
        "中医院 21.7 22.4 93 96\n基层 卫生院 46.5 47.9 112 108\n合计 120.5 125.4 446 453\n"
    )
    rows = of_kind(read(tmp_path, text), BlockKind.ROW)
    assert [r.attributes.get("group", "") for r in rows] == ["医院", "医院", "基层", ""]
    assert cells(rows[1])["诊疗人次2025年"] == "22.4"
    assert rows[3].attributes["indicator"] == "合计"


def test_counted_rows_within_groups(tmp_path: Path) -> None:
    text = (
        "分工表\n\n类别\t序号\t任务\t牵头单位\t时限\n排查\t1\t入户普查\t各县政府\t2025年10月15日\n2\t食堂排查\t市教育局\t2025年8月25日\n"
        "整治\t3\t占压清理\t市城管局\t2026年3月31日\n"
    )
    rows = of_kind(read(tmp_path, text), BlockKind.ROW)
    assert [(r.attributes["group"], r.attributes["indicator"]) for r in rows] == [
        ("排查", "入户普查"),
        ("排查", "食堂排查"),
        ("整治", "占压清理"),
    ]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (
            "地区 2023年 2024年 增速\n 计划 实际 计划 实际\n东县 1 2 3 4 5%\n西县 2 3 4 5 6%",
            {"2023年计划": "1", "2023年实际": "2", "2024年计划": "3", "2024年实际": "4", "增速": "5%"},
        ),
        (
            " 2023年 2024年\n 计划 实际 计划 实际\n东县 1 2 3 4\n西县 2 3 4 5",  # the rows' names have no header
            {"2023年计划": "1", "2023年实际": "2", "2024年计划": "3", "2024年实际": "4"},
        ),
        ("地区 户数 人口\n市 本级 100 50\n东县 20 30\n西县 30 40", {"户数": "100", "人口": "50"}),
        (
            "地区 乡镇 户数 人口\n合计 30 40\n东县 甲镇 10 20\n西县 丙镇 50 60",
            {"乡镇": "", "户数": "30", "人口": "40"},
        ),
    ],
)
def test_which_column_a_value_belongs_to(tmp_path: Path, table: str, expected: dict[str, str]) -> None:
    rows = of_kind(read(tmp_path, f"年报\n\n说明如下。\n\n{table}\n"), BlockKind.ROW)
    assert cells(rows[0]) == expected


def test_a_table_right_below_another(tmp_path: Path) -> None:
    table = "地区 户数 人口\n东县 10 20\n西县 30 40\n项目 金额 期限\n修路 100 5月\n建桥 200 6月"
    rows = of_kind(read(tmp_path, f"年报\n\n说明如下。\n\n{table}\n"), BlockKind.ROW)
    assert [cells(row) for row in rows] == [
        {"户数": "10", "人口": "20"},
        {"户数": "30", "人口": "40"},
        {"金额": "100", "期限": "5月"},
        {"金额": "200", "期限": "6月"},
    ]


@pytest.mark.parametrize(
    "text",
    [
        "各县 各区 各镇\n会议 于 3月 召开\n参加 人员 如下",
        "张三 李四 王五\n赵六 钱七 孙八\n周九 吴十 郑一",
        "第一 要 抓好 落实\n第二 要 抓好 检查 3 次\n第三 再 说",
        "会议 听取 汇报\n全年 投资 30亿元\n全年 税收 20亿元",
        "关于 印发 通知\n第一章 总则 1\n第二章 分则 3\n第三章 附则 5",
        "第一条 本 办法\n第二条 补贴 500元\n第三条 奖励 600元",
        "（一） 责任 单位\n（二） 新建 20公里 公路\n（三） 改建 30公里 公路",
        "主要 目标 任务\n1、 修路 12公里\n2、 建桥 3座\n3、 造林 5亩",
        "主要 目标 任务\n一是 修路 12公里\n二是 建桥 3座",
        "## 主要 目标 任务\n## 修路 投资 12公里\n## 建桥 投资 3公里",
        "2024年 任务 分解\n张三 负责 3 项\n李四 负责 4 项",
        "床前 明月光 疑是\n地上 霜 3\n举头 望 4",
        "Name of the plan\nPlan A 12 projects 2024\nPlan B 13 projects 2025",
        "2024年度 单位：万元\n计划数 实际数 计划数 实际数\n东县 100 200 1 2\n西县 1 2 3 4",
        "全县 情况 统计\n地区 户数\n东县 1 2\n西县 3 4",  # a column without a name
    ],
)
def test_what_is_no_table_stays_text(tmp_path: Path, text: str) -> None:
    assert not of_kind(read(tmp_path, f"汇报\n\n{text}\n"), BlockKind.ROW)


def test_headers_of_many_names_take_no_time() -> None:
    upper = [f"{year}年" for year in range(2011, 2019)]
    texts = ["  ".join(upper), "  ".join(f"目标{n}" for n in range(40))]
    headers, names = column_names([upper, texts[1].split()], texts, ["text", *["figure"] * 40])
    assert (headers, names[1:]) == (1, texts[1].split())  # the upper line belongs to no column for sure
