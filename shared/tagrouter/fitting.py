"""Comparisons -> profile: tag the queries, count outcomes, keep what makes duplicates visible."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from tagrouter.comparisons.ids import comparison_id
from tagrouter.decision.threshold import ThetaPolicy
from tagrouter.errors import InvalidInputError
from tagrouter.evidence import Evidence
from tagrouter.models import Model
from tagrouter.profile import GeneratorReference, Profile
from tagrouter.records import Comparison, QueryTags
from tagrouter.router import generator_reference
from tagrouter.scores.base import TagEstimator
from tagrouter.scores.counts import count_comparisons
from tagrouter.scores.shrunk import ShrunkEstimator
from tagrouter.tags.base import TagGenerator

_HASH_LENGTH = 16
_BATCH = 64

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Fitted:
    """What fitting gives.

    Attributes:
        profile: The profile.
        used: Comparisons that were counted.
        duplicates: Comparisons that were left out because their id was counted before.
    """

    profile: Profile
    used: int
    duplicates: int


def tag_queries(
    queries: Iterable[str], generator: TagGenerator, progress: Progress = lambda done, total: None
) -> dict[str, QueryTags]:
    """Tag each different query once.

    Args:
        queries: The texts, repeated or not.
        generator: Where the tags come from.
        progress: Called with (queries done, queries in all).

    Returns:
        Tags by query.
    """
    distinct = list(dict.fromkeys(queries))
    tagged: dict[str, QueryTags] = {}
    for start in range(0, len(distinct), _BATCH):
        batch = distinct[start : start + _BATCH]
        tagged.update(zip(batch, generator.generate(batch), strict=True))
        progress(len(tagged), len(distinct))
    return tagged


def with_tags(
    comparisons: Sequence[Comparison],
    generator: TagGenerator,
    progress: Progress = lambda done, total: None,
) -> list[tuple[Comparison, QueryTags]]:
    """Pair comparisons with tags: their own where given, the generator's otherwise.

    Args:
        comparisons: Judged records.
        generator: Where missing tags come from.
        progress: Called with (queries done, queries in all).

    Returns:
        The pairs, in order.
    """
    bare = (c.query for c in comparisons if c.query_tags is None)
    tags = tag_queries(bare, generator, progress)
    return [(c, c.query_tags if c.query_tags is not None else tags[c.query]) for c in comparisons]


def fit_profile(
    comparisons: Sequence[Comparison],
    generator: TagGenerator,
    *,
    name: str,
    estimator: TagEstimator | None = None,
    add_to: Profile | None = None,
    progress: Progress = lambda done, total: None,
) -> Fitted:
    """Fit a profile, or add evidence to one.

    Args:
        comparisons: Judged records that all name one reference model.
        generator: Where missing tags come from.
        name: Name of the profile.
        estimator: `shrunk` by default, or the one of `add_to`.
        add_to: An existing profile; its evidence stays, new models join it.
        progress: Called with (queries done, queries in all).

    Returns:
        The profile and what was counted.

    Raises:
        InvalidInputError: If the comparisons name several reference models, or another one than
            `add_to`, or if there are none.
    """
    reference = _reference_model(comparisons, add_to)
    used_estimator = estimator or (add_to.estimator if add_to else ShrunkEstimator())
    made_by = generator_reference(generator)
    if add_to is not None and (used_estimator != add_to.estimator or made_by != add_to.generator):
        raise InvalidInputError(
            f"Profile {add_to.name!r} holds evidence for estimator {add_to.estimator.name!r} on "
            f"tags of {add_to.generator.name!r} version {add_to.generator.version}; adding "
            f"evidence for {used_estimator.name!r} on tags of {made_by.name!r} version "
            f"{made_by.version} would mix what cannot be added. Fit a new profile."
        )
    seen = set(add_to.seen) if add_to else set()
    fresh: list[Comparison] = []
    for comparison in comparisons:
        digest = hash_id(comparison_id(comparison))
        if digest not in seen:
            seen.add(digest)
            fresh.append(comparison)
    pairs = with_tags(fresh, generator, progress)
    evidence = count_comparisons(pairs, used_estimator.tag_weights)
    profile = _assemble(name, reference, used_estimator, made_by, evidence, add_to)
    return Fitted(replace(profile, seen=frozenset(seen)), len(fresh), len(comparisons) - len(fresh))


def hash_id(identifier: str) -> str:
    """Hash a comparison's id for ``seen.csv``: ids may hold text that should not travel.

    Args:
        identifier: The id.

    Returns:
        16 hexadecimal digits.
    """
    encoded = identifier.encode("utf-8", "surrogatepass")
    return hashlib.sha256(encoded).hexdigest()[:_HASH_LENGTH]


def _reference_model(comparisons: Sequence[Comparison], add_to: Profile | None) -> str:
    names = sorted({comparison.reference_model for comparison in comparisons})
    if not names:
        raise InvalidInputError("There are no comparisons to fit on. Give at least one.")
    turned = sorted({comparison.model for comparison in comparisons}.intersection(names))
    if turned:
        raise InvalidInputError(
            f"{', '.join(map(repr, turned[:5]))}: the reference model of some comparisons is the "
            "judged model of others. Turn those around, so that one is the reference everywhere."
        )
    if len(names) > 1:
        raise InvalidInputError(
            f"The comparisons name {len(names)} reference models ({', '.join(names[:5])}); a "
            "profile has one. Split the file, or import it again with one reference."
        )
    if add_to is not None and add_to.reference_model != names[0]:
        raise InvalidInputError(
            f"The comparisons name the reference model {names[0]!r}, profile {add_to.name!r} has "
            f"{add_to.reference_model!r}. Judge against the same one."
        )
    return names[0]


def _assemble(
    name: str,
    reference: str,
    estimator: TagEstimator,
    made_by: GeneratorReference,
    evidence: Evidence,
    add_to: Profile | None,
) -> Profile:
    if add_to is not None:
        known = set(add_to.model_names)
        joined = tuple(Model(m) for m in sorted(evidence.models) if m not in known)
        return replace(
            add_to,
            name=name,
            models=(*add_to.models, *joined),
            evidence=add_to.evidence + evidence,
        )
    return Profile(
        name=name,
        reference_model=reference,
        default_model=reference,
        models=(*(Model(m) for m in sorted(evidence.models)), Model(reference)),
        estimator=estimator,
        policy=ThetaPolicy(),
        generator=made_by,
        evidence=evidence,
    )
