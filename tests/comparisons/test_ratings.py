"""Ratings: outcomes follow from them, within a stated tie band."""

import json
from pathlib import Path

import pytest

from tagrouter.comparisons import RatingsImporter, outcomes_of_ratings
from tagrouter.comparisons.base import NOT_ASKED_FOR
from tagrouter.comparisons.ratings import ONLY_REFERENCE_RATED, REFERENCE_NOT_RATED
from tagrouter.errors import DataFileError, InvalidInputError, UnknownNameError
from tagrouter.records import Outcome


def rated(folder: Path, *lines: object) -> Path:
    path = folder / "ratings.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_outcomes_are_seen_from_the_model_and_equal_ratings_tie():
    outcomes = outcomes_of_ratings({"a": 8, "large": 7, "b": 7, "c": 6.5}, "large")
    assert outcomes == {"a": Outcome.WIN, "b": Outcome.TIE, "c": Outcome.LOSS}


def test_ratings_less_than_the_band_apart_tie_and_those_at_its_edge_do_not():
    ratings = {"large": 0.6, "edge": 0.8, "inside": 0.75, "below": 0.4}
    outcomes = outcomes_of_ratings(ratings, "large", tie_band=0.2)
    # 0.8 - 0.6 and 0.6 - 0.4 differ in binary; both are the edge.
    assert outcomes == {"edge": Outcome.WIN, "inside": Outcome.TIE, "below": Outcome.LOSS}


def test_reference_model_without_a_rating_is_refused_by_the_pure_function():
    with pytest.raises(UnknownNameError, match="Unknown reference model 'large'; known: 'small'"):
        outcomes_of_ratings({"small": 1}, "large")


def test_every_other_model_of_a_line_becomes_a_comparison_with_both_costs(tmp_path):
    line = {
        "query": "q",
        "ratings": {"small": 7, "medium": 9, "large": 8},
        "cost_usd": {"small": 0.001, "large": 0.02},
    }
    imported = RatingsImporter("large").read(rated(tmp_path, line))
    small, medium = imported.comparisons
    assert (small.model, small.outcome, small.preference) == ("small", Outcome.LOSS, 0.0)
    assert (small.cost_usd, small.reference_cost_usd) == (0.001, 0.02)
    assert (medium.outcome, medium.cost_usd) == (Outcome.WIN, None)


def test_tie_band_of_the_importer_is_in_rating_points(tmp_path):
    path = rated(tmp_path, {"query": "q", "ratings": {"small": 7, "large": 8}})
    (only,) = RatingsImporter("large", tie_band=1.5).read(path).comparisons
    assert only.outcome is Outcome.TIE


def test_lines_without_a_rated_reference_are_skipped_with_the_reason(tmp_path):
    path = rated(
        tmp_path,
        {"query": "p", "ratings": {"small": 7, "medium": 7}},
        {"query": "q", "ratings": {"small": 7, "large": None}},
        {"query": "r", "ratings": {"small": 7, "large": 8}},
        {"query": "s", "ratings": {"large": 8}},
        {"query": "t", "ratings": {}},
    )
    report = RatingsImporter("large").read(path).report
    assert (report.read, report.used) == (6, 1)
    assert report.skipped == {REFERENCE_NOT_RATED: 4, ONLY_REFERENCE_RATED: 1}


def test_reference_model_that_no_line_rates_is_answered_with_the_known_names(tmp_path):
    path = rated(tmp_path, {"query": "q", "ratings": {"small": 7, "large": 8}})
    with pytest.raises(UnknownNameError, match="'lrage'; known: 'large', 'small'"):
        RatingsImporter("lrage").read(path)


@pytest.mark.parametrize("tie_band", [-1.0, float("nan")])
def test_tie_band_below_zero_is_refused(tmp_path, tie_band):
    path = rated(tmp_path, {"query": "q", "ratings": {"small": 7, "large": 8}})
    with pytest.raises(InvalidInputError, match="tie_band is"):
        RatingsImporter("large", tie_band=tie_band).read(path)


@pytest.mark.parametrize(
    ("line", "what_the_user_needs"),
    [
        ({"query": "q"}, "'ratings' is missing or not an object"),
        ({"query": "q", "ratings": [7, 8]}, "'ratings' is missing or not an object"),
        ({"query": "q", "ratings": {"small": "7"}}, "'ratings' of 'small' is '7'"),
        ({"query": "q", "ratings": {"small": True}}, "'ratings' of 'small' is True"),
        ({"query": "q", "ratings": {"a": 1}, "cost_usd": {"a": "x"}}, "'cost_usd' of 'a' is 'x'"),
        ({"query": "q", "ratings": {"a": 1}, "costs": {}}, "Unknown field 'costs'"),
        ({"ratings": {"small": 7, "large": 8}}, "'query' is None"),
        ({"query": "q", "ratings": {"": 7, "large": 8}}, "'model' is ''"),
        (
            {"query": "q", "ratings": {"small": 7, "large": 8}, "cost_usd": {"small": -1}},
            "a cost is a number of at least 0",
        ),
    ],
)
def test_broken_line_names_file_and_line(tmp_path, line, what_the_user_needs):
    path = rated(tmp_path, {"query": "p", "ratings": {"small": 7, "large": 8}}, line)
    with pytest.raises(DataFileError, match=rf"ratings\.jsonl:2: .*{what_the_user_needs}"):
        RatingsImporter("large").read(path)


def test_narrowing_to_models_reports_the_rest(tmp_path):
    path = rated(tmp_path, {"query": "q", "ratings": {"small": 7, "medium": 7, "large": 8}})
    imported = RatingsImporter("large", models=["small", "large"]).read(path)
    assert [record.model for record in imported.comparisons] == ["small"]
    assert imported.report.skipped == {NOT_ASKED_FOR: 1}
    with pytest.raises(UnknownNameError, match="Unknown model 'smal'; known: 'large', 'medium'"):
        RatingsImporter("large", models=["smal"]).read(path)
