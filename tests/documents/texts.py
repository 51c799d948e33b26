"""Texts as they come out of PDF pages and office files, built at random: what the invariants are tried on."""

from __future__ import annotations

from hypothesis import strategies as st

_HAN = "健康医疗卫生服务体系建设工作县市人民政府主任张三李四加强完善推进二〇年月日第条款表附件目录"
_MARKS = '，。；：、！？,;:!?（）()“”"《》〈〉【】…—－-·%％‰≥≤＋１２Ａａ０abcXYZ0123456789.'
_ODD = "\u3000\u00a0\u2003\t \u200b\u200d\ufeff\u00ad\u2060\ufffd\x0b\x0c\x1c\x85\u2028\u2029①■●𠮷\u0301ﬁ㎡"
LINE_ENDS = ("\n", "\r\n", "\r", "\n\n", "\r\n\r\n", "\n \u3000\n", "\u2028", "\f", "")

_HOLES = ("\n", "\u200b", "\u3000\u3000", "\n- 4 -\n", "\r\n\r\n12\r\n\r\n")

_words = st.text(alphabet=_HAN, min_size=1, max_size=20)
_marker = st.sampled_from(
    (
        "一、", "二、", "（一）", "(二)", "1.", "1.1", "2.3.1 ", "3、", "（1）", "①", "第一章 ", "第二条 ", "第三节", "一是", "二是",
        "■", "● ", "- ", "# ", "## ", "问：", "答：", "某县卫生局局长 张三", "王五（某局局长）：", "李四强调，",
    )
)  # fmt: skip
_sentence = st.builds(
    lambda words, mark: "，".join(words) + mark,
    st.lists(_words, min_size=1, max_size=4),
    st.sampled_from("。；！？："),
)
_numbered = st.builds(lambda mark, body: mark + body, _marker, st.one_of(_words, _sentence))
_page = st.sampled_from(
    (
        "- 3 -",
        "—12—",
        "第 5 页 共 20 页",
        "17",
        "3/20",
        "目  录",
        "一、总则\t1",
        "第二章 附则……12",
        "表1 主要指标（单位：万元）",
    )
)
_cell = st.one_of(st.just(""), _words, st.sampled_from(("12.5", "≥90", "3%", "—", "（个）")))
_row = st.one_of(
    st.lists(_cell, min_size=2, max_size=6).map("\t".join),
    st.lists(_cell, min_size=2, max_size=5).map(lambda cells: "| " + " | ".join(cells) + " |"),
    st.just("|---|---|---|"),
)
_noise = st.text(alphabet=_HAN + _MARKS + _ODD, max_size=60)
_anything = st.text(max_size=30)
_broken = st.builds(
    lambda text, at, hole: text[:at] + hole + text[at:],
    _sentence,
    st.integers(0, 30),
    st.sampled_from(_HOLES),
)
_line = st.one_of(_sentence, _numbered, _page, _row, _noise, _broken, _anything, st.just("\u3000\u3000"))

texts = st.lists(st.tuples(_line, st.sampled_from(LINE_ENDS)), max_size=30).map(
    lambda lines: "".join(a + b for a, b in lines)
)
titles = st.one_of(st.just(""), _words, st.just("某县2025年工作计划——关于建设的报告"))
