"""The readable receipt of a decision. Pure text."""

import math
from collections.abc import Sequence

from tagrouter.decision.record import Decision, Reason, TagContribution

_STRONGEST_OTHERS = 5
_MAX_FLIP_TAGS = 4
_NAME_WIDTH = 34


def write_receipt(decision: Decision) -> str:
    """Write a receipt whose columns add up to the model scores.

    Args:
        decision: Any decision.

    Returns:
        Several lines of plain text, without a final line break.
    """
    shown = _shown_models(decision)
    lines = [_headline(decision), ""]
    lines += [f"Rule: {rule}." for rule in decision.rules]
    lines += _table(decision, shown)
    hidden = len(decision.model_scores) - len(shown)
    if hidden:
        lines.append(f"({hidden} further candidates scored below these.)")
    lines += ["", *_runner_up(decision), *_flips(decision)]
    return "\n".join(lines)


def _shown_models(decision: Decision) -> list[str]:
    first = [decision.model, *decision.ranking[:2]]
    if decision.reference_model in decision.model_scores:
        first.append(decision.reference_model)
    return list(dict.fromkeys(first))


def _headline(decision: Decision) -> str:
    meaning = {
        Reason.SCORED: "it has the best score",
        Reason.THETA: f"theta {decision.theta:+.4f} tips the balance",
        Reason.RULE: "a rule says so",
        Reason.DEFAULT: "no tag of the query is known, so the default model takes it",
        Reason.EXPLICIT: "the caller left no choice",
        Reason.STICKY: "the conversation stays with its model",
        Reason.ERROR: "routing failed, so the default model takes it",
    }[decision.reason]
    return f"{decision.model}: {meaning} (reason {decision.reason}, profile {decision.profile})"


def _table(decision: Decision, models: Sequence[str]) -> list[str]:
    widths = [max(10, len(model)) for model in models]
    reported = {tag.name for tag in decision.query_tags}
    entries = decision.contributions
    top = [e for e in entries if e.tag.name in reported]
    faint = [e for e in entries if e.tag.name not in reported]
    strongest, rest = faint[:_STRONGEST_OTHERS], faint[_STRONGEST_OTHERS:]
    judged = next((m for m in models if m != decision.reference_model), models[0])
    head = _row("tag", "weight", models, widths)
    lines = [f"{head}  {judged}: wins / ties / losses"]
    intercepts = decision.intercepts
    lines.append(_row("(before any tag)", "", _numbers(intercepts, models), widths))
    lines += [_entry(entry, models, widths, judged) for entry in top]
    if strongest:
        lines.append("not reported, but counted:")
        lines += [_entry(entry, models, widths, judged) for entry in strongest]
    if rest:
        sums = {m: math.fsum(e.contributions[m] for e in rest) for m in models}
        lines.append(_row(f"{len(rest)} fainter tags", "", _numbers(sums, models), widths))
    lines.append(_row("= model score", "", _numbers(decision.model_scores, models), widths))
    if decision.theta != 0.0:
        compared = {model: decision.compared(model) for model in models}
        theta = {model: compared[model] - decision.model_scores[model] for model in models}
        lines.append(_row("- theta", "", _numbers(theta, models), widths))
        lines.append(_row("= compared", "", _numbers(compared, models), widths))
    return lines


def _entry(
    entry: TagContribution, models: Sequence[str], widths: Sequence[int], judged: str
) -> str:
    tag = entry.tag
    name = tag.name
    if tag.aligned_from is not None:
        name = f"{tag.name} (from {tag.aligned_from!r}, {tag.similarity:.2f})"
    line = _row(name, f"{tag.weight:.4f}", _numbers(entry.contributions, models), widths)
    counts = entry.evidence.get(judged)
    if counts is None:
        return line
    return f"{line}  {counts.wins:.1f} / {counts.ties:.1f} / {counts.losses:.1f}"


def _numbers(values: object, models: Sequence[str]) -> list[str]:
    assert hasattr(values, "__getitem__")
    return [f"{values[model]:+.6f}" for model in models]


def _row(name: str, weight: str, cells: Sequence[str], widths: Sequence[int]) -> str:
    numbers = "  ".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
    return f"  {name.ljust(_NAME_WIDTH)} {weight.rjust(6)}  {numbers}"


def _runner_up(decision: Decision) -> list[str]:
    other = decision.runner_up
    if other is None or decision.margin is None:
        return ["There was no other candidate."]
    if decision.margin < 0:
        return [f"By score alone, {other} is ahead by {-decision.margin:.6f}."]
    return [f"Runner-up: {other}, behind by {decision.margin:.6f}."]


def _flips(decision: Decision) -> list[str]:
    if decision.reason not in (Reason.SCORED, Reason.THETA) or decision.runner_up is None:
        return []
    lines = _theta_flip(decision)
    needed = decision.flips_without()
    if 0 < len(needed) <= _MAX_FLIP_TAGS:
        names = ", ".join(repr(entry.tag.name) for entry in needed)
        plural = "tag" if len(needed) == 1 else "tags"
        lines.append(f"Without the {plural} {names} it would go to {decision.runner_up}.")
    elif needed:
        lines.append(f"No {_MAX_FLIP_TAGS} tags flip it; it takes {len(needed)}.")
    else:
        lines.append("Leaving tags out does not flip it.")
    return lines


def _theta_flip(decision: Decision) -> list[str]:
    """Name the theta at which the decision turns between the reference and the best other."""
    reference = decision.reference_model
    if reference not in decision.model_scores or len(decision.model_scores) < 2:
        return []
    scores = decision.model_scores
    best = max((m for m in scores if m != reference), key=lambda model: scores[model])
    turning = scores[best] - scores[reference]
    if decision.model == reference:
        return [f"It flips to {best} at any theta below {turning:+.6f} (now {decision.theta:+.6f})."]
    if decision.model == best:
        return [
            f"It flips to {reference} at any theta above {turning:+.6f} "
            f"(now {decision.theta:+.6f})."
        ]
    return []
