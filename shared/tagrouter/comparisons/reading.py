"""JSON lines, JSON lists and CSV, plain or gzipped: records out, each with its place in the file.

Whatever is wrong with a file (missing, empty, cut off, binary, not what its name says) comes out
as a `DataFileError` that names file, line and remedy. Whether a file is gzipped is read off its
first bytes, so a wrong suffix does no harm.
"""

import csv
import gzip
import itertools
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, Final, NoReturn, cast

from tagrouter.errors import DataFileError

MAX_LINE_BYTES: Final = 16 * 2**20
"""No line of a text file is longer; one that is shows that the file is something else."""

MAX_DOCUMENT_BYTES: Final = 512 * 2**20
"""No JSON list is longer, unpacked: it is held in memory as a whole."""

_GZIP_MAGIC: Final = b"\x1f\x8b"
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_PICKLE_START: Final = b"\x80"
_PICKLE_NAMES: Final = frozenset({".pkl", ".pickle"})


def read_json_lines(path: Path) -> Iterator[tuple[str, dict[str, object]]]:
    """Read a file with one JSON object a line; blank lines are passed over.

    Args:
        path: The file, plain or gzipped, in UTF-8.

    Yields:
        The place (``file:line``) and the object of every line.

    Raises:
        DataFileError: If the file cannot be read, holds no object, or a line is not one.
    """
    empty = True
    with _opened(path) as stream:
        for number, line in _lines(stream, path):
            if line.strip():
                empty = False
                place = f"{path}:{number}"
                yield place, _as_object(_parse(line, place), place)
    if empty:
        _refuse_empty(path)


def read_json_list(path: Path) -> Iterator[tuple[str, dict[str, object]]]:
    """Read a file that is one JSON list of objects.

    Args:
        path: The file, plain or gzipped, in UTF-8.

    Yields:
        The place (file and position, counted from 1) and the object of every item.

    Raises:
        DataFileError: If the file cannot be read or is not a list of at least one object.
    """
    with _opened(path) as stream:
        content = stream.read(MAX_DOCUMENT_BYTES + 1)
    if len(content) > MAX_DOCUMENT_BYTES:
        raise DataFileError(
            f"{path} unpacks to more than {MAX_DOCUMENT_BYTES // 2**20} MiB, too much for one "
            "JSON list. Split it, or write it as JSON lines."
        )
    if not content.strip():
        _refuse_empty(path)
    items = _parse(_decode(content, str(path), first=True), str(path))
    if not isinstance(items, list):
        raise DataFileError(
            f"{path}: a JSON {_kind(items)} came where a list of records is read. "
            "Give the file as its source publishes it."
        )
    if not items:
        _refuse_empty(path)
    for position, item in enumerate(items, start=1):
        place = f"{path}: item {position}"
        yield place, _as_object(item, place)


def read_csv(path: Path, *, numbered: bool = False) -> Iterator[tuple[str, dict[str, str]]]:
    """Read comma-separated values whose first row names the columns.

    Args:
        path: The file, plain or gzipped, in UTF-8.
        numbered: Whether the first column may go without a name: pandas writes row numbers there.

    Yields:
        The place (``file:line`` where the row begins) and the cells of every row by column.

    Raises:
        DataFileError: If the file cannot be read, has no rows, or a row does not fit the columns.
    """
    empty = True
    with _opened(path) as stream:
        rows = _csv_rows(stream, path)
        place, header = next(rows, (str(path), []))
        _check_header(header, place, numbered=numbered)
        for place, cells in rows:
            if len(cells) != len(header):
                raise DataFileError(
                    f"{place}: {len(cells)} cells, but the first row names {len(header)} columns. "
                    'Put texts with commas, quotes or line breaks in double quotes ("" for a quote '
                    "inside)."
                )
            empty = False
            yield place, dict(zip(header, cells, strict=True))
    if empty:
        _refuse_empty(path)


