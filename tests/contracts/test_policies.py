"""What every policy keeps to, whichever it is."""

import copy
import dataclasses
import json
import math
import pickle

import numpy as np
import pytest

from tagrouter import InvalidInputError
from tagrouter.decision.base import DecisionPolicy, Pool
from tagrouter.registry import POLICIES, part

SCORES = np.array([0.2, -0.1, 0.0])
POOLS = {
    "reference last": Pool(("small", "tiny", "large"), 2, (1.0, 2.0, 30.0)),
    "reference first": Pool(("large", "small", "tiny"), 0, (30.0, 1.0, 2.0)),
    "no reference": Pool(("a", "b", "c"), None, (1.0, 1.0, math.inf)),
}


@pytest.fixture(params=POLICIES)
def kind(request) -> type[DecisionPolicy]:
    return part("policy", request.param)


def numbers_of(kind: type[DecisionPolicy]) -> dict[str, float]:
    return dict.fromkeys(kind().parameters, 0.125)


def test_registered_name_is_its_own(kind):
    assert part("policy", kind.name) is kind


def test_it_is_a_frozen_dataclass(kind):
    assert dataclasses.is_dataclass(kind)
    name = dataclasses.fields(kind)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(kind(), name, 1.0)


def test_parameters_round_trip_through_json(kind):
    policy = kind(**numbers_of(kind))
    parameters = json.loads(json.dumps(policy.parameters, allow_nan=False))
    assert kind.from_parameters(parameters) == policy


def test_unknown_parameter_is_refused_with_the_known_ones(kind):
    known = ", ".join(kind().parameters)
    with pytest.raises(InvalidInputError, match=f"no parameter 'wings'; it has: {known}"):
        kind.from_parameters({"wings": 2})


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 10**400, "0", None, True])
def test_number_that_is_none_is_refused(kind, value):
    for name in kind().parameters:
        with pytest.raises(InvalidInputError, match=f"{name} must be a finite number"):
            kind.from_parameters({name: value})


@pytest.mark.parametrize("pool", POOLS.values(), ids=POOLS.keys())
def test_one_utility_per_candidate_and_scores_stay_as_they_were(kind, pool):
    scores = SCORES.copy()
    utilities = kind(**numbers_of(kind)).utilities(scores, pool)
    assert utilities.shape == (3,)
    assert np.isfinite(utilities).all()
    assert np.array_equal(scores, SCORES)


@pytest.mark.parametrize("pool", POOLS.values(), ids=POOLS.keys())
def test_candidates_may_come_in_any_order(kind, pool):
    policy = kind(**numbers_of(kind))
    order = [2, 0, 1]
    reference = order.index(pool.reference) if pool.reference is not None else None
    turned = Pool(
        tuple(pool.models[i] for i in order), reference, tuple(pool.prices[i] for i in order)
    )
    expected = policy.utilities(SCORES, pool)[order]
    assert np.array_equal(policy.utilities(SCORES[order], turned), expected)


def test_copies_are_equal(kind):
    assert copy.deepcopy(kind()) == pickle.loads(pickle.dumps(kind())) == kind()
