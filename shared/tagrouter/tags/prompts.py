"""What is sent to a language model to make it name tags."""

from dataclasses import dataclass

from tagrouter.errors import InvalidInputError

_PLACE = "{query}"


@dataclass(frozen=True, slots=True)
class TagPrompt:
    """A prompt with a place for the query.

    Attributes:
        user: The user message; ``{query}``, once, is where the query goes. Other braces are text.
        system: The system message; None where the model's chat template has no such role.
    """

    user: str
    system: str | None = None

    def __post_init__(self) -> None:
        """Check that the query has its place.

        Raises:
            InvalidInputError: If it has none or several.
        """
        if self.user.count(_PLACE) != 1:
            raise InvalidInputError(
                f"The user message of a prompt holds {_PLACE} {self.user.count(_PLACE)} times: "
                f"{self.user[:80]!r}. Write it once, where the query goes."
            )

    def messages(self, query: str) -> list[dict[str, str]]:
        """Write the messages of one query.

        Args:
            query: Its text.

        Returns:
            Chat messages with the keys `role` and `content`.
        """
        user = {"role": "user", "content": self.user.replace(_PLACE, query)}
        if self.system is None:
            return [user]
        return [{"role": "system", "content": self.system}, user]


CARD_PROMPT = TagPrompt(
    system="You are Qwen, created by Alibaba Cloud. You are a helpful assistant.",
    user=(
        "[System]\n"
        "You are an expert text tag extractor. Your task is to identify key tags that readers "
        "should focus on while engaging with the user query below.\n"
        "[User Query]\n"
        "{query}"
    ),
)
"""The prompt on the model card of `itpossible/TagGenerator`: what that model was trained on."""
