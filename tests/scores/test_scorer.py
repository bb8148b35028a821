"""TagScorer: aligns unseen tags, then looks every tag's scores up."""

import numpy as np
import pytest

from tagrouter import NotFittedError, QueryTags
from tagrouter.evidence import Evidence
from tagrouter.records import OutcomeCounts
from tagrouter.scores.paper import PaperEstimator
from tagrouter.scores.scorer import TagScorer
from tagrouter.scores.shrunk import ShrunkEstimator
from tagrouter.testing import FakeEncoder, tiny_profile
from tests.core.builders import evidence_of, judged, soft_tags

SCORES = {"poetry": {"small": 0.2, "tiny": -0.4}, "coding": {"small": -0.5, "tiny": -0.6}}


def fitted(near: dict[str, str] | None = None, **options) -> TagScorer:
    profile = tiny_profile(SCORES)
    encoder = FakeEncoder(near) if near is not None else None
    scorer = TagScorer(profile.estimator, encoder=encoder, **options)
    return scorer.fit(profile.evidence, "large", profile.model_names)


def names(scorer: TagScorer, tags: QueryTags | list[str]) -> list[str]:
    return [tag.name for tag in scorer.score(tags).tags]


def test_known_tag_has_its_own_scores():
    assert fitted().score(["poetry"]).of("poetry") == {"small": 0.2, "tiny": -0.4, "large": 0.0}


def test_contribution_is_weight_times_tag_score():
    scores = fitted().score(soft_tags({"poetry": 0.5}))
    assert scores.of("poetry") == {"small": 0.1, "tiny": -0.2, "large": 0.0}


def test_unseen_tag_takes_scores_of_nearest_known_tag():
    scores = fitted(near={"verse": "poetry"}).score(["verse"])
    assert scores.of("verse") == {"small": 0.2, "tiny": -0.4, "large": 0.0}


def test_aligned_tag_says_where_it_came_from():
    (tag,) = fitted(near={"verse": "poetry"}).score(soft_tags({"verse": 0.5})).tags
    assert (tag.name, tag.weight) == ("poetry", 0.5)
    assert (tag.aligned_from, tag.similarity) == ("verse", 1.0)


def test_unseen_tag_without_a_near_one_stays_unknown():
    assert names(fitted(near={}), ["verse"]) == []


def test_without_an_encoder_unseen_tags_stay_unknown():
    assert names(fitted(), ["verse", "poetry"]) == ["poetry"]


def test_unseen_tag_near_one_that_is_there_already_counts_once():
    scorer = fitted(near={"verse": "poetry"})
    assert names(scorer, ["verse", "coding", "poetry"]) == ["coding", "poetry"]


def test_two_unseen_tags_near_the_same_one_count_once():
    scorer = fitted(near={"verse": "poetry", "rhyme": "poetry"})
    (tag,) = scorer.score(["verse", "rhyme"]).tags
    assert tag.aligned_from == "verse"


def test_faint_unseen_tags_are_not_aligned():
    tags = soft_tags({"coding": 0.9, "verse": 0.1}, reported=0.5)
    assert names(fitted(near={"verse": "poetry"}), tags) == ["coding"]


def test_aligned_tags_keep_their_place():
    scorer = fitted(near={"verse": "poetry"})
    assert names(scorer, soft_tags({"verse": 0.9, "coding": 0.5})) == ["poetry", "coding"]


def test_no_tags_give_no_contributions():
    scores = fitted().score([])
    assert scores.contributions.shape == (0, 3)
    assert scores.of("poetry") == {}


def test_model_without_evidence_starts_level():
    scorer = TagScorer(ShrunkEstimator()).fit(
        evidence_of(judged(0.0, {"poetry": 1.0})), "large", ["small", "new", "large"]
    )
    scores = scorer.score(["poetry"])
    assert scores.intercepts.tolist() == [-1.0, 0.0, 0.0]
    assert scores.of("poetry")["new"] == 0.0


def test_all_models_with_evidence_are_scored_unless_said_otherwise():
    evidence = evidence_of(judged(1.0, {}), judged(1.0, {}, model="tiny"))
    assert TagScorer(ShrunkEstimator()).fit(evidence, "large").models_ == (
        "small",
        "tiny",
        "large",
    )


def test_evidence_behind_a_tag_can_be_looked_up():
    scorer = TagScorer(ShrunkEstimator()).fit(evidence_of(judged(0.75, {"poetry": 0.5})), "large")
    assert scorer.score(["poetry"]).counts("poetry") == {"small": OutcomeCounts(0.5, 0, 0, 0.375)}


def test_scoring_before_fitting_is_refused():
    with pytest.raises(NotFittedError, match="Call fit"):
        TagScorer(ShrunkEstimator()).score(["poetry"])


def test_adding_a_model_leaves_other_columns_bytes_alone():
    old = evidence_of(judged(0.7, {"poetry": 0.3, "coding": 0.9}), judged(0.2, {"coding": 0.4}))
    new = old + evidence_of(judged(0.9, {"humor": 0.3, "coding": 0.2}, model="tiny"))
    for estimator in (ShrunkEstimator(), ShrunkEstimator(centered=True), PaperEstimator()):
        before = TagScorer(estimator).fit(old, "large")
        after = TagScorer(estimator).fit(new, "large")
        column = after.models_.index("small")
        rows = [after.tags_.index(tag) for tag in before.tags_]
        assert after.tag_scores_[rows, column].tobytes() == before.tag_scores_[:, 0].tobytes()
        assert after.intercepts_[column].tobytes() == before.intercepts_[0].tobytes()


def test_no_evidence_at_all_can_be_scored():
    scorer = TagScorer(PaperEstimator()).fit(Evidence(), "large", ["large"])
    assert np.array_equal(scorer.score(["poetry"]).intercepts, [0.0])
