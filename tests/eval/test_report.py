"""The report as a file: what stands in it, what does not, and that nothing from outside becomes markup."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from assistant.errors import InputError
from assistant.types import Span
from eval.compare import compare
from eval.documents import Corpus
from eval.report import charts, write_report
from eval.report.excerpts import AROUND, BOTH, CITATION, EVIDENCE, LONGEST, PLAIN, Excerpt, excerpts
from eval.report.words import p_said, seconds, verdict_sentence, visible
from eval.scoring import Run, score_run
from eval.statistics import Interval, McNemar
from tests.eval.report_runs import PLAN, answer, question, run_of, small_run

EVIL = "</title></style></script><script>alert(1)</script><img src=x onerror=alert(1)>'\"&{{7*7}}"


class Tree(HTMLParser):
    """Elements with their attributes, and the text of each element of a class."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def html_of(run: Run, earlier: Run | None = None) -> str:
    return write_report(run, earlier=earlier).read_text(encoding="utf-8")


def plain(html: str) -> str:
    """The text of a page without markup, white space single."""
    html = re.sub(r"(?s)<(script|style)>.*?</\1>", "", html)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def question_of(html: str, id: str) -> str:
    """The markup of one question."""
    found = re.search(rf'(?s)<details class="question" id="{re.escape(id)}".*?</details>', html)
    assert found is not None
    return found.group()


def test_the_file_lies_in_the_run_directory_or_where_it_is_wanted(tmp_path: Path) -> None:
    run = small_run(tmp_path)
    assert write_report(run) == run.folder.path / "report.html"
    wanted = tmp_path / "elsewhere" / "页.html"
    assert write_report(run, wanted) == wanted
    assert wanted.read_bytes() == (run.folder.path / "report.html").read_bytes()
    assert not list(tmp_path.rglob("*.new"))


def test_it_needs_nothing_from_elsewhere(tmp_path: Path) -> None:
    html = html_of(small_run(tmp_path))
    tree = Tree(html)
    assert not re.search(r"https?://|@import|url\(", html)
    for tag, attributes in tree.elements:
        for name in ("src", "href", "action", "srcset", "data"):
            value = attributes.get(name) or "#"
            assert value.startswith("#") or (tag == "link" and value == "data:,"), (tag, attributes)
        assert not any(name.startswith("on") or name == "style" for name in attributes), (tag, attributes)
    assert len(tree.all("script")) == len(tree.all("style")) == 1


def test_the_policy_allows_this_script_and_style_alone(tmp_path: Path) -> None:
    policies = [
        m["content"] or "" for m in Tree(html_of(small_run(tmp_path))).all("meta") if "http-equiv" in m
    ]
    assert len(policies) == 1
    assert policies[0].startswith("default-src 'none'")
    assert "unsafe" not in policies[0]


def test_ids_are_unique_and_links_lead_somewhere(tmp_path: Path) -> None:
    tree = Tree(html_of(small_run(tmp_path / "a"), small_run(tmp_path / "b", right=False)))
    ids = [attributes["id"] for _, attributes in tree.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for link in tree.all("a"):
        target = (link["href"] or "").removeprefix("#")
        assert target in ids or "=" in target, link
    for plot in tree.all("svg"):
        named = [plot.get(f"aria-{how}") for how in ("labelledby", "describedby")]
        assert all(one in ids for one in named if one)


def test_head_and_verdict(tmp_path: Path) -> None:
    run = small_run(tmp_path)
    html = html_of(run)
    text = plain(html)
    assert run.record["code"][:12] in html
    assert run.record["code"] not in html
    assert "（北京时间）" in text
    assert "本系统答对 2/4 题" in text
    assert "可答的 3 题答对 1 题，应拒答的 1 题拒答了 1 题" in text
    assert "与other（0.0 %，p=0.50）分不出高下" in text
    assert "怎样看这些数字" in text


def test_the_table_marks_the_best_and_leaves_out_what_cannot_be_measured(tmp_path: Path) -> None:
    html = html_of(small_run(tmp_path))
    table = html[html.index('<table class="systems"') :]
    ours, other = re.findall(r"(?s)<tr(?: class=\"ours\")?>\s*<th scope=\"row\">.*?</tr>", table)[:2]
    assert re.search(r'<b class="best">50\.0</b>', ours)
    assert "best" not in other.split("</td>")[0]
    assert "+50.0" in other
    cells = [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"(?s)<td.*?</td>", other)]
    assert cells[11] == "—"  # no number in the answers: no fidelity
    assert cells[12] == "9"


