"""Which model answered: written on every response, beside the message and never in it.

A stamp in ``message.additional_kwargs`` would travel on: integrations copy that dict into the body
of the next request. A response is not sent anywhere.
"""

from collections.abc import AsyncGenerator, AsyncIterable, Generator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast

from llama_index.core.base.llms.types import ChatResponse, CompletionResponse
from llama_index.core.llms.function_calling import FunctionCallingLLM
from llama_index.core.llms.llm import LLM

from tagrouter import Decision

STAMP_KEY: Final = "tagrouter"
INNER_KEY: Final = "inner"
"""Where the stamp of a router stands that is itself the candidate of a router."""

Response = TypeVar("Response", ChatResponse, CompletionResponse)


def stamp_of(decision: Decision) -> dict[str, Any]:
    """Tell a decision in plain JSON: what was chosen, and what it was chosen by."""
    return {
        "model": decision.model,
        "reason": str(decision.reason),
        "model_scores": dict(decision.model_scores),
        "theta": decision.theta,
        "margin": decision.margin,
        "query_tags": [tag.name for tag in decision.query_tags],
    }


@dataclass(frozen=True)
class Turn:
    """One call: who answers it, and what its responses are stamped with.

    Attributes:
        llm: The candidate that was chosen.
        stamp: The decision in plain JSON.
    """

    llm: LLM
    stamp: Mapping[str, Any]

    @property
    def tool_llm(self) -> FunctionCallingLLM:
        """The candidate of a call with tools; its metadata says that it takes them.

        Its class is not asked: LlamaIndex goes by the metadata too.
        """
        return cast(FunctionCallingLLM, self.llm)

    def sign(self, response: Response) -> Response:
        """Put the stamp on a copy: the candidate's own events hold the response as it was."""
        stamp = dict(self.stamp)
        if STAMP_KEY in response.additional_kwargs:
            stamp[INNER_KEY] = response.additional_kwargs[STAMP_KEY]
        return response.model_copy(
            update={"additional_kwargs": {**response.additional_kwargs, STAMP_KEY: stamp}}
        )

    def sign_each(self, responses: Iterable[Response]) -> Generator[Response, None, None]:
        """Put the stamp on every chunk; closing this stream closes the candidate's."""
        try:
            for response in responses:
                yield self.sign(response)
        finally:
            if isinstance(responses, Generator):
                responses.close()

    async def asign_each(
        self, responses: AsyncIterable[Response]
    ) -> AsyncGenerator[Response, None]:
        """Put the stamp on every chunk; closing this stream closes the candidate's."""
        try:
            async for response in responses:
                yield self.sign(response)
        finally:
            if isinstance(responses, AsyncGenerator):
                await responses.aclose()


def author_of(response: ChatResponse, llms: Mapping[str, LLM]) -> LLM | None:
    """Find the candidate that gave a response.

    Args:
        response: Any response.
        llms: The candidates by model.

    Returns:
        The candidate named in the stamp; None if there is no stamp or no such candidate.
    """
    stamp = response.additional_kwargs.get(STAMP_KEY)
    return llms.get(stamp["model"]) if isinstance(stamp, Mapping) and "model" in stamp else None


def as_author_gave_it(response: ChatResponse) -> ChatResponse:
    """Take our stamp off a copy, so that a candidate finds its own, if it is a router too."""
    kwargs = dict(response.additional_kwargs)
    stamp = kwargs.pop(STAMP_KEY, {})
    if INNER_KEY in stamp:
        kwargs[STAMP_KEY] = stamp[INNER_KEY]
    return response.model_copy(update={"additional_kwargs": kwargs})
