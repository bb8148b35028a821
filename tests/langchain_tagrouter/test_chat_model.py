import json

import pytest

pytest.importorskip("langchain_core")

from langchain_core.caches import InMemoryCache
from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.fake_chat_models import ParrotFakeChatModel
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.runnables import RunnableLambda
from pydantic import ValidationError

from langchain_tagrouter import ChatTagRouter
from tagrouter import InvalidInputError, UnknownNameError
from tests.langchain_tagrouter.scripted_models import (
    CODE,
    POEM,
    ScriptedChatModel,
    astreamed,
    scripted_members,
    streamed,
    tag_generator,
    tiny_router,
)

DEAR = {"configurable": {"tagrouter_theta": 0.3}}
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


def who(message):
    return message.response_metadata["tagrouter"]["model"]


def test_router_is_a_chat_model():
    assert isinstance(chat(), BaseChatModel)


def test_member_that_suits_the_query_answers():
    members = scripted_members()
    answers = chat(members).batch([POEM, CODE])
    assert [answer.text for answer in answers] == [f"small: {POEM}", f"large: {CODE}"]
    assert [len(member.calls) for member in members.values()] == [1, 1]


def test_answer_carries_the_decision_as_short_json():
    decision = chat().invoke(POEM).response_metadata["tagrouter"]
    assert json.loads(json.dumps(decision)) == {
        "model": "small",
        "reason": "scored",
        "theta": 0.0,
        "model_scores": {"small": pytest.approx(0.2), "large": 0.0},
        "query_tags": ["poetry"],
    }


def test_metadata_of_the_member_stays_beside_the_decision():
    assert chat().invoke(POEM).response_metadata["model_name"] == "small"


def test_decision_can_be_left_out():
    assert "tagrouter" not in chat(include_decision=False).invoke(POEM).response_metadata


def test_decision_is_on_exactly_one_chunk():
    chunks = list(chat().stream(POEM))
    assert sum("tagrouter" in chunk.response_metadata for chunk in chunks) == 1
    assert who(streamed(chat(), POEM)) == "small"


async def test_async_answers_are_the_same():
    assert (await chat().ainvoke(POEM)).text == chat().invoke(POEM).text
    assert (await astreamed(chat(), CODE)).text == streamed(chat(), CODE).text
    assert [m.text for m in await chat().abatch([POEM, CODE])] == [
        m.text for m in chat().batch([POEM, CODE])
    ]


def test_cached_answer_of_a_member_is_not_written_on():
    cache = InMemoryCache()
    members = scripted_members(cache=cache)
    first = chat(members).invoke(POEM)
    second = chat(members).invoke(POEM, DEAR | {"metadata": {}}, model="small")
    assert len(members["small"].calls) == 1
    assert first.response_metadata["tagrouter"]["reason"] == "scored"
    assert second.response_metadata["tagrouter"]["reason"] == "explicit"
    ((cached,),) = cache._cache.values()
    assert "tagrouter" not in cached.message.response_metadata


@pytest.mark.parametrize("call", ["invoke", "stream"])
def test_theta_of_the_call_changes_the_member(call):
    def answered(model, config):
        return who(
            model.invoke(POEM, config) if call == "invoke" else streamed(model, POEM, config)
        )

    assert answered(chat(), None) == "small"
    assert answered(chat(), DEAR) == "large"
    assert answered(chat().with_config(DEAR), None) == "large"
    assert answered(RunnableLambda(str) | chat(), DEAR) == "large"
    assert answered(chat().bind_tools([SCHEMA]), DEAR) == "large"
    assert answered(chat().with_fallbacks([chat()]).bind_tools([SCHEMA]), DEAR) == "large"
    assert answered(chat(theta=0.3), None) == "large"


def test_structured_output_survives_fallbacks():
    model = chat().with_fallbacks([chat()]).with_structured_output(SCHEMA)
    assert model.invoke("Poem 7") == {"n": 7}


def test_graph_has_one_conditional_edge_per_member():
    edges = chat().get_graph().edges
    assert [edge.data for edge in edges if edge.conditional] == ["small", "large"]


def test_theta_of_the_call_changes_who_structures_the_output():
    members = scripted_members()
    chat(members).with_structured_output(SCHEMA).invoke(POEM, DEAR)
    assert [len(member.calls) for member in members.values()] == [0, 1]


def test_batch_takes_theta_from_each_config_and_tags_once():
    generator = tag_generator()
    answers = chat(generator=generator).batch([POEM] * 4, [DEAR, {}, DEAR, {}])
    assert [who(answer) for answer in answers] == ["large", "small", "large", "small"]
    assert len(generator.calls) == 2  # one per theta


def test_model_of_the_call_is_taken():
    answer = chat().invoke(POEM, model="large")
    assert answer.text == f"large: {POEM}"
    assert answer.response_metadata["tagrouter"]["reason"] == "explicit"
    assert who(chat().bind(model="large").invoke(POEM)) == "large"
    with pytest.raises(UnknownNameError, match="'huge'; known: 'large', 'small'"):
        chat().invoke(POEM, model="huge")


