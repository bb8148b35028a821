"""Ids: given ones are kept, derived ones name what was compared."""

import dataclasses

import pytest

from tagrouter.comparisons import comparison_id
from tagrouter.records import Comparison, comparison


def judged(**changes: object) -> Comparison:
    return dataclasses.replace(comparison("q", "small", "large", outcome="win"), **changes)


def test_given_id_is_kept():
    assert comparison_id(judged(id="alpaca_eval/000/small")) == "alpaca_eval/000/small"


def test_derived_id_is_the_same_in_every_release():
    # printf '["q", "small", "large"]' | sha256sum
    assert comparison_id(judged()) == "1dea824334a8958fc6484882b0993572"


def test_derived_id_does_not_depend_on_outcome_or_cost():
    again = comparison("q", "small", "large", outcome="loss", cost_usd=1.0)
    assert comparison_id(again) == comparison_id(judged())


@pytest.mark.parametrize("change", [{"query": "p"}, {"model": "m"}, {"reference_model": "r"}])
def test_derived_id_depends_on_query_and_both_models(change):
    assert comparison_id(judged(**change)) != comparison_id(judged())


def test_names_cannot_run_into_each_other():
    one = judged(model='a", "b', reference_model="c")
    other = judged(model="a", reference_model='b", "c')
    assert comparison_id(one) != comparison_id(other)


def test_query_that_utf8_cannot_encode_has_an_id_too():
    assert len(comparison_id(judged(query="half a pair \ud83d"))) == 32
