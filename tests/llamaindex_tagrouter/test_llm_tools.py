"""Tools: each provider has a format of its own, and only those that take tools get any."""

import asyncio

import pytest

pytest.importorskip("llama_index.core")

from llama_index.core.agent.react import ReActChatFormatter, ReActOutputParser
from llama_index.core.agent.workflow import AgentWorkflow, FunctionAgent
from llama_index.core.base.llms.types import ChatMessage, ChatResponse
from llama_index.core.llms import MockLLM

from llamaindex_tagrouter import TagRouterLLM
from tagrouter import InvalidInputError
from tests.llamaindex_tagrouter.builders import (
    CODE,
    POEM,
    ScriptedLLM,
    longest_wait_s,
    make_generator,
    make_llm,
    make_memory,
    make_router,
    make_tool,
    scripted,
    user,
)

BOTH = pytest.mark.parametrize(("text", "model"), [(POEM, "small"), (CODE, "large")])


def tool_names(llm, response):
    calls = llm.get_tool_calls_from_response(response)
    return [(call.tool_id, call.tool_name) for call in calls]


@BOTH
def test_tools_go_to_the_chosen_candidate_in_its_own_format(text, model):
    llm = make_llm()
    response = llm.chat_with_tools([make_tool()], user_msg=text)
    assert tool_names(llm, response) == [(f"{model}-1", "look_up")]
    assert scripted(llm, model).seen[0][f"tools_{model}"] == ["look_up"]


@BOTH
async def test_async_and_streamed_tool_calls_are_read_by_their_author(text, model):
    llm = make_llm()
    tools, history = [make_tool()], [user(text)]
    stream = await llm.astream_chat_with_tools(tools, chat_history=history)
    responses = [
        await llm.achat_with_tools(tools, chat_history=history),
        next(iter(llm.stream_chat_with_tools(tools, chat_history=history))),
        await anext(stream),
    ]
    expected = [(f"{model}-1", "look_up")]
    assert [tool_names(llm, response) for response in responses] == [expected] * 3


async def test_slow_tagging_of_a_tool_call_leaves_the_event_loop_free():
    llm = make_llm(make_generator(delay_s=0.2))
    assert await longest_wait_s(lambda: llm.achat_with_tools([make_tool()], POEM)) < 0.1


def test_options_of_a_tool_call_reach_the_candidate():
    llm = make_llm()
    llm.chat_with_tools([make_tool()], user_msg=POEM, tool_required=True, temperature=0.1)
    seen = scripted(llm, "small").seen[0]
    assert (seen["tool_choice"], seen["temperature"]) == ("required", 0.1)


@BOTH
@pytest.mark.parametrize("streaming", [True, False])
async def test_function_agent_calls_its_tool_and_answers(text, model, streaming):
    agent = FunctionAgent(llm=make_llm(), tools=[make_tool()], streaming=streaming)
    result = await agent.run(user_msg=text, memory=make_memory())
    assert str(result) == f"{model} says hi"
    assert [call.tool_output.content for call in result.tool_calls] == ["found it"]


async def test_agents_at_the_same_time_do_not_mix():
    llm = make_llm()
    wanted = [(POEM, "small"), (CODE, "large")] * 10
    runs = [
        FunctionAgent(llm=llm, tools=[make_tool()]).run(user_msg=text, memory=make_memory())
        for text, _ in wanted
    ]
    answers = [str(result) for result in await asyncio.gather(*runs)]
    assert answers == [f"{model} says hi" for _, model in wanted]


async def test_workflow_of_agents_runs_on_a_router():
    workflow = AgentWorkflow.from_tools_or_functions([make_tool()], llm=make_llm())
    result = await workflow.run(user_msg=CODE, memory=make_memory())
    assert str(result) == "large says hi"


def test_candidate_without_tools_never_gets_any():
    llms = {"small": MockLLM(), "large": ScriptedLLM(name="large")}
    llm = TagRouterLLM(llms, make_router())
    response = llm.chat_with_tools([make_tool()], user_msg=POEM)
    assert response.additional_kwargs["tagrouter"]["model"] == "large"
    assert llm.chat([user(POEM)]).additional_kwargs["tagrouter"]["model"] == "small"


def test_tools_without_any_capable_candidate_are_refused():
    llm = TagRouterLLM({"small": MockLLM(), "large": MockLLM()}, make_router())
    with pytest.raises(InvalidInputError, match="small, large have is_function_calling_model=Fals"):
        llm.chat_with_tools([make_tool()], user_msg=POEM)


def test_unsigned_tool_calls_are_read_by_whoever_can():
    llm = make_llm()
    message = ScriptedLLM(name="large").chat_with_tools([make_tool()], user_msg=CODE).message
    assert tool_names(llm, ChatResponse(message=message)) == [("large-1", "look_up")]


def test_response_without_tool_calls_is_an_error_only_if_asked_for():
    llm = make_llm()
    empty = ChatResponse(message=ChatMessage())
    assert llm.get_tool_calls_from_response(empty, error_on_no_tool_call=False) == []
    with pytest.raises(ValueError, match="at least one tool call"):
        llm.get_tool_calls_from_response(empty)


def test_tool_calls_of_a_router_inside_a_router_are_read():
    outer = TagRouterLLM({"small": make_llm(), "large": ScriptedLLM(name="large")}, make_router())
    response = outer.chat_with_tools([make_tool()], user_msg=POEM)
    assert tool_names(outer, response) == [("small-1", "look_up")]


@BOTH
async def test_predict_and_call_runs_the_tool(text, model):
    llm = make_llm()
    assert llm.predict_and_call([make_tool()], user_msg=text).response == "found it"
    assert (await llm.apredict_and_call([make_tool()], user_msg=text)).response == "found it"
    assert len(scripted(llm, model).seen) == 2


async def test_predict_and_call_prompts_where_no_candidate_takes_tools():
    plain = {n: ScriptedLLM(name=n, takes_tools=False) for n in ("small", "large")}
    llm = TagRouterLLM(plain, make_router())
    answer = await llm.apredict_and_call(
        [make_tool()],
        user_msg=POEM,
        react_chat_formatter=ReActChatFormatter(),
        output_parser=ReActOutputParser(),
    )
    assert answer.sources == []
    assert len(plain["small"].seen) == 1


def test_own_tool_payload_is_refused_with_the_way_to_go():
    with pytest.raises(NotImplementedError, match="chat_with_tools"):
        make_llm()._prepare_chat_with_tools([make_tool()])
