"""The default estimator, from graded judgments with soft tags to decisions, by hand; kappa 20.

Four judgments of `small` against `large`, mean preference 0.45, so a = 2 * 0.45 - 1 = -0.1::

    preference   advantage - a   poetry   coding
    1.00              1.1          1.0
    0.75              0.6          0.5      0.5
    0.00             -0.9                   1.0
    0.05             -0.8                   0.5

    poetry: N = 1.5, S = 1.1 + 0.3       =  1.4, score  1.4 / 21.5
    coding: N = 2.0, S = 0.3 - 0.9 - 0.4 = -1.0, score -1.0 / 22
"""

from dataclasses import replace

import pytest

from tagrouter import Profile
from tagrouter.evidence import ExactCounts
from tagrouter.scores.shrunk import ShrunkEstimator
from tagrouter.testing import tiny_profile
from tests.core.builders import evidence_of, judged, router_of, soft_tags

MEAN = -0.1
POETRY = 1.4 / 21.5
CODING = -1.0 / 22
CENTERED_INTERCEPT = MEAN - POETRY * 1.5 / 4 - CODING * 2.0 / 4

JUDGED = (
    judged(1.0, {"poetry": 1.0}),
    judged(0.75, {"poetry": 0.5, "coding": 0.5}),
    judged(0.0, {"coding": 1.0}),
    judged(0.05, {"coding": 0.5}),
)
QUERY = soft_tags({"poetry": 0.8, "coding": 0.4})


def fitted(estimator: ShrunkEstimator) -> Profile:
    empty = tiny_profile({"poetry": {"small": 0.0}})
    return replace(empty, estimator=estimator, evidence=evidence_of(*JUDGED))


def small_score(estimator: ShrunkEstimator, tags=QUERY) -> float:
    return router_of(fitted(estimator)).route("", query_tags=tags).model_scores["small"]


def test_judgments_become_exact_counts():
    small = evidence_of(*JUDGED).models["small"]
    assert small.overall == ExactCounts(20000, 0, 20000, 1_8000_0000)
    assert small.tags["poetry"] == ExactCounts(15000, 0, 0, 1_3750_0000)
    assert small.tags["coding"] == ExactCounts(5000, 0, 15000, 4000_0000)


def test_counts_become_a_mean_and_tag_scores():
    column = ShrunkEstimator().column(evidence_of(*JUDGED).models["small"])
    assert column.intercept == pytest.approx(MEAN, abs=1e-12)
    assert column.tag_scores["poetry"] == pytest.approx(POETRY, abs=1e-12)
    assert column.tag_scores["coding"] == pytest.approx(CODING, abs=1e-12)


def test_model_score_weighs_tag_scores_by_the_weights_of_the_query():
    # -0.1 + 0.8 * 0.065116279 - 0.4 * 0.045454545
    assert small_score(ShrunkEstimator()) == pytest.approx(-0.066088794926004, abs=1e-12)


def test_kappa_is_twenty_unless_said_otherwise():
    assert ShrunkEstimator() == ShrunkEstimator(kappa=20.0, centered=False)


def test_smaller_kappa_lets_tags_speak_louder():
    # -0.1 + 0.8 * 1.4 / (1.5 + 0.5) - 0.4 * 1.0 / (2.0 + 0.5)
    assert small_score(ShrunkEstimator(kappa=0.5)) == pytest.approx(0.3, abs=1e-12)


def test_centered_tags_count_beyond_their_base_rate():
    expected = CENTERED_INTERCEPT + 0.8 * POETRY + 0.4 * CODING
    score = small_score(ShrunkEstimator(centered=True))
    assert score == pytest.approx(expected, abs=1e-12)
    assert score == pytest.approx(-0.067780126849894, abs=1e-12)


def test_mean_centered_score_of_the_judged_queries_is_the_mean_advantage():
    estimator = ShrunkEstimator(centered=True)
    scores = [small_score(estimator, tags) for _, tags in JUDGED]
    assert sum(scores) / 4 == pytest.approx(MEAN, abs=1e-12)


@pytest.mark.parametrize(("theta", "model"), [(0.0, "large"), (-0.066, "large"), (-0.067, "small")])
def test_small_model_is_taken_where_its_score_reaches_theta(theta, model):
    router = router_of(fitted(ShrunkEstimator()))
    assert router.route("", query_tags=QUERY, theta=theta).model == model
