"""RouterDC's items: right, wrong, or the share of right attempts, for each model."""

import json

import pytest

from tagrouter.comparisons import RouterDCImporter
from tagrouter.errors import DataFileError, UnknownNameError
from tagrouter.records import Outcome

REFERENCE = "meta-llama/Meta-Llama-3-8B"


def item(question="How many?", **scores):
    return {"question": question, "scores": scores or {"small": 0.6, "medium": 0.9, "large": 0.7}}


def published(path, *items):
    path.write_text(json.dumps(items), encoding="utf-8")
    return path


def outcomes(imported):
    return {record.model: record.outcome for record in imported.comparisons}


def test_shares_of_right_attempts_are_compared_within_the_tie_band(tmp_path):
    path = published(tmp_path / "gsm8k.json", item())
    assert outcomes(RouterDCImporter("large").read(path)) == {
        "small": Outcome.LOSS,
        "medium": Outcome.WIN,
    }
    assert outcomes(RouterDCImporter("large", tie_band=0.15).read(path)) == {
        "small": Outcome.TIE,
        "medium": Outcome.WIN,
    }


def test_further_members_of_an_item_are_passed_over(tmp_path):
    path = published(tmp_path / "gsm8k.json", {**item(), "cluster_id": 3})
    assert RouterDCImporter("large").read(path).report.used == 2


def test_folder_is_read_in_the_order_of_its_files(tmp_path):
    published(tmp_path / "mmlu.json", item("b"))
    published(tmp_path / "arc.json", item("a"))
    imported = RouterDCImporter("large", models=["small"]).read(tmp_path)
    assert [record.query for record in imported.comparisons] == ["a", "b"]


def test_one_form_and_published_layout_give_the_same_outcomes(tmp_path):
    path = tmp_path / "one_form.jsonl"
    line = {"id": "gsm8k/1", "query": "How many?", "source": "gsm8k", "score": item()["scores"]}
    path.write_text(json.dumps(line) + "\n")
    assert outcomes(RouterDCImporter("large").read(path)) == outcomes(
        RouterDCImporter("large").read(published(tmp_path / "gsm8k.json", item()))
    )


def test_reference_model_that_nothing_scores_is_answered_with_the_known_names(tmp_path):
    path = published(tmp_path / "gsm8k.json", item())
    with pytest.raises(UnknownNameError, match="'huge'; known: 'large', 'medium', 'small'"):
        RouterDCImporter("huge").read(path)


@pytest.mark.parametrize(
    ("broken", "what_the_user_needs"),
    [
        ({"question": "q"}, "'scores' is missing; the record has question. Give a JSON file of R"),
        ({"query": "q", "scores": {}}, "'question' is missing; the record has query, scores"),
        ({"question": "q", "scores": 1}, "'scores' is missing or not an object"),
        ({"question": "q", "scores": {"small": "1"}}, "'scores' of 'small' is '1'"),
        ({"question": " ", "scores": {}}, "'question' is blank or not a text"),
    ],
)
def test_broken_item_names_file_and_position(tmp_path, broken, what_the_user_needs):
    path = published(tmp_path / "gsm8k.json", item(), broken)
    with pytest.raises(DataFileError, match=rf"gsm8k\.json: item 2: {what_the_user_needs}"):
        RouterDCImporter("large").read(path)


def test_published_items_and_the_one_form_file_agree(judgment_data):
    importer = RouterDCImporter(REFERENCE, tie_band=0.15)
    some = importer.read(judgment_data / "upstream" / "routerdc_gsm8k_train.json")
    whole = importer.read(judgment_data / "routerdc_train.jsonl.gz")
    known = {(record.query, record.model): record.outcome for record in whole.comparisons}
    assert (some.report.used, dict(some.report.skipped)) == (60, {})
    assert [known[record.query, record.model] for record in some.comparisons] == [
        record.outcome for record in some.comparisons
    ]


@pytest.mark.parametrize(("name", "items"), [("train", 5_935), ("test", 9_408)])
def test_whole_one_form_file_is_read_without_a_skip(judgment_data, name, items):
    # Seven models, six of which are compared with the seventh.
    report = RouterDCImporter(REFERENCE).read(judgment_data / f"routerdc_{name}.jsonl.gz").report
    assert (report.read, report.used) == (items * 6, items * 6)
