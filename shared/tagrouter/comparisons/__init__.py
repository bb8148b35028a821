"""Judgment data in and out: importers of several formats, one writer, ids of comparisons."""

from tagrouter.comparisons.alpaca_eval import AlpacaEvalImporter
from tagrouter.comparisons.arena import ArenaImporter
from tagrouter.comparisons.base import Imported, Importer, ImportReport, Row, Skip
from tagrouter.comparisons.comparisons import ComparisonsImporter
from tagrouter.comparisons.ids import comparison_id
from tagrouter.comparisons.mt_bench import MTBenchImporter
from tagrouter.comparisons.ratings import (
    Rated,
    RatedImporter,
    RatingsImporter,
    outcomes_of_ratings,
)
from tagrouter.comparisons.routellm import RouteLLMImporter
from tagrouter.comparisons.routerbench import RouterBenchImporter
from tagrouter.comparisons.routerdc import RouterDCImporter
from tagrouter.comparisons.writing import write_comparisons

__all__ = [
    "AlpacaEvalImporter",
    "ArenaImporter",
    "ComparisonsImporter",
    "ImportReport",
    "Imported",
    "Importer",
    "MTBenchImporter",
    "Rated",
    "RatedImporter",
    "RatingsImporter",
    "RouteLLMImporter",
    "RouterBenchImporter",
    "RouterDCImporter",
    "Row",
    "Skip",
    "comparison_id",
    "outcomes_of_ratings",
    "write_comparisons",
]
