"""What all importers share: they read foreign judgment data and account for every judgment.

An importer says how its files become rows of the Comparisons format (`Importer.rows`). Checking,
counting and the search for duplicates are written here, once.
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from tagrouter.comparisons.fields import comparison_of_fields
from tagrouter.comparisons.ids import comparison_id
from tagrouter.errors import DataFileError, InvalidInputError
from tagrouter.records import Comparison

DUPLICATE: Final = "duplicate of a comparison read before"
"""Why a comparison that comes again with the same preference is skipped."""

JUDGED_AGAIN: Final = "same comparison as one read before, judged differently (the first counts)"
"""Why a comparison that comes again with another preference is skipped."""

NOT_ASKED_FOR: Final = "a model that was not asked for"
"""Why a judgment is skipped that `models` leaves out."""

WITH_ITSELF: Final = "the reference model compared with itself"
"""Why a judgment is skipped that compares nothing."""


@dataclass(frozen=True, slots=True)
class Row:
    """One judgment in the words of the Comparisons format, not yet checked.

    Attributes:
        place: Where it stands (file and line), for messages.
        fields: Values by field name, see `tagrouter.comparisons.fields.FIELDS`.
    """

    place: str
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Skip:
    """One judgment that cannot be used, though nothing is wrong with the file.

    Attributes:
        reason: Why; the same words for the same cause, since reasons are counted.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of the judgments of a file: `read` is `used` plus all of `skipped`.

    Attributes:
        read: Judgments found.
        used: Comparisons made of them.
        skipped: How many were left out, by reason.
    """

    read: int
    used: int
    skipped: Mapping[str, int]

    def __str__(self) -> str:
        """Say it in one line, for people."""
        causes = "".join(f"; {count:,} skipped: {why}" for why, count in self.skipped.items())
        return f"{self.read:,} judgments read, {self.used:,} used{causes}"


@dataclass(frozen=True, slots=True)
class Imported:
    """What an importer gives.

    Attributes:
        comparisons: The records, in file order, each counting once.
        report: How many there were and what became of the rest.
    """

    comparisons: tuple[Comparison, ...]
    report: ImportReport


class Importer(ABC):
    """Reads one format of judgment data."""

    @abstractmethod
    def rows(self, path: Path) -> Iterator[Row | Skip]:
        """Find every judgment of a file or folder.

        Args:
            path: What the user gave.

        Yields:
            A row for each judgment that can be used, a skip for each that cannot.

        Raises:
            DataFileError: If the file is not in this format.
            InvalidInputError: If it does not hold what the importer was asked for.
        """

    def read(self, path: str | Path) -> Imported:
        """Read all comparisons of a file or folder.

        Args:
            path: What to read.

        Returns:
            The comparisons, and the account of what was read, used and skipped.

        Raises:
            DataFileError: If something is broken, contradictory, or nothing can be used.
            InvalidInputError: If it does not hold what the importer was asked for.
        """
        seen: dict[str, Comparison] = {}
        skipped: Counter[str] = Counter()
        read = 0
        for row in self.rows(Path(path)):
            read += 1
            reason = row.reason if isinstance(row, Skip) else _add(row, seen)
            if reason is not None:
                skipped[reason] += 1
        report = ImportReport(read, len(seen), MappingProxyType(dict(skipped)))
        if not seen:
            raise DataFileError(
                f"{path} gives no comparison: {report}. "
                "Give data in which the named models were judged."
            )
        return Imported(tuple(seen.values()), report)


def _add(row: Row, seen: dict[str, Comparison]) -> str | None:
    """Add the row's comparison to those seen, or say why it is skipped."""
    try:
        found = comparison_of_fields(row.fields)
    except InvalidInputError as error:
        raise DataFileError(f"{row.place}: {error}") from error
    identity = comparison_id(found)
    known = seen.setdefault(identity, found)
    if known is found:
        return None
    if _compared(known) != _compared(found):
        raise DataFileError(
            f"{row.place}: the id {identity!r} has been used before for another comparison "
            f"({known.model!r} with {known.reference_model!r}). An id names one query, model and "
            "reference model; leave 'id' out where you have none."
        )
    return DUPLICATE if known.preference == found.preference else JUDGED_AGAIN


def _compared(record: Comparison) -> tuple[str, str, str]:
    return record.query, record.model, record.reference_model
