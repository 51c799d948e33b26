"""Kinds of official papers that nobody here was tuned on; every text is invented."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.documents import Parsed
from assistant.language.sentences import ends_sentence
from assistant.types import BlockKind
from tests.documents.reading import block_with, of_kind, read, texts

REGULATION = """　　　　云溪市养老服务条例

（2021年3月26日云溪市第七届人民代表大会常务委员会第三十次会议通过）

目  录
第一章　总则
第二章　设施与服务

第一章　总则

　　第一条　为了规范养老服务活动，制定本条例。
　　第二条　本市行政区域内的养老服务，适用本条例。
　　本条例所称养老服务，包括：
　　（一）生活照料；
　　（二）康复护理；
　　（三）精神慰藉。

第二章　设施与服务

　　第三条　新建住宅区应当按照每百户不少于二十平方米的标准配套建设养老服务设施。
　　旧城区应当逐步补建养老服务设施。
　　第四条　违反本条例第三条规定的，处：
　　1.五万元以上二十万元以下罚款；
　　2.暂停项目验收。
　　第五条　本条例自2021年7月1日起施行。
"""


def test_a_regulation(tmp_path: Path) -> None:
    parsed = read(tmp_path, REGULATION)
    assert parsed.document.title == "云溪市养老服务条例"
    assert parsed.document.date == "2021年3月26日"
    contents = of_kind(parsed, BlockKind.FURNITURE)
    assert {b.attributes["reason"] for b in contents} == {"目录"}
    assert [b.text for b in contents] == ["目录", "第一章总则", "第二章设施与服务"]
    assert texts(parsed, BlockKind.HEADING) == ["第一章总则", "第二章设施与服务"]
    assert block_with(parsed, "（二）康复护理").heading_path == ("第一章总则", "第二条")
    assert block_with(parsed, "旧城区").heading_path == ("第二章设施与服务", "第三条")
    listed = [
        b.attributes["marker"] for b in of_kind(parsed, BlockKind.ITEM) if b.heading_path[-1] == "第四条"
    ]
    assert listed == ["第四条", "1.", "2."]


NOTICE = """云溪市卫生健康委员会文件

云卫发〔2024〕12号

云溪市卫生健康委员会
关于印发《云溪市互联网医院管理办法
（试行）》的通知

各县（市、区）卫生健康局，市直各医疗机构：
　　《云溪市互联网医院管理办法（试行）》已经委主任办公会议审议通过，现印发给你们，请遵照执行。《云溪市远程诊疗管理办法》（云卫发〔2019〕3号）同时废止。

　　附件：1.云溪市互联网医院管理办法（试行）
　　　　　2.申报材料清单

云溪市卫生健康委员会
2024年6月18日

附件1

云溪市互联网医院管理办法（试行）

第一条  为规范互联网医院管理，制定本办法。
第二条  本办法自2024年8月1日起施行，有效期两年。

附件2
申报材料清单
材料\t份数\t备注
申请表\t2\t加盖公章
许可证\t1\t复印件
"""


def test_a_notice_with_letterhead_and_annexes(tmp_path: Path) -> None:
    parsed = read(tmp_path, NOTICE)
    document = parsed.document
    assert document.title == "云溪市卫生健康委员会关于印发《云溪市互联网医院管理办法（试行）》的通知"
    assert (document.number, document.date, document.status) == (
        "云卫发〔2024〕12号",
        "2024年6月18日",
        "试行",
    )
    assert document.issuer == "云溪市卫生健康委员会"
    assert block_with(parsed, "各县（市、区）卫生健康局").text == "各县（市、区）卫生健康局，市直各医疗机构："
    annex = block_with(parsed, "有效期两年")
    assert annex.heading_path == ("附件1 云溪市互联网医院管理办法（试行）", "第二条")
    # The list of annexes under the notice heads nothing.
    assert block_with(parsed, "2.申报材料清单").kind is BlockKind.ITEM
    row = block_with(parsed, "申请表")
    assert row.heading_path == ("附件2",)
    assert row.attributes["caption"] == "申报材料清单"


@pytest.mark.parametrize(
    ("text", "number", "date", "status", "issuer"),
    [
        (
            "云溪市人民政府令\n第45号\n\n《云溪市停车管理办法》现予公布，自2025年1月1日起施行。\n\n2024年11月20日\n\n云溪市停车管理办法\n",
            "云溪市人民政府令第45号",
            "2024年11月20日",
            "",
            "云溪市人民政府",
        ),
        (
            "关于暂停服务的公告\r\n\r\n因系统升级，12月1日暂停服务。\r\n\r\n云溪市政务服务中心\r\n二〇二四年十一月二十八日\r\n",
            "",
            "二〇二四年十一月二十八日",
            "",
            "云溪市政务服务中心",
        ),
        (
            "云溪市充电设施规划\n（2024—2027年）\n（征求意见稿）\n\n一、总体要求\n到2027年，建成充电桩2万个。\n",
            "",
            "",
            "征求意见稿",
            "",
        ),
        (
            "云溪市教育局关于规范招生的意见\n\n根据《省招生办法》（省教发〔2020〕8号），自2024年3月1日起，实行网上报名。\n",
            "",
            "",
            "",
            "云溪市教育局",
        ),
    ],
    ids=["order", "announcement", "draft", "opinion that cites"],
)
def test_what_a_paper_says_about_itself(
    tmp_path: Path, text: str, number: str, date: str, status: str, issuer: str
) -> None:
    document = read(tmp_path, text).document
    assert (document.number, document.date, document.status, document.issuer) == (
        number,
        date,
        status,
        issuer,
    )


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("云溪市充电设施规划\n（2024—2027年）\n（征求意见稿）\n\n", "云溪市充电设施规划（2024—2027年）"),
        (
            "云溪市人民政府办公室\n关于进一步做好\n防汛工作的通知\n各乡镇人民政府：\n",
            "云溪市人民政府办公室关于进一步做好防汛工作的通知",
        ),
        (
            "今年以来，全市经济平稳运行。\n\n稳中求进 开创新局\n——云溪市经济工作侧记\n\n",
            "稳中求进开创新局——云溪市经济工作侧记",
        ),
        (
            "云溪市人民政府令\n第45号\n\n现予公布。\n\n2024年11月20日\n\n云溪市停车管理办法\n\n",
            "云溪市停车管理办法",
        ),
        ("", "doc"),
    ],
    ids=["draft", "three lines", "lead before the headline", "order", "none"],
)
def test_titles(tmp_path: Path, head: str, title: str) -> None:
    text = head + "　　各单位要提高认识，落实责任，确保完成全年目标任务。\n"
    assert read(tmp_path, text).document.title == title


MINUTES = """云溪市政府专题会议纪要

