"""Endpoints of a router, first half: chat, completion and calls with tools, each handed on whole.

No method is decorated with LlamaIndex's LLM callbacks: the candidate emits the one pair of events
that a call has. Its span nests in the router's, which the base class adds.
"""
# ruff: noqa: ANN401 - options are of any type, as in LlamaIndex's own signatures

from collections.abc import Sequence
from typing import Any

from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    ChatResponseAsyncGen,
    ChatResponseGen,
    CompletionResponse,
    CompletionResponseAsyncGen,
    CompletionResponseGen,
)
from llama_index.core.llms.function_calling import FunctionCallingLLM
from llama_index.core.tools.types import BaseTool

from llamaindex_tagrouter._provenance import Turn
from llamaindex_tagrouter._query_text import query_of_call, query_of_messages


class ChatEndpoints(FunctionCallingLLM):
    """Routes on the user's text at once, then hands the whole call to the candidate."""

    # These two are not abstract methods because implementations of those become spans.
    def _turn(self, query: str, *, tools: bool = False) -> Turn:
        raise NotImplementedError

    async def _aturn(self, query: str, *, tools: bool = False) -> Turn:
        raise NotImplementedError

    def chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        """Chat with the candidate chosen for the last user message."""
        turn = self._turn(query_of_messages(messages))
        return turn.sign(turn.llm.chat(messages, **kwargs))

    async def achat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        """Chat with the candidate chosen for the last user message."""
        turn = await self._aturn(query_of_messages(messages))
        return turn.sign(await turn.llm.achat(messages, **kwargs))

    def stream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponseGen:
        """Stream a chat with the candidate chosen for the last user message."""
        turn = self._turn(query_of_messages(messages))
        return turn.sign_each(turn.llm.stream_chat(messages, **kwargs))

    async def astream_chat(
        self, messages: Sequence[ChatMessage], **kwargs: Any
    ) -> ChatResponseAsyncGen:
        """Stream a chat with the candidate chosen for the last user message."""
        turn = await self._aturn(query_of_messages(messages))
        return turn.asign_each(await turn.llm.astream_chat(messages, **kwargs))

    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        """Complete with the candidate chosen for the prompt."""
        turn = self._turn(prompt)
        return turn.sign(turn.llm.complete(prompt, formatted=formatted, **kwargs))

    async def acomplete(
        self, prompt: str, formatted: bool = False, **kwargs: Any
    ) -> CompletionResponse:
        """Complete with the candidate chosen for the prompt."""
        turn = await self._aturn(prompt)
        return turn.sign(await turn.llm.acomplete(prompt, formatted=formatted, **kwargs))

    def stream_complete(
        self, prompt: str, formatted: bool = False, **kwargs: Any
    ) -> CompletionResponseGen:
        """Stream a completion by the candidate chosen for the prompt."""
        turn = self._turn(prompt)
        return turn.sign_each(turn.llm.stream_complete(prompt, formatted=formatted, **kwargs))

    async def astream_complete(
        self, prompt: str, formatted: bool = False, **kwargs: Any
    ) -> CompletionResponseAsyncGen:
        """Stream a completion by the candidate chosen for the prompt."""
        turn = await self._aturn(prompt)
        return turn.asign_each(
            await turn.llm.astream_complete(prompt, formatted=formatted, **kwargs)
        )

    # The rest of each call with tools (tool_required, tool_choice, ...) goes on exactly as it
    # came, so that a candidate's own defaults stay its own.

    def chat_with_tools(
        self,
        tools: Sequence[BaseTool],
        user_msg: str | ChatMessage | None = None,
        chat_history: list[ChatMessage] | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> ChatResponse:
        """Offer tools to the candidate chosen among those that can call them."""
        turn = self._turn(query_of_call(user_msg, chat_history), tools=True)
        return turn.sign(
            turn.tool_llm.chat_with_tools(tools, user_msg, chat_history, *args, **kwargs)
        )

    async def achat_with_tools(
        self,
        tools: Sequence[BaseTool],
        user_msg: str | ChatMessage | None = None,
        chat_history: list[ChatMessage] | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> ChatResponse:
        """Offer tools to the candidate chosen among those that can call them."""
        turn = await self._aturn(query_of_call(user_msg, chat_history), tools=True)
        return turn.sign(
            await turn.tool_llm.achat_with_tools(tools, user_msg, chat_history, *args, **kwargs)
        )

    def stream_chat_with_tools(
        self,
        tools: Sequence[BaseTool],
        user_msg: str | ChatMessage | None = None,
        chat_history: list[ChatMessage] | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> ChatResponseGen:
        """Offer tools to the candidate chosen among those that can call them."""
        turn = self._turn(query_of_call(user_msg, chat_history), tools=True)
        return turn.sign_each(
            turn.tool_llm.stream_chat_with_tools(tools, user_msg, chat_history, *args, **kwargs)
        )

    async def astream_chat_with_tools(
        self,
        tools: Sequence[BaseTool],
        user_msg: str | ChatMessage | None = None,
        chat_history: list[ChatMessage] | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> ChatResponseAsyncGen:
        """Offer tools to the candidate chosen among those that can call them."""
        turn = await self._aturn(query_of_call(user_msg, chat_history), tools=True)
        return turn.asign_each(
            await turn.tool_llm.astream_chat_with_tools(
                tools, user_msg, chat_history, *args, **kwargs
            )
        )
