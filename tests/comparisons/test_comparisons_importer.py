"""Our own Comparisons format: what is read, and what is refused with file, line and remedy."""

import gzip
import json
from pathlib import Path

import pytest

from tagrouter.comparisons import ComparisonsImporter
from tagrouter.comparisons.base import DUPLICATE, JUDGED_AGAIN
from tagrouter.errors import DataFileError, TagRouterError
from tagrouter.records import Comparison, Outcome, QueryTag

LINE = {"query": "Write a haiku", "model": "small", "reference_model": "large", "outcome": "win"}


def json_lines(folder: Path, *lines: object) -> Path:
    path = folder / "comparisons.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    return path


def csv_file(folder: Path, text: str) -> Path:
    path = folder / "comparisons.csv"
    path.write_bytes(text.encode())
    return path


def read_one(path: Path) -> Comparison:
    (only,) = ComparisonsImporter().read(path).comparisons
    return only


def test_line_with_all_fields_becomes_one_comparison(tmp_path):
    line = {
        **LINE,
        "id": "q1/small",
        "preference": 0.12345678,
        "query_tags": ["poetry"],
        "cost_usd": 0.001,
        "reference_cost_usd": 1,
    }
    record = read_one(json_lines(tmp_path, line))
    assert (record.id, record.query, record.model) == ("q1/small", "Write a haiku", "small")
    assert (record.reference_model, record.cost_usd) == ("large", 0.001)
    assert record.reference_cost_usd == 1.0
    assert record.query_tags.tags == (QueryTag("poetry"),)


def test_preference_takes_precedence_over_outcome(tmp_path):
    record = read_one(json_lines(tmp_path, {**LINE, "preference": 0.1}))
    assert (record.outcome, record.preference) == (Outcome.LOSS, 0.1)


@pytest.mark.parametrize(("outcome", "preference"), [("win", 1.0), ("tie", 0.5), ("loss", 0.0)])
def test_outcome_alone_stands_for_its_preference(tmp_path, outcome, preference):
    assert read_one(json_lines(tmp_path, {**LINE, "outcome": outcome})).preference == preference


def test_weighted_tags_are_normalized_and_put_strongest_first(tmp_path):
    tags = [{"name": " Creative  Writing", "weight": 0.25}, "poetry", {"name": "haiku"}]
    record = read_one(json_lines(tmp_path, {**LINE, "query_tags": tags}))
    assert record.query_tags.reported == (
        QueryTag("poetry"),
        QueryTag("haiku"),
        QueryTag("creative writing", 0.25),
    )


def test_repeated_tag_counts_once_with_its_larger_weight(tmp_path):
    tags = [{"name": "poetry", "weight": 0.2}, {"name": "Poetry", "weight": 0.7}]
    record = read_one(json_lines(tmp_path, {**LINE, "query_tags": tags}))
    assert record.query_tags.tags == (QueryTag("poetry", 0.7),)


def test_empty_tag_list_is_not_the_same_as_no_tag_list(tmp_path):
    assert read_one(json_lines(tmp_path, {**LINE, "query_tags": []})).query_tags.tags == ()
    assert read_one(json_lines(tmp_path, LINE)).query_tags is None


def test_null_in_an_optional_field_means_absent(tmp_path):
    record = read_one(json_lines(tmp_path, {**LINE, "preference": None, "cost_usd": None}))
    assert (record.outcome, record.cost_usd) == (Outcome.WIN, None)


def test_blank_lines_and_byte_order_mark_are_passed_over(tmp_path):
    path = tmp_path / "comparisons.jsonl"
    path.write_bytes(b"\xef\xbb\xbf\n  \n" + json.dumps(LINE).encode() + b"\r\n\n")
    assert ComparisonsImporter().read(path).report.read == 1


def test_gzipped_json_lines_are_read_whatever_their_suffix(tmp_path):
    path = tmp_path / "comparisons.jsonl"
    path.write_bytes(gzip.compress(json.dumps(LINE).encode()))
    assert read_one(path).model == "small"


def test_csv_reads_numbers_tags_and_quoted_line_breaks(tmp_path):
    path = csv_file(
        tmp_path,
        "query,model,reference_model,preference,query_tags,cost_usd,id\r\n"
        '"two\r\n\r\nlines, ""quoted""",small,large,0.75,poetry; Creative writing,,7\r\n',
    )
    record = read_one(path)
    assert record.query == 'two\r\n\r\nlines, "quoted"'
    assert (record.preference, record.cost_usd, record.id) == (0.75, None, "7")
    assert [tag.name for tag in record.query_tags.tags] == ["poetry", "creative writing"]


