"""TagRouter: the three steps in order, once; one by one, in batches and without blocking."""

import asyncio
import copy
import pickle
import threading
import warnings
from dataclasses import replace

import pytest

from tagrouter import QueryTags, TagRouter, UnknownNameError
from tagrouter.models import Model
from tagrouter.profile import GeneratorReference
from tagrouter.tags.gold import GoldGenerator
from tagrouter.testing import FakeEncoder, FakeTagGenerator, tiny_profile
from tests.core.builders import router_of, soft_tags, tiny_router

SCORES = {"poetry": {"small": 0.2}, "coding": {"small": -0.5}}
TAGS = {"poem": {"poetry": 0.9}, "code": {"coding": 0.7, "poetry": 0.1}}
QUERIES = ["a poem", "some code", "", "a poem about code", "nothing known", "\ud800", "  "]


def router(**profile: object) -> TagRouter:
    return tiny_router(SCORES, TAGS, **profile)


def test_query_travels_through_tags_and_scores_to_a_model():
    decision = router().route("A Poem, please")
    assert decision.model == "small"
    assert [tag.name for tag in decision.query_tags] == ["poetry"]
    assert decision.model_scores == {"small": pytest.approx(0.18, abs=1e-12), "large": 0.0}


def test_many_queries_get_the_decisions_they_get_one_by_one():
    routing = router()
    assert routing.route_many(QUERIES) == [routing.route(query) for query in QUERIES]


def test_many_queries_cost_one_call_of_the_generator():
    routing = router()
    routing.route_many(QUERIES)
    assert routing.generator.calls == [[query for query in QUERIES if query.strip()]]


def test_many_queries_may_come_from_an_iterator():
    assert [d.model for d in router().route_many(q for q in QUERIES[:2])] == ["small", "large"]


def test_no_queries_get_no_decisions():
    assert router().route_many([]) == []


@pytest.mark.parametrize(
    "call", [{"models": ["small"]}, {"theta": 0.5}, {"model": "large"}, {"model": "small"}]
)
async def test_arguments_mean_the_same_in_all_three_ways(call):
    routing = router()
    expected = routing.route("a poem", **call)
    assert routing.route_many(["a poem"], **call) == [expected]
    assert await routing.aroute("a poem", **call) == expected


async def test_waiting_for_a_decision_gives_the_same():
    routing = router()
    waited = [await routing.aroute(query) for query in QUERIES]
    assert waited == [routing.route(query) for query in QUERIES]


async def test_waiting_for_a_decision_does_not_block_the_event_loop():
    slow = FakeTagGenerator(TAGS, delay_s=0.3)
    routing = TagRouter.from_profile(tiny_profile(SCORES), generator=slow, encoder=FakeEncoder())
    waiting = asyncio.create_task(routing.aroute("a poem"))
    turns = 0
    while not waiting.done():
        await asyncio.sleep(0.01)
        turns += 1
    assert (await waiting).model == "small"
    assert turns >= 5


async def test_decisions_may_be_waited_for_side_by_side():
    routing = router()
    decisions = await asyncio.gather(*(routing.aroute(query) for query in QUERIES * 5))
    assert list(decisions) == routing.route_many(QUERIES * 5)


def test_given_tags_are_used_instead_of_the_generators():
    routing = router()
    assert routing.route("a poem", query_tags=["Coding!"]).model == "large"
    assert routing.generator.calls == []


def test_given_tags_may_have_weights():
    decision = router().route("x", query_tags=soft_tags({"poetry": 0.5}))
    assert decision.model_scores["small"] == 0.1


@pytest.mark.parametrize("tags", [[], ["..."], QueryTags()])
def test_no_given_tags_are_no_tags(tags):
    assert router().route("a poem", query_tags=tags).reason == "default"


def test_unseen_given_tag_is_aligned():
    routing = tiny_router(SCORES, near={"verse": "poetry"})
    assert routing.route("x", query_tags=["Verse"]).model == "small"


@pytest.mark.parametrize("query", ["", " ", "\n\t", "\u3000"])
def test_blank_query_goes_to_the_default_model(query):
    routing = router()
    decision = routing.route(query)
    assert (decision.model, decision.reason) == ("large", "default")
    assert routing.generator.calls == []


def test_default_decision_looks_at_no_query():
    routing = router()
    decision = routing.default_decision("error")
    assert (decision.model, decision.reason) == ("large", "error")
    assert routing.generator.calls == []
    assert routing.default_decision().reason == "default"


# Building


def test_attributes_say_what_it_routes_between():
    routing = router(theta=0.25)
    assert (routing.models, routing.theta) == (("small", "large"), 0.25)
    assert (routing.reference_model, routing.default_model) == ("large", "large")


def test_theta_replaces_the_profiles():
    profile = tiny_profile(SCORES, theta=0.25)
    routing = TagRouter.from_profile(
        profile, generator=FakeTagGenerator(TAGS), encoder=FakeEncoder(), theta=-0.9
    )
    assert routing.theta == -0.9
    assert routing.route("some code").model == "small"


