import asyncio

import pytest

pytest.importorskip("langchain_core")

from langchain_core.callbacks import UsageMetadataCallbackHandler
from langchain_core.language_models.chat_model_stream import ChatModelStream
from langchain_core.messages import HumanMessage

from langchain_tagrouter import ChatTagRouter
from tests.langchain_tagrouter.run_log import RunLog
from tests.langchain_tagrouter.scripted_models import (
    CODE,
    POEM,
    astreamed,
    scripted_members,
    streamed,
    tiny_router,
)

SCHEMA = {
    "title": "Poem",
    "description": "A poem",
    "type": "object",
    "properties": {"n": {"type": "integer"}},
    "required": ["n"],
}


def chat(models=None, generator=None, **settings):
    return ChatTagRouter(
        models=models or scripted_members(), router=tiny_router(generator), **settings
    )


def structured(model, text, config=None):
    model.with_structured_output(SCHEMA).invoke(text, config)


def v3(model, text, config=None):
    stream = model.stream_events(text, config, version="v3")
    assert stream.output.text.startswith(("small", "large"))


async def av3(model, text, config=None):
    stream = await model.astream_events(text, config, version="v3")
    assert (await stream.output).text.startswith(("small", "large"))
    # The stream is read by a task of its own, which tells callbacks of the end after the output.
    await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))


ENTRANCES = {
    "invoke": lambda model, text, config: model.invoke(text, config),
    "stream": streamed,
    "batch": lambda model, text, config: model.batch([text], config),
    "generate": lambda model, text, config: model.generate(
        [[HumanMessage(text)]], callbacks=config["callbacks"]
    ),
    "structured output": structured,
    "v3": v3,
}
ASYNC_ENTRANCES = {
    "ainvoke": lambda model, text, config: model.ainvoke(text, config),
    "astream": astreamed,
    "abatch": lambda model, text, config: model.abatch([text], config),
    "agenerate": lambda model, text, config: model.agenerate(
        [[HumanMessage(text)]], callbacks=config["callbacks"]
    ),
    "v3": av3,
}


def check_one_model_run(log, usage):
    (run,) = log.of("chat_model")
    assert run.output is not None
    assert len([other for other in log.runs if "tagrouter:small" in other.tags]) == 1
    assert run.metadata["tagrouter_model"] == "small"
    assert run.metadata["ls_model_name"] == "small"
    assert usage.usage_metadata["small"]["total_tokens"] == len(POEM.split()) + 3


@pytest.mark.parametrize("entrance", ENTRANCES)
def test_a_call_is_one_run_of_the_member_with_its_own_usage(entrance):
    log, usage = RunLog(), UsageMetadataCallbackHandler()
    ENTRANCES[entrance](chat(), POEM, {"callbacks": [log, usage]})
    check_one_model_run(log, usage)


@pytest.mark.parametrize("entrance", ASYNC_ENTRANCES)
async def test_an_async_call_is_one_run_of_the_member_with_its_own_usage(entrance):
    log, usage = RunLog(), UsageMetadataCallbackHandler()
    await ASYNC_ENTRANCES[entrance](chat(), POEM, {"callbacks": [log, usage]})
    check_one_model_run(log, usage)


def test_names_tags_and_ids_of_the_caller_stay_with_the_router_s_run():
    log, run_id = RunLog(), "7d1f7c9e-5d5c-4b6f-9a39-6f2d6d0f9a01"
    config = {"callbacks": [log], "run_name": "mine", "tags": ["yours"], "run_id": run_id}
    chat().invoke(POEM, config)
    assert log.names() == ["mine", "TagRouterSelector", "ScriptedChatModel"]
    assert [str(run.run_id) == run_id for run in log.runs] == [True, False, False]
    assert all("yours" in run.tags for run in log.runs)
    assert "tagrouter:small" not in log.runs[0].tags


async def test_events_come_from_router_selector_and_member_once_each():
    events = [event async for event in chat().astream_events(POEM, version="v2")]
    kinds = [(e["event"], e["name"]) for e in events if not e["event"].endswith("stream")]
    assert kinds == [
        ("on_chain_start", "ChatTagRouter"),
        ("on_chain_start", "TagRouterSelector"),
        ("on_chain_end", "TagRouterSelector"),
        ("on_chat_model_start", "ScriptedChatModel"),
        ("on_chat_model_end", "ScriptedChatModel"),
        ("on_chain_end", "ChatTagRouter"),
    ]
    tokens = [e["data"]["chunk"].text for e in events if e["event"] == "on_chat_model_stream"]
    assert "".join(tokens) == f"small: {POEM}"


def test_v3_events_are_the_member_s_own_stream():
    stream = chat().bind_tools([SCHEMA]).stream_events(CODE, version="v3", stop=["."])
    assert isinstance(stream, ChatModelStream)
    assert stream.output.tool_calls[0]["name"] == "Poem"
