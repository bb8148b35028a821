"""Any LangChain chat model for TagRouter's own questions: tags by prompt, judgments."""

from collections.abc import Sequence
from typing import Any, Final

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.runnables import Runnable, RunnableConfig

from tagrouter import InvalidInputError, MissingExtraError
from tagrouter.chat import ChatMessage

_CLASSES: Final = {"system": SystemMessage, "user": HumanMessage, "assistant": AIMessage}
# LangGraph's word for calls whose tokens are no part of the graph's answer.
_CONFIG: Final = RunnableConfig(tags=["nostream"])

_INSTALL: Final = (
    "Run: pip install langchain langchain-openai (for another provider, its package in place of "
    "the second)"
)
_OWN_SERVER: Final = " A server of your own may take any text as key; the client wants one."


class LangChainChatModel:
    """Fills `tagrouter.chat.ChatModel` from a LangChain model.

    ```python
    generator = PromptedGenerator(LangChainChatModel(ChatOpenAI(model="gpt-4o-mini")))
    ```

    Args:
        model: A chat model, or any runnable from messages to a message or a str: a model with
            settings bound, with fallbacks, a plain text model.
        name: What it is called in records and cache files; the model's own name by default.
        config: What every call is configured with. By default the calls are tagged "nostream",
            which keeps their tokens out of what a LangGraph graph streams.
    """

    def __init__(
        self,
        model: Runnable[Any, Any],
        *,
        name: str | None = None,
        config: RunnableConfig | None = None,
    ) -> None:
        if not isinstance(model, Runnable):
            raise InvalidInputError(
                f"LangChainChatModel takes a LangChain chat model, not {type(model).__name__}. "
                'Build one first, for example with init_chat_model("openai:gpt-4o-mini").'
            )
        self._model = model
        self._config = _CONFIG if config is None else config
        self.name = name or _name_of(model)

    @classmethod
    def named(cls, name: str, *, base_url: str | None = None) -> "LangChainChatModel":
        """Make a chat model of a name, through the `init_chat_model` of the package `langchain`.

        Args:
            name: Provider and model, such as "openai:gpt-4o-mini". The key comes from where the
                provider's package looks for it, such as OPENAI_API_KEY.
            base_url: Of a server of your own that speaks the provider's protocol.

        Returns:
            The chat model.

        Raises:
            MissingExtraError: If `langchain` or the provider's package is not installed.
            InvalidInputError: If the provider is not known or refuses, for want of a key or so.
        """
        try:
            from langchain.chat_models import init_chat_model
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] != "langchain":
                raise
            raise MissingExtraError(
                f"Making the chat model {name!r} needs the package 'langchain', which is not "
                f"installed. {_INSTALL}"
            ) from error
        server: dict[str, Any] = {} if base_url is None else {"base_url": base_url}
        try:
            return cls(init_chat_model(name, **server))
        except ImportError as error:
            raise MissingExtraError(f"No chat model {name!r}: {error}.") from error
        except Exception as error:  # each provider has its own ways to refuse
            raise InvalidInputError(
                f"No chat model {name!r} (a name is PROVIDER:MODEL, such as openai:gpt-4o-mini): "
                f"{' '.join(str(error).split())}{_OWN_SERVER if server else ''}"
            ) from error

    def chat(self, messages: Sequence[ChatMessage]) -> str:
        """Answer the last message of a chat."""
        return _text_of(self._model.invoke(_converted(messages), self._config))

    async def achat(self, messages: Sequence[ChatMessage]) -> str:
        """Do the same without blocking the event loop."""
        return _text_of(await self._model.ainvoke(_converted(messages), self._config))

    def __repr__(self) -> str:
        """Show the name; a model may hold a key."""
        return f"LangChainChatModel(name={self.name!r})"


def _converted(messages: Sequence[ChatMessage]) -> list[BaseMessage]:
    return [_CLASSES[message.role](message.content) for message in messages]


def _text_of(answer: object) -> str:
    if isinstance(answer, BaseMessage):
        return str(answer.text)
    if isinstance(answer, str):
        return answer
    raise InvalidInputError(
        f"The runnable in LangChainChatModel answered with {type(answer).__name__}. "
        "It must give a message or a str: leave structured output and parsers away."
    )


def _name_of(model: object) -> str:
    """Look where integrations keep it, inside bindings and first members of fallbacks too."""
    for attribute in ("model_name", "model", "model_id"):
        name = getattr(model, attribute, None)
        if isinstance(name, str) and name:
            return name
    inner = getattr(model, "bound", None) or getattr(model, "runnable", None)
    return type(model).__name__ if inner is None else _name_of(inner)
