"""What makes a question set untrustworthy is found, and named so that it can be mended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant.types import Question, Turn
from eval.check import Counts, Findings, check, counts, faults, likeness
from eval.dataset import Minimum
from eval.documents import Corpus
from eval.types import CATEGORIES, Item, QuestionSet, Quote
from tests.eval.running import item_of, put_documents, small_set

LONG = "供水" * 150


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    return Corpus(put_documents(tmp_path / "documents"))


def set_of(corpus: Corpus, *items: Item, name: str = "small", locked: bool = False) -> QuestionSet:
    return QuestionSet(name, name, Path(f"{name}.jsonl"), corpus.folder, items, locked)


def found(corpus: Corpus, *sets: QuestionSet, minimums: Sequence[Minimum] = ()) -> Findings:
    return check(sets, {one.name: corpus for one in sets}, minimums)


# --- faults of one question ---


def test_a_sound_set_has_no_faults(tmp_path: Path) -> None:
    one = small_set(tmp_path)
    assert check([one], {one.name: Corpus(one.corpus)}) == Findings((), ())


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"about": ("plan", "nowhere")}, ["about 里的文件 nowhere 不存在"]),
        (
            {"evidence": (Quote("plan", "普及率达到96%"), Quote("nowhere", "96%"))},
            ["依据所在的文件 nowhere 不存在"],
        ),
        (
            {"evidence": (Quote("plan", "普及率达到96%"), Quote("notice", "普及率达到96%"))},
            ["依据不是 notice 的原文：普及率达到96%"],
        ),
        ({"answerable": False, "evidence": (Quote("plan", "管网"),)}, ["不可回答的题不应有依据和要点"]),
        ({"answerable": False, "key_facts": (("96%",),)}, ["不可回答的题不应有依据和要点"]),
        ({"evidence": ()}, ["可回答的题要有依据"]),
        ({"key_facts": ()}, ["可回答的题要有要点，否则答什么都算对"]),
        (
            {"key_facts": (("96%",), ("97%", "九十七"))},
            ["要点既不在依据里也不在参考答案里：97% / 九十七", "照参考答案回答也会判错（要点不全）"],
        ),
        (
            {"forbidden": ("96", "97")},
            ["参考答案含有禁用内容：96", "照参考答案回答也会判错（含错误内容）"],
        ),
        ({"reference": "很高", "forbidden": ("96",)}, ["照参考答案回答也会判错（含错误内容）"]),
        ({"key_facts": ((LONG,), ("96%",)), "evidence": (Quote("plan", LONG),), "reference": "96%"}, [
            f"依据不是 plan 的原文：{LONG[:40]}", "照参考答案回答也会判错（过长）",
        ]),
    ],
)  # fmt: skip
def test_every_fault_is_named(changes: dict[str, Any], expected: list[str], corpus: Corpus) -> None:
    assert list(faults(item_of(**changes), corpus)) == expected


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"answerable": False},
        {"answerable": False, "about": ("plan",)},
        {"evidence": (Quote("plan", "普及率\n 达到９６％"),)},
        {"key_facts": (("九十六", "96％"),)},
        {"reference": "", "key_facts": (("普及率达到",),)},
        {"evidence": (Quote("plan", "改造老旧管网120公里"),)},  # the fact stands in the reference
        {"forbidden": ("97",)},
    ],
)
def test_what_is_sound_has_no_faults(changes: dict[str, Any], corpus: Corpus) -> None:
    assert list(faults(item_of(**changes), corpus)) == []


def test_errors_say_where_the_question_stands(corpus: Corpus) -> None:
    bad = item_of("q9", evidence=(), line=12)
    assert found(corpus, set_of(corpus, item_of("q8"), bad)).errors == (
        "small.jsonl 第 12 行（q9）：可回答的题要有依据",
    )


def test_errors_of_a_locked_set_tell_nothing_of_its_keys(corpus: Corpus) -> None:
    bad = item_of("q9", evidence=(Quote("plan", "甲乙丙丁"),), key_facts=(("戊己",),), line=12)
    errors = found(corpus, set_of(corpus, bad, locked=True)).errors
    assert errors
    assert all("q9" in error for error in errors)
    assert not [word for word in ("甲乙丙丁", "戊己") if any(word in error for error in errors)]


# --- questions asked twice ---


def asking(id: str, text: str, *before: str) -> Item:
    return item_of(id, question=Question(text, tuple(Turn("user", turn) for turn in before)))


def test_likeness_is_the_share_of_bigrams_in_common() -> None:
    assert likeness(asking("1", "甲乙丙"), asking("2", "甲 乙丙")) == 1.0
    assert likeness(asking("1", "甲乙丙"), asking("2", "乙丙丁")) == pytest.approx(1 / 3)
    assert likeness(asking("1", "甲乙丙"), asking("2", "丙乙甲")) == 0.0
    assert likeness(asking("1", "甲"), asking("2", "甲")) == 1.0
    assert likeness(asking("1", ""), asking("2", "甲")) == 0.0


def test_likeness_heeds_what_the_user_said_before() -> None:
    first, second = asking("1", "那2024年呢？", "自来水普及率"), asking("2", "那2024年呢？", "管网改造里程")
    assert likeness(first, second) < 0.7
    assert likeness(first, replace(first, id="3")) == 1.0
    answered = Question(
        "那2024年呢？", (Turn("user", "自来水普及率"), Turn("assistant", "2025年的目标是96%"))
    )
    assert likeness(first, replace(first, question=answered)) == 1.0


def test_nearly_the_same_question_is_a_warning(corpus: Corpus) -> None:
    items = [
        asking("1", "河源县2025年自来水普及率目标是多少？"),
        asking("2", "河源县2025年自来水普及率的目标是多少？"),
        asking("3", "河源县改造老旧管网多少公里？"),
    ]
    result = found(corpus, set_of(corpus, *items))
    assert (result.errors, result.warnings) == ((), ("small/1 与 small/2 几乎是同一问题",))


@pytest.mark.parametrize("shared", range(11))
def test_the_bound_of_likeness_is_kept(shared: int, corpus: Corpus) -> None:
    """Ten bigrams in all, of which so many are shared."""
    text = "天地玄黄宇宙洪荒日月盈"
    items = [asking("1", text), asking("2", text[: shared + 1])]
    assert likeness(*items) == shared / 10
    assert bool(found(corpus, set_of(corpus, *items)).warnings) is (shared >= 7)


@pytest.mark.parametrize(("locked", "remark"), [(False, ""), (True, "，一题在锁定集内")])
def test_sets_over_the_same_documents_must_not_share_questions(
    locked: bool, remark: str, corpus: Corpus
) -> None:
    text = "河源县改造老旧管网多少公里？"
    first = set_of(corpus, asking("1", text), name="dev")
    second = set_of(corpus, asking("7", text), name="test", locked=locked)
    warnings = found(corpus, first, second).warnings
    assert warnings == (f"dev/1 与 test/7 几乎是同一问题{remark}",)
    assert text not in warnings[0]


def test_other_documents_may_be_asked_the_same(tmp_path: Path, corpus: Corpus) -> None:
    other = Corpus(put_documents(tmp_path / "other", {"plan": "别处的方案"}))
    sets = [
        set_of(corpus, asking("1", "目标是多少？"), name="a"),
        set_of(other, asking("1", "目标是多少？"), name="b"),
    ]
    assert not check(sets, {"a": corpus, "b": other}).warnings


# --- counts and minimums ---


def test_questions_are_counted_by_category_and_document(corpus: Corpus) -> None:
    both = (Quote("plan", "普及率达到96%"), Quote("notice", "居民生活用水"), Quote("plan", "管网"))
    items = [
        item_of("1", category="table"),
        item_of("2", evidence=both),
        item_of("3", answerable=False),
        item_of("4", answerable=False, about=("notice",)),
    ]
    assert counts([set_of(corpus, *items)], {"small": corpus}) == Counts(
        questions=4,
        unanswerable=2,
        categories={name: {"table": 1, "fact": 1, "unanswerable": 2}.get(name, 0) for name in CATEGORIES},
        documents={"notice": 2, "plan": 2},
    )


def test_sets_are_counted_together(corpus: Corpus) -> None:
    sets = [set_of(corpus, item_of("1"), name="a"), set_of(corpus, item_of("1"), name="b")]
    together = counts(sets, {"a": corpus, "b": corpus})
    assert (together.questions, together.documents) == (2, {"notice": 0, "plan": 2})


@pytest.mark.parametrize(
    ("minimum", "expected"),
    [
        (Minimum(("a",), questions=4), ()),
        (Minimum(("a",), questions=5), ("a 共 4 题，要求至少 5 题",)),
        (Minimum(("a", "b"), questions=5), ()),
        (Minimum(("a", "b"), questions=6), ("a+b 共 5 题，要求至少 6 题",)),
        (Minimum(("a", "elsewhere"), questions=100), ()),  # not all of them are looked at
        (Minimum(("a",), document=1), ("a 的文件 notice 只有 0 题，要求至少 1 题",)),
        (Minimum(("a", "b"), document=1), ()),
        (Minimum(("a",), unanswerable=0.25), ()),
        (Minimum(("a",), unanswerable=0.26), ("a 不可回答的题占 25%，要求至少 26%",)),
        (Minimum(("b",), unanswerable=0.01), ("b 不可回答的题占 0%，要求至少 1%",)),
        (Minimum(("b",)), ()),
    ],
)
def test_minimums_are_held(minimum: Minimum, expected: tuple[str, ...], corpus: Corpus) -> None:
    items = [
        asking("1", "自来水普及率"),
        asking("2", "老旧管网"),
        asking("3", "谁来负责"),
        item_of("4", answerable=False, question=Question("电价")),
    ]
    on_notice = item_of(
        "1", evidence=(Quote("notice", "2.85元"),), reference="96%", question=Question("水价")
    )
    sets = [set_of(corpus, *items, name="a"), set_of(corpus, on_notice, name="b")]
    assert found(corpus, *sets, minimums=[minimum]).errors == expected


def test_every_category_must_have_its_number(corpus: Corpus) -> None:
    items = [item_of(str(n), category=name, question=Question(name)) for n, name in enumerate(CATEGORIES)]
    one = set_of(corpus, *items, name="a")
    assert found(corpus, one, minimums=[Minimum(("a",), category=1)]).errors == ()
    short = found(corpus, set_of(corpus, *items[1:], name="a"), minimums=[Minimum(("a",), category=1)])
    assert short.errors == (f"a 的类别 {CATEGORIES[0]} 只有 0 题，要求至少 1 题",)