def test_csv_reads_weighted_tags_as_a_json_list(tmp_path):
    path = csv_file(
        tmp_path,
        "query,model,reference_model,outcome,query_tags\n"
        'q,small,large,tie,"[{""name"": ""poetry"", ""weight"": 0.5}]"\n',
    )
    assert read_one(path).query_tags.tags == (QueryTag("poetry", 0.5),)


def test_gzipped_csv_is_read_as_csv(tmp_path):
    path = tmp_path / "comparisons.csv.gz"
    path.write_bytes(gzip.compress(b"query,model,reference_model,outcome\nq,small,large,loss\n"))
    assert read_one(path).outcome is Outcome.LOSS


def test_csv_and_json_lines_of_the_same_records_are_read_alike(tmp_path):
    from_json = read_one(json_lines(tmp_path, {**LINE, "query_tags": ["poetry"]}))
    from_csv = read_one(
        csv_file(
            tmp_path,
            "query,model,reference_model,outcome,preference,query_tags\n"
            "Write a haiku,small,large,win,,poetry\n",
        )
    )
    assert from_json == from_csv


def test_duplicate_counts_once_and_is_reported(tmp_path):
    imported = ComparisonsImporter().read(json_lines(tmp_path, LINE, LINE))
    assert (imported.report.read, imported.report.used) == (2, 1)
    assert imported.report.skipped == {DUPLICATE: 1}


def test_second_judgment_of_the_same_comparison_is_reported_and_the_first_counts(tmp_path):
    path = json_lines(tmp_path, LINE, {**LINE, "outcome": "loss"})
    imported = ComparisonsImporter().read(path)
    assert imported.report.skipped == {JUDGED_AGAIN: 1}
    assert imported.comparisons[0].outcome is Outcome.WIN


def test_same_comparison_with_different_ids_counts_as_often_as_it_has_ids(tmp_path):
    path = json_lines(tmp_path, {**LINE, "id": "a"}, {**LINE, "id": "b"})
    assert ComparisonsImporter().read(path).report.used == 2


def test_one_id_for_two_comparisons_is_refused(tmp_path):
    path = json_lines(tmp_path, {**LINE, "id": "q1"}, {**LINE, "id": "q1", "model": "medium"})
    with pytest.raises(DataFileError, match=r"jsonl:2: the id 'q1' has been used before .*'small'"):
        ComparisonsImporter().read(path)


def test_report_reads_as_one_line(tmp_path):
    report = ComparisonsImporter().read(json_lines(tmp_path, LINE, LINE)).report
    expected = "2 judgments read, 1 used; 1 skipped: duplicate of a comparison read before"
    assert str(report) == expected


@pytest.mark.parametrize(
    ("change", "what_the_user_needs"),
    [
        ({"query": "  "}, "'query' is '  '; every record has a text there"),
        ({"query": 5}, "'query' is 5"),
        ({"model": ""}, "'model' is ''"),
        ({"model": "large"}, "two different models"),
        ({"outcome": "Win"}, "'outcome' is 'Win'; it must be win, tie or loss"),
        ({"outcome": ["win"]}, "'outcome' is"),
        ({"outcome": None}, "neither 'outcome' nor 'preference'"),
        ({"outcome": "draw", "preference": 0.5}, "'outcome' is 'draw'"),
        ({"preference": 1.5}, "Preference 1.5 is not a number between 0 and 1"),
        ({"preference": True}, "'preference' is True; it must be a finite number"),
        ({"preference": "0.5"}, "'preference' is '0.5'; it must be a finite number"),
        ({"cost_usd": -1}, "cost_usd is -1.0; a cost is a number of at least 0"),
        ({"cost_usd": 10**400}, "'cost_usd' is 1000"),
        ({"reference_cost_usd": []}, r"'reference_cost_usd' is \[\]"),
        ({"id": " "}, "'id' is ' '; give a text or leave it out"),
        ({"query_tags": "poetry"}, "'query_tags' is 'poetry'; it must be a list of names"),
        ({"query_tags": [5]}, "A query tag is 5"),
        ({"query_tags": [{"name": "poetry", "score": 1}]}, "key of a query tag 'score'"),
        ({"query_tags": [{"name": "poetry", "weight": 0}]}, "weight 0.0; a weight is above 0"),
        ({"query_tags": [{"name": "poetry", "weight": None}]}, "weight of a query tag is None"),
        ({"winner": "small"}, "Unknown field 'winner'; known: 'cost_usd'"),
    ],
)
def test_line_in_the_middle_that_is_not_allowed_names_file_and_line(
    tmp_path, change, what_the_user_needs
):
    path = json_lines(tmp_path, {**LINE, "query": "first"}, {**LINE, **change}, LINE)
    with pytest.raises(DataFileError, match=rf"comparisons\.jsonl:2: .*{what_the_user_needs}"):
        ComparisonsImporter().read(path)


