"""``tagrouter import``: turns foreign judgment data into comparisons."""

import argparse
import sys
from typing import Any

from tagrouter.errors import InvalidInputError
from tagrouter.registry import IMPORTERS, part


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("format", metavar="FORMAT", help=f"one of: {', '.join(IMPORTERS)}")
    parser.add_argument("path", metavar="PATH", help="file or folder to read")
    parser.add_argument("-o", "--output", required=True, metavar="O", help="comparisons, *.jsonl")
    parser.add_argument("--reference-model", metavar="NAME", help="for ratings: the yardstick")
    parser.add_argument(
        "--tie-band", type=float, metavar="X", help="for ratings: closer ratings are ties"
    )
    parser.add_argument("--models", metavar="A,B", help="for alpaca_eval: take only these")
    parser.add_argument(
        "--annotator", metavar="NAME", help="for alpaca_eval results folders: take only this one"
    )


def run(args: argparse.Namespace) -> int:
    """Read, write, and account for every judgment on stderr."""
    from tagrouter.comparisons.writing import write_comparisons

    importer = part("importer", args.format)(**_options(args))
    imported = importer.read(args.path)
    written = write_comparisons(imported.comparisons, args.output)
    sys.stderr.write(f"{imported.report}\n{written:,} comparisons written to {args.output}\n")
    return 0


def _options(args: argparse.Namespace) -> dict[str, Any]:
    allowed = {
        "ratings": ("reference_model", "tie_band"),
        "alpaca_eval": ("models", "annotator"),
    }.get(args.format, ())
    options: dict[str, Any] = {}
    for name in ("reference_model", "tie_band", "models", "annotator"):
        value = getattr(args, name)
        if value is None:
            continue
        if name not in allowed:
            raise InvalidInputError(
                f"--{name.replace('_', '-')} does not apply to the format {args.format!r}."
            )
        options[name] = value.split(",") if name == "models" else value
    if args.format == "ratings" and "reference_model" not in options:
        raise InvalidInputError(
            "Ratings have no reference model of their own. Name one with --reference-model NAME."
        )
    return options
