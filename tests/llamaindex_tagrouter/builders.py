"""Routers and candidates for the adapter's tests.

Poems go to "small" (+0.2), code goes to "large" (small has -0.5 there).
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    ChatResponseAsyncGen,
    ChatResponseGen,
    CompletionResponse,
    CompletionResponseAsyncGen,
    CompletionResponseGen,
    LLMMetadata,
    MessageRole,
)
from llama_index.core.llms.callbacks import llm_chat_callback, llm_completion_callback
from llama_index.core.llms.function_calling import FunctionCallingLLM
from llama_index.core.llms.llm import ToolSelection
from llama_index.core.memory import ChatMemoryBuffer
from llama_index.core.tools import FunctionTool
from llama_index.core.tools.types import BaseTool

from llamaindex_tagrouter import TagRouterLLM
from tagrouter import TagGenerator, TagRouter
from tagrouter.decision.rules import Rule
from tagrouter.testing import FakeEncoder, FakeTagGenerator, tiny_profile

POEM = "Write a poem about rain."
CODE = "Fix this Python code."
PLAIN = "Hello there."

TAGS = {
    "poem": {"poetry": 0.9},
    "python": {"coding": 0.8},
    "picture": {"painting": 1.0},
}
SCORES = {"poetry": {"small": 0.2}, "coding": {"small": -0.5}}


def make_generator(delay_s: float = 0.0) -> FakeTagGenerator:
    return FakeTagGenerator(TAGS, delay_s=delay_s)


def make_router(
    generator: TagGenerator | None = None, *, rules: Sequence[Rule] = (), theta: float = 0.0
) -> TagRouter:
    profile = tiny_profile(SCORES, rules=rules, theta=theta)
    return TagRouter.from_profile(
        profile, generator=generator or make_generator(), encoder=FakeEncoder()
    )


class ScriptedLLM(FunctionCallingLLM):
    """Answers with its name and speaks a tool format of its own: refuses any other's fields."""

    name: str
    takes_tools: bool = True
    is_chat_model: bool = True
    seen: list[dict[str, Any]] = []  # noqa: RUF012 - a pydantic field, copied per instance

    @classmethod
    def class_name(cls) -> str:
        return "ScriptedLLM"

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(
            model_name=self.name,
            is_chat_model=self.is_chat_model,
            is_function_calling_model=self.takes_tools,
        )

    def _answer(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatMessage:
        foreign = set(kwargs) - {f"tools_{self.name}", "tool_choice", "temperature"}
        if foreign:
            raise TypeError(f"{self.name}: unexpected kwargs {sorted(foreign)}")
        self.seen.append({"messages": list(messages), **kwargs})
        tools = kwargs.get(f"tools_{self.name}")
        if tools and messages[-1].role != MessageRole.TOOL:
            calls = [{"id": f"{self.name}-1", "tool": tool, "args": {}} for tool in tools[:1]]
            return ChatMessage(
                role=MessageRole.ASSISTANT, content="", additional_kwargs={self.name: calls}
            )
        return ChatMessage(role=MessageRole.ASSISTANT, content=f"{self.name} says hi")

    @llm_chat_callback()
    def chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        return ChatResponse(
            message=self._answer(messages, **kwargs),
            raw={"usage": {"prompt_tokens": 10, "completion_tokens": 5}},
        )

    @llm_chat_callback()
    async def achat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        return ChatResponse(message=self._answer(messages, **kwargs))

    @llm_chat_callback()
    def stream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponseGen:
        return self._chunks(self._answer(messages, **kwargs))

    @llm_chat_callback()
    async def astream_chat(
        self, messages: Sequence[ChatMessage], **kwargs: Any
    ) -> ChatResponseAsyncGen:
        message = self._answer(messages, **kwargs)

        async def chunks() -> ChatResponseAsyncGen:
            for chunk in self._chunks(message):
                yield chunk

        return chunks()

    def _chunks(self, message: ChatMessage) -> ChatResponseGen:
        text = ""
        for word in (message.content or "").split(" "):
            text = f"{text} {word}".strip()
            yield ChatResponse(
                message=message.model_copy(update={"blocks": ChatMessage(content=text).blocks}),
                delta=word,
            )

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        return CompletionResponse(text=f"{self.name} completes")

    @llm_completion_callback()
    async def acomplete(
        self, prompt: str, formatted: bool = False, **kwargs: Any
    ) -> CompletionResponse:
        return CompletionResponse(text=f"{self.name} completes")

    @llm_completion_callback()
    def stream_complete(
        self, prompt: str, formatted: bool = False, **kwargs: Any
    ) -> CompletionResponseGen:
        def chunks() -> CompletionResponseGen:
            yield CompletionResponse(text=self.name, delta=self.name)
            yield CompletionResponse(text=f"{self.name} completes", delta=" completes")

        return chunks()

    @llm_completion_callback()
    async def astream_complete(
        self, prompt: str, formatted: bool = False, **kwargs: Any
    ) -> CompletionResponseAsyncGen:
        async def chunks() -> CompletionResponseAsyncGen:
            yield CompletionResponse(text=self.name, delta=self.name)
            yield CompletionResponse(text=f"{self.name} completes", delta=" completes")

        return chunks()

    def _prepare_chat_with_tools(
        self,
        tools: Sequence[BaseTool],
        user_msg: str | ChatMessage | None = None,
        chat_history: list[ChatMessage] | None = None,
        verbose: bool = False,
        allow_parallel_tool_calls: bool = False,
        tool_required: bool = False,
        **kwargs: Any,
    ) -> dict[str, Any]:
        messages = list(chat_history or [])
        if user_msg is not None:
            messages.append(
                ChatMessage(role=MessageRole.USER, content=user_msg)
                if isinstance(user_msg, str)
                else user_msg
            )
        names = [tool.metadata.get_name() for tool in tools]
        choice = {"tool_choice": "required"} if tool_required else {}
        return {"messages": messages, f"tools_{self.name}": names, **choice, **kwargs}

    def get_tool_calls_from_response(
        self, response: ChatResponse, error_on_no_tool_call: bool = True, **kwargs: Any
    ) -> list[ToolSelection]:
        calls = response.message.additional_kwargs.get(self.name, [])
        if set(response.message.additional_kwargs) - {self.name}:
            raise KeyError(f"{self.name} cannot read {response.message.additional_kwargs}")
        if error_on_no_tool_call and not calls:
            raise ValueError(f"{self.name}: no tool call")
        return [
            ToolSelection(tool_id=call["id"], tool_name=call["tool"], tool_kwargs=call["args"])
            for call in calls
        ]


def make_llm(generator: TagGenerator | None = None, **options: Any) -> TagRouterLLM:
    llms = {name: ScriptedLLM(name=name) for name in ("small", "large")}
    return TagRouterLLM(llms, make_router(generator), **options)


def scripted(llm: TagRouterLLM, model: str) -> ScriptedLLM:
    candidate = llm.llms[model]
    assert isinstance(candidate, ScriptedLLM)
    return candidate


def make_memory() -> ChatMemoryBuffer:
    # LlamaIndex's default memory opens a database and never closes it.
    return ChatMemoryBuffer.from_defaults(token_limit=4000)


def user(text: str) -> ChatMessage:
    return ChatMessage(role=MessageRole.USER, content=text)


def make_tool(name: str = "look_up") -> FunctionTool:
    def look_up() -> str:
        """Look something up."""
        return "found it"

    return FunctionTool.from_defaults(look_up, name=name)


async def longest_wait_s(call: Callable[[], Coroutine[Any, Any, Any]]) -> float:
    """Run a call beside a task that wakes up every 5 ms; give its longest time asleep."""
    waits: list[float] = []

    async def beat() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.005)
            waits.append(time.perf_counter() - before)

    task = asyncio.create_task(beat())
    await asyncio.sleep(0)
    try:
        await call()
    finally:
        task.cancel()
    return max(waits)
