"""STEP 3, scores -> one model: the contract of every policy, and the pool it decides over."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tagrouter.parameters import Parametrized

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
class DecisionPolicy(Parametrized, ABC):
    """Weighs model scores against cost. Subclasses are frozen dataclasses of numbers.

    Attributes:
        kind: What it is, in words.
    """

    kind: ClassVar[str] = "policy"

    @abstractmethod
    def utilities(self, scores: Floats, pool: Pool) -> Floats:
        """Turn model scores into what is compared.

        Args:
            scores: Of shape (n_models,).
            pool: The candidates, in the same order.

        Returns:
            Utilities of shape (n_models,): the largest wins, equal ones go to the cheaper model.
        """
