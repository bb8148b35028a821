"""Dispatch: one routed call. A run of its own, in it the selector, then the chosen member.

``TagRouterRunnable``, ``ChatTagRouter`` and its structured output share this; they differ in what
a member is, and in what is done to its output.
"""
# ruff: noqa: ANN401 - inputs and arguments are of any type, as in LangChain's own signatures

import asyncio
from abc import abstractmethod
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic

from langchain_core.callbacks import AsyncCallbackManagerForChainRun, CallbackManagerForChainRun
from langchain_core.rate_limiters import BaseRateLimiter
from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.config import get_config_list, patch_config
from langchain_core.runnables.graph import Graph
from langchain_core.runnables.utils import (
    ConfigurableFieldSpec,
    Input,
    Output,
    get_unique_config_specs,
)

from langchain_tagrouter._batches import abatch_calls, batch_calls
from langchain_tagrouter._decisions import decision_metadata, decision_tag
from langchain_tagrouter._graph import routes_graph
from langchain_tagrouter.selector import THETA_SPEC, TagRouterSelector
from tagrouter import Decision

_DECIDED: Final = "tagrouter_decision"
"""Keyword under which a batch hands each call the decision that was made for it."""

Stamp = Callable[[Any], Any]
"""What is done to an output, or to each chunk of it in order."""


@dataclass(frozen=True)
class MemberCall:
    """A call that only needs to be made: sync and async differ in who waits for it.

    Attributes:
        member: Who answers.
        config: Its config, a child of the router's run.
        kwargs: Its further arguments.
        stamp: What is done to its output.
    """

    member: Runnable[Any, Any]
    config: RunnableConfig
    kwargs: Mapping[str, Any]
    stamp: Stamp


