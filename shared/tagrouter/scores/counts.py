"""Judged records -> evidence. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from tagrouter.evidence import UNIT, Evidence, ExactCounts, ModelEvidence
from tagrouter.records import Comparison, Outcome, QueryTags

_OUTCOMES: Final = (Outcome.WIN, Outcome.TIE, Outcome.LOSS)

TagWeights = Callable[[QueryTags], Iterable[tuple[str, float]]]


def count_comparisons(
    comparisons: Iterable[tuple[Comparison, QueryTags]], tag_weights: TagWeights
) -> Evidence:
    """Count outcomes per tag and model.

    Args:
        comparisons: Judged records with the tags of their queries.
        tag_weights: Which tags of a query count, and with what weight.

    Returns:
        The evidence.
    """
    sums: dict[str, dict[str | None, list[int]]] = defaultdict(lambda: defaultdict(_zeros))
    for comparison, tags in comparisons:
        column = sums[comparison.model]
        outcome = _OUTCOMES.index(comparison.outcome)
        preference = round(comparison.preference * UNIT)
        # The tag None stands for the comparison itself, counted once.
        for name, weight in ((None, 1.0), *tag_weights(tags)):
            units = round(weight * UNIT)
            cell = column[name]
            cell[outcome] += units
            cell[3] += units * preference
    return Evidence({model: _model_evidence(sums[model]) for model in sorted(sums)})


def _zeros() -> list[int]:
    return [0, 0, 0, 0]


def _model_evidence(column: Mapping[str | None, list[int]]) -> ModelEvidence:
    names = sorted(name for name in column if name is not None)
    tags = {name: ExactCounts(*column[name]) for name in names if any(column[name])}
    return ModelEvidence(ExactCounts(*column[None]), tags)
