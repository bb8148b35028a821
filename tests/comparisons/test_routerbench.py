"""RouterBench's table as CSV: scores and costs for each model; pickles are refused."""

import csv
import gzip

import pytest

from tagrouter.comparisons import RouterBenchImporter
from tagrouter.comparisons.base import DUPLICATE
from tagrouter.errors import DataFileError
from tagrouter.records import Outcome


def row(prompt="['Name a river.']", **changes):
    return {
        "": "0",
        "sample_id": "geo.dev.1",
        "prompt": prompt,
        "eval_name": "geo",
        "small": "0.0",
        "maker/large": "1.0",
        "maker/large|model_response": "['Rhine']",
        "small|model_response": "['Nil']",
        "maker/large|total_cost": "0.00354",
        "small|total_cost": "7.06e-05",
        "oracle_model_to_route_to": "maker/large",
        **changes,
    }


def table(folder, *rows, name="routerbench_0shot.csv"):
    path = folder / name
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def the_only(folder, *rows):
    (only,) = RouterBenchImporter("maker/large").read(table(folder, *rows)).comparisons
    return only


def test_scores_become_an_outcome_with_both_costs(tmp_path):
    only = the_only(tmp_path, row())
    assert (only.model, only.reference_model, only.outcome) == (
        "small",
        "maker/large",
        Outcome.LOSS,
    )
    assert (only.cost_usd, only.reference_cost_usd) == (7.06e-05, 0.00354)


@pytest.mark.parametrize(
    ("prompt", "query"),
    [
        ("['Name a river.']", "Name a river."),
        ("""["It's a river.\\nWhich?", 'Another.']""", "It's a river.\nWhich?\nAnother."),
        ("Name a river.", "Name a river."),
        ("[1, 2] is what?", "[1, 2] is what?"),
        ("[1, 2]", "[1, 2]"),
        (r"['\d']", r"['\d']"),
        ("[" * 5_000, "[" * 5_000),
    ],
)
def test_texts_of_a_list_become_one_query_and_other_prompts_stay(tmp_path, prompt, query):
    assert the_only(tmp_path, row(prompt)).query == query


def test_missing_cost_and_missing_score_are_absent(tmp_path):
    changes = {"small|total_cost": "", "maker/large|total_cost": " "}
    assert the_only(tmp_path, row(**changes)).cost_usd is None
    path = table(tmp_path, row(), row("['Another.']", small=""))
    report = RouterBenchImporter("maker/large").read(path).report
    assert (report.read, report.used) == (2, 1)


def test_same_prompt_under_two_sample_ids_counts_once(tmp_path):
    path = table(tmp_path, row(), row(sample_id="geo.dev.2"))
    assert RouterBenchImporter("maker/large").read(path).report.skipped == {DUPLICATE: 1}


def test_partial_scores_within_the_tie_band_tie(tmp_path):
    path = table(tmp_path, row(small="0.9"))
    (only,) = RouterBenchImporter("maker/large", tie_band=0.15).read(path).comparisons
    assert only.outcome is Outcome.TIE


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("routerbench_0shot.pkl", b"\x80\x04\x95"),
        ("routerbench_0shot.pkl", b"BZh9"),
        ("routerbench_0shot.csv", b"\x80\x04\x95"),
        ("routerbench_0shot.pkl.gz", gzip.compress(b"\x80\x04\x95")),
    ],
)
def test_pickle_is_refused_with_the_command_that_makes_csv_of_it(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(
        DataFileError,
        match=r"is a pickle, which can run any code .*\.to_csv\(\"routerbench_0shot\.csv\"\)",
    ):
        RouterBenchImporter("maker/large").read(path)


@pytest.mark.parametrize(
    ("change", "what_the_user_needs"),
    [
        ({"small": "good"}, "csv:3: column 'small' is 'good'; it must be a finite number"),
        ({"small|total_cost": "-1"}, "csv:3: cost_usd is -1.0; a cost is a number of at least 0"),
        ({"prompt": ""}, "csv:3: 'prompt' is blank"),
    ],
)
def test_broken_row_names_file_and_line(tmp_path, change, what_the_user_needs):
    path = table(tmp_path, row(), {**row("['Another.']"), **change})
    with pytest.raises(DataFileError, match=what_the_user_needs):
        RouterBenchImporter("maker/large").read(path)


@pytest.mark.parametrize(
    ("header", "what_the_user_needs"),
    [
        ("prompt,small,large", "no column is named like 'gpt-4|total_cost'"),
        ("prompt,small,large|total_cost", "'large' is missing; the record has prompt, small"),
        ("query,small,small|total_cost", "'prompt' is missing"),
        ("prompt,,small", "column 2 is named ''"),
    ],
)
def test_table_of_another_kind_is_told_what_is_read(tmp_path, header, what_the_user_needs):
    path = tmp_path / "table.csv"
    path.write_text(f"{header}\nq,1,1\n")
    with pytest.raises(DataFileError, match=what_the_user_needs.replace("|", r"\|")):
        RouterBenchImporter("large").read(path)


def test_published_rows_give_ten_comparisons_each_with_costs(judgment_data):
    path = judgment_data / "upstream" / "routerbench_0shot.csv"
    imported = RouterBenchImporter("gpt-4-1106-preview").read(path)
    assert (imported.report.used, dict(imported.report.skipped)) == (80, {})
    assert len({record.model for record in imported.comparisons}) == 10
    assert not any(record.query.startswith("[") for record in imported.comparisons)
    first = imported.comparisons[0]
    assert (first.model, first.outcome) == ("gpt-3.5-turbo-1106", Outcome.TIE)
    assert (first.cost_usd, first.reference_cost_usd) == (0.000353, 0.00354)
