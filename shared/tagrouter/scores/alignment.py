"""Tag alignment: an unseen tag takes the scores of its nearest known one (paper, TagScorer)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from tagrouter.scores.encoders import Floats, PhraseEncoder

_KEPT: Final = 4096


@dataclass
class TagAligner:
    """Finds the nearest known tag by cosine similarity.

    Attributes:
        known: Tags that have scores.
        encoder: Where phrase vectors come from.
        min_similarity: Nearest tags below this are not near enough; the tag stays unknown.
    """

    known: Sequence[str]
    encoder: PhraseEncoder
    min_similarity: float = 0.5
    _found: dict[str, tuple[str, float] | None] = field(default_factory=dict, repr=False)

    @cached_property
    def _vectors(self) -> Floats:
        return self.encoder.encode(self.known)

    def align(self, name: str) -> tuple[str, float] | None:
        """Align one tag.

        Args:
            name: A normalized tag without scores of its own.

        Returns:
            The nearest known tag and its similarity, or None if none is near enough.
        """
        if name in self._found:
            return self._found[name]
        nearest = self._nearest(name)
        if len(self._found) >= _KEPT:
            # A new dict: another thread may just be reading the old one.
            self._found = {}
        self._found[name] = nearest
        return nearest

    def _nearest(self, name: str) -> tuple[str, float] | None:
        if not self.known:
            return None
        similarities = self._vectors @ self.encoder.encode([name])[0]
        best = int(similarities.argmax())
        similarity = round(float(similarities[best]), 4)
        return (self.known[best], similarity) if similarity >= self.min_similarity else None
