"""What a router is worth on judged queries: the paper's metrics, each pair and their mean."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tagrouter.evaluation.bootstrap import Interval, bootstrap_interval, paired_difference
from tagrouter.evaluation.curves import ar_curve, auc, oracle_curve, pauc, random_curve
from tagrouter.evaluation.metrics import (
    MODEL_COLUMN,
    REFERENCE_COLUMN,
    accept_rate,
    pair_accepted,
    uplift,
)
from tagrouter.evaluation.scoring import ScoredPair


@dataclass(frozen=True, slots=True)
class PairReport:
    """Figures of one router on one model and the reference model. Fractions, not percent.

    Attributes:
        model: The model.
        reference_model: What it was compared with.
        queries: Judged queries.
        accept_rate: AR at theta.
        best_single: AR of the better model alone.
        uplift: (AR - best single) / best single.
        share_reference: Share of queries sent to the reference model at theta.
        cost_usd: Mean cost of a routed query at theta, where costs are known.
        reference_cost_usd: Mean cost of sending all to the reference model, where known.
        auc: Mean AR over the share sent to the reference model, with its interval.
        pauc: Mean of max(0, AR - best single) over that share.
        auc_random: AUC of random routing.
        auc_oracle: AUC of routing with the outcomes known.
    """

    model: str
    reference_model: str
    queries: int
    accept_rate: float
    best_single: float
    uplift: float
    share_reference: float
    cost_usd: float | None
    reference_cost_usd: float | None
    auc: Interval
    pauc: float
    auc_random: float
    auc_oracle: float


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """Figures of one router on several pairs.

    Attributes:
        router: What made the scores ("shrunk", "paper").
        theta: Where AR and cost were taken.
        pairs: One per model.
        mean_auc: Mean AUC over the pairs; queries are resampled for all pairs together.
        mean_pauc: Mean PAUC over the pairs.
        mean_auc_random: The same for random routing.
        mean_auc_oracle: The same for routing with the outcomes known.
    """

    router: str
    theta: float
    pairs: tuple[PairReport, ...]
    mean_auc: Interval
    mean_pauc: float
    mean_auc_random: float
    mean_auc_oracle: float

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON data."""
        return asdict(self)


def evaluate_pairs(
    router: str, pairs: Sequence[ScoredPair], *, theta: float, seed: int = 0, resamples: int = 1000
) -> EvaluationReport:
    """Compute the figures of a router.

    Args:
        router: Its name, for the report.
        pairs: Scored queries by model.
        theta: Threshold at which AR, share and cost are taken.
        seed: Of the bootstrap.
        resamples: Draws of the bootstrap.

    Returns:
        The report.
    """
    reports = tuple(_pair_report(pair, theta, seed, resamples) for pair in pairs)
    return EvaluationReport(
        router,
        theta,
        reports,
        bootstrap_interval(_MeanAuc(pairs), _all_queries(pairs), seed=seed, resamples=resamples),
        float(np.mean([report.pauc for report in reports])),
        float(np.mean([report.auc_random for report in reports])),
        float(np.mean([report.auc_oracle for report in reports])),
    )


def mean_auc_difference(
    first: Sequence[ScoredPair], second: Sequence[ScoredPair], *, seed: int = 0
) -> Interval:
    """Estimate by how much the first router's mean AUC is above the second's.

    Args:
        first: Its scored queries.
        second: The same queries, scored by the other router.
        seed: Of the bootstrap.

    Returns:
        The difference and its interval.
    """
    return paired_difference(_MeanAuc(first), _MeanAuc(second), _all_queries(first), seed=seed)


class _MeanAuc:
    """Mean AUC over pairs, as a function of the rows of all pairs one after another."""

    def __init__(self, pairs: Sequence[ScoredPair]) -> None:
        self.scores = np.concatenate([pair.scores for pair in pairs])
        self.signs = np.concatenate([pair.signs for pair in pairs])
        self.pair = np.repeat(np.arange(len(pairs)), [len(pair.queries) for pair in pairs])
        self.n_pairs = len(pairs)

    def __call__(self, rows: NDArray[np.intp]) -> float:
        parts = [rows[self.pair[rows] == k] for k in range(self.n_pairs)]
        areas = [auc(ar_curve(self.scores[part], self.signs[part])) for part in parts if len(part)]
        return float(np.mean(areas))


def _all_queries(pairs: Sequence[ScoredPair]) -> list[str]:
    return [query for pair in pairs for query in pair.queries]


def _pair_report(pair: ScoredPair, theta: float, seed: int, resamples: int) -> PairReport:
    curve = ar_curve(pair.scores, pair.signs)
    to_model = pair.scores >= theta
    choices = np.where(to_model, MODEL_COLUMN, REFERENCE_COLUMN)
    rate = accept_rate(pair_accepted(pair.signs), choices)
    routed_costs = pair.costs_usd[np.arange(len(choices)), choices]
    return PairReport(
        model=pair.model,
        reference_model=pair.reference_model,
        queries=len(pair.queries),
        accept_rate=rate,
        best_single=curve.best_single_rate,
        uplift=uplift(rate, curve.best_single_rate),
        share_reference=float(1.0 - to_model.mean()),
        cost_usd=_known_mean(routed_costs),
        reference_cost_usd=_known_mean(pair.costs_usd[:, REFERENCE_COLUMN]),
        auc=bootstrap_interval(_MeanAuc([pair]), pair.queries, seed=seed, resamples=resamples),
        pauc=pauc(curve),
        auc_random=auc(random_curve(pair.signs)),
        auc_oracle=auc(oracle_curve(pair.signs)),
    )


def _known_mean(costs: NDArray[np.float64]) -> float | None:
    return None if np.isnan(costs).any() else float(costs.mean())
