"""The paper's arithmetic (TagRouter, arXiv 2506.12473), from judgments to decisions, by hand.

Six judgments of `small` against `large`::

    tag       wins  ties  losses   n   w = (1 - exp(-n)) / 7        wins + 0.15 ties - losses
    poetry      2     1      0     3   0.950212931632136 / 7         2.15
    coding      0     1      3     4   0.981684361111266 / 7        -2.85

The third query has both tags, so the model's n sum to 7. A tag's score is w times the last column.
"""

import pytest

from tagrouter import TagRouter
from tagrouter.evidence import ExactCounts
from tagrouter.fitting import fit_profile
from tagrouter.records import comparison
from tagrouter.scores.paper import PaperEstimator
from tagrouter.tags.gold import GoldGenerator
from tagrouter.testing import FakeEncoder

POETRY = 0.950212931632136 / 7 * 2.15  # 0.291851...
CODING = 0.981684361111266 / 7 * -2.85  # -0.399685...
MIRRORED_POETRY = 0.950212931632136 / 7 * -1.85  # wins and losses exchanged: 0 + 0.15 - 2
MIRRORED_CODING = 0.981684361111266 / 7 * 3.15  # 3 + 0.15 - 0

JUDGED = {
    "a poem": (["poetry"], "win"),
    "another poem": (["poetry"], "win"),
    "a poem about code": (["poetry", "coding"], "tie"),
    "a function": (["coding"], "loss"),
    "a class": (["coding"], "loss"),
    "a module": (["coding"], "loss"),
}


def fitted(estimator: PaperEstimator, *, theta: float = 0.0) -> TagRouter:
    generator = GoldGenerator({query: tags for query, (tags, _) in JUDGED.items()})
    records = [
        comparison(query, "small", "large", outcome=outcome)
        for query, (_, outcome) in JUDGED.items()
    ]
    profile = fit_profile(records, generator, name="paper", estimator=estimator).profile
    return TagRouter.from_profile(profile, generator=generator, encoder=FakeEncoder(), theta=theta)


def small_score(router: TagRouter, *names: str) -> float:
    return router.route("", query_tags=names).model_scores["small"]


def test_judgments_become_counts():
    counts = fitted(PaperEstimator()).profile.evidence.models["small"].tags
    assert counts["poetry"] == ExactCounts(20000, 10000, 0, 2_5000_0000)
    assert counts["coding"] == ExactCounts(0, 10000, 30000, 5000_0000)


def test_counts_become_tag_scores():
    router = fitted(PaperEstimator())
    assert small_score(router, "poetry") == pytest.approx(POETRY, abs=1e-12)
    assert small_score(router, "coding") == pytest.approx(CODING, abs=1e-12)


def test_tag_scores_sum_to_the_model_score():
    assert small_score(fitted(PaperEstimator()), "poetry", "coding") == pytest.approx(
        -0.107834660879711, abs=1e-12
    )


def test_reported_tags_count_fully_whatever_their_weight():
    scores = fitted(PaperEstimator()).scorer.score(["poetry"])
    assert [tag.weight for tag in scores.tags] == [1.0]


@pytest.mark.parametrize(
    ("tags", "theta", "model"),
    [
        (["poetry"], 0.0, "small"),
        (["poetry"], 0.29, "small"),
        (["poetry"], 0.30, "large"),
        (["coding"], 0.0, "large"),
        (["coding"], -0.39, "large"),
        (["coding"], -0.40, "small"),
        (["poetry", "coding"], 0.0, "large"),
        (["poetry", "coding"], -0.11, "small"),
    ],
)
def test_small_model_is_taken_from_theta_on(tags, theta, model):
    assert fitted(PaperEstimator(), theta=theta).route("", query_tags=tags).model == model


def test_mirrored_reference_gets_the_same_counts_from_its_side():
    scores = fitted(PaperEstimator(reference_score="mirror")).scorer.score(["poetry", "coding"])
    assert scores.of("poetry")["large"] == pytest.approx(MIRRORED_POETRY, abs=1e-12)
    assert scores.of("coding")["large"] == pytest.approx(MIRRORED_CODING, abs=1e-12)


def test_tie_weight_cancels_against_the_mirrored_reference():
    def lead(tie_weight: float) -> float:
        estimator = PaperEstimator(tie_weight=tie_weight, reference_score="mirror")
        scores = fitted(estimator).route("", query_tags=["poetry"]).model_scores
        return scores["small"] - scores["large"]

    # Twice wins minus losses: 2 * 2 * w.
    assert lead(0.15) == pytest.approx(4 * 0.950212931632136 / 7, abs=1e-12)
    assert lead(0.9) == pytest.approx(lead(0.15), abs=1e-12)


def test_tie_weight_matters_against_a_reference_of_zero():
    score = small_score(fitted(PaperEstimator(tie_weight=1.0)), "poetry")
    assert score == pytest.approx(0.950212931632136 / 7 * 3.0, abs=1e-12)