时间：2024年5月6日上午
地点：市政府3号会议室
主持人：李国栋
参加人员：王海、张敏、赵晓燕

会议研究了城区停车难问题，纪要如下。

张敏（市公安局副局长）：目前城区停车泊位缺口约1.2万个，主要集中在老旧小区。
建议先行开放机关单位停车场。
赵晓燕（市住房和城乡建设局局长）：今年计划新增停车泊位3000个。
王海（市财政局局长）：所需资金1.5亿元已列入预算，分两年拨付。

会议议定：
一、机关单位停车场6月1日起向社会开放。
二、由市住房和城乡建设局牵头制定专项规划。
"""


def test_minutes(tmp_path: Path) -> None:
    parsed = read(tmp_path, MINUTES)
    statements = of_kind(parsed, BlockKind.STATEMENT)
    assert [(s.attributes["speaker"], s.attributes["organisation"]) for s in statements] == [
        ("张敏", "市公安局"),
        ("赵晓燕", "市住房和城乡建设局"),
        ("王海", "市财政局"),
    ]
    assert block_with(parsed, "建议先行开放").attributes["speaker"] == "张敏"
    assert "speaker" not in block_with(parsed, "会议议定").attributes
    assert [c.speaker for c in parsed.chunks if "1.5亿元" in c.text] == ["王海"]
    for field in ("时间：2024年5月6日上午", "地点：市政府3号会议室", "参加人员：王海、张敏、赵晓燕"):
        assert block_with(parsed, field).text == field


def test_a_list_of_people_makes_no_statements(tmp_path: Path) -> None:
    text = (
        "防汛指挥部名单\n\n组成人员如下：\n总指挥：李国栋（县长）\n成员：\n县水利局局长 张敏\n县应急局局长 赵晓燕\n县气象局局长 周正\n"
        "办公室设在县水利局，由张敏兼任主任。\n"
    )
    parsed = read(tmp_path, text)
    assert not of_kind(parsed, BlockKind.STATEMENT)
    assert block_with(parsed, "赵晓燕").text == "县应急局局长赵晓燕"


FAQ = """灵活就业人员参保问答

问：灵活就业人员怎么参加职工基本医疗保险？
答：持本人身份证到社保经办机构办理。
问：缴费比例是多少？
答：缴费比例为8%。
按月缴纳，也可以按年缴纳。

问：我是外地户口，在云溪市打工已经满两年，孩子能不能参加这里的城乡
居民医保？
答：可以。
Q4：断缴后还能报销吗？多久恢复？
A4：断缴3个月以内补缴的，待遇连续计算。
5. 到哪里咨询？
拨打12333。
记者：还有什么提醒？
李国栋：请按时缴费。
"""


def test_questions_head_their_answers(tmp_path: Path) -> None:
    parsed = read(tmp_path, FAQ)
    assert texts(parsed, BlockKind.HEADING) == [
        "问：灵活就业人员怎么参加职工基本医疗保险？",
        "问：缴费比例是多少？",
        "问：我是外地户口，在云溪市打工已经满两年，孩子能不能参加这里的城乡居民医保？",
        "Q4：断缴后还能报销吗？多久恢复？",
        "5.到哪里咨询？",
        "记者：还有什么提醒？",
    ]
    assert block_with(parsed, "按月缴纳").heading_path == ("问：缴费比例是多少？",)
    assert block_with(parsed, "拨打12333").heading_path == ("5.到哪里咨询？",)
    for answer in ("8%", "拨打12333", "请按时缴费"):
        (chunk,) = [c for c in parsed.chunks if answer in c.text]
        assert "？" in chunk.context
        assert "？" in chunk.text, "the question is searched and cited with its answer"


def test_a_rhetorical_question_heads_nothing(tmp_path: Path) -> None:
    text = "关于作风建设的讲话\n\n为什么有的工作推不动？根子在作风。怎么办？\n\n要从领导干部抓起，层层落实责任。\n"
    assert not texts(read(tmp_path, text), BlockKind.HEADING)


def test_no_paragraph_of_these_papers_stops_in_mid_sentence(tmp_path: Path) -> None:
    papers: list[Parsed] = [read(tmp_path, text) for text in (REGULATION, NOTICE, MINUTES, FAQ)]
    for parsed in papers:
        for block in of_kind(parsed, BlockKind.PARAGRAPH):
            mark = block.text[-1]
            assert ends_sentence(block.text) or mark in "：；）" or len(block.text) < 25, block.text
