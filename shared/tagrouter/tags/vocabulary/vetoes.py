"""Vetoes: pairs of tags that a person keeps apart, in a small CSV file."""

import csv
from pathlib import Path
from typing import Final

from tagrouter.errors import DataFileError
from tagrouter.tags.vocabulary.rules import fold

_COLUMNS: Final = ("tag", "canonical")
_REMEDY: Final = "A veto file has the header tag,canonical[,why] and one pair of tags a line."


def read_vetoes(path: Path) -> tuple[tuple[str, str], ...]:
    """Read a veto file.

    Args:
        path: CSV in UTF-8 with the header ``tag,canonical`` or ``tag,canonical,why``.

    Returns:
        The pairs, in file order.

    Raises:
        DataFileError: If the file cannot be read, a line is malformed or a pair comes twice.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            lines = [(i, row) for i, row in enumerate(csv.reader(stream), start=1) if any(row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataFileError(f"{path} cannot be read as CSV: {error}. {_REMEDY}") from error
    header = tuple(lines[0][1]) if lines else ()
    if header not in (_COLUMNS, (*_COLUMNS, "why")):
        raise DataFileError(f"{path} starts with {','.join(header)!r}. {_REMEDY}")
    pairs: dict[frozenset[str], tuple[str, str]] = {}
    for number, row in lines[1:]:
        place = f"{path}:{number}"
        if len(row) != len(header):
            raise DataFileError(f"{place}: {len(row)} cells for {len(header)} columns. {_REMEDY}")
        tag, canonical = fold(row[0]), fold(row[1])
        pair = frozenset((tag, canonical))
        if not tag or not canonical or len(pair) == 1:
            raise DataFileError(f"{place}: two different tags are needed. {_REMEDY}")
        if pair in pairs:
            raise DataFileError(f"{place}: {tag!r} and {canonical!r} come twice. Remove one line.")
        pairs[pair] = (tag, canonical)
    return tuple(pairs.values())
