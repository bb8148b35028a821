"""Comparisons out, as JSON lines: a file is written whole or not at all."""

import gzip
import json
from collections.abc import Iterable
from pathlib import Path

from tagrouter.comparisons.paths import named_csv
from tagrouter.errors import InvalidInputError
from tagrouter.files import replaced_whole
from tagrouter.records import Comparison, Outcome, QueryTags


def write_comparisons(comparisons: Iterable[Comparison], path: str | Path) -> int:
    """Write comparisons as JSON lines, so that `ComparisonsImporter` reads the same ones back.

    Of query tags, names and weights are kept; which of them were reported is not.

    Args:
        comparisons: The records, written in this order.
        path: Where to; an existing file is replaced. Gzipped if it ends in ".gz".

    Returns:
        How many were written.

    Raises:
        InvalidInputError: If the name says CSV, or an outcome would be read back as another one.
        DataFileError: If the file cannot be written; what stood there before then still does.
    """
    target = Path(path)
    packed = target.name.lower().endswith(".gz")
    if named_csv(target):
        raise InvalidInputError(
            f"{target} is named like CSV, but comparisons are written as JSON lines. "
            'Name it "*.jsonl" or "*.jsonl.gz".'
        )
    # All lines first: whatever is wrong with a record shows before a file is touched.
    lines = [_line(comparison) for comparison in comparisons]
    content = b"".join(lines)
    with replaced_whole(target) as stream:
        stream.write(gzip.compress(content, mtime=0) if packed else content)
    return len(lines)


def _line(comparison: Comparison) -> bytes:
    text = json.dumps(_fields(comparison), ensure_ascii=False)
    try:
        return text.encode("utf-8") + b"\n"
    except UnicodeEncodeError:  # half a surrogate pair: JSON can say it, UTF-8 cannot
        return json.dumps(_fields(comparison)).encode("ascii") + b"\n"


def _fields(comparison: Comparison) -> dict[str, object]:
    if comparison.outcome is not Outcome.of_preference(comparison.preference):
        raise InvalidInputError(
            f"The comparison of {comparison.model!r} on {comparison.query[:60]!r} is a "
            f"{comparison.outcome} at preference {comparison.preference}, which the usual tie band "
            "reads otherwise. Build it with that band, or from the outcome alone, to save it."
        )
    fields: dict[str, object] = {
        "id": comparison.id,
        "query": comparison.query,
        "model": comparison.model,
        "reference_model": comparison.reference_model,
        "outcome": comparison.outcome.value,
        "preference": comparison.preference,
        "query_tags": _tags(comparison.query_tags),
        "cost_usd": comparison.cost_usd,
        "reference_cost_usd": comparison.reference_cost_usd,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _tags(query_tags: QueryTags | None) -> list[object] | None:
    if query_tags is None:
        return None
    if all(tag.weight == 1.0 for tag in query_tags.tags):
        return [tag.name for tag in query_tags.tags]
    return [{"name": tag.name, "weight": tag.weight} for tag in query_tags.tags]
