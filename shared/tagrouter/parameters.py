"""Parts that are frozen dataclasses of numbers, and stand in profiles by these numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import ClassVar, Self

from tagrouter.errors import InvalidInputError


@dataclass(frozen=True)
class Parametrized:
    """A part that is made from a profile's parameters.

    Attributes:
        kind: What it is, in words ("estimator").
        name: Registry name, written into profiles.
    """

    kind: ClassVar[str]
    name: ClassVar[str]

    @property
    def parameters(self) -> dict[str, float | str | bool]:
        """The numbers it was made with, as they stand in a profile."""
        return {entry.name: getattr(self, entry.name) for entry in fields(self)}

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, object]) -> Self:
        """Build the part from a profile's parameters.

        Args:
            parameters: By name; missing ones take their default.

        Returns:
            The part.

        Raises:
            InvalidInputError: If a name or a value is not allowed.
        """
        known = [entry.name for entry in fields(cls)]
        for key in parameters:
            if key not in known:
                raise InvalidInputError(
                    f"The {cls.kind} {cls.name!r} has no parameter {key!r}; "
                    f"it has: {', '.join(known) or 'none'}."
                )
        return cls(**parameters)