class Dispatch(Runnable[Input, Output], Generic[Input, Output]):
    """Calls the member that the selector chooses."""

    @abstractmethod
    def _members(self) -> Mapping[str, Runnable[Any, Any]]:
        """Give name -> who answers for it."""

    @abstractmethod
    def _make_selector(self) -> TagRouterSelector:
        """Give the selector of this call."""

    def _member_and_kwargs(
        self, model: str, kwargs: Mapping[str, Any]
    ) -> tuple[Runnable[Any, Any], Mapping[str, Any]]:
        """Give the member as this call needs it, and the arguments it is called with."""
        return self._members()[model], kwargs

    def _own_config(self, config: RunnableConfig | None) -> RunnableConfig | None:
        """Add to a call's config what was configured at construction."""
        return config

    def _make_stamp(self, _decision: Decision) -> Stamp:
        """Give what is done to the outputs of one call; nothing by default."""
        return lambda output: output

    def _rate_limiter(self) -> BaseRateLimiter | None:
        """Give what calls of members have to wait for."""
        return None

    @property
    def config_specs(self) -> list[ConfigurableFieldSpec]:
        """What may be set per call: theta, and whatever the members offer."""
        members = self._members().values()
        offered = (spec for member in members for spec in member.config_specs)
        return get_unique_config_specs([THETA_SPEC, *offered])

    def get_graph(self, config: RunnableConfig | None = None) -> Graph:
        """Draw the selector with one conditional edge per member."""
        return routes_graph(self, self._make_selector(), self._members(), config)

    def invoke(self, input: Input, config: RunnableConfig | None = None, **kwargs: Any) -> Output:
        """Decide, then call the chosen member.

        Args:
            input: Goes to the member unchanged.
            config: ``configurable={"tagrouter_theta": 0.1}`` sets theta for this call.
            **kwargs: ``model="name"`` forces a member; all others go to the member.

        Returns:
            The member's output.
        """
        return self._call_with_config(self._invoke, input, self._own_config(config), **kwargs)

    async def ainvoke(
        self, input: Input, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Output:
        """Do the same as `invoke` without blocking the event loop."""
        return await self._acall_with_config(
            self._ainvoke, input, self._own_config(config), **kwargs
        )

    def stream(
        self, input: Input, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Iterator[Any]:
        """Decide, then stream from the chosen member.

        Args:
            input: As for `invoke`.
            config: As for `invoke`.
            **kwargs: As for `invoke`.

        Yields:
            The member's chunks.
        """
        yield from self.transform(iter([input]), config, **kwargs)

    async def astream(
        self, input: Input, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[Any]:
        """Do the same as `stream` without blocking the event loop."""

        async def inputs() -> AsyncIterator[Input]:
            yield input

        async for chunk in self.atransform(inputs(), config, **kwargs):
            yield chunk

    def transform(
        self, input: Iterator[Input], config: RunnableConfig | None = None, **kwargs: Any
    ) -> Iterator[Any]:
        """Read the whole input, as a decision needs all of it; then stream as `stream` does."""
        yield from self._transform_stream_with_config(
            input, self._transform, self._own_config(config), **kwargs
        )

    async def atransform(
        self, input: AsyncIterator[Input], config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[Any]:
        """Do the same as `transform` without blocking the event loop."""
        async for chunk in self._atransform_stream_with_config(
            input, self._atransform, self._own_config(config), **kwargs
        ):
            yield chunk

    def batch(
        self,
        inputs: list[Input],
        config: RunnableConfig | list[RunnableConfig] | None = None,
        *,
        return_exceptions: bool = False,
        **kwargs: Any,
    ) -> list[Output]:
        """Decide for all inputs with one call of the tag generator, then call the members.

        Args:
            inputs: The inputs.
            config: One for all or one for each; `max_concurrency` limits the calls at a time.
            return_exceptions: Give an input's exception in place of its output.
            **kwargs: As for `invoke`.

        Returns:
            One output per input, in order.
        """
        configs = get_config_list(config, len(inputs))
        decisions = self._make_selector().decide_many(inputs, configs, kwargs.get("model"))

        def call(index: int) -> Output:
            made = {_DECIDED: decisions[index]}
            return self.invoke(inputs[index], configs[index], **kwargs, **made)

        return batch_calls(call, configs, return_exceptions)

    async def abatch(
        self,
        inputs: list[Input],
        config: RunnableConfig | list[RunnableConfig] | None = None,
        *,
        return_exceptions: bool = False,
        **kwargs: Any,
    ) -> list[Output]:
        """Do the same as `batch` without blocking the event loop."""
        configs = get_config_list(config, len(inputs))
        selector = self._make_selector()
        decisions = await asyncio.to_thread(
            selector.decide_many, inputs, configs, kwargs.get("model")
        )

        async def call(index: int) -> Output:
            made = {_DECIDED: decisions[index]}
            return await self.ainvoke(inputs[index], configs[index], **kwargs, **made)

        return await abatch_calls(call, configs, return_exceptions)

    def _invoke(
        self,
        input: Input,
        run_manager: CallbackManagerForChainRun,
        config: RunnableConfig,
        **kwargs: Any,
    ) -> Any:
        decision = self._decided(input, config, kwargs)
        call = self._member_call(decision, run_manager, config, kwargs)
        if limiter := self._rate_limiter():
            limiter.acquire(blocking=True)
        return call.stamp(call.member.invoke(input, call.config, **call.kwargs))

    async def _ainvoke(
        self,
        input: Input,
        run_manager: AsyncCallbackManagerForChainRun,
        config: RunnableConfig,
        **kwargs: Any,
    ) -> Any:
        decision = await self._adecided(input, config, kwargs)
        call = self._member_call(decision, run_manager, config, kwargs)
        if limiter := self._rate_limiter():
            await limiter.aacquire(blocking=True)
        return call.stamp(await call.member.ainvoke(input, call.config, **call.kwargs))

    def _transform(
        self,
        input: Iterator[Input],
        run_manager: CallbackManagerForChainRun,
        config: RunnableConfig,
        **kwargs: Any,
    ) -> Iterator[Any]:
        chunks = list(input)
        if not chunks:
            return
        whole = _joined(chunks)
        decision = self._decided(whole, config, kwargs)
        call = self._member_call(decision, run_manager, config, kwargs)
        if limiter := self._rate_limiter():
            limiter.acquire(blocking=True)
        for chunk in call.member.stream(whole, call.config, **call.kwargs):
            yield call.stamp(chunk)

    async def _atransform(
        self,
        input: AsyncIterator[Input],
        run_manager: AsyncCallbackManagerForChainRun,
        config: RunnableConfig,
        **kwargs: Any,
    ) -> AsyncIterator[Any]:
        chunks = [chunk async for chunk in input]
        if not chunks:
            return
        whole = _joined(chunks)
        decision = await self._adecided(whole, config, kwargs)
        call = self._member_call(decision, run_manager, config, kwargs)
        if limiter := self._rate_limiter():
            await limiter.aacquire(blocking=True)
        async for chunk in call.member.astream(whole, call.config, **call.kwargs):
            yield call.stamp(chunk)

    def _decided(self, input: Any, config: RunnableConfig, kwargs: dict[str, Any]) -> Decision:
        """Decide in a run of the selector, and take what concerns it out of `kwargs`."""
        model, made = kwargs.pop("model", None), kwargs.pop(_DECIDED, None)
        selector = self._make_selector()
        if made is not None:
            return selector.record(made, input, config)
        return selector.invoke(input, config, model=model)

    async def _adecided(
        self, input: Any, config: RunnableConfig, kwargs: dict[str, Any]
    ) -> Decision:
        model, made = kwargs.pop("model", None), kwargs.pop(_DECIDED, None)
        selector = self._make_selector()
        if made is not None:
            return await selector.arecord(made, input, config)
        return await selector.ainvoke(input, config, model=model)

    def _member_call(
        self,
        decision: Decision,
        run_manager: CallbackManagerForChainRun | AsyncCallbackManagerForChainRun,
        config: RunnableConfig,
        kwargs: Mapping[str, Any],
    ) -> MemberCall:
        child = patch_config(config, callbacks=run_manager.get_child(decision_tag(decision)))
        child["metadata"] = {**(child.get("metadata") or {}), **decision_metadata(decision)}
        member, member_kwargs = self._member_and_kwargs(decision.model, kwargs)
        return MemberCall(member, child, member_kwargs, self._make_stamp(decision))


def _joined(chunks: list[Any]) -> Any:
    """Add up what a step before sent in pieces; what cannot be added is taken as it came last."""
    whole = chunks[0]
    for chunk in chunks[1:]:
        try:
            whole = whole + chunk
        except TypeError:
            whole = chunk
    return whole
