"""``tagrouter profile diff``: says what differs between two profiles."""

import argparse
from typing import Final

from tagrouter.cli.output import json_line, write_lines

SUMMARY: Final = "say what differs between two profiles"
DESCRIPTION: Final = (
    "Say what differs between two profiles: models, theta and other settings, rules, and for each "
    "model the tags whose score moved most. Names and provenance are not compared."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the action's arguments."""
    parser.add_argument("before", metavar="A", help="bundled name or folder")
    parser.add_argument("after", metavar="B", help="the one to compare it with")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    """Compare the profiles and print what differs; 0 whether something does or not."""
    from tagrouter.differences import diff_profiles
    from tagrouter.storage import load_profile

    difference = diff_profiles(load_profile(args.before), load_profile(args.after))
    if args.json:
        write_lines([json_line(difference.to_dict())], None)
    else:
        write_lines(list(difference.lines()) or ["no difference"], None)
    return 0
