"""What ChatTagRouter does to a member's messages: the decision on one, the format on all."""

from typing import Any

from langchain_core.messages import AIMessageChunk, BaseMessage

from langchain_tagrouter._decisions import with_decision
from tagrouter import Decision, InvalidInputError


class MessageStamp:
    """Takes a member's whole message, or its chunks in order.

    Args:
        decision: Who was chosen and why.
        include_decision: Whether to put it on the message, or on the first chunk.
        output_version: "v1" turns the content into standard content blocks.
    """

    def __init__(
        self, decision: Decision, *, include_decision: bool, output_version: str | None
    ) -> None:
        self._decision = decision
        self._pending = include_decision
        self._blocks = output_version == "v1"
        self._index = -1
        self._index_type = ""

    def __call__(self, message: object) -> BaseMessage:
        """Give the message as the caller shall see it; the member's own stays as it is.

        Args:
            message: What the member gave.

        Returns:
            The message.

        Raises:
            InvalidInputError: If it is no message.
        """
        if not isinstance(message, BaseMessage):
            raise InvalidInputError(
                f"Member {self._decision.model!r} gave a {type(message).__name__}, not a message. "
                "Members of ChatTagRouter answer like chat models; TagRouterRunnable takes others."
            )
        if self._blocks:
            message = self._in_blocks(message)
        if self._pending:
            self._pending = False
            message = with_decision(message, self._decision)
        return message

    def _in_blocks(self, message: BaseMessage) -> BaseMessage:
        if message.response_metadata.get("output_version") == "v1":
            return message
        blocks = [dict(block) for block in message.content_blocks]
        if isinstance(message, AIMessageChunk):
            for block in blocks:
                self._number(block)
        metadata = {**message.response_metadata, "output_version": "v1"}
        copy: BaseMessage = message.model_copy(
            update={"content": blocks, "response_metadata": metadata}
        )
        return copy

    def _number(self, block: dict[str, Any]) -> None:
        """Number blocks, so that merging chunks joins text with text and not with a tool call."""
        if block["type"] != self._index_type:
            self._index_type = block["type"]
            self._index += 1
        block.setdefault("index", self._index)