def test_an_upper_bound_is_no_contestant(tmp_path: Path) -> None:
    said = {
        "ours": {"s": [answer("q1", "30张")]},
        "oracle": {"s": [answer("q1", "300张", ["床位数达到300张"])]},
    }
    html = html_of(run_of(tmp_path, {"s": [question("q1")]}, said))
    assert 'class="best">100' not in html
    assert "明显" not in plain(html[html.index('id="verdict"') : html.index("怎样看这些数字")])


def test_wrong_answers_are_counted_by_category_and_linked(tmp_path: Path) -> None:
    html = html_of(small_run(tmp_path))
    reasons = html[html.index('id="reasons"') : html.index('id="questions"')]
    assert "答错 2/4 题" in reasons
    assert "#set=small&amp;category=person&amp;reason=%E8%A6%81%E7%82%B9%E4%B8%8D%E5%85%A8" in reasons


def test_a_question_tells_all_about_its_answer(tmp_path: Path) -> None:
    html = html_of(small_run(tmp_path))
    third = question_of(html, "small/q3")
    text = plain(third)
    for told in (
        "说分工",
        "答案：已回答",
        "由卫生健康局负责[1]",
        "参考答案",
        "300张",
        "要点不全",
        "50 毫秒",
        "0.90",
    ):
        assert told in text
    assert re.search(r'class="yes"><span class="sign">有</span>卫生健康局', third)
    assert re.search(r'class="no"><span class="sign">缺</span>财政局', third)
    assert '<mark class="citation">由卫生健康局负责</mark>' in third
    assert '<mark class="evidence">床位数达到300张</mark>' in third
    assert "未检到" in third
    second = question_of(html, "small/q2")
    assert re.search(r'class="no"><span class="sign">出现</span>57%', second)
    first = question_of(html, "small/q1")
    assert '<mark class="both">床位数达到300张</mark>' in first
    assert "第 1 位" in first
    start = PLAN.index("床位数达到300张")
    assert f"plan {start}–{start + 9}" in plain(first)


def test_locked_sets_show_figures_only(tmp_path: Path) -> None:
    secret = "保密的题目"
    lines = {"open": [question("q1")], "shut": [question("x1", secret, reference="保密的参考")]}
    said = {"ours": {"open": [answer("q1", "300张")], "shut": [answer("x1", "保密的答案")]}}
    run = run_of(tmp_path / "a", lines, said, locked=["shut"])
    earlier = run_of(
        tmp_path / "b",
        lines,
        {"ours": {"open": [answer("q1", "300张")], "shut": [answer("x1", "300张，保密的旧答案")]}},
        locked=["shut"],
    )
    html = html_of(run, earlier)
    assert "保密的" not in html
    assert "shut/" not in html
    assert "shut 集" in html
    assert "是锁定的，只报数字，不列题目和答案" in html
    assert "多答对 0 题，少答对 1 题" in html
    assert "#set=shut" not in html


def test_two_runs_are_compared(tmp_path: Path) -> None:
    html = html_of(small_run(tmp_path / "a"), small_run(tmp_path / "b", right=False))
    part = html[html.index('<section id="changes"') : html.index('<section id="systems"')]
    assert "多答对 1 题，少答对 0 题，p=1.00：差别可能只是偶然；" in part
    assert "多答对的题" in part
    assert "少答对的题" not in part
    assert "30张[1]" in part
    assert "300张[1]" in part
    assert 'href="#small/q1"' in part
    assert "校正后 p（Holm）" in part
    assert '<section id="changes"' not in html_of(small_run(tmp_path / "c"))


