"""STEP 1, query -> tags: the contract of every tag generator."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from tagrouter.errors import InvalidInputError, TagGeneratorError
from tagrouter.records import QueryTags


class TagGenerator(ABC):
    """Turns queries into tags. A new one implements `_generate` and gets a line in the registry.

    Attributes:
        name: Its registry name, written into profiles.
        version: Changes whenever the same query may get other tags.
    """

    name: ClassVar[str]
    version: str = "1"

    @property
    def source(self) -> str:
        """What profiles name it by: ``name``, or ``name:argument`` as `from_source` takes it."""
        return self.name

    @classmethod
    def from_source(cls, argument: str) -> "TagGenerator":
        """Build the generator that a profile or a command names.

        Args:
            argument: What stands behind ``name:``; empty where nothing does.

        Returns:
            The generator, not loaded yet.

        Raises:
            InvalidInputError: If this kind takes no argument and got one.
        """
        if argument:
            raise InvalidInputError(
                f"The tag generator {cls.name!r} takes nothing behind a colon; got {argument!r}. "
                f"Name it {cls.name!r}, or build it in Python and pass the object."
            )
        return cls()

    def generate(self, queries: Sequence[str]) -> list[QueryTags]:
        """Tag queries; the tags of one do not depend on the others.

        Args:
            queries: Any texts. A blank one gets no tags, without asking the generator.

        Returns:
            One record per query, in order.

        Raises:
            InvalidInputError: If a query is not a str.
            TagGeneratorError: If the generator fails; the cause is chained.
        """
        if isinstance(queries, str | bytes):
            raise InvalidInputError(
                f"generate() takes a list of queries and got one {type(queries).__name__}. "
                "Put it into a list."
            )
        for query in queries:
            check_query(query)
        wanted = [i for i, query in enumerate(queries) if query.strip()]
        results = [QueryTags()] * len(queries)
        if wanted:
            try:
                tagged = self._generate([queries[i] for i in wanted])
            except (TagGeneratorError, InvalidInputError, ImportError):
                raise
            except Exception as error:
                raise TagGeneratorError(
                    f"Tag generator {self.name!r} failed on {len(wanted)} queries: {error}"
                ) from error
            if len(tagged) != len(wanted):
                raise TagGeneratorError(
                    f"Tag generator {self.name!r} gave {len(tagged)} records for {len(wanted)} "
                    "queries. Its _generate() must return one per query."
                )
            for i, tags in zip(wanted, tagged, strict=True):
                results[i] = tags
        return results

    async def agenerate(self, queries: Sequence[str]) -> list[QueryTags]:
        """Do the same as `generate` in a worker thread, so that the event loop stays free."""
        import asyncio  # an eighth of this package's import time; only this needs it

        return await asyncio.to_thread(self.generate, queries)

    @abstractmethod
    def _generate(self, queries: Sequence[str]) -> list[QueryTags]:
        """Tag queries that are not blank, one record per query, in order."""


def check_query(query: object) -> str:
    """Let a str pass.

    Args:
        query: What the caller gave.

    Returns:
        The query.

    Raises:
        InvalidInputError: If it is not a str.
    """
    if not isinstance(query, str):
        raise InvalidInputError(
            f"A query is a str, not {type(query).__name__}. "
            "Decode bytes first; take the text out of message objects."
        )
    return query
