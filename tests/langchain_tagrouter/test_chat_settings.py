"""Each setting that a chat model inherits works on the router, or is refused where it is built."""

import pytest

pytest.importorskip("langchain_core")

from langchain_core.caches import InMemoryCache
from langchain_core.language_models.fake_chat_models import ParrotFakeChatModel
from langchain_core.load import dumps
from langchain_core.messages import AIMessage
from langchain_core.rate_limiters import InMemoryRateLimiter
from langchain_core.runnables import RunnableLambda
from pydantic import ValidationError

from langchain_tagrouter import ChatTagRouter
from tests.langchain_tagrouter.run_log import RunLog
from tests.langchain_tagrouter.scripted_models import (
    CODE,
    POEM,
    ScriptedChatModel,
    scripted_members,
    streamed,
    tiny_router,
)

SCHEMA = {"title": "Poem", "description": "A poem", "type": "object", "properties": {}}
LAMBDAS = {name: RunnableLambda(lambda _: AIMessage("hi")) for name in ("small", "large")}


class CountingLimiter(InMemoryRateLimiter):
    """Lets everybody through and counts them."""

    def __init__(self):
        super().__init__()
        self.acquired = 0

    def acquire(self, *, blocking=True):
        self.acquired += 1
        return True

    async def aacquire(self, *, blocking=True):
        return self.acquire(blocking=blocking)


def chat(members=None, **settings):
    return ChatTagRouter(models=members or scripted_members(), router=tiny_router(), **settings)


@pytest.mark.parametrize("cache", [True, False, InMemoryCache()])
def test_cache_is_refused_and_told_where_it_belongs(cache):
    with pytest.raises(ValidationError, match="answers are cached by the members"):
        chat(cache=cache)


def test_rate_limiter_is_asked_once_per_call():
    limiter = CountingLimiter()
    model = chat(rate_limiter=limiter)
    model.invoke(POEM)
    list(model.stream(POEM))
    model.batch([POEM, CODE])
    model.with_structured_output(SCHEMA).invoke(POEM)
    assert limiter.acquired == 5


async def test_rate_limiter_is_asked_in_async_code():
    limiter = CountingLimiter()
    model = chat(rate_limiter=limiter)
    await model.ainvoke(POEM)
    assert [chunk async for chunk in model.astream(POEM)]
    assert limiter.acquired == 2


def test_callbacks_are_told_of_the_member_s_run():
    log = RunLog()
    chat(callbacks=[log]).invoke(POEM)
    assert log.names() == ["ChatTagRouter", "TagRouterSelector", "ScriptedChatModel"]


async def test_callbacks_are_told_in_async_code_and_in_structured_output():
    log = RunLog()
    await chat(callbacks=[log]).with_structured_output(SCHEMA).ainvoke(POEM)
    assert len(log.of("chat_model")) == 1


def test_callback_given_twice_is_told_once():
    log, runs = RunLog(), ["ChatTagRouter", "TagRouterSelector", "ScriptedChatModel"]
    chat(callbacks=[log]).invoke(POEM, {"callbacks": [log]})
    assert log.names() == runs
    (RunnableLambda(str) | chat(callbacks=[log])).invoke(POEM, {"callbacks": [log]})
    assert log.names() == [*runs, "RunnableSequence", "str", *runs]


def test_tags_and_metadata_are_on_the_router_s_and_the_member_s_run():
    log = RunLog()
    model = chat(tags=["mine"], metadata={"team": "a", "stage": "test"})
    model.invoke(POEM, {"callbacks": [log], "metadata": {"stage": "live"}})
    for run in log.runs:
        assert "mine" in run.tags
        assert (run.metadata["team"], run.metadata["stage"]) == ("a", "live")


def test_verbose_prints_the_run(capsys):
    chat(verbose=True).invoke(POEM)
    assert "ChatTagRouter" in capsys.readouterr().out


@pytest.mark.parametrize("wrap", [lambda member: member, lambda member: member.with_retry()])
def test_disabled_streaming_gives_one_chunk(wrap):
    members = {name: wrap(member) for name, member in scripted_members().items()}
    (chunk,) = chat(members, disable_streaming=True).stream(POEM)
    assert chunk.text == f"small: {POEM}"
    assert len(list(chat(members).stream(POEM))) > 1