def test_sets_that_differ_are_told_and_not_compared(tmp_path: Path) -> None:
    said = {"ours": {name: [answer("q1", "300张")] for name in ("same", "changed", "new")}}
    asked = {"same": [question("q1")], "changed": [question("q1")], "new": [question("q1")]}
    run = run_of(tmp_path / "a", asked, said)
    before = {
        "same": [question("q1")],
        "changed": [question("q1", reference="另一个")],
        "old": [question("q1")],
    }
    earlier = run_of(tmp_path / "b", before, {"ours": {name: [answer("q1", "300张")] for name in before}})
    part = plain(html_of(run, earlier))
    assert "每道题的判分都相同" in part
    assert "两次评测的题目或答案要点不同，不能逐题比较。" in part
    assert "上一次评测没有这套题。" in part
    assert "这一次评测没有这套题。" in part


def test_runs_without_a_common_set_cannot_be_compared(tmp_path: Path) -> None:
    one, other = (
        run_of(tmp_path / name, {name: [question("q1")]}, {"ours": {name: [answer("q1", "300张")]}})
        for name in ("one", "other")
    )
    with pytest.raises(InputError, match="没有同名的题集"):
        write_report(one, earlier=other)
    assert not (one.folder.path / "report.html").exists()


def test_sets_without_ours(tmp_path: Path) -> None:
    asked = {"alone": [question("q1")], "two": [question("q1")], "none": [question("q1")]}
    said = {
        "a": {"alone": [answer("q1", "甲答300张")], "two": [answer("q1", "乙")]},
        "b": {"two": [answer("q1", "")]},
    }
    html = html_of(run_of(tmp_path, asked, said))
    assert "甲答300张" in question_of(html, "alone/q1")
    assert "two/q1" not in html
    assert "本系统没有答这套题" in html
    assert "还没有系统答完这套题。" in html


def test_nothing_asked_or_answered_becomes_markup(tmp_path: Path) -> None:
    asked = question(
        EVIL,
        EVIL,
        reference=EVIL,
        key_facts=[[EVIL, "x"]],
        forbidden=[EVIL],
        history=[["user", EVIL]],
        evidence=[{"doc": "plan", "quote": "床位数达到300张"}, {"doc": EVIL, "quote": EVIL}],
    )
    cited = [
        {"doc": EVIL, "start": 0, "end": 9, "quote": EVIL, "label": EVIL},
        {"doc": "plan", "start": 0, "end": 99999, "quote": "", "label": None},
        None,
    ]
    retrieved = [{"doc": EVIL, "start": 0, "end": 1}, {"doc": "plan", "start": 5, "end": 1}, None]
    said = answer(EVIL, EVIL, error=EVIL, citations=cited, retrieved=retrieved)
    both = {name: {"s": [said]} for name in ("ours", "<b>别人</b>".replace("/", ""))}
    html = html_of(run_of(tmp_path, {"s": [asked]}, both, texts={"plan": PLAN + EVIL}))
    tree = Tree(html)
    assert not tree.all("img")
    assert len(tree.all("script")) == len(tree.all("style")) == 1
    assert "<b>别人" not in html
    shown = question_of(html, "s/" + re.sub(r"[^A-Za-z0-9_.-]", lambda c: f"~{ord(c.group()):x}", EVIL))
    assert shown.count("{{7*7}}") >= 9
    assert "alert(1)" in plain(shown)


def test_what_cannot_be_seen_is_spelt_out(tmp_path: Path) -> None:
    text = "a\x00b\x1b[31m\u202e反\u2066\x85尾"
    said = answer("q1", text + "\ud800")
    html = html_of(run_of(tmp_path, {"s": [question("q1", text)]}, {"ours": {"s": [said]}}))
    for char in "\x00\x1b\u202e\u2066\x85":
        assert char not in html
    shown = "a␀b␛[31m⟨U+202E⟩反⟨U+2066⟩⟨U+0085⟩尾"
    assert question_of(html, "s/q1").count(shown) == 2
    assert shown + "\ufffd" in html
    assert visible("第一行\r\n\t第二行") == "第一行\n\t第二行"


