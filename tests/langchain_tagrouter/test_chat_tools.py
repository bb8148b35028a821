import pytest

pytest.importorskip("langchain_core")

from langchain_core.language_models.fake_chat_models import ParrotFakeChatModel
from langchain_core.runnables import RunnableBinding, RunnableLambda
from langchain_core.tools import tool
from pydantic import BaseModel, Field

from langchain_tagrouter import ChatTagRouter
from tagrouter import InvalidInputError
from tests.langchain_tagrouter.scripted_models import (
    CODE,
    POEM,
    ScriptedChatModel,
    scripted_members,
    tiny_router,
)


class OtherFormat(ScriptedChatModel):
    """A provider with a tool format of its own."""

    bound: list = Field(default_factory=list, repr=False)

    def bind_tools(self, tools, *, tool_choice=None, **kwargs):
        self.bound.append({"tools": tools, "tool_choice": tool_choice, **kwargs})
        return super().bind_tools(tools, tool_choice=tool_choice)


@tool
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


class Sum(BaseModel):
    """A sum."""

    total: int


def chat(members):
    return ChatTagRouter(models=members, router=tiny_router())


def test_bound_tools_reach_whoever_is_chosen():
    model = chat(scripted_members()).bind_tools([add])
    assert isinstance(model, RunnableBinding)
    for text in (POEM, CODE):
        (call,) = model.invoke(f"{text} 2 3").tool_calls
        assert call["args"] == {"a": 2, "b": 3}


def test_each_member_formats_tools_itself_and_gets_every_argument():
    members = {"small": OtherFormat(model="small"), "large": ScriptedChatModel(model="large")}
    model = chat(members).bind_tools(
        [add], tool_choice="add", strict=True, parallel_tool_calls=False
    )
    model.invoke(POEM, temperature=0.5)
    model.invoke(CODE)
    expected = {"tools": [add], "tool_choice": "add", "strict": True, "parallel_tool_calls": False}
    assert members["small"].bound == [expected]
    (own,) = members["small"].calls
    assert own["temperature"] == 0.5
    assert "strict" not in own
    (other,) = members["large"].calls
    assert other["tools"][0]["function"]["name"] == "add"
    assert (other["strict"], other["parallel_tool_calls"]) == (True, False)


def test_tools_given_to_the_call_are_formatted_by_the_member():
    members = {"small": OtherFormat(model="small"), "large": ScriptedChatModel(model="large")}
    answer = chat(members).invoke(POEM, tools=[add])
    assert answer.tool_calls[0]["name"] == "add"
    assert members["small"].bound == [{"tools": [add], "tool_choice": None}]


def test_bound_arguments_of_a_member_survive_its_tools():
    members = scripted_members()
    bound = {name: member.bind(stop=["."]) for name, member in members.items()}
    chat(bound).bind_tools([add]).invoke(POEM)
    assert members["small"].calls[0]["stop"] == ["."]
    assert members["small"].calls[0]["tools"]


@pytest.mark.parametrize(
    "unable",
    [
        ParrotFakeChatModel(),
        ParrotFakeChatModel().with_retry(),
        ScriptedChatModel(model="x").with_fallbacks([ParrotFakeChatModel()]),
        RunnableLambda(str),
    ],
    ids=["no tools", "retry around it", "as a fallback", "no chat model"],
)
def test_member_without_tools_is_named_when_tools_are_bound(unable):
    model = chat({"small": unable, "large": ScriptedChatModel(model="large")})
    with pytest.raises(InvalidInputError, match=r"Tools cannot be bound: 'small' \("):
        model.bind_tools([add])


def test_output_is_structured_by_the_member_s_own_method():
    members = scripted_members()
    model = chat(members)
    assert model.with_structured_output(Sum).invoke("Poem 5") == Sum(total=5)
    json_mode = model.with_structured_output(Sum, method="json_mode")
    assert json_mode.invoke("Code 6") == Sum(total=6)
    assert "tools" in members["small"].calls[0]
    assert "json_schema" in members["large"].calls[0]


def test_raw_message_comes_with_the_structured_output():
    output = chat(scripted_members()).with_structured_output(Sum, include_raw=True).invoke("Poem 5")
    assert output["parsed"] == Sum(total=5)
    assert output["raw"].response_metadata["model_name"] == "small"


def test_structured_output_streams_and_batches():
    model = chat(scripted_members()).with_structured_output(Sum)
    assert list(model.stream("Poem 5"))[-1] == Sum(total=5)
    assert model.batch(["Poem 5", "Code 6"]) == [Sum(total=5), Sum(total=6)]


async def test_structured_output_is_the_same_in_async_code():
    model = chat(scripted_members()).with_structured_output(Sum)
    assert await model.ainvoke("Poem 5") == Sum(total=5)


def test_member_without_structured_output_is_named():
    model = chat({"small": RunnableLambda(str), "large": ScriptedChatModel(model="large")})
    with pytest.raises(InvalidInputError, match=r"Member 'small' \(RunnableLambda\) has no with_s"):
        model.with_structured_output(Sum)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda member: member.bind(stop=["."]),
        lambda member: member.bind(stop=["."]).with_retry(),
        lambda member: member.with_fallbacks([member.bind(stop=["."])]),
    ],
    ids=["binding", "in a retry", "as a fallback"],
)
def test_bound_arguments_that_raw_output_would_lose_are_refused(wrap):
    bound = {name: wrap(member) for name, member in scripted_members().items()}
    with pytest.raises(InvalidInputError, match="'small' is bound to stop"):
        chat(bound).with_structured_output(Sum, include_raw=True)
