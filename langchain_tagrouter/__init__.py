"""TagRouter for LangChain: a selector, a runnable that dispatches, a chat model that delegates."""

from tagrouter.errors import MissingExtraError

try:
    import langchain_core  # noqa: F401
except ModuleNotFoundError as error:
    if error.name != "langchain_core":
        raise
    raise MissingExtraError.of("langchain_tagrouter", "langchain-core", "langchain") from error

from langchain_tagrouter.chat_model import ChatTagRouter
from langchain_tagrouter.chat_protocol import LangChainChatModel
from langchain_tagrouter.router import TagRouterRunnable
from langchain_tagrouter.selector import TagRouterSelector

__all__ = ["ChatTagRouter", "LangChainChatModel", "TagRouterRunnable", "TagRouterSelector"]
