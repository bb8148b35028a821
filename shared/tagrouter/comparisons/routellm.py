"""The importer of RouteLLM's evaluation data: MMLU, GSM8K and MT-Bench.

Three layouts, told apart by what is there:

- CSV (MMLU, GSM8K): ``prompt``, a column with True or False for each model, for GSM8K the answers
  in ``<model>_response`` besides; a folder of such files is read in the order of their names;
- JSON lines of MT-Bench judgments, see `tagrouter.comparisons.mt_bench`;
- JSON lines with ``id``, ``query`` and ``score`` or ``rating``, see
  `tagrouter.comparisons.one_form`.
"""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final

from tagrouter.comparisons.base import Skip
from tagrouter.comparisons.members import numbers_of_cells, text_member
from tagrouter.comparisons.mt_bench import read_judgments
from tagrouter.comparisons.one_form import read_one_form
from tagrouter.comparisons.paths import files_in, named_csv
from tagrouter.comparisons.ratings import Rated, RatedImporter
from tagrouter.comparisons.reading import read_csv, read_json_lines
from tagrouter.errors import DataFileError

_ANSWER: Final = "_response"
_REMEDY: Final = (
    "Give RouteLLM's CSV responses, its MT-Bench judgments in JSON lines, or the one-form file."
)


class RouteLLMImporter(RatedImporter):
    """Reads RouteLLM's files for MMLU, GSM8K and MT-Bench, and the one-form files."""

    def __init__(
        self,
        reference_model: str = "gpt-4-1106-preview",
        *,
        tie_band: float = 0.0,
        models: Collection[str] | None = None,
    ) -> None:
        """Choose the reference model.

        Args:
            reference_model: The model that all others are compared with; RouteLLM's strong model
                where not given.
            tie_band: In rating points: 1 is right and 0 wrong, MT-Bench rates from 1 to 10.
            models: The models to compare with it; all where not given.
        """
        super().__init__(reference_model, tie_band=tie_band, models=models)

    def rated(self, path: Path) -> Iterator[Rated | Skip]:
        """Give the ratings of every query.

        Args:
            path: A file in one of the three layouts, or a folder of CSV files.

        Yields:
            The ratings of a query, or a skip for a rating that cannot be used.

        Raises:
            DataFileError: If a file is in none of the layouts.
        """
        for file in files_in(path, "*.csv"):
            if named_csv(file):
                yield from _responses(file)
            elif _holds_judgments(file):
                yield from read_judgments([file])
            else:
                yield from read_one_form(file, _REMEDY)


def _responses(file: Path) -> Iterator[Rated]:
    for place, cells in read_csv(file):
        query = text_member(cells, "prompt", place, _REMEDY)
        models = [
            column
            for column in cells
            if column != "prompt"
            and not (column.endswith(_ANSWER) and column.removesuffix(_ANSWER) in cells)
        ]
        if not models:
            raise DataFileError(f"{place}: no column but 'prompt' holds a model's score. {_REMEDY}")
        scores = numbers_of_cells(cells, {name: name for name in models}, place)
        _check_scores(scores, place)
        yield Rated(place, query, scores)


def _check_scores(scores: Mapping[str, float], place: str) -> None:
    for column, score in scores.items():
        # Row numbers and the like would pass for a model otherwise.
        if not 0.0 <= score <= 1.0:
            raise DataFileError(
                f"{place}: column {column!r} holds {score:g}, not a score from 0 to 1. Remove the "
                "column if it is not a model's."
            )


def _holds_judgments(file: Path) -> bool:
    _, first = next(read_json_lines(file))
    return "question_id" in first
