"""Choices -> an order, best first, and the reason as a receipt. Pure and deterministic.

Model scores are sums without a unit, similarities lie between 0 and 1: they are never added raw.
"""

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev
from typing import Literal

from tagrouter import Decision, QueryTags
from tagrouter.decision.rules import RuleKind

Source = Literal["learned", "similarity", "rule", "default"]


@dataclass(frozen=True)
class Ranking:
    """An order of choices.

    Attributes:
        order: Positions that may be selected, best first.
        scores: What each choice was ordered by; None for a choice left out.
    """

    order: tuple[int, ...]
    scores: tuple[float | None, ...]


def similarities_of(query: QueryTags, descriptions: Sequence[QueryTags]) -> list[float]:
    """Compare a query with descriptions by their tags.

    A tag that many of the descriptions have says little about which one is meant, so it counts
    less, as words do in text search.

    Args:
        query: Tags of the query.
        descriptions: Tags of each description.

    Returns:
        Cosine of the weights per description, 0 to 1.
    """
    spread = Counter(tag.name for tags in descriptions for tag in tags.tags)
    rarity = {name: math.log((1 + len(descriptions)) / (0.5 + n)) for name, n in spread.items()}
    unseen = math.log((1 + len(descriptions)) / 0.5)

    def vector(tags: QueryTags) -> dict[str, float]:
        return {tag.name: tag.weight * rarity.get(tag.name, unseen) for tag in tags.tags}

    asked = vector(query)
    return [_cosine(asked, vector(tags)) for tags in descriptions]


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    shared = math.fsum(value * other.get(name, 0.0) for name, value in one.items())
    return shared / (math.hypot(*one.values()) * math.hypot(*other.values())) if shared else 0.0


def rank_by_similarity(similarities: Sequence[float]) -> Ranking:
    """Order choices that are all cold; equal ones stay in their order."""
    order = sorted(range(len(similarities)), key=lambda i: (-similarities[i], i))
    return Ranking(tuple(order), tuple(similarities))


def rank_by_decision(
    models: Sequence[str | None],
    decision: Decision,
    similarities: Sequence[float],
    cold: Collection[int],
) -> Ranking:
    """Order choices of which at least one has a model.

    Those with a model go in the order of the decision, then of similarity, then of position. A
    cold one is worth the mean of the others' scores, moved by how many standard deviations its
    similarity is above the mean: where its description fits much better, it passes them.

    Args:
        models: The model behind each choice, None for a cold one.
        decision: The decision among these models.
        similarities: Of each choice's description to the query.
        cold: Positions of the cold choices that take part.

    Returns:
        The order.
    """
    allowed = _allowed(decision)
    known = [i for i, model in enumerate(models) if model in allowed]
    scores = [decision.compared(model) if model is not None else None for model in models]
    order = sorted(known, key=lambda i: (allowed.index(str(models[i])), -similarities[i], i))
    values = _cold_values([scores[i] or 0.0 for i in known], similarities)
    for i in sorted(() if _pinned(decision) else cold, key=lambda i: (-values[i], i)):
        scores[i] = values[i]
        passed = (at for at, other in enumerate(order) if (scores[other] or 0.0) < values[i])
        order.insert(next(passed, len(order)), i)
    return Ranking(tuple(order), tuple(scores))


def _pinned(decision: Decision) -> list[str]:
    return [rule.model for rule in decision.rules if rule.kind is RuleKind.PIN]


def _allowed(decision: Decision) -> list[str]:
    """Models that the rules leave, best first: the pinned one alone, else all but the banned."""
    banned = {rule.model for rule in decision.rules if rule.kind is RuleKind.BAN}
    if _pinned(decision):
        return [decision.model]
    return [model for model in decision.ranking if model not in banned]


def _cold_values(known: Sequence[float], similarities: Sequence[float]) -> list[float]:
    # Without any spread among the known scores every step is as good; 1 keeps the order.
    step = pstdev(known) or 1.0
    center, spread = fmean(similarities), pstdev(similarities) or 1.0
    return [fmean(known) + step * (value - center) / spread for value in similarities]
