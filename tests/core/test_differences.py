"""What differs between two profiles is found and told."""

from dataclasses import replace

import pytest

from tagrouter.decision.rules import Rule, RuleKind
from tagrouter.differences import ProfileDifference, ScoreChange, diff_profiles
from tagrouter.models import Model
from tagrouter.scores.paper import PaperEstimator
from tagrouter.testing import tiny_profile

BEFORE = tiny_profile({"poetry": {"small": 0.2}, "law": {"small": -0.5}, "code": {"small": 0.1}})


def test_a_profile_does_not_differ_from_itself():
    difference = diff_profiles(BEFORE, BEFORE)
    assert difference == ProfileDifference()
    assert not difference
    assert list(difference.lines()) == []


def test_names_and_provenance_do_not_count():
    assert not diff_profiles(BEFORE, replace(BEFORE, name="x", provenance={"a": 1}))


def test_tags_whose_score_moved_are_listed_the_largest_move_first():
    after = tiny_profile({"poetry": {"small": 0.1}, "law": {"small": 0.3}, "code": {"small": 0.1}})
    (change,) = diff_profiles(BEFORE, after).models_changed
    assert (change.model, change.n_tags) == ("small", 2)
    assert [tag.tag for tag in change.tags] == ["law", "poetry"]
    assert [tag.size for tag in change.tags] == pytest.approx([0.8, 0.1])


def test_a_tag_of_one_profile_alone_has_no_score_in_the_other():
    after = tiny_profile({"poetry": {"small": 0.2}, "law": {"small": -0.5}, "art": {"small": 0.25}})
    (change,) = diff_profiles(BEFORE, after).models_changed
    assert [(tag.tag, tag.before is None, tag.after is None) for tag in change.tags] == [
        ("art", True, False),
        ("code", False, True),
    ]
    assert str(change.tags[0]) == "art none -> +0.250"


def test_only_the_largest_moves_are_listed_and_all_are_counted():
    after = tiny_profile({tag: {"small": 0.9} for tag in ("poetry", "law", "code")})
    (change,) = diff_profiles(BEFORE, after, max_tags=1).models_changed
    assert (change.n_tags, [tag.tag for tag in change.tags]) == (3, ["law"])


def test_models_added_and_dropped_are_named():
    after = tiny_profile({"poetry": {"tiny": 0.2}})
    difference = diff_profiles(BEFORE, after)
    assert (difference.models_added, difference.models_dropped) == (("tiny",), ("small",))
    assert list(difference.lines()) == ["model added: tiny", "model dropped: small"]


def test_theta_is_told_with_its_two_values():
    after = tiny_profile(
        {"poetry": {"small": 0.2}, "law": {"small": -0.5}, "code": {"small": 0.1}}, theta=-0.1
    )
    assert list(diff_profiles(BEFORE, after).lines()) == ["theta: 0.0 -> -0.1"]


def test_another_estimator_is_told_with_its_parameters():
    settings = diff_profiles(BEFORE, replace(BEFORE, estimator=PaperEstimator())).settings
    assert settings["estimator"] == ("shrunk", "paper")
    assert settings["kappa"] == (20.0, None)
    assert settings["tie_weight"] == (None, 0.15)


def test_a_new_price_is_told():
    after = replace(BEFORE, models=(Model("small", 0.5), Model("large")))
    assert diff_profiles(BEFORE, after).settings == {
        "input_usd_per_million_tokens of small": (None, 0.5)
    }


def test_rules_added_and_dropped_are_told():
    rule = Rule("law", "large", RuleKind.PIN, "counsel")
    after = replace(BEFORE, rules=(rule,))
    assert list(diff_profiles(BEFORE, after).lines()) == [
        "rule added: 'law' goes to 'large' (counsel)"
    ]
    assert diff_profiles(after, BEFORE).rules_dropped == (rule,)


def test_a_tag_without_evidence_moves_from_zero():
    assert ScoreChange("law", None, -0.5).size == 0.5
