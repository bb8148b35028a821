"""Models that may answer, and what a query costs them."""

import math
from dataclasses import dataclass

from tagrouter.errors import InvalidInputError
from tagrouter.records import is_number

_CHARS_PER_TOKEN = 4.0
_TYPICAL_INPUT_TOKENS = 100
_TYPICAL_OUTPUT_TOKENS = 300


@dataclass(frozen=True, slots=True)
class Model:
    """One model of a profile.

    Attributes:
        name: What decisions call it.
        input_usd_per_million_tokens: List price of input, if known.
        output_usd_per_million_tokens: List price of output, if known.
        mean_output_tokens: Mean length of its answers, if known.
    """

    name: str
    input_usd_per_million_tokens: float | None = None
    output_usd_per_million_tokens: float | None = None
    mean_output_tokens: float | None = None

    def __post_init__(self) -> None:
        """Check name and prices.

        Raises:
            InvalidInputError: If the name is empty or a number is negative or not finite.
        """
        if not isinstance(self.name, str) or not self.name.strip():
            raise InvalidInputError(f"A model needs a name; this one has {self.name!r}.")
        for field in (
            "input_usd_per_million_tokens",
            "output_usd_per_million_tokens",
            "mean_output_tokens",
        ):
            value = getattr(self, field)
            if value is not None and not (is_number(value) and value >= 0):
                raise InvalidInputError(
                    f"Model {self.name!r}: {field} is {value!r}; it must be a number of at least 0."
                )

    @property
    def price(self) -> float:
        """A number to compare models by: the cost of a middling query; infinite if unknown."""
        price_in, price_out = self.input_usd_per_million_tokens, self.output_usd_per_million_tokens
        if price_in is None or price_out is None:
            return math.inf
        tokens_out = self.mean_output_tokens or _TYPICAL_OUTPUT_TOKENS
        return _TYPICAL_INPUT_TOKENS * price_in + tokens_out * price_out

    def cost_usd(self, query_chars: int) -> float | None:
        """Estimate what it costs to answer a query, at about four characters a token.

        Args:
            query_chars: Length of the query in characters.

        Returns:
            US dollars, or None where a price or the mean answer length is not known.
        """
        price_in = self.input_usd_per_million_tokens
        price_out = self.output_usd_per_million_tokens
        if price_in is None or price_out is None or self.mean_output_tokens is None:
            return None
        spent = query_chars / _CHARS_PER_TOKEN * price_in + self.mean_output_tokens * price_out
        return spent / 1e6
