"""The pipeline: rules, then meaning, until nothing changes; then the frequency filter.

The paper filters by frequency first. Here the filter comes last in each pass: a spelling that
was seen once lends its count to the tag it is a spelling of, instead of being lost.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Final, Protocol

import numpy as np

from tagrouter.errors import InvalidInputError
from tagrouter.tags.vocabulary.clusters import (
    ClusterOptions,
    Floats,
    dbscan_class,
    propose_merges,
)
from tagrouter.tags.vocabulary.protected import is_protected
from tagrouter.tags.vocabulary.record import Alias, CanonicalTag, Vocabulary
from tagrouter.tags.vocabulary.rules import RULES, MergeRule, fold

_SIMILARITY_DECIMALS: Final = 3


class PhraseVectors(Protocol):
    """Whatever embeds phrases; every phrase encoder does."""

    def encode(self, phrases: Sequence[str]) -> Floats:
        """Embed phrases as unit vectors, one row each."""


@dataclass(frozen=True, slots=True)
class VocabularyOptions:
    """How a vocabulary is made.

    Attributes:
        min_count: Tags given less often, under all their names, are dropped. 5 is the paper's.
        clusters: What counts as the same meaning.
    """

    min_count: int = 5
    clusters: ClusterOptions = field(default_factory=ClusterOptions)

    def __post_init__(self) -> None:
        """Check the number.

        Raises:
            InvalidInputError: If it is below 1.
        """
        if self.min_count < 1:
            raise InvalidInputError(f"min_count is at least 1, not {self.min_count!r}.")


def build_vocabulary(
    counts: Mapping[str, int],
    encoder: PhraseVectors,
    options: VocabularyOptions | None = None,
    vetoes: Iterable[tuple[str, str]] = (),
    *,
    encoder_name: str = "",
) -> Vocabulary:
    """Merge the names of the same tag and drop rare tags.

    The result depends on nothing but the arguments, not even on the order of `counts`; made again
    from its own canonical tags without vetoes, it stays as it is.

    Args:
        counts: Raw tag -> how often it was given.
        encoder: Where phrase vectors come from.
        options: How a vocabulary is made.
        vetoes: Pairs of names that must not come together, in either order; this holds for a
            detour over a third name too.
        encoder_name: What the vocabulary says of its encoder.

    Returns:
        The vocabulary.

    Raises:
        InvalidInputError: If a count is not a positive whole number or a tag is blank.
        MissingExtraError: If scikit-learn is not installed.
    """
    dbscan_class()  # before the work, not after it
    _check(counts)
    options = options or VocabularyOptions()
    state = _State(counts, vetoes)
    names = sorted(state.groups)
    vectors = dict(zip(names, encoder.encode(names), strict=True)) if names else {}
    rare: dict[str, _Group] = {}
    while True:
        while _one_round(state, vectors, options.clusters):
            pass
        # Without the rare ones a region may be less dense, so the rounds are asked once more.
        found = {n: g for n, g in state.groups.items() if g.count < options.min_count}
        if not found:
            break
        rare.update(found)
        for name in found:
            del state.groups[name]
    return Vocabulary(
        tags=tuple(_canonical_tag(name, state.groups[name], vectors) for name in state.names()),
        dropped=_counts_of(rare, counts),
        encoder=encoder_name,
        options={"min_count": options.min_count, **asdict(options.clusters)},
    )


def _check(counts: Mapping[str, int]) -> None:
    for name, count in counts.items():
        if not fold(name):
            raise InvalidInputError(f"A tag is not blank; found {name!r}. Remove it.")
        if type(count) is not int or count < 1:
            raise InvalidInputError(
                f"Tag {name!r} has count {count!r}; a count is a whole number from 1."
            )


@dataclass(slots=True)
class _Group:
    count: int
    # Raw name -> (own count, why it is here, in which round); not the group's own name.
    members: dict[str, tuple[int, MergeRule, int]] = field(default_factory=dict)


class _State:
    """Which names are together so far; groups are called by their canonical names."""

    def __init__(self, counts: Mapping[str, int], vetoes: Iterable[tuple[str, str]]) -> None:
        self.round = 1
        self.groups: dict[str, _Group] = {}
        self.own_counts: dict[str, int] = {}
        self._vetoes: dict[str, set[str]] = {}
        for tag, other in vetoes:
            self._vetoes.setdefault(fold(tag), set()).add(fold(other))
            self._vetoes.setdefault(fold(other), set()).add(fold(tag))
        for raw, count in sorted(counts.items()):
            name = fold(raw)
            group = self.groups.setdefault(name, _Group(0))
            group.count += count
            if raw == name:
                self.own_counts[name] = count
            else:
                group.members[raw] = (count, MergeRule.CASE, self.round)

    def names(self) -> list[str]:
        """Names of all groups, most frequent first."""
        return sorted(self.groups, key=lambda name: (-self.groups[name].count, name))

    def may_merge(self, one: str, other: str) -> bool:
        """Whether no name of one group is kept apart from a name of the other."""
        others = {other, *map(fold, self.groups[other].members)}
        return not any(
            self._vetoes[name] & others
            for name in {one, *map(fold, self.groups[one].members)}
            if name in self._vetoes
        )

    def merge(self, name: str, canonical: str, rule: MergeRule) -> None:
        """Put one group into another."""
        gone, kept = self.groups.pop(name), self.groups[canonical]
        kept.count += gone.count
        kept.members.update(gone.members)
        if name in self.own_counts:
            kept.members[name] = (self.own_counts[name], rule, self.round)


def _one_round(state: _State, vectors: Mapping[str, Floats], clusters: ClusterOptions) -> bool:
    before = len(state.groups)
    for rule, key in RULES:
        leaders: dict[str, list[str]] = {}
        for name in state.names():
            same = leaders.setdefault(key(name), [])
            leader = next((other for other in same if state.may_merge(name, other)), None)
            if leader is None:
                same.append(name)
            else:
                state.merge(name, leader, rule)
    _merge_by_meaning(state, vectors, clusters)
    state.round += 1
    return len(state.groups) < before


def _merge_by_meaning(
    state: _State, vectors: Mapping[str, Floats], clusters: ClusterOptions
) -> None:
    names = [name for name in state.names() if not is_protected(name)]
    if not names:
        return
    proposals = propose_merges(
        np.stack([vectors[name] for name in names]),
        clusters,
        lambda one, other: state.may_merge(names[one], names[other]),
    )
    for proposal in proposals:
        name, canonical = names[proposal.tag], names[proposal.canonical]
        # Asked again: a group that grew may now hold a name that a veto keeps away.
        if state.may_merge(name, canonical):
            state.merge(name, canonical, MergeRule.MEANING)


def _canonical_tag(name: str, group: _Group, vectors: Mapping[str, Floats]) -> CanonicalTag:
    aliases = [
        Alias(raw, count, rule, _similarity(vectors[name], vectors[fold(raw)]), number)
        for raw, (count, rule, number) in group.members.items()
    ]
    return CanonicalTag(
        name, group.count, tuple(sorted(aliases, key=lambda alias: (-alias.count, alias.name)))
    )


def _similarity(one: Floats, other: Floats) -> float:
    return round(float(one @ other), _SIMILARITY_DECIMALS)


def _counts_of(groups: Mapping[str, _Group], counts: Mapping[str, int]) -> dict[str, int]:
    raw = {member for group in groups.values() for member in group.members}
    raw |= {name for name in groups if name in counts}
    return {name: counts[name] for name in sorted(raw, key=lambda name: (-counts[name], name))}