def test_models_are_named_while_building():
    routing = TagRouter.from_profile(
        tiny_profile(SCORES),
        generator=FakeTagGenerator(TAGS),
        encoder=FakeEncoder(),
        models={"small": "gpt-4o-mini", "large": "gpt-4o"},
    )
    assert routing.route("a poem").model == "gpt-4o-mini"


def test_default_model_is_the_profiles():
    routing = router_of(replace(tiny_profile(SCORES), default_model="small"), TAGS)
    assert routing.route("nothing known").model == "small"


def test_shipped_profile_is_the_default():
    routing = TagRouter.from_profile()
    assert routing.models == ("small", "large")
    assert routing.profile.name == "tiers"
    assert routing.route("Write a poem about the sea").query_tags


def test_generator_may_be_named():
    routing = TagRouter.from_profile(tiny_profile(SCORES), generator="gold", encoder=FakeEncoder())
    assert isinstance(routing.generator, GoldGenerator)


def test_other_version_of_the_generator_is_warned_of():
    profile = replace(tiny_profile(SCORES), generator=GeneratorReference("fake", "0.9"))
    with pytest.warns(UserWarning, match=r"tags of 'fake' version 0\.9; this is version 1\. Fit"):
        router_of(profile)


def test_same_version_of_the_generator_is_not_warned_of():
    with warnings.catch_warnings(record=True) as caught:
        router()
    assert caught == []


# with_models


def test_renamed_router_decides_the_same_under_other_names():
    routing = router().with_models({"small": "gpt-4o-mini", "large": "gpt-4o"})
    assert routing.models == ("gpt-4o-mini", "gpt-4o")
    assert routing.route("a poem").model_scores == {
        "gpt-4o-mini": pytest.approx(0.18, abs=1e-12),
        "gpt-4o": 0.0,
    }


def test_router_may_keep_some_models():
    scores = {"poetry": {"small": 0.2, "tiny": 0.3}}
    kept = tiny_router(scores, TAGS).with_models(["small", "large"])
    assert kept.models == ("small", "large")
    assert kept.route("a poem").model == "small"


def test_renaming_leaves_the_router_it_came_from_as_it_was():
    routing = router()
    before = routing.route("a poem")
    routing.with_models({"small": "x", "large": "y"})
    assert routing.route("a poem") == before


def test_theta_given_while_building_stays_after_renaming():
    routing = TagRouter.from_profile(
        tiny_profile(SCORES), generator=FakeTagGenerator(TAGS), encoder=FakeEncoder(), theta=0.5
    )
    assert routing.with_models(["small", "large"]).theta == 0.5


def test_unseen_tags_are_aligned_after_renaming():
    routing = tiny_router(SCORES, near={"verse": "poetry"}).with_models(
        {"small": "a", "large": "b"}
    )
    assert routing.route("x", query_tags=["verse"]).model == "a"


def test_unknown_model_cannot_be_kept():
    with pytest.raises(UnknownNameError, match="'nobody'; known: 'large', 'small'"):
        router().with_models(["nobody"])


# Copies, text, threads


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda r: pickle.loads(pickle.dumps(r))]
)
@pytest.mark.parametrize("used_before", [False, True])
def test_copies_decide_the_same(copied, used_before):
    routing = tiny_router(SCORES, TAGS, near={"verse": "poetry"}, models=[Model("small", 1, 2, 3)])
    if used_before:
        routing.route("x", query_tags=["verse"])
    again = copied(routing)
    assert again.route_many(QUERIES) == routing.route_many(QUERIES)
    assert again.route("x", query_tags=["verse"]) == routing.route("x", query_tags=["verse"])


def test_shipped_router_can_be_pickled_after_use():
    routing = TagRouter.from_profile()
    expected = routing.route("Write a poem about the sea")
    assert pickle.loads(pickle.dumps(routing)).route("Write a poem about the sea") == expected


def test_decision_can_be_pickled():
    decision = router().route("a poem")
    assert pickle.loads(pickle.dumps(decision)) == decision
    assert pickle.loads(pickle.dumps(decision)).explain() == decision.explain()


def test_repr_is_short_and_without_evidence():
    routing = tiny_router({f"tag {n}": {"small": 0.1} for n in range(500)})
    assert repr(routing) == (
        "TagRouter(profile='tiny', models=['small', 'large'], theta=0, generator='fake')"
    )
    decision = routing.route("x", query_tags=["tag 1"])
    assert len(repr(decision)) < 500


def test_ten_threads_may_use_it_first():
    expected = TagRouter.from_profile().route("Write a poem about the sea")
    fresh, start, found = TagRouter.from_profile(), threading.Barrier(10), []

    def use() -> None:
        start.wait()
        found.append(fresh.route("Write a poem about the sea", query_tags=None))
        found.append(fresh.route("x", query_tags=["writing a poem"]))

    threads = [threading.Thread(target=use) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found.count(expected) == 10
    assert found.count(fresh.route("x", query_tags=["writing a poem"])) == 10
