"""Queries in: from the command line, a file (JSON lines or plain text), or standard input."""

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from tagrouter.errors import DataFileError, InvalidInputError


class UsageError(InvalidInputError):
    """The command line is incomplete; exit code 2."""


@dataclass(frozen=True, slots=True)
class GivenQuery:
    """One query as the user gave it.

    Attributes:
        text: The query.
        id: Echoed in the output, where the file has one.
    """

    text: str
    id: str | int | None = None


def add_query_arguments(parser: argparse.ArgumentParser) -> None:
    """Add QUERY and --file."""
    parser.add_argument("queries", nargs="*", metavar="QUERY", help="a query; several are allowed")
    parser.add_argument(
        "--file",
        metavar="F",
        help="read queries from F: JSON lines with 'query' (and optionally 'id'), or plain text, "
        "one query a line; - is standard input",
    )


def given_queries(args: argparse.Namespace) -> list[GivenQuery]:
    """Collect the queries of a command.

    Args:
        args: Parsed arguments with `queries` and `file`.

    Returns:
        At least one query.

    Raises:
        UsageError: If there is none.
        DataFileError: If the file cannot be read.
    """
    queries = [GivenQuery(_readable(text)) for text in args.queries]
    if args.file is not None:
        queries += _read(args.file)
    if not queries:
        raise UsageError("No query was given. Give one in quotes, or --file F.")
    return queries


def _readable(text: str) -> str:
    # Arguments that are not UTF-8 reach Python with lone surrogates in place of the bytes.
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _read(name: str) -> list[GivenQuery]:
    try:
        content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise DataFileError(f"{name} cannot be read: {error.strerror or error}.") from error
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise DataFileError(
            f"{name} is not UTF-8 text (byte {error.start}). Convert it, or give another file."
        ) from error
    filled = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    if filled and filled[0][1].lstrip().startswith("{"):
        return [_parse(line, f"{name}:{number}") for number, line in filled]
    return [GivenQuery(line) for _, line in filled]


def _parse(line: str, place: str) -> GivenQuery:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise DataFileError(
            f"{place}: not JSON ({error}), though the file starts as JSON lines. Mend the line."
        ) from error
    query = row.get("query") if isinstance(row, dict) else None
    identifier = row.get("id") if isinstance(row, dict) else None
    if not isinstance(query, str) or not isinstance(identifier, str | int | None):
        raise DataFileError(
            f'{place}: a line is {{"query": text}}, optionally with an "id"; found {line[:80]!r}.'
        )
    return GivenQuery(query, identifier)
