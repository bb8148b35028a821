"""The policy of the paper: one threshold, theta (TagDecider)."""

from dataclasses import dataclass
from typing import ClassVar

from tagrouter.decision.base import DecisionPolicy, Floats, Pool
from tagrouter.errors import InvalidInputError
from tagrouter.records import is_number


@dataclass(frozen=True)
class ThetaPolicy(DecisionPolicy):
    """Subtracts theta from every score but the reference model's.

    With two models, the small one is taken if and only if its score is at least theta: raising
    theta sends more queries to the reference, lowering it saves money. A pool without the
    reference ignores theta.

    Attributes:
        theta: The threshold, in units of score.
    """

    name: ClassVar[str] = "theta"
    theta: float = 0.0

    def __post_init__(self) -> None:
        """Check theta.

        Raises:
            InvalidInputError: If it is not a finite number.
        """
        if not is_number(self.theta):
            raise InvalidInputError(
                f"theta must be a finite number, is {self.theta!r}. 0 compares scores as they are; "
                "to force a model, pass model=NAME."
            )

    def utilities(self, scores: Floats, pool: Pool) -> Floats:
        """Subtract theta from all scores but the reference model's."""
        if pool.reference is None or self.theta == 0.0:
            return scores
        adjusted: Floats = scores - self.theta
        adjusted[pool.reference] = scores[pool.reference]
        return adjusted
