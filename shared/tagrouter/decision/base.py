"""STEP 3, scores -> one model: the contract of every policy, and the pool it decides over."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tagrouter.errors import InvalidInputError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pool:
    """The candidates of a decision.

    Attributes:
        models: Their names.
        reference: Position of the reference model, or None if it is not a candidate.
        prices: A number that grows with the price of each; infinite where unknown.
        tie_order: Positions, the one that wins a tie first: the cheaper, then the name.
    """

    models: tuple[str, ...]
    reference: int | None
    prices: tuple[float, ...]
    tie_order: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Work out the order of ties once."""
        order = sorted(range(len(self.models)), key=lambda i: (self.prices[i], self.models[i]))
        object.__setattr__(self, "tie_order", tuple(order))

    def ranked(self, utilities: Sequence[float]) -> list[str]:
        """Sort the candidates, best first.

        Args:
            utilities: One per candidate; the largest wins.

        Returns:
            Their names.
        """
        order = sorted(self.tie_order, key=utilities.__getitem__, reverse=True)
        return [self.models[i] for i in order]


@dataclass(frozen=True)
class DecisionPolicy(ABC):
    """Weighs model scores against cost. Subclasses are frozen dataclasses of numbers.

    Attributes:
        name: Registry name, written into profiles.
    """

    name: ClassVar[str]

    @abstractmethod
    def utilities(self, scores: Floats, pool: Pool) -> Floats:
        """Turn model scores into what is compared.

        Args:
            scores: Of shape (n_models,).
            pool: The candidates, in the same order.

        Returns:
            Utilities of shape (n_models,): the largest wins, equal ones go to the cheaper model.
        """

    @property
    def parameters(self) -> dict[str, float]:
        """The numbers it was made with, as they stand in a profile."""
        return {entry.name: getattr(self, entry.name) for entry in fields(self)}

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, object]) -> "DecisionPolicy":
        """Build a policy from a profile's parameters.

        Args:
            parameters: By name; missing ones take their default.

        Returns:
            The policy.

        Raises:
            InvalidInputError: If a name or a value is not allowed.
        """
        known = {entry.name for entry in fields(cls)}
        for key in parameters:
            if key not in known:
                raise InvalidInputError(
                    f"Policy {cls.name!r} has no parameter {key!r}; it has: {', '.join(known)}."
                )
        return cls(**parameters)
