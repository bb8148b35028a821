"""The importer of ratings: every model's answer has a number, and outcomes follow from them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tagrouter.comparisons.base import Importer, Row, Skip
from tagrouter.comparisons.fields import number
from tagrouter.comparisons.reading import read_json_lines
from tagrouter.errors import DataFileError, InvalidInputError, UnknownNameError
from tagrouter.records import Outcome

REFERENCE_NOT_RATED: Final = "the reference model has no rating on this query"
"""Why a judgment is skipped whose other side is missing."""

ONLY_REFERENCE_RATED: Final = "only the reference model has a rating on this query"
"""Why a line is skipped that compares nothing."""

_KEYS: Final = ("query", "ratings", "cost_usd")
_DECIMALS: Final = 9


def outcomes_of_ratings(
    ratings: Mapping[str, float], reference_model: str, tie_band: float = 0.0
) -> dict[str, Outcome]:
    """Compare every model's rating with the reference model's.

    Args:
        ratings: A finite number for each model, higher is better.
        reference_model: The model that the others are compared with; must be rated.
        tie_band: In rating points. Ratings less than this far apart are ties; equal ones always.

    Returns:
        An outcome for every other model, in the order of `ratings`.

    Raises:
        UnknownNameError: If the reference model has no rating.
    """
    if reference_model not in ratings:
        raise UnknownNameError.of(
            "reference model", reference_model, ratings, "Name a model that has a rating."
        )
    reference = ratings[reference_model]
    return {
        model: _outcome(rating - reference, tie_band)
        for model, rating in ratings.items()
        if model != reference_model
    }


def _outcome(difference: float, tie_band: float) -> Outcome:
    # 0.8 - 0.6 is not 0.2 in binary; nine decimals keep the edge of the band where it was put.
    distance = round(abs(difference), _DECIMALS)
    if distance == 0.0 or distance < tie_band:
        return Outcome.TIE
    return Outcome.WIN if difference > 0.0 else Outcome.LOSS


class RatingsImporter(Importer):
    """Reads ``{"query": ..., "ratings": {model: number}}`` with optional ``cost_usd``, JSON lines.

    A model that is absent from a line, or null, was not rated on its query.
    """

    def __init__(self, reference_model: str, *, tie_band: float = 0.0) -> None:
        """Choose the reference model.

        Args:
            reference_model: The model that all others are compared with.
            tie_band: In rating points. Ratings less than this far apart are ties; equal ones
                always.
        """
        self.reference_model = reference_model
        self.tie_band = tie_band

    def rows(self, path: Path) -> Iterator[Row | Skip]:
        """Compare the ratings of every line.

        Args:
            path: The file, plain or gzipped.

        Yields:
            A row for each model compared, a skip where the reference model has no rating.

        Raises:
            DataFileError: If the file or a line of it cannot be read.
            InvalidInputError: If the tie band is below 0, or no line rates the reference model.
        """
        if not self.tie_band >= 0.0:  # false for NaN as well
            raise InvalidInputError(
                f"tie_band is {self.tie_band!r}; it is in rating points and at least 0."
            )
        rated: set[str] = set()
        for place, line in read_json_lines(path):
            ratings, costs = _checked(line, place)
            rated.update(ratings)
            yield from self._judgments(place, line.get("query"), ratings, costs)
        if self.reference_model not in rated:
            raise UnknownNameError.of(
                "reference model", self.reference_model, rated, f"No line of {path} rates it."
            )

    def _judgments(
        self, place: str, query: object, ratings: dict[str, float], costs: dict[str, float]
    ) -> Iterator[Row | Skip]:
        if self.reference_model not in ratings:
            yield from [Skip(REFERENCE_NOT_RATED)] * max(1, len(ratings))
            return
        outcomes = outcomes_of_ratings(ratings, self.reference_model, self.tie_band)
        if not outcomes:
            yield Skip(ONLY_REFERENCE_RATED)
        for model, outcome in outcomes.items():
            fields = {
                "query": query,
                "model": model,
                "reference_model": self.reference_model,
                "outcome": outcome,
                "cost_usd": costs.get(model),
                "reference_cost_usd": costs.get(self.reference_model),
            }
            yield Row(place, fields)


def _checked(line: Mapping[str, object], place: str) -> tuple[dict[str, float], dict[str, float]]:
    """Give the ratings and the costs of a line; null means absent."""
    try:
        for key in line:
            if key not in _KEYS:
                raise UnknownNameError.of("field", key, _KEYS, "Rename or remove it.")
        costs = line.get("cost_usd")
        return (
            _numbers(line.get("ratings"), "ratings"),
            {} if costs is None else _numbers(costs, "cost_usd"),
        )
    except InvalidInputError as error:
        raise DataFileError(f"{place}: {error}") from error


def _numbers(value: object, name: str) -> dict[str, float]:
    if not isinstance(value, dict):
        raise InvalidInputError(
            f"'{name}' is missing or not an object; it must be like "
            '{"gpt-4o": 8, "gpt-4o-mini": 7}.'
        )
    return {
        model: number(entry, f"'{name}' of {model!r}")
        for model, entry in value.items()
        if entry is not None
    }
