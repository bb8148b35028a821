"""The importer of RouterDC: items with a score for each model.

Two layouts, told apart by what is there:

- RouterDC's ``*.json``: a list of ``{"question": ..., "scores": {model: number}}``; a folder of
  such files is read in the order of their names;
- JSON lines with ``id``, ``query`` and ``score``, see `tagrouter.comparisons.one_form`.

A score is 1 for a right answer and 0 for a wrong one, or the share of right attempts among
several: the tie band is in such shares, 0.15 makes six and seven right of ten attempts a tie.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tagrouter.comparisons.members import member, numbers_by_model, text_member
from tagrouter.comparisons.one_form import read_one_form
from tagrouter.comparisons.paths import files_in
from tagrouter.comparisons.ratings import Rated, RatedImporter
from tagrouter.comparisons.reading import first_character, read_json_list
from tagrouter.errors import DataFileError, InvalidInputError

_REMEDY: Final = "Give a JSON file of RouterDC as it is published, or the one-form file."


class RouterDCImporter(RatedImporter):
    """Reads RouterDC's items, in its own layout and in one form."""

    def rated(self, path: Path) -> Iterator[Rated]:
        """Give the scores of every item.

        Args:
            path: A file of RouterDC, a folder of them, or a one-form file.

        Yields:
            One record an item.

        Raises:
            DataFileError: If a file is in neither layout.
        """
        for file in files_in(path, "*.json"):
            if first_character(file) == "[":
                yield from _published(file)
            else:
                yield from read_one_form(file, _REMEDY)


def _published(file: Path) -> Iterator[Rated]:
    for place, item in read_json_list(file):
        query = text_member(item, "question", place, _REMEDY)
        scores = member(item, "scores", place, _REMEDY)
        try:
            yield Rated(place, query, numbers_by_model(scores, "scores"))
        except InvalidInputError as error:
            raise DataFileError(f"{place}: {error}") from error
