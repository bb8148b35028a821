"""``tagrouter profile merge``: adds up what several profiles know."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

SUMMARY: Final = "add up the evidence of several profiles"
DESCRIPTION: Final = (
    "Add up the evidence of profiles that were fitted on different comparisons. The result is the "
    "profile that would be fitted on all comparisons at once; the order of the profiles makes no "
    "difference. Reference model, estimator, generator and policy must be the same. Prices are "
    "taken from where they are known, the default model from where one is set, rules are joined; "
    "what contradicts is refused, and so are profiles that share comparisons."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the action's arguments."""
    parser.add_argument("first", metavar="A", help="bundled name or folder")
    parser.add_argument("others", nargs="+", metavar="B", help="one more profile, or several")
    parser.add_argument("-o", "--output", required=True, metavar="PROFILE", help="folder to write")
    parser.add_argument("--name", help="name of the profile; the folder's by default")


def run(args: argparse.Namespace) -> int:
    """Merge and save; the profile folder appears whole or not at all."""
    from tagrouter.merging import merge_profiles
    from tagrouter.storage import load_profile, save_profile

    merged = load_profile(args.first)
    for other in map(load_profile, args.others):
        merged = merge_profiles(merged, other, f"{merged.name} + {other.name}")
    merged = replace(merged, name=args.name or Path(args.output).name)
    save_profile(merged, args.output)
    sys.stderr.write(
        f"{1 + len(args.others)} profiles merged: {len(merged.seen):,} comparisons, "
        f"{len(merged.models)} models, {len(merged.evidence.tags):,} tags. "
        f"Profile written to {args.output}\n"
    )
    return 0
