"""TagRouter for LlamaIndex: a selector that needs no LLM, and an LLM that hands calls on."""

from tagrouter.errors import MissingExtraError

try:
    import llama_index.core.base.base_selector  # noqa: F401
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] != "llama_index":
        raise
    raise MissingExtraError.of("llamaindex_tagrouter", "llama-index-core", "llamaindex") from error

from llamaindex_tagrouter.chat_protocol import LlamaIndexChatModel
from llamaindex_tagrouter.llm import TagRouterLLM
from llamaindex_tagrouter.selector import TagRouterSelector, TagRouterSelectorResult

__all__ = [
    "LlamaIndexChatModel",
    "TagRouterLLM",
    "TagRouterSelector",
    "TagRouterSelectorResult",
]