def test_a_rank_counts_passages_that_name_no_place(tmp_path: Path) -> None:
    said = answer("q1", "300张", ["床位数达到300张"])
    odd = [None, {"doc": "plan", "start": 1.5, "end": 3}, {"doc": "gone", "start": 0, "end": 3}]
    said["retrieved"] = odd + said["retrieved"]
    said["citations"] = odd + said["citations"]
    shown = question_of(html_of(run_of(tmp_path, {"s": [question("q1")]}, {"ours": {"s": [said]}})), "s/q1")
    assert "第 4 位" in shown
    assert shown.count("没有写明位置") == 2
    assert shown.count("与原文不符") == 3
    assert '<span class="sign">[4]</span>《计划》' in shown


def test_failures_are_told(tmp_path: Path) -> None:
    said = [answer("q1", "", status="error", error="坏了"), answer("q2", "300张", ["床位数达到300张"])]
    said[1]["citations"][0]["quote"] = "不是原文"
    asked = [question("q1"), question("q2"), question("q3")]
    html = html_of(run_of(tmp_path, {"s": asked}, {"ours": {"s": said}}))
    assert "有 2 题出错或没有答案" in html
    assert "低于 100 % 就是缺陷" in html
    assert "坏了" in question_of(html, "s/q1")
    assert "与原文不符" in question_of(html, "s/q2")
    assert "答案：没有答案" in question_of(html, "s/q3")


def test_long_answers_are_cut(tmp_path: Path) -> None:
    html = html_of(run_of(tmp_path, {"s": [question("q1")]}, {"ours": {"s": [answer("q1", "长" * 5000)]}}))
    assert "……以下略 3500 字" in html
    assert "长" * 1501 not in html


def test_450_questions_are_below_6_megabytes(tmp_path: Path) -> None:
    text = "".join(f"第{n}条 {'政策原文的字句很长，' * 20}指标{n}为{n}个。\n" for n in range(450))
    where = [text.index(f"指标{n}为") for n in range(450)]
    asked = [
        question(f"q{n}", f"指标{n}是多少？" * 3, key_facts=[[f"{n}个"]], evidence=[{"doc": "long", "quote": f"指标{n}为{n}个"}] * 2)
        for n in range(450)
    ]  # fmt: skip
    said = [
        answer(
            f"q{n}",
            f"错的。{'回答的话' * 60}",
            citations=[
                {
                    "doc": "long",
                    "start": a,
                    "end": a + 150,
                    "quote": text[a : a + 150],
                    "label": "《文件》" * 10,
                }
                for a in (where[n], where[n - 9], where[n - 20])
            ],
        )
        for n in range(450)
    ]
    run = run_of(tmp_path, {"s": asked}, {"ours": {"s": said}}, texts={"long": text})
    assert write_report(run).stat().st_size < 6_000_000


def spans(*places: tuple[int, int]) -> list[Span]:
    return [Span("a", start, end) for start, end in places]


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.txt").write_text("".join(f"第{n}句话说到此处为止。" for n in range(400)), encoding="utf-8")
    return Corpus(folder)


def rebuilt(excerpt: Excerpt) -> str:
    return "".join(piece.text for piece in excerpt.pieces)


def test_excerpts_mark_evidence_citation_and_overlap(corpus: Corpus) -> None:
    (one,) = excerpts(spans((100, 130)), spans((120, 150)), corpus)
    assert [(p.kind, len(p.text)) for p in one.pieces] == [
        (PLAIN, AROUND), (EVIDENCE, 20), (BOTH, 10), (CITATION, 20), (PLAIN, AROUND),
    ]  # fmt: skip
    assert (one.start, one.end, one.before, one.after) == (100 - AROUND, 150 + AROUND, True, True)
    assert rebuilt(one) == corpus.texts["a"].original[one.start : one.end]


def test_excerpts_that_touch_are_one(corpus: Corpus) -> None:
    assert len(excerpts(spans((100, 110), (110 + 2 * AROUND, 240)), [], corpus)) == 1
    apart = excerpts(spans((100, 110)), spans((111 + 2 * AROUND, 240)), corpus)
    assert [one.start for one in apart] == [100 - AROUND, 111 + AROUND]


