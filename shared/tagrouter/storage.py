"""Reads and writes profile folders; the only file of the core that does.

A profile folder holds ``profile.json``, ``evidence.csv``, ``seen.csv`` and maybe ``rules.csv``:
readable, diffable, mergeable by adding counts. Writing is whole or not at all. ``profile.json``
says how many rows the tables have, so that a table that was cut off is never taken for a whole one.
"""

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

from tagrouter.decision.base import DecisionPolicy
from tagrouter.errors import InvalidInputError, ProfileError, TagRouterError
from tagrouter.models import Model
from tagrouter.profile import GeneratorReference, Profile
from tagrouter.registry import BUNDLED_PROFILES, bundled_profile, part
from tagrouter.scores.base import TagEstimator
from tagrouter.storage_tables import (
    read_evidence,
    read_rules,
    read_seen,
    write_evidence,
    write_rules,
    write_seen,
)

FORMAT_VERSION: Final = 1
HEADER: Final = "profile.json"
EVIDENCE: Final = "evidence.csv"
SEEN: Final = "seen.csv"
RULES: Final = "rules.csv"
_COUNTED_TABLES: Final = (EVIDENCE, SEEN)

_KEYS: Final = {
    "format_version": int,
    "name": str,
    "reference_model": str,
    "default_model": str,
    "models": list,
    "estimator": dict,
    "policy": dict,
    "generator": dict,
    "rows": dict,
    "provenance": dict,
}
_MODEL_KEYS: Final = (
    "name",
    "input_usd_per_million_tokens",
    "output_usd_per_million_tokens",
    "mean_output_tokens",
)


def load_profile(profile: str | Path | Profile) -> Profile:
    """Load a profile.

    Args:
        profile: A bundled name ("tiers", "alpaca_eval"), a folder, or a profile, which is passed
            through.

    Returns:
        The profile.

    Raises:
        ProfileError: If the folder is missing, broken, truncated or from a later version.
    """
    if isinstance(profile, Profile):
        return profile
    if not isinstance(profile, str | Path):
        raise InvalidInputError(
            f"A profile is a name, a folder or a Profile, not {type(profile).__name__}."
        )
    folder = bundled_profile(profile) if profile in BUNDLED_PROFILES else Path(profile)
    try:
        return _read(folder)
    except ProfileError:
        raise
    except TagRouterError as error:
        raise ProfileError(f"{folder}: {error}") from error


def _read(folder: Path) -> Profile:
    path = folder / HEADER
    row = _read_json(path)
    models = tuple(_model(entry, path) for entry in row["models"])
    estimator = _part(row["estimator"], "estimator", path)
    policy = _part(row["policy"], "policy", path)
    generator = row["generator"]
    if set(generator) != {"name", "version"} or not all(
        isinstance(value, str) for value in generator.values()
    ):
        raise ProfileError(f'{path}: "generator" must be {{"name": str, "version": str}}.')
    rows = row["rows"]
    named = set(_COUNTED_TABLES) <= set(rows) <= {*_COUNTED_TABLES, RULES}
    if not named or not all(type(count) is int for count in rows.values()):
        raise ProfileError(
            f'{path}: "rows" must give the row counts of {", ".join(_COUNTED_TABLES)} and, if it '
            f"was saved with rules, {RULES}; found {rows!r}."
        )
    return Profile(
        name=row["name"],
        reference_model=row["reference_model"],
        default_model=row["default_model"],
        models=models,
        estimator=estimator,
        policy=policy,
        generator=GeneratorReference(generator["name"], generator["version"]),
        evidence=read_evidence(folder / EVIDENCE, rows[EVIDENCE]),
        seen=read_seen(folder / SEEN, rows[SEEN]),
        rules=read_rules(folder / RULES, rows.get(RULES)),
        provenance=row["provenance"],
    )


def _read_json(path: Path) -> dict[str, Any]:
    try:
        row = json.loads(
            path.read_text(encoding="utf-8"),
            parse_constant=_refuse_constant,
            object_pairs_hook=_refuse_doubled_keys,
        )
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ProfileError(
            f"No profile at {str(path.parent)!r}: it is neither a bundled name "
            f"({', '.join(BUNDLED_PROFILES)}) nor a folder with a profile.json. "
            "Make one with: tagrouter fit COMPARISONS -o FOLDER"
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise ProfileError(f"{path} cannot be read: {error}. Restore or rebuild it.") from error
    if not isinstance(row, dict):
        raise ProfileError(f"{path} must hold an object, not {type(row).__name__}.")
    version = row.get("format_version")
    if version != FORMAT_VERSION:
        raise ProfileError(
            f"{path} has format version {version!r}; this release reads {FORMAT_VERSION}. "
            "Upgrade tagrouter, or fit the profile again."
        )
    _check_keys(row, path)
    return row


def _check_keys(row: dict[str, Any], path: Path) -> None:
    unknown, missing = sorted(set(row) - set(_KEYS)), sorted(set(_KEYS) - set(row))
    if unknown or missing:
        raise ProfileError(
            f"{path}: unknown keys {unknown or 'none'}, missing keys {missing or 'none'}. "
            f"Its keys are {', '.join(_KEYS)}."
        )
    for key, kind in _KEYS.items():
        if not isinstance(row[key], kind):
            raise ProfileError(f"{path}: {key!r} must be {kind.__name__}, is {row[key]!r}.")


def _refuse_constant(text: str) -> float:
    raise ValueError(f"{text} is not a number that may stand here")


def _refuse_doubled_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) < len(pairs):
        keys = [key for key, _ in pairs]
        doubled = sorted({key for key in keys if keys.count(key) > 1})
        raise ValueError(f"{', '.join(map(repr, doubled))} comes twice in one object")
    return row


