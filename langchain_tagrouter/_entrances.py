"""The other entrances of a chat model: `generate` and its kin, and v3 event streams.

`BaseChatModel` would open a model run of its own around each of them. With the member's run inside,
one call would count as two, so they are led to `invoke`, or to the member itself.
"""
# ruff: noqa: ANN401 - inputs and arguments are of any type, as in LangChain's own signatures

import uuid
from abc import abstractmethod
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping
from typing import Any, Literal, cast, overload

from langchain_core.callbacks import (
    AsyncCallbackManagerForLLMRun,
    CallbackManagerForLLMRun,
    Callbacks,
)
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.language_models.chat_model_stream import AsyncChatModelStream, ChatModelStream
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult, LLMResult
from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.schema import StreamEvent

DirectCall = tuple[Runnable[Any, Any], RunnableConfig, Mapping[str, Any]]
"""Member, config and arguments of a call that has no run of the router's around it."""


class DelegatingChatModel(BaseChatModel):
    """A chat model whose every entrance ends in one call of a member."""

    @abstractmethod
    def _direct_call(
        self, input: Any, config: RunnableConfig | None, kwargs: dict[str, Any]
    ) -> DirectCall:
        """Decide without a run, and wait for the rate limiter."""

    @abstractmethod
    async def _adirect_call(
        self, input: Any, config: RunnableConfig | None, kwargs: dict[str, Any]
    ) -> DirectCall:
        """Do the same as `_direct_call` without blocking the event loop."""

    def generate(
        self,
        messages: list[list[BaseMessage]],
        stop: list[str] | None = None,
        callbacks: Callbacks = None,
        *,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        run_name: str | None = None,
        run_id: uuid.UUID | None = None,
        **kwargs: Any,
    ) -> LLMResult:
        """Answer several lists of messages, as older callers do; `batch` is the newer way.

        Args:
            messages: One list per answer.
            stop: Where to stop.
            callbacks: Told about the runs.
            tags: Run tags.
            metadata: Run metadata.
            run_name: Name of the router's run.
            run_id: Id of the first run.
            **kwargs: As for `invoke`.

        Returns:
            One generation per list.
        """
        configs = _configs(len(messages), callbacks, tags, metadata, run_name, run_id)
        return _result(self.batch(cast(list[Any], messages), configs, stop=stop, **kwargs))

    async def agenerate(
        self,
        messages: list[list[BaseMessage]],
        stop: list[str] | None = None,
        callbacks: Callbacks = None,
        *,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        run_name: str | None = None,
        run_id: uuid.UUID | None = None,
        **kwargs: Any,
    ) -> LLMResult:
        """Do the same as `generate` without blocking the event loop."""
        configs = _configs(len(messages), callbacks, tags, metadata, run_name, run_id)
        return _result(await self.abatch(cast(list[Any], messages), configs, stop=stop, **kwargs))

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        message = self.invoke(messages, stop=stop, **kwargs)
        return ChatResult(generations=[ChatGeneration(message=message)])

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        message = await self.ainvoke(messages, stop=stop, **kwargs)
        return ChatResult(generations=[ChatGeneration(message=message)])

    @overload  # type: ignore[override]  # BaseChatModel narrows Runnable in the same way
    def stream_events(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        version: Literal["v1", "v2"] = "v2",
        **kwargs: Any,
    ) -> Iterator[StreamEvent]: ...

    @overload
    def stream_events(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        version: Literal["v3"],
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> ChatModelStream: ...

    def stream_events(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        version: Literal["v1", "v2", "v3"] = "v2",
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> Iterator[StreamEvent] | ChatModelStream:
        """Stream events; for v3 the member's own stream, with the decision on its run.

        Args:
            input: What a chat model takes.
            config: As for `invoke`.
            version: "v3" in sync code; "v1" and "v2" are offered by `astream_events`.
            stop: Where to stop.
            **kwargs: As for `invoke`.

        Returns:
            The member's stream of events.
        """
        if version != "v3":
            return super().stream_events(input, config, version=version, stop=stop, **kwargs)
        member, member_config, arguments = self._direct_call(
            input, config, {**kwargs, "stop": stop}
        )
        stream = member.stream_events(input, member_config, version="v3", **arguments)
        return cast(ChatModelStream, stream)

    @overload
    def astream_events(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        version: Literal["v1", "v2"] = "v2",
        **kwargs: Any,
    ) -> AsyncIterator[StreamEvent]: ...

    @overload
    def astream_events(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        version: Literal["v3"],
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> Awaitable[AsyncChatModelStream]: ...

    def astream_events(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        version: Literal["v1", "v2", "v3"] = "v2",
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[StreamEvent] | Awaitable[AsyncChatModelStream]:
        """Stream events of the router's and the member's runs; v3 as `stream_events` does."""
        if version != "v3":
            return super().astream_events(input, config, version=version, stop=stop, **kwargs)
        return self._astream_member_events(input, config, {**kwargs, "stop": stop})

    async def _astream_member_events(
        self, input: LanguageModelInput, config: RunnableConfig | None, kwargs: dict[str, Any]
    ) -> AsyncChatModelStream:
        member, member_config, arguments = await self._adirect_call(input, config, kwargs)
        stream: Any = member.astream_events(input, member_config, version="v3", **arguments)
        return cast(AsyncChatModelStream, await stream)


def _configs(
    count: int,
    callbacks: Callbacks,
    tags: list[str] | None,
    metadata: dict[str, Any] | None,
    run_name: str | None,
    run_id: uuid.UUID | None,
) -> list[RunnableConfig]:
    common = RunnableConfig(callbacks=callbacks, tags=tags or [], metadata=metadata or {})
    if run_name is not None:
        common["run_name"] = run_name
    configs = [common.copy() for _ in range(count)]
    if configs and run_id is not None:
        configs[0]["run_id"] = run_id
    return configs


def _result(messages: list[AIMessage]) -> LLMResult:
    return LLMResult(generations=[[ChatGeneration(message=message)] for message in messages])
