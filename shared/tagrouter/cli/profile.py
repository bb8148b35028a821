"""``tagrouter profile show|check|merge|diff``: shows, checks, merges or compares profiles."""

import argparse
import json
from typing import TYPE_CHECKING

from tagrouter.cli import profile_diff, profile_merge
from tagrouter.cli.output import console, json_line, write_lines

if TYPE_CHECKING:
    from tagrouter.profile import Profile

_SHOWN_TAGS = 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's actions, each with its arguments."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    for name, act, summary in (
        ("show", _show, "show where a profile's numbers come from, and its strongest scores"),
        ("check", _check, "read all of a profile and say what is wrong with it"),
    ):
        action = actions.add_parser(name, help=summary, description=_sentence(summary))
        action.add_argument("profile", metavar="PROFILE", help="bundled name or folder")
        action.add_argument("--json", action="store_true", help="print one JSON object")
        action.set_defaults(act=act)
    for name, module in (("merge", profile_merge), ("diff", profile_diff)):
        action = actions.add_parser(name, help=module.SUMMARY, description=module.DESCRIPTION)
        module.add_arguments(action)
        action.set_defaults(act=module.run)


def run(args: argparse.Namespace) -> int:
    """Do what the action says."""
    code: int = args.act(args)
    return code


def _sentence(summary: str) -> str:
    return f"{summary[0].upper()}{summary[1:]}."


def _check(args: argparse.Namespace) -> int:
    from tagrouter.router import TagRouter
    from tagrouter.storage import load_profile

    profile = load_profile(args.profile)
    # Building a router finds what a file alone cannot: a generator or estimator not there.
    TagRouter.from_profile(profile).route("a query")
    fine = {"profile": profile.name, "ok": True}
    text = f"{profile.name}: fine ({_size(profile)})"
    write_lines([json_line(fine) if args.json else text], None)
    return 0


def _show(args: argparse.Namespace) -> int:
    from tagrouter.storage import load_profile, profile_json

    profile = load_profile(args.profile)
    if args.json:
        write_lines([json_line(profile_json(profile))], None)
    else:
        _print(profile)
    return 0


def _size(profile: "Profile") -> str:
    comparisons = sum(m.overall.rounded.total for m in profile.evidence.models.values())
    return (
        f"{len(profile.models)} models, {len(profile.evidence.tags):,} tags, "
        f"{comparisons:,.0f} comparisons, {len(profile.rules)} rules"
    )


def _print(profile: "Profile") -> None:
    from rich.markup import escape
    from rich.table import Table

    from tagrouter.scores.scorer import TagScorer

    out = console()
    lines = [
        f"profile    {profile.name} ({_size(profile)})",
        f"reference  {profile.reference_model}; default {profile.default_model}",
        f"estimator  {profile.estimator.name} {profile.estimator.parameters}",
        f"policy     {profile.policy.name} {profile.policy.parameters}",
        f"generator  {profile.generator.name} version {profile.generator.version}",
    ]
    out.print(escape("\n".join(lines)), soft_wrap=True)
    for key, value in profile.provenance.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        out.print(escape(f"{key}: {text}"))
    scorer = TagScorer(profile.estimator)
    scorer.fit(profile.evidence, profile.reference_model, profile.model_names)
    table = Table(title="strongest tag scores of each model", title_justify="left")
    for header in ("model", "comparisons", "before any tag", "best on", "worst on"):
        table.add_column(header, overflow="fold")
    for column, model in enumerate(scorer.models_):
        evidence = profile.evidence.models.get(model)
        ranked = sorted(
            zip(scorer.tag_scores_[:, column].tolist(), scorer.tags_, strict=True), reverse=True
        )
        best = [f"{tag} {score:+.2f}" for score, tag in ranked[:_SHOWN_TAGS] if score > 0]
        worst = [
            f"{tag} {score:+.2f}" for score, tag in ranked[: -_SHOWN_TAGS - 1 : -1] if score < 0
        ]
        table.add_row(
            escape(model),
            f"{evidence.overall.rounded.total:,.0f}" if evidence else "",
            f"{scorer.intercepts_[column]:+.3f}",
            escape(", ".join(best)),
            escape(", ".join(worst)),
        )
    out.print(table)
