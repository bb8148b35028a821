"""AlpacaEval: annotations of both versions, results folders, and the one-form file."""

import json
import time
from pathlib import Path

import pytest

from tagrouter.comparisons import AlpacaEvalImporter, comparison_id
from tagrouter.comparisons.alpaca_eval import NO_PREFERENCE, OTHER_ANNOTATOR
from tagrouter.comparisons.base import NOT_ASKED_FOR, WITH_ITSELF
from tagrouter.errors import DataFileError, UnknownNameError
from tagrouter.records import Outcome


def item(preference: object = 1.5, **changes: object) -> dict[str, object]:
    return {
        "instruction": "Name a river.",
        "output_1": "Rhine",
        "generator_1": "gpt4_1106_preview",
        "output_2": "Nile",
        "generator_2": "claude-2.1",
        "annotator": "weighted_alpaca_eval_gpt4_turbo",
        "preference": preference,
        **changes,
    }


def annotations(path: Path, *items: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(items), encoding="utf-8")
    return path


def one_form(folder: Path, *lines: object) -> Path:
    path = folder / "alpaca_eval.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


ONE_FORM_LINE = {
    "id": "alpaca_eval/000",
    "query": "Name a river.",
    "source": "koala",
    "reference": "gpt4_1106_preview",
    "preference": {"claude-2.1": 0.25, "phi-2": 0.0},
}


@pytest.mark.parametrize(
    ("written", "preference", "outcome"),
    [
        (1.25, 0.25, Outcome.LOSS),
        (1.9724147156, 0.9724, Outcome.WIN),
        (1.6, 0.6, Outcome.TIE),
        (1, 0.0, Outcome.LOSS),
        (2, 1.0, Outcome.WIN),
        (1.5, 0.5, Outcome.TIE),
        (0, 0.5, Outcome.TIE),
        (2.0000000002, 1.0, Outcome.WIN),
        (0.9999999998, 0.0, Outcome.LOSS),
    ],
)
def test_preference_from_one_to_two_becomes_one_from_zero_to_one(
    tmp_path, written, preference, outcome
):
    path = annotations(tmp_path / "annotations.json", item(written))
    (only,) = AlpacaEvalImporter().read(path).comparisons
    assert (only.preference, only.outcome) == (preference, outcome)


def test_second_generator_is_the_model_and_the_first_the_reference(tmp_path):
    path = annotations(tmp_path / "annotations.json", item(1.25))
    (only,) = AlpacaEvalImporter().read(path).comparisons
    assert (only.model, only.reference_model) == ("claude-2.1", "gpt4_1106_preview")
    assert only.query == "Name a river."


def test_null_preference_and_reference_with_itself_are_skipped_with_reasons(tmp_path):
    path = annotations(
        tmp_path / "annotations.json",
        item(None),
        item(1.5, generator_2="gpt4_1106_preview"),
        item(1.5),
    )
    report = AlpacaEvalImporter().read(path).report
    assert (report.read, report.used) == (3, 1)
    assert report.skipped == {NO_PREFERENCE: 1, WITH_ITSELF: 1}


def test_file_in_which_nothing_was_judged_says_so(tmp_path):
    path = annotations(tmp_path / "annotations.json", item(None))
    with pytest.raises(DataFileError, match="gives no comparison: 1 judgments read, 0 used; 1 sk"):
        AlpacaEvalImporter().read(path)


def test_results_folder_gives_every_model_and_can_be_narrowed_to_an_annotator(tmp_path):
    for model in ("claude-2.1", "phi-2"):
        annotations(
            tmp_path / model / "weighted" / "annotations.json",
            item(1.25, generator_2=model, annotator="weighted"),
        )
    annotations(
        tmp_path / "phi-2" / "plain" / "annotations.json",
        item(2, generator_1="text_davinci_003", generator_2="phi-2", annotator="plain"),
    )
    every = AlpacaEvalImporter().read(tmp_path)
    assert [record.model for record in every.comparisons] == ["claude-2.1", "phi-2", "phi-2"]
    weighted = AlpacaEvalImporter(annotator="weighted").read(tmp_path)
    assert weighted.report.skipped == {OTHER_ANNOTATOR: 1}
    assert {record.reference_model for record in weighted.comparisons} == {"gpt4_1106_preview"}


def test_folder_without_annotations_is_refused(tmp_path):
    with pytest.raises(DataFileError, match=r"<model>/<annotator>/annotations\.json"):
        AlpacaEvalImporter().read(tmp_path)


def test_one_form_line_gives_a_comparison_a_model_with_stable_ids(tmp_path):
    imported = AlpacaEvalImporter().read(one_form(tmp_path, ONE_FORM_LINE))
    assert [(record.id, record.preference) for record in imported.comparisons] == [
        ("alpaca_eval/000/claude-2.1", 0.25),
        ("alpaca_eval/000/phi-2", 0.0),
    ]


