"""Tagged queries: what tag generators are trained and checked on.

A corpus is a JSON-lines file, or a folder of them, with one ``{"id", "query", "tags"}`` a line.
The split is a function of the id alone, so it is the same on every machine and in every year.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tagrouter.errors import DataFileError

_BUCKETS = 20
_VALIDATION_BUCKET = 0
_CALIBRATION_BUCKET = 1


@dataclass(frozen=True, slots=True)
class TaggedQuery:
    """One query with the tags a careful reader gave it.

    Attributes:
        id: Unique within the corpus.
        query: The text.
        tags: Normalized tags, main one first.
    """

    id: str
    query: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CorpusSplit:
    """The three parts of a corpus, disjoint by id.

    Attributes:
        train: What gradients see (18 of 20 buckets).
        validation: For thresholds and early stopping (1 bucket).
        calibration: Never seen by a generator; a bundled profile's theta is set on it (1 bucket).
    """

    train: tuple[TaggedQuery, ...]
    validation: tuple[TaggedQuery, ...]
    calibration: tuple[TaggedQuery, ...]


def read_corpus(path: Path) -> tuple[TaggedQuery, ...]:
    """Read a corpus file, or every ``*.jsonl`` of a folder in name order.

    Args:
        path: File or folder.

    Returns:
        The records, in file order.

    Raises:
        DataFileError: If nothing is there, a line is malformed or an id comes twice.
    """
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    if not files or not all(file.is_file() for file in files):
        raise DataFileError(
            f"No corpus at {path}. Give a JSON-lines file, or a folder with *.jsonl files, of "
            'lines like {"id": "a/1", "query": "...", "tags": ["summarization", "news"]}.'
        )
    records: list[TaggedQuery] = []
    seen: set[str] = set()
    for file in files:
        for number, record in _read_lines(file):
            if record.id in seen:
                raise DataFileError(f"{file}:{number}: id {record.id!r} comes twice. Rename one.")
            seen.add(record.id)
            records.append(record)
    if not records:
        raise DataFileError(f"The corpus at {path} has no records. Add some, one a line.")
    return tuple(records)


def _read_lines(file: Path) -> Iterator[tuple[int, TaggedQuery]]:
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield number, _parse(line, f"{file}:{number}")


def _parse(line: str, place: str) -> TaggedQuery:
    remedy = 'A corpus line is {"id": str, "query": str, "tags": [str, ...]}; mend or remove it.'
    try:
        row = json.loads(line)
    except ValueError as error:
        raise DataFileError(f"{place}: not JSON ({error}). {remedy}") from error
    if not isinstance(row, dict):
        raise DataFileError(f"{place}: {type(row).__name__} instead of an object. {remedy}")
    identifier, query, tags = row.get("id"), row.get("query"), row.get("tags")
    if not isinstance(identifier, str) or not isinstance(query, str) or not query.strip():
        raise DataFileError(f"{place}: 'id' or 'query' is missing or not text. {remedy}")
    if not isinstance(tags, list) or not tags or not all(isinstance(t, str) and t for t in tags):
        raise DataFileError(f"{place}: 'tags' must be a list of at least one tag. {remedy}")
    return TaggedQuery(identifier, query, tuple(dict.fromkeys(tags)))


def split_corpus(records: Sequence[TaggedQuery]) -> CorpusSplit:
    """Split records by a hash of their ids.

    Args:
        records: The whole corpus.

    Returns:
        The three parts, each in corpus order.
    """
    buckets = [_bucket(record.id) for record in records]
    paired = list(zip(records, buckets, strict=True))
    held_out = {_VALIDATION_BUCKET, _CALIBRATION_BUCKET}
    return CorpusSplit(
        train=tuple(r for r, b in paired if b not in held_out),
        validation=tuple(r for r, b in paired if b == _VALIDATION_BUCKET),
        calibration=tuple(r for r, b in paired if b == _CALIBRATION_BUCKET),
    )


def _bucket(identifier: str) -> int:
    digest = hashlib.sha256(identifier.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") % _BUCKETS
