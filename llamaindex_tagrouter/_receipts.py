"""The reason of a selection: which tags led to which choice, by what numbers. Pure.

RouterQueryEngine prints it in a sentence of its own, so it is short and has no full stop.
"""

from collections.abc import Sequence
from typing import Final

from llamaindex_tagrouter._ranking import Ranking, Source
from tagrouter import QueryTags

MAX_TAGS: Final = 3


def tag_names(tags: QueryTags) -> list[str]:
    """Name the reported tags; where all are too faint to be reported, the strongest ones."""
    return [tag.name for tag in tags.reported or tags.tags[:MAX_TAGS]]


def reason_of(
    position: int,
    ranking: Ranking,
    labels: Sequence[str],
    tags: QueryTags,
    source: Source,
    why_default: str,
) -> str:
    """Tell why a choice was selected.

    Args:
        position: The choice.
        ranking: All choices in order.
        labels: Names of the choices.
        tags: The query's tags.
        source: What decided.
        why_default: What stood in the way, where the default choice is taken.

    Returns:
        Such as ``poetry, haiku -> small +0.20 vs large +0.00``.
    """
    label = labels[position]
    if source == "default":
        return f"{why_default} -> {label} by default"
    led_by = f"{', '.join(tag_names(tags)[:MAX_TAGS])} -> "
    score = ranking.scores[position]
    if score is None:
        return f"{led_by}{label}"
    if source == "rule":
        return f"{led_by}{label} by rule"
    other = next((i for i in ranking.order if i != position), None)
    rest = "" if other is None else f" vs {labels[other]} {ranking.scores[other] or 0.0:+.2f}"
    unit = " (similarity)" if source == "similarity" else ""
    return f"{led_by}{label} {score:+.2f}{rest}{unit}"
