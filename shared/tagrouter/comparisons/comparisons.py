"""The importer of our own Comparisons format: JSON lines or CSV, plain or gzipped."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tagrouter.comparisons.base import Importer, Row
from tagrouter.comparisons.paths import named_csv
from tagrouter.comparisons.reading import read_csv, read_json_lines
from tagrouter.errors import DataFileError

_NUMBERS: Final = frozenset({"preference", "cost_usd", "reference_cost_usd"})


class ComparisonsImporter(Importer):
    """Reads ``{"query", "model", "reference_model", "outcome", ...}``, one record a line.

    A file named ``*.csv`` or ``*.csv.gz`` is read as CSV, any other as JSON lines. In CSV an empty
    cell is an absent value, and `query_tags` is a JSON list or names separated by semicolons.
    """

    def rows(self, path: Path) -> Iterator[Row]:
        """Give every line as it stands.

        Args:
            path: The file.

        Yields:
            One row a record.

        Raises:
            DataFileError: If the file or a line of it cannot be read.
        """
        if named_csv(path):
            for place, cells in read_csv(path):
                yield Row(place, _fields_of_cells(cells, place))
        else:
            for place, fields in read_json_lines(path):
                yield Row(place, fields)


def _fields_of_cells(cells: Mapping[str, str], place: str) -> dict[str, object]:
    fields: dict[str, object] = {}
    for name, cell in cells.items():
        if not cell.strip():
            # A blank cell of an unknown column still shows the column, which is then refused.
            fields[name] = None
        elif name in _NUMBERS:
            fields[name] = _number_of_cell(cell, f"{place}: {name!r}")
        elif name == "query_tags":
            fields[name] = _tags_of_cell(cell, place)
        else:
            fields[name] = cell
    return fields


def _number_of_cell(cell: str, place: str) -> float:
    try:
        return float(cell)
    except ValueError as error:
        raise DataFileError(
            f"{place} is {cell[:80]!r}, which is not a number. Write it like 0.25, with a point."
        ) from error


def _tags_of_cell(cell: str, place: str) -> object:
    if not cell.lstrip().startswith("["):
        return [name for name in cell.split(";") if name.strip()]
    try:
        return json.loads(cell)
    except (ValueError, RecursionError) as error:
        raise DataFileError(
            f"{place}: 'query_tags' begins like a JSON list but is none ({error}). "
            "Write names separated by semicolons, or a JSON list."
        ) from error