def _model(entry: object, path: Path) -> Model:
    if not isinstance(entry, dict) or "name" not in entry or not set(entry) <= set(_MODEL_KEYS):
        raise ProfileError(
            f"{path}: a model is an object with 'name' and, where known, "
            f"{', '.join(_MODEL_KEYS[1:])}; found {entry!r}."
        )
    return Model(**entry)


def _part(entry: dict[str, Any], kind: str, path: Path) -> Any:  # noqa: ANN401
    if (
        set(entry) != {"name", "parameters"}
        or not isinstance(entry["name"], str)
        or not isinstance(entry["parameters"], dict)
    ):
        raise ProfileError(f'{path}: {kind!r} must be {{"name": str, "parameters": object}}.')
    cls: type[TagEstimator | DecisionPolicy] = part(kind, entry["name"])
    return cls.from_parameters(entry["parameters"])


def profile_json(profile: Profile) -> dict[str, Any]:
    """Give what ``profile.json`` holds, as plain data.

    Args:
        profile: Any profile.

    Returns:
        The object, keys in file order.
    """
    rows = {
        EVIDENCE: sum(len(model.tags) + 1 for model in profile.evidence.models.values()),
        SEEN: len(profile.seen),
    }
    if profile.rules:
        rows[RULES] = len(profile.rules)
    return {
        "format_version": FORMAT_VERSION,
        "name": profile.name,
        "reference_model": profile.reference_model,
        "default_model": profile.default_model,
        "models": [
            {key: getattr(m, key) for key in _MODEL_KEYS if getattr(m, key) is not None}
            for m in profile.models
        ],
        "estimator": {"name": profile.estimator.name, "parameters": profile.estimator.parameters},
        "policy": {"name": profile.policy.name, "parameters": profile.policy.parameters},
        "generator": {"name": profile.generator.name, "version": profile.generator.version},
        "rows": rows,
        "provenance": dict(profile.provenance),
    }


def save_profile(profile: Profile, folder: str | Path) -> None:
    """Write a profile folder, whole or not at all.

    Args:
        profile: What to write.
        folder: Where; a link is followed. The files of an existing profile are replaced, whatever
            else lies in its folder stays.

    Raises:
        ProfileError: If something else is in the way, the disk refuses, or the profile holds what
            its files cannot.
    """
    try:
        target = Path(folder).resolve()
        _check_target(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as scratch:
            fresh = Path(scratch) / "new"
            fresh.mkdir()
            _write(profile, fresh)
            _keep_foreign_files(target, fresh)
            _swap(fresh, target, Path(scratch) / "old")
    except (OSError, RuntimeError, TypeError, ValueError) as error:
        # Links in a circle, a full disk; text that UTF-8 or numbers that JSON cannot hold.
        raise ProfileError(
            f"Profile {profile.name!r} cannot be written to {str(folder)!r}: {error}. Nothing was "
            "changed there. Check the path, the free space, and the profile's names and provenance."
        ) from error


def _check_target(target: Path) -> None:
    if not target.exists() or (target / HEADER).is_file():
        return
    if not target.is_dir() or any(target.iterdir()):
        raise ProfileError(
            f"{target} exists and is not a profile. Name another folder, or remove it first."
        )


def _write(profile: Profile, folder: Path) -> None:
    text = json.dumps(profile_json(profile), indent=2, ensure_ascii=False, allow_nan=False)
    (folder / HEADER).write_text(text + "\n", encoding="utf-8", newline="\n")
    write_evidence(profile.evidence, folder / EVIDENCE)
    write_seen(profile.seen, folder / SEEN)
    if profile.rules:
        write_rules(profile.rules, folder / RULES)


def _keep_foreign_files(target: Path, fresh: Path) -> None:
    """Copy what a person put beside a profile's own files: notes, figures, a repository."""
    if not target.exists():
        return
    for entry in target.iterdir():
        if entry.name in (HEADER, EVIDENCE, SEEN, RULES):
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.copytree(entry, fresh / entry.name, symlinks=True)
        else:
            shutil.copy2(entry, fresh / entry.name, follow_symlinks=False)


def _swap(fresh: Path, target: Path, old: Path) -> None:
    """Put the new folder in the old one's place; the old one returns if that fails."""
    if not target.exists():
        os.replace(fresh, target)
        return
    os.replace(target, old)
    try:
        os.replace(fresh, target)
    except OSError:
        os.replace(old, target)
        raise
    shutil.rmtree(old, ignore_errors=True)
