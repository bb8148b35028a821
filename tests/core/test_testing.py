"""The public fakes keep their word."""

import time

import numpy as np
import pytest

from tagrouter import InvalidInputError
from tagrouter.decision.rules import Rule, RuleKind
from tagrouter.models import Model
from tagrouter.scores.scorer import TagScorer
from tagrouter.testing import FakeEncoder, FakeTagGenerator, tiny_profile


def test_fake_generator_gives_the_tags_of_every_piece_it_finds():
    generator = FakeTagGenerator({"poem": {"poetry": 0.5}, "CODE": {"coding": 0.9}})
    (tags,) = generator.generate(["Code for a POEM"])
    assert [(tag.name, tag.weight) for tag in tags.tags] == [("coding", 0.9), ("poetry", 0.5)]
    assert tags.reported == tags.tags


def test_fake_generator_reports_from_its_threshold_on():
    generator = FakeTagGenerator({"a": {"x": 0.5, "y": 0.4}}, reporting_threshold=0.5)
    (tags,) = generator.generate(["a"])
    assert [tag.name for tag in tags.reported] == ["x"]


def test_fake_generator_remembers_its_batches():
    generator = FakeTagGenerator({})
    generator.generate(["a", "b"])
    generator.generate(["c"])
    assert generator.calls == [["a", "b"], ["c"]]


def test_fake_generator_takes_its_time():
    started = time.perf_counter()
    FakeTagGenerator({}, delay_s=0.05).generate(["a"])
    assert time.perf_counter() - started >= 0.05


def test_fake_encoder_puts_phrases_at_one_point_or_at_right_angles():
    verse, poetry, coding = FakeEncoder({"verse": "poetry"}).encode(["verse", "poetry", "coding"])
    assert np.array_equal(verse, poetry)
    assert poetry @ coding == 0.0


@pytest.mark.parametrize("score", [-0.98, -0.5, 0.0, 0.123, 0.2, 0.98])
def test_tiny_profile_has_the_scores_it_was_given(score):
    profile = tiny_profile({"poetry": {"small": score}})
    scorer = TagScorer(profile.estimator).fit(profile.evidence, "large")
    assert scorer.score(["poetry"]).of("poetry") == {
        "small": pytest.approx(score, abs=1e-12),
        "large": 0.0,
    }
    assert scorer.intercepts_.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("score", [0.99, -1.0, float("nan")])
def test_score_out_of_reach_is_refused(score):
    with pytest.raises(InvalidInputError, match=r"'poetry' has score .* from -0\.98 to 0\.98"):
        tiny_profile({"poetry": {"small": score}})


def test_tiny_profile_takes_everything_else_a_profile_has():
    rule = Rule("poetry", "big", RuleKind.BAN)
    profile = tiny_profile(
        {"poetry": {"small": 0.1, "big": 0.9}},
        reference_model="big",
        theta=0.5,
        rules=[rule],
        models=[Model("small", 1.0, 2.0)],
    )
    assert (profile.reference_model, profile.default_model) == ("big", "big")
    assert profile.models == (Model("small", 1.0, 2.0), Model("big"))
    assert (profile.policy.theta, profile.rules) == (0.5, (rule,))
