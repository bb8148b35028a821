"""Which text of a call is tagged."""

import pytest

pytest.importorskip("llama_index.core")

from llama_index.core.base.llms.types import ChatMessage, ImageBlock, MessageRole, TextBlock
from llama_index.core.prompts import ChatPromptTemplate, PromptTemplate
from llama_index.core.prompts.default_prompt_selectors import DEFAULT_TEXT_QA_PROMPT_SEL
from llama_index.core.prompts.default_prompts import DEFAULT_TEXT_QA_PROMPT

from llamaindex_tagrouter._query_text import query_of_call, query_of_messages, query_of_prompt


def message(role: MessageRole, text: str) -> ChatMessage:
    return ChatMessage(role=role, content=text)


def test_last_user_message_is_the_query():
    conversation = [
        message(MessageRole.SYSTEM, "You are a poet."),
        message(MessageRole.USER, "first"),
        message(MessageRole.ASSISTANT, "answer"),
        message(MessageRole.USER, "second"),
        message(MessageRole.TOOL, "tool output"),
    ]
    assert query_of_messages(conversation) == "second"


def test_images_have_no_say_and_text_blocks_are_joined():
    blocks = [TextBlock(text="What is"), ImageBlock(url="http://x/y.png"), TextBlock(text="this?")]
    assert query_of_messages([ChatMessage(role="user", blocks=blocks)]) == "What is\nthis?"


def test_user_message_without_text_gives_way_to_an_earlier_one():
    picture = ChatMessage(role="user", blocks=[ImageBlock(url="http://x/y.png")])
    assert query_of_messages([message(MessageRole.USER, "earlier"), picture]) == "earlier"


def test_conversation_without_user_text_gives_an_empty_query():
    assert query_of_messages([message(MessageRole.SYSTEM, "system")]) == ""
    assert query_of_messages([]) == ""


def test_new_message_of_a_tool_call_comes_before_its_history():
    history = [message(MessageRole.USER, "old")]
    assert query_of_call("new", history) == "new"
    assert query_of_call(message(MessageRole.USER, "new"), history) == "new"
    assert query_of_call(None, history) == "old"
    assert query_of_call(None, None) == ""


@pytest.mark.parametrize("prompt", [DEFAULT_TEXT_QA_PROMPT, DEFAULT_TEXT_QA_PROMPT_SEL])
def test_question_of_a_retrieval_prompt_is_found_among_its_variables(prompt):
    assert query_of_prompt(prompt, {"context_str": "long", "query_str": "short"}) == "short"


@pytest.mark.parametrize("prompt", [DEFAULT_TEXT_QA_PROMPT, DEFAULT_TEXT_QA_PROMPT_SEL])
def test_question_that_was_filled_in_before_is_found_too(prompt):
    partial = prompt.partial_format(query_str="short")
    assert query_of_prompt(partial, {"context_str": "long"}) == "short"


def test_prompt_without_a_question_variable_is_tagged_filled_in():
    prompt = PromptTemplate("Write a poem about {topic}.")
    assert query_of_prompt(prompt, {"topic": "rain"}) == "Write a poem about rain."


def test_chat_prompt_without_a_question_variable_gives_its_last_user_message():
    prompt = ChatPromptTemplate(
        [message(MessageRole.SYSTEM, "Be {mood}."), message(MessageRole.USER, "Sing of {topic}.")]
    )
    assert query_of_prompt(prompt, {"mood": "glad", "topic": "rain"}) == "Sing of rain."


def test_question_variable_that_holds_no_text_is_passed_over():
    prompt = PromptTemplate("Sing of {topic}. {query}")
    assert query_of_prompt(prompt, {"query": "", "topic": "rain"}) == "Sing of rain. "
