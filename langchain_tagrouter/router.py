"""TagRouterRunnable: dispatches each input to one of several named runnables."""
# ruff: noqa: ANN401 - inputs and arguments are of any type, as in LangChain's own signatures

from collections.abc import Callable, Mapping
from typing import Any, Self

from langchain_core.runnables import Runnable, RunnableSerializable
from langchain_core.runnables.base import coerce_to_runnable
from pydantic import ConfigDict, Field, field_validator, model_validator

from langchain_tagrouter._dispatch import Dispatch
from langchain_tagrouter._members import check_names
from langchain_tagrouter.selector import TagRouterSelector
from tagrouter import InvalidInputError, TagRouter


class TagRouterRunnable(Dispatch[Any, Any], RunnableSerializable[Any, Any]):
    """Sends each input to the route that suits it, unchanged.

    A route is anything that LangChain can run: a chat model, a chain, a function. To have a chat
    model with tools and structured output, take `ChatTagRouter`.

    ```python
    router = TagRouterRunnable(
        router=TagRouter.from_profile(), routes={"small": small_chain, "large": large_chain}
    )
    chain = prompt | router | StrOutputParser()
    chain.invoke({"question": "..."}, config={"configurable": {"tagrouter_theta": 0.1}})
    ```
    """

    model_config = ConfigDict(
        arbitrary_types_allowed=True, extra="forbid", hide_input_in_errors=True
    )

    routes: Mapping[str, Runnable[Any, Any]] = Field(repr=False, exclude=True)
    """One for each candidate of the router, under the same name."""
    router: TagRouter = Field(default_factory=TagRouter.from_profile, repr=False, exclude=True)
    """Makes the decisions; one of the bundled profile `tiers` by default."""
    theta: float | None = Field(default=None, allow_inf_nan=False)
    """Cost threshold; the router's own by default, `config` overrides it per call."""
    input_key: str | None = None
    """Where the input is a dict: the entry that holds the query, "messages" by default."""

    @field_validator("routes", mode="before")
    @classmethod
    def _coerce_routes(cls, routes: object) -> dict[str, Runnable[Any, Any]]:
        if not isinstance(routes, Mapping):
            raise InvalidInputError(
                f"`routes` is a dict of name -> runnable, not {type(routes).__name__}."
            )
        return {name: _runnable(name, route) for name, route in routes.items()}

    @model_validator(mode="after")
    def _check_route_names(self) -> Self:
        check_names("routes", self.routes, self.router)
        return self

    @property
    def InputType(self) -> Any:
        """Whatever the routes take."""
        return Any

    @property
    def OutputType(self) -> Any:
        """Whatever the routes give."""
        return Any

    def _members(self) -> Mapping[str, Runnable[Any, Any]]:
        return self.routes

    def _make_selector(self) -> TagRouterSelector:
        return TagRouterSelector(router=self.router, theta=self.theta, input_key=self.input_key)


def _runnable(name: object, route: Runnable[Any, Any] | Callable[..., Any]) -> Runnable[Any, Any]:
    try:
        return coerce_to_runnable(route)
    except TypeError as error:
        raise InvalidInputError(
            f"Route {name!r} is a {type(route).__name__}, which cannot be run. "
            "Give a Runnable or a function."
        ) from error
