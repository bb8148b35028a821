"""What would turn a decision: the fewest tags without which another model is chosen. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tagrouter.decision.record import Decision, Reason, TagContribution
from tagrouter.decision.rules import RuleKind

_ROUNDING: Final = 1e-9
"""Sums of floats agree to this; whether a set of tags really flips is then computed."""


@dataclass(frozen=True, slots=True)
class Flip:
    """Tags to leave out, and where the query goes then.

    Attributes:
        tags: What is left out.
        model: Who is chosen without it.
    """

    tags: tuple[TagContribution, ...]
    model: str


def find_flip(decision: Decision) -> Flip | None:
    """Find the fewest tags without which another model would have been chosen.

    Args:
        decision: Any decision.

    Returns:
        The flip; None where scores did not decide, or where no tags to leave out change it.
    """
    if decision.reason not in (Reason.SCORED, Reason.THETA) or decision.runner_up is None:
        return None
    without = _Without(decision)
    found: list[int] | None = None
    for other in without.others:
        rows = without.fewest_for(other)
        if rows is not None and (found is None or len(rows) < len(found)):
            found = rows
    if found is None:
        # Without any known tag the default model takes the query, whatever the scores.
        found = without.removable
    model = without.chosen(found)
    if model == decision.model:
        return None
    entries = decision.contributions
    return Flip(tuple(entries[row] for row in found), model)


class _Without:
    """Decides again without some tags, as the decider would.

    Args:
        decision: The decision, made by scores.
    """

    def __init__(self, decision: Decision) -> None:
        scores, pool = decision.tag_scores, decision.pool
        bans = [rule for rule in decision.rules if rule.kind is RuleKind.BAN]
        banned = {rule.model for rule in bans}
        # Leaving out the tag of a ban would let the banned model in again: that is another story.
        banning = {rule.tag for rule in bans}
        self.decision = decision
        self.scores = scores
        self.candidates = [pool.models[i] for i in pool.tie_order if pool.models[i] not in banned]
        self.others = [model for model in self.candidates if model != decision.model]
        self.columns = [scores.models.index(model) for model in self.candidates]
        self.removable = [row for row, tag in enumerate(scores.tags) if tag.name not in banning]

    def chosen(self, rows: Sequence[int]) -> str:
        """Name the model that is chosen once the tags of some rows are left out."""
        kept = np.delete(self.scores.contributions, rows, axis=0)
        if not len(kept) and self.decision.default_model in self.candidates:
            return self.decision.default_model
        totals = (self.scores.intercepts + kept.sum(axis=0))[self.columns].tolist()
        compared = [
            total if model == self.decision.reference_model else total - self.decision.theta
            for model, total in zip(self.candidates, totals, strict=True)
        ]
        return self.candidates[compared.index(max(compared))]

    def fewest_for(self, other: str) -> list[int] | None:
        """Find the fewest rows without which the choice falls behind one other model."""
        chosen = self.decision.model
        gap = self.decision.compared(chosen) - self.decision.compared(other) - _ROUNDING
        columns = [self.scores.models.index(model) for model in (chosen, other)]
        ours, theirs = self.scores.contributions[:, columns].T
        leads = dict(enumerate((ours - theirs).tolist()))
        helpful = [row for row in self.removable if leads[row] > 0]
        ascending = sorted(helpful, key=leads.__getitem__)
        alone = ([row] for row in ascending if leads[row] >= gap)
        together = self._growing(ascending[::-1], leads, gap)
        return next((rows for rows in (*alone, *together) if self.chosen(rows) != chosen), None)

    @staticmethod
    def _growing(
        descending: Sequence[int], leads: dict[int, float], gap: float
    ) -> Iterator[list[int]]:
        reached = 0.0
        for count, row in enumerate(descending, start=1):
            reached += leads[row]
            if reached >= gap:
                yield list(descending[:count])
