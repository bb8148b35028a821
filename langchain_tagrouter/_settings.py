"""Settings of a chat model that a router of chat models inherits: which work, and how.

Each one works on the router or is refused where the router is built; none is ignored in silence.
"""

import warnings
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from langchain_core.callbacks import BaseCallbackHandler, BaseCallbackManager, Callbacks
from langchain_core.callbacks.stdout import StdOutCallbackHandler
from langchain_core.language_models import ModelProfile
from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.config import ensure_config

from tagrouter import InvalidInputError

MEMBER_SETTINGS: Final = frozenset(
    {"api_key", "max_retries", "max_tokens", "stop", "streaming", "temperature", "timeout"}
)
"""Standard constructor arguments of LangChain's chat models that only a member can use."""


def check_known(values: Mapping[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    """Refuse constructor arguments that nobody would look at.

    Args:
        values: The arguments.
        fields: Names of those that are used.

    Returns:
        The arguments that are used.

    Raises:
        InvalidInputError: If one is not known at all.
    """
    known = set(fields)
    unknown = sorted(set(values) - known - MEMBER_SETTINGS)
    if unknown:
        raise InvalidInputError(
            f"ChatTagRouter has no setting {', '.join(map(repr, unknown))}; it has "
            f"{', '.join(sorted(known))}. Settings of a model belong to the members."
        )
    unused = sorted(set(values) & MEMBER_SETTINGS - known)
    if unused:
        warnings.warn(
            f"ChatTagRouter does not use {', '.join(unused)}: set it on the members, "
            "or pass it per call where it is an argument of a call.",
            UserWarning,
            stacklevel=4,
        )
    return {name: value for name, value in values.items() if name in known}


def check_no_cache(cache: object) -> None:
    """Refuse a cache of the router's own.

    Args:
        cache: The setting.

    Raises:
        InvalidInputError: If it is set.
    """
    if cache is not None:
        raise InvalidInputError(
            f"cache={cache!r} is set on ChatTagRouter, but answers are cached by the members: a "
            "cache of the router could give one member's answer for another's. Set `cache` on each "
            "member, or set_llm_cache() for all."
        )


def check_output_version(version: str | None, members: Mapping[str, Runnable[Any, Any]]) -> None:
    """Refuse an output format that the router cannot make of the members' outputs.

    Args:
        version: The setting; "v1" can be made of all outputs.
        members: Name -> member.

    Raises:
        InvalidInputError: If some member's outputs have another format.
    """
    if version is None or version == "v1":
        return
    fine = (version, None) if version == "v0" else (version,)
    others = [
        name
        for name, member in members.items()
        if getattr(member, "output_version", None) not in fine
    ]
    if others:
        raise InvalidInputError(
            f"output_version={version!r} is set on ChatTagRouter, but members "
            f"{', '.join(map(repr, others))} have another. Set it on the members; the router "
            "itself can only turn outputs into 'v1'."
        )


def shared_profile(members: Iterable[Runnable[Any, Any]]) -> ModelProfile | None:
    """Give the capabilities that hold whoever is chosen.

    Args:
        members: The members.

    Returns:
        Smallest limits, and what all can do; None where a member does not tell.
    """
    profiles: list[dict[str, Any]] = []
    for member in members:
        profile = getattr(member, "profile", None)
        if not profile:
            return None
        profiles.append(dict(profile))
    keys = set.intersection(*map(set, profiles))
    shared = {key: _shared_value([profile[key] for profile in profiles]) for key in sorted(keys)}
    told = {key: value for key, value in shared.items() if value is not None}
    return cast(ModelProfile, told)


def _shared_value(values: list[Any]) -> object:
    if all(isinstance(value, bool) for value in values):
        return all(values)
    if all(isinstance(value, int | float) for value in values):
        return min(values)
    return values[0] if all(value == values[0] for value in values) else None


def inherited_config(
    config: RunnableConfig | None,
    *,
    callbacks: Callbacks,
    tags: Iterable[str] | None,
    metadata: Mapping[str, Any] | None,
    verbose: bool,
) -> RunnableConfig:
    """Add to a call's config what was set at construction, for the router's run and below.

    A chat model's callbacks wait for events of a chat model, which happen in the member's run.

    Args:
        config: The call's config; it wins where both set the same metadata.
        callbacks: Handlers; those that the call has already are not added twice.
        tags: Run tags.
        metadata: Run metadata.
        verbose: Whether to print what happens.

    Returns:
        A new config.
    """
    merged = ensure_config(config)
    given = merged.get("tags") or []
    merged["tags"] = [*given, *(tag for tag in tags or () if tag not in given)]
    merged["metadata"] = {**(metadata or {}), **(merged.get("metadata") or {})}
    handlers = _handlers(callbacks)
    if verbose and not any(isinstance(handler, StdOutCallbackHandler) for handler in handlers):
        handlers.append(StdOutCallbackHandler())
    if handlers:
        merged["callbacks"] = _with_handlers(merged.get("callbacks"), handlers)
    return merged


def _handlers(callbacks: Callbacks) -> list[BaseCallbackHandler]:
    if isinstance(callbacks, BaseCallbackManager):
        return list(callbacks.handlers)
    return list(callbacks or ())


def _with_handlers(callbacks: Callbacks, handlers: list[BaseCallbackHandler]) -> Callbacks:
    if isinstance(callbacks, BaseCallbackManager):
        manager = callbacks.copy()
        for handler in handlers:
            manager.add_handler(handler, inherit=True)
        return manager
    given = list(callbacks or ())
    return [*given, *(handler for handler in handlers if handler not in given)]
