"""``tagrouter train``: trains an embedded tag generator on a corpus of tagged queries."""

import argparse
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from tagrouter.cli.output import progress, write_lines
from tagrouter.errors import InvalidInputError, MissingExtraError

if TYPE_CHECKING:
    from tagrouter.tags.training.trainer import EpochReport


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("corpus", metavar="CORPUS", help="JSON-lines file, or a folder of them")
    parser.add_argument(
        "-o", "--output", required=True, metavar="GENERATOR", help="folder to write"
    )
    parser.add_argument("--student", default="embedded", help="only 'embedded' so far")
    parser.add_argument("--base", metavar="MODEL", help="BERT-shaped model to start from: a folder")
    parser.add_argument("--epochs", type=int, metavar="N")
    parser.add_argument("--batch-size", type=int, metavar="N")
    parser.add_argument("--learning-rate", type=float, metavar="X")
    parser.add_argument("--min-tag-count", type=int, metavar="N")
    parser.add_argument("--seed", type=int, metavar="N")
    parser.add_argument(
        "--generator-version", default="1", metavar="V", help="goes into profiles fitted on it"
    )


def run(args: argparse.Namespace) -> int:
    """Train with a progress bar and write the generator folder."""
    if args.student != "embedded":
        raise InvalidInputError(
            f"--student {args.student!r} is not known; only 'embedded' can be trained so far."
        )
    try:
        from tagrouter.tags.training.pipeline import train_generator
        from tagrouter.tags.training.trainer import TrainingOptions
    except ModuleNotFoundError as error:
        raise MissingExtraError.of("Training", error.name or "torch", "train") from error
    given = {
        entry.name: getattr(args, entry.name)
        for entry in fields(TrainingOptions)
        if getattr(args, entry.name, None) is not None
    }
    with progress("training") as report:

        def on_epoch(epoch: "EpochReport") -> None:
            better = "best so far" if epoch.improved else "not better"
            report.say(
                f"epoch {epoch.epoch}: loss {epoch.loss:.3f}, validation F1 {epoch.f1:.4f} at "
                f"threshold {epoch.threshold:.2f} ({better})"
            )

        provenance = train_generator(
            Path(args.corpus),
            Path(args.output),
            TrainingOptions(**given),
            base=args.base,
            version=args.generator_version,
            on_step=report,
            on_epoch=on_epoch,
        )
    figures = provenance["validation"]
    write_lines(
        [
            f"Generator written to {args.output}: validation F1 {figures['f1']:.4f} at reporting "
            f"threshold {figures['threshold']:.2f}."
        ],
        None,
    )
    return 0
