"""What selector and LLM share: taking a router from an argument, and outliving a failed tagger."""

import logging
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from tagrouter import Decision, Profile, Reason, TagGeneratorError, TagRouter

RouterSource = TagRouter | Profile | Path | str | None
OnError = Literal["default", "raise"]

DEFAULT_PROFILE: Final = "tiers"

_logger = logging.getLogger(__name__)


def router_of(source: RouterSource) -> TagRouter:
    """Take a router as it is, or load the profile that is named.

    Args:
        source: A router, a profile, its name or folder; None for the bundled default.

    Returns:
        The router.
    """
    if isinstance(source, TagRouter):
        return source
    return TagRouter.from_profile(DEFAULT_PROFILE if source is None else source)


@dataclass(frozen=True)
class Routing:
    """How a call is routed; sync and async differ only in who waits.

    Attributes:
        router: The router.
        models: The candidates.
        theta: Replaces the profile's; None keeps it.
        on_error: "default" to take the default model where tagging fails, rather than the
            application down; "raise" to let the error through.
    """

    router: TagRouter
    models: Collection[str]
    theta: float | None
    on_error: OnError

    def route(self, query: str) -> Decision:
        """Decide who answers a query.

        Args:
            query: The text to tag.

        Returns:
            The decision.

        Raises:
            TagGeneratorError: If tagging fails and `on_error` is "raise".
        """
        try:
            return self.router.route(query, models=self.models, theta=self.theta)
        except TagGeneratorError as error:
            return self._after(error)

    async def aroute(self, query: str) -> Decision:
        """Do the same as `route` without blocking the event loop."""
        try:
            return await self.router.aroute(query, models=self.models, theta=self.theta)
        except TagGeneratorError as error:
            return self._after(error)

    def _after(self, error: TagGeneratorError) -> Decision:
        if self.on_error == "raise":
            raise error
        _logger.warning("%s The default model answers instead.", error)
        default = self.router.route("", models=self.models, theta=self.theta)
        return replace(default, reason=Reason.ERROR, tag_scores=default.tag_scores)
