"""The figures that routers are judged by. Pure: arrays in, numbers out, fractions of 1 everywhere.

Two models are described by one sign a query: the outcome seen from the model next to the reference
model. More models are described by one quality a query and model, from which `accepted` and
`ranks` follow. Definitions are those of the paper (arXiv 2506.12473: accept rate, uplift, rank,
cost, AUC, PAUC); where its text leaves room, the reading is the one that fits its tables.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tagrouter.errors import InvalidInputError
from tagrouter.records import Outcome

MODEL_COLUMN: Final = 0
"""Column of the model where two models stand side by side."""

REFERENCE_COLUMN: Final = 1
"""Column of the reference model where two models stand side by side."""

_SIGNS: Final = {Outcome.WIN: 1, Outcome.TIE: 0, Outcome.LOSS: -1}
_DECIMALS: Final = 9

Floats = NDArray[np.float64]
Integers = NDArray[np.integer]
Booleans = NDArray[np.bool_]


def outcome_signs(outcomes: Iterable[Outcome]) -> NDArray[np.int8]:
    """Write outcomes as numbers.

    Args:
        outcomes: One a query, seen from the model.

    Returns:
        Shape (n_queries,): 1 for a win, 0 for a tie, -1 for a loss.
    """
    return np.array([_SIGNS[outcome] for outcome in outcomes], dtype=np.int8)


def pair_accepted(signs: Integers) -> Booleans:
    """Say whose answer is accepted where two models are compared.

    Args:
        signs: Shape (n_queries,), see `outcome_signs`.

    Returns:
        Shape (n_queries, 2), columns model and reference model: the model's answer is accepted
        unless it lost, the reference model's unless the model won.
    """
    checked_signs(signs)
    return np.column_stack([signs >= 0, signs <= 0])


def accepted(quality: Floats, tie_band: float = 0.0) -> Booleans:
    """Say whose answers are not worse than the best candidate's.

    Args:
        quality: Shape (n_queries, n_models), higher is better: ratings, or preferences over one
            reference model, whose own column is 0.5.
        tie_band: Answers less than this far behind are not worse; equal ones never are.

    Returns:
        Shape (n_queries, n_models). With the preferences of two models it agrees with
        `pair_accepted`.
    """
    _check_matrix(quality, "quality")
    return ~_behind(quality.max(axis=1, keepdims=True) - quality, tie_band)


def ranks(quality: Floats, tie_band: float = 0.0) -> NDArray[np.int64]:
    """Rank the candidates' answers to every query.

    Args:
        quality: Shape (n_queries, n_models), higher is better.
        tie_band: Answers less than this far apart are as good as each other.

    Returns:
        Shape (n_queries, n_models): 1 plus the number of candidates that are better. Of two models
        the worse one has rank 2, so the mean rank of a router of two is 2 minus its accept rate.
    """
    _check_matrix(quality, "quality")
    better = [
        _behind(quality - quality[:, [column]], tie_band).sum(axis=1)
        for column in range(quality.shape[1])
    ]
    return np.asarray(1 + np.column_stack(better), dtype=np.int64)


def accept_rate(accepted_answers: Booleans, choices: Integers) -> float:
    """Measure the share of queries whose routed answer is accepted.

    Args:
        accepted_answers: Shape (n_queries, n_models), from `accepted` or `pair_accepted`.
        choices: Shape (n_queries,), the column each query is routed to.

    Returns:
        The rate, 0 to 1.
    """
    return float(_routed(accepted_answers, choices, "accepted_answers").mean())


def single_accept_rates(accepted_answers: Booleans) -> Floats:
    """Measure the accept rate of every model taken alone.

    Args:
        accepted_answers: Shape (n_queries, n_models).

    Returns:
        Shape (n_models,), each 0 to 1. The largest is the best single model's.
    """
    _check_matrix(accepted_answers, "accepted_answers")
    return np.asarray(accepted_answers.mean(axis=0), dtype=np.float64)


def uplift(rate: float, best_single_rate: float) -> float:
    """Measure how far a router is ahead of the best single model.

    Args:
        rate: The router's accept rate, 0 to 1.
        best_single_rate: The best single model's, above 0.

    Returns:
        (rate - best) / best, a fraction; below 0 where the router is worse.

    Raises:
        InvalidInputError: If no single model has an accepted answer.
    """
    if not best_single_rate > 0.0:
        raise InvalidInputError(
            f"The best single model's accept rate is {best_single_rate!r}; uplift is relative to "
            "it and needs one above 0. Report the accept rate instead."
        )
    return (rate - best_single_rate) / best_single_rate


def mean_rank(answer_ranks: Integers, choices: Integers) -> float:
    """Average the rank of the routed answers.

    Args:
        answer_ranks: Shape (n_queries, n_models), from `ranks`.
        choices: Shape (n_queries,), the column each query is routed to.

    Returns:
        The mean; 1 is best.
    """
    return float(_routed(answer_ranks, choices, "answer_ranks").mean())


def mean_cost(costs: Floats, choices: Integers) -> float:
    """Average the cost of the routed answers.

    Args:
        costs: Shape (n_queries, n_models), in any unit.
        choices: Shape (n_queries,), the column each query is routed to.

    Returns:
        The mean, in the same unit a query.

    Raises:
        InvalidInputError: If a cost is unknown (NaN).
    """
    return float(_routed(costs, choices, "costs").mean())


def checked_signs(signs: Integers) -> None:
    """Check that an array holds outcome signs.

    Args:
        signs: Shape (n_queries,), at least one query.

    Raises:
        InvalidInputError: If it is empty, has another shape or other values than -1, 0 and 1.
    """
    if signs.ndim != 1 or not signs.size or not np.isin(signs, (-1, 0, 1)).all():
        raise InvalidInputError(
            f"Outcome signs came with shape {signs.shape} and type {signs.dtype}; they are one of "
            "-1, 0, 1 for each of at least one query. Make them with outcome_signs()."
        )


def _behind(distance: Floats, tie_band: float) -> Booleans:
    # 0.8 - 0.6 is not 0.2 in binary; nine decimals keep the edge of the band where it was put.
    rounded = np.round(distance, _DECIMALS)
    return np.asarray((rounded > 0.0) & (rounded >= tie_band), dtype=np.bool_)


def _routed(values: NDArray[np.generic], choices: Integers, name: str) -> NDArray[np.float64]:
    _check_matrix(values, name)
    n_queries, n_models = values.shape
    fits = choices.shape == (n_queries,) and np.issubdtype(choices.dtype, np.integer)
    if not fits or choices.min() < 0 or choices.max() >= n_models:
        raise InvalidInputError(
            f"choices came with shape {choices.shape} and type {choices.dtype}; they are one "
            f"integer from 0 to {n_models - 1} for each of {n_queries} queries."
        )
    return values[np.arange(n_queries), choices].astype(np.float64)


def _check_matrix(values: NDArray[np.generic], name: str) -> None:
    if values.ndim != 2 or not values.size:
        raise InvalidInputError(
            f"{name} came with shape {values.shape}; it has a row for each of at least one query "
            "and a column for each model."
        )
    if not np.isfinite(values.astype(np.float64)).all():
        raise InvalidInputError(
            f"{name} holds NaN or infinity; every query needs a number for every model. "
            "Leave out the queries or the models that miss some."
        )
