"""What is asked of members: names that fit the router, tools, structured output, no streaming.

LangChain wraps models in bindings, retries and fallbacks. Each function here looks through the
wrapper, changes the model inside and puts the same wrapper around it again: asked directly, a
binding hands `bind_tools` on to its model and loses its own arguments, and a retry has none.
"""
# ruff: noqa: ANN401 - inputs and arguments are of any type, as in LangChain's own signatures

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import Runnable, RunnableWithFallbacks
from langchain_core.runnables.base import RunnableBindingBase

from tagrouter import InvalidInputError, TagRouter

Member = Runnable[Any, Any]


def check_names(what: str, members: Mapping[str, Member], router: TagRouter) -> None:
    """Hold the names of members against the candidates of the router.

    Args:
        what: What the caller calls them.
        members: Name -> member.
        router: Whose candidates they answer for.

    Raises:
        InvalidInputError: If a name is missing or too many.
    """
    if set(members) == set(router.models):
        return
    given = ", ".join(map(repr, members)) or "none"
    known = ", ".join(map(repr, router.models))
    raise InvalidInputError(
        f"`{what}` has the names {given}; the router decides between {known}. Give one for each, "
        f"or rename and narrow the router: router.with_models({{{router.models[0]!r}: 'name'}})."
    )


def rewrapped(member: Member, change: Callable[[Member], Member]) -> Member:
    """Change the model inside bindings, retries and fallbacks.

    Args:
        member: The model, wrapped or not.
        change: Model -> changed model.

    Returns:
        The changed model in the same wrappers.
    """
    if isinstance(member, RunnableBindingBase):
        return member.model_copy(update={"bound": rewrapped(member.bound, change)})
    if isinstance(member, RunnableWithFallbacks):
        return member.model_copy(
            update={
                "runnable": rewrapped(member.runnable, change),
                "fallbacks": [rewrapped(fallback, change) for fallback in member.fallbacks],
            }
        )
    return change(member)


def check_takes_tools(members: Mapping[str, Member]) -> None:
    """Make sure that whoever is chosen can take tools.

    Args:
        members: Name -> member.

    Raises:
        InvalidInputError: If one of them cannot.
    """
    unable = [name for name, member in members.items() if not _takes_tools(member)]
    if unable:
        raise InvalidInputError(
            f"Tools cannot be bound: {_described(unable, members)} has no bind_tools(). "
            "Use members that all take tools, or a router without the others "
            "(router.with_models([...]))."
        )


def with_tools(
    member: Member, tools: Sequence[Any], tool_choice: object, options: Mapping[str, Any]
) -> Member:
    """Bind tools the way the member itself does, so that each provider gets its own format."""
    arguments = dict(options) if tool_choice is None else {"tool_choice": tool_choice, **options}

    def bind(model: Any) -> Member:
        bound: Member = model.bind_tools(tools, **arguments)
        return bound

    return rewrapped(member, bind)


def with_structured_output(
    name: str, member: Member, schema: Any, include_raw: bool, options: Mapping[str, Any]
) -> Member:
    """Structure the member's output by its own method (tools, JSON schema, JSON mode).

    Args:
        name: The member's name, for messages.
        member: The member.
        schema: What the output looks like.
        include_raw: Whether the message is given too.
        options: Further arguments of the member's method.

    Returns:
        The member with its output parsed.

    Raises:
        InvalidInputError: If the member cannot do it.
    """
    bound = _bound_arguments(member)
    if include_raw and bound:
        raise InvalidInputError(
            f"Member {name!r} is bound to {', '.join(bound)}, which LangChain would drop "
            "with include_raw=True. Set them in the member's constructor instead of bind()."
        )

    def structure(model: Any) -> Member:
        if not hasattr(model, "with_structured_output"):
            raise InvalidInputError(
                f"Member {name!r} ({type(model).__name__}) has no with_structured_output(). "
                "Use a chat model that has it."
            )
        structured: Member = model.with_structured_output(
            schema, include_raw=include_raw, **options
        )
        return structured

    return rewrapped(member, structure)


def with_streaming_disabled(name: str, member: Member, setting: bool | str) -> Member:
    """Copy a member with `disable_streaming` set; clients are shared, the original is kept.

    Args:
        name: The member's name, for messages.
        member: The member.
        setting: True or "tool_calling".

    Returns:
        The copy.

    Raises:
        InvalidInputError: If there is no chat model inside.
    """

    def disable(model: Member) -> Member:
        if not isinstance(model, BaseChatModel):
            raise InvalidInputError(
                f"disable_streaming={setting!r} cannot be handed to member {name!r} "
                f"({type(model).__name__}), which is no BaseChatModel. Set it on the members."
            )
        return model.model_copy(update={"disable_streaming": setting})

    return rewrapped(member, disable)


def _takes_tools(member: Member) -> bool:
    if isinstance(member, RunnableBindingBase):
        return _takes_tools(member.bound)
    if isinstance(member, RunnableWithFallbacks):
        return all(map(_takes_tools, member.runnables))
    if isinstance(member, BaseChatModel):
        return type(member).bind_tools is not BaseChatModel.bind_tools
    return hasattr(member, "bind_tools")


def _bound_arguments(member: Member) -> list[str]:
    if isinstance(member, RunnableBindingBase):
        return [*member.kwargs, *_bound_arguments(member.bound)]
    if isinstance(member, RunnableWithFallbacks):
        return [name for one in member.runnables for name in _bound_arguments(one)]
    return []


def _described(names: Sequence[str], members: Mapping[str, Member]) -> str:
    return ", ".join(f"{name!r} ({type(members[name]).__name__})" for name in names)
