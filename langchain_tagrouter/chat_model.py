"""ChatTagRouter: a chat model that hands each call on to one of several chat models.

It delegates where callers come in (`invoke`, `stream`, ...), not in `_generate`: the member's own
callbacks, cache, rate limiter, tool format and usage numbers stay in force, and one call is one
model run in traces, inside a run of the router.
"""
# ruff: noqa: ANN401 - inputs and arguments are of any type, as in LangChain's own signatures

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

from langchain_core.language_models import LanguageModelInput, ModelProfile
from langchain_core.language_models.base import LangSmithParams
from langchain_core.messages import AIMessage
from langchain_core.rate_limiters import BaseRateLimiter
from langchain_core.runnables import Runnable, RunnableConfig, RunnableSerializable
from langchain_core.tools import BaseTool
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from langchain_tagrouter._decisions import decision_metadata, decision_tag
from langchain_tagrouter._dispatch import Dispatch, Stamp
from langchain_tagrouter._entrances import DelegatingChatModel, DirectCall
from langchain_tagrouter._members import (
    check_names,
    check_takes_tools,
    with_streaming_disabled,
    with_structured_output,
    with_tools,
)
from langchain_tagrouter._outputs import MessageStamp
from langchain_tagrouter._settings import (
    check_known,
    check_no_cache,
    check_output_version,
    inherited_config,
    shared_profile,
)
from langchain_tagrouter.selector import TagRouterSelector
from tagrouter import Decision, InvalidInputError, TagRouter, __version__

_TOOL_OPTIONS = "tagrouter_tool_options"
"""Keyword that keeps arguments of `bind_tools` apart from those of the call itself."""


