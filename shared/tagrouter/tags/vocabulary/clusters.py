"""Semantic aggregation: DBSCAN over phrase vectors, with a guard against chains.

DBSCAN joins whatever hangs together by small steps, so that "law", "criminal law", "criminal",
"crime fiction" may end in one cluster. A cluster is therefore only where merges are looked for:
each needs similarity to the canonical tag itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tagrouter.errors import InvalidInputError, MissingExtraError

Floats = npt.NDArray[np.float64]

# Similarities are compared after rounding: the last digits differ between machines.
_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class ClusterOptions:
    """What counts as the same meaning.

    The defaults are for encoders trained on sentence similarity and were chosen on our corpus with
    all-MiniLM-L6-v2, by reading what its 1,439 raw tags lead to: of the 15 merges above 0.85, 9
    are right (same meaning, or a rare tag and the broader one), of the 35 from 0.80 to 0.85, 16,
    which a person can still veto; of the 70 pairs from 0.75 to 0.80 one in five, the others being
    siblings or parts ("personal finance" and "corporate finance").

    Attributes:
        eps: Largest cosine distance between neighbors of a cluster.
        min_similarity: Least cosine similarity of a tag to the canonical one it is merged into.
        min_samples: Tags within `eps`, the tag itself included, that make it the core of a
            cluster. With 2 every pair of neighbors is a cluster; synonyms come in pairs.
    """

    eps: float = 0.2
    min_similarity: float = 0.8
    min_samples: int = 2

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            InvalidInputError: If one is out of range.
        """
        if not 0 < self.eps < 1:
            raise InvalidInputError(f"eps is a distance between 0 and 1, not {self.eps!r}.")
        if not 0 < self.min_similarity <= 1:
            raise InvalidInputError(
                f"min_similarity lies above 0 and up to 1; it is {self.min_similarity!r}."
            )
        if self.min_samples < 2:
            raise InvalidInputError(
                f"min_samples is at least 2, not {self.min_samples!r}: one tag is no cluster."
            )


@dataclass(frozen=True, slots=True)
class Proposal:
    """A merge that the vectors speak for.

    Attributes:
        tag: Position of the tag that would become an alias.
        canonical: Position of the tag it would become an alias of.
        similarity: Their cosine similarity.
    """

    tag: int
    canonical: int
    similarity: float


def dbscan_class() -> Any:  # noqa: ANN401 - the library has no types
    """Import the clustering algorithm.

    Returns:
        The class.

    Raises:
        MissingExtraError: If scikit-learn is not installed.
    """
    try:
        from sklearn.cluster import DBSCAN
    except ImportError as error:
        raise MissingExtraError.of("Merging tags by meaning", "scikit-learn", "eval") from error
    return DBSCAN


def propose_merges(
    vectors: Floats, options: ClusterOptions, allowed: Callable[[int, int], bool]
) -> list[Proposal]:
    """Find what to merge.

    In each cluster the most frequent tag is canonical, then the next one that may not be merged
    into it, and so on; every other tag goes to the nearest of these.

    Args:
        vectors: One row per tag, most frequent tag first; unit length, or zeros for a tag that
            the encoder does not know, which is near nothing.
        options: What counts as the same meaning.
        allowed: Says whether the tags at two positions may be merged.

    Returns:
        Proposals, most similar first. No tag is proposed twice.
    """
    proposals: list[Proposal] = []
    for cluster in _clusters(vectors, options):
        similarities = (vectors[cluster] @ vectors[cluster].T).round(_DECIMALS)
        leaders: list[int] = []
        for row, tag in enumerate(cluster):
            near = [
                leader
                for leader in leaders
                if similarities[row, leader] >= options.min_similarity
                and allowed(tag, cluster[leader])
            ]
            if near:
                nearest = max(near, key=lambda leader: (similarities[row, leader], -leader))
                proposals.append(Proposal(tag, cluster[nearest], float(similarities[row, nearest])))
            else:
                leaders.append(row)
    return sorted(proposals, key=lambda p: (-p.similarity, p.canonical, p.tag))


def _clusters(vectors: Floats, options: ClusterOptions) -> Sequence[list[int]]:
    """Cluster the rows; each cluster's positions ascend, rows outside all clusters are left out."""
    if len(vectors) < options.min_samples:
        return []
    # The margin keeps a pair at exactly eps in, whatever its last digit.
    scan = dbscan_class()(
        eps=options.eps + 10**-_DECIMALS, min_samples=options.min_samples, metric="cosine"
    )
    labels = scan.fit_predict(vectors)
    return [np.flatnonzero(labels == label).tolist() for label in range(labels.max() + 1)]
