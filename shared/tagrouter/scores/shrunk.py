"""The default estimator: each tag's mean advantage, corrected for the model's mean, shrunk."""

from dataclasses import dataclass
from typing import ClassVar

from tagrouter.errors import InvalidInputError
from tagrouter.evidence import ModelEvidence
from tagrouter.scores.base import ScoreColumn, TagEstimator, check_number


@dataclass(frozen=True)
class ShrunkEstimator(TagEstimator):
    """``a + sum_t x_t * S_t / (N_t + kappa)``, with `x_t` the tag's weight.

    `a` is the model's mean advantage over the reference, ``N_t = sum x_t`` and
    ``S_t = sum x_t * (advantage - a)`` over the model's comparisons. Subtracting `a` keeps
    frequent tags from drowning telling ones; `kappa` comparisons of no advantage are added to
    every tag, so that rare ones speak softly.

    Attributes:
        kappa: Pseudo-comparisons per tag, above 0.
        centered: Whether a tag counts with its weight minus its mean weight over the model's
            comparisons. The mean score over those comparisons is then exactly `a`.
    """

    name: ClassVar[str] = "shrunk"
    kappa: float = 20.0
    centered: bool = False

    def __post_init__(self) -> None:
        """Check the parameters.

        Raises:
            InvalidInputError: If kappa is not a number above 0, or `centered` not true or false.
        """
        check_number("Estimator 'shrunk'", "kappa", self.kappa, minimum=0.0, above=True)
        if not isinstance(self.centered, bool):
            raise InvalidInputError(
                f"Estimator 'shrunk': centered must be true or false, is {self.centered!r}."
            )

    def column(self, evidence: ModelEvidence) -> ScoreColumn:
        """Compute intercept and tag scores from one model's counts."""
        overall = evidence.overall.rounded
        if overall.total == 0:
            return ScoreColumn(0.0, {})
        mean = 2.0 * overall.preference / overall.total - 1.0
        scores: dict[str, float] = {}
        intercept = mean
        for tag, exact in evidence.tags.items():
            counts = exact.rounded
            excess = 2.0 * counts.preference - counts.total * (1.0 + mean)
            scores[tag] = excess / (counts.total + self.kappa)
            if self.centered:
                intercept -= scores[tag] * counts.total / overall.total
        return ScoreColumn(intercept, scores)