def test_excerpts_end_where_the_document_ends(corpus: Corpus) -> None:
    length = len(corpus.texts["a"].original)
    first, last = excerpts(spans((0, 5)), spans((length - 5, length + 100), (length + 1, length + 9)), corpus)
    assert (first.start, first.before, last.end, last.after) == (0, False, length, False)
    assert excerpts([Span("b", 0, 5)], [], corpus) == []


def test_long_pieces_show_head_and_tail(corpus: Corpus) -> None:
    (one,) = excerpts([], spans((100, 100 + LONGEST + 50)), corpus)
    piece = one.pieces[1]
    assert len(piece.text) + len(piece.tail) == LONGEST
    assert piece.left_out == 50
    assert corpus.texts["a"].original[100 + LONGEST + 50 - len(piece.tail) : 100 + LONGEST + 50] == piece.tail


ROWS = [
    charts.Dot(("甲<b>",), "甲<b>", Interval(0.5, 0.2, 0.8), 2, 4),
    charts.Dot(("乙", "丙"), "乙丙", Interval(1, 0.6, 1), 5, 5),
]
POINTS = (charts.Point(0, 0.5, 0.4, 0.6), charts.Point(1, 1))
CURVES = [charts.Series(f"系统{n}<", n, POINTS, marked=n % 2 == 0) for n in range(10)]
SHARES = charts.Axis("份额", 1.0, (0.0, 0.5, 1.0), str)


@pytest.mark.parametrize(
    "drawing",
    [
        charts.dots("one", "标题<i>", ROWS, 0.7, 80),
        charts.lines("one", "标题<i>", CURVES, SHARES, SHARES, "说明<"),
        charts.times("one", "标题<i>", [charts.Times("甲<", 0, 0.0, 0.0), charts.Times("乙", 1, 0.2, 12.0)]),
    ],
)  # fmt: skip
def test_plots_are_well_formed_and_described(drawing: str) -> None:
    plot = ET.fromstring(drawing)
    assert plot.attrib["role"] == "img"
    told = {child.attrib["id"]: child.text for child in plot if "id" in child.attrib}
    assert [plot.attrib["aria-labelledby"], plot.attrib["aria-describedby"]] == list(told)
    assert told["one-title"] == "标题<i>"
    assert all(told.values())
    width, height = map(float, plot.attrib["viewBox"].split()[2:])
    for element in plot.iter():
        for name, value in element.attrib.items():
            if name in {"x", "x1", "x2", "cx"}:
                assert -0.1 <= float(value) <= width + 0.1
            if name in {"y", "y1", "y2", "cy"}:
                assert -0.1 <= float(value) <= height + 0.1


def test_the_sentence_of_a_verdict(tmp_path: Path) -> None:
    run = small_run(tmp_path)
    results = run.set("small").results
    verdict = compare(results["other"], results["ours"])
    told = replace(verdict, test=McNemar(3, 1, 0.625), smallest=0.06)
    assert (
        verdict_sentence(told)
        == "多答对 3 题，少答对 1 题，p=0.63：差别可能只是偶然；这套题能看出的最小差别约 6 个百分点"
    )
    assert "不像偶然，确有提高" in verdict_sentence(replace(verdict, test=McNemar(12, 1, 0.003)))
    assert "不像偶然，确有退步" in verdict_sentence(replace(verdict, test=McNemar(1, 12, 0.003)))
    assert "什么差别都看不出" in verdict_sentence(replace(verdict, smallest=1.0))


def test_numbers_are_told_with_fitting_precision() -> None:
    assert [p_said(p) for p in (0.0004, 0.0123, 0.63, 1.0)] == ["p<0.001", "p=0.012", "p=0.63", "p=1.00"]
    times = [None, 0.00002, 0.0034, 0.0612, 2.5, 130.0]
    assert [seconds(t) for t in times] == ["—", "<0.1 毫秒", "3.4 毫秒", "61 毫秒", "2.50 秒", "130 秒"]


def test_a_report_can_be_written_again(tmp_path: Path) -> None:
    run = small_run(tmp_path)
    first = write_report(run).read_bytes()
    assert write_report(score_run(run.folder)).read_bytes() == first
