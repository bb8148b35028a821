"""What cannot be used is refused by name, with what to do; what is merely odd is routed."""

import math

import pytest

from tagrouter import InvalidInputError, TagGeneratorError, TagRouter, UnknownNameError
from tagrouter.router import make_generator
from tagrouter.testing import FakeEncoder, tiny_profile
from tests.core.builders import tiny_router

SCORES = {"poetry": {"small": 0.2}}
TAGS = {"poem": {"poetry": 0.9}}
ODD = {
    "one megabyte": "a poem " * 149_797,
    "NUL bytes": "a poem\0\0",
    "lone surrogates": "\ud800 a poem \udfff",
    "emoji": "a poem 🎉",
}


@pytest.fixture(scope="module")
def shipped() -> TagRouter:
    return TagRouter.from_profile()


@pytest.mark.parametrize("query", ODD.values(), ids=ODD.keys())
def test_odd_text_is_routed_like_any_other(query):
    assert tiny_router(SCORES, TAGS).route(query).model == "small"


@pytest.mark.parametrize("query", [*ODD.values(), "🎉🍂🤖", "\ud800", "\0"])
def test_shipped_router_takes_odd_text(shipped, query):
    assert shipped.route(query).model in ("small", "large")


def test_shipped_router_gives_text_without_meaning_to_the_default_model(shipped):
    decision = shipped.route("\U000e0041")
    assert (decision.model, decision.reason) == ("large", "default")


@pytest.mark.parametrize("query", [None, 3, b"bytes", ["a poem"], {"role": "user"}])
async def test_query_that_is_no_str_is_refused(query):
    router = tiny_router(SCORES, TAGS)
    says = f"A query is a str, not {type(query).__name__}. Decode bytes first"
    with pytest.raises(InvalidInputError, match=says):
        router.route(query)
    with pytest.raises(InvalidInputError, match=says):
        router.route_many(["a poem", query])
    with pytest.raises(InvalidInputError, match=says):
        await router.aroute(query)


def test_query_is_checked_though_tags_are_given():
    with pytest.raises(InvalidInputError, match="A query is a str"):
        tiny_router(SCORES).route(None, query_tags=["poetry"])


def test_one_query_is_not_taken_for_many():
    with pytest.raises(InvalidInputError, match=r"For one, use route\(\)"):
        tiny_router(SCORES).route_many("a poem")


@pytest.mark.parametrize("tags", ["poetry", ["poetry", 3], [None], 3])
def test_given_tags_that_are_none_are_refused(tags):
    with pytest.raises(InvalidInputError, match="query_tags is a list of tag names"):
        tiny_router(SCORES).route("x", query_tags=tags)


@pytest.mark.parametrize("theta", [math.nan, math.inf, "0.1", True])
def test_theta_that_is_no_number_is_refused(theta):
    with pytest.raises(InvalidInputError, match="theta must be a finite number"):
        tiny_router(SCORES).route("x", query_tags=["poetry"], theta=theta)
    with pytest.raises(InvalidInputError, match="theta must be a finite number"):
        TagRouter.from_profile(tiny_profile(SCORES), generator="gold", theta=theta)


def test_unknown_generator_is_refused_with_the_known_ones():
    with pytest.raises(UnknownNameError, match=r"tag generator 'psychic'; known: 'embedded', 'g"):
        TagRouter.from_profile(tiny_profile(SCORES), generator="psychic")


@pytest.mark.parametrize("generator", [3, ["gold"], object])
def test_generator_that_is_none_is_refused(generator):
    with pytest.raises(InvalidInputError, match="a name or a TagGenerator, not"):
        TagRouter.from_profile(tiny_profile(SCORES), generator=generator)


def test_unknown_model_is_refused_while_building():
    with pytest.raises(UnknownNameError, match="'nobody'; known: 'large', 'small'"):
        TagRouter.from_profile(tiny_profile(SCORES), generator="gold", models={"nobody": "x"})


def test_unknown_reason_is_refused():
    with pytest.raises(UnknownNameError, match="reason 'mood'; known: 'default', 'error'"):
        tiny_router(SCORES).default_decision("mood")


def test_failing_generator_is_named():
    router = TagRouter.from_profile(tiny_profile(SCORES), generator="gold", encoder=FakeEncoder())
    with pytest.raises(TagGeneratorError, match=r"'gold' has only the tags it is given"):
        router.route("a poem")


def test_an_argument_for_a_generator_that_takes_none_is_refused():
    with pytest.raises(InvalidInputError, match="'gold' takes nothing behind a colon; got 'x'"):
        make_generator("gold:x")
