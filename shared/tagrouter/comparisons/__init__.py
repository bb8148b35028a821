"""Judgment data in and out: importers of several formats, one writer, ids of comparisons."""

from tagrouter.comparisons.alpaca_eval import AlpacaEvalImporter
from tagrouter.comparisons.base import Imported, Importer, ImportReport, Row, Skip
from tagrouter.comparisons.comparisons import ComparisonsImporter
from tagrouter.comparisons.ids import comparison_id
from tagrouter.comparisons.ratings import RatingsImporter, outcomes_of_ratings
from tagrouter.comparisons.writing import write_comparisons

__all__ = [
    "AlpacaEvalImporter",
    "ComparisonsImporter",
    "ImportReport",
    "Imported",
    "Importer",
    "RatingsImporter",
    "Row",
    "Skip",
    "comparison_id",
    "outcomes_of_ratings",
    "write_comparisons",
]
