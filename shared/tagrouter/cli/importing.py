"""``tagrouter import``: turns foreign judgment data into comparisons."""

import argparse
import inspect
import sys
from typing import Any, Final

from tagrouter.errors import InvalidInputError
from tagrouter.registry import IMPORTERS, part

_OPTIONS: Final = ("reference_model", "tie_band", "models", "annotator")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("format", metavar="FORMAT", help=f"one of: {', '.join(IMPORTERS)}")
    parser.add_argument("path", metavar="PATH", help="file or folder to read")
    parser.add_argument("-o", "--output", required=True, metavar="O", help="comparisons, *.jsonl")
    parser.add_argument(
        "--reference-model", metavar="NAME", help="for ratings and battles: the yardstick"
    )
    parser.add_argument(
        "--tie-band", type=float, metavar="X", help="for ratings: closer ratings are ties"
    )
    parser.add_argument("--models", metavar="A,B", help="take only these")
    parser.add_argument(
        "--annotator", metavar="NAME", help="for alpaca_eval results folders: take only this one"
    )


def run(args: argparse.Namespace) -> int:
    """Read, write, and account for every judgment on stderr."""
    from tagrouter.comparisons.writing import write_comparisons

    made = part("importer", args.format)
    imported = made(**_options(args, made)).read(args.path)
    written = write_comparisons(imported.comparisons, args.output)
    sys.stderr.write(f"{imported.report}\n{written:,} comparisons written to {args.output}\n")
    return 0


def _options(args: argparse.Namespace, made: type) -> dict[str, Any]:
    """Give what the importer's constructor takes, so that a new importer needs no line here."""
    taken = inspect.signature(made).parameters
    options: dict[str, Any] = {}
    for name in _OPTIONS:
        value = getattr(args, name)
        if value is None:
            continue
        if name not in taken:
            raise InvalidInputError(
                f"--{name.replace('_', '-')} does not apply to the format {args.format!r}."
            )
        options[name] = value.split(",") if name == "models" else value
    reference = taken.get("reference_model")
    if (
        reference is not None
        and reference.default is reference.empty
        and not options.get("reference_model")
    ):
        raise InvalidInputError(
            f"The format {args.format!r} names no reference model. "
            "Name one with --reference-model NAME."
        )
    return options
