"""Records check themselves when they are made."""

import dataclasses
import math

import pytest

from tagrouter import Comparison, InvalidInputError, Outcome, QueryTag, QueryTags
from tagrouter.records import comparison, is_number


@pytest.mark.parametrize("weight", [0.0, -0.1, 1.0001, math.nan, math.inf, "0.5", None])
def test_weight_outside_its_range_is_refused(weight):
    with pytest.raises(InvalidInputError, match=r"'poetry' has weight .*above 0 and at most 1"):
        QueryTag("poetry", weight)


@pytest.mark.parametrize("name", ["", None, 3])
def test_tag_without_a_name_is_refused(name):
    with pytest.raises(InvalidInputError, match="leave the tag out"):
        QueryTag(name)


def test_repeated_tag_names_count_once_in_the_order_given():
    tags = QueryTags.of_names(["poetry", "coding", "poetry"])
    assert [tag.name for tag in tags.tags] == ["poetry", "coding"]
    assert tags.reported == tags.tags


def test_one_str_is_not_taken_for_its_letters():
    with pytest.raises(InvalidInputError, match=r"come in a list: \['poetry'\]"):
        QueryTags.of_names("poetry")


@pytest.mark.parametrize(
    ("preference", "outcome"),
    [
        (0.0, "loss"),
        (0.35, "loss"),
        (0.3501, "tie"),
        (0.5, "tie"),
        (0.6499, "tie"),
        (0.65, "win"),
        (1.0, "win"),
    ],
)
def test_preferences_less_than_the_tie_band_from_a_half_are_ties(preference, outcome):
    assert comparison("q", "small", "large", preference=preference).outcome == outcome


def test_preference_at_the_edge_of_the_band_is_no_tie():
    assert Outcome.of_preference(0.75, tie_band=0.25) == "win"
    assert Outcome.of_preference(0.25, tie_band=0.25) == "loss"


@pytest.mark.parametrize(("outcome", "advantage"), [("win", 1.0), ("tie", 0.0), ("loss", -1.0)])
def test_outcome_alone_stands_for_a_preference(outcome, advantage):
    assert comparison("q", "small", "large", outcome=outcome).advantage == advantage


def test_preference_takes_precedence_over_outcome():
    record = comparison("q", "small", "large", outcome="loss", preference=0.9)
    assert (record.preference, record.outcome) == (0.9, Outcome.WIN)


def test_preferences_are_kept_to_four_decimals():
    assert comparison("q", "small", "large", preference=0.123456).preference == 0.1235


@pytest.mark.parametrize("preference", [-0.01, 1.01, math.nan, math.inf, "0.5", True])
def test_preference_that_is_none_is_refused(preference):
    with pytest.raises(InvalidInputError, match="not a number between 0 and 1"):
        comparison("q", "small", "large", preference=preference)


def test_comparison_says_what_it_lacks():
    with pytest.raises(InvalidInputError, match="neither 'outcome' nor 'preference'"):
        comparison("q", "small", "large")


def test_unknown_outcome_is_refused():
    with pytest.raises(InvalidInputError, match="'draw' is not one of win, tie, loss"):
        comparison("q", "small", "large", outcome="draw")
    with pytest.raises(InvalidInputError, match="'draw' is not one of win, tie, loss"):
        Comparison("q", "small", "large", 0.5, "draw")


@pytest.mark.parametrize(("model", "reference"), [("", "large"), ("small", ""), ("a", "a")])
def test_comparison_needs_two_models(model, reference):
    with pytest.raises(InvalidInputError, match="two different models"):
        comparison("q", model, reference, outcome="win")


@pytest.mark.parametrize("cost", [-1.0, math.nan, math.inf, "1"])
@pytest.mark.parametrize("field", ["cost_usd", "reference_cost_usd"])
def test_impossible_cost_is_refused(field, cost):
    with pytest.raises(InvalidInputError, match=f"{field} is .*; a cost is a number of at least 0"):
        comparison("q", "small", "large", outcome="win", **{field: cost})


def test_records_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        QueryTag("poetry").weight = 0.5


@pytest.mark.parametrize("value", [0, -1.5, 1e308])
def test_finite_numbers_are_numbers(value):
    assert is_number(value)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 10**400, True, "1", None, [1]])
def test_anything_else_is_no_number(value):
    assert not is_number(value)