def first_character(path: Path) -> str:
    """Look at the first character that is not blank: it tells a JSON list from JSON lines.

    Args:
        path: The file, plain or gzipped.

    Returns:
        One character.

    Raises:
        DataFileError: If the file cannot be read, is empty or not text.
    """
    with _opened(path) as stream:
        for _, line in _lines(stream, path):
            if line.strip():
                return line.strip()[0]
    _refuse_empty(path)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file, unpack it if it is gzipped, and put whatever fails into a DataFileError."""
    try:
        with _binary(path) as stream:
            _refuse_pickle(path, stream.peek(1))
            if stream.peek(2)[:2] == _GZIP_MAGIC:
                with gzip.GzipFile(fileobj=stream) as unpacked:
                    _refuse_pickle(path, unpacked.peek(1))
                    yield cast(BinaryIO, unpacked)
            else:
                yield stream
    except FileNotFoundError as error:
        raise DataFileError(f"There is no file {path}. Check the path.") from error
    except IsADirectoryError as error:
        raise DataFileError(f"{path} is a folder. Give a file inside it.") from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataFileError(
            f"{path}: its gzip data is broken or cut off ({error}). Fetch or pack the file again."
        ) from error
    except OSError as error:
        raise DataFileError(
            f"{path} cannot be read ({error.strerror or error}). Check path and permissions."
        ) from error


def _binary(path: Path) -> BufferedReader:
    try:
        return path.open("rb")
    except ValueError as error:  # a NUL in the name
        raise DataFileError(f"{path} cannot be a file name ({error}). Check the path.") from error


def _refuse_pickle(path: Path, start: bytes) -> None:
    # No text in UTF-8 starts with this byte, every pickle since protocol 2 does.
    if start.startswith(_PICKLE_START) or _PICKLE_NAMES.intersection(path.suffixes):
        raise DataFileError(
            f"{path} is a pickle, which can run any code when it is opened, so it is not read. "
            "Where you trust its source, turn it into CSV yourself: python -c 'import pandas; "
            f'pandas.read_pickle("{path.name}").to_csv("{path.name.split(".")[0]}.csv")\''
        )


def _lines(stream: BinaryIO, path: Path) -> Iterator[tuple[int, str]]:
    for number in itertools.count(1):
        line = stream.readline(MAX_LINE_BYTES + 1)
        if not line:
            return
        if len(line) > MAX_LINE_BYTES:
            raise DataFileError(
                f"{path}:{number}: a line of more than {MAX_LINE_BYTES // 2**20} MiB; this is not "
                "a file of one record a line. Give JSON lines or CSV."
            )
        yield number, _decode(line, f"{path}:{number}", first=number == 1)


def _decode(content: bytes, place: str, *, first: bool) -> str:
    try:
        return (content.removeprefix(_BYTE_ORDER_MARK) if first else content).decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataFileError(
            f"{place}: not UTF-8 text ({error.reason} at byte {error.start}). "
            "Save the file as UTF-8, or give the right file."
        ) from error


def _parse(text: str, place: str) -> object:
    try:
        # What the decoder gives is checked by whoever reads it.
        return cast(
            object,
            json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_distinct_keys),
        )
    except json.JSONDecodeError as error:
        reason = f"{error.msg} at line {error.lineno}, column {error.colno}"
    except (ValueError, RecursionError) as error:  # our own hooks, endless digits, endless nesting
        reason = str(error)
    raise DataFileError(
        f"{place}: not valid JSON ({reason}). Mend or remove it; name CSV files *.csv."
    )


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number; write null where a value is missing")


def _distinct_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    keys = dict(pairs)
    if len(keys) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} comes twice in one object")
    return keys


def _as_object(value: object, place: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise DataFileError(
            f"{place}: a JSON {_kind(value)} came where a record, an object in braces, is read. "
            "Mend or remove it."
        )
    return value


def _kind(value: object) -> str:
    names = {dict: "object", list: "list", str: "text", bool: "boolean", type(None): "null"}
    return names.get(type(value), "number")


def _csv_rows(stream: BinaryIO, path: Path) -> Iterator[tuple[str, list[str]]]:
    rows = csv.reader((line for _, line in _lines(stream, path)), strict=True)
    while True:
        place = f"{path}:{rows.line_num + 1}"
        try:
            cells = next(rows, None)
        except csv.Error as error:
            raise DataFileError(
                f"{place}: not valid CSV ({error}). Look for a quote that is not closed; texts of "
                "more than 131,072 characters go into JSON lines."
            ) from error
        if cells is None:
            return
        if cells:  # a blank line has none
            yield place, cells


def _check_header(header: list[str], place: str, *, numbered: bool) -> None:
    for position, name in enumerate(header, start=1):
        if numbered and position == 1 and not name:
            continue
        if not name.strip() or name in header[: position - 1]:
            raise DataFileError(
                f"{place}: column {position} is named {name!r}, which is blank or comes twice. "
                "The first row names every column, once."
            )


def _refuse_empty(path: Path) -> NoReturn:
    raise DataFileError(f"{path} holds no records. Check that it was written completely.")
