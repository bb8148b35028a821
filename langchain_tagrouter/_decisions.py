"""Where a decision is written: run tag, run metadata, and one message's response metadata."""

from typing import Any, Final

from langchain_core.messages import BaseMessage

from tagrouter import Decision

RESPONSE_KEY: Final = "tagrouter"
"""Key of the decision in ``AIMessage.response_metadata``."""


def decision_tag(decision: Decision) -> str:
    """Give the tag of the member's run."""
    return f"tagrouter:{decision.model}"


def decision_metadata(decision: Decision) -> dict[str, str | float]:
    """Give the flat metadata of the member's run; tracers take only scalars well."""
    return {
        "tagrouter_model": decision.model,
        "tagrouter_reason": str(decision.reason),
        "tagrouter_theta": decision.theta,
        "tagrouter_tags": ", ".join(tag.name for tag in decision.query_tags),
    }


def short_decision(decision: Decision) -> dict[str, Any]:
    """Give the part of a decision that travels with a message: plain JSON, no query text."""
    return {
        "model": decision.model,
        "reason": str(decision.reason),
        "theta": decision.theta,
        "model_scores": dict(decision.model_scores),
        "query_tags": [tag.name for tag in decision.query_tags],
    }


def with_decision(message: BaseMessage, decision: Decision) -> BaseMessage:
    """Put a decision on a copy of a message, as the message may sit in the member's cache.

    Args:
        message: A whole message, or the one chunk that carries the decision: merging chunks
            would join the names on two of them into one word.
        decision: The decision.

    Returns:
        The copy.
    """
    metadata = {**message.response_metadata, RESPONSE_KEY: short_decision(decision)}
    return message.model_copy(update={"response_metadata": metadata})
