"""``tagrouter vocabulary``: merges the tags of a corpus into canonical ones with aliases."""

import argparse
import sys
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any, Final

from tagrouter.cli.output import json_line, write_lines
from tagrouter.registry import ENCODERS, part

# Training on queries drew the shipped network's tag names together: on our corpus half of its
# merges from 0.90 up are right; of a sentence encoder's that is so from 0.80 up.
_EPS: Final = {"embedded": 0.1}
_DEFAULT_EPS: Final = 0.2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("corpus", metavar="CORPUS", help="JSON-lines file, or a folder of them")
    parser.add_argument(
        "-o", "--output", required=True, metavar="O", help="vocabulary to write, *.json"
    )
    parser.add_argument("--report", metavar="F", help="also write what was merged, *.md")
    parser.add_argument(
        "--aliases", metavar="F", help="also write {raw tag: canonical tag}, *.json"
    )
    parser.add_argument(
        "--vetoes", metavar="F", help="CSV with tag,canonical: pairs that must not be merged"
    )
    parser.add_argument(
        "--encoder",
        default="embedded",
        metavar="E",
        help=f"one of {', '.join(ENCODERS)}, or the folder of a sentence-transformers or BERT "
        "model such as PhraseBERT",
    )
    parser.add_argument(
        "--min-count", type=int, default=5, metavar="N", help="drop rarer tags (default 5)"
    )
    parser.add_argument(
        "--eps",
        type=float,
        metavar="X",
        help=f"largest cosine distance of a merge (default {_DEFAULT_EPS}; "
        f"{_EPS['embedded']} with the embedded encoder)",
    )
    parser.add_argument(
        "--min-samples",
        type=int,
        default=2,
        metavar="N",
        help="tags that make a cluster (default 2)",
    )


def run(args: argparse.Namespace) -> int:
    """Build the vocabulary, write it and its report."""
    from tagrouter.tags.corpus import read_corpus
    from tagrouter.tags.vocabulary.clusters import ClusterOptions
    from tagrouter.tags.vocabulary.pipeline import VocabularyOptions, build_vocabulary
    from tagrouter.tags.vocabulary.report import merge_report
    from tagrouter.tags.vocabulary.vetoes import read_vetoes

    eps = _EPS.get(args.encoder, _DEFAULT_EPS) if args.eps is None else args.eps
    clusters = ClusterOptions(eps, round(1 - eps, 6), args.min_samples)
    vetoes = read_vetoes(Path(args.vetoes)) if args.vetoes else ()
    records = read_corpus(Path(args.corpus))
    encoder = _encoder(args.encoder)
    vocabulary = build_vocabulary(
        Counter(tag for record in records for tag in record.tags),
        encoder,
        VocabularyOptions(args.min_count, clusters),
        vetoes,
        encoder_name=getattr(encoder, "name", args.encoder),
    )
    vocabulary.write(Path(args.output))
    if args.report:
        together = Counter(
            frozenset(pair) for record in records for pair in combinations(record.tags, 2)
        )
        report = merge_report(vocabulary, together=together, vetoes=vetoes)
        write_lines(report.splitlines(), args.report)
    if args.aliases:
        write_lines([json_line(dict(sorted(vocabulary.aliases.items())))], args.aliases)
    sys.stderr.write(
        f"{len(vocabulary.tags):,} canonical tags with "
        f"{len(vocabulary.aliases) - len(vocabulary.tags):,} aliases written to {args.output}; "
        f"{len(vocabulary.dropped):,} rare tags dropped\n"
    )
    return 0


def _encoder(name: str) -> Any:  # noqa: ANN401 - any phrase encoder
    if name in ENCODERS or not Path(name).is_dir():
        return part("encoder", name)()
    return part("encoder", "transformers")(name)
