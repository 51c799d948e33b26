"""Tables that were copied with one cell in each line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.documents.cells import fold_cells
from assistant.documents.lines import lines_of
from assistant.types import BlockKind
from tests.documents.reading import cells, of_kind, read

COUNTED = (
    "分工表\n序号\n任务\n牵头单位\n配合单位\n完成时限\n"
    "1\n摸清底数，建立台账\n市水务局\n各区政府\n2024年4月底前\n"
    "2\n制定管网改造方案\n市住建局\n市财政局、各管线单位\n2024年6月15日前\n"
    "3\n开展验收\n市水务局\n市审计局\n每年12月底前\n"
)
TYPED = "表1 补贴标准\n类别\n补贴比例\n每户最高限额\nA类\n100%\n6000元\nB类\n90%\n5000元\nC类\n60%\n3000元\n"


def test_a_table_that_counts_its_rows(tmp_path: Path) -> None:
    rows = of_kind(read(tmp_path, f"实施方案\n\n具体分工如下。\n\n{COUNTED}\n"), BlockKind.ROW)
    assert [row.attributes["indicator"] for row in rows] == [
        "摸清底数，建立台账",
        "制定管网改造方案",
        "开展验收",
    ]
    assert cells(rows[1]) == {
        "牵头单位": "市住建局",
        "配合单位": "市财政局、各管线单位",
        "完成时限": "2024年6月15日前",
    }


def test_a_table_with_columns_of_one_type(tmp_path: Path) -> None:
    text = f"补贴办法\n\n标准如下。\n\n{TYPED}超出限额的部分由申请人承担，另有规定的从其规定。\n"
    parsed = read(tmp_path, text)
    rows = of_kind(parsed, BlockKind.ROW)
    assert [(row.attributes["indicator"], cells(row)) for row in rows] == [
        ("A类", {"补贴比例": "100%", "每户最高限额": "6000元"}),
        ("B类", {"补贴比例": "90%", "每户最高限额": "5000元"}),
        ("C类", {"补贴比例": "60%", "每户最高限额": "3000元"}),
    ]
    assert any("超出限额" in block.text for block in of_kind(parsed, BlockKind.PARAGRAPH))


@pytest.mark.parametrize(
    ("lines", "columns", "last"),
    [
        (  # names no list holds, figures and a gap
            "区域 2024年实际（万元） 2025年目标（万元） 受益户数 甲街道 1520 1600 — 乙镇 1186 1300 1100 合计 2706 2900 1100",
            4,
            ("合计", {"2024年实际（万元）": "2706", "2025年目标（万元）": "2900", "受益户数": "1100"}),
        ),
        (  # two columns of words before the figures, ranges among them
            "类型 对象 倍数 封顶 甲型 低保对象 4—12倍 12000元 甲型 其他人员 2—8倍 8000元 乙型 低保对象 3—10倍 9000元",
            4,
            ("乙型", {"对象": "低保对象", "倍数": "3—10倍", "封顶": "9000元"}),
        ),
        (  # a word where the others have a figure
            "违法行为 执法部门 首次 第二次 第三次 未牵绳 公安机关 警告 150 400 未清理 城管部门 50 120 200",
            5,
            ("未清理", {"执法部门": "城管部门", "首次": "50", "第二次": "120", "第三次": "200"}),
        ),
        (  # years name the rows, the last one with a remark
            "年度 职工基金 居民基金 2023年 28 15 2024年 30 16 2026年（预计） 35 20",
            3,
            ("2026年（预计）", {"职工基金": "35", "居民基金": "20"}),
        ),
        (  # years name the columns, and a caption above is none
            "附表 指标 2022年 2023年 城镇收入 33446 35088 农村收入 16987 18261",
            3,
            ("农村收入", {"2022年": "16987", "2023年": "18261"}),
        ),
    ],
)
def test_the_columns_of_a_table_are_found(
    tmp_path: Path, lines: str, columns: int, last: tuple[str, dict[str, str]]
) -> None:
    table = lines.replace(" ", "\n")
    rows = of_kind(
        read(tmp_path, f"补贴办法\n\n标准如下。\n\n{table}\n\n以上自印发之日起执行。\n"), BlockKind.ROW
    )
    assert {len(cells(row)) for row in rows} == {columns - 1}
    assert (rows[-1].attributes["indicator"], cells(rows[-1])) == last


@pytest.mark.parametrize(
    "text",
    [
        "关于召开会议的通知\n各科室\n定于5月8日开会。\n时间\n上午九时\n地点\n三楼会议室\n请准时参加。\n",
        "附件\n申请表\n审批表\n登记表\n承诺书\n2024年3月5日\n",
        "一、总则\n二、机构\n三、经费\n四、监督\n五、附则\n",
        "张三\n李四\n王五\n赵六\n钱七\n孙八\n周九\n",
        "",
    ],
)
def test_short_lines_that_are_no_table(text: str) -> None:
    lines = lines_of(text)
    assert fold_cells(lines) == lines


def test_two_tables_one_below_the_other() -> None:
    folded = fold_cells(lines_of(f"{TYPED}附件2\n{COUNTED}"))
    assert sum("\t" in line.text for line in folded) == 4 + 4


@given(
    st.lists(
        st.sampled_from(
            ["1", "2", "序号", "单位", "时间", "120元", "市水务局", "甲", "。", "2024年5月", "\t"]
        )
    )
)
def test_every_line_stays_in_its_order(pieces: list[str]) -> None:
    text = "\n".join(pieces)
    lines, folded = lines_of(text), fold_cells(lines_of(text))
    assert "".join(line.text for line in folded).replace("\t", "") == "".join(x.text for x in lines).replace(
        "\t", ""
    )
    assert all(a.end <= b.start for a, b in zip(folded, folded[1:], strict=False))
    assert all(text[line.start : line.end].split() == line.text.split() for line in folded)


def test_a_cell_shared_with_the_rows_above(tmp_path: Path) -> None:
    cells_below = [
        "一类区域",
        "小型车",
        "3.0",
        "60",
        "大型车",
        "5.0",
        "100",
        "二类区域",
        "小型车",
        "2.0",
        "40",
        "大型车",
        "3.5",
        "66",
    ]
    text = (
        "停车收费\n\n表2 收费标准\n"
        + "\n".join(["区域", "车型", "首小时内", "每日最高", *cells_below])
        + "\n注：按半小时计。\n"
    )
    rows = of_kind(read(tmp_path, text), BlockKind.ROW)
    assert [(r.attributes["group"], r.attributes["indicator"]) for r in rows] == [
        ("一类区域", "小型车"),
        ("一类区域", "大型车"),
        ("二类区域", "小型车"),
        ("二类区域", "大型车"),
    ]
    assert cells(rows[3]) == {"首小时内": "3.5", "每日最高": "66"}
