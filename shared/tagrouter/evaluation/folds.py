"""Folds for cross-validation: by query, the same on every machine."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tagrouter.errors import InvalidInputError


def assign_folds(queries: Sequence[str], n_folds: int = 10, seed: int = 0) -> NDArray[np.intp]:
    """Give every row a fold; rows of one query share it, so that no query is on both sides.

    The folds depend on the set of queries and the seed, not on the order of the rows. Their sizes
    differ by one query at most.

    Args:
        queries: The query of every row: its text or its id.
        n_folds: At least 2 and at most the number of different queries.
        seed: Another seed gives another division.

    Returns:
        Shape (n_rows,), the fold of every row, from 0 to n_folds - 1.

    Raises:
        InvalidInputError: If there are not that many different queries.
    """
    distinct = set(queries)
    if not 2 <= n_folds <= len(distinct):
        raise InvalidInputError(
            f"{n_folds} folds of {len(distinct)} different queries; there are at least 2 folds "
            "and each needs a query. Ask for fewer folds or give more queries."
        )
    ordered = sorted(distinct, key=lambda query: (_digest(query, seed), query))
    folds = {query: position % n_folds for position, query in enumerate(ordered)}
    return np.array([folds[query] for query in queries], dtype=np.intp)


def _digest(query: str, seed: int) -> bytes:
    # Texts may hold half a surrogate pair, which plain UTF-8 refuses.
    return hashlib.sha256(f"{seed}\n{query}".encode("utf-8", "surrogatepass")).digest()
