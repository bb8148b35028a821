"""``tagrouter fit``: fits a profile on comparisons."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tagrouter.cli.output import progress
from tagrouter.errors import InvalidInputError
from tagrouter.registry import ESTIMATORS, part

if TYPE_CHECKING:
    from tagrouter.records import Comparison


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("comparisons", nargs="+", metavar="COMPARISONS", help="JSONL or CSV files")
    parser.add_argument("-o", "--output", required=True, metavar="PROFILE", help="folder to write")
    parser.add_argument("--name", help="name of the profile; the folder's by default")
    parser.add_argument("--estimator", metavar="E", help=f"one of: {', '.join(ESTIMATORS)}")
    parser.add_argument(
        "--add-to", metavar="PROFILE", help="keep this profile's evidence, add to it"
    )
    parser.add_argument("--generator", metavar="G", help="tag generator: a name or a folder")


def run(args: argparse.Namespace) -> int:
    """Fit and save; the profile folder appears whole or not at all."""
    from tagrouter.fitting import fit_profile
    from tagrouter.router import make_generator
    from tagrouter.storage import load_profile, save_profile

    comparisons = read_comparisons(args.comparisons)
    base = load_profile(args.add_to) if args.add_to else None
    chosen = args.generator or (base.generator.name if base else "embedded")
    estimator = part("estimator", args.estimator)() if args.estimator else None
    with progress("tagging") as report:
        fitted = fit_profile(
            comparisons,
            make_generator(chosen),
            name=args.name or Path(args.output).name,
            estimator=estimator,
            add_to=base,
            progress=report,
        )
    if fitted.used == 0:
        raise InvalidInputError(
            f"All {fitted.duplicates} comparisons are in {args.add_to} already; nothing to add."
        )
    save_profile(fitted.profile, args.output)
    sys.stderr.write(
        f"{fitted.used:,} comparisons counted, {fitted.duplicates:,} duplicates left out; "
        f"{len(fitted.profile.models)} models, {len(fitted.profile.evidence.tags):,} tags. "
        f"Profile written to {args.output}\n"
    )
    return 0


def read_comparisons(paths: Sequence[str]) -> "list[Comparison]":
    """Read several files of comparisons, saying on stderr what was left out."""
    from tagrouter.comparisons.comparisons import ComparisonsImporter

    found: list[Comparison] = []
    for path in paths:
        imported = ComparisonsImporter().read(path)
        found += imported.comparisons
        if imported.report.skipped:
            sys.stderr.write(f"{path}: {imported.report}\n")
    return found
