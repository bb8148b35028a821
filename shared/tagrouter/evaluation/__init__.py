"""Figures for routers: accept rate, uplift, rank, cost, curves and areas, intervals, folds."""

from tagrouter.evaluation.bootstrap import Interval, bootstrap_interval, paired_difference
from tagrouter.evaluation.curves import (
    AcceptRateCurve,
    ar_curve,
    auc,
    oracle_curve,
    pauc,
    random_curve,
)
from tagrouter.evaluation.folds import assign_folds
from tagrouter.evaluation.metrics import (
    accept_rate,
    accepted,
    mean_cost,
    mean_rank,
    outcome_signs,
    pair_accepted,
    ranks,
    single_accept_rates,
    uplift,
)

__all__ = [
    "AcceptRateCurve",
    "Interval",
    "accept_rate",
    "accepted",
    "ar_curve",
    "assign_folds",
    "auc",
    "bootstrap_interval",
    "mean_cost",
    "mean_rank",
    "oracle_curve",
    "outcome_signs",
    "pair_accepted",
    "paired_difference",
    "pauc",
    "random_curve",
    "ranks",
    "single_accept_rates",
    "uplift",
]
