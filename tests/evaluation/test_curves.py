"""The accept-rate curve and its areas, on numbers done by hand and on the paper's table."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagrouter.errors import InvalidInputError
from tagrouter.evaluation import (
    AcceptRateCurve,
    ar_curve,
    auc,
    oracle_curve,
    pauc,
    random_curve,
)

# Win, tie, loss, loss: the model alone has accept rate 1/2, the reference model 3/4.
FOUR = np.array([1, 0, -1, -1])


def curve(*rates: float) -> AcceptRateCurve:
    return AcceptRateCurve(np.linspace(0.0, 1.0, len(rates)), np.array(rates))


def test_queries_with_the_lowest_scores_go_to_the_reference_first():
    # Order sent: loss (+1), win (-1), loss (+1), tie (0), each a quarter.
    drawn = ar_curve(np.array([0.2, 0.9, 0.1, 0.5]), FOUR)
    assert drawn.shares.tolist() == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert drawn.rates.tolist() == [0.5, 0.75, 0.5, 0.75, 0.75]


def test_equal_scores_share_their_mean():
    # First the two losses with a win between them in one group of three: gains +1 in all.
    drawn = ar_curve(np.array([0.1, 0.9, 0.1, 0.1]), FOUR)
    assert drawn.rates == pytest.approx([1 / 2, 1 / 2 + 1 / 12, 1 / 2 + 2 / 12, 3 / 4, 3 / 4])


def test_infinite_scores_are_the_ends_of_the_order():
    drawn = ar_curve(np.array([np.inf, 0.0, -np.inf, -np.inf]), FOUR)
    assert drawn.rates.tolist() == [0.5, 0.75, 1.0, 1.0, 0.75]


def test_oracle_sends_losses_first_and_wins_last():
    assert oracle_curve(FOUR).rates.tolist() == [0.5, 0.75, 1.0, 1.0, 0.75]


def test_random_curve_is_the_straight_line_between_the_two_models():
    assert random_curve(FOUR).rates == pytest.approx(np.linspace(0.5, 0.75, 5))


def test_auc_is_the_mean_height():
    # Trapezoids of width 1/4: (0.625 + 0.875 + 1 + 0.875) / 4.
    assert auc(oracle_curve(FOUR)) == 0.84375
    assert auc(random_curve(FOUR)) == pytest.approx(0.625)


def test_pauc_is_the_mean_height_above_the_best_single_model():
    # Above 3/4, width 1/4 each: 0, (0 + .25) / 2, .25, (.25 + 0) / 2.
    assert pauc(oracle_curve(FOUR)) == 0.125
    assert pauc(random_curve(FOUR)) == 0.0


def test_pauc_counts_the_triangle_where_the_curve_crosses_between_two_points():
    # From 0 up to 1 over half the share, down to 0.5: above 0.5 on a quarter and on a half,
    # triangles of height 1/2.
    assert pauc(curve(0.0, 1.0, 0.5)) == pytest.approx(0.5 * 0.25 / 2 + 0.5 * 0.5 / 2)


def test_pauc_can_be_taken_against_a_third_model():
    assert pauc(curve(0.5, 0.5), best_single_rate=0.25) == 0.25
    assert pauc(curve(0.5, 0.5), best_single_rate=0.75) == 0.0


def test_random_and_oracle_areas_are_those_derived_from_the_papers_table():
    # ERNIE-Speed alone 59.78, ERNIE-3.5 alone 78.76: 40.22 % losses and 21.24 % wins.
    signs = np.repeat([-1, 0, 1], [4022, 3854, 2124])
    assert auc(random_curve(signs)) == pytest.approx(0.6927, abs=5e-5)
    assert auc(oracle_curve(signs)) == pytest.approx(0.8966, abs=5e-5)
    assert pauc(oracle_curve(signs)) == pytest.approx(0.1270, abs=5e-5)


signs_and_scores = st.lists(
    st.tuples(st.sampled_from([-1, 0, 1]), st.integers(min_value=0, max_value=2)),
    min_size=1,
    max_size=5,
)


@given(rows=signs_and_scores)
@settings(deadline=None)  # a busy machine is no failure
def test_equal_scores_give_the_average_over_all_their_orders(rows):
    signs, scores = (np.array(column) for column in zip(*rows, strict=True))
    orders = [
        ar_curve(scores + np.array(order) / 100, signs).rates
        for order in itertools.permutations(range(len(rows)))
    ]
    assert ar_curve(scores, signs).rates == pytest.approx(np.mean(orders, axis=0))


@given(rows=signs_and_scores)
@settings(deadline=None)  # a busy machine is no failure
def test_no_router_is_above_the_oracle_and_all_share_both_ends(rows):
    signs, scores = (np.array(column) for column in zip(*rows, strict=True))
    drawn, best = ar_curve(scores, signs).rates, oracle_curve(signs).rates
    assert (drawn <= best + 1e-12).all()
    assert drawn[[0, -1]] == pytest.approx([np.mean(signs >= 0), np.mean(signs <= 0)])


@given(rows=signs_and_scores)
@settings(deadline=None)  # a busy machine is no failure
def test_scores_turned_around_mirror_the_area_about_chance(rows):
    signs, scores = (np.array(column) for column in zip(*rows, strict=True))
    both = auc(ar_curve(scores, signs)) + auc(ar_curve(-scores, signs))
    assert both / 2 == pytest.approx(auc(random_curve(signs)))


@pytest.mark.parametrize(
    ("scores", "signs"),
    [([0.1], [1, 0]), ([np.nan, 0.1], [1, 0]), ([[0.1, 0.2]], [1, 0])],
)
def test_scores_that_are_not_one_number_a_query_are_refused(scores, signs):
    with pytest.raises(InvalidInputError, match="one score a query and none is NaN"):
        ar_curve(np.array(scores), np.array(signs))


def test_no_query_at_all_is_refused():
    with pytest.raises(InvalidInputError, match="at least one query"):
        random_curve(np.array([], dtype=np.int8))


@pytest.mark.parametrize(
    ("shares", "rates"),
    [
        ([0.0, 0.5], [1.0, 1.0]),
        ([0.1, 1.0], [1.0, 1.0]),
        ([0.0, 0.0, 1.0], [1.0, 1.0, 1.0]),
        ([0.0, 1.0], [1.0, np.nan]),
        ([0.0, np.nan, 1.0], [1.0, 1.0, 1.0]),
    ],
)
def test_curve_whose_shares_do_not_rise_from_zero_to_one_is_refused(shares, rates):
    with pytest.raises(InvalidInputError, match="shares rise from 0 to 1"):
        AcceptRateCurve(np.array(shares), np.array(rates))


@pytest.mark.parametrize(("shares", "rates"), [([0.0], [1.0]), ([0.0, 1.0], [1.0])])
def test_curve_with_too_few_points_or_rates_is_refused(shares, rates):
    with pytest.raises(InvalidInputError, match="at least two points"):
        AcceptRateCurve(np.array(shares), np.array(rates))
