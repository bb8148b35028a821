"""Two profiles -> one that knows what both know. Pure.

Evidence is added and comparison ids are joined, so that profiles fitted on parts of a set of
comparisons give, merged in any order, the profile that is fitted on all of them. Whatever else two
profiles say is taken only where they do not contradict each other; nothing is chosen silently.
"""

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Final

from tagrouter.decision.base import DecisionPolicy
from tagrouter.decision.rules import Rule, RuleKind, check_rules
from tagrouter.errors import InvalidInputError
from tagrouter.evidence import UNIT
from tagrouter.models import Model
from tagrouter.profile import GeneratorReference, Profile
from tagrouter.scores.base import TagEstimator

_MERGED: Final = "merged_from"


def merge_profiles(first: Profile, second: Profile, name: str) -> Profile:
    """Merge two profiles; their order makes no difference.

    Reference model, estimator, generator and policy must be the same. A price is taken from the
    profile that has it, a default model from the one that has set another than the reference.
    Rules are joined. Models stand in name order, the reference model last.

    Args:
        first: A profile.
        second: Another one, fitted on other comparisons.
        name: What the merged profile is called.

    Returns:
        The merged profile.

    Raises:
        InvalidInputError: If the profiles share comparisons, or contradict each other.
    """
    _check_same_yardstick(first, second)
    _check_disjoint(first, second)
    merged = Profile(
        name=name,
        reference_model=first.reference_model,
        default_model=_default_model(first, second),
        models=_models(first, second),
        estimator=first.estimator,
        policy=first.policy,
        generator=first.generator,
        evidence=first.evidence + second.evidence,
        seen=first.seen | second.seen,
        provenance=_provenance(first, second),
    )
    return _with_rules(merged, first, second)


def _check_same_yardstick(first: Profile, second: Profile) -> None:
    """Refuse evidence that cannot be added, and policies between which nobody has chosen."""
    again = "Fit one of them again, as the other one was."
    edit = 'Write the one you want under "policy" into both profile.json files.'
    for what, remedy in (
        ("reference_model", again),
        ("estimator", again),
        ("generator", again),
        ("policy", edit),
    ):
        one, other = getattr(first, what), getattr(second, what)
        if one != other:
            raise InvalidInputError(
                f"{_both(first, second)} cannot be merged: one has the {what} {_written(one)}, "
                f"the other {_written(other)}. {remedy}"
            )


def _written(part: str | GeneratorReference | TagEstimator | DecisionPolicy) -> str:
    if isinstance(part, str):
        return repr(part)
    if isinstance(part, GeneratorReference):
        return f"{part.name!r} version {part.version}"
    return f"{part.name!r} {part.parameters}"


def _check_disjoint(first: Profile, second: Profile) -> None:
    shared = len(first.seen & second.seen)
    if shared:
        raise InvalidInputError(
            f"{_both(first, second)} share {shared:,} comparisons, which would count twice. "
            "Add the comparisons of one to the other profile, which leaves out what it has seen: "
            "tagrouter fit COMPARISONS --add-to PROFILE -o MERGED"
        )
    for profile in (first, second):
        overall = [model.overall for model in profile.evidence.models.values()]
        counted = sum(counts.wins + counts.ties + counts.losses for counts in overall)
        if counted > len(profile.seen) * UNIT:
            raise InvalidInputError(
                f"Profile {profile.name!r} counts {counted / UNIT:,.0f} comparisons and has the "
                f"ids of {len(profile.seen):,} of them, so that shared ones would not be noticed. "
                "Fit it again on its comparisons."
            )


def _both(first: Profile, second: Profile) -> str:
    return f"Profiles {first.name!r} and {second.name!r}"


def _default_model(first: Profile, second: Profile) -> str:
    """Take the one that was set: a fresh fit has the reference."""
    chosen = {first.default_model, second.default_model}
    chosen = chosen - {first.reference_model} or chosen
    if len(chosen) > 1:
        raise InvalidInputError(
            f"{_both(first, second)} cannot be merged: their default models are "
            f"{first.default_model!r} and {second.default_model!r}. Write the one you want under "
            '"default_model" into both profile.json files, or the reference model into one.'
        )
    return chosen.pop()


def _models(first: Profile, second: Profile) -> tuple[Model, ...]:
    merged = {model.name: model for model in first.models}
    for model in second.models:
        known = merged.get(model.name)
        merged[model.name] = _priced(known, model) if known else model
    reference = first.reference_model
    return tuple(merged[name] for name in sorted(merged, key=lambda n: (n == reference, n)))


def _priced(one: Model, other: Model) -> Model:
    numbers: dict[str, Any] = {}
    for entry in fields(Model):
        given = {getattr(one, entry.name), getattr(other, entry.name)} - {None}
        if len(given) > 1:
            low, high = sorted(given)
            raise InvalidInputError(
                f"The profiles give model {one.name!r} two values of {entry.name}: {low} and "
                f"{high}. Write the one you want into both profile.json files."
            )
        numbers[entry.name] = given.pop() if given else None
    return Model(**numbers)


def _with_rules(merged: Profile, first: Profile, second: Profile) -> Profile:
    reasons: dict[tuple[str, str, RuleKind], set[str]] = {}
    for rule in (*first.rules, *second.rules):
        reasons.setdefault((rule.tag, rule.model, rule.kind), set()).add(rule.why)
    rules = tuple(Rule(*key, _why(why)) for key, why in sorted(reasons.items()))
    try:
        check_rules(rules, merged.model_names)
    except InvalidInputError as error:
        raise InvalidInputError(f"{_both(first, second)} cannot be merged. {error}") from error
    banned: dict[str, set[str]] = {}
    for rule in rules:
        if rule.kind is RuleKind.BAN:
            banned.setdefault(rule.tag, set()).add(rule.model)
    for tag, models in banned.items():
        if models == set(merged.model_names):
            raise InvalidInputError(
                f"{_both(first, second)} cannot be merged: together, their rules ban every model "
                f"from the tag {tag!r}. Remove one from a rules.csv."
            )
    return replace(merged, rules=rules)


def _provenance(first: Profile, second: Profile) -> dict[str, Any]:
    """Keep what both say; where it differs, all of it side by side."""
    said = {
        json.dumps(part, sort_keys=True): part
        for profile in (first, second)
        for part in _parts(profile.provenance)
    }
    parts = [dict(said[key]) for key in sorted(said)]
    return parts[0] if len(parts) == 1 else {_MERGED: parts}


def _parts(provenance: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Take a merged profile's provenance apart, so that merging thrice nests nothing."""
    parts = provenance.get(_MERGED)
    merged = set(provenance) == {_MERGED} and isinstance(parts, list) and len(parts) > 1
    if parts is not None and merged and all(isinstance(part, Mapping) for part in parts):
        return list(parts)
    return [provenance]


def _why(reasons: set[str]) -> str:
    """Keep a reason as it was written; of several, list each once."""
    given = reasons - {""}
    if len(given) < 2:
        return "".join(given)
    return "; ".join(sorted({piece for reason in given for piece in reason.split("; ")}))
