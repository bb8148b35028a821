"""Models and what a query costs them."""

import math

import pytest

from tagrouter import InvalidInputError
from tagrouter.models import Model


def test_cost_is_that_of_the_query_and_a_mean_answer():
    # 400 characters are 100 tokens: (100 * 3 + 200 * 15) / 1e6
    assert Model("m", 3.0, 15.0, 200).cost_usd(400) == pytest.approx(0.0033)


@pytest.mark.parametrize("known", [(None, 15.0, 200), (3.0, None, 200), (3.0, 15.0, None)])
def test_cost_is_unknown_where_a_number_is_missing(known):
    assert Model("m", *known).cost_usd(400) is None


def test_price_compares_models_without_a_mean_answer_length():
    # 100 tokens in, 300 out
    assert Model("m", 1.0, 2.0).price == 700.0


def test_unknown_price_is_above_all_others():
    assert Model("m").price == Model("m", 1.0).price == math.inf


@pytest.mark.parametrize("name", ["", "  ", None, 3])
def test_model_without_a_name_is_refused(name):
    with pytest.raises(InvalidInputError, match="needs a name"):
        Model(name)


@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf, "3"])
@pytest.mark.parametrize(
    "field", ["input_usd_per_million_tokens", "output_usd_per_million_tokens", "mean_output_tokens"]
)
def test_impossible_number_is_refused(field, value):
    with pytest.raises(InvalidInputError, match=f"'m': {field} is .*at least 0"):
        Model("m", **{field: value})
