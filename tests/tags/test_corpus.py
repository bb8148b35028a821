"""Tagged queries are read and split."""

import json
from pathlib import Path

import pytest

from tagrouter import DataFileError
from tagrouter.tags.corpus import TaggedQuery, read_corpus, split_corpus

GOOD = {"id": "a/1", "query": "a poem", "tags": ["poetry"]}


def written(path: Path, *rows: object) -> Path:
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_records_come_in_file_order_and_blank_lines_do_not_count(tmp_path):
    path = written(tmp_path / "c.jsonl", GOOD, "", {**GOOD, "id": "a/2", "tags": ["a", "b", "a"]})
    assert read_corpus(path) == (
        TaggedQuery("a/1", "a poem", ("poetry",)),
        TaggedQuery("a/2", "a poem", ("a", "b")),
    )


def test_folder_is_read_in_name_order(tmp_path):
    written(tmp_path / "b.jsonl", {**GOOD, "id": "b"})
    written(tmp_path / "a.jsonl", {**GOOD, "id": "a"})
    assert [record.id for record in read_corpus(tmp_path)] == ["a", "b"]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("{", "not JSON"),
        ("[1]", "list instead of an object"),
        ({**GOOD, "id": 3}, "'id' or 'query' is missing"),
        ({**GOOD, "query": " "}, "'id' or 'query' is missing"),
        ({**GOOD, "tags": []}, "'tags' must be a list"),
        ({**GOOD, "tags": [1]}, "'tags' must be a list"),
    ],
)
def test_broken_line_is_named_with_its_number(tmp_path, row, says):
    path = written(tmp_path / "c.jsonl", GOOD, row)
    with pytest.raises(DataFileError, match=rf"c\.jsonl:2: .*{says}.*mend or remove it"):
        read_corpus(path)


def test_repeated_id_is_refused(tmp_path):
    with pytest.raises(DataFileError, match=r"c\.jsonl:2: id 'a/1' comes twice"):
        read_corpus(written(tmp_path / "c.jsonl", GOOD, GOOD))


def test_missing_and_empty_corpora_are_refused(tmp_path):
    with pytest.raises(DataFileError, match="No corpus at"):
        read_corpus(tmp_path / "nowhere")
    with pytest.raises(DataFileError, match="has no records"):
        read_corpus(written(tmp_path / "c.jsonl"))


def test_split_is_disjoint_whole_and_a_function_of_the_id():
    records = [TaggedQuery(f"a/{n}", "q", ("t",)) for n in range(1000)]
    split = split_corpus(records)
    parts = [split.train, split.validation, split.calibration]
    assert sorted(r.id for part in parts for r in part) == sorted(r.id for r in records)
    # One bucket of twenty each; binomial, with standard deviation 7.
    assert 20 < len(split.validation) < 80
    assert 20 < len(split.calibration) < 80
    assert split_corpus(records[:10]).train == tuple(
        record for record in records[:10] if record in split.train
    )
