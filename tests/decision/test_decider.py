"""TagDecider: ties, theta, narrowing, forced models, the default, reasons, margin."""

import pytest

from tagrouter import Decision, InvalidInputError, NoCandidateError, UnknownNameError
from tagrouter.decision.decider import TagDecider
from tagrouter.decision.threshold import ThetaPolicy
from tagrouter.models import Model
from tests.core.builders import soft_tags, tiny_router

CHEAP, MIDDLING, DEAR = 1.0, 2.0, 30.0


def priced(**prices: float | None) -> list[Model]:
    return [
        Model(name, price, price, 100) if price is not None else Model(name)
        for name, price in prices.items()
    ]


def routed(tag_scores: dict, *tags: str, call: dict | None = None, **profile) -> Decision:
    return tiny_router(tag_scores, **profile).route("x", query_tags=tags, **(call or {}))


POETRY = {"poetry": {"small": 0.2}}
CODING = {"coding": {"small": -0.5}}
THREE = {"poetry": {"small": 0.2, "tiny": 0.1}}


def test_best_score_wins():
    assert routed(POETRY, "poetry").model == "small"
    assert routed(CODING, "coding").model == "large"


def test_scores_of_tags_add_up():
    decision = routed(POETRY | CODING, "poetry", "coding")
    assert decision.model_scores == {"small": pytest.approx(-0.3, abs=1e-12), "large": 0.0}


def test_ranking_names_all_candidates_best_first():
    assert routed(THREE, "poetry").ranking == ("small", "tiny", "large")


# Ties


def test_tie_goes_to_the_cheaper_model():
    level = {"poetry": {"small": 0.0}}
    assert routed(level, "poetry", models=priced(small=CHEAP, large=DEAR)).model == "small"
    assert routed(level, "poetry", models=priced(small=DEAR, large=CHEAP)).model == "large"


def test_unknown_prices_come_last_in_a_tie():
    level = {"poetry": {"a": 0.0, "b": 0.0}}
    decision = routed(level, "poetry", models=priced(b=DEAR))
    assert decision.ranking == ("b", "a", "large")


def test_tie_of_equal_prices_goes_to_the_first_name():
    level = {"poetry": {"b": 0.0, "a": 0.0}}
    models = priced(a=CHEAP, b=CHEAP, large=CHEAP)
    assert routed(level, "poetry", models=models).ranking == ("a", "b", "large")


def test_better_score_beats_the_cheaper_price():
    assert routed(POETRY, "poetry", models=priced(small=DEAR, large=CHEAP)).model == "small"


# Theta


@pytest.mark.parametrize(
    ("theta", "model"), [(0.19, "small"), (0.2, "small"), (0.21, "large"), (-0.5, "small")]
)
def test_cheaper_small_model_is_taken_if_its_score_is_at_least_theta(theta, model):
    models = priced(small=CHEAP, large=DEAR)
    assert routed(POETRY, "poetry", theta=theta, models=models).model == model


def test_raising_theta_sends_more_queries_to_the_reference():
    router = tiny_router(POETRY | CODING)
    tagged = [["poetry"], ["coding"], ["poetry", "coding"]]
    shares = [
        sum(router.route("x", query_tags=tags, theta=theta).model == "large" for tags in tagged)
        for theta in (-1.0, -0.4, 0.0, 1.0)
    ]
    assert shares == [0, 1, 2, 3]


def test_theta_is_subtracted_from_every_model_but_the_reference():
    decision = routed(THREE, "poetry", theta=0.15)
    compared = [decision.compared(model) for model in ("small", "tiny", "large")]
    assert compared == pytest.approx([0.05, -0.05, 0.0], abs=1e-12)


def test_theta_of_a_call_replaces_the_profiles():
    decision = routed(POETRY, "poetry", theta=0.9, call={"theta": 0.1})
    assert (decision.model, decision.theta) == ("small", 0.1)


def test_pool_without_the_reference_ignores_theta():
    decision = routed(THREE, "poetry", theta=0.9, call={"models": ["small", "tiny"]})
    assert (decision.model, decision.theta) == ("small", 0.0)
    assert decision.margin == pytest.approx(0.1, abs=1e-12)


# Candidates


def test_narrowing_leaves_the_other_models_out():
    decision = routed(THREE, "poetry", call={"models": ["tiny", "large"]})
    assert decision.ranking == ("tiny", "large")
    assert set(decision.model_scores) == {"tiny", "large"}


def test_narrowing_does_not_change_scores():
    whole = routed(THREE, "poetry").model_scores
    assert routed(THREE, "poetry", call={"models": {"tiny"}}).model_scores == {
        "tiny": whole["tiny"]
    }


