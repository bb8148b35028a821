"""Ratings: every model's answer has a number, and outcomes follow from them.

What importers of rated answers share stands here, and the importer of our own Ratings format.
"""

from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tagrouter.comparisons.base import NOT_ASKED_FOR, Importer, Row, Skip
from tagrouter.comparisons.members import numbers_by_model
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


@dataclass(frozen=True, slots=True)
class Rated:
    """The ratings of the answers to one query, whichever layout they come from.

    Attributes:
        place: Where they stand (file and line), for messages.
        query: What was answered, not yet checked.
        ratings: A finite number for each model that was rated, higher is better.
        cost_usd: What a model's answer cost, where it is known.
        id: What makes the query unique, where its text does not.
    """

    place: str
    query: object
    ratings: Mapping[str, float]
    cost_usd: Mapping[str, float] = field(default_factory=dict)
    id: str | None = None


class RatedImporter(Importer):
    """Compares rated answers with the reference model's; a format says where the ratings are."""

    def __init__(
        self,
        reference_model: str,
        *,
        tie_band: float = 0.0,
        models: Collection[str] | None = None,
    ) -> None:
        """Choose the reference model.

        Args:
            reference_model: The model that all others are compared with.
            tie_band: In rating points. Ratings less than this far apart are ties; equal ones
                always.
            models: The models to compare with it; all where not given.
        """
        self.reference_model = reference_model
        self.tie_band = tie_band
        self.models = models

    @abstractmethod
    def rated(self, path: Path) -> Iterator[Rated | Skip]:
        """Find the ratings of every query.

        Args:
            path: What the user gave.

        Yields:
            The ratings of a query, or a skip for a rating that cannot be used.

        Raises:
            DataFileError: If the file is not in this format.
        """

    def rows(self, path: Path) -> Iterator[Row | Skip]:
        """Compare the ratings of every query.

        Args:
            path: What the user gave.

        Yields:
            A row for each model compared, a skip for each rating without use.

        Raises:
            DataFileError: If the file is not in this format.
            InvalidInputError: If the tie band is below 0, or a model asked for is never rated.
        """
        if not self.tie_band >= 0.0:  # false for NaN as well
            raise InvalidInputError(
                f"tie_band is {self.tie_band!r}; it is in rating points and at least 0."
            )
        known: set[str] = set()
        for found in self.rated(path):
            if isinstance(found, Skip):
                yield found
            else:
                known.update(found.ratings)
                yield from self._judgments(found)
        for kind, names in (
            ("reference model", {self.reference_model}),
            ("model", set(self.models or ())),
        ):
            for name in sorted(names - known):
                raise UnknownNameError.of(kind, name, known, f"Nothing in {path} rates it.")

    def _judgments(self, found: Rated) -> Iterator[Row | Skip]:
        reference = self.reference_model
        rated = reference in found.ratings
        outcomes = outcomes_of_ratings(found.ratings, reference, self.tie_band) if rated else {}
        others = [model for model in found.ratings if model != reference]
        if not others:
            yield Skip(ONLY_REFERENCE_RATED if rated else REFERENCE_NOT_RATED)
        for model in others:
            if self.models is not None and model not in self.models:
                yield Skip(NOT_ASKED_FOR)
            elif not rated:
                yield Skip(REFERENCE_NOT_RATED)
            else:
                yield Row(found.place, self._fields(found, model, outcomes[model]))

    def _fields(self, found: Rated, model: str, outcome: Outcome) -> dict[str, object]:
        reference = self.reference_model
        return {
            # With the reference model in it, ids of two imports of one file do not clash.
            "id": None if found.id is None else f"{found.id}/{model}/{reference}",
            "query": found.query,
            "model": model,
            "reference_model": reference,
            "outcome": outcome,
            "cost_usd": found.cost_usd.get(model),
            "reference_cost_usd": found.cost_usd.get(reference),
        }


class RatingsImporter(RatedImporter):
    """Reads ``{"query": ..., "ratings": {model: number}}`` with optional ``cost_usd``, JSON lines.

    A model that is absent from a line, or null, was not rated on its query.
    """

    def rated(self, path: Path) -> Iterator[Rated]:
        """Give the ratings of every line.

        Args:
            path: The file, plain or gzipped.

        Yields:
            One record a line.

        Raises:
            DataFileError: If the file or a line of it cannot be read.
        """
        for place, line in read_json_lines(path):
            yield _checked(line, place)


def _checked(line: Mapping[str, object], place: str) -> Rated:
    try:
        for key in line:
            if key not in _KEYS:
                raise UnknownNameError.of("field", key, _KEYS, "Rename or remove it.")
        costs = line.get("cost_usd")
        return Rated(
            place,
            line.get("query"),
            numbers_by_model(line.get("ratings"), "ratings"),
            {} if costs is None else numbers_by_model(costs, "cost_usd"),
        )
    except InvalidInputError as error:
        raise DataFileError(f"{place}: {error}") from error
