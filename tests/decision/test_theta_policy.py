"""The policy `theta`: one threshold for every model but the reference."""

import math

import numpy as np
import pytest

from tagrouter import InvalidInputError
from tagrouter.decision.base import Pool
from tagrouter.decision.threshold import ThetaPolicy

WITH_REFERENCE = Pool(("small", "tiny", "large"), 2, (1.0, 1.0, 1.0))
WITHOUT_REFERENCE = Pool(("small", "tiny"), None, (1.0, 1.0))


def test_theta_is_subtracted_from_all_but_the_reference():
    utilities = ThetaPolicy(0.25).utilities(np.array([0.5, 0.25, 1.0]), WITH_REFERENCE)
    assert utilities.tolist() == [0.25, 0.0, 1.0]


def test_theta_does_nothing_without_the_reference():
    utilities = ThetaPolicy(0.25).utilities(np.array([0.5, 0.25]), WITHOUT_REFERENCE)
    assert utilities.tolist() == [0.5, 0.25]


@pytest.mark.parametrize("theta", [math.nan, math.inf, "0.1", None, True])
def test_theta_that_is_no_number_is_refused_with_the_way_to_force_a_model(theta):
    with pytest.raises(InvalidInputError, match="to force a model, pass model=NAME"):
        ThetaPolicy(theta)


def test_pool_ranks_by_utility_then_price_then_name():
    pool = Pool(("d", "c", "b", "a"), None, (math.inf, 1.0, 1.0, 2.0))
    assert pool.ranked([0.5, 0.0, 0.0, 0.0]) == ["d", "b", "c", "a"]
