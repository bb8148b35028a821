"""The records that travel from step to step: frozen, self-checking, plain data.

``query -> QueryTags -> TagScores -> Decision``; a `Comparison` is what evidence is made of.
"""

import enum
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeGuard

from tagrouter.errors import InvalidInputError

TIE_BAND: Final = 0.15
"""Half the width of the band around a preference of 0.5 that counts as a tie."""

WEIGHT_DECIMALS: Final = 4
"""Tag weights and preferences are kept to this many decimals, so that sums of them are exact."""


def is_number(value: object) -> TypeGuard[float]:
    """Tell whether a value is a finite number that a float can hold.

    Args:
        value: Anything; booleans are no numbers here.

    Returns:
        Whether it is one.
    """
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and abs(value) <= sys.float_info.max  # type: ignore[arg-type]


class Outcome(enum.StrEnum):
    """How a judge saw the answer of `model` next to the reference model's."""

    WIN = "win"
    TIE = "tie"
    LOSS = "loss"

    @property
    def preference(self) -> float:
        """The preference that stands for this outcome: 1, 0.5 or 0."""
        return {Outcome.WIN: 1.0, Outcome.TIE: 0.5, Outcome.LOSS: 0.0}[self]

    @classmethod
    def of_preference(cls, preference: float, tie_band: float = TIE_BAND) -> "Outcome":
        """Read an outcome off a graded preference.

        Args:
            preference: Probability, 0 to 1, that the model's answer is preferred.
            tie_band: Preferences less than this far from 0.5 are ties.

        Returns:
            The outcome, seen from the model.
        """
        if abs(preference - 0.5) < tie_band:
            return cls.TIE
        return cls.WIN if preference > 0.5 else cls.LOSS


@dataclass(frozen=True, slots=True)
class QueryTag:
    """One tag of one query.

    Attributes:
        name: Normalized: lower-case, 1 to 5 words.
        weight: In (0, 1]; the generator's probability, or 1.0 where it gives none.
        aligned_from: The generator's tag, where it was unknown and `name` is its nearest known one.
        similarity: Cosine similarity of the two, where the tag was aligned.
    """

    name: str
    weight: float = 1.0
    aligned_from: str | None = None
    similarity: float | None = None

    def __post_init__(self) -> None:
        """Check name and weight.

        Raises:
            InvalidInputError: If the name is empty or the weight is not in (0, 1].
        """
        if not isinstance(self.name, str) or not self.name:
            raise InvalidInputError(
                f"A query tag has the name {self.name!r}. Give it one, or leave the tag out."
            )
        # The second test is false for NaN as well.
        if not isinstance(self.weight, float | int) or not 0.0 < self.weight <= 1.0:
            raise InvalidInputError(
                f"Tag {self.name!r} has weight {self.weight!r}; a weight is above 0 and at most 1. "
                "Leave the tag out if it does not apply."
            )


