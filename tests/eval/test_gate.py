"""The gate: shut when a figure falls short of what was expected, open otherwise."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from assistant.errors import FormatError, InputError
from eval.gate import (
    MARGINS,
    Expected,
    Shortfall,
    expected_from,
    figures,
    missing,
    read_expected,
    shortfalls,
    write_expected,
)
from eval.scoring import Run
from eval.systems import OURS
from tests.eval.running import contents, item_of, result_of, run_of, scored, verdicts

EIGHT_OF_TEN = "++++++++--"


def run_with(folder: Path, **sets: str) -> Run:
    """A run of our system with these verdicts on each set."""
    return run_of(folder, *(scored(folder, {OURS: verdicts(text)}, name) for name, text in sets.items()))


def expecting(value: float, margin: float = 0.0, figure: str = "correct", name: str = "a") -> Expected:
    return Expected({figure: margin}, {name: {figure: value}})


@pytest.mark.parametrize(
    ("expected", "margin", "passes"),
    [
        (0.8, 0.0, True),
        (0.7, 0.0, True),
        (0.8, 0.01, True),
        (0.81, 0.01, True),  # at the margin
        (0.81, 0.0, False),
        (0.82, 0.01, False),
        (0.8002, 0.0, False),
        (1.0, 0.2, True),
        (1.0, 0.19, False),
    ],
)
def test_a_figure_may_fall_short_by_its_margin(
    expected: float, margin: float, passes: bool, tmp_path: Path
) -> None:
    found = shortfalls(run_with(tmp_path, a=EIGHT_OF_TEN), expecting(expected, margin))
    assert found == ([] if passes else [Shortfall("a", "correct", expected, margin, 0.8)])


def test_the_margin_is_not_narrowed_by_binary_fractions(tmp_path: Path) -> None:
    assert 0.66 - 0.06 > 0.6
    assert not shortfalls(run_with(tmp_path, a="++++++----"), expecting(0.66, 0.06))


def test_a_figure_without_a_margin_may_not_fall_at_all(tmp_path: Path) -> None:
    run = run_with(tmp_path, a=EIGHT_OF_TEN)
    assert not shortfalls(run, Expected({}, {"a": {"correct": 0.8}}))
    assert shortfalls(run, Expected({}, {"a": {"correct": 0.801}}))


@pytest.mark.parametrize("right", range(1, 8))
def test_a_run_reaches_its_own_figures(right: int, tmp_path: Path) -> None:
    """Sevenths are rounded on their way into the file."""
    run = run_with(tmp_path, a="+" * right + "-" * (7 - right))
    path = tmp_path / "expected.json"
    write_expected(path, Expected(dict.fromkeys(MARGINS, 0.0), expected_from(run).sets))
    assert shortfalls(run, read_expected(path)) == []


def test_every_figure_is_watched(tmp_path: Path) -> None:
    results = [
        result_of(item_of("1"), faithful=True, citations=4, citations_good=3, citations_valid=2),
        result_of(item_of("2"), False, faithful=False, recalled={1: 0, 3: 0, 5: 0, 10: 1}, evidence_cited=0),
        result_of(item_of("3", answerable=False)),
        result_of(item_of("4", answerable=False), False),
    ]
    run = run_of(tmp_path, scored(tmp_path, {OURS: results}, "a"))
    found = figures(run.sets[0].summaries[OURS].whole)
    assert found == {
        "correct": 0.5,
        "answered": 0.5,
        "refused": 0.5,
        "recall@5": 0.5,
        "citation_precision": 0.8,
        "citation_recall": 0.5,
        "citation_validity": 0.6,
        "fidelity": 0.5,
    }
    assert found.keys() == MARGINS.keys()
    expected = Expected(MARGINS, {"a": {name: (value or 0.0) + 0.1 for name, value in found.items()}})
    assert {one.figure for one in shortfalls(run, expected)} == MARGINS.keys()


@pytest.mark.parametrize("figure", ["fidelity", "a figure of another version"])
def test_a_figure_that_is_no_longer_measured_falls_short(figure: str, tmp_path: Path) -> None:
    run = run_with(tmp_path, a="++")
    assert shortfalls(run, expecting(0.1, 0.5, figure)) == [Shortfall("a", figure, 0.1, 0.5, None)]


def test_all_sets_that_both_know_are_compared(tmp_path: Path) -> None:
    run = run_with(tmp_path, a="+-", b="+-", c="+-")
    expected = Expected({}, {"a": {"correct": 0.6}, "b": {"correct": 0.5}, "gone": {"correct": 1.0}})
    assert [(one.set, one.found) for one in shortfalls(run, expected)] == [("a", 0.5)]
    assert missing(run, expected) == ["gone"]


def test_nothing_in_common_is_no_pass(tmp_path: Path) -> None:
    others = run_of(tmp_path, scored(tmp_path, {"oracle": verdicts("++")}, "a"))
    for run in (run_with(tmp_path, b="+"), others):
        with pytest.raises(InputError, match="评测目录里没有预期文件所列的题集（或没有本系统的结果）"):
            shortfalls(run, expecting(0.5))
        assert missing(run, expecting(0.5)) == ["a"]


# --- the file ---


def test_a_first_file_has_the_usual_margins(tmp_path: Path) -> None:
    expected = expected_from(run_with(tmp_path, a=EIGHT_OF_TEN))
    assert expected.margins == MARGINS
    assert expected.sets["a"]["correct"] == 0.8
    assert "fidelity" not in expected.sets["a"]  # no answer had a number


def test_an_update_keeps_margins_and_the_sets_that_were_not_run(tmp_path: Path) -> None:
    earlier = Expected({"correct": 0.05}, {"a": {"correct": 0.9, "fidelity": 1.0}, "b": {"correct": 0.4}})
    expected = expected_from(run_with(tmp_path, a=EIGHT_OF_TEN, c="+"), earlier)
    assert expected.margins == {"correct": 0.05}
    assert list(expected.sets) == ["a", "b", "c"]
    assert expected.sets["b"] == {"correct": 0.4}
    assert expected.sets["a"]["correct"] == 0.8
    assert "fidelity" not in expected.sets["a"]


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "expected.json"
    expected = Expected(MARGINS, {"a": {"correct": 0.8}, "题集": {}})
    write_expected(path, expected)
    assert read_expected(path) == expected
    assert list(contents(tmp_path)) == ["expected.json"]


def test_a_full_disk_leaves_the_old_file_whole(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full here")
    path = tmp_path / "expected.json"
    write_expected(path, expecting(0.5))
    (tmp_path / "expected.json.new").symlink_to(full)
    with pytest.raises(OSError, match="No space left"):
        write_expected(path, expecting(0.9))
    assert read_expected(path) == expecting(0.5)
    assert list(contents(tmp_path)) == ["expected.json"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        {},
        {"margins": {}},
        {"margins": {}, "sets": []},
        {"margins": [], "sets": {}},
        {"margins": {"correct": "much"}, "sets": {}},
        {"margins": {}, "sets": {"a": 0.5}},
        {"margins": {}, "sets": {"a": {"correct": None}}},
        {"margins": {}, "sets": {"a": {"correct": [0.5]}}},
    ],
)
def test_a_malformed_file_is_named(content: str | Mapping[str, object], tmp_path: Path) -> None:
    path = tmp_path / "expected.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    with pytest.raises(
        FormatError, match=r"expected\.json 不是预期文件：应含 margins 和 sets，每一项都是数字"
    ):
        read_expected(path)


def test_no_file_and_no_readable_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"找不到预期文件：.*nothing\.json；用 .* --update 可生成"):
        read_expected(tmp_path / "nothing.json")
    with pytest.raises(InputError, match=f"读不了预期文件 {tmp_path}"):
        read_expected(tmp_path)
