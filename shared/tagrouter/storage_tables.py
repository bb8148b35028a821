"""The tables of a profile folder: evidence.csv, seen.csv, rules.csv. Used by `storage` alone."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from tagrouter.decision.rules import Rule, RuleKind
from tagrouter.errors import ProfileError
from tagrouter.evidence import UNIT, Evidence, ExactCounts, ModelEvidence

OVERALL: Final = "*"
_EVIDENCE_COLUMNS: Final = ("tag", "model", "wins", "ties", "losses", "preference")
_SEEN_COLUMNS: Final = ("comparison",)
_RULE_COLUMNS: Final = ("tag", "model", "rule", "why")
_HASH: Final = re.compile(r"[0-9a-f]{16}")
_SEEN_FILE: Final = re.compile(r"comparison\n(?:[0-9a-f]{16}\n)*")
_LARGEST: Final = Decimal(10) ** 15


def read_evidence(path: Path, rows: int) -> Evidence:
    """Read evidence.csv.

    Args:
        path: The file.
        rows: How many rows profile.json announces.

    Returns:
        The evidence.

    Raises:
        ProfileError: With file, line and remedy, if anything is wrong.
    """
    overall: dict[str, ExactCounts] = {}
    tags: dict[str, dict[str, ExactCounts]] = {}
    for place, cells in _read_rows(path, _EVIDENCE_COLUMNS, rows):
        tag, model = cells[0], cells[1]
        if not tag or not model:
            raise ProfileError(f"{place}: tag or model is empty. Name both.")
        wins, ties, losses = (_integer(text, UNIT, place) for text in cells[2:5])
        counts = ExactCounts(wins, ties, losses, _integer(cells[5], UNIT * UNIT, place))
        if counts.preference > (wins + ties + losses) * UNIT:
            raise ProfileError(
                f"{place}: the preference sum {cells[5]} is larger than wins, ties and losses "
                "together; a preference is at most 1. Restore or rebuild the profile."
            )
        known = overall if tag == OVERALL else tags.setdefault(model, {})
        key = model if tag == OVERALL else tag
        if key in known:
            raise ProfileError(f"{place}: tag {tag!r} of model {model!r} comes twice. Remove one.")
        known[key] = counts
    stray = sorted(set(tags) - set(overall))
    if stray:
        raise ProfileError(
            f"{path}: models without a row for tag '*' (all comparisons): {', '.join(stray)}. "
            "Restore or rebuild the profile."
        )
    return Evidence(
        {
            model: ModelEvidence(overall[model], dict(sorted(tags.get(model, {}).items())))
            for model in sorted(overall)
        }
    )


def write_evidence(evidence: Evidence, path: Path) -> None:
    """Write evidence.csv, sorted by model, then tag."""
    rows: list[tuple[str, ...]] = []
    for model, column in sorted(evidence.models.items()):
        if OVERALL in column.tags:
            raise ProfileError(
                f"Model {model!r} has counts for a tag {OVERALL!r}, which stands for all "
                "comparisons in evidence.csv. Rename the tag."
            )
        for tag, counts in ((OVERALL, column.overall), *sorted(column.tags.items())):
            numbers = [_decimal(n, UNIT) for n in (counts.wins, counts.ties, counts.losses)]
            rows.append((tag, model, *numbers, _decimal(counts.preference, UNIT * UNIT)))
    _write_rows(path, _EVIDENCE_COLUMNS, rows)


def read_seen(path: Path, rows: int) -> frozenset[str]:
    """Read seen.csv, the hashed ids of all comparisons.

    Args:
        path: The file.
        rows: How many rows profile.json announces.

    Returns:
        The hashes.

    Raises:
        ProfileError: With file, line and remedy, if anything is wrong.
    """
    with _readable(path):
        text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    if not _SEEN_FILE.fullmatch(text):  # the file is large; its lines are looked at if need be
        wrong = next((n for n, line in enumerate(lines[1:], 2) if not _HASH.fullmatch(line)), 1)
        raise ProfileError(
            f"{path}:{wrong}: after the header {_SEEN_COLUMNS[0]!r}, every line is a hash of 16 "
            "hexadecimal digits and ends with a line break. Restore or rebuild the profile."
        )
    seen = frozenset(lines[1:])
    if len(seen) != rows or len(lines) - 1 != rows:
        raise ProfileError(
            f"{path} has {len(lines) - 1} rows ({len(seen)} different), profile.json announces "
            f"{rows}. It was cut off or edited; restore or rebuild the profile."
        )
    return seen


def write_seen(seen: frozenset[str], path: Path) -> None:
    """Write seen.csv in sorted order."""
    _write_rows(path, _SEEN_COLUMNS, [(digest,) for digest in sorted(seen)])


def read_rules(path: Path, rows: int | None) -> tuple[Rule, ...]:
    """Read rules.csv; where none is announced, a missing file means no rules.

    Args:
        path: The file.
        rows: How many rows profile.json announces; None if the file was written by hand.

    Returns:
        The rules, in file order.

    Raises:
        ProfileError: With file, line and remedy, if anything is wrong.
    """
    if rows is None and not path.exists():
        return ()
    rules: list[Rule] = []
    for place, (tag, model, kind, why) in _read_rows(path, _RULE_COLUMNS, rows):
        if kind not in tuple(RuleKind) or not tag or not model:
            raise ProfileError(
                f"{place}: a rule has a tag, a model, and 'pin' or 'ban'; found "
                f"{tag!r}, {model!r}, {kind!r}."
            )
        rule = Rule(tag, model, RuleKind(kind), why)
        if any((tag, model, rule.kind) == (r.tag, r.model, r.kind) for r in rules):
            raise ProfileError(f"{place}: the rule that {rule} comes twice. Remove one.")
        rules.append(rule)
    return tuple(rules)


def write_rules(rules: Sequence[Rule], path: Path) -> None:
    """Write rules.csv in the order given."""
    rows = [(rule.tag, rule.model, str(rule.kind), rule.why) for rule in rules]
    _write_rows(path, _RULE_COLUMNS, rows)


def _write_rows(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            if any("\r" in cell for cell in row):
                # The csv module writes it bare and takes it for a line break when it reads.
                raise ProfileError(f"{row!r} holds a carriage return. Remove it.")
            writer.writerow(row)


def _read_rows(
    path: Path, columns: Sequence[str], rows: int | None
) -> Iterator[tuple[str, list[str]]]:
    found = 0
    with _readable(path):
        reader = csv.reader(_read_text(path, whole=rows is not None), strict=True)
        header = next(reader, None)
        if header != list(columns):
            raise ProfileError(
                f"{path}:1: the columns must be {','.join(columns)}; found "
                f"{','.join(header) if header else 'an empty file'}."
            )
        for cells in reader:
            place = f"{path}:{reader.line_num}"
            if len(cells) != len(columns):
                raise ProfileError(
                    f"{place}: {len(cells)} cells instead of {len(columns)}. "
                    "The file may be cut off; restore or rebuild the profile."
                )
            found += 1
            yield place, cells
    if rows is not None and found != rows:
        raise ProfileError(
            f"{path} has {found} rows, profile.json announces {rows}. It was cut off or edited: "
            'restore it, or, if the edit is meant, correct "rows" in profile.json.'
        )


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Name the file and the remedy where the system or the CSV reader refuses."""
    try:
        yield
    except FileNotFoundError as error:
        raise ProfileError(f"{path} is missing. Restore or rebuild the profile.") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ProfileError(
            f"{path} cannot be read: {error}. Restore or rebuild the profile."
        ) from error


def _read_text(path: Path, *, whole: bool) -> io.StringIO:
    with path.open(encoding="utf-8", newline="") as file:
        text = file.read()
    if whole and not text.endswith("\n"):
        # What is left of a number that was cut is a number too.
        raise ProfileError(
            f"{path} does not end with a line break: its last line was cut off. Restore or rebuild "
            "the profile."
        )
    return io.StringIO(text, newline="")


def _integer(text: str, unit: int, place: str) -> int:
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise ProfileError(
            f"{place}: {text!r} is not a number. Restore or rebuild the profile."
        ) from error
    if not value.is_finite() or value < 0 or value > _LARGEST:
        raise ProfileError(
            f"{place}: {text} is not a count; counts are finite numbers of at least 0. "
            "Restore or rebuild the profile."
        )
    scaled = value * unit
    if scaled != scaled.to_integral_value():
        decimals = len(str(unit)) - 1
        raise ProfileError(f"{place}: {text} has more than {decimals} decimals. Round it.")
    return int(scaled)


def _decimal(value: int, unit: int) -> str:
    whole, part = divmod(value, unit)
    if not part:
        return str(whole)
    return f"{whole}.{part:0{len(str(unit)) - 1}d}".rstrip("0")
