"""The readable receipt of a decision. Pure text."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tagrouter.decision.flips import find_flip
from tagrouter.decision.record import Decision, Reason, TagContribution
from tagrouter.decision.rules import RuleKind

_STRONGEST_OTHERS = 5
_MAX_FLIP_TAGS = 4
_NAME_WIDTH = 34
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class _Row:
    """One summand of every model's score, with what stands beside it."""

    name: str
    values: Mapping[str, float]
    weight: str = ""
    note: str = ""


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
        lines.append(f"(candidates not shown: {hidden})")
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
    judged = next((m for m in models if m != decision.reference_model), models[0])
    reported = {tag.name for tag in decision.query_tags}
    entries = decision.contributions
    top = [e for e in entries if e.tag.name in reported]
    faint = [e for e in entries if e.tag.name not in reported]
    strongest, rest = faint[:_STRONGEST_OTHERS], faint[_STRONGEST_OTHERS:]
    rows = [_Row("(before any tag)", decision.intercepts)]
    rows += [_entry(entry, judged) for entry in (*top, *strongest)]
    if rest:
        sums = {m: math.fsum(e.contributions[m] for e in rest) for m in models}
        rows.append(_Row(f"{len(rest)} fainter tags", sums))
    printed = [
        _adding_up([row.values[m] for row in rows], decision.model_scores[m]) for m in models
    ]
    lines = [
        _line(row, [_number(column[i]) for column in printed], widths) for i, row in enumerate(rows)
    ]
    if strongest:
        lines.insert(1 + len(top), "not reported, but counted:")
    head = _line(_Row("tag", {}, "weight", f"{judged}: wins / ties / losses"), models, widths)
    return [head, *lines, *_sums(decision, models, [sum(c) for c in printed], widths)]


def _entry(entry: TagContribution, judged: str) -> _Row:
    tag = entry.tag
    name = tag.name
    if tag.aligned_from is not None:
        name = f"{tag.name} (from {tag.aligned_from!r}, {tag.similarity:.2f})"
    counts = entry.evidence.get(judged)
    note = f"{counts.wins:.1f} / {counts.ties:.1f} / {counts.losses:.1f}" if counts else ""
    return _Row(name, entry.contributions, f"{tag.weight:.4f}", note)


def _sums(
    decision: Decision, models: Sequence[str], scores: Sequence[int], widths: Sequence[int]
) -> list[str]:
    lines = [_line(_Row("= model score", {}), [_number(s) for s in scores], widths)]
    if decision.theta != 0.0:
        theta = round(decision.theta * _MILLION)
        applied = [0 if model == decision.reference_model else theta for model in models]
        compared = [score - t for score, t in zip(scores, applied, strict=True)]
        lines.append(_line(_Row("- theta", {}), [_number(-t) for t in applied], widths))
        lines.append(_line(_Row("= compared", {}), [_number(c) for c in compared], widths))
    return lines


def _adding_up(parts: Sequence[float], total: float) -> list[int]:
    """Round parts to millionths, up or down, so that they add up to the rounded total."""
    exact = [part * _MILLION for part in parts]
    units = [math.floor(value) for value in exact]
    missing = round(round(total, 6) * _MILLION) - sum(units)
    largest_remainder_first = sorted(range(len(parts)), key=lambda i: units[i] - exact[i])
    for i in largest_remainder_first[:missing]:
        units[i] += 1
    return units


def _number(millionths: int) -> str:
    return f"{millionths / _MILLION:+.6f}"


def _line(row: _Row, cells: Sequence[str], widths: Sequence[int]) -> str:
    numbers = "  ".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
    line = f"  {row.name.ljust(_NAME_WIDTH)} {row.weight.rjust(6)}  {numbers}  {row.note}"
    return line.rstrip()


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
    flip = find_flip(decision)
    if flip is None:
        return [*_theta_flip(decision), "Leaving tags out does not flip it."]
    if len(flip.tags) > _MAX_FLIP_TAGS:
        line = f"No {_MAX_FLIP_TAGS} tags flip it; it takes {len(flip.tags)}."
    else:
        names = ", ".join(repr(entry.tag.name) for entry in flip.tags)
        plural = "tag" if len(flip.tags) == 1 else "tags"
        line = f"Without the {plural} {names} it would go to {flip.model}."
    return [*_theta_flip(decision), line]


def _theta_flip(decision: Decision) -> list[str]:
    """Name the theta at which the decision turns between the reference and the best other."""
    reference, scores = decision.reference_model, decision.model_scores
    banned = {rule.model for rule in decision.rules if rule.kind is RuleKind.BAN}
    by_tie_order = (decision.pool.models[i] for i in decision.pool.tie_order)
    others = [model for model in by_tie_order if model not in (reference, *banned)]
    if reference not in scores or reference in banned or not others:
        return []
    best = max(others, key=scores.__getitem__)
    turning = f"{scores[best] - scores[reference]:+.6f} (now {decision.theta:+.6f})"
    if decision.model == reference:
        return [f"It flips to {best} at any theta below {turning}."]
    return [f"It flips to {reference} at any theta above {turning}."]
