"""Rated benchmarks in one form, JSON lines: ``id``, ``query``, and a number for each model.

The number is under ``score`` (1 right, 0 wrong, or a share of right attempts) or ``rating``;
further members say more about the query and are passed over.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tagrouter.comparisons.members import numbers_by_model, text_member
from tagrouter.comparisons.ratings import Rated
from tagrouter.comparisons.reading import read_json_lines
from tagrouter.errors import DataFileError, InvalidInputError

_NUMBERS: Final = ("score", "rating")


def read_one_form(path: Path, remedy: str) -> Iterator[Rated]:
    """Read the ratings of every line.

    Args:
        path: The file, plain or gzipped.
        remedy: What else the importer reads, a full sentence for messages.

    Yields:
        One record a line.

    Raises:
        DataFileError: If the file or a line of it cannot be read.
    """
    for place, line in read_json_lines(path):
        query = text_member(line, "query", place, remedy)
        identity = text_member(line, "id", place, remedy)
        named = [name for name in _NUMBERS if name in line]
        if len(named) != 1:
            came = "both 'score' and 'rating'" if named else "neither 'score' nor 'rating'"
            raise DataFileError(f"{place}: the line has {came}; it must have one of them. {remedy}")
        try:
            ratings = numbers_by_model(line[named[0]], named[0])
        except InvalidInputError as error:
            raise DataFileError(f"{place}: {error}") from error
        yield Rated(place, query, ratings, id=identity)
