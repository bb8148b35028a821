"""``tagrouter evaluate``: measures a profile on comparisons."""

import argparse
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from tagrouter.cli.fit import read_comparisons
from tagrouter.cli.output import console, json_line, progress, write_lines
from tagrouter.errors import InvalidInputError
from tagrouter.registry import part

if TYPE_CHECKING:
    from tagrouter.evaluation.bootstrap import Interval
    from tagrouter.evaluation.report import EvaluationReport
    from tagrouter.evaluation.scoring import ScoredPair
    from tagrouter.profile import Profile
    from tagrouter.records import Comparison


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("profile", metavar="PROFILE", help="bundled name or folder")
    parser.add_argument("comparisons", nargs="+", metavar="COMPARISONS", help="JSONL or CSV files")
    parser.add_argument(
        "--folds", type=int, metavar="K", help="refit the evidence on K-1 of K folds, each in turn"
    )
    parser.add_argument("--seed", type=int, default=0, help="of folds and bootstrap (0)")
    parser.add_argument(
        "--estimator",
        metavar="E",
        help="with --folds: one or several, comma-separated; the profile's by default",
    )
    parser.add_argument("--theta", type=float, metavar="X", help="the profile's by default")
    parser.add_argument("--json", action="store_true", help="print one JSON object a router")
    parser.add_argument("-o", "--output", metavar="O", help="write the JSON there")


def run(args: argparse.Namespace) -> int:
    """Score the comparisons, compute the figures, print a table per router."""
    from tagrouter.decision.threshold import ThetaPolicy
    from tagrouter.evaluation.report import evaluate_pairs, mean_auc_difference
    from tagrouter.storage import load_profile

    profile = load_profile(args.profile)
    stored = profile.policy.theta if isinstance(profile.policy, ThetaPolicy) else 0.0
    theta = stored if args.theta is None else args.theta
    comparisons = [_costed(c, profile) for c in read_comparisons(args.comparisons)]
    scored = _score(args, profile, comparisons)
    reports = [
        evaluate_pairs(name, pairs, theta=theta, seed=args.seed) for name, pairs in scored.items()
    ]
    if args.json or args.output:
        write_lines([json_line(report.to_dict()) for report in reports], args.output)
        return 0
    for report in reports:
        _print(report, args)
    names = list(scored)
    for other in names[1:]:
        gap = mean_auc_difference(scored[names[0]], scored[other], seed=args.seed)
        console().print(f"mean AUC, {names[0]} minus {other}: {_points(gap)}")
    return 0


def _score(
    args: argparse.Namespace, profile: "Profile", comparisons: "list[Comparison]"
) -> "dict[str, list[ScoredPair]]":
    from tagrouter.evaluation.scoring import score_out_of_fold, score_with_profile
    from tagrouter.fitting import with_tags
    from tagrouter.router import make_generator

    names = args.estimator.split(",") if args.estimator else [profile.estimator.name]
    if args.folds is None:
        if args.estimator:
            raise InvalidInputError(
                "--estimator needs --folds: without folds the profile's evidence is used as it is."
            )
        comparisons = _unseen(profile, comparisons)
    estimators = {
        name: profile.estimator if name == profile.estimator.name else part("estimator", name)()
        for name in names
    }
    with progress("tagging") as report:
        tagged = with_tags(comparisons, make_generator(profile.generator.name), report)
    if args.folds is None:
        return {profile.estimator.name: score_with_profile(tagged, profile)}
    return {
        name: score_out_of_fold(tagged, estimator, n_folds=args.folds, seed=args.seed)
        for name, estimator in estimators.items()
    }


def _costed(comparison: "Comparison", profile: "Profile") -> "Comparison":
    """Fill in costs that the data lacks from the profile's prices, where it has some."""
    if comparison.cost_usd is not None or comparison.reference_cost_usd is not None:
        return comparison
    models = {model.name: model for model in profile.models}
    chars = len(comparison.query)
    model, reference = (
        models[name].cost_usd(chars) if name in models else None
        for name in (comparison.model, comparison.reference_model)
    )
    return replace(comparison, cost_usd=model, reference_cost_usd=reference)


def _unseen(profile: "Profile", comparisons: "list[Comparison]") -> "list[Comparison]":
    """Leave out what the profile was fitted on: a figure on it would flatter."""
    from tagrouter.comparisons.ids import comparison_id
    from tagrouter.fitting import hash_id

    fresh = [c for c in comparisons if hash_id(comparison_id(c)) not in profile.seen]
    left_out = len(comparisons) - len(fresh)
    if not fresh:
        raise InvalidInputError(
            f"All {left_out} comparisons are in the evidence of profile {profile.name!r}. Use "
            "--folds 10 to refit the evidence on training folds, or give other comparisons."
        )
    if left_out:
        sys.stderr.write(f"{left_out:,} comparisons left out: they are in the evidence\n")
    return fresh


def _print(report: "EvaluationReport", args: argparse.Namespace) -> None:
    from rich.table import Table

    protocol = (
        f"{args.folds}-fold, evidence fitted on training folds only"
        if args.folds
        else "the profile's evidence, comparisons in it left out"
    )
    table = Table(
        title=f"router {report.router}, theta {report.theta:g}: {protocol}, seed {args.seed}; "
        "percent, 95% bootstrap intervals over queries",
        title_justify="left",
    )
    table.add_column("model", overflow="fold")
    headers = ["n", "AUC", "random", "oracle", "PAUC", "AR", "best one", "uplift", "to ref."]
    costs_known = any(pair.cost_usd is not None for pair in report.pairs)
    for header in [*headers, "cost, USD", "all to ref."] if costs_known else headers:
        table.add_column(header, justify="right", no_wrap=True)
    for pair in report.pairs:
        costs = [_usd(pair.cost_usd), _usd(pair.reference_cost_usd)] if costs_known else []
        table.add_row(
            pair.model,
            str(pair.queries),
            _percent(pair.auc),
            *(f"{100 * value:.2f}" for value in (pair.auc_random, pair.auc_oracle, pair.pauc)),
            *(f"{100 * value:.2f}" for value in (pair.accept_rate, pair.best_single, pair.uplift)),
            f"{100 * pair.share_reference:.1f}",
            *costs,
        )
    means = (report.mean_auc_random, report.mean_auc_oracle, report.mean_pauc)
    table.add_section()
    table.add_row("mean", "", _percent(report.mean_auc), *(f"{100 * value:.2f}" for value in means))
    console().print(table)


def _usd(cost: float | None) -> str:
    return "" if cost is None else f"{cost:.5f}"


def _percent(interval: "Interval") -> str:
    low, high = 100 * interval.low, 100 * interval.high
    return f"{100 * interval.estimate:.2f} ({low:.1f}-{high:.1f})"


def _points(interval: "Interval") -> str:
    low, high = 100 * interval.low, 100 * interval.high
    return f"{100 * interval.estimate:+.2f} points ({low:+.2f} to {high:+.2f})"
