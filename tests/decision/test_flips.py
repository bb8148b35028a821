"""What would turn a decision is checked by deciding again."""

from itertools import combinations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tagrouter import Decision, QueryTags, TagRouter
from tagrouter.decision.flips import find_flip
from tagrouter.decision.rules import Rule, RuleKind
from tagrouter.models import Model
from tests.core.builders import soft_tags, tiny_router

NAMES = ("a", "b", "c", "d")
# Sums of these have no rounding errors, so that ties are ties.
SCORE = st.integers(-7, 7).map(lambda eighths: eighths / 8)
WEIGHT = st.sampled_from([0.25, 0.5, 1.0])
PRICES = st.fixed_dictionaries({name: st.integers(1, 3) for name in ("small", "tiny", "large")})
TAG_SCORES = st.fixed_dictionaries(
    {name: st.fixed_dictionaries({"small": SCORE, "tiny": SCORE}) for name in NAMES}
)
QUERIES = st.dictionaries(st.sampled_from(NAMES), WEIGHT, min_size=1)
RULES = st.lists(
    st.builds(
        Rule,
        st.sampled_from(NAMES),
        st.sampled_from(["small", "large"]),
        st.just(RuleKind.BAN),
    ),
    max_size=1,
)


def without(tags: QueryTags, names: tuple[str, ...]) -> QueryTags:
    kept = tuple(tag for tag in tags.tags if tag.name not in names)
    return QueryTags(kept, kept)


def models_of(prices: dict[str, int]) -> list[Model]:
    return [Model(name, price, price, 100) for name, price in prices.items()]


def flip_names(decision: Decision) -> tuple[str, ...]:
    return tuple(entry.tag.name for entry in decision.flips_without())


def sets_that_flip(
    router: TagRouter, tags: QueryTags, decision: Decision, size: int
) -> list[tuple[str, ...]]:
    banning = {rule.tag for rule in decision.rules}
    names = [tag.name for tag in tags.tags if tag.name not in banning]
    return [
        chosen
        for chosen in combinations(names, size)
        if router.route("x", query_tags=without(tags, chosen)).model != decision.model
    ]


@given(TAG_SCORES, PRICES, QUERIES, st.integers(-4, 4), RULES)
@settings(deadline=None, max_examples=150)
def test_tags_named_really_flip_and_no_fewer_do(scores, prices, weights, eighths, rules):
    router = tiny_router(scores, models=models_of(prices), theta=eighths / 8, rules=rules)
    tags = soft_tags(weights)
    decision = router.route("x", query_tags=tags)
    if decision.reason not in ("scored", "theta"):
        assert decision.flips_without() == ()
        return
    flip = find_flip(decision)
    if flip is not None:
        again = router.route("x", query_tags=without(tags, flip_names(decision)))
        assert again.model == flip.model != decision.model
    fewer = len(flip.tags) if flip is not None else len(weights) + 1
    for size in range(1, fewer):
        assert sets_that_flip(router, tags, decision, size) == []


def scored(prices: dict[str, int], **scores: float) -> Decision:
    tag_scores = {name: {"small": score} for name, score in scores.items()}
    router = tiny_router(tag_scores, models=models_of(prices))
    return router.route("x", query_tags=list(scores))


def test_lightest_of_the_tags_that_decide_alone_is_named():
    assert flip_names(scored({}, a=0.5, b=0.25, c=-0.125, d=-0.25)) == ("a",)
    assert flip_names(scored({}, a=0.75, b=0.5, c=-0.25, d=-0.625)) == ("b",)


def test_tags_that_decide_together_are_named_where_none_does_alone():
    assert flip_names(scored({}, a=0.25, b=0.375, c=0.125, d=-0.125)) == ("b", "a")


def test_removal_that_ends_in_a_tie_flips_to_the_cheaper_model():
    # Without a, small and large are level at 0.
    prices = {"small": 3, "large": 1}
    assert flip_names(scored(prices, a=0.25, b=0.125, c=-0.125)) == ("a",)


def test_removal_that_ends_in_a_tie_does_not_flip_to_the_dearer_model():
    prices = {"small": 1, "large": 3}
    assert flip_names(scored(prices, a=0.25, b=0.125, c=-0.125)) == ("a", "b")


def test_without_its_only_tag_a_query_goes_to_the_default_model():
    decision = scored({}, a=0.5)
    assert flip_names(decision) == ("a",)
    assert find_flip(decision).model == "large"


def test_query_that_would_go_to_the_default_model_anyway_does_not_flip():
    decision = scored({}, a=-0.5, b=-0.25)
    assert flip_names(decision) == ()
    assert "Leaving tags out does not flip it." in decision.explain()


def test_third_model_is_named_where_the_query_would_go_there():
    scores = {"a": {"small": 0.5, "tiny": 0.0}, "b": {"small": -0.125, "tiny": 0.25}}
    decision = tiny_router(scores).route("x", query_tags=["a", "b"])
    assert decision.ranking == ("small", "tiny", "large")
    assert "Without the tag 'a' it would go to tiny." in decision.explain()


def test_tag_of_a_ban_is_not_named():
    # Without it the banned model would be let in again, and win.
    scores = {"a": {"small": 0.75, "tiny": 0.25}, "b": {"small": -0.5, "tiny": -0.25}}
    router = tiny_router(scores, rules=[Rule("a", "large", RuleKind.BAN)])
    decision = router.route("x", query_tags=["a", "b"])
    assert (decision.model, decision.reason) == ("small", "scored")
    assert flip_names(decision) == ()


@pytest.mark.parametrize("call", [{"model": "small"}, {"models": ["small"]}])
def test_choice_that_tags_did_not_make_has_no_flip(call):
    decision = tiny_router({"a": {"small": 0.5}}).route("x", query_tags=["a"], **call)
    assert decision.flips_without() == ()


@given(st.integers(-7, 7), st.integers(-8, 8))
@example(2, 2)
@settings(deadline=None)
def test_theta_named_on_the_receipt_is_where_the_decision_turns(score, theta):
    router = tiny_router({"a": {"small": score / 8}})
    decision = router.route("x", query_tags=["a"], theta=theta / 8)
    other = "large" if decision.model == "small" else "small"
    side = "above" if decision.model == "small" else "below"
    turning = f"It flips to {other} at any theta {side} {score / 8:+.6f}"
    assert turning in decision.explain()
    beyond = score / 8 + (1e-9 if side == "above" else -1e-9)
    assert router.route("x", query_tags=["a"], theta=beyond).model == other
    short_of = score / 8 - (1e-9 if side == "above" else -1e-9)
    assert router.route("x", query_tags=["a"], theta=short_of).model == decision.model
