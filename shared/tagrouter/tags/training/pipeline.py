"""Corpus -> generator folder: what ``tagrouter train`` does, step by step."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tagrouter.errors import DataFileError
from tagrouter.tags.corpus import CorpusSplit, read_corpus, split_corpus
from tagrouter.tags.training.base_model import BaseModel, load_base_model
from tagrouter.tags.training.export import export_network, write_header, write_tag_vectors
from tagrouter.tags.training.trainer import (
    EpochReport,
    TrainedStudent,
    TrainingOptions,
    best_threshold,
    train_student,
)

# Trained on pages of 160 tokens for speed; position embeddings carry over to longer ones.
MAX_TOKENS = 256


def train_generator(
    corpus: Path,
    folder: Path,
    options: TrainingOptions,
    *,
    base: str | None = None,
    version: str = "1",
    on_step: Callable[[int, int], None] = lambda done, total: None,
    on_epoch: Callable[[EpochReport], None] = lambda report: None,
) -> dict[str, Any]:
    """Train an embedded generator and write its folder, whole or not at all.

    Args:
        corpus: File or folder of tagged queries.
        folder: Where the generator goes; it must not exist yet, or be empty.
        options: The knobs.
        base: Hub id or folder of the model to start from; the packaged MiniLM by default.
        version: Goes into profiles fitted on its tags.
        on_step: Called with (steps done, steps at most).
        on_epoch: Called after each epoch.

    Returns:
        The provenance that the folder's header holds, validation figures included.
    """
    check_free(folder)
    split = split_corpus(read_corpus(corpus))
    if not split.validation:
        raise DataFileError(
            f"The corpus at {corpus} has {len(split.train)} records, none of which falls into the "
            "validation part (one in twenty, by id). Give a corpus of a hundred records or more."
        )
    start = load_base_model(base, [record.query for record in split.train])
    trained = train_student(start, split.train, split.validation, options, on_step, on_epoch)
    return write_generator(trained, start, split, options, folder, version)


def check_free(folder: Path) -> None:
    """Refuse a folder that holds something.

    Raises:
        DataFileError: If it does.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DataFileError(f"{folder} exists and is not empty. Name another folder, or remove it.")


def write_generator(
    trained: TrainedStudent,
    base: BaseModel,
    split: CorpusSplit,
    options: TrainingOptions,
    folder: Path,
    version: str,
) -> dict[str, Any]:
    """Export a trained student; its threshold is chosen again on what the 8-bit network says.

    Args:
        trained: The student.
        base: What it started from.
        split: The corpus.
        options: How it was trained.
        folder: Where the generator goes.
        version: Goes into profiles fitted on its tags.

    Returns:
        The provenance.
    """
    from tagrouter.tags.embedded import EmbeddedGenerator

    provenance: dict[str, Any] = {
        "base_model": base.name,
        "corpus": {
            "train": len(split.train),
            "validation": len(split.validation),
            "calibration": len(split.calibration),
            "sha256": _digest(split),
        },
        "options": asdict(options),
        "epochs": [asdict(report) for report in trained.reports],
    }
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
        fresh = Path(scratch) / "new"
        fresh.mkdir()

        def header(threshold: float) -> None:
            write_header(
                fresh,
                version=version,
                tags=trained.tags,
                threshold=threshold,
                max_tokens=MAX_TOKENS,
                unknown_token_id=base.unknown_id,
                provenance=provenance,
            )

        export_network(trained.student, base.tokenizer, fresh)
        header(trained.threshold)
        queries = [record.query for record in split.validation]
        probabilities = EmbeddedGenerator(fresh).probabilities(queries)
        gold = [record.tags for record in split.validation]
        threshold, f1 = best_threshold(probabilities, gold, trained.tags)
        provenance["validation"] = {"f1": round(f1, 4), "threshold": threshold}
        header(threshold)
        write_tag_vectors(fresh)
        if folder.exists():
            folder.rmdir()
        os.replace(fresh, folder)
    return provenance


def _digest(split: CorpusSplit) -> str:
    """Hash what the generator was made from, independent of file layout."""
    digest = hashlib.sha256()
    for record in sorted((*split.train, *split.validation), key=lambda record: record.id):
        line = "\0".join((record.id, record.query, *record.tags))
        digest.update(f"{line}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