def test_stop_and_other_arguments_reach_the_member():
    members = scripted_members()
    chat(members).invoke(POEM, stop=["."], temperature=0.5)
    assert members["small"].calls[0]["stop"] == ["."]
    assert members["small"].calls[0]["temperature"] == 0.5


def test_error_of_a_member_reaches_the_caller_as_it_is():
    failing = chat(scripted_members(fails_with=ZeroDivisionError("mine")))
    for call in (failing.invoke, streamed.__get__(failing), failing.bind_tools([SCHEMA]).invoke):
        with pytest.raises(ZeroDivisionError, match="mine"):
            call(POEM)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda member: member.with_retry(),
        lambda member: member.with_fallbacks([member]),
        lambda member: member.bind(stop=["."]),
        lambda member: member.bind(stop=["."]).with_retry().with_config(tags=["x"]),
    ],
    ids=["retry", "fallbacks", "binding", "binding in retry in config"],
)
def test_wrapped_members_answer_stream_and_take_tools(wrap):
    model = chat({name: wrap(member) for name, member in scripted_members().items()})
    assert model.invoke(POEM).text == f"small: {POEM}"
    assert streamed(model, CODE).text == f"large: {CODE}"
    assert streamed(model.bind_tools([SCHEMA]), POEM).tool_calls[0]["name"] == "Poem"
    assert model.with_structured_output(SCHEMA).invoke("Poem number 7") == {"n": 7}


def test_member_that_cannot_stream_gives_one_chunk():
    silent = chat({"small": ParrotFakeChatModel(), "large": ParrotFakeChatModel()})
    (chunk,) = silent.stream(POEM)
    assert chunk.text == POEM
    assert who(chunk) == "small"


def test_a_router_can_be_a_member():
    members = scripted_members()
    nested = chat({"small": chat(members), "large": members["large"]})
    assert nested.invoke(POEM).text == f"small: {POEM}"
    assert nested.bind_tools([SCHEMA]).invoke(POEM).tool_calls[0]["name"] == "Poem"


def test_member_that_gives_no_message_is_named():
    members = {
        "small": RunnableLambda(lambda _: "just text"),
        "large": ScriptedChatModel(model="x"),
    }
    with pytest.raises(InvalidInputError, match="Member 'small' gave a str, not a message"):
        chat(members).invoke(POEM)


def test_generate_answers_each_list_of_messages():
    result = chat().generate([[HumanMessage(POEM)], [HumanMessage(CODE)]], stop=["."])
    texts = [generation.text for (generation,) in result.generations]
    assert texts == [f"small: {POEM}", f"large: {CODE}"]


def test_member_without_stop_is_not_given_one_that_nobody_asked_for():
    def hello(_):
        return AIMessage("hello")

    model = chat({"small": RunnableLambda(hello), "large": RunnableLambda(hello)})
    assert model.generate([[HumanMessage(POEM)]]).generations[0][0].text == "hello"


def test_wrappers_that_call_generate_directly_are_answered():
    (generation,) = chat()._generate([HumanMessage(POEM)]).generations
    assert generation.message.text == f"small: {POEM}"


def test_dict_is_refused_as_by_other_chat_models():
    with pytest.raises(ValueError, match="Invalid input type <class 'dict'>"):
        chat().invoke({"messages": [HumanMessage(POEM)]})


def test_tool_results_do_not_change_the_member():
    call = {"name": "Poem", "args": {}, "id": "1"}
    history = [HumanMessage(POEM), AIMessage("", tool_calls=[call])]
    tool = {"role": "tool", "content": "code, code, code", "tool_call_id": "1"}
    assert who(chat().invoke([*history, tool])) == "small"


def test_a_copy_and_a_configurable_theta_share_the_router():
    from langchain_core.runnables import ConfigurableField

    generator = tag_generator()
    model = chat(generator=generator)
    assert who(model.model_copy(update={"theta": 0.3}).invoke(POEM)) == "large"
    configurable = model.configurable_fields(theta=ConfigurableField(id="my_theta"))
    assert who(configurable.invoke(POEM)) == "small"
    assert who(configurable.invoke(POEM, {"configurable": {"my_theta": 0.3}})) == "large"
    assert len(generator.calls) == 3


@pytest.mark.parametrize(
    ("models", "message"),
    [
        ({"small": ParrotFakeChatModel()}, "names 'small'; the router decides between 'small', 'l"),
        ({"small": "openai:gpt-4o-mini", "large": ParrotFakeChatModel()}, "Member 'small' is str"),
        ([ParrotFakeChatModel()], "a dict of name -> chat model, not list"),
    ],
)
def test_members_that_do_not_fit_the_router_are_refused(models, message):
    with pytest.raises(ValidationError, match=message):
        chat(models)
