"""What every estimator keeps to, whichever it is."""

import copy
import dataclasses
import json
import math
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagrouter import InvalidInputError
from tagrouter.evidence import Evidence, ExactCounts, ModelEvidence
from tagrouter.registry import ESTIMATORS, part
from tagrouter.scores.base import TagEstimator
from tagrouter.scores.counts import count_comparisons
from tagrouter.scores.scorer import TagScorer
from tests.core.builders import judged, soft_tags

WEIGHTS = st.integers(1, 10_000).map(lambda units: units / 10_000)
PREFERENCES = st.integers(0, 10_000).map(lambda units: units / 10_000)
TAGS = st.dictionaries(st.sampled_from(["poetry", "coding", "humor"]), WEIGHTS)


def evidence_for(estimator: TagEstimator, *pairs) -> Evidence:
    return count_comparisons(pairs, estimator.tag_weights)


@pytest.fixture(params=ESTIMATORS)
def kind(request) -> type[TagEstimator]:
    return part("estimator", request.param)


@pytest.fixture
def small(kind) -> ModelEvidence:
    pairs = [judged(0.9, {"poetry": 0.5, "coding": 1.0}), judged(0.1, {"coding": 0.25})]
    return evidence_for(kind(), *pairs).models["small"]


def test_registered_name_is_its_own(kind):
    assert part("estimator", kind.name) is kind


def test_it_is_a_frozen_dataclass(kind):
    assert dataclasses.is_dataclass(kind)
    name = dataclasses.fields(kind)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(kind(), name, 1.0)


def test_parameters_round_trip_through_json(kind):
    parameters = json.loads(json.dumps(kind().parameters, allow_nan=False))
    assert kind.from_parameters(parameters) == kind()


def test_unknown_parameter_is_refused_with_the_known_ones(kind):
    known = ", ".join(kind().parameters)
    with pytest.raises(InvalidInputError, match=f"no parameter 'wings'; it has: {known}"):
        kind.from_parameters({"wings": 2})


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 10**400, "1", None])
def test_number_that_is_none_is_refused(kind, value):
    numbers = [name for name, default in kind().parameters.items() if isinstance(default, float)]
    for name in numbers:
        with pytest.raises(InvalidInputError, match=f"{kind.name}.*{name} must be a finite number"):
            kind.from_parameters({name: value})


@pytest.mark.parametrize("value", [math.nan, "yes", 1, None, "sideways"])
def test_parameter_of_another_kind_is_refused(kind, value):
    others = [name for name, default in kind().parameters.items() if not isinstance(default, float)]
    for name in others:
        with pytest.raises(InvalidInputError, match=f"{kind.name}.*{name} must be"):
            kind.from_parameters({name: value})


def test_copies_are_equal(kind):
    assert copy.deepcopy(kind()) == pickle.loads(pickle.dumps(kind())) == kind()


def test_scores_are_finite_and_of_tags_with_evidence(kind, small):
    column = kind().column(small)
    assert set(column.tag_scores) <= set(small.tags)
    assert all(math.isfinite(score) for score in (column.intercept, *column.tag_scores.values()))


def test_same_evidence_gives_the_same_scores(kind, small):
    assert kind().column(small) == kind().column(copy.deepcopy(small))


@pytest.mark.parametrize("tags", [{}, {"poetry": ExactCounts()}])
def test_model_without_comparisons_starts_level(kind, tags):
    column = kind().column(ModelEvidence(ExactCounts(), tags))
    assert column.intercept == 0.0
    assert not any(column.tag_scores.values())


def test_reference_model_scores_zero_unless_asked_otherwise(kind, small):
    column = kind().reference_column([small])
    assert (column.intercept, dict(column.tag_scores)) == (0.0, {})


def test_wins_score_higher_than_losses(kind):
    def score(preference: float) -> float:
        pairs = [judged(preference, {"poetry": 1.0}), judged(0.5, {"coding": 1.0})]
        column = kind().column(evidence_for(kind(), *pairs).models["small"])
        return column.intercept + column.tag_scores["poetry"]

    assert score(1.0) > score(0.5) > score(0.0)


def test_tags_count_the_same_in_fitting_as_in_scoring(kind):
    tags = soft_tags({"poetry": 0.75, "coding": 0.25}, reported=0.5)
    estimator = kind()
    evidence = evidence_for(estimator, (judged(1.0, {})[0], tags))
    scorer = TagScorer(estimator).fit(evidence, "large")
    scored = {tag.name: tag.weight for tag in scorer.score(tags).tags}
    counted = {tag: counts.rounded.wins for tag, counts in evidence.models["small"].tags.items()}
    assert scored == counted


@given(st.lists(st.tuples(PREFERENCES, TAGS), min_size=1, max_size=8), st.integers(0, 7))
@settings(deadline=None)
def test_other_models_change_no_byte_of_a_column(records, foreign):
    for name in ESTIMATORS:
        estimator = part("estimator", name)()
        own = [judged(preference, tags) for preference, tags in records]
        other = [judged(p, t, model="tiny") for p, t in records[: foreign + 1]]
        alone = TagScorer(estimator).fit(evidence_for(estimator, *own), "large")
        joined = TagScorer(estimator).fit(evidence_for(estimator, *own, *other), "large")
        column = joined.models_.index("small")
        rows = [joined.tags_.index(tag) for tag in alone.tags_]
        assert joined.tag_scores_[rows, column].tobytes() == alone.tag_scores_[:, 0].tobytes()
        assert joined.intercepts_[column].tobytes() == alone.intercepts_[0].tobytes()
