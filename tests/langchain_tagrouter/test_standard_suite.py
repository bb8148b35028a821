"""LangChain's own suite for chat models, over a router that takes its members by turns.

The suite cannot see who answered, so every test here also holds the members to the decisions.
"""

import contextlib

import pytest

pytest.importorskip("langchain_core")
pytest.importorskip("langchain_tests")

import httpx
from langchain_tests.integration_tests import ChatModelIntegrationTests
from langchain_tests.unit_tests import ChatModelUnitTests
from pytest_benchmark.fixture import FixtureAlreadyUsed

from langchain_tagrouter import ChatTagRouter
from tagrouter import QueryTags, TagGenerator, TagRouter
from tagrouter.testing import FakeEncoder, tiny_profile
from tests.langchain_tagrouter.scripted_models import scripted_members


class AlternatingGenerator(TagGenerator):
    """Gives a tag of the small member's, then one of the large member's, and so on."""

    name = "alternating"

    def __init__(self) -> None:
        self.turns = 0

    def _generate(self, queries):
        made = []
        for _ in queries:
            made.append(QueryTags.of_names(["coding" if self.turns % 2 else "poetry"]))
            self.turns += 1
        return made


PROFILE = tiny_profile({"poetry": {"small": 0.2}, "coding": {"small": -0.5}})
GENERATOR = AlternatingGenerator()
ROUTER = TagRouter.from_profile(PROFILE, generator=GENERATOR, encoder=FakeEncoder())
MEMBERS = scripted_members()


@pytest.fixture
def benchmark(benchmark):
    """Runs once what the suite would time, also where it times only a replay of HTTP."""
    benchmark.disabled = True
    yield benchmark
    with contextlib.suppress(FixtureAlreadyUsed):
        benchmark(list)


class AlternatingRouter:
    """The settings that unit and integration tests share."""

    @property
    def chat_model_class(self):
        return ChatTagRouter

    @property
    def chat_model_params(self):
        return {"models": MEMBERS, "router": ROUTER}

    @property
    def supports_json_mode(self):
        return True

    @property
    def model_override_value(self):
        return "large"


@pytest.fixture
def answered():
    """How often each member was called during the test."""
    before = {name: len(member.calls) for name, member in MEMBERS.items()}
    return lambda: {name: len(member.calls) - before[name] for name, member in MEMBERS.items()}


class TestAlternatingUnit(AlternatingRouter, ChatModelUnitTests):
    """The ten unit tests."""


class TestAlternatingIntegration(AlternatingRouter, ChatModelIntegrationTests):
    """The fifty integration tests, all of them switched on."""

    supports_image_inputs = True
    supports_image_urls = True
    supports_pdf_inputs = True
    supports_audio_inputs = True
    supports_image_tool_message = True
    supports_pdf_tool_message = True
    supports_anthropic_inputs = True
    enable_vcr_tests = True

    @pytest.fixture(autouse=True)
    def _media_without_network(self, monkeypatch):
        """The media tests download their files; what counts here is that blocks get through."""
        monkeypatch.setenv("LANGCHAIN_TESTS_USER_AGENT", "offline")
        response = httpx.Response(200, content=b"not really a file")
        monkeypatch.setattr(
            "langchain_tests.integration_tests.chat_models.httpx.get",
            lambda *args, **kwargs: response,
        )

    @pytest.fixture(autouse=True)
    def _members_answer_by_turns(self, answered, request):
        """Every decision of a test was followed by one call of the member it named."""
        turns_before = GENERATOR.turns
        yield
        turns = range(turns_before, GENERATOR.turns)
        calls = answered()
        if "model_override" in request.node.name:  # it decides nothing: model= is forced
            assert calls["small"] == 0
            assert calls["large"] > 0
        else:
            assert calls == {
                "small": sum(turn % 2 == 0 for turn in turns),
                "large": sum(turn % 2 == 1 for turn in turns),
            }
