"""Messages -> query: what of a chat is tagged.

A query is the text of the latest human message. In a tool loop or an agent the later messages are
the model's own and the tools', so the query, and with it the decision, stays the same until the
human speaks again.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from langchain_core.messages import (
    BaseMessage,
    ChatMessage,
    HumanMessage,
    MessageLikeRepresentation,
    convert_to_messages,
)
from langchain_core.prompt_values import PromptValue

from tagrouter import InvalidInputError

_STATE_KEY: Final = "messages"
_HUMAN_ROLES: Final = ("human", "user")


def query_of(value: object, input_key: str | None = None) -> str:
    """Find the query in whatever a LangChain model or graph is called with.

    Args:
        value: A str, a message, a list of messages (objects, tuples, dicts), a `PromptValue`, a
            state dict with "messages", or any dict if `input_key` says where to look.
        input_key: Key of the entry to read, where `value` is a dict.

    Returns:
        The latest human text; "" where there is none, as in a message of images only.

    Raises:
        InvalidInputError: If no messages can be found in the value.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, PromptValue):
        return _latest_human_text(value.to_messages())
    if isinstance(value, BaseMessage):
        return _latest_human_text([value])
    if isinstance(value, Mapping):
        return _query_of_mapping(value, input_key)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return _latest_human_text(value)
    raise InvalidInputError(
        f"No query can be read from {type(value).__name__}. Give a str, messages, a PromptValue, "
        "or a dict with 'messages'."
    )


def _query_of_mapping(value: Mapping[str, Any], input_key: str | None) -> str:
    if input_key is not None and input_key in value:
        return query_of(value[input_key])
    if input_key is None and _STATE_KEY in value:
        return query_of(value[_STATE_KEY])
    if input_key is None and "role" in value and "content" in value:
        return _latest_human_text([value])
    keys = ", ".join(repr(key) for key in value) or "none"
    wanted = repr(_STATE_KEY if input_key is None else input_key)
    raise InvalidInputError(
        f"The input is a dict without {wanted}; its keys: {keys}. "
        "Say with input_key=... which of them holds the query."
    )


def _latest_human_text(messages: Sequence[Any]) -> str:
    """Read messages from the end and stop at the first human one, as histories may be long."""
    for message in reversed(messages):
        (converted,) = _converted(message)
        if isinstance(converted, HumanMessage) or (
            isinstance(converted, ChatMessage) and converted.role in _HUMAN_ROLES
        ):
            return str(converted.text)
    return ""


def _converted(message: MessageLikeRepresentation) -> list[BaseMessage]:
    if isinstance(message, BaseMessage):
        return [message]
    try:
        return convert_to_messages([message])
    except (NotImplementedError, ValueError) as error:
        raise InvalidInputError(
            f"A list item of type {type(message).__name__} is not a message: {error} "
            "Give message objects, (role, text) tuples or dicts with 'role' and 'content'."
        ) from error
