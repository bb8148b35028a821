"""Single values of foreign records, checked: members of JSON objects, cells of CSV rows. Pure.

Each error names the place, what came and what is read there.
"""

from collections.abc import Iterable, Mapping

from tagrouter.comparisons.fields import number
from tagrouter.errors import DataFileError, InvalidInputError


def member(record: Mapping[str, object], key: str, place: str, remedy: str) -> object:
    """Look a value up that the format promises.

    Args:
        record: What was read.
        key: The member or column.
        place: Where it stands, for the message.
        remedy: What to give instead, a full sentence.

    Returns:
        The value, of any kind.

    Raises:
        DataFileError: If there is no such member.
    """
    if key not in record:
        raise DataFileError(
            f"{place}: {key!r} is missing; the record has {', '.join(record) or 'nothing'}. "
            f"{remedy}"
        )
    return record[key]


def text_member(record: Mapping[str, object], key: str, place: str, remedy: str) -> str:
    """Look a text up that the format promises.

    Args:
        record: What was read.
        key: The member or column.
        place: Where it stands, for the message.
        remedy: What to give instead where it is missing, a full sentence.

    Returns:
        The text, as it stands.

    Raises:
        DataFileError: If it is missing, blank or not a text.
    """
    value = member(record, key, place, remedy)
    if not isinstance(value, str) or not value.strip():
        raise DataFileError(f"{place}: {key!r} is blank or not a text. Mend or remove the record.")
    return value


def numbers_by_model(value: object, name: str) -> dict[str, float]:
    """Check an object that has a number for each model; null means absent.

    Args:
        value: What was read.
        name: What to call it in the message.

    Returns:
        The numbers that are there.

    Raises:
        InvalidInputError: If it is no object, or holds something that is no number.
    """
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


def numbers_of_cells(
    cells: Mapping[str, str], columns: Mapping[str, str], place: str
) -> dict[str, float]:
    """Read a number for each model from the cells of a CSV row; an empty cell means absent.

    Args:
        cells: The row, by column.
        columns: The column of each model; one that the row lacks means absent as well.
        place: Where the row stands, for the message.

    Returns:
        The numbers that are there, by model; True counts 1 and False 0.

    Raises:
        DataFileError: If a cell holds something else.
    """
    return {
        model: _number_of_cell(cells[column], f"{place}: column {column!r}")
        for model, column in columns.items()
        if cells.get(column, "").strip()
    }


def _number_of_cell(cell: str, place: str) -> float:
    written = cell.strip().lower()
    if written in {"true", "false"}:
        return float(written == "true")
    try:
        return number(float(written), place)
    except (ValueError, InvalidInputError) as error:
        raise DataFileError(
            f"{place} is {cell[:80]!r}; it must be a finite number, True or False."
        ) from error


def query_of_turns(turns: Iterable[str]) -> str:
    """Make one query of what a user wrote in several turns, since routing knows one text.

    Args:
        turns: The user's turns, first one first.

    Returns:
        The turns, each on lines of its own.
    """
    return "\n".join(turns)
