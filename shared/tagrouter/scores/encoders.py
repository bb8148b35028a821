"""Phrase encoders: tag names -> unit vectors, for aligning unseen tags."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tagrouter.network import network_of

Floats = npt.NDArray[np.float64]


class PhraseEncoder(ABC):
    """Embeds short phrases. A new one implements `encode`."""

    @abstractmethod
    def encode(self, phrases: Sequence[str]) -> Floats:
        """Embed phrases.

        Args:
            phrases: Tag names.

        Returns:
            Unit vectors (or zeros for a phrase without meaning) of shape (n_phrases, width).
        """


class EmbeddedEncoder(PhraseEncoder):
    """The shipped network's sentence vectors; those of its own tags come precomputed.

    Args:
        folder: A generator folder; the shipped one by default.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        self.network = network_of(Path(folder) if folder is not None else None)

    def encode(self, phrases: Sequence[str]) -> Floats:
        """Embed phrases, from the precomputed table where they stand in it."""
        table, known = self.network.tag_vectors, self.network.tag_rows
        rows = [
            table[known[phrase]] if phrase in known else self.network.run(phrase)[1]
            for phrase in phrases
        ]
        return np.stack(rows) if rows else np.zeros((0, table.shape[1]))
