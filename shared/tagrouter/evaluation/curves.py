"""The accept rate over the share of queries sent to the reference model, and its areas. Pure.

Shares and rates are fractions from 0 to 1. With scores of two models and outcomes between them
(`metrics.outcome_signs`), the queries with the lowest scores go to the reference model first.
"""

from dataclasses import dataclass

import numpy as np

from tagrouter.errors import InvalidInputError
from tagrouter.evaluation.metrics import Floats, Integers, checked_signs


@dataclass(frozen=True, slots=True, eq=False)
class AcceptRateCurve:
    """Accept rate as a function of the share sent to the reference model, linear between points.

    Attributes:
        shares: Shape (n_points,), rising from 0 to 1.
        rates: Shape (n_points,), the accept rate at each share.
    """

    shares: Floats
    rates: Floats

    def __post_init__(self) -> None:
        """Check the points.

        Raises:
            InvalidInputError: If the shares do not rise from 0 to 1, or a rate is missing.
        """
        shares, rates = self.shares, self.rates
        if shares.ndim != 1 or shares.size < 2 or shares.shape != rates.shape:
            raise InvalidInputError(
                f"A curve came with shares of shape {shares.shape} and rates of shape "
                f"{rates.shape}; both have one number for each of at least two points."
            )
        rising = shares[0] == 0.0 and shares[-1] == 1.0 and bool((np.diff(shares) > 0.0).all())
        if not rising or not np.isfinite(rates).all():
            raise InvalidInputError(
                f"A curve came with shares from {shares[0]} to {shares[-1]}; shares rise from 0 "
                "to 1 and every rate is a finite number."
            )

    @property
    def best_single_rate(self) -> float:
        """Accept rate of the better one of the two models: the higher end of the curve."""
        return float(max(self.rates[0], self.rates[-1]))


def ar_curve(scores: Floats, signs: Integers) -> AcceptRateCurve:
    """Draw the curve of a router of two models.

    Queries with equal scores share their mean: between the ends of such a group the curve is a
    straight line, which is its expected value over all orders of the group.

    Args:
        scores: Shape (n_queries,), higher means sooner to the model; infinite ones are allowed.
        signs: Shape (n_queries,), the outcomes as -1, 0, 1, seen from the model.

    Returns:
        The curve at n_queries + 1 shares, in steps of one query.

    Raises:
        InvalidInputError: If shapes differ, there is no query, or a score is NaN.
    """
    checked_signs(signs)
    scores = np.asarray(scores, dtype=np.float64)
    if scores.shape != signs.shape or np.isnan(scores).any():
        raise InvalidInputError(
            f"Scores came with shape {scores.shape} for outcomes of shape {signs.shape}; there is "
            "one score a query and none is NaN."
        )
    _, group, sizes = np.unique(scores, return_inverse=True, return_counts=True)
    ends = np.concatenate([[0], np.cumsum(sizes)])
    # Sent to the reference, a query the model loses is gained, and one it wins is lost.
    gains = np.concatenate(
        [[0.0], np.cumsum(np.bincount(group, weights=-signs.astype(np.float64)))]
    )
    sent = np.arange(signs.size + 1)
    rates = (np.count_nonzero(signs >= 0) + np.interp(sent, ends, gains)) / signs.size
    return AcceptRateCurve(sent / signs.size, rates)


def random_curve(signs: Integers) -> AcceptRateCurve:
    """Draw the expected curve of a router that picks queries by chance: a straight line.

    Args:
        signs: Shape (n_queries,), the outcomes as -1, 0, 1.

    Returns:
        The curve at n_queries + 1 shares.
    """
    return ar_curve(np.zeros(signs.shape), signs)


def oracle_curve(signs: Integers) -> AcceptRateCurve:
    """Draw the curve of a router that knows the outcomes: losses go first, wins last.

    Args:
        signs: Shape (n_queries,), the outcomes as -1, 0, 1.

    Returns:
        The curve at n_queries + 1 shares; no router's is above it.
    """
    return ar_curve(signs.astype(np.float64), signs)


def auc(curve: AcceptRateCurve) -> float:
    """Average the accept rate over the share sent to the reference model.

    Args:
        curve: From share 0 to share 1.

    Returns:
        The mean, 0 to 1, exact for a curve that is linear between its points (trapezoids).
    """
    return float(np.trapezoid(curve.rates, curve.shares))


def pauc(curve: AcceptRateCurve, best_single_rate: float | None = None) -> float:
    """Average what the accept rate is above the best single model, counting shortfalls as 0.

    Args:
        curve: From share 0 to share 1.
        best_single_rate: Accept rate of the best single model; the curve's higher end if not given.

    Returns:
        The mean of max(0, rate - best), exact for a curve that is linear between its points.
    """
    best = curve.best_single_rate if best_single_rate is None else best_single_rate
    excess = curve.rates - best
    left, right = excess[:-1], excess[1:]
    highest, lowest = np.maximum(left, right), np.minimum(left, right)
    # Where a line crosses 0, a triangle is above: it covers the part highest / (highest - lowest).
    crossing = (highest > 0.0) & (lowest < 0.0)
    part = np.divide(highest, highest - lowest, out=np.ones_like(highest), where=crossing)
    heights = (np.maximum(left, 0.0) + np.maximum(right, 0.0)) / 2.0
    return float(np.sum(heights * part * np.diff(curve.shares)))
