"""One LLM to LlamaIndex, several behind it: text -> tags -> decision -> whole call handed on.

Nothing of a call is kept on the instance, so that any number of calls may run at once.
"""
# ruff: noqa: ANN401 - options are of any type, as in LlamaIndex's own signatures

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, Self

from llama_index.core.base.llms.generic_utils import messages_to_prompt
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, LLMMetadata
from llama_index.core.bridge.pydantic import Field
from llama_index.core.llms.llm import LLM, ToolSelection, default_completion_to_prompt
from llama_index.core.tools.types import BaseTool
from llama_index.core.types import PydanticProgramMode

from llamaindex_tagrouter._metadata import combine_metadata
from llamaindex_tagrouter._prompt_endpoints import PromptEndpoints
from llamaindex_tagrouter._provenance import Turn, as_author_gave_it, author_of, stamp_of
from llamaindex_tagrouter._routing import OnError, RouterSource, Routing, router_of
from tagrouter import Decision, TagRouter
from tagrouter.errors import InvalidInputError, UnknownNameError

_CANDIDATES_OWN: Final[Mapping[str, tuple[object, ...]]] = {
    "system_prompt": (None,),
    "output_parser": (None,),
    "query_wrapper_prompt": (None,),
    "rate_limiter": (None,),
    "messages_to_prompt": (None, messages_to_prompt),
    "completion_to_prompt": (None, default_completion_to_prompt),
    "pydantic_program_mode": (PydanticProgramMode.DEFAULT,),
}
"""Settings that would be lost on a router, since it hands calls on whole, and what is allowed."""


