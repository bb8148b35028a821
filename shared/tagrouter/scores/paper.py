"""The paper's own estimator (TagRouter, arXiv 2506.12473, TagScorer)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tagrouter.errors import InvalidInputError
from tagrouter.evidence import ExactCounts, ModelEvidence
from tagrouter.scores.base import ScoreColumn, TagEstimator, check_number


@dataclass(frozen=True)
class PaperEstimator(TagEstimator):
    """``sum_t w_t * (W + tie_weight * T - L)`` over the reported tags.

    ``w_t = (1 - exp(-n_t)) / sum of n over the model's tags``, ``n_t = W + T + L`` of model and
    tag (paper, TagScorer: s_win = 1, s_tie = 0.15, s_loss = -1).

    Attributes:
        tie_weight: What a tie is worth; the paper tuned it to 0.15.
        reference_score: "zero", or "mirror": the reference gets the same counts seen from its side
            (wins and losses exchanged, ties kept), summed over the models it was compared with, so
            that with two models the tie weight cancels.
    """

    name: ClassVar[str] = "paper"
    soft: ClassVar[bool] = False
    tie_weight: float = 0.15
    reference_score: str = "zero"

    def __post_init__(self) -> None:
        """Check the parameters.

        Raises:
            InvalidInputError: If one is not allowed.
        """
        check_number("Estimator 'paper'", "tie_weight", self.tie_weight)
        if self.reference_score not in ("zero", "mirror"):
            raise InvalidInputError(
                "Estimator 'paper': reference_score must be 'zero' or 'mirror', "
                f"is {self.reference_score!r}."
            )

    def column(self, evidence: ModelEvidence) -> ScoreColumn:
        """Compute tag scores from one model's counts; there is no intercept."""
        counts = {tag: exact.rounded for tag, exact in evidence.tags.items()}
        total = sum(count.total for count in counts.values())
        if total == 0:
            return ScoreColumn(0.0, {})
        scores: dict[str, float] = {}
        for tag, count in counts.items():
            weight = (1.0 - math.exp(-count.total)) / total
            scores[tag] = weight * (count.wins + self.tie_weight * count.ties - count.losses)
        return ScoreColumn(0.0, scores)

    def reference_column(self, evidence: Sequence[ModelEvidence]) -> ScoreColumn:
        """Compute the reference's column: zero, or from mirrored counts."""
        if self.reference_score == "zero" or not evidence:
            return ScoreColumn(0.0, {})
        mirrored = [_mirror(model) for model in evidence]
        merged = mirrored[0]
        for model in mirrored[1:]:
            merged = merged + model
        return self.column(merged)


def _mirror(evidence: ModelEvidence) -> ModelEvidence:
    def turn(counts: ExactCounts) -> ExactCounts:
        # Preference is not used by this estimator; 1 - p would need the weight in other units.
        return ExactCounts(counts.losses, counts.ties, counts.wins, 0)

    return ModelEvidence(
        turn(evidence.overall), {tag: turn(counts) for tag, counts in evidence.tags.items()}
    )
