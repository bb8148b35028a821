"""``tagrouter tag``: shows the tags of queries."""

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from tagrouter.cli.chat_models import add_chat_model_arguments, chosen_chat_model
from tagrouter.cli.output import json_line, progress, write_lines
from tagrouter.cli.queries import GivenQuery, UsageError, add_query_arguments, given_queries
from tagrouter.cli.route import shorten
from tagrouter.records import QueryTags

if TYPE_CHECKING:
    from tagrouter.tags.base import TagGenerator

_PROMPTED: Final = "prompted"
_BATCH: Final = 64
# The bar moves once a batch; with eight calls at a time it shall move every few seconds.
_PROMPTED_BATCH: Final = 16


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_query_arguments(parser)
    parser.add_argument(
        "--generator",
        default="embedded",
        metavar="G",
        help="a registry name or a folder; prompted asks the chat model that --llm names",
    )
    add_chat_model_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.add_argument(
        "-o",
        "--output",
        metavar="O",
        help="write there, whole or not at all. With the generator prompted, O is a corpus "
        "instead: one JSON object with id, query and tags a line, each different query once, "
        "appended as answers come. Of a run that was stopped nothing is lost: the same command "
        "goes on where it stopped and asks for the rest only",
    )


def run(args: argparse.Namespace) -> int:
    """Tag all queries and print their reported tags, or collect them in a corpus."""
    queries = given_queries(args)
    corpus = args.output if args.generator == _PROMPTED and args.output != "-" else None
    generator = _generator(args, corpus)
    if corpus is not None:
        return _collect(generator, queries, corpus)
    tagged = _tag(generator, queries)
    rows = zip(queries, tagged, strict=True)
    write_lines([_json(*row) if args.json else _text(*row) for row in rows], args.output)
    return 0


def _generator(args: argparse.Namespace, corpus: str | None) -> "TagGenerator":
    from tagrouter.router import make_generator

    if args.generator == _PROMPTED:
        from tagrouter.tags.prompted import PromptedGenerator

        chat_model = chosen_chat_model(args, "The generator 'prompted'")
        return PromptedGenerator(chat_model, cache_file=corpus)
    if args.llm is not None or args.base_url is not None:
        raise UsageError(
            f"The generator {args.generator!r} asks no chat model. Leave --llm and --base-url "
            f"away, or give --generator {_PROMPTED}."
        )
    return make_generator(args.generator)


def _collect(generator: "TagGenerator", queries: Sequence[GivenQuery], corpus: str) -> int:
    try:
        _tag(generator, queries)
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt(
            f"the answers so far stand in {corpus}, the same command goes on from there"
        ) from stop
    distinct = {query.text for query in queries if query.text.strip()}
    sys.stderr.write(f"{len(distinct):,} different queries have tags in {corpus}\n")
    return 0


def _tag(generator: "TagGenerator", queries: Sequence[GivenQuery]) -> list[QueryTags]:
    size = _PROMPTED_BATCH if generator.name == _PROMPTED else _BATCH
    tagged: list[QueryTags] = []
    with progress("tagging") as report:
        for start in range(0, len(queries), size):
            batch = queries[start : start + size]
            tagged += generator.generate([query.text for query in batch])
            report(len(tagged), len(queries))
    return tagged


def _json(query: GivenQuery, tags: QueryTags) -> str:
    row: dict[str, Any] = {} if query.id is None else {"id": query.id}
    row["query"] = query.text
    row["query_tags"] = [{"name": tag.name, "weight": tag.weight} for tag in tags.reported]
    return json_line(row)


def _text(query: GivenQuery, tags: QueryTags) -> str:
    found = ", ".join(f"{tag.name} {tag.weight:.2f}" for tag in tags.reported)
    return f"{shorten(query.text, 80)}\n    {found or '(no tags)'}"
