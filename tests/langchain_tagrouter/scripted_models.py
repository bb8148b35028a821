"""Chat models for tests: they keep a script, a log of calls, and every promise of LangChain's."""

import json
import re
from collections.abc import Iterator
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, ToolMessage
from langchain_core.output_parsers import JsonOutputParser, PydanticOutputParser
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.utils.function_calling import convert_to_json_schema, convert_to_openai_tool
from pydantic import BaseModel, Field

from tagrouter import TagRouter
from tagrouter.testing import FakeEncoder, FakeTagGenerator, tiny_profile

POEM = "Write a poem about rain"
CODE = "Sort a list with code"


class ScriptedChatModel(BaseChatModel):
    """Answers "<name>: <latest text>"; calls tools with arguments lifted from the text."""

    model: str
    answer: str | None = None
    calls: list[dict[str, Any]] = Field(default_factory=list, repr=False, exclude=True)
    fails_with: Exception | None = None

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools, *, tool_choice=None, **kwargs):
        formatted = [convert_to_openai_tool(tool) for tool in tools]
        return self.bind(tools=formatted, tool_choice=tool_choice, **kwargs)

    def with_structured_output(self, schema, *, include_raw=False, method=None, **kwargs):
        if method != "json_mode":
            return super().with_structured_output(schema, include_raw=include_raw, **kwargs)
        as_class = isinstance(schema, type) and issubclass(schema, BaseModel)
        parser = PydanticOutputParser(pydantic_object=schema) if as_class else JsonOutputParser()
        return self.bind(json_schema=convert_to_json_schema(schema)) | parser

    def _generate(self, messages, stop=None, run_manager=None, **kwargs) -> ChatResult:
        message = self._reply(messages, {"stop": stop, **kwargs})
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self, messages, stop=None, run_manager=None, **kwargs
    ) -> Iterator[ChatGenerationChunk]:
        reply = self._reply(messages, {"stop": stop, **kwargs})
        for chunk in pieces(reply):
            generation = ChatGenerationChunk(message=chunk)
            if run_manager:
                run_manager.on_llm_new_token(str(chunk.content), chunk=generation)
            yield generation

    def _reply(self, messages: list[BaseMessage], kwargs: dict[str, Any]) -> AIMessage:
        self.calls.append({"messages": messages, **kwargs})
        if self.fails_with is not None:
            raise self.fails_with
        text = next((str(m.text) for m in reversed(messages) if m.type == "human"), "")
        tools, choice = kwargs.get("tools"), kwargs.get("tool_choice")
        reply = AIMessage(self.answer or f"{self.model}: {text}")
        if tools and (choice or not isinstance(messages[-1], ToolMessage)):
            reply = AIMessage("", tool_calls=[_tool_call(tools, choice, text)])
        elif schema := kwargs.get("json_schema"):
            reply = AIMessage(json.dumps(_arguments(schema, text)))
        words = sum(len(str(message.text).split()) for message in messages) or 1
        reply.usage_metadata = {
            "input_tokens": words,
            "output_tokens": 3,
            "total_tokens": words + 3,
        }
        reply.response_metadata = {"model_name": kwargs.get("model", self.model)}
        return reply


def pieces(reply: AIMessage) -> Iterator[AIMessageChunk]:
    """Cut a reply as a server streams it: text, tool calls, then usage and metadata."""
    for word in re.findall(r"\S+\s*", str(reply.content)):
        yield AIMessageChunk(word)
    for index, call in enumerate(reply.tool_calls):
        arguments = json.dumps(call["args"])
        chunk = {"name": call["name"], "args": arguments, "id": call["id"], "index": index}
        yield AIMessageChunk("", tool_call_chunks=[{**chunk, "type": "tool_call_chunk"}])
    yield AIMessageChunk(
        "",
        usage_metadata=reply.usage_metadata,
        response_metadata=reply.response_metadata,
        chunk_position="last",
    )


def _tool_call(tools: list[dict[str, Any]], choice: str | None, text: str) -> dict[str, Any]:
    functions = {tool["function"]["name"]: tool["function"] for tool in tools}
    function = functions.get(choice or "", next(iter(functions.values())))
    arguments = _arguments(function.get("parameters", {}), text)
    return {"name": function["name"], "args": arguments, "id": "call_1", "type": "tool_call"}


def _arguments(schema: dict[str, Any], text: str) -> dict[str, Any]:
    numbers = iter(re.findall(r"\d+", text))
    quoted = iter(re.findall(r"'([^']+)'", text))
    values = {}
    for name in schema.get("required", []):
        kind = schema["properties"][name].get("type")
        if kind in ("integer", "number"):
            values[name] = int(next(numbers, "1"))
        else:
            values[name] = next(quoted, "something")
    return values


def scripted_members(**settings: Any) -> dict[str, ScriptedChatModel]:
    return {name: ScriptedChatModel(model=name, **settings) for name in ("small", "large")}


def tag_generator(**settings: Any) -> FakeTagGenerator:
    tags = {"poem": {"poetry": 1.0}, "code": {"coding": 1.0}}
    return FakeTagGenerator(tags, **settings)


def tiny_router(generator: FakeTagGenerator | None = None) -> TagRouter:
    """POEM goes to small (score 0.2), CODE to large (small has -0.5)."""
    profile = tiny_profile({"poetry": {"small": 0.2}, "coding": {"small": -0.5}})
    return TagRouter.from_profile(
        profile, generator=generator or tag_generator(), encoder=FakeEncoder()
    )


def streamed(model, *args, **kwargs):
    """The chunks of a stream, added up."""
    first, *rest = model.stream(*args, **kwargs)
    return sum(rest, start=first)


async def astreamed(model, *args, **kwargs):
    chunks = [chunk async for chunk in model.astream(*args, **kwargs)]
    return sum(chunks[1:], start=chunks[0])
