"""The record between step 2 and step 3: what each tag of one query adds to each model."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from tagrouter.evidence import Evidence
from tagrouter.records import OutcomeCounts, QueryTag

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TagScores:
    """Contributions of a query's known tags.

    Attributes:
        models: Names of the columns.
        tags: The tags that have scores, after alignment, strongest first.
        intercepts: Part of each model's score that no tag has a say in, of shape (n_models,).
        contributions: Weight times tag score, of shape (n_tags, n_models); higher is better.
        evidence: The counts behind them.
    """

    models: tuple[str, ...]
    tags: tuple[QueryTag, ...]
    intercepts: Floats
    contributions: Floats
    evidence: Evidence = field(repr=False)

    def of(self, tag: str) -> dict[str, float]:
        """Look up what one tag contributes.

        Args:
            tag: Its name, or the unseen name it was aligned from.

        Returns:
            Contribution by model; empty if the tag is not among the known ones.
        """
        for row, known in enumerate(self.tags):
            if tag in (known.name, known.aligned_from):
                values: list[float] = self.contributions[row].tolist()
                return dict(zip(self.models, values, strict=True))
        return {}

    def counts(self, tag: str) -> Mapping[str, OutcomeCounts]:
        """Look up the weighted wins, ties and losses behind a tag's scores, by model."""
        models = self.evidence.models
        return {
            model: models[model].tags[tag].rounded
            for model in self.models
            if model in models and tag in models[model].tags
        }
