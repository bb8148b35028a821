"""The protocol of a chat model, shared by the prompted generator and the judge.

Whatever answers messages with text fills `ChatModel`. `langchain_tagrouter.LangChainChatModel` and
`llamaindex_tagrouter.LlamaIndexChatModel` fill it from the frameworks' models, `FunctionChatModel`
from a function.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, get_args, runtime_checkable

from tagrouter.errors import InvalidInputError

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a chat.

    Attributes:
        role: "system", "user" or "assistant".
        content: The text.
    """

    role: Role
    content: str

    def __post_init__(self) -> None:
        """Check role and content.

        Raises:
            InvalidInputError: If the role is not known or the content is not text.
        """
        if self.role not in get_args(Role) or not isinstance(self.content, str):
            raise InvalidInputError(
                f"A chat message has role {self.role!r} and {type(self.content).__name__} content; "
                f"roles are {', '.join(get_args(Role))}, content is str."
            )


@runtime_checkable
class ChatModel(Protocol):
    """What is asked of a chat model: text for messages, waiting or not."""

    @property
    def name(self) -> str:
        """What it is called in records and cache files."""

    def chat(self, messages: Sequence[ChatMessage]) -> str:
        """Answer the last message of a chat; errors of the provider pass through."""

    async def achat(self, messages: Sequence[ChatMessage]) -> str:
        """Do the same without blocking the event loop."""


class FunctionChatModel:
    """Makes a chat model of a function.

    Args:
        function: Messages -> answer. Called from several threads at once.
        name: What it is called in records and cache files.
    """

    def __init__(self, function: Callable[[Sequence[ChatMessage]], str], *, name: str) -> None:
        self._function = function
        self.name = name

    def chat(self, messages: Sequence[ChatMessage]) -> str:
        """Call the function."""
        return self._function(messages)

    async def achat(self, messages: Sequence[ChatMessage]) -> str:
        """Call the function in a worker thread."""
        return await asyncio.to_thread(self._function, messages)

    def __repr__(self) -> str:
        """Show the name; a function may hold a key."""
        return f"FunctionChatModel(name={self.name!r})"


def check_chat_model(chat_model: object, what: str) -> ChatModel:
    """Let a chat model pass.

    Args:
        chat_model: What the caller gave.
        what: What needs it, as the subject of the sentence.

    Returns:
        The chat model.

    Raises:
        InvalidInputError: If it does not fill the protocol; the ways to get one are listed.
    """
    if isinstance(chat_model, ChatModel):
        return chat_model
    came = "none was given" if chat_model is None else f"{type(chat_model).__name__} came"
    raise InvalidInputError(
        f"{what} needs a chat model with name, chat() and achat(); {came}. Wrap a LangChain model: "
        "langchain_tagrouter.LangChainChatModel(model); a LlamaIndex LLM: "
        "llamaindex_tagrouter.LlamaIndexChatModel(llm); a function from messages to text: "
        "tagrouter.chat.FunctionChatModel(function, name=...)."
    )
