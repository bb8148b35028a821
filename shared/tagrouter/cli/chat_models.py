"""A chat model named on the command line."""

import argparse
from typing import TYPE_CHECKING

from tagrouter.cli.queries import UsageError
from tagrouter.registry import part

if TYPE_CHECKING:
    from tagrouter.chat import ChatModel


def add_chat_model_arguments(parser: argparse.ArgumentParser) -> None:
    """Add --llm and --base-url."""
    parser.add_argument(
        "--llm",
        metavar="NAME",
        help="chat model to ask, PROVIDER:MODEL as LangChain's init_chat_model names it, such as "
        "openai:gpt-4o-mini; its key comes from the environment",
    )
    parser.add_argument(
        "--base-url",
        metavar="URL",
        help="with --llm: a server that speaks the provider's protocol, such as "
        "http://localhost:8000/v1",
    )


def chosen_chat_model(args: argparse.Namespace, what: str) -> "ChatModel":
    """Make the chat model that --llm names.

    Args:
        args: Parsed arguments with `llm` and `base_url`.
        what: What asks it, as the subject of a sentence.

    Returns:
        The chat model.

    Raises:
        UsageError: If none is named.
        MissingExtraError: If a package is missing.
        InvalidInputError: If there is no such model.
    """
    if args.llm is None:
        raise UsageError(f"{what} asks a chat model. Name one: --llm openai:gpt-4o-mini")
    # Through the registry: the core knows no framework, and imports one only when asked to.
    made: ChatModel = part("chat model", "langchain").named(args.llm, base_url=args.base_url)
    return made
