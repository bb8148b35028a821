"""STEP 2, tags -> a score per tag and model: the contract of every estimator."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tagrouter.errors import InvalidInputError
from tagrouter.evidence import ModelEvidence
from tagrouter.parameters import Parametrized
from tagrouter.records import QueryTags, is_number

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ScoreColumn:
    """The scores of one model; a query's model score is linear in its tags' weights.

    Attributes:
        intercept: Part of the model score that no tag has a say in.
        tag_scores: Score per unit of weight, by tag.
    """

    intercept: float
    tag_scores: Mapping[str, float]


@dataclass(frozen=True)
class TagEstimator(Parametrized, ABC):
    """Learns a model's scores from its evidence. Subclasses are frozen dataclasses of numbers.

    A column sees one model's evidence and nothing else, so adding, updating or dropping a model
    changes no other column.

    Attributes:
        kind: What it is, in words.
        soft: Whether every tag counts with its weight; otherwise reported tags count with 1.
    """

    kind: ClassVar[str] = "estimator"
    soft: ClassVar[bool] = True

    @abstractmethod
    def column(self, evidence: ModelEvidence) -> ScoreColumn:
        """Compute the scores of one model.

        Args:
            evidence: The model's counts.

        Returns:
            Its intercept and tag scores; higher is better, the reference model's are 0.
        """

    def reference_column(self, evidence: Sequence[ModelEvidence]) -> ScoreColumn:
        """Compute the reference model's scores: zero, unless an estimator says otherwise.

        Args:
            evidence: The counts of the models it was compared with.

        Returns:
            The column of the reference model.
        """
        return ScoreColumn(0.0, {})

    def tag_weights(self, tags: QueryTags) -> list[tuple[str, float]]:
        """Say which tags count, and how much; the same in fitting and in scoring.

        Args:
            tags: The tags of one query.

        Returns:
            Tag names with weights.
        """
        if self.soft:
            return [(tag.name, tag.weight) for tag in tags.tags]
        return [(tag.name, 1.0) for tag in tags.reported]


def check_number(
    owner: str, name: str, value: object, *, minimum: float | None = None, above: bool = False
) -> None:
    """Refuse a parameter that is not a finite number in its range.

    Args:
        owner: Whose parameter it is.
        name: Its name.
        value: What came.
        minimum: Smallest value allowed.
        above: Whether `minimum` itself is refused.

    Raises:
        InvalidInputError: If the value is not allowed.
    """
    if is_number(value) and (
        minimum is None or value > minimum or (value == minimum and not above)
    ):
        return
    bound = "" if minimum is None else f" {'above' if above else 'of at least'} {minimum:g}"
    raise InvalidInputError(f"{owner}: {name} must be a finite number{bound}, is {value!r}.")
