"""Choices -> models: which model stands behind a query engine, retriever or plain string. Pure.

A choice that no model stands behind is cold: all that is known of it is its description.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from llama_index.core.tools import query_engine, retriever_tool
from llama_index.core.tools.types import ToolMetadata

from tagrouter.errors import InvalidInputError

DEFAULT_NAMES: Final = frozenset({query_engine.DEFAULT_NAME, retriever_tool.DEFAULT_NAME})
"""Names that LlamaIndex gives to tools without one: they say nothing."""

_NOT_IN_TOOL_NAMES = re.compile(r"[^a-zA-Z0-9_-]")
_LABEL_LENGTH = 40


def resolve_choices(
    choices: Sequence[ToolMetadata],
    models: Collection[str],
    choice_to_model: Mapping[str, str],
) -> list[str | None]:
    """Find the model behind each choice.

    Args:
        choices: As LlamaIndex hands them over; a string choice has only a description.
        models: The router's models.
        choice_to_model: Models by name or description of a choice; comes before all else.

    Returns:
        A model or None (a cold choice) per choice, in order.
    """
    sanitized = Counter(map(sanitize, models))
    by_name = {sanitize(model): model for model in models if sanitized[sanitize(model)] == 1}
    by_name.update({model: model for model in models})
    names = distinctive_names(choices)
    return [
        _explicit(choice_to_model, choice, name)
        or (by_name.get(name) if name else None)
        or (choice.description if choice.description in models else None)
        for choice, name in zip(choices, names, strict=True)
    ]


def _explicit(
    choice_to_model: Mapping[str, str], choice: ToolMetadata, name: str | None
) -> str | None:
    keys = (key for key in (name, choice.description) if key is not None)
    return next((choice_to_model[key] for key in keys if key in choice_to_model), None)


def sanitize(name: str) -> str:
    """Write a name the way LlamaIndex writes it for agents: letters, digits, ``_`` and ``-``."""
    return _NOT_IN_TOOL_NAMES.sub("_", name)


def distinctive_names(choices: Sequence[ToolMetadata]) -> list[str | None]:
    """Give each choice's name, or None where it has none, a default one, or shares it."""
    counts = Counter(choice.name for choice in choices)
    return [
        choice.name if choice.name not in DEFAULT_NAMES and counts[choice.name] == 1 else None
        for choice in choices
    ]


def text_of(choice: ToolMetadata) -> str:
    """Give the text that is tagged for a choice: its description, else its name in words."""
    text: str | None = choice.description  # declared as str, but None goes unchecked
    return text or (choice.name or "").replace("_", " ")


def labels_of(choices: Sequence[ToolMetadata]) -> list[str]:
    """Name each choice for a reader: by name, else by description, shortened, else by position."""
    return [
        name or _shortened(choice.description or "") or f"choice {index}"
        for index, (choice, name) in enumerate(
            zip(choices, distinctive_names(choices), strict=True)
        )
    ]


def _shortened(text: str) -> str:
    return text if len(text) <= _LABEL_LENGTH else f"{text[: _LABEL_LENGTH - 3].rstrip()}..."


def position_of(wanted: str, choices: Sequence[ToolMetadata]) -> int:
    """Find a choice by what a person calls it.

    Args:
        wanted: The name or description of a choice.
        choices: All choices.

    Returns:
        Its position.

    Raises:
        InvalidInputError: If no choice is called so.
    """
    for names in (distinctive_names(choices), [choice.description for choice in choices]):
        if wanted in names:
            return names.index(wanted)
    raise InvalidInputError(
        f"default_choice is {wanted!r}, but the choices are: {', '.join(labels_of(choices))}. "
        "Give the name or description of one of them."
    )
