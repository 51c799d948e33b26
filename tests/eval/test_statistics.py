"""Intervals and tests against published values and values worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.statistics import (
    RESAMPLES,
    Interval,
    McNemar,
    cluster_bootstrap,
    holm,
    mcnemar,
    paired_bootstrap,
    risk_coverage,
    smallest_difference,
    wilson,
)

SHARES = st.lists(st.floats(0, 1), min_size=1, max_size=40)
P_VALUES = st.lists(st.floats(0, 1), max_size=12)


def ratio_of(tops: Sequence[float], bottoms: Sequence[float], clusters: Sequence[str | int]) -> Interval:
    interval = cluster_bootstrap(tops, bottoms, clusters)
    assert interval is not None
    return interval


def mean_of(values: Sequence[float], clusters: Sequence[str | int]) -> Interval:
    return ratio_of(values, [1.0] * len(values), clusters)


def figures(interval: Interval) -> list[float]:
    return [interval.value, interval.low, interval.high]


def width(interval: Interval) -> float:
    return interval.high - interval.low


def verdicts(both: int, wins: int, losses: int, neither: int) -> tuple[list[bool], list[bool]]:
    """Two systems' verdicts: right both, only the second, only the first, none."""
    first = [True] * both + [False] * wins + [True] * losses + [False] * neither
    second = [True] * both + [True] * wins + [False] * losses + [False] * neither
    return first, second


# --- Wilson's interval ---

Z2 = 1.959963984540054**2  # square of the normal quantile of 97.5 %


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (8, 10, 0.4902, 0.9433),
        (5, 10, 0.2366, 0.7634),
        (81, 263, 0.2553, 0.3662),  # Newcombe, Statistics in Medicine 1998, table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_has_the_published_values(successes: int, trials: int, low: float, high: float) -> None:
    interval = wilson(successes, trials)
    assert interval.value == successes / trials
    assert [interval.low, interval.high] == pytest.approx([low, high], abs=6e-5)


@pytest.mark.parametrize("trials", [1, 5, 10, 100])
def test_wilson_with_no_success_begins_at_0(trials: int) -> None:
    interval = wilson(0, trials)
    assert figures(interval) == pytest.approx([0.0, 0.0, Z2 / (trials + Z2)])


@pytest.mark.parametrize("trials", [1, 5, 10, 100])
def test_wilson_with_nothing_but_successes_ends_at_1(trials: int) -> None:
    interval = wilson(trials, trials)
    assert figures(interval) == pytest.approx([1.0, trials / (trials + Z2), 1.0])


def test_wilson_without_trials_knows_nothing() -> None:
    assert wilson(0, 0) == Interval(0.0, 0.0, 1.0)


@given(st.integers(0, 200), st.integers(0, 200))
def test_wilson_mirrors_and_stays_between_0_and_1(successes: int, failures: int) -> None:
    interval, mirrored = wilson(successes, successes + failures), wilson(failures, successes + failures)
    assert 0.0 <= interval.low <= interval.high <= 1.0
    assert interval.low - 1e-9 <= interval.value <= interval.high + 1e-9
    if successes + failures:
        assert interval.low == pytest.approx(1 - mirrored.high)


def test_wilson_narrows_with_trials() -> None:
    assert width(wilson(80, 100)) < width(wilson(8, 10))


# --- cluster bootstrap ---


def test_the_value_of_the_bootstrap_is_the_ratio_of_the_sums() -> None:
    interval = ratio_of([1, 2, 0, 4, 3, 1], [2, 2, 1, 5, 3, 3], list("abcdef"))
    assert interval.value == 11 / 16
    assert interval.low < interval.value < interval.high


def test_a_mean_is_a_ratio_with_denominators_of_1() -> None:
    assert mean_of([0.25, 0.5, 0.75, 1, 0.5, 0.6], list("aabbcc")).value == pytest.approx(0.6)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5), st.integers(1, 5)), min_size=1, max_size=40))
