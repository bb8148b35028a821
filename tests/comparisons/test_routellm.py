"""RouteLLM's responses: CSV of right and wrong answers, judgments, and the one-form files."""

import json

import pytest

from tagrouter.comparisons import RouteLLMImporter
from tagrouter.comparisons.base import DUPLICATE
from tagrouter.errors import DataFileError, UnknownNameError
from tagrouter.records import Outcome

LARGE, SMALL = "gpt-4-1106-preview", "mistralai/Mixtral-8x7B-Instruct-v0.1"


def responses(path, *rows):
    path.write_text(f"prompt,{SMALL},{LARGE}\n" + "".join(f"{row}\n" for row in rows))
    return path


def test_right_against_wrong_is_a_win_and_equals_tie(tmp_path):
    path = responses(tmp_path / "mmlu_law.csv", "a,True,False", "b,True,True", "c,False,True")
    imported = RouteLLMImporter().read(path)
    assert [(found.query, found.outcome) for found in imported.comparisons] == [
        ("a", Outcome.WIN),
        ("b", Outcome.TIE),
        ("c", Outcome.LOSS),
    ]
    assert {(found.model, found.reference_model) for found in imported.comparisons} == {
        (SMALL, LARGE)
    }


def test_answers_beside_the_scores_are_no_models(tmp_path):
    path = tmp_path / "gsm8k_responses.csv"
    path.write_text(
        f"prompt,{SMALL},{LARGE},{SMALL}_response,{LARGE}_response\n"
        '"How many?\nTell.",True,False,"It is, all in all,\n""8"".",Nine\n'
    )
    (only,) = RouteLLMImporter().read(path).comparisons
    assert (only.query, only.model, only.outcome) == ("How many?\nTell.", SMALL, Outcome.WIN)


def test_folder_of_subjects_is_read_in_order_and_a_repeated_query_is_told(tmp_path):
    responses(tmp_path / "mmlu_law.csv", "a,True,False", "b,True,True")
    responses(tmp_path / "mmlu_art.csv", "b,True,True", "c,False,True")
    imported = RouteLLMImporter().read(tmp_path)
    assert [found.query for found in imported.comparisons] == ["b", "c", "a"]
    assert imported.report.skipped == {DUPLICATE: 1}


def test_folder_without_csv_is_refused(tmp_path):
    with pytest.raises(DataFileError, match=r"No \*\.csv in the folder"):
        RouteLLMImporter().read(tmp_path)


def test_reference_model_can_be_named(tmp_path):
    path = responses(tmp_path / "mmlu_law.csv", "a,True,False")
    (only,) = RouteLLMImporter(SMALL).read(path).comparisons
    assert (only.model, only.outcome) == (LARGE, Outcome.LOSS)


def test_empty_cell_was_not_judged(tmp_path):
    path = responses(tmp_path / "mmlu_law.csv", "a,True,", "b,True,True")
    report = RouteLLMImporter().read(path).report
    assert (report.read, report.used) == (2, 1)


def test_one_form_items_of_the_same_text_count_each_by_its_id(tmp_path):
    path = tmp_path / "mmlu.jsonl"
    items = [{"id": f"mmlu/{n}", "query": "q", "score": {SMALL: 0.0, LARGE: 1.0}} for n in (1, 2)]
    path.write_text("".join(json.dumps(item) + "\n" for item in items))
    imported = RouteLLMImporter().read(path)
    assert [found.id for found in imported.comparisons] == [
        f"mmlu/1/{SMALL}/{LARGE}",
        f"mmlu/2/{SMALL}/{LARGE}",
    ]


@pytest.mark.parametrize(
    ("content", "what_the_user_needs"),
    [
        ("question,a\nq,True\n", "csv:2: 'prompt' is missing; the record has question, a. Give R"),
        ("prompt\nq\n", "csv:2: no column but 'prompt' holds a model's score"),
        (f"prompt,{LARGE}\nq,maybe\n", f"column '{LARGE}' is 'maybe'; it must be a finite number"),
        (f"prompt,{LARGE}\nq,nan\n", f"column '{LARGE}' is 'nan'; it must be a finite number"),
        (f"prompt,row,{LARGE}\nq,2,True\n", "csv:2: column 'row' holds 2, not a score from 0 to 1"),
        (f"prompt,{LARGE}\n ,True\n", "csv:2: 'prompt' is blank"),
    ],
)
def test_broken_responses_are_refused(tmp_path, content, what_the_user_needs):
    path = tmp_path / "mmlu.csv"
    path.write_text(content)
    with pytest.raises(DataFileError, match=what_the_user_needs):
        RouteLLMImporter().read(path)


@pytest.mark.parametrize(
    ("change", "what_the_user_needs"),
    [
        ({"rating": {LARGE: 1}}, "the line has both 'score' and 'rating'; it must have one"),
        ({"score": [1, 2]}, "'score' is missing or not an object"),
        ({"score": {LARGE: "1"}}, f"'score' of '{LARGE}' is '1'; it must be a finite number"),
        ({"query": None}, "'query' is blank or not a text"),
        ({"id": 5}, "'id' is blank or not a text"),
    ],
)
def test_broken_one_form_line_names_file_and_line(tmp_path, change, what_the_user_needs):
    item = {"id": "mmlu/1", "query": "q", "score": {SMALL: 0.0, LARGE: 1.0}}
    path = tmp_path / "mmlu.jsonl"
    path.write_text(f"{json.dumps(item)}\n{json.dumps({**item, **change})}\n")
    with pytest.raises(DataFileError, match=rf"mmlu\.jsonl:2: {what_the_user_needs}"):
        RouteLLMImporter().read(path)


def test_reference_model_that_is_not_there_is_answered_with_the_known_names(tmp_path):
    path = tmp_path / "mmlu.csv"
    path.write_text("prompt,mini,maxi\nq,True,False\n")
    with pytest.raises(UnknownNameError, match=f"model '{LARGE}'; known: 'maxi', 'mini'"):
        RouteLLMImporter().read(path)


@pytest.mark.parametrize(
    ("sample", "whole"),
    [
        ("routellm_gsm8k_responses.csv", "routellm_gsm8k.jsonl.gz"),
        ("routellm_mmlu_abstract_algebra.csv", "routellm_mmlu.jsonl.gz"),
    ],
)
def test_published_responses_and_the_one_form_file_agree(judgment_data, sample, whole):
    some = RouteLLMImporter().read(judgment_data / "upstream" / sample)
    everything = RouteLLMImporter().read(judgment_data / whole).comparisons
    outcomes = {record.query: record.outcome for record in everything}
    assert (some.report.used, dict(some.report.skipped)) == (12, {})
    assert [outcomes[record.query] for record in some.comparisons] == [
        record.outcome for record in some.comparisons
    ]


@pytest.mark.parametrize(("name", "count"), [("mmlu", 14_042), ("gsm8k", 1_319), ("mt_bench", 160)])
def test_whole_one_form_file_is_read_without_a_skip(judgment_data, name, count):
    report = RouteLLMImporter().read(judgment_data / f"routellm_{name}.jsonl.gz").report
    assert (report.read, report.used) == (count, count)
