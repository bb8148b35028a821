"""TagRouter: each query to the language model that suits it best, before any model is called."""

from tagrouter.decision.record import Decision, Reason, TagContribution
from tagrouter.errors import (
    DataFileError,
    InvalidInputError,
    MissingExtraError,
    NoCandidateError,
    NotFittedError,
    ProfileError,
    TagGeneratorError,
    TagRouterError,
    UnknownNameError,
)
from tagrouter.profile import Profile
from tagrouter.records import Comparison, Outcome, QueryTag, QueryTags
from tagrouter.router import TagRouter
from tagrouter.storage import load_profile, save_profile
from tagrouter.tags.base import TagGenerator
from tagrouter.version import __version__

__all__ = [
    "Comparison",
    "DataFileError",
    "Decision",
    "InvalidInputError",
    "MissingExtraError",
    "NoCandidateError",
    "NotFittedError",
    "Outcome",
    "Profile",
    "ProfileError",
    "QueryTag",
    "QueryTags",
    "Reason",
    "TagContribution",
    "TagGenerator",
    "TagGeneratorError",
    "TagRouter",
    "TagRouterError",
    "UnknownNameError",
    "__version__",
    "load_profile",
    "save_profile",
]