class TagRouterLLM(PromptEndpoints):
    """Answers each call with the candidate that the router chooses for the user's text.

    Every response says who gave it, in ``response.additional_kwargs["tagrouter"]``; so does every
    chunk of a stream. Calls with tools go to candidates whose metadata says that they take tools.

    Args:
        llms: The candidates by model; the names are models of the router.
        router: A router, a profile, its name or folder; the bundled profile "tiers" by default,
            whose models are "small" and "large".
        theta: Replaces the profile's: higher sends more calls to the reference model.
        on_error: "default" to answer with the default model where tagging fails, or "raise".
        **kwargs: Further fields of a LlamaIndex LLM, such as `callback_manager`.

    Raises:
        InvalidInputError: If `llms` is empty or holds something else, or a setting is given that
            belongs to the candidates.
        UnknownNameError: If a name in `llms` is not a model of the router.

    Examples:
        ```python
        from llama_index.core.llms import MockLLM
        from llamaindex_tagrouter import TagRouterLLM

        llm = TagRouterLLM({"small": MockLLM(), "large": MockLLM()})
        response = llm.complete("Write a haiku about autumn.")
        print(response.additional_kwargs["tagrouter"]["model"])
        ```
    """

    # Excluded from serialization: a candidate's own dict holds its API key in clear.
    llms: dict[str, LLM] = Field(description="Candidates by model.", exclude=True, repr=False)
    # A declared field, not a private attribute: unpickling calls __init__ with the fields only.
    router: TagRouter = Field(description="Chooses the candidate.", exclude=True, repr=False)
    theta: float | None = Field(default=None, description="Replaces the profile's theta.")
    on_error: OnError = Field(default="default", description="What to do if tagging fails.")

    def __init__(
        self,
        llms: Mapping[str, LLM],
        router: RouterSource = None,
        *,
        theta: float | None = None,
        on_error: OnError = "default",
        **kwargs: Any,
    ) -> None:
        """Check candidates and settings, and load the router."""
        _check_llms(llms)
        for name, value in kwargs.items():
            _check_own(name, value)
        fields: dict[str, Any] = {"llms": dict(llms), "router": _chooser(router, llms)}
        super().__init__(**fields, **{"theta": theta, "on_error": on_error, **kwargs})
        self._share_callback_manager()

    @classmethod
    def class_name(cls) -> str:
        """Name in serialized form."""
        return "TagRouterLLM"

    @property
    def metadata(self) -> LLMMetadata:
        """What fits all candidates; chat and tools as soon as one candidate has them."""
        return combine_metadata({name: llm.metadata for name, llm in self.llms.items()})

    def route(self, query: str, *, models: Collection[str] | None = None) -> Decision:
        """Decide, without calling any LLM.

        Args:
            query: The text to tag.
            models: Narrows the candidates.

        Returns:
            The decision; its `explain()` is a readable receipt.
        """
        return self._routing(models).route(query)

    async def aroute(self, query: str, *, models: Collection[str] | None = None) -> Decision:
        """Do the same as `route` without blocking the event loop."""
        return await self._routing(models).aroute(query)

    def _routing(self, models: Collection[str] | None) -> Routing:
        candidates = tuple(self.llms) if models is None else models
        return Routing(self.router, candidates, self.theta, self.on_error)

    def _turn(self, query: str, *, tools: bool = False) -> Turn:
        decision = self.route(query, models=self._tool_models() if tools else None)
        return Turn(self.llms[decision.model], stamp_of(decision))

    async def _aturn(self, query: str, *, tools: bool = False) -> Turn:
        decision = await self.aroute(query, models=self._tool_models() if tools else None)
        return Turn(self.llms[decision.model], stamp_of(decision))

    def _tool_models(self) -> tuple[str, ...]:
        capable = tuple(
            name for name, llm in self.llms.items() if llm.metadata.is_function_calling_model
        )
        if not capable:
            raise InvalidInputError(
                f"Tools were given, but no candidate can call them: {', '.join(self.llms)} have "
                "is_function_calling_model=False in their metadata. Add a candidate that can."
            )
        return capable

    def get_tool_calls_from_response(
        self, response: ChatResponse, error_on_no_tool_call: bool = True, **kwargs: Any
    ) -> list[ToolSelection]:
        """Read the tool calls the way the candidate that answered writes them.

        Args:
            response: A response of this LLM; of an unsigned one, the first candidate that finds
                calls in it is believed.
            error_on_no_tool_call: Whether a response without calls is an error.
            **kwargs: Passed on to the candidate.

        Returns:
            The calls.

        Raises:
            ValueError: If there are none and `error_on_no_tool_call` is set.
        """
        author: Any = author_of(response, self.llms)
        if author is not None:
            calls: list[ToolSelection] = author.get_tool_calls_from_response(
                as_author_gave_it(response), error_on_no_tool_call=error_on_no_tool_call, **kwargs
            )
            return calls
        for model in self._tool_models():
            candidate: Any = self.llms[model]
            try:
                calls = candidate.get_tool_calls_from_response(
                    response, error_on_no_tool_call=False, **kwargs
                )
            except Exception:  # another provider's message may break a parser in any way
                continue
            if calls:
                return calls
        if error_on_no_tool_call:
            raise ValueError("Expected at least one tool call, but the response has none.")
        return []

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
        raise NotImplementedError(
            "TagRouterLLM has no tool payload of its own: payloads differ between providers. "
            "Call chat_with_tools, which lets the chosen candidate prepare its own."
        )

    def __setattr__(self, name: str, value: object) -> None:
        """Set a field; a callback manager goes on to the candidates, which emit the events."""
        _check_own(name, value)
        super().__setattr__(name, value)
        if name == "callback_manager":
            self._share_callback_manager()

    def _share_callback_manager(self) -> None:
        for llm in self.llms.values():
            # An empty manager, which LlamaIndex assigns by default, must not silence handlers
            # that a candidate has; where both are empty, handlers may still be added to ours.
            if self.callback_manager.handlers or not llm.callback_manager.handlers:
                llm.callback_manager = self.callback_manager

    def to_payload(self) -> dict[str, Any]:
        """Describe this LLM and its candidates for events, without credentials."""
        return {**_describe(self), "llms": self._payloads()}

    def to_dict(self, **kwargs: Any) -> dict[str, Any]:
        """Serialize without credentials.

        Args:
            **kwargs: Passed on to pydantic.

        Returns:
            Plain data; ``from_dict(data, llms=..., router=...)`` builds the same LLM again.
        """
        described = {
            "reference_model": self.router.reference_model,
            "models": list(self.router.models),
        }
        return {**super().to_dict(**kwargs), "llms": self._payloads(), "router": described}

    def _payloads(self) -> dict[str, dict[str, Any]]:
        return {name: _describe(llm) for name, llm in self.llms.items()}

    def __getstate__(self) -> dict[str, Any]:
        """Give the state for pickle.

        Raises:
            TypeError: If the candidates or the router cannot be pickled; LlamaIndex would drop
                them, and the copy would route differently.
        """
        state: dict[str, Any] = super().__getstate__()
        lost = {"llms", "router"} - state["__dict__"].keys()
        if lost:
            raise TypeError(
                f"This TagRouterLLM cannot be pickled: {' and '.join(sorted(lost))} cannot. "
                "Pickle what they are made from, and build them where they are needed."
            )
        return state

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """Copy the candidates; the router does not change by use, so it is shared."""
        memo = {} if memo is None else memo
        memo[id(self.router)] = self.router
        return super().__deepcopy__(memo)


def _describe(llm: LLM) -> dict[str, Any]:
    return {"class_name": llm.class_name(), **llm.metadata.model_dump()}


def _check_llms(llms: Mapping[str, LLM]) -> None:
    example = 'Pass {"small": LLM, "large": LLM}; to from_dict, pass llms= and router= again.'
    if not isinstance(llms, Mapping) or not llms:
        came = "empty" if isinstance(llms, Mapping) else f"a {type(llms).__name__}"
        raise InvalidInputError(f"llms must be LLMs by model; it is {came}. {example}")
    for name, llm in llms.items():
        if not isinstance(llm, LLM):
            raise InvalidInputError(
                f"llms[{name!r}] must be a LlamaIndex LLM, is a {type(llm).__name__}. {example}"
            )


def _check_own(name: str, value: object) -> None:
    if name in _CANDIDATES_OWN and value not in _CANDIDATES_OWN[name]:
        raise InvalidInputError(
            f"{name} has no effect on TagRouterLLM, which hands whole calls to its candidates. "
            f"Set {name} on each of the `llms`."
        )


def _chooser(source: RouterSource, llms: Mapping[str, LLM]) -> TagRouter:
    if isinstance(source, Mapping):
        raise InvalidInputError(
            "router must be a TagRouter, a profile, its name or folder; a dict came. "
            "To from_dict, pass llms= and router= again: neither is serialized."
        )
    router = router_of(source)
    for name in llms:
        if name not in router.models:
            raise UnknownNameError.of(
                "model", name, router.models, "Name the `llms` by models of the router."
            )
    return router
