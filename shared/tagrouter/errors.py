"""Every exception of the core.

The tree::

    TagRouterError                  whatever this library raises on purpose
    +-- InvalidInputError           a value given by the caller cannot be used (also a ValueError)
    |   +-- UnknownNameError        a name (model, tag generator, estimator, ...) is not known
    |   +-- NoCandidateError        rules and narrowing left no model to choose from
    +-- DataFileError               a file is broken, cut off, contradictory or of a later version
    |   +-- ProfileError            the same, for a profile folder
    +-- NotFittedError              a part is used before it was fitted
    +-- TagGeneratorError           a tag generator failed on a query
    +-- MissingExtraError           an optional package is needed (also an ImportError)

Every message says what came, what is allowed and what to do next.
"""

from collections.abc import Iterable


class TagRouterError(Exception):
    """Base of all errors that this library raises on purpose."""


class InvalidInputError(TagRouterError, ValueError):
    """A value given by the caller cannot be used."""


class UnknownNameError(InvalidInputError):
    """A name is not among the known ones."""

    @classmethod
    def of(cls, kind: str, name: object, known: Iterable[str], remedy: str) -> "UnknownNameError":
        """Build the error with the known names spelled out.

        Args:
            kind: What the name should have been, in words ("model", "tag generator").
            name: The name that came.
            known: The names that are allowed.
            remedy: What to do next, a full sentence.

        Returns:
            The error, ready to raise.
        """
        names = sorted(known)
        listed = ", ".join(repr(known_name) for known_name in names[:20]) or "none"
        more = f" and {len(names) - 20} more" if len(names) > 20 else ""
        return cls(f"Unknown {kind} {name!r}; known: {listed}{more}. {remedy}")


class NoCandidateError(InvalidInputError):
    """Rules and narrowing left no model to choose from."""


class DataFileError(TagRouterError):
    """A data file is broken, truncated, contradictory or from a later format version."""


class ProfileError(DataFileError):
    """A profile folder cannot be used as it is."""


class NotFittedError(TagRouterError):
    """A part is used before it was fitted."""


class TagGeneratorError(TagRouterError):
    """A tag generator failed on a query."""


class MissingExtraError(TagRouterError, ImportError):
    """An optional package is needed for what was asked."""

    @classmethod
    def of(cls, what: str, package: str, extra: str) -> "MissingExtraError":
        """Build the error with the pip command that mends it.

        Args:
            what: What needs the package, as the subject of the sentence.
            package: The package that is missing.
            extra: The extra of this distribution that brings it.

        Returns:
            The error, ready to raise.
        """
        return cls(
            f"{what} needs the package {package!r}, which is not installed. "
            f'Run: pip install "tagrouter[{extra}]"'
        )