def test_the_interval_lies_within_what_the_clusters_say(rows: list[tuple[int, int, int]]) -> None:
    clusters, tops, bottoms = zip(*rows, strict=True)
    interval = ratio_of(tops, bottoms, clusters)
    ratios = [top / bottom for top, bottom in zip(tops, bottoms, strict=True)]
    assert interval.value == pytest.approx(sum(tops) / sum(bottoms))
    assert min(ratios) - 1e-9 <= interval.low <= interval.high <= max(ratios) + 1e-9


@given(st.lists(st.booleans(), min_size=20, max_size=40))
def test_the_interval_contains_the_value(right: list[bool]) -> None:
    interval = mean_of([float(one) for one in right], range(len(right)))
    assert interval.low - 1e-9 <= interval.value <= interval.high + 1e-9


def test_the_same_values_everywhere_leave_no_doubt() -> None:
    interval = mean_of([0.5] * 30, [n % 6 for n in range(30)])
    assert figures(interval) == pytest.approx([0.5, 0.5, 0.5])


def test_clusters_that_differ_widen_the_interval() -> None:
    alike = mean_of([0.0, 1.0] * 50, [n // 10 for n in range(100)])  # five right in each cluster
    apart = mean_of([0.0] * 50 + [1.0] * 50, [n // 10 for n in range(100)])  # all right or all wrong
    single = mean_of([0.0, 1.0] * 50, range(100))
    assert alike.value == apart.value == single.value == 0.5
    assert width(alike) == pytest.approx(0.0)
    assert width(single) == pytest.approx(4 * 0.05, abs=0.03)  # 2 × 1.96 × sqrt(0.25 / 100)
    assert width(apart) > 2.5 * width(single)  # ten things drawn instead of a hundred: sqrt(10) times


def test_the_bootstrap_gives_the_same_interval_each_time() -> None:
    values, clusters = [n % 7 / 7 for n in range(60)], [n % 8 for n in range(60)]
    assert mean_of(values, clusters) == mean_of(values, clusters)


def test_names_of_clusters_do_not_matter() -> None:
    values = [n % 7 / 7 for n in range(60)]
    named = mean_of(values, [f"文件{n % 8}" for n in range(60)])
    assert named == mean_of(values, [n % 8 for n in range(60)])


def test_with_fewer_than_five_clusters_questions_are_drawn() -> None:
    values = [0.0] * 20 + [1.0] * 20
    four = mean_of(values, [n // 10 for n in range(40)])
    assert four == mean_of(values, range(40))
    assert width(mean_of(values, [n // 8 for n in range(40)])) > width(four)


def test_one_question_has_an_interval_of_its_own_value() -> None:
    assert mean_of([0.75], ["a"]) == Interval(0.75, 0.75, 0.75)


@pytest.mark.parametrize("numerators", [[], [0.0, 0.0]])
def test_nothing_to_divide_by_has_no_value(numerators: list[float]) -> None:
    assert cluster_bootstrap(numerators, [0.0] * len(numerators), range(len(numerators))) is None


def test_draws_with_nothing_to_divide_by_are_passed_over() -> None:
    assert ratio_of([1, 0, 0, 0, 0, 0], [2, 0, 0, 0, 0, 0], list("abcdef")) == Interval(0.5, 0.5, 0.5)


# --- McNemar's test ---


@pytest.mark.parametrize(
    ("wins", "losses", "p"),
    [
        (1, 9, 0.021484375),  # 2 × (1 + 10) / 2^10
        (9, 1, 0.021484375),
        (0, 5, 0.0625),  # 2 / 2^5
        (6, 0, 0.03125),
        (2, 8, 0.109375),  # 2 × (1 + 10 + 45) / 2^10
        (5, 15, 0.04138946533203125),  # 2 × 21700 / 2^20
        (1, 0, 1.0),
        (5, 5, 1.0),
        (4, 5, 1.0),
    ],
)
def test_mcnemar_is_the_exact_binomial(wins: int, losses: int, p: float) -> None:
    first, second = verdicts(3, wins, losses, 2)
    found = mcnemar(first, second)
    assert (found.wins, found.losses) == (wins, losses)
    assert found.p == pytest.approx(p)


def test_what_both_have_right_or_wrong_does_not_matter() -> None:
    assert mcnemar(*verdicts(0, 1, 9, 0)) == mcnemar(*verdicts(500, 1, 9, 300))


def test_systems_that_never_disagree_do_not_differ() -> None:
    assert mcnemar(*verdicts(10, 0, 0, 5)) == McNemar(0, 0, 1.0)
    assert mcnemar([], []) == McNemar(0, 0, 1.0)


def test_systems_are_compared_on_the_same_questions_only() -> None:
    with pytest.raises(ValueError, match="zip"):
        mcnemar([True], [True, False])


# --- paired bootstrap ---


def test_the_difference_is_second_minus_first() -> None:
    interval, p = paired_bootstrap([0.1, 0.2, 0.3, 0.4], [0.5, 0.4, 0.9, 0.6])
    assert interval.value == pytest.approx(0.35)
    assert 0.2 - 1e-9 <= interval.low < interval.value < interval.high <= 0.6 + 1e-9
    assert p < 0.05


def test_the_same_gain_everywhere_is_as_sure_as_the_draws_can_show() -> None:
    interval, p = paired_bootstrap([0.25] * 30, [0.5] * 30)
    assert figures(interval) == pytest.approx([0.25, 0.25, 0.25])
    assert p == pytest.approx(2 / (RESAMPLES + 1))


def test_equal_systems_differ_by_nothing() -> None:
    interval, p = paired_bootstrap([0.25, 0.5, 1.0], [0.25, 0.5, 1.0])
    assert (interval, p) == (Interval(0.0, 0.0, 0.0), 1.0)


def test_gains_and_losses_that_balance_are_no_difference() -> None:
    interval, p = paired_bootstrap([0.0, 1.0] * 20, [1.0, 0.0] * 20)
    assert interval.value == 0.0
    assert interval.low < 0 < interval.high
    assert p > 0.8


def test_the_paired_interval_has_the_width_of_the_normal_one() -> None:
    generator = np.random.default_rng(5)
    first, gain = generator.random(400), generator.normal(0.1, 0.5, 400)
    interval, p = paired_bootstrap(first.tolist(), (first + gain).tolist())
    assert width(interval) == pytest.approx(2 * 1.96 * gain.std() / 20, rel=0.1)
    assert 0 < p < 0.05


@given(SHARES, st.data())
def test_exchanging_the_systems_turns_the_difference_round(first: list[float], data: st.DataObject) -> None:
    second = data.draw(st.lists(st.floats(0, 1), min_size=len(first), max_size=len(first)))
    forth, p = paired_bootstrap(first, second)
    back, q = paired_bootstrap(second, first)
    assert figures(back) == pytest.approx([-forth.value, -forth.high, -forth.low])
    assert p == q
    assert 0 < p <= 1


def test_no_questions_show_no_difference() -> None:
    assert paired_bootstrap([], []) == (Interval(0.0, 0.0, 0.0), 1.0)


# --- Holm's method ---


@pytest.mark.parametrize(
    ("raw", "adjusted"),
    [
        ([0.01, 0.04, 0.03], [0.03, 0.06, 0.06]),  # 3 × 0.01; 2 × 0.03; at least what came before
        ([0.01, 0.02, 0.03], [0.03, 0.04, 0.04]),
        ([0.03, 0.01], [0.03, 0.02]),
        ([0.5, 0.6], [1.0, 1.0]),
        ([0.02, 0.02], [0.04, 0.04]),
        ([0.2], [0.2]),
        ([], []),
    ],
)
def test_holm_by_hand(raw: list[float], adjusted: list[float]) -> None:
    assert holm(raw) == pytest.approx(adjusted)


@given(P_VALUES)
def test_holm_keeps_order_and_only_raises(raw: list[float]) -> None:
    adjusted = holm(raw)
    assert len(adjusted) == len(raw)
    assert all(p - 1e-12 <= q <= 1.0 for p, q in zip(raw, adjusted, strict=True))
    by_raw = [adjusted[n] for n in sorted(range(len(raw)), key=raw.__getitem__)]
    assert by_raw == sorted(by_raw)


# --- the smallest difference that can be shown ---


def test_fewer_questions_show_only_larger_differences() -> None:
    found = [smallest_difference(questions, questions // 5) for questions in (50, 100, 200, 400, 1600)]
    assert found == sorted(set(found), reverse=True)
    assert 0 < found[-1] < 0.05


def test_more_disagreement_hides_larger_differences() -> None:
    found = [smallest_difference(400, discordant) for discordant in (20, 40, 80, 200, 400)]
    assert found == sorted(set(found))


def test_more_power_needs_a_larger_difference() -> None:
    assert smallest_difference(200, 40, power=0.9) > smallest_difference(200, 40, power=0.8)


def test_the_smallest_difference_solves_its_formula() -> None:
    psi, d = 41 / 200, smallest_difference(200, 40)
    needed = (1.959964 * math.sqrt(psi) + 0.841621 * math.sqrt(psi - d * d)) ** 2 / (d * d)
    assert needed == pytest.approx(200, rel=1e-4)


def test_without_questions_no_difference_can_be_shown() -> None:
    assert smallest_difference(0, 0) == 1.0


def test_with_few_questions_no_difference_can_be_shown() -> None:
    assert smallest_difference(3, 3) == 1.0


@given(st.integers(0, 500), st.integers(0, 500))
def test_the_smallest_difference_is_a_share(questions: int, discordant: int) -> None:
    assert 0 < smallest_difference(questions, min(discordant, questions)) <= 1.0


@pytest.mark.parametrize("discordant", [0, 1, 5])
def test_many_questions_show_small_differences_however_seldom_systems_disagreed(discordant: int) -> None:
    # Were the second right wherever they disagree, 12 of 1000 questions would show it with more than 95 % power.
    assert smallest_difference(1000, discordant) < 0.02


def test_mcnemar_finds_the_smallest_difference_four_times_in_five() -> None:
    questions, discordant, trials = 1000, 200, 400
    psi, d = (discordant + 1) / questions, smallest_difference(questions, discordant)
    generator = np.random.default_rng(11)
    split = generator.multinomial(questions, [(psi + d) / 2, (psi - d) / 2, 1 - psi], size=trials)
    found = sum(mcnemar(*verdicts(0, wins, losses, 0)).p <= 0.05 for wins, losses, _ in split)
    assert found / trials == pytest.approx(0.8, abs=0.06)


# --- risk and coverage ---


def test_risk_and_coverage_by_hand() -> None:
    coverage, risk = risk_coverage([True, False, True, False], [0.9, 0.7, 0.8, 0.1])
    assert coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert risk.tolist() == pytest.approx([0, 0, 1 / 3, 1 / 2])


def test_equal_confidence_goes_out_together() -> None:
    coverage, risk = risk_coverage([True, False, True, False, True], [0.9, 0.5, 0.5, 0.5, 0.1])
    assert coverage.tolist() == pytest.approx([0.2, 0.8, 1.0])
    assert risk.tolist() == pytest.approx([0, 0.5, 0.4])


def test_one_confidence_for_all_is_one_point() -> None:
    coverage, risk = risk_coverage([True, False, False, False], [0.5] * 4)
    assert (coverage.tolist(), risk.tolist()) == ([1.0], [0.75])


def test_no_answers_make_an_empty_curve() -> None:
    coverage, risk = risk_coverage([], [])
    assert coverage.shape == risk.shape == (0,)


@given(
    st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0])), min_size=1, max_size=30)
)
def test_the_curve_ends_with_all_answers_and_does_not_depend_on_their_order(
    answers: list[tuple[bool, float]],
) -> None:
    coverage, risk = risk_coverage(*map(list, zip(*answers, strict=True)))
    assert len(coverage) == len({confidence for _, confidence in answers})
    assert coverage.tolist() == sorted(set(coverage.tolist()))
    assert coverage[-1] == 1.0
    assert risk[-1] == pytest.approx(sum(not right for right, _ in answers) / len(answers))
    turned = risk_coverage(*map(list, zip(*reversed(answers), strict=True)))
    assert np.array_equal(turned, (coverage, risk))
