"""Rules come before scores: bans, then pins."""

import pytest

from tagrouter import Decision, InvalidInputError, NoCandidateError
from tagrouter.decision.rules import Rule, RuleKind
from tagrouter.testing import tiny_profile
from tests.core.builders import soft_tags, tiny_router

SCORES = {
    "poetry": {"small": 0.4, "tiny": 0.2},
    "medicine": {"small": 0.1, "tiny": 0.05},
    "law": {"small": 0.1, "tiny": 0.05},
}


def ban(tag: str, model: str) -> Rule:
    return Rule(tag, model, RuleKind.BAN)


def pin(tag: str, model: str, why: str = "") -> Rule:
    return Rule(tag, model, RuleKind.PIN, why)


def routed(*rules: Rule, call: dict | None = None, **weights: float) -> Decision:
    router = tiny_router(SCORES, rules=rules, near={"doctor": "medicine"})
    return router.route("x", query_tags=soft_tags(weights), **(call or {}))


def test_pinned_tag_goes_to_its_model():
    decision = routed(pin("medicine", "large"), medicine=0.9, poetry=0.9)
    assert (decision.model, decision.reason) == ("large", "rule")


def test_banned_model_leaves_the_query_to_the_next_best():
    decision = routed(ban("medicine", "small"), medicine=0.9)
    assert (decision.model, decision.reason) == ("tiny", "rule")


def test_ban_of_a_model_that_would_not_have_won_changes_no_reason():
    decision = routed(ban("medicine", "tiny"), medicine=0.9)
    assert (decision.model, decision.reason) == ("small", "scored")
    assert decision.rules == (ban("medicine", "tiny"),)


def test_ban_of_the_loser_of_two_changes_no_reason():
    call = {"models": ["small", "large"]}
    assert routed(ban("medicine", "large"), medicine=0.9, call=call).reason == "scored"


def test_banned_models_are_the_last_to_fall_back_on():
    decision = routed(ban("medicine", "small"), medicine=0.9)
    assert decision.ranking == ("tiny", "large", "small")
    assert decision.runner_up == "large"


def test_margin_is_the_lead_over_the_best_that_is_not_banned():
    decision = routed(ban("medicine", "tiny"), medicine=1.0)
    assert decision.margin == pytest.approx(0.1, abs=1e-12)


def test_bans_come_before_pins():
    rules = [pin("medicine", "tiny"), ban("law", "tiny")]
    decision = routed(*rules, medicine=0.9, law=0.9)
    assert (decision.model, decision.reason) == ("small", "scored")
    assert decision.rules == (ban("law", "tiny"),)


def test_pin_of_the_stronger_tag_wins():
    rules = [pin("law", "tiny"), pin("medicine", "large")]
    assert routed(*rules, medicine=0.9, law=0.8).model == "large"
    assert routed(*rules, medicine=0.8, law=0.9).model == "tiny"


def test_pins_of_equally_strong_tags_go_by_the_name_of_the_tag():
    rules = [pin("medicine", "large"), pin("law", "tiny")]
    assert routed(*rules, medicine=0.9, law=0.9).model == "tiny"


def test_pin_on_a_model_that_is_no_candidate_does_not_fire():
    decision = routed(pin("medicine", "large"), medicine=0.9, call={"models": ["small", "tiny"]})
    assert (decision.model, decision.rules) == ("small", ())


@pytest.mark.parametrize(("weight", "model"), [(0.5, "large"), (0.4999, "small")])
def test_rule_fires_from_a_weight_of_a_half(weight, model):
    assert routed(pin("medicine", "large"), medicine=weight).model == model


@pytest.mark.parametrize("tag", ["medicin", "medicine law", "Medicine", "doctor"])
def test_rule_fires_on_the_exact_tag_only(tag):
    assert routed(pin("medicine", "large"), **{"poetry": 0.9, tag: 0.9}).model == "small"


def test_rule_fires_on_a_tag_without_evidence():
    decision = routed(pin("confidential", "tiny"), confidential=1.0)
    assert (decision.model, decision.reason) == ("tiny", "rule")


def test_banned_default_model_does_not_take_queries_without_known_tags():
    decision = routed(ban("confidential", "large"), confidential=1.0)
    assert decision.model != "large"
    assert decision.reason == "rule"


def test_ban_of_another_model_leaves_the_default_in_place():
    decision = routed(ban("confidential", "small"), confidential=1.0)
    assert (decision.model, decision.reason) == ("large", "default")


def test_ban_of_every_candidate_is_an_error_that_names_the_rules():
    rules = [ban("law", "small"), ban("medicine", "large")]
    call = {"models": ["small", "large"]}
    with pytest.raises(NoCandidateError, match=r"every candidate \(.*'law' never goes to 'small'"):
        routed(*rules, law=0.9, medicine=0.9, call=call)


def test_forced_model_overrules_rules():
    decision = routed(ban("medicine", "tiny"), medicine=0.9, call={"model": "tiny"})
    assert (decision.model, decision.reason) == ("tiny", "explicit")


def test_rule_is_named_with_its_reason_on_the_receipt():
    decision = routed(pin("medicine", "large", "the board wants it"), medicine=0.9)
    assert "Rule: 'medicine' goes to 'large' (the board wants it)." in decision.explain()
    assert decision.to_dict()["rules"] == [
        {"tag": "medicine", "model": "large", "rule": "pin", "why": "the board wants it"}
    ]


@pytest.mark.parametrize("second", [pin("medicine", "small"), ban("medicine", "large")])
def test_contradictory_rules_are_refused(second):
    for rules in ([pin("medicine", "large"), second], [second, pin("medicine", "large")]):
        with pytest.raises(InvalidInputError, match=r"contradict each other on the tag 'medicine'"):
            tiny_profile(SCORES, rules=rules)


def test_rule_for_a_model_that_is_not_there_is_refused():
    with pytest.raises(InvalidInputError, match="'law' goes to 'nobody' names a model"):
        tiny_profile(SCORES, rules=[pin("law", "nobody")])


def test_rules_follow_a_renamed_model():
    router = tiny_router(SCORES, rules=[pin("medicine", "large")])
    renamed = router.with_models({"small": "gpt-4o-mini", "large": "gpt-4o"})
    assert renamed.route("x", query_tags=["medicine"]).model == "gpt-4o"


def test_rules_for_dropped_models_are_dropped():
    router = tiny_router(SCORES, rules=[pin("medicine", "tiny")])
    assert router.with_models(["small", "large"]).profile.rules == ()
