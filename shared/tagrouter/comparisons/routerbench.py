"""The importer of RouterBench's table, written as CSV.

A row is an item: its ``prompt``, a column with a score from 0 to 1 for each model, and columns
``<model>|model_response`` and ``<model>|total_cost`` (USD). RouterBench publishes its tables as
pickles, which are refused: opening one can run any code.
"""

import ast
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from tagrouter.comparisons.members import (
    member,
    numbers_of_cells,
    query_of_turns,
    text_member,
)
from tagrouter.comparisons.ratings import Rated, RatedImporter
from tagrouter.comparisons.reading import read_csv
from tagrouter.errors import DataFileError

_COST: Final = "|total_cost"
_COMPANIONS: Final = (_COST, "|model_response")
_REMEDY: Final = (
    "Give RouterBench's table as CSV: 'prompt', a score column '<model>' for each model, and "
    "'<model>|total_cost' or '<model>|model_response' beside it."
)


class RouterBenchImporter(RatedImporter):
    """Reads RouterBench's CSV, costs included.

    A prompt is a list of texts written out as Python does it; its texts become one query. The same
    prompt under two sample ids counts once.
    """

    def rated(self, path: Path) -> Iterator[Rated]:
        """Give scores and costs of every row.

        Args:
            path: The CSV file, plain or gzipped.

        Yields:
            One record a row.

        Raises:
            DataFileError: If the file is a pickle, or not such a table.
        """
        for place, cells in read_csv(path, numbered=True):
            models = _models(cells, place)
            yield Rated(
                place,
                _query(text_member(cells, "prompt", place, _REMEDY)),
                numbers_of_cells(cells, {model: model for model in models}, place),
                numbers_of_cells(cells, {model: f"{model}{_COST}" for model in models}, place),
            )


def _models(columns: Iterable[str], place: str) -> list[str]:
    names = dict.fromkeys(
        column.removesuffix(companion)
        for column in columns
        for companion in _COMPANIONS
        if column.endswith(companion)
    )
    if not names:
        raise DataFileError(f"{place}: no column is named like 'gpt-4|total_cost'. {_REMEDY}")
    record = dict.fromkeys(columns)
    for name in names:
        member(record, name, place, _REMEDY)
    return list(names)


def _query(prompt: str) -> str:
    """Join the texts of a list that is written out; any other prompt stands for itself."""
    if not prompt.lstrip().startswith("["):
        return prompt
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # an odd escape shows that Python did not write it
            turns = ast.literal_eval(prompt.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return prompt
    if not isinstance(turns, list) or not all(isinstance(turn, str) for turn in turns):
        return prompt
    return query_of_turns(turns)
