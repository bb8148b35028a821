import pytest

pytest.importorskip("langchain_core")

from langchain_core.messages import AIMessage, ChatMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.prompts import ChatPromptTemplate, PromptTemplate

from langchain_tagrouter._messages import query_of
from tagrouter import InvalidInputError

IMAGE = {"type": "image", "url": "https://example.org/cat.png"}


@pytest.mark.parametrize(
    "value",
    [
        "hi",
        HumanMessage("hi"),
        [HumanMessage("hi")],
        [("human", "hi")],
        [{"role": "user", "content": "hi"}],
        {"role": "user", "content": "hi"},
        {"messages": [HumanMessage("hi")], "other": 1},
        [ChatMessage("hi", role="user")],
        PromptTemplate.from_template("{word}").invoke({"word": "hi"}),
        ChatPromptTemplate.from_messages([("system", "Be short"), ("human", "hi")]).invoke({}),
        [HumanMessage([{"type": "text", "text": "hi"}, IMAGE])],
    ],
)
def test_query_is_found_in_every_form_of_input(value):
    assert query_of(value) == "hi"


def test_latest_human_message_is_the_query_in_a_tool_loop():
    call = {"name": "weather", "args": {}, "id": "1"}
    history = [
        SystemMessage("You are helpful"),
        HumanMessage("old"),
        AIMessage("answer"),
        HumanMessage("new"),
        AIMessage("", tool_calls=[call]),
        ToolMessage("sunny", tool_call_id="1"),
    ]
    assert query_of(history) == "new"


@pytest.mark.parametrize("value", [[], [SystemMessage("Be short")], [HumanMessage([IMAGE])]])
def test_messages_without_human_text_give_a_blank_query(value):
    assert query_of(value) == ""


def test_old_messages_are_not_looked_at():
    assert query_of([object(), HumanMessage("hi")]) == "hi"


def test_input_key_says_which_entry_holds_the_query():
    assert query_of({"question": "hi", "messages": ["no"]}, "question") == "hi"


def test_dict_without_the_entry_lists_its_keys():
    with pytest.raises(
        InvalidInputError, match=r"without 'messages'; its keys: 'topic'.*input_key"
    ):
        query_of({"topic": "rain"})


@pytest.mark.parametrize("value", [3, None, b"hi", {1, 2}])
def test_other_types_are_refused_by_name(value):
    with pytest.raises(
        InvalidInputError, match=f"No query can be read from {type(value).__name__}"
    ):
        query_of(value)


def test_list_item_that_is_no_message_is_refused():
    with pytest.raises(InvalidInputError, match="list item of type int is not a message"):
        query_of([3])
