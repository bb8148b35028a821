"""Evidence: wins, ties and losses per tag and model, as exact sums. Pure.

Weights and preferences have four decimals (`records.WEIGHT_DECIMALS`), so their sums are integers
of a small unit. Integer sums do not depend on the order of the summands: evidence that is fitted
at once, in parts, or merged from two teams is the same to the last digit.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Self

from tagrouter.records import WEIGHT_DECIMALS, OutcomeCounts

UNIT: Final = 10**WEIGHT_DECIMALS


@dataclass(frozen=True, slots=True)
class ExactCounts:
    """Outcome counts as integers.

    Attributes:
        wins: In units of 1e-4.
        ties: In units of 1e-4.
        losses: In units of 1e-4.
        preference: In units of 1e-8.
    """

    wins: int = 0
    ties: int = 0
    losses: int = 0
    preference: int = 0

    def __add__(self, other: "ExactCounts") -> "ExactCounts":
        """Add two counts."""
        return ExactCounts(
            self.wins + other.wins,
            self.ties + other.ties,
            self.losses + other.losses,
            self.preference + other.preference,
        )

    @property
    def rounded(self) -> OutcomeCounts:
        """The counts as floats."""
        square = UNIT * UNIT
        return OutcomeCounts(
            self.wins / UNIT, self.ties / UNIT, self.losses / UNIT, self.preference / square
        )


@dataclass(frozen=True)
class ModelEvidence:
    """Everything that is known of one model.

    Attributes:
        overall: Counts over its comparisons, each once.
        tags: Weighted counts by tag, in name order.
    """

    overall: ExactCounts
    tags: Mapping[str, ExactCounts]

    def __add__(self, other: "ModelEvidence") -> "ModelEvidence":
        """Add the counts of other comparisons of the same model."""
        names = sorted({*self.tags, *other.tags})
        none = ExactCounts()
        merged = {name: self.tags.get(name, none) + other.tags.get(name, none) for name in names}
        return ModelEvidence(self.overall + other.overall, merged)


@dataclass(frozen=True)
class Evidence:
    """What is known of all models.

    Attributes:
        models: Evidence by model, in name order. The reference model has none: it is the yardstick.
    """

    models: Mapping[str, ModelEvidence] = field(default_factory=dict)

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """All tags with counts for any model, in name order."""
        return tuple(sorted({tag for model in self.models.values() for tag in model.tags}))

    def __add__(self, other: "Evidence") -> "Evidence":
        """Add the counts of other comparisons with the same reference model."""
        merged = dict(self.models)
        for name, evidence in other.models.items():
            merged[name] = merged[name] + evidence if name in merged else evidence
        return Evidence(dict(sorted(merged.items())))

    def only(self, models: Iterable[str]) -> Self:
        """Keep the evidence of some models."""
        wanted = set(models)
        return type(self)({name: e for name, e in self.models.items() if name in wanted})