@pytest.mark.parametrize(
    ("line", "what_the_user_needs"),
    [
        ('{"query": "cut of', "not valid JSON .*Mend or remove it"),
        ("[1, 2]", "a JSON list came where a record"),
        ("null", "a JSON null came where a record"),
        ("0.5", "a JSON number came where a record"),
        ("query,model,reference_model,outcome", r"name CSV files \*\.csv"),
        ('{"preference": NaN}', "NaN is not a JSON number; write null"),
        ('{"preference": -Infinity}', "-Infinity is not a JSON number"),
        ('{"model": "a", "model": "b"}', "the key 'model' comes twice"),
        ("[" * 100_000, "not valid JSON"),
        ('{"cost_usd": ' + "9" * 5_000 + "}", "not valid JSON"),
    ],
)
def test_line_that_is_no_record_names_file_line_and_remedy(tmp_path, line, what_the_user_needs):
    path = json_lines(tmp_path, LINE, line)
    with pytest.raises(DataFileError, match=rf"comparisons\.jsonl:2: .*{what_the_user_needs}"):
        ComparisonsImporter().read(path)


@pytest.mark.parametrize("name", ["query", "model", "reference_model"])
def test_missing_required_field_is_named(tmp_path, name):
    line = {key: value for key, value in LINE.items() if key != name}
    with pytest.raises(DataFileError, match=f"jsonl:1: '{name}' is missing"):
        ComparisonsImporter().read(json_lines(tmp_path, line))


@pytest.mark.parametrize(
    ("text", "what_the_user_needs"),
    [
        ("a,b\nq,small,large\n", "csv:2: 3 cells, but the first row names 2 columns"),
        ("query,query\nq,p\n", "csv:1: column 2 is named 'query', which is blank or comes twice"),
        ("query,\nq,p\n", "csv:1: column 2 is named ''"),
        ("query;model\nq;small\n", "Unknown field 'query;model'"),
        ("query,winner\nq,\n", "Unknown field 'winner'"),
        ('query,model\n"never closed,small\nq,small\n', "csv:2: not valid CSV .*not closed"),
        ('query,model\n"closed" early,small\n', "csv:2: not valid CSV"),
        ("query,preference\nq,half\n", "csv:2: 'preference' is 'half', which is not a number"),
        ("query,preference\nq,nan\n", "csv:2: 'preference' is nan; it must be a finite number"),
        ("query,query_tags\nq,[poetry\n", "csv:2: 'query_tags' begins like a JSON list"),
        (f"query,model\n{'x' * 200_000},small\n", "csv:2: not valid CSV .*131,072 characters"),
        ("query,model\n", "holds no records"),
    ],
)
def test_broken_csv_names_file_line_and_remedy(tmp_path, text, what_the_user_needs):
    with pytest.raises(DataFileError, match=what_the_user_needs):
        ComparisonsImporter().read(csv_file(tmp_path, text))


@pytest.mark.parametrize("name", ["c.jsonl", "c.csv", "c.jsonl.gz", "c.csv.gz"])
@pytest.mark.parametrize(
    ("content", "what_the_user_needs"),
    [
        (b"", "holds no records"),
        (b"\n \n", "holds no records|blank or comes twice"),
        (gzip.compress(b""), "holds no records"),
        (gzip.compress(json.dumps(LINE).encode() * 99)[:-12], "gzip data is broken or cut off"),
        (b"\x1f\x8b rest", "gzip data is broken or cut off"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not UTF-8 text .*Save the file as UTF-8"),
        ("query,model".encode("utf-16"), "not UTF-8 text"),
    ],
)
def test_file_that_is_empty_cut_off_or_binary_is_refused_by_name(
    tmp_path, name, content, what_the_user_needs
):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataFileError, match=what_the_user_needs) as caught:
        ComparisonsImporter().read(path)
    assert str(path) in str(caught.value)


def test_endless_line_is_refused_before_it_fills_the_memory(tmp_path):
    path = tmp_path / "bomb.jsonl.gz"
    path.write_bytes(gzip.compress(b"a" * (17 * 2**20), compresslevel=1))
    with pytest.raises(DataFileError, match="a line of more than 16 MiB"):
        ComparisonsImporter().read(path)


def test_missing_file_and_folder_are_told_apart(tmp_path):
    with pytest.raises(DataFileError, match=r"There is no file .*absent\.jsonl"):
        ComparisonsImporter().read(tmp_path / "absent.jsonl")
    with pytest.raises(DataFileError, match=r"is a folder\. Give a file inside it"):
        ComparisonsImporter().read(tmp_path)


def test_impossible_file_name_is_refused():
    with pytest.raises(TagRouterError, match="cannot be a file name"):
        ComparisonsImporter().read("a\0b.jsonl")