async def test_disabled_streaming_holds_for_event_streams():
    events = [e["event"] async for e in chat(disable_streaming=True).astream_events(POEM)]
    assert "on_chat_model_end" in events
    assert "on_chat_model_stream" not in events


def test_streaming_can_be_disabled_for_tools_only():
    model = chat(disable_streaming="tool_calling")
    assert len(list(model.stream(POEM))) > 1
    assert len(list(model.bind_tools([SCHEMA]).stream(POEM))) == 1


def test_streaming_of_a_member_that_is_no_chat_model_cannot_be_disabled():
    with pytest.raises(ValidationError, match=r"member 'small' \(RunnableLambda\)"):
        chat(LAMBDAS, disable_streaming=True)


def test_output_version_v1_gives_standard_blocks():
    expected = [{"type": "text", "text": f"small: {POEM}"}]
    message = chat(output_version="v1").invoke(POEM)
    assert message.content == expected
    assert message.response_metadata["output_version"] == "v1"


def test_output_version_v1_holds_for_streams():
    model = chat(output_version="v1")
    assert streamed(model.bind_tools([SCHEMA]), POEM).tool_calls[0]["name"] == "Poem"
    (block,) = streamed(model, POEM).content
    assert block["text"] == f"small: {POEM}"


def test_other_output_versions_are_refused_unless_the_members_have_them():
    with pytest.raises(ValidationError, match="members 'small', 'large' have another"):
        chat(output_version="responses/v1")
    with pytest.raises(ValidationError, match="have another"):
        chat(scripted_members(output_version="v1"), output_version="v0")
    assert chat(output_version="v0").invoke(POEM).content == f"small: {POEM}"


def test_output_version_of_the_environment_is_left_to_the_members(monkeypatch):
    monkeypatch.setenv("LC_OUTPUT_VERSION", "responses/v1")
    assert chat(LAMBDAS).output_version == "responses/v1"


def test_profile_tells_what_holds_whoever_is_chosen():
    big = {"max_input_tokens": 1000, "tool_calling": True, "image_inputs": True, "name": "Big"}
    tiny = {"max_input_tokens": 100, "tool_calling": True, "image_inputs": False, "name": "Tiny"}
    members = {
        "small": ScriptedChatModel(model="small", profile=tiny),
        "large": ScriptedChatModel(model="large", profile=big),
    }
    shared = {"max_input_tokens": 100, "tool_calling": True, "image_inputs": False}
    assert chat(members).profile == shared
    assert chat(members, profile={"tool_calling": False}).profile == {"tool_calling": False}


def test_profile_is_unknown_where_a_member_s_is():
    assert chat().profile is None


def test_unknown_setting_is_refused():
    with pytest.raises(ValidationError, match="no setting 'thetta'; it has cache"):
        chat(thetta=0.1)


def test_setting_that_only_members_can_use_is_pointed_out():
    with pytest.warns(UserWarning, match="does not use max_tokens, temperature: set it on the mem"):
        chat(temperature=0, max_tokens=5)


def test_theta_must_be_finite():
    with pytest.raises(ValidationError, match="finite"):
        chat(theta=float("inf"))


def test_repr_and_traces_are_short_and_hold_no_member():
    members = scripted_members(metadata={"key": "sk-secret"})
    model = chat(members, name="mine")
    assert repr(model) == (
        "ChatTagRouter(name='mine', models=['small', 'large'], profile='tiny', theta=0.0)"
    )
    assert "sk-secret" not in dumps(model)
    assert len(dumps(model)) < 2000


def test_keys_do_not_show_up_in_errors():
    member = ParrotFakeChatModel(metadata={"key": "sk-secret"})
    with (
        pytest.warns(UserWarning, match="does not use api_key") as told,
        pytest.raises(ValidationError) as caught,
    ):
        chat({"small": member}, api_key="sk-secret")
    assert "sk-secret" not in str(told[0].message)
    assert "sk-secret" not in str(caught.value)


def test_versions_are_recorded_for_traces():
    recorded = chat().metadata or {}
    if hasattr(ChatTagRouter, "_add_version"):
        assert "tagrouter" in recorded["lc_versions"]


def test_tracing_names_the_router_and_a_forced_member():
    params = chat()._get_ls_params(stop=["."])
    assert params["ls_provider"] == "tagrouter"
    assert params["ls_model_name"] == "small|large"
    assert chat()._get_ls_params(model="large")["ls_model_name"] == "large"
