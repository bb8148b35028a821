"""The product: canonical tags with their aliases, as a record and as a JSON file."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from tagrouter.errors import DataFileError, InvalidInputError
from tagrouter.files import replaced_whole
from tagrouter.tags.vocabulary.rules import MergeRule, fold, singular

VOCABULARY_FORMAT_VERSION: Final = 1
_KEYS: Final = {
    "format_version": int,
    "encoder": str,
    "options": dict,
    "tags": list,
    "dropped": dict,
}
_TAG_KEYS: Final = {"name": str, "count": int, "aliases": list}
_ALIAS_KEYS: Final = {"name": str, "count": int, "rule": str, "similarity": float, "round": int}
_REMEDY: Final = "Make the file again with: tagrouter vocabulary CORPUS -o FILE"


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name of a canonical tag, and why it is one.

    Attributes:
        name: As it stands in the corpus.
        count: How often it was given there.
        rule: Why it was merged.
        similarity: Cosine similarity of its phrase vector to that of the canonical tag.
        round: In which round it was merged, from 1.
    """

    name: str
    count: int
    rule: MergeRule
    similarity: float
    round: int


@dataclass(frozen=True, slots=True)
class CanonicalTag:
    """A tag of the vocabulary.

    Attributes:
        name: The most frequent of its names.
        count: How often it was given, under all its names.
        aliases: Its other names, most frequent first.
    """

    name: str
    count: int
    aliases: tuple[Alias, ...] = ()


@dataclass(frozen=True)
class Vocabulary:
    """Canonical tags with their aliases.

    Attributes:
        tags: Most frequent first.
        dropped: Tags too rare to stay, with their counts; they are no aliases of anything.
        encoder: Where the phrase vectors came from.
        options: The numbers it was built with.
    """

    tags: tuple[CanonicalTag, ...]
    dropped: Mapping[str, int] = field(default_factory=dict)
    encoder: str = ""
    options: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check that every name stands for one tag.

        Raises:
            InvalidInputError: If a name comes twice.
        """
        names = Counter([*self._names(), *self.dropped])
        twice = sorted(name for name, n in names.items() if n > 1)
        if twice:
            raise InvalidInputError(
                f"A vocabulary has each name once; these come twice: {', '.join(twice[:5])}. "
                "Keep each as a canonical tag, as an alias of one, or as dropped."
            )

    def _names(self) -> Iterable[str]:
        for tag in self.tags:
            yield tag.name
            yield from (alias.name for alias in tag.aliases)

    @cached_property
    def aliases(self) -> dict[str, str]:
        """Every known name -> its canonical tag; canonical ones -> themselves."""
        found = {tag.name: tag.name for tag in self.tags}
        found.update({alias.name: tag.name for tag in self.tags for alias in tag.aliases})
        return found

    @cached_property
    def _by_key(self) -> dict[str, str]:
        # A key that two canonical tags share (a veto keeps them apart) answers nothing.
        owners: dict[str, set[str]] = {}
        for name, canonical in self.aliases.items():
            owners.setdefault(singular(name), set()).add(canonical)
        return {key: min(names) for key, names in owners.items() if len(names) == 1}

    def canonical(self, name: str) -> str | None:
        """Look up the canonical tag of a name.

        Args:
            name: A known name, or another writing of one (case, separators, British or American
                spelling, singular or plural).

        Returns:
            The canonical tag, or None for a name that the vocabulary does not know.
        """
        folded = fold(name)
        if folded in self.dropped:
            return None
        known = self.aliases.get(name) or self.aliases.get(folded)
        return known or self._by_key.get(singular(folded))

    def write(self, path: Path) -> None:
        """Write the vocabulary as JSON, whole or not at all.

        Args:
            path: The file.

        Raises:
            DataFileError: If the system refuses to write.
        """
        row = {
            "format_version": VOCABULARY_FORMAT_VERSION,
            "encoder": self.encoder,
            "options": dict(self.options),
            "tags": [_tag_row(tag) for tag in self.tags],
            "dropped": dict(self.dropped),
        }
        text = json.dumps(row, ensure_ascii=False, allow_nan=False, indent=1)
        with replaced_whole(path) as stream:
            stream.write(f"{text}\n".encode("utf-8", "backslashreplace"))

    @classmethod
    def read(cls, path: Path) -> "Vocabulary":
        """Read a vocabulary file.

        Args:
            path: The file.

        Returns:
            The vocabulary.

        Raises:
            DataFileError: If the file is missing, malformed or from a later version.
        """
        try:
            row = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse)
        except (OSError, ValueError) as error:
            raise DataFileError(f"{path} cannot be read as JSON: {error}. {_REMEDY}") from error
        version = row.get("format_version") if isinstance(row, dict) else None
        if version not in (None, VOCABULARY_FORMAT_VERSION):
            raise DataFileError(
                f"{path} has format version {version!r}; this release reads "
                f"{VOCABULARY_FORMAT_VERSION}. Upgrade tagrouter, or make the file again."
            )
        checked = _checked(row, _KEYS, str(path))
        _check_numbers(checked["options"], (int, float), f"{path}: options")
        _check_numbers(checked["dropped"], (int,), f"{path}: dropped")
        try:
            tags = tuple(_tag(tag, f"{path}: tags[{i}]") for i, tag in enumerate(checked["tags"]))
            return cls(tags, checked["dropped"], checked["encoder"], checked["options"])
        except InvalidInputError as error:
            raise DataFileError(f"{path}: {error}") from error


def _tag_row(tag: CanonicalTag) -> dict[str, Any]:
    aliases = [{key: getattr(alias, key) for key in _ALIAS_KEYS} for alias in tag.aliases]
    return {"name": tag.name, "count": tag.count, "aliases": aliases}


def _tag(row: object, place: str) -> CanonicalTag:
    found = _checked(row, _TAG_KEYS, place)
    aliases = tuple(_alias(alias, place) for alias in found["aliases"])
    return CanonicalTag(found["name"], found["count"], aliases)


def _alias(row: object, place: str) -> Alias:
    found = _checked(row, _ALIAS_KEYS, f"{place} ({_name_of(row)})")
    try:
        rule = MergeRule(found["rule"])
    except ValueError as error:
        allowed = ", ".join(repr(rule.value) for rule in MergeRule)
        raise DataFileError(
            f"{place}: unknown rule {found['rule']!r}; known: {allowed}. {_REMEDY}"
        ) from error
    return Alias(**{**found, "rule": rule})


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON number")


def _name_of(row: object) -> object:
    return row.get("name") if isinstance(row, dict) else row


def _checked(row: object, keys: Mapping[str, type], place: str) -> dict[str, Any]:
    if not isinstance(row, dict) or set(row) != set(keys):
        found = ", ".join(sorted(row)) if isinstance(row, dict) else type(row).__name__
        raise DataFileError(f"{place} must have {', '.join(keys)}; it has {found}. {_REMEDY}")
    for key, kind in keys.items():
        value = row[key]
        if type(value) is not kind or (isinstance(value, int) and value < 0):
            allowed = "a count" if kind is int else kind.__name__
            raise DataFileError(f"{place}: {key!r} must be {allowed}, is {value!r}. {_REMEDY}")
    return row


def _check_numbers(row: Mapping[str, object], kinds: tuple[type, ...], place: str) -> None:
    for key, value in row.items():
        if type(value) not in kinds:
            raise DataFileError(f"{place}: {key!r} must be a number, is {value!r}. {_REMEDY}")
