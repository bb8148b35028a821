"""``tagrouter route``: sends queries to models."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tagrouter.cli.output import console, json_line, progress, write_lines
from tagrouter.cli.queries import GivenQuery, add_query_arguments, given_queries
from tagrouter.errors import InvalidInputError

if TYPE_CHECKING:
    from tagrouter.decision.record import Decision
    from tagrouter.router import TagRouter

_BATCH = 64
_SHOWN_CHARS = 56
_SHOWN_TAGS = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_query_arguments(parser)
    parser.add_argument("--profile", default="tiers", metavar="P", help="bundled name or folder")
    parser.add_argument(
        "--models",
        metavar="small=NAME,large=NAME",
        help="rename the profile's models to yours, or name the ones to keep",
    )
    parser.add_argument("--theta", type=float, metavar="X", help="replaces the profile's threshold")
    parser.add_argument("--model", metavar="NAME", help="force this model")
    parser.add_argument("--generator", metavar="G", help="tag generator: a name or a folder")
    parser.add_argument("--explain", action="store_true", help="print the full receipts")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.add_argument("-o", "--output", metavar="O", help="write there, whole or not at all")


def run(args: argparse.Namespace) -> int:
    """Route all queries and print what was decided."""
    from tagrouter.router import TagRouter

    queries = given_queries(args)
    router = TagRouter.from_profile(
        args.profile,
        generator=args.generator,
        models=parse_models(args.models),
        theta=args.theta,
    )
    decisions = route_all(router, [query.text for query in queries], args.model)
    if args.json:
        rows = [decision_row(q, d) for q, d in zip(queries, decisions, strict=True)]
        write_lines([json_line(row) for row in rows], args.output)
    elif args.explain or args.output is not None:
        receipts = [
            f"Query: {shorten(q.text, 200)}\n{d.explain()}\n"
            for q, d in zip(queries, decisions, strict=True)
        ]
        write_lines(receipts, args.output)
    else:
        print_decisions([query.text for query in queries], decisions)
    return 0


def route_all(
    router: "TagRouter", queries: Sequence[str], model: str | None = None
) -> list["Decision"]:
    """Route queries in batches with a progress bar."""
    decisions: list[Decision] = []
    with progress("routing") as report:
        for start in range(0, len(queries), _BATCH):
            decisions += router.route_many(queries[start : start + _BATCH], model=model)
            report(len(decisions), len(queries))
    return decisions


def decision_row(query: GivenQuery, decision: "Decision") -> dict[str, Any]:
    """Give the JSON object of one routed query."""
    identifier = {} if query.id is None else {"id": query.id}
    return {**identifier, "query": query.text, **decision.to_dict()}


def print_decisions(queries: Sequence[str], decisions: Sequence["Decision"]) -> None:
    """Print a table: query, tags, scores, decision, cost."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(show_lines=False, pad_edge=False)
    for header in ("query", "tags", "scores", "model"):
        table.add_column(header, overflow="fold", max_width=_SHOWN_CHARS)
    table.add_column("cost, USD", justify="right")
    for query, decision in zip(queries, decisions, strict=True):
        cost = "" if decision.cost_usd is None else f"{decision.cost_usd:.5f}"
        reason = "" if decision.reason == "scored" else f" ({decision.reason})"
        table.add_row(
            escape(shorten(query, _SHOWN_CHARS)),
            escape(tags_text(decision)),
            escape(scores_text(decision)),
            escape(f"{decision.model}{reason}"),
            cost,
        )
    console().print(table)


def tags_text(decision: "Decision") -> str:
    """List the strongest tags with their weights."""
    shown = [f"{tag.name} {tag.weight:.2f}" for tag in decision.query_tags[:_SHOWN_TAGS]]
    more = len(decision.query_tags) - _SHOWN_TAGS
    return ", ".join(shown) + (f", {more} more" if more > 0 else "")


def scores_text(decision: "Decision") -> str:
    """List the scores of the choice and the runner-up, as compared."""
    return ", ".join(f"{name} {decision.compared(name):+.3f}" for name in decision.ranking[:2])


def shorten(text: str, limit: int) -> str:
    """Put a text on one line of at most `limit` characters."""
    line = " ".join(text[: 4 * limit].split())
    printable = "".join(character if character.isprintable() else "�" for character in line)
    return printable if len(printable) <= limit else f"{printable[: limit - 1]}…"


def parse_models(text: str | None) -> dict[str, str] | None:
    """Read ``small=NAME,large=NAME``, or names to keep.

    Raises:
        InvalidInputError: If a part has no name.
    """
    if text is None:
        return None
    models: dict[str, str] = {}
    for piece in text.split(","):
        old, _, new = piece.partition("=")
        if not old.strip() or ("=" in piece and not new.strip()):
            raise InvalidInputError(
                f"--models {text!r} is not like small=NAME,large=NAME: {piece!r} lacks a name."
            )
        models[old.strip()] = new.strip() or old.strip()
    return models
