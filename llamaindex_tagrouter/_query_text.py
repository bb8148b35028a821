"""Prompts and messages -> the text that is tagged: what the user asked, without the rest."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from llama_index.core.base.llms.types import ChatMessage, MessageRole, TextBlock
from llama_index.core.prompts.base import BasePromptTemplate

QUERY_VARIABLES: Final = ("query_str", "question", "query")
"""Template variables that hold the user's question in LlamaIndex's own prompts, best first."""


def query_of_message(message: ChatMessage) -> str:
    """Join the text blocks of one message; images, tool calls and the like have no say."""
    texts = (block.text for block in message.blocks if isinstance(block, TextBlock))
    return "\n".join(text for text in texts if text)


def query_of_messages(messages: Sequence[ChatMessage]) -> str:
    """Find the question in a conversation.

    Args:
        messages: The conversation, oldest first.

    Returns:
        Text of the last user message that has any; empty if there is none.
    """
    users = (message for message in reversed(messages) if message.role == MessageRole.USER)
    return next((text for text in map(query_of_message, users) if text.strip()), "")


def query_of_call(
    user_msg: str | ChatMessage | None, chat_history: Sequence[ChatMessage] | None
) -> str:
    """Find the question in a call with tools.

    Args:
        user_msg: What the user says now, if it is not in the history.
        chat_history: The conversation, oldest first.

    Returns:
        The text of `user_msg`, or else the last user message of the history.
    """
    if isinstance(user_msg, ChatMessage):
        user_msg = query_of_message(user_msg)
    return user_msg or query_of_messages(chat_history or ())


def query_of_prompt(prompt: BasePromptTemplate, prompt_args: Mapping[str, Any]) -> str:
    """Find the question in a prompt template, where the filled-in text would hide it.

    A retrieval prompt filled in is mostly documents; tagged whole, the documents would decide.

    Args:
        prompt: The template, with the values it was partially formatted with.
        prompt_args: The other values.

    Returns:
        The first of `QUERY_VARIABLES` that has a text, or else the last user message of the
        filled-in prompt.
    """
    values = {**prompt.kwargs, **prompt_args}
    for name in QUERY_VARIABLES:
        value = values.get(name)
        if isinstance(value, str) and value.strip():
            return value
    return query_of_messages(prompt.format_messages(**prompt_args))
