"""``tagrouter tag``: shows the tags of queries."""

import argparse
from typing import Any

from tagrouter.cli.output import json_line, progress, write_lines
from tagrouter.cli.queries import GivenQuery, add_query_arguments, given_queries
from tagrouter.cli.route import shorten
from tagrouter.records import QueryTags

_BATCH = 64


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_query_arguments(parser)
    parser.add_argument(
        "--generator", default="embedded", metavar="G", help="a registry name or a folder"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.add_argument("-o", "--output", metavar="O", help="write there, whole or not at all")


def run(args: argparse.Namespace) -> int:
    """Tag all queries and print their reported tags."""
    from tagrouter.router import make_generator

    queries = given_queries(args)
    generator = make_generator(args.generator)
    lines: list[str] = []
    with progress("tagging") as report:
        for start in range(0, len(queries), _BATCH):
            batch = queries[start : start + _BATCH]
            tagged = generator.generate([query.text for query in batch])
            for query, tags in zip(batch, tagged, strict=True):
                lines.append(_json(query, tags) if args.json else _text(query, tags))
            report(start + len(batch), len(queries))
    write_lines(lines, args.output)
    return 0


def _json(query: GivenQuery, tags: QueryTags) -> str:
    row: dict[str, Any] = {} if query.id is None else {"id": query.id}
    row["query"] = query.text
    row["query_tags"] = [{"name": tag.name, "weight": tag.weight} for tag in tags.reported]
    return json_line(row)


def _text(query: GivenQuery, tags: QueryTags) -> str:
    found = ", ".join(f"{tag.name} {tag.weight:.2f}" for tag in tags.reported)
    return f"{shorten(query.text, 80)}\n    {found or '(no tags)'}"
