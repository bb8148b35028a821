"""Accept rate, uplift, rank and cost, on numbers done by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagrouter.errors import InvalidInputError
from tagrouter.evaluation import (
    accept_rate,
    accepted,
    mean_cost,
    mean_rank,
    outcome_signs,
    pair_accepted,
    ranks,
    single_accept_rates,
    uplift,
)
from tagrouter.records import TIE_BAND, Outcome

MODEL, REFERENCE = 0, 1
FOUR = outcome_signs([Outcome.WIN, Outcome.TIE, Outcome.LOSS, Outcome.LOSS])


def test_outcomes_become_signs_seen_from_the_model():
    assert FOUR.tolist() == [1, 0, -1, -1]


def test_model_is_accepted_unless_it_lost_and_the_reference_unless_the_model_won():
    assert pair_accepted(FOUR).tolist() == [
        [True, False],
        [True, True],
        [False, True],
        [False, True],
    ]


def test_accept_rate_counts_routed_answers_that_are_not_worse():
    # A win, a tie and a loss to the model, a loss to the reference: the third is not accepted.
    choices = np.array([MODEL, MODEL, MODEL, REFERENCE])
    assert accept_rate(pair_accepted(FOUR), choices) == 0.75


def test_single_accept_rates_are_wins_and_ties_over_all():
    assert single_accept_rates(pair_accepted(FOUR)).tolist() == [0.5, 0.75]


def test_uplift_is_relative_to_the_best_single_model():
    # Two rows of the paper's table: 83.60 and 59.78 against 78.76.
    assert uplift(0.8360, 0.7876) == pytest.approx(0.0615, abs=5e-5)
    assert uplift(0.5978, 0.7876) == pytest.approx(-0.2410, abs=5e-5)


def test_uplift_over_nothing_is_refused():
    with pytest.raises(InvalidInputError, match="needs one above 0"):
        uplift(0.5, 0.0)


def test_of_three_models_those_within_the_band_of_the_best_are_accepted():
    quality = np.array([[9.0, 8.5, 7.0], [5.0, 5.0, 5.0]])
    assert accepted(quality).tolist() == [[True, False, False], [True, True, True]]
    assert accepted(quality, tie_band=1.0).tolist() == [[True, True, False], [True, True, True]]


def test_answer_at_the_edge_of_the_band_is_behind_whatever_binary_makes_of_it():
    quality = np.array([[0.8, 0.6], [0.6, 0.4]])
    assert accepted(quality, tie_band=0.2).tolist() == [[True, False], [True, False]]


def test_rank_is_one_plus_the_candidates_that_are_better():
    quality = np.array([[9.0, 8.5, 7.0], [5.0, 5.0, 6.0]])
    assert ranks(quality).tolist() == [[1, 2, 3], [2, 2, 1]]
    assert ranks(quality, tie_band=1.0).tolist() == [[1, 1, 3], [2, 2, 1]]


def test_mean_rank_and_mean_cost_are_those_of_the_routed_answers():
    choices = np.array([1, 2])
    assert mean_rank(np.array([[1, 2, 3], [2, 2, 1]]), choices) == 1.5
    assert mean_cost(np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 4.0]]), choices) == 3.0


preferences = st.lists(
    st.integers(min_value=0, max_value=10_000).map(lambda number: number / 10_000),
    min_size=1,
    max_size=30,
)


@given(preferences=preferences)
@settings(deadline=None)  # a busy machine is no failure
def test_two_models_are_accepted_alike_by_outcomes_and_by_preferences(preferences):
    signs = outcome_signs(Outcome.of_preference(value) for value in preferences)
    quality = np.column_stack([preferences, np.full(len(preferences), 0.5)])
    assert accepted(quality, TIE_BAND).tolist() == pair_accepted(signs).tolist()


@given(preferences=preferences, data=st.data())
@settings(deadline=None)  # a busy machine is no failure
def test_mean_rank_of_two_models_is_two_minus_the_accept_rate(preferences, data):
    n_queries = len(preferences)
    drawn = data.draw(st.lists(st.sampled_from([0, 1]), min_size=n_queries, max_size=n_queries))
    quality = np.column_stack([preferences, np.full(n_queries, 0.5)])
    rate = accept_rate(accepted(quality, TIE_BAND), np.array(drawn))
    assert mean_rank(ranks(quality, TIE_BAND), np.array(drawn)) == pytest.approx(2.0 - rate)


@pytest.mark.parametrize(
    "choices", [np.array([0]), np.array([0, 2]), np.array([-1, 0]), np.array([0.0, 1.0])]
)
def test_choices_that_are_no_column_a_query_are_refused(choices):
    with pytest.raises(InvalidInputError, match="one integer from 0 to 1 for each of 2 queries"):
        mean_cost(np.ones((2, 2)), choices)


@pytest.mark.parametrize("costs", [[[1.0, np.nan]], [[np.inf, 1.0]]])
def test_unknown_cost_is_refused_and_not_averaged(costs):
    with pytest.raises(InvalidInputError, match="costs holds NaN or infinity"):
        mean_cost(np.array(costs), np.array([0]))


@pytest.mark.parametrize("quality", [np.zeros((0, 2)), np.zeros(3)])
def test_quality_that_is_no_table_is_refused(quality):
    with pytest.raises(InvalidInputError, match="quality came with shape"):
        accepted(quality)


@pytest.mark.parametrize("signs", [np.array([], dtype=int), np.array([2]), np.array([[1]])])
def test_signs_that_are_none_are_refused(signs):
    with pytest.raises(InvalidInputError, match=r"Make them with outcome_signs\(\)"):
        pair_accepted(signs)
