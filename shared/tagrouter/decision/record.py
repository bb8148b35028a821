"""Decision: the record that `route` returns. It explains itself."""

import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tagrouter.decision.base import Pool
from tagrouter.decision.rules import Rule
from tagrouter.records import OutcomeCounts, QueryTag
from tagrouter.tag_scores import TagScores


class Reason(enum.StrEnum):
    """Why a model was chosen."""

    SCORED = "scored"
    """It has the best score."""
    THETA = "theta"
    """It has the best score once theta is subtracted, and would not have had it before."""
    RULE = "rule"
    """A pin, or a ban of the model that would have won."""
    DEFAULT = "default"
    """The query has no known tags; the profile's default model takes it."""
    EXPLICIT = "explicit"
    """The caller forced it, or left only one candidate."""
    STICKY = "sticky"
    """The conversation stays with its model."""
    ERROR = "error"
    """Routing failed and the caller asked for the default model then."""


@dataclass(frozen=True, slots=True)
class TagContribution:
    """What one tag adds to the score of each model.

    Attributes:
        tag: The tag.
        contributions: Summand of each model's score.
        evidence: Weighted wins, ties and losses behind it, for models that have any.
    """

    tag: QueryTag
    contributions: Mapping[str, float]
    evidence: Mapping[str, OutcomeCounts]


@dataclass(frozen=True)
class Decision:
    """Which model answers a query, and why.

    Attributes:
        model: The chosen model.
        ranking: All candidates: the chosen one, then by score, then those that a rule bans.
        model_scores: Score of each candidate before theta; the reference model's is 0 by default.
        theta: The threshold that applied; 0 where the policy or the pool has none.
        margin: How far the choice is ahead of the runner-up once theta is subtracted; negative
            where a rule, a default or the caller put it before a better one; None for a single
            candidate.
        reason: Why.
        query_tags: The reported tags, strongest first, aligned where they were unseen.
        reference_model: The yardstick of the scores.
        profile: Name of the profile.
        cost_usd: Estimated cost of the answer, where prices are known.
        rules: The rules that had a say.
        tag_scores: All contributions, reported or not.
        default_model: Who takes a query without known tags.
        pool: The candidates with prices, in the order of `model_scores`.
    """

    model: str
    ranking: tuple[str, ...]
    model_scores: Mapping[str, float]
    theta: float
    margin: float | None
    reason: Reason
    query_tags: tuple[QueryTag, ...]
    reference_model: str
    profile: str
    cost_usd: float | None = None
    rules: tuple[Rule, ...] = ()
    tag_scores: TagScores = field(repr=False, kw_only=True, compare=False)
    default_model: str = field(repr=False, kw_only=True)
    pool: Pool = field(repr=False, kw_only=True, compare=False)

    @property
    def contributions(self) -> tuple[TagContribution, ...]:
        """What every known tag adds, strongest tag first; computed when asked for.

        With `intercepts`, they sum to `model_scores` to 1e-9.
        """
        columns = self._columns()
        return tuple(
            TagContribution(
                tag,
                {model: float(row[column]) for model, column in columns.items()},
                {
                    model: counts
                    for model, counts in self.tag_scores.counts(tag.name).items()
                    if model in columns
                },
            )
            for tag, row in zip(self.tag_scores.tags, self.tag_scores.contributions, strict=True)
        )

    @property
    def intercepts(self) -> dict[str, float]:
        """The part of each candidate's score that no tag has a say in."""
        values = self.tag_scores.intercepts
        return {model: float(values[column]) for model, column in self._columns().items()}

    @property
    def runner_up(self) -> str | None:
        """The candidate that would come next."""
        return self.ranking[1] if len(self.ranking) > 1 else None

    def compared(self, model: str) -> float:
        """Return the score of a candidate as it was compared: theta subtracted where it applies."""
        score = self.model_scores[model]
        return score if model == self.reference_model else score - self.theta

    def explain(self) -> str:
        """Write the receipt: a table whose columns add up exactly, and what would flip it."""
        from tagrouter.decision.receipt import write_receipt

        return write_receipt(self)

    def to_dict(self) -> dict[str, Any]:
        """Give plain JSON data: numbers, strings, lists and None; no query text."""
        by_name = {entry.tag.name: entry for entry in self.contributions}
        return {
            "model": self.model,
            "ranking": list(self.ranking),
            "model_scores": dict(self.model_scores),
            "theta": self.theta,
            "margin": self.margin,
            "reason": str(self.reason),
            "query_tags": [
                {
                    "name": tag.name,
                    "weight": tag.weight,
                    "aligned_from": tag.aligned_from,
                    "similarity": tag.similarity,
                    "contribution": dict(by_name[tag.name].contributions)
                    if tag.name in by_name
                    else {},
                }
                for tag in self.query_tags
            ],
            "intercepts": self.intercepts,
            "other_tags": self._other_tags(),
            "reference_model": self.reference_model,
            "profile": self.profile,
            "cost_usd": self.cost_usd,
            "rules": [
                {"tag": r.tag, "model": r.model, "rule": str(r.kind), "why": r.why}
                for r in self.rules
            ],
        }

    def _other_tags(self) -> dict[str, Any]:
        """Sum up the tags that are not reported, so that the JSON adds up as well."""
        reported = {tag.name for tag in self.query_tags}
        rest = [entry for entry in self.contributions if entry.tag.name not in reported]
        return {
            "count": len(rest),
            "contribution": {
                model: math.fsum(entry.contributions[model] for entry in rest)
                for model in self.model_scores
            },
        }

    def _columns(self) -> dict[str, int]:
        position = {model: column for column, model in enumerate(self.tag_scores.models)}
        return {model: position[model] for model in self.model_scores}

    def flips_without(self) -> tuple[TagContribution, ...]:
        """Find the fewest tags without which another model would have been chosen.

        Returns:
            The lightest single tag that decides; where none does alone, the fewest that do
            together; empty where scores did not decide, or where leaving tags out does not help.
        """
        from tagrouter.decision.flips import find_flip

        flip = find_flip(self)
        return flip.tags if flip is not None else ()
