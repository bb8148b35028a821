"""Intervals: repeatable, by whole queries, and as wide as they should be."""

import numpy as np
import pytest

from tagrouter.errors import InvalidInputError
from tagrouter.evaluation import bootstrap_interval, paired_difference

HUNDRED = [f"query {number}" for number in range(100)]
VALUES = np.array([0.0, 1.0] * 50)


def mean(rows: np.ndarray) -> float:
    return float(VALUES[rows].mean())


def test_estimate_is_the_figure_on_all_rows():
    assert bootstrap_interval(mean, HUNDRED).estimate == 0.5


def test_interval_of_a_mean_is_as_wide_as_theory_says():
    # The standard error of 100 coin tosses is 0.05; 95 % is 1.96 of them to each side.
    interval = bootstrap_interval(mean, HUNDRED, resamples=4000)
    assert interval.low == pytest.approx(0.5 - 0.098, abs=0.015)
    assert interval.high == pytest.approx(0.5 + 0.098, abs=0.015)


def test_same_seed_gives_the_same_interval_and_another_seed_another():
    first, again, other = (
        bootstrap_interval(lambda rows: float(rows.mean()), HUNDRED, resamples=50, seed=seed)
        for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_rows_of_one_query_are_drawn_together():
    drawn: list[list[int]] = []

    def note(rows: np.ndarray) -> float:
        drawn.append(sorted(rows.tolist()))
        return 0.0

    bootstrap_interval(note, ["a", "b", "a", "b", "b"], resamples=40)
    a, b = [0, 2], [1, 3, 4]
    assert {tuple(rows) for rows in drawn} == {
        tuple(sorted(rows)) for rows in (a + a, a + b, b + b)
    }


def test_repeated_rows_widen_the_interval_no_less_than_single_ones():
    once = bootstrap_interval(mean, HUNDRED)
    twice = bootstrap_interval(
        lambda rows: float(np.repeat(VALUES, 2)[rows].mean()),
        [query for query in HUNDRED for _ in range(2)],
    )
    assert twice == once


def test_difference_of_paired_figures_is_surer_than_each_figure():
    def better(rows: np.ndarray) -> float:
        return mean(rows) + 0.1

    difference = paired_difference(better, mean, HUNDRED)
    assert (difference.low, difference.high) == pytest.approx((0.1, 0.1))


def test_single_query_has_an_interval_of_no_width():
    interval = bootstrap_interval(lambda rows: float(len(rows)), ["only"])
    assert (interval.low, interval.high) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("queries", "options"),
    [
        ([], {}),
        (HUNDRED, {"confidence": 1.0}),
        (HUNDRED, {"confidence": float("nan")}),
        (HUNDRED, {"resamples": 0}),
    ],
)
def test_parameters_out_of_range_are_refused(queries, options):
    with pytest.raises(InvalidInputError, match="give at least one row"):
        bootstrap_interval(mean, queries, **options)


def test_figure_that_is_undefined_on_a_draw_is_refused():
    with pytest.raises(InvalidInputError, match="NaN or infinite on some draw"):
        bootstrap_interval(lambda rows: float("nan"), HUNDRED)
