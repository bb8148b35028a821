"""Metadata of the candidates -> metadata of the router. Pure."""

from collections.abc import Mapping

from llama_index.core.base.llms.types import LLMMetadata, MessageRole
from llama_index.core.constants import DEFAULT_NUM_OUTPUTS

UNKNOWN_NUM_OUTPUT = -1


def combine_metadata(candidates: Mapping[str, LLMMetadata]) -> LLMMetadata:
    """Describe a router so that whatever fits its metadata fits every candidate.

    Args:
        candidates: Metadata by model; at least one.

    Returns:
        The smallest context window; a `num_output` that leaves as much room for a prompt as the
        tightest candidate does; chat and function calling where any candidate has them.
    """
    known = list(candidates.values())
    roles = {metadata.system_role for metadata in known}
    return LLMMetadata(
        context_window=min(metadata.context_window for metadata in known),
        num_output=_num_output(known),
        is_chat_model=any(metadata.is_chat_model for metadata in known),
        is_function_calling_model=any(metadata.is_function_calling_model for metadata in known),
        model_name=f"tagrouter({','.join(candidates)})",
        system_role=roles.pop() if len(roles) == 1 else MessageRole.SYSTEM,
    )


def _num_output(known: list[LLMMetadata]) -> int:
    if all(metadata.num_output == UNKNOWN_NUM_OUTPUT for metadata in known):
        return UNKNOWN_NUM_OUTPUT
    # PromptHelper leaves context_window - num_output for the prompt, with this default for an
    # unknown num_output. The minimum or maximum of num_output alone can exceed the window.
    room = min(metadata.context_window - _outputs(metadata) for metadata in known)
    return min(metadata.context_window for metadata in known) - room


def _outputs(metadata: LLMMetadata) -> int:
    unknown = metadata.num_output == UNKNOWN_NUM_OUTPUT
    return DEFAULT_NUM_OUTPUTS if unknown else metadata.num_output
