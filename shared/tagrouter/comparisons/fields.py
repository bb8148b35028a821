"""The Comparisons format, one record: named fields in, a checked `Comparison` out. Pure.

Every importer speaks this format, so a value is checked here and nowhere else.
"""

import math
from collections.abc import Mapping
from typing import Final

from tagrouter.errors import InvalidInputError, UnknownNameError
from tagrouter.records import (
    WEIGHT_DECIMALS,
    Comparison,
    Outcome,
    QueryTag,
    QueryTags,
    comparison,
)

REQUIRED_FIELDS: Final = ("query", "model", "reference_model")
"""Fields that every record has; besides, it has 'outcome' or 'preference'."""

FIELDS: Final = (
    "id",
    *REQUIRED_FIELDS,
    "outcome",
    "preference",
    "query_tags",
    "cost_usd",
    "reference_cost_usd",
)
"""All fields of the Comparisons format, in the order they are written."""


def comparison_of_fields(fields: Mapping[str, object]) -> Comparison:
    """Build a comparison from the fields of the Comparisons format.

    Args:
        fields: Values by field name; an optional one may be absent or None.

    Returns:
        The record.

    Raises:
        InvalidInputError: If a field is unknown, missing or holds what it may not.
    """
    for name in fields:
        if name not in FIELDS:
            raise UnknownNameError.of("field", name, FIELDS, "Rename or remove it.")
    preference = _number(fields, "preference")
    return comparison(
        _text(fields, "query"),
        _text(fields, "model"),
        _text(fields, "reference_model"),
        outcome=_outcome(fields),
        preference=preference,
        query_tags=_query_tags(fields.get("query_tags")),
        id=_id(fields.get("id")),
        cost_usd=_number(fields, "cost_usd"),
        reference_cost_usd=_number(fields, "reference_cost_usd"),
    )


def number(value: object, name: str) -> float:
    """Check that a value is a finite number.

    Args:
        value: What was read.
        name: What to call it in the message.

    Returns:
        The number.

    Raises:
        InvalidInputError: If it is anything else.
    """
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            converted = float(value)
            if math.isfinite(converted):
                return converted
    except OverflowError:  # an integer beyond what a float holds
        pass
    raise InvalidInputError(f"{name} is {_shown(value)}; it must be a finite number.")


def _number(fields: Mapping[str, object], name: str) -> float | None:
    value = fields.get(name)
    return None if value is None else number(value, f"'{name}'")


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value.strip():
        came = f"is {_shown(value)}" if name in fields else "is missing"
        raise InvalidInputError(f"'{name}' {came}; every record has a text there.")
    return value


def _outcome(fields: Mapping[str, object]) -> Outcome | None:
    value = fields.get("outcome")
    if value is None:
        return None
    if isinstance(value, str) and value in set(Outcome):
        return Outcome(value)
    # Checked even where a preference takes precedence: a misspelled outcome shows a wrong file.
    raise InvalidInputError(f"'outcome' is {_shown(value)}; it must be win, tie or loss.")


def _id(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str) and value.strip():
        return value
    raise InvalidInputError(f"'id' is {_shown(value)}; give a text or leave it out.")


def _query_tags(value: object) -> QueryTags | None:
    if value is None:
        return None
    if not isinstance(value, list):
        raise InvalidInputError(
            f"'query_tags' is {_shown(value)}; it must be a list of names or of "
            '{"name": ..., "weight": ...}.'
        )
    tags: dict[str, QueryTag] = {}
    for entry in value:
        tag = _query_tag(entry)
        known = tags.get(tag.name)
        if known is None or tag.weight > known.weight:  # a repeated tag counts once
            tags[tag.name] = tag
    ordered = tuple(sorted(tags.values(), key=lambda tag: -tag.weight))
    return QueryTags(ordered, ordered)


def _query_tag(entry: object) -> QueryTag:
    name, weight = entry, 1.0
    if isinstance(entry, dict):
        for key in entry:
            if key not in {"name", "weight"}:
                raise UnknownNameError.of(
                    "key of a query tag", key, ("name", "weight"), "Rename or remove it."
                )
        name = entry.get("name")
        weight = number(entry.get("weight", 1.0), "the weight of a query tag")
    if not isinstance(name, str) or not name.strip():
        raise InvalidInputError(
            f'A query tag is {_shown(entry)}; it must be a name or {{"name": ..., "weight": ...}}.'
        )
    # Rounding must not push a small weight out of (0, 1].
    rounded = round(weight, WEIGHT_DECIMALS) or (10.0**-WEIGHT_DECIMALS if weight > 0 else 0.0)
    return QueryTag(" ".join(name.lower().split()), rounded)


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except ValueError:  # an integer with too many digits to print
        return "a very long number"
    return text if len(text) <= 80 else f"{text[:77]}..."
