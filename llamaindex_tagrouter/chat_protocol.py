"""Any LlamaIndex LLM for TagRouter's own questions: tags by prompt, judgments."""

from collections.abc import Sequence

from llama_index.core.base.llms.types import ChatMessage as LlamaChatMessage
from llama_index.core.base.llms.types import MessageRole
from llama_index.core.llms.llm import LLM

from tagrouter import InvalidInputError
from tagrouter.chat import ChatMessage


class LlamaIndexChatModel:
    """Fills `tagrouter.chat.ChatModel` from a LlamaIndex LLM.

    ```python
    generator = PromptedGenerator(LlamaIndexChatModel(OpenAI(model="gpt-4o-mini")))
    ```

    Args:
        llm: Any LLM; one without chat is given the messages as one prompt, as LlamaIndex does.
        name: What it is called in records and cache files; the LLM's `metadata.model_name` by
            default.
    """

    def __init__(self, llm: LLM, *, name: str | None = None) -> None:
        if not isinstance(llm, LLM):
            raise InvalidInputError(
                f"LlamaIndexChatModel takes a LlamaIndex LLM, not {type(llm).__name__}. "
                "Build one first, for example llama_index.llms.openai.OpenAI(model=...)."
            )
        self._llm = llm
        self.name = name or llm.metadata.model_name

    def chat(self, messages: Sequence[ChatMessage]) -> str:
        """Answer the last message of a chat."""
        return self._llm.chat(_converted(messages)).message.content or ""

    async def achat(self, messages: Sequence[ChatMessage]) -> str:
        """Do the same without blocking the event loop."""
        return (await self._llm.achat(_converted(messages))).message.content or ""

    def __repr__(self) -> str:
        """Show the name; an LLM may hold a key."""
        return f"LlamaIndexChatModel(name={self.name!r})"


def _converted(messages: Sequence[ChatMessage]) -> list[LlamaChatMessage]:
    return [
        LlamaChatMessage(role=MessageRole(message.role), content=message.content)
        for message in messages
    ]
