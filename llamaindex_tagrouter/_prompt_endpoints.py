"""Endpoints of a router, second half: templates, structured output and tool use in one call.

They are handed on whole, too: a candidate may fill templates, produce structured output or call
tools in a way of its own, and here the user's question is still apart from the rest of the prompt.
"""
# ruff: noqa: ANN401 - options are of any type, as in LlamaIndex's own signatures

from collections.abc import AsyncGenerator, Generator, Sequence
from typing import Any

from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.chat_engine.types import AgentChatResponse
from llama_index.core.program.utils import FlexibleModel
from llama_index.core.prompts.base import BasePromptTemplate, PromptTemplate
from llama_index.core.tools.types import BaseTool
from llama_index.core.types import Model, TokenAsyncGen, TokenGen

from llamaindex_tagrouter._chat_endpoints import ChatEndpoints
from llamaindex_tagrouter._query_text import query_of_call, query_of_prompt


class PromptEndpoints(ChatEndpoints):
    """Routes on the question in the template's variables, then hands the whole call on."""

    def predict(self, prompt: BasePromptTemplate, **prompt_args: Any) -> str:
        """Fill the template and answer, by the candidate chosen for the question in it."""
        turn = self._turn(query_of_prompt(prompt, prompt_args))
        return turn.llm.predict(prompt, **prompt_args)

    async def apredict(self, prompt: BasePromptTemplate, **prompt_args: Any) -> str:
        """Fill the template and answer, by the candidate chosen for the question in it."""
        turn = await self._aturn(query_of_prompt(prompt, prompt_args))
        return await turn.llm.apredict(prompt, **prompt_args)

    def stream(self, prompt: BasePromptTemplate, **prompt_args: Any) -> TokenGen:
        """Stream the answer of the candidate chosen for the question in the template."""
        turn = self._turn(query_of_prompt(prompt, prompt_args))
        return turn.llm.stream(prompt, **prompt_args)

    async def astream(self, prompt: BasePromptTemplate, **prompt_args: Any) -> TokenAsyncGen:
        """Stream the answer of the candidate chosen for the question in the template."""
        turn = await self._aturn(query_of_prompt(prompt, prompt_args))
        return await turn.llm.astream(prompt, **prompt_args)

    def structured_predict(
        self,
        output_cls: type[Model],
        prompt: PromptTemplate,
        llm_kwargs: dict[str, Any] | None = None,
        **prompt_args: Any,
    ) -> Model:
        """Answer in the form of a pydantic model, in the candidate's own way."""
        turn = self._turn(query_of_prompt(prompt, prompt_args))
        answer: Model = turn.llm.structured_predict(output_cls, prompt, llm_kwargs, **prompt_args)
        return answer

    async def astructured_predict(
        self,
        output_cls: type[Model],
        prompt: PromptTemplate,
        llm_kwargs: dict[str, Any] | None = None,
        **prompt_args: Any,
    ) -> Model:
        """Answer in the form of a pydantic model, in the candidate's own way."""
        turn = await self._aturn(query_of_prompt(prompt, prompt_args))
        answer: Model = await turn.llm.astructured_predict(
            output_cls, prompt, llm_kwargs, **prompt_args
        )
        return answer

    def stream_structured_predict(
        self,
        output_cls: type[Model],
        prompt: PromptTemplate,
        llm_kwargs: dict[str, Any] | None = None,
        **prompt_args: Any,
    ) -> Generator[Model | FlexibleModel, None, None]:
        """Stream growing versions of a pydantic model, in the candidate's own way."""
        turn = self._turn(query_of_prompt(prompt, prompt_args))
        return turn.llm.stream_structured_predict(output_cls, prompt, llm_kwargs, **prompt_args)

    async def astream_structured_predict(
        self,
        output_cls: type[Model],
        prompt: PromptTemplate,
        llm_kwargs: dict[str, Any] | None = None,
        **prompt_args: Any,
    ) -> AsyncGenerator[Model | FlexibleModel, None]:
        """Stream growing versions of a pydantic model, in the candidate's own way."""
        turn = await self._aturn(query_of_prompt(prompt, prompt_args))
        return await turn.llm.astream_structured_predict(
            output_cls, prompt, llm_kwargs, **prompt_args
        )

    def predict_and_call(
        self,
        tools: Sequence[BaseTool],
        user_msg: str | ChatMessage | None = None,
        chat_history: list[ChatMessage] | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> AgentChatResponse:
        """Choose and run tools; where no candidate takes tools, by prompting (ReAct)."""
        query = query_of_call(user_msg, chat_history)
        turn = self._turn(query, tools=self.metadata.is_function_calling_model)
        return turn.tool_llm.predict_and_call(tools, user_msg, chat_history, *args, **kwargs)

    async def apredict_and_call(
        self,
        tools: Sequence[BaseTool],
        user_msg: str | ChatMessage | None = None,
        chat_history: list[ChatMessage] | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> AgentChatResponse:
        """Choose and run tools; where no candidate takes tools, by prompting (ReAct)."""
        query = query_of_call(user_msg, chat_history)
        turn = await self._aturn(query, tools=self.metadata.is_function_calling_model)
        return await turn.tool_llm.apredict_and_call(tools, user_msg, chat_history, *args, **kwargs)
