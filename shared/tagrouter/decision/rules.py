"""Rules: a person's word on a tag, before any score. Pure."""

import enum
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from tagrouter.errors import InvalidInputError, NoCandidateError
from tagrouter.records import QueryTags

RULE_MIN_WEIGHT: Final = 0.5
"""A rule fires on a tag of at least this weight."""


class RuleKind(enum.StrEnum):
    """What a rule does."""

    PIN = "pin"
    BAN = "ban"


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of ``rules.csv``.

    Attributes:
        tag: Fires on this very tag, at a weight of at least `RULE_MIN_WEIGHT`.
        model: The model it is about.
        kind: Pin (take this model) or ban (never take it).
        why: For the receipt.
    """

    tag: str
    model: str
    kind: RuleKind
    why: str = ""

    def __str__(self) -> str:
        """Read as a sentence."""
        verb = "goes to" if self.kind is RuleKind.PIN else "never goes to"
        return f"{self.tag!r} {verb} {self.model!r}" + (f" ({self.why})" if self.why else "")


def check_rules(rules: Sequence[Rule], models: Collection[str]) -> None:
    """Refuse rules that contradict each other or name no model.

    Args:
        rules: All rules of a profile.
        models: Its models.

    Raises:
        InvalidInputError: If a rule cannot be followed.
    """
    pins: dict[str, Rule] = {}
    bans = {(rule.tag, rule.model) for rule in rules if rule.kind is RuleKind.BAN}
    for rule in rules:
        if rule.model not in models:
            raise InvalidInputError(
                f"The rule that {rule} names a model that is not in the profile; "
                f"it has {', '.join(sorted(models))}."
            )
        if rule.kind is RuleKind.PIN:
            other = pins.setdefault(rule.tag, rule)
            if other.model != rule.model or (rule.tag, rule.model) in bans:
                raise InvalidInputError(
                    f"Rules contradict each other on the tag {rule.tag!r}: {rule}, but also: "
                    f"{other if other.model != rule.model else 'a ban of the same model'}. "
                    "Remove one."
                )


def apply_rules(
    rules: Sequence[Rule], tags: QueryTags, candidates: Sequence[str]
) -> tuple[tuple[str, ...], tuple[Rule, ...]]:
    """Narrow the candidates by the rules that fire: bans first, then the strongest tag's pin.

    Args:
        rules: All rules of a profile.
        tags: The tags of the query.
        candidates: Models that may answer.

    Returns:
        The models left, and the rules that had a say.

    Raises:
        NoCandidateError: If all candidates are banned.
    """
    weights = {tag.name: tag.weight for tag in tags.tags if tag.aligned_from is None}
    firing = [rule for rule in rules if weights.get(rule.tag, 0.0) >= RULE_MIN_WEIGHT]
    bans = [r for r in firing if r.kind is RuleKind.BAN and r.model in candidates]
    banned = {rule.model for rule in bans}
    left = tuple(model for model in candidates if model not in banned)
    if not left:
        raise NoCandidateError(
            f"Rules ban every candidate ({', '.join(candidates)}): "
            f"{'; '.join(map(str, bans))}. Widen `models`, or change rules.csv."
        )
    pins = [rule for rule in firing if rule.kind is RuleKind.PIN and rule.model in left]
    if pins:
        pin = min(pins, key=lambda rule: (-weights[rule.tag], rule.tag))
        return (pin.model,), (*bans, pin)
    return left, tuple(bans)
