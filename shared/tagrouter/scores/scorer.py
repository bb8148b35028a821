"""TagScorer: aligns unseen tags, then looks every tag's scores up."""

from collections.abc import Sequence

import numpy as np

from tagrouter.errors import NotFittedError
from tagrouter.evidence import Evidence
from tagrouter.records import QueryTag, QueryTags
from tagrouter.scores.alignment import TagAligner
from tagrouter.scores.base import ScoreColumn, TagEstimator
from tagrouter.scores.encoders import PhraseEncoder
from tagrouter.tag_scores import Floats, TagScores


class TagScorer:
    """Holds a score per tag and model (paper, TagScorer: an explicit key-value table).

    Args:
        estimator: How evidence becomes scores.
        encoder: For aligning unseen tags; without one they stay unknown.
        min_similarity: Cosine similarity an unseen tag must have to a known one.
    """

    def __init__(
        self,
        estimator: TagEstimator,
        *,
        encoder: PhraseEncoder | None = None,
        min_similarity: float = 0.5,
    ) -> None:
        self.estimator = estimator
        self.encoder = encoder
        self.min_similarity = min_similarity

    def fit(
        self, evidence: Evidence, reference_model: str, models: Sequence[str] | None = None
    ) -> "TagScorer":
        """Compute the scores of every model.

        Args:
            evidence: Counts of every model but the reference.
            reference_model: The yardstick.
            models: Which models get a column; all with evidence, and the reference, by default.

        Returns:
            Itself.
        """
        known = (*evidence.models, reference_model)
        self.models_ = tuple(dict.fromkeys(models if models is not None else known))
        self.evidence_ = evidence
        self.tags_ = evidence.tags
        self._rows = {tag: row for row, tag in enumerate(self.tags_)}
        columns = [self._column(model, reference_model) for model in self.models_]
        self.intercepts_: Floats = np.array([column.intercept for column in columns])
        self.tag_scores_: Floats = np.zeros((len(self.tags_), len(columns)))
        for j, column in enumerate(columns):
            for tag, score in column.tag_scores.items():
                self.tag_scores_[self._rows[tag], j] = score
        self._aligner = (
            TagAligner(self.tags_, self.encoder, self.min_similarity) if self.encoder else None
        )
        return self

    def _column(self, model: str, reference_model: str) -> ScoreColumn:
        if model == reference_model:
            return self.estimator.reference_column(list(self.evidence_.models.values()))
        evidence = self.evidence_.models.get(model)
        # A model that was never judged has no score of its own and starts level.
        return self.estimator.column(evidence) if evidence is not None else ScoreColumn(0.0, {})

    def score(self, tags: QueryTags | Sequence[str]) -> TagScores:
        """Look up what every tag of a query adds to every model.

        Args:
            tags: Tags from a generator, or names, which count with weight 1. Unseen ones are
                aligned if they are reported; the faint rest is left out. May be empty.

        Returns:
            The contributions of the known tags.

        Raises:
            NotFittedError: If `fit` has not been called.
        """
        if not hasattr(self, "tags_"):
            raise NotFittedError("This TagScorer has no scores yet. Call fit(evidence) first.")
        if not isinstance(tags, QueryTags):
            tags = QueryTags.of_names(tags)
        known = self._known(tags)
        rows = [self._rows[tag.name] for tag in known]
        weights = np.array([tag.weight for tag in known])
        contributions = weights[:, np.newaxis] * self.tag_scores_[rows]
        return TagScores(self.models_, known, self.intercepts_, contributions, self.evidence_)

    def _known(self, tags: QueryTags) -> tuple[QueryTag, ...]:
        rows = self._rows
        if self.estimator.soft:
            used: Sequence[QueryTag] = tags.tags
        else:
            used = [QueryTag(t.name, 1.0, t.aligned_from, t.similarity) for t in tags.reported]
        known = tuple(tag for tag in used if tag.name in rows)
        if len(known) == len(used) or self._aligner is None:
            return known
        names = {tag.name for tag in known}
        reported = {tag.name for tag in tags.reported}
        aligned: list[QueryTag] = []
        for tag in used:
            if tag.name in rows:
                aligned.append(tag)
            elif tag.name in reported and (nearest := self._aligner.align(tag.name)):
                name, similarity = nearest
                if name not in names:
                    names.add(name)
                    aligned.append(QueryTag(name, tag.weight, tag.name, similarity))
        return tuple(aligned)