def test_last_candidate_is_taken_as_explicit():
    decision = routed(THREE, "poetry", call={"models": ["tiny"]})
    assert (decision.model, decision.reason, decision.margin) == ("tiny", "explicit", None)


def test_forced_model_is_taken_whatever_its_score():
    decision = routed(CODING, "coding", call={"model": "small"})
    assert (decision.model, decision.reason) == ("small", "explicit")
    assert decision.ranking == ("small", "large")
    assert decision.margin == pytest.approx(-0.5, abs=1e-12)


def test_forced_model_outside_the_narrowed_ones_is_refused():
    with pytest.raises(InvalidInputError, match="'small' is forced, but `models` leaves only larg"):
        routed(POETRY, "poetry", call={"models": ["large"], "model": "small"})


@pytest.mark.parametrize("call", [{"models": ["nobody"]}, {"model": "nobody"}])
def test_unknown_model_is_refused_with_the_known_ones(call):
    with pytest.raises(UnknownNameError, match=r"Unknown model 'nobody'; known: 'large', 'small'"):
        routed(POETRY, "poetry", call=call)


def test_no_candidates_are_refused():
    with pytest.raises(NoCandidateError, match="`models` is empty"):
        routed(POETRY, "poetry", call={"models": []})


def test_one_name_is_not_taken_for_a_list():
    with pytest.raises(InvalidInputError, match="model='small'"):
        routed(POETRY, "poetry", call={"models": "small"})


def test_decider_without_models_is_refused():
    with pytest.raises(NoCandidateError, match="Give at least one"):
        TagDecider([], "large", "large", ThetaPolicy())


# Default


@pytest.mark.parametrize("tags", [[], ["never seen"]])
def test_query_without_known_tags_goes_to_the_default_model(tags):
    decision = routed(POETRY, *tags)
    assert (decision.model, decision.reason) == ("large", "default")


def test_default_outside_the_pool_leaves_it_to_the_scores():
    decision = routed(THREE, call={"models": ["small", "tiny"]}, models=priced(tiny=CHEAP))
    assert (decision.model, decision.reason) == ("tiny", "default")


# Reasons and margin


def test_choice_that_theta_does_not_change_is_scored():
    assert routed(POETRY, "poetry", theta=0.1).reason == "scored"


@pytest.mark.parametrize(
    ("tags", "theta", "model"), [("poetry", 0.3, "large"), ("coding", -0.6, "small")]
)
def test_choice_that_theta_changes_has_theta_as_reason(tags, theta, model):
    decision = routed(POETRY | CODING, tags, theta=theta)
    assert (decision.model, decision.reason) == (model, "theta")


def test_margin_is_the_lead_over_the_runner_up_after_theta():
    decision = routed(THREE, "poetry", theta=0.05)
    assert decision.runner_up == "tiny"
    assert decision.margin == pytest.approx(0.1, abs=1e-12)
    assert routed(POETRY, "poetry", theta=0.05).margin == pytest.approx(0.15, abs=1e-12)


# Record


def test_cost_is_the_chosen_models():
    models = [Model("small", 1.0, 2.0, mean_output_tokens=50), Model("large", 100.0, 200.0)]
    router = tiny_router(POETRY | CODING, models=models)
    # 8 characters are 2 tokens: (2 * 1.0 + 50 * 2.0) / 1e6
    assert router.route("x" * 8, query_tags=["poetry"]).cost_usd == pytest.approx(1.02e-4)
    assert router.route("x" * 8, query_tags=["coding"]).cost_usd is None


def test_reported_tags_are_shown_and_all_tags_decide():
    router = tiny_router(POETRY | CODING)
    tags = soft_tags({"poetry": 0.9, "coding": 0.4}, reported=0.5)
    decision = router.route("x", query_tags=tags)
    assert [tag.name for tag in decision.query_tags] == ["poetry"]
    assert decision.model_scores["small"] == pytest.approx(0.9 * 0.2 - 0.4 * 0.5, abs=1e-12)


def test_aligned_tag_is_shown_in_place_of_the_unseen_one():
    router = tiny_router(POETRY, near={"verse": "poetry"})
    (tag,) = router.route("x", query_tags=["verse"]).query_tags
    assert (tag.name, tag.aligned_from, tag.similarity) == ("poetry", "verse", 1.0)


def test_query_text_is_not_in_the_record():
    text = "a secret poem"
    decision = tiny_router(POETRY, {"poem": {"poetry": 1.0}}).route(text)
    assert "secret" not in f"{decision!r} {decision.to_dict()} {decision.explain()}"
