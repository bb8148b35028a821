"""What makes a comparison unique: the id it was given, or a hash of what was compared."""

import hashlib
import json
from typing import Final

from tagrouter.records import Comparison

_HASH_DIGITS: Final = 32


def comparison_id(comparison: Comparison) -> str:
    """Give a comparison's own id, or else one derived from query, model and reference model.

    The derived id does not depend on outcome, costs or tags: a comparison that is judged again
    keeps its id, so that it can be found out as the same one.

    Args:
        comparison: The record.

    Returns:
        The id; a derived one has 32 hexadecimal digits of a SHA-256 hash.
    """
    if comparison.id is not None:
        return comparison.id
    compared = [comparison.query, comparison.model, comparison.reference_model]
    # JSON keeps the three apart whatever they hold, and escapes what UTF-8 cannot encode.
    digest = hashlib.sha256(json.dumps(compared).encode("ascii"))
    return digest.hexdigest()[:_HASH_DIGITS]
