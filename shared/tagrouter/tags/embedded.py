"""The default generator: the shipped network, on the CPU, without torch and offline."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from tagrouter.network import Floats, network_of
from tagrouter.records import WEIGHT_DECIMALS, QueryTag, QueryTags
from tagrouter.tags.base import TagGenerator

_THREADS_FROM = 4


class EmbeddedGenerator(TagGenerator):
    """Tags with probabilities as weights, from a small network in the wheel.

    Each query runs alone, so its tags do not depend on what it is batched with; many queries run
    side by side on the cores there are.

    Args:
        folder: A generator folder made by ``tagrouter train``; the shipped one by default.
    """

    name = "embedded"

    def __init__(self, folder: str | Path | None = None) -> None:
        self.folder = Path(folder) if folder is not None else None
        self.network = network_of(self.folder)

    @property
    def source(self) -> str:
        """The registry name, with the folder of a generator of one's own behind it."""
        return self.name if self.folder is None else f"{self.name}:{self.folder}"

    @classmethod
    def from_source(cls, argument: str) -> "EmbeddedGenerator":
        """Build it from a folder, or the shipped one."""
        return cls(argument or None)

    @property
    def version(self) -> str:  # type: ignore[override]
        """Version in the folder's header."""
        return self.network.header.version

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """All tags it can give."""
        return self.network.header.tags

    def probabilities(self, queries: Sequence[str]) -> Floats:
        """Compute the probability of every tag.

        Args:
            queries: The texts.

        Returns:
            Floats of shape (n_queries, n_tags), columns in the order of `vocabulary`.
        """
        if len(queries) < _THREADS_FROM:
            rows = [self.network.run(query)[0] for query in queries]
        else:
            # The runtime releases the interpreter lock, so threads are enough.
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                rows = [row for row, _ in pool.map(self.network.run, queries)]
        return np.stack(rows) if rows else np.zeros((0, len(self.vocabulary)))

    def _generate(self, queries: Sequence[str]) -> list[QueryTags]:
        return [self._tags(row) for row in self.probabilities(queries)]

    def _tags(self, probabilities: Floats) -> QueryTags:
        header = self.network.header
        weights = probabilities.round(WEIGHT_DECIMALS)
        kept = np.flatnonzero(weights >= header.weight_floor)
        order = kept[np.argsort(-weights[kept], kind="stable")]
        names = header.tags
        tags = tuple(QueryTag(names[i], float(weights[i])) for i in order)
        n_reported = int((weights[order] >= header.threshold).sum())
        return QueryTags(tags, tags[:n_reported])