class ChatTagRouter(Dispatch[LanguageModelInput, AIMessage], DelegatingChatModel):
    """A chat model that lets the member answer that suits the query.

    Use it wherever a chat model goes: chains, tools, structured output, agents. Members keep their
    own settings; what is set here (callbacks, tags, metadata, rate limiter, ...) is added.

    ```python
    chat = ChatTagRouter(
        router=TagRouter.from_profile(),
        models={"small": ChatOpenAI(model="gpt-4o-mini"), "large": ChatOpenAI(model="gpt-4o")},
    )
    answer = chat.invoke("What is the capital of France?")
    answer.response_metadata["tagrouter"]["model"]
    chat.invoke("Prove it.", model="large")
    chat.invoke("Prove it.", config={"configurable": {"tagrouter_theta": 0.1}})
    ```
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, hide_input_in_errors=True)

    models: Mapping[str, Runnable[Any, Any]] = Field(repr=False, exclude=True)
    """One for each candidate of the router, under the same name: chat models, also wrapped in
    `bind`, `with_retry` or `with_fallbacks`, and whatever is called like one."""
    router: TagRouter = Field(default_factory=TagRouter.from_profile, repr=False, exclude=True)
    """Makes the decisions; one of the bundled profile `tiers` by default."""
    theta: float | None = Field(default=None, allow_inf_nan=False)
    """Cost threshold; the router's own by default, `config` overrides it per call."""
    include_decision: bool = True
    """Whether answers carry the decision in ``response_metadata["tagrouter"]``."""

    @model_validator(mode="before")
    @classmethod
    def _check_settings(cls, values: Any) -> Any:
        return check_known(values, cls.model_fields) if isinstance(values, Mapping) else values

    @field_validator("models", mode="before")
    @classmethod
    def _check_members(cls, models: object) -> object:
        if not isinstance(models, Mapping):
            raise InvalidInputError(
                f"`models` is a dict of name -> chat model, not {type(models).__name__}."
            )
        for name, member in models.items():
            if not isinstance(member, Runnable):
                raise InvalidInputError(
                    f"Member {name!r} is {type(member).__name__}, not a chat model or another "
                    "Runnable. Build the chat model and pass the object."
                )
        return models

    @model_validator(mode="after")
    def _set_up_router(self) -> Self:
        check_names("models", self.models, self.router)
        check_no_cache(self.cache)
        if "output_version" in self.model_fields_set:
            check_output_version(self.output_version, self.models)
        if self.disable_streaming:
            self.models = {
                name: with_streaming_disabled(name, member, self.disable_streaming)
                for name, member in self.models.items()
            }
        if hasattr(self, "_add_version"):  # absent in langchain-core 1.4.0
            self._add_version("tagrouter", __version__)
        return self

    def _resolve_model_profile(self) -> ModelProfile | None:
        return shared_profile(self.models.values())

    @property
    def _llm_type(self) -> str:
        return "tagrouter"

    @property
    def _identifying_params(self) -> Mapping[str, Any]:
        return {
            "models": list(self.models),
            "profile": self.router.profile.name,
            "theta": self.router.theta if self.theta is None else self.theta,
        }

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        model = kwargs.get("model") or "|".join(self.models)
        params = LangSmithParams(ls_provider="tagrouter", ls_model_name=model, ls_model_type="chat")
        if stop:
            params["ls_stop"] = stop
        return params

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        """Show names only: traces print this, and members may hold keys."""
        shown = [("name", self.name)] if self.name else []
        return [*shown, *self._identifying_params.items()]

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Bind tools; whoever is chosen gets them by its own `bind_tools`.

        Args:
            tools: The tools.
            tool_choice: Name of the tool to call, "any" for one of them.
            **kwargs: Further arguments of the members' `bind_tools`.

        Returns:
            This router with the tools bound.

        Raises:
            InvalidInputError: If a member takes no tools.
        """
        check_takes_tools(self.models)
        bound = {"tools": tools, "tool_choice": tool_choice, _TOOL_OPTIONS: kwargs}
        return self.bind(**{name: value for name, value in bound.items() if value})

    def with_structured_output(
        self, schema: dict[str, Any] | type, *, include_raw: bool = False, **kwargs: Any
    ) -> Runnable[LanguageModelInput, dict[str, Any] | BaseModel]:
        """Structure outputs; whoever is chosen does it by its own method.

        Args:
            schema: What the output looks like.
            include_raw: Give a dict of "raw" message, "parsed" output and "parsing_error".
            **kwargs: Further arguments of the members' `with_structured_output`.

        Returns:
            A Runnable that decides per call, as the router does.

        Raises:
            InvalidInputError: If a member cannot structure its output.
        """
        structured = {
            name: with_structured_output(name, member, schema, include_raw, kwargs)
            for name, member in self.models.items()
        }
        return StructuredChatTagRouter(chat_router=self, routes=structured)

    def _members(self) -> Mapping[str, Runnable[Any, Any]]:
        return self.models

    def _make_selector(self) -> TagRouterSelector:
        return TagRouterSelector(router=self.router, theta=self.theta)

    def _rate_limiter(self) -> BaseRateLimiter | None:
        return self.rate_limiter

    def _own_config(self, config: RunnableConfig | None) -> RunnableConfig:
        return inherited_config(
            config,
            callbacks=self.callbacks,
            tags=self.tags,
            metadata=self.metadata,
            verbose=self.verbose,
        )

    def _make_stamp(self, decision: Decision) -> Stamp:
        return MessageStamp(
            decision,
            include_decision=self.include_decision,
            output_version=self.output_version,
        )

    def _member_and_kwargs(
        self, model: str, kwargs: Mapping[str, Any]
    ) -> tuple[Runnable[Any, Any], Mapping[str, Any]]:
        rest = dict(kwargs)
        if rest.get("stop") is None:
            rest.pop("stop", None)
        options = rest.pop(_TOOL_OPTIONS, {})
        if "tools" not in rest:
            return self.models[model], rest
        tools, tool_choice = rest.pop("tools"), rest.pop("tool_choice", None)
        return with_tools(self.models[model], tools, tool_choice, options), rest

    def _direct_call(
        self, input: Any, config: RunnableConfig | None, kwargs: dict[str, Any]
    ) -> DirectCall:
        merged = self._own_config(config)
        decision = self._make_selector().decide(input, merged, model=kwargs.pop("model", None))
        if self.rate_limiter:
            self.rate_limiter.acquire(blocking=True)
        return self._direct(decision, merged, kwargs)

    async def _adirect_call(
        self, input: Any, config: RunnableConfig | None, kwargs: dict[str, Any]
    ) -> DirectCall:
        merged = self._own_config(config)
        model = kwargs.pop("model", None)
        decision = await self._make_selector().adecide(input, merged, model=model)
        if self.rate_limiter:
            await self.rate_limiter.aacquire(blocking=True)
        return self._direct(decision, merged, kwargs)

    def _direct(
        self, decision: Decision, config: RunnableConfig, kwargs: Mapping[str, Any]
    ) -> DirectCall:
        member, arguments = self._member_and_kwargs(decision.model, kwargs)
        config["tags"] = [*(config.get("tags") or []), decision_tag(decision)]
        config["metadata"] = {**(config.get("metadata") or {}), **decision_metadata(decision)}
        return member, config, arguments


class StructuredChatTagRouter(Dispatch[Any, Any], RunnableSerializable[Any, Any]):
    """What `ChatTagRouter.with_structured_output` gives: it decides as the chat model does."""

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    chat_router: ChatTagRouter = Field(repr=False, exclude=True)
    """Whose settings hold."""
    routes: Mapping[str, Runnable[Any, Any]] = Field(repr=False, exclude=True)
    """Its members, each with structured output."""

    @property
    def InputType(self) -> Any:
        """What a chat model takes."""
        return self.chat_router.InputType

    @property
    def OutputType(self) -> Any:
        """A dict or an object of the schema."""
        return Any

    def _members(self) -> Mapping[str, Runnable[Any, Any]]:
        return self.routes

    def _make_selector(self) -> TagRouterSelector:
        return self.chat_router._make_selector()

    def _rate_limiter(self) -> BaseRateLimiter | None:
        return self.chat_router._rate_limiter()

    def _own_config(self, config: RunnableConfig | None) -> RunnableConfig:
        return self.chat_router._own_config(config)