def test_narrowing_to_models_reports_the_rest(tmp_path):
    path = one_form(tmp_path, ONE_FORM_LINE)
    imported = AlpacaEvalImporter(models=["phi-2"]).read(path)
    assert [record.model for record in imported.comparisons] == ["phi-2"]
    assert imported.report.skipped == {NOT_ASKED_FOR: 1}


def test_model_or_annotator_that_does_not_occur_is_answered_with_the_known_names(tmp_path):
    path = annotations(tmp_path / "annotations.json", item(1.25))
    with pytest.raises(UnknownNameError, match=r"model 'claude-2'; known: 'claude-2\.1'"):
        AlpacaEvalImporter(models=["claude-2"]).read(path)
    with pytest.raises(UnknownNameError, match="annotator 'plain'; known: 'weighted_alpaca"):
        AlpacaEvalImporter(annotator="plain").read(path)


@pytest.mark.parametrize(
    ("change", "what_the_user_needs"),
    [
        ({"preference": 2.01}, "'preference' is 2.01, not between 1 and 2"),
        ({"preference": 0.5}, "'preference' is 0.5, not between 1 and 2"),
        ({"preference": -1}, "'preference' is -1.0"),
        ({"preference": "1"}, "'preference' is '1'; it must be a finite number"),
        ({"instruction": ""}, "'instruction' is blank or not a text"),
        ({"generator_2": 5}, "'generator_2' is blank or not a text"),
    ],
)
def test_broken_annotation_names_file_and_item(tmp_path, change, what_the_user_needs):
    path = annotations(tmp_path / "annotations.json", item(1.25), item(**change))
    with pytest.raises(DataFileError, match=rf"annotations\.json: item 2: {what_the_user_needs}"):
        AlpacaEvalImporter().read(path)


@pytest.mark.parametrize(
    ("content", "what_the_user_needs"),
    [
        ("", "holds no records"),
        ("[]", "holds no records"),
        ("[1]", "item 1: a JSON number came where a record"),
        ('[{"instruction": "q"}]', "'generator_2' is missing; the record has instruction"),
        ('[{"instruction": "q"', "not valid JSON"),
        ('{"a": 1}', "json:1: 'query' is missing; the record has a"),
        ('[{"preference": NaN}]', "NaN is not a JSON number"),
    ],
)
def test_file_of_another_kind_is_refused(tmp_path, content, what_the_user_needs):
    path = tmp_path / "annotations.json"
    path.write_text(content)
    with pytest.raises(DataFileError, match=what_the_user_needs):
        AlpacaEvalImporter().read(path)


@pytest.mark.parametrize(
    ("preference", "what_the_user_needs"),
    [
        ({}, "not an object of at least one model"),
        (0.5, "not an object of at least one model"),
        ({"phi-2": 1.1}, "model 'phi-2': 'preference' is 1.1, not between 0 and 1"),
    ],
)
def test_broken_one_form_line_names_file_and_line(tmp_path, preference, what_the_user_needs):
    path = one_form(tmp_path, ONE_FORM_LINE, {**ONE_FORM_LINE, "preference": preference})
    with pytest.raises(DataFileError, match=rf"alpaca_eval\.jsonl:2: .*{what_the_user_needs}"):
        AlpacaEvalImporter().read(path)


@pytest.mark.parametrize(
    ("name", "reference_model", "first_preference"),
    [
        ("alpaca_eval_claude-2.1.json", "gpt4_1106_preview", 0.0001),
        ("alpaca_eval_FuseChat-Llama-3.2-3B-Instruct.json", "gpt4_1106_preview", 0.0026),
        ("alpaca_eval_v1_claude-2.json", "text_davinci_003", 1.0),
    ],
)
def test_published_annotations_of_both_versions_are_read(
    judgment_data, name, reference_model, first_preference
):
    imported = AlpacaEvalImporter().read(judgment_data / "upstream" / name)
    assert (imported.report.used, dict(imported.report.skipped)) == (12, {})
    assert imported.comparisons[0].reference_model == reference_model
    assert imported.comparisons[0].preference == first_preference


def test_published_annotations_and_the_one_form_file_agree(judgment_data):
    whole = AlpacaEvalImporter(models=["claude-2.1"]).read(judgment_data / "alpaca_eval.jsonl.gz")
    preferences = {record.query: record.preference for record in whole.comparisons}
    some = AlpacaEvalImporter().read(judgment_data / "upstream" / "alpaca_eval_claude-2.1.json")
    assert [preferences[record.query] for record in some.comparisons] == [
        record.preference for record in some.comparisons
    ]


def test_whole_one_form_file_is_read_in_seconds_without_a_skip(judgment_data):
    start = time.perf_counter()
    imported = AlpacaEvalImporter().read(judgment_data / "alpaca_eval.jsonl.gz")
    # 805 queries by 45 models less ten that were not judged; about one second on a slow machine.
    assert (imported.report.used, imported.report.read) == (36_215, 36_215)
    assert len({comparison_id(record) for record in imported.comparisons}) == 36_215
    assert time.perf_counter() - start < 20.0
