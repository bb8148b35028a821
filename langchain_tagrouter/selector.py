"""TagRouterSelector: a Runnable from any language-model input to a decision."""
# ruff: noqa: ANN401 - inputs and arguments are of any type, as in LangChain's own signatures

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from langchain_core.callbacks import AsyncCallbackManagerForChainRun, CallbackManagerForChainRun
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda, RunnableSerializable
from langchain_core.runnables.config import get_config_list
from langchain_core.runnables.utils import ConfigurableFieldSpec
from pydantic import ConfigDict, Field

from langchain_tagrouter._batches import abatch_calls, batch_calls
from langchain_tagrouter._messages import query_of
from tagrouter import Decision, TagRouter, TagRouterError

THETA_KEY: Final = "tagrouter_theta"
"""Key of the per-call theta in ``config["configurable"]``."""

THETA_SPEC: Final = ConfigurableFieldSpec(
    id=THETA_KEY,
    annotation=float | None,
    name="TagRouter theta",
    description="Cost threshold of this call; higher sends more queries to the reference model.",
    default=None,
    is_shared=True,
)


class TagRouterSelector(RunnableSerializable[Any, Decision]):
    """Decides which model should answer, and calls none.

    It takes what a chat model takes (a str, messages, a `PromptValue`) and also a state dict with
    "messages", or any dict if `input_key` names the entry with the query.

    ```python
    selector = TagRouterSelector(router=TagRouter.from_profile())
    selector.invoke("Prove that there are infinitely many primes").model
    selector.as_name().invoke([("human", "What is the capital of France?")])
    ```
    """

    model_config = ConfigDict(
        arbitrary_types_allowed=True, extra="forbid", hide_input_in_errors=True
    )

    router: TagRouter = Field(default_factory=TagRouter.from_profile, repr=False, exclude=True)
    """Makes the decisions; one of the bundled profile `tiers` by default."""
    theta: float | None = Field(default=None, allow_inf_nan=False)
    """Cost threshold; the router's own by default, `config` overrides it per call."""
    input_key: str | None = None
    """Where the input is a dict: the entry that holds the query, "messages" by default."""

    @property
    def InputType(self) -> Any:
        """Anything that messages can be found in."""
        return Any

    @property
    def OutputType(self) -> Any:
        """`Decision`, shown as Any to schemas: it is a record, not a pydantic model."""
        return Any

    @property
    def config_specs(self) -> list[ConfigurableFieldSpec]:
        """What may be set per call: theta."""
        return [THETA_SPEC]

    def as_name(self) -> Runnable[Any, str]:
        """Give a Runnable that ends in the chosen model's name.

        Returns:
            A Runnable for graph edges, `RunnableBranch` and the like.
        """
        return self | RunnableLambda(_name_of_model, name="model_name")

    def invoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Decision:
        """Decide for one input.

        Args:
            input: What the model would be called with.
            config: ``configurable={"tagrouter_theta": 0.1}`` sets theta for this call.
            **kwargs: ``model="name"`` forces a model.

        Returns:
            The decision.
        """
        return self._call_with_config(self._decide, input, config, **kwargs)

    async def ainvoke(
        self, input: Any, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Decision:
        """Do the same as `invoke` without blocking the event loop."""
        return await self._acall_with_config(self._adecide, input, config, **kwargs)

    def batch(
        self,
        inputs: list[Any],
        config: RunnableConfig | list[RunnableConfig] | None = None,
        *,
        return_exceptions: bool = False,
        model: str | None = None,
        **kwargs: Any,
    ) -> list[Decision]:
        """Decide for many inputs with one call of the tag generator.

        Args:
            inputs: The inputs.
            config: One for all or one for each.
            return_exceptions: Give an input's exception in place of its decision.
            model: Forces this model.
            **kwargs: Nothing else is taken.

        Returns:
            One decision per input, in order.
        """
        configs = get_config_list(config, len(inputs))
        decisions = self.decide_many(inputs, configs, model)

        def call(index: int) -> Decision:
            made = decisions[index]
            if made is None or kwargs:
                return self.invoke(inputs[index], configs[index], model=model, **kwargs)
            return self.record(made, inputs[index], configs[index])

        return batch_calls(call, configs, return_exceptions)

    async def abatch(
        self,
        inputs: list[Any],
        config: RunnableConfig | list[RunnableConfig] | None = None,
        *,
        return_exceptions: bool = False,
        model: str | None = None,
        **kwargs: Any,
    ) -> list[Decision]:
        """Do the same as `batch` without blocking the event loop."""
        configs = get_config_list(config, len(inputs))
        decisions = await asyncio.to_thread(self.decide_many, inputs, configs, model)

        async def call(index: int) -> Decision:
            made = decisions[index]
            if made is None or kwargs:
                return await self.ainvoke(inputs[index], configs[index], model=model, **kwargs)
            return await self.arecord(made, inputs[index], configs[index])

        return await abatch_calls(call, configs, return_exceptions)

    def decide(
        self, input: Any, config: RunnableConfig | None = None, *, model: str | None = None
    ) -> Decision:
        """Decide without a run of its own in traces.

        Args:
            input: As for `invoke`.
            config: As for `invoke`.
            model: Forces this model.

        Returns:
            The decision.
        """
        query = query_of(input, self.input_key)
        return self.router.route(query, theta=self._theta(config), model=model)

    async def adecide(
        self, input: Any, config: RunnableConfig | None = None, *, model: str | None = None
    ) -> Decision:
        """Do the same as `decide` without blocking the event loop."""
        query = query_of(input, self.input_key)
        return await self.router.aroute(query, theta=self._theta(config), model=model)

    def decide_many(
        self, inputs: Sequence[Any], configs: Sequence[RunnableConfig], model: str | None = None
    ) -> list[Decision | None]:
        """Decide ahead of a batch, with one generator call for all inputs of one theta.

        Args:
            inputs: As for `invoke`.
            configs: One for each input.
            model: Forces this model.

        Returns:
            One decision per input, in order. None where it failed: deciding that one alone raises
            its own error, which is how an error stays with the input that caused it.
        """
        groups: dict[float | None, list[tuple[int, str]]] = {}
        for index, (value, config) in enumerate(zip(inputs, configs, strict=True)):
            try:
                query = query_of(value, self.input_key)
                groups.setdefault(self._theta(config), []).append((index, query))
            except (TagRouterError, TypeError):  # TypeError: a theta that cannot be hashed
                continue
        decisions: list[Decision | None] = [None] * len(inputs)
        for theta, members in groups.items():
            try:
                made = self.router.route_many(
                    [query for _, query in members], theta=theta, model=model
                )
            except TagRouterError:
                continue
            for (index, _), decision in zip(members, made, strict=True):
                decisions[index] = decision
        return decisions

    def record(self, decision: Decision, input: Any, config: RunnableConfig | None) -> Decision:
        """Write a decision that is already made into the trace.

        Args:
            decision: The decision.
            input: What it was made for.
            config: Whose callbacks are told.

        Returns:
            The decision.
        """
        return self._call_with_config(lambda _input: decision, input, config)

    async def arecord(
        self, decision: Decision, input: Any, config: RunnableConfig | None
    ) -> Decision:
        """Do the same as `record` for async callbacks."""

        async def given(_input: Any) -> Decision:
            return decision

        return await self._acall_with_config(given, input, config)

    def _decide(
        self,
        input: Any,
        run_manager: CallbackManagerForChainRun,
        config: RunnableConfig,
        **kwargs: Any,
    ) -> Decision:
        return self.decide(input, config, **kwargs)

    async def _adecide(
        self,
        input: Any,
        run_manager: AsyncCallbackManagerForChainRun,
        config: RunnableConfig,
        **kwargs: Any,
    ) -> Decision:
        return await self.adecide(input, config, **kwargs)

    def _theta(self, config: RunnableConfig | None) -> float | None:
        """Take theta from the call, else from here; None leaves it to the router."""
        given = ((config or {}).get("configurable") or {}).get(THETA_KEY)
        return self.theta if given is None else given


def _name_of_model(decision: Decision) -> str:
    return decision.model
