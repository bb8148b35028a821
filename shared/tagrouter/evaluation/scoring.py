"""Scores for judged queries: out of fold, or from a profile that has not seen them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tagrouter.errors import InvalidInputError
from tagrouter.evaluation.folds import assign_folds
from tagrouter.evaluation.metrics import outcome_signs
from tagrouter.evidence import Evidence
from tagrouter.profile import Profile
from tagrouter.records import Comparison, QueryTags
from tagrouter.scores.base import TagEstimator
from tagrouter.scores.counts import count_comparisons
from tagrouter.scores.scorer import TagScorer

Tagged = Sequence[tuple[Comparison, QueryTags]]


@dataclass(frozen=True, slots=True, eq=False)
class ScoredPair:
    """One model's judged queries with the scores a router gave it.

    Attributes:
        model: The model.
        reference_model: What it was compared with.
        queries: Shape (n_queries,), as objects; the unit of resampling.
        scores: Shape (n_queries,), model score minus the reference model's score.
        signs: Shape (n_queries,), outcomes as -1, 0, 1, seen from the model.
        costs_usd: Shape (n_queries, 2), model and reference model; NaN where not known.
    """

    model: str
    reference_model: str
    queries: tuple[str, ...]
    scores: NDArray[np.float64]
    signs: NDArray[np.int8]
    costs_usd: NDArray[np.float64]


def score_out_of_fold(
    tagged: Tagged, estimator: TagEstimator, *, n_folds: int, seed: int
) -> list[ScoredPair]:
    """Score every comparison with evidence from the other folds only.

    Args:
        tagged: Comparisons with one reference model, and their tags.
        estimator: How evidence becomes scores.
        n_folds: Number of folds; all comparisons of a query share one.
        seed: Of the division.

    Returns:
        One record per model, in name order, all folds pooled.
    """
    reference = one_reference_model([comparison for comparison, _ in tagged])
    folds = assign_folds([comparison.query for comparison, _ in tagged], n_folds, seed)
    parts = [
        count_comparisons(
            (pair for pair, fold in zip(tagged, folds, strict=True) if fold == k),
            estimator.tag_weights,
        )
        for k in range(n_folds)
    ]
    scores = np.empty(len(tagged))
    for k in range(n_folds):
        others = sum((part for j, part in enumerate(parts) if j != k), Evidence())
        scorer = TagScorer(estimator).fit(others, reference, _models(tagged, reference))
        for row in np.flatnonzero(folds == k).tolist():
            scores[row] = _score(scorer, *tagged[row])
    return _pairs(tagged, scores, reference)


def score_with_profile(tagged: Tagged, profile: Profile) -> list[ScoredPair]:
    """Score comparisons with the evidence of a profile.

    Args:
        tagged: Comparisons that are not part of the profile's evidence, and their tags.
        profile: Holds the evidence.

    Returns:
        One record per model, in name order.

    Raises:
        InvalidInputError: If reference model or models are not the profile's.
    """
    reference = one_reference_model([comparison for comparison, _ in tagged])
    models = _models(tagged, reference)
    unknown = sorted(set(models) - set(profile.evidence.models) - {profile.reference_model})
    if reference != profile.reference_model or unknown:
        raise InvalidInputError(
            f"The comparisons are of {', '.join(models)}; profile {profile.name!r} has evidence "
            f"for {', '.join(profile.evidence.models)} against {profile.reference_model}. Use "
            "--folds 10 to refit the evidence, or fit a profile on other comparisons first."
        )
    scorer = TagScorer(profile.estimator).fit(profile.evidence, reference, models)
    scores = np.array([_score(scorer, comparison, tags) for comparison, tags in tagged])
    return _pairs(tagged, scores, reference)


def one_reference_model(comparisons: Sequence[Comparison]) -> str:
    """Name the reference model that all comparisons share.

    Args:
        comparisons: Judged records.

    Returns:
        Its name.

    Raises:
        InvalidInputError: If there are no comparisons, or several reference models.
    """
    names = sorted({comparison.reference_model for comparison in comparisons})
    if len(names) != 1:
        raise InvalidInputError(
            f"The comparisons name {len(names)} reference models"
            f"{': ' + ', '.join(names[:5]) if names else ''}; exactly one is needed."
        )
    return names[0]


def _models(tagged: Tagged, reference: str) -> list[str]:
    return [*sorted({comparison.model for comparison, _ in tagged} - {reference}), reference]


def _score(scorer: TagScorer, comparison: Comparison, tags: QueryTags) -> float:
    found = scorer.score(tags)
    totals = found.intercepts + found.contributions.sum(axis=0)
    columns = [found.models.index(m) for m in (comparison.model, comparison.reference_model)]
    return float(totals[columns[0]] - totals[columns[1]])


def _pairs(tagged: Tagged, scores: NDArray[np.float64], reference: str) -> list[ScoredPair]:
    rows: dict[str, list[int]] = defaultdict(list)
    for row, (comparison, _) in enumerate(tagged):
        rows[comparison.model].append(row)
    pairs = []
    for model, chosen in sorted(rows.items()):
        comparisons = [tagged[row][0] for row in chosen]
        costs = [(c.cost_usd, c.reference_cost_usd) for c in comparisons]
        pairs.append(
            ScoredPair(
                model,
                reference,
                tuple(c.query for c in comparisons),
                scores[chosen],
                outcome_signs([c.outcome for c in comparisons]),
                np.array(costs, dtype=np.float64),
            )
        )
    return pairs
