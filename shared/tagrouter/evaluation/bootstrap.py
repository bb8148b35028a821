"""How sure a figure is: percentile intervals by drawing queries again, with a seed.

Whole queries are drawn, since the comparisons of one query are not independent of each other.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tagrouter.errors import InvalidInputError

Rows = NDArray[np.intp]
Statistic = Callable[[Rows], float]
"""A figure as a function of the rows it is computed on; a row may come several times."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its percentile interval.

    Attributes:
        estimate: The figure on all rows.
        low: Lower end.
        high: Upper end.
        confidence: Share of the resamples between the ends, 0 to 1.
        resamples: How often queries were drawn.
    """

    estimate: float
    low: float
    high: float
    confidence: float
    resamples: int


def bootstrap_interval(
    statistic: Statistic,
    query_ids: Sequence[Hashable],
    *,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> Interval:
    """Estimate a figure and its interval.

    Args:
        statistic: Gives the figure for an array of row positions.
        query_ids: The query of every row; rows of one query are drawn together.
        confidence: Share of the resamples that the interval holds, above 0 and below 1.
        resamples: How often as many queries as there are are drawn with replacement.
        seed: The same seed gives the same interval.

    Returns:
        The figure and its interval.

    Raises:
        InvalidInputError: If there are no rows, a parameter is out of range, or the statistic
            is not finite on a resample.
    """
    if not len(query_ids) or not 0.0 < confidence < 1.0 or resamples < 1:
        raise InvalidInputError(
            f"Got {len(query_ids)} rows, confidence {confidence!r} and {resamples} resamples; "
            "give at least one row, a confidence between 0 and 1, at least one resample."
        )
    figures = np.array([statistic(rows) for rows in _resamples(query_ids, resamples, seed)])
    estimate = float(statistic(np.arange(len(query_ids))))
    if not np.isfinite(estimate) or not np.isfinite(figures).all():
        raise InvalidInputError(
            "The statistic is NaN or infinite on some draw of the queries. Give more queries, or "
            "a statistic that is defined on any of them."
        )
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(figures, [tail, 1.0 - tail])
    return Interval(estimate, float(low), float(high), confidence, resamples)


def paired_difference(
    statistic: Statistic,
    other: Statistic,
    query_ids: Sequence[Hashable],
    *,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> Interval:
    """Estimate by how much one figure is above another, both taken on the same draws.

    Args:
        statistic: The first figure.
        other: The figure that is subtracted.
        query_ids: The query of every row.
        confidence: Share of the resamples that the interval holds, above 0 and below 1.
        resamples: How often queries are drawn.
        seed: The same seed gives the same interval.

    Returns:
        The difference and its interval; one that does not hold 0 shows a difference.

    Raises:
        InvalidInputError: As `bootstrap_interval` does.
    """
    return bootstrap_interval(
        lambda rows: statistic(rows) - other(rows),
        query_ids,
        confidence=confidence,
        resamples=resamples,
        seed=seed,
    )


def _resamples(query_ids: Sequence[Hashable], resamples: int, seed: int) -> Iterator[Rows]:
    numbers: dict[Hashable, int] = {}
    query_of_row = np.array([numbers.setdefault(query, len(numbers)) for query in query_ids])
    rows_by_query = np.argsort(query_of_row, kind="stable")
    sizes = np.bincount(query_of_row)
    starts = np.cumsum(sizes) - sizes
    generator = np.random.default_rng(seed)
    for _ in range(resamples):
        drawn = generator.integers(len(numbers), size=len(numbers))
        lengths = sizes[drawn]
        # Positions 0, 1, ... within each drawn query, all queries in one array.
        within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        yield rows_by_query[np.repeat(starts[drawn], lengths) + within]
