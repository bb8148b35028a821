"""Fakes for tests of code that uses TagRouter: no network, no files, numbers done by hand."""

import time
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from tagrouter.decision.rules import Rule
from tagrouter.decision.threshold import ThetaPolicy
from tagrouter.errors import InvalidInputError
from tagrouter.evidence import UNIT, Evidence, ExactCounts, ModelEvidence
from tagrouter.models import Model
from tagrouter.profile import GeneratorReference, Profile
from tagrouter.records import QueryTag, QueryTags
from tagrouter.scores.encoders import PhraseEncoder
from tagrouter.scores.shrunk import ShrunkEstimator
from tagrouter.tags.base import TagGenerator

_KAPPA = 20
# With this many comparisons a tag's shrunk score is its excess preference over 1000.
_COMPARISONS = 980
_LARGEST = 0.98


class FakeTagGenerator(TagGenerator):
    """Gives the tags of every key that occurs in a query.

    Args:
        tags: Piece of text (upper and lower case alike) -> tag name -> weight.
        delay_s: Seconds to block per call, as a slow model would.
        reporting_threshold: Weight from which a tag is reported.
    """

    name = "fake"

    def __init__(
        self,
        tags: Mapping[str, Mapping[str, float]],
        *,
        delay_s: float = 0.0,
        reporting_threshold: float = 0.0,
    ) -> None:
        self.tags = tags
        self.delay_s = delay_s
        self.reporting_threshold = reporting_threshold
        self.calls: list[list[str]] = []

    def _generate(self, queries: Sequence[str]) -> list[QueryTags]:
        self.calls.append(list(queries))
        if self.delay_s:
            time.sleep(self.delay_s)
        return [self._tags(query.casefold()) for query in queries]

    def _tags(self, query: str) -> QueryTags:
        weights: dict[str, float] = {}
        for piece, tags in self.tags.items():
            if piece.casefold() in query:
                weights.update(tags)
        ordered = sorted(weights.items(), key=lambda item: -item[1])
        found = tuple(QueryTag(name, weight) for name, weight in ordered)
        return QueryTags(found, tuple(t for t in found if t.weight >= self.reporting_threshold))


class FakeEncoder(PhraseEncoder):
    """Puts phrases at the same point or at right angles.

    Args:
        near: Phrase -> the phrase it is the same as; all others are unlike each other.
    """

    def __init__(self, near: Mapping[str, str] | None = None) -> None:
        self.near = dict(near or {})
        self._axes: dict[str, int] = {}

    def encode(self, phrases: Sequence[str]) -> npt.NDArray[np.float64]:
        """Embed phrases."""
        vectors = np.zeros((len(phrases), 512))
        for row, phrase in enumerate(phrases):
            name = self.near.get(phrase, phrase)
            vectors[row, self._axes.setdefault(name, len(self._axes))] = 1.0
        return vectors


def tiny_profile(
    tag_scores: Mapping[str, Mapping[str, float]],
    *,
    reference_model: str = "large",
    theta: float = 0.0,
    rules: Sequence[Rule] = (),
    models: Sequence[Model] = (),
) -> Profile:
    """Build a profile in which every tag has the score you say, and no model an intercept.

    Args:
        tag_scores: Tag -> model -> score, between -0.98 and 0.98. The reference model's is 0.
        reference_model: The yardstick; it is also the default model.
        theta: The threshold.
        rules: Pins and bans.
        models: Prices for some of the models.

    Returns:
        A profile with the estimator `shrunk`.

    Raises:
        InvalidInputError: If a score is out of reach.
    """
    _check_scores(tag_scores, reference_model)
    scored = {m for scores in tag_scores.values() for m in scores} - {reference_model}
    priced = {model.name: model for model in models}
    half = _COMPARISONS * UNIT * UNIT // 2
    level = ExactCounts(0, _COMPARISONS * UNIT, 0, half)
    evidence = {
        model: ModelEvidence(
            level,
            {
                tag: ExactCounts(
                    0,
                    _COMPARISONS * UNIT,
                    0,
                    half + round(scores[model] * (_COMPARISONS + _KAPPA) * UNIT * UNIT / 2),
                )
                for tag, scores in sorted(tag_scores.items())
                if model in scores
            },
        )
        for model in sorted(scored)
    }
    names = [*sorted(scored), reference_model]
    return Profile(
        name="tiny",
        reference_model=reference_model,
        default_model=reference_model,
        models=tuple(priced.get(name, Model(name)) for name in names),
        estimator=ShrunkEstimator(kappa=_KAPPA),
        policy=ThetaPolicy(theta),
        generator=GeneratorReference("fake", "1"),
        evidence=Evidence(evidence),
        rules=tuple(rules),
    )


def _check_scores(tag_scores: Mapping[str, Mapping[str, float]], reference_model: str) -> None:
    for tag, scores in tag_scores.items():
        for model, score in scores.items():
            if model != reference_model and not abs(score) <= _LARGEST:
                raise InvalidInputError(
                    f"Tag {tag!r} has score {score!r} for model {model!r}; preferences from 0 to 1 "
                    f"give scores from -{_LARGEST} to {_LARGEST}."
                )