@dataclass(frozen=True, slots=True)
class QueryTags:
    """The tags of one query, as a generator gives them.

    Attributes:
        tags: All tags above the generator's weight floor, strongest first. Decisions use these.
        reported: Those above its reporting threshold: what a person is shown and F1 is measured on.
    """

    tags: tuple[QueryTag, ...] = ()
    reported: tuple[QueryTag, ...] = ()

    @classmethod
    def of_names(cls, names: Iterable[str]) -> "QueryTags":
        """Build tags of weight 1, all reported, in the order given; a repeated name counts once.

        Args:
            names: Normalized names.

        Returns:
            The tags.

        Raises:
            InvalidInputError: If one str came instead of several, or a name is empty.
        """
        if isinstance(names, str):
            raise InvalidInputError(f"Tag names come in a list: [{names!r}], not {names!r}.")
        tags = tuple(QueryTag(name) for name in dict.fromkeys(names))
        return cls(tags, tags)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One judged record: the answers of a model and of the reference model to one query.

    Attributes:
        query: The text that both answered.
        model: The model that is judged.
        reference_model: The model it is compared with.
        preference: Probability, 0 to 1, that the model's answer is preferred; four decimals.
        outcome: Win, tie or loss, seen from `model`.
        query_tags: Tags given with the record, if any.
        id: What makes the record unique; derived from query and models where not given.
        cost_usd: What the model's answer cost, if known.
        reference_cost_usd: What the reference model's answer cost, if known.
    """

    query: str
    model: str
    reference_model: str
    preference: float
    outcome: Outcome
    query_tags: QueryTags | None = None
    id: str | None = None
    cost_usd: float | None = None
    reference_cost_usd: float | None = None

    def __post_init__(self) -> None:
        """Check names and numbers.

        Raises:
            InvalidInputError: If the record cannot be counted.
        """
        if not self.model or not self.reference_model or self.model == self.reference_model:
            raise InvalidInputError(
                f"A comparison needs two different models; it has model {self.model!r} and "
                f"reference model {self.reference_model!r}."
            )
        if not is_number(self.preference) or not 0.0 <= self.preference <= 1.0:
            raise InvalidInputError(
                f"Preference {self.preference!r} of model {self.model!r} is not between 0 and 1. "
                "It is the probability that the model's answer is preferred."
            )
        if self.outcome not in tuple(Outcome):
            raise InvalidInputError(f"Outcome {self.outcome!r} is not one of win, tie, loss.")
        for name, cost in (
            ("cost_usd", self.cost_usd),
            ("reference_cost_usd", self.reference_cost_usd),
        ):
            if cost is not None and not (is_number(cost) and cost >= 0.0):
                raise InvalidInputError(f"{name} is {cost!r}; a cost is a number of at least 0.")

    @property
    def advantage(self) -> float:
        """How far the model is ahead of the reference: ``2 * preference - 1``, in [-1, 1]."""
        return 2.0 * self.preference - 1.0


def comparison(
    query: str,
    model: str,
    reference_model: str,
    *,
    outcome: Outcome | str | None = None,
    preference: float | None = None,
    tie_band: float = TIE_BAND,
    query_tags: QueryTags | None = None,
    id: str | None = None,
    cost_usd: float | None = None,
    reference_cost_usd: float | None = None,
) -> Comparison:
    """Build a comparison from an outcome, or from a preference, which takes precedence.

    Args:
        query: The text that both models answered.
        model: The model that is judged.
        reference_model: The model it is compared with.
        outcome: "win", "tie" or "loss", seen from `model`.
        preference: Probability, 0 to 1, that the model's answer is preferred.
        tie_band: Preferences less than this far from 0.5 are ties.
        query_tags: Tags given with the record.
        id: What makes the record unique.
        cost_usd: What the model's answer cost.
        reference_cost_usd: What the reference model's answer cost.

    Returns:
        The record.

    Raises:
        InvalidInputError: If neither outcome nor preference is given, or a value is not allowed.
    """
    if preference is None:
        if outcome is None:
            raise InvalidInputError(
                "A comparison has neither 'outcome' nor 'preference'. Give 'outcome' as win, tie "
                "or loss, or 'preference' as a number from 0 to 1."
            )
        try:
            seen = Outcome(outcome)
        except ValueError as error:
            raise InvalidInputError(f"Outcome {outcome!r} is not one of win, tie, loss.") from error
        value = seen.preference
    else:
        if not is_number(preference) or not 0.0 <= preference <= 1.0:
            raise InvalidInputError(f"Preference {preference!r} is not a number between 0 and 1.")
        value = round(float(preference), WEIGHT_DECIMALS)
        seen = Outcome.of_preference(value, tie_band)
    return Comparison(
        query, model, reference_model, value, seen, query_tags, id, cost_usd, reference_cost_usd
    )


@dataclass(frozen=True, slots=True)
class OutcomeCounts:
    """Weighted wins, ties and losses of one model on one tag.

    Attributes:
        wins: Sum of the tag's weight over the model's wins.
        ties: The same over its ties.
        losses: The same over its losses.
        preference: Sum of weight times preference.
    """

    wins: float = 0.0
    ties: float = 0.0
    losses: float = 0.0
    preference: float = 0.0

    @property
    def total(self) -> float:
        """Sum of the three counts."""
        return self.wins + self.ties + self.losses
