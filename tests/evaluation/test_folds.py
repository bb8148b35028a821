"""Folds: by query, even, repeatable."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagrouter.errors import InvalidInputError
from tagrouter.evaluation import assign_folds

QUERIES = [f"query {number}" for number in range(25)]


def test_all_rows_of_one_query_fall_in_the_same_fold():
    folds = assign_folds(QUERIES * 3, n_folds=5)
    assert (folds[:25] == folds[25:50]).all()
    assert (folds[:25] == folds[50:]).all()


def test_folds_differ_in_size_by_one_query_at_most():
    sizes = Counter(assign_folds(QUERIES, n_folds=10).tolist())
    assert sorted(sizes.values()) == [2] * 5 + [3] * 5


def test_division_is_the_same_on_every_machine():
    assert assign_folds(["a", "b", "c", "d", "e"], n_folds=2, seed=0).tolist() == [1, 0, 0, 0, 1]


def test_another_seed_gives_another_division():
    assert assign_folds(QUERIES, 5, seed=0).tolist() != assign_folds(QUERIES, 5, seed=1).tolist()


@given(order=st.permutations(range(25)))
@settings(deadline=None)  # a busy machine is no failure
def test_order_of_the_rows_does_not_matter(order):
    folds = assign_folds(QUERIES, n_folds=5)
    shuffled = assign_folds([QUERIES[position] for position in order], n_folds=5)
    assert (shuffled == folds[np.array(order)]).all()


def test_query_that_utf8_cannot_encode_has_a_fold():
    assert sorted(assign_folds(["\ud83d", "plain"], n_folds=2).tolist()) == [0, 1]


@pytest.mark.parametrize("n_folds", [1, 26, 0, -3])
def test_folds_that_cannot_be_filled_are_refused(n_folds):
    with pytest.raises(InvalidInputError, match="folds of 25 different queries"):
        assign_folds(QUERIES, n_folds=n_folds)
