"""Writing: what is written is read back the same, and a failure leaves no trace."""

import dataclasses
import gzip
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagrouter.comparisons import ComparisonsImporter, comparison_id, write_comparisons
from tagrouter.errors import DataFileError, InvalidInputError
from tagrouter.files import replaced_whole
from tagrouter.records import Comparison, Outcome, QueryTag, QueryTags, comparison

SIMPLE = comparison("q", "small", "large", outcome="win")
names = st.text(min_size=1).filter(str.strip)
costs = st.none() | st.floats(min_value=0.0, allow_infinity=False)


@st.composite
def tag_lists(draw: st.DrawFn) -> QueryTags:
    weights = st.integers(min_value=1, max_value=10_000).map(lambda number: number / 10_000)
    drawn = draw(st.dictionaries(st.sampled_from(["poetry", "code", "math"]), weights))
    tags = tuple(QueryTag(*pair) for pair in sorted(drawn.items(), key=lambda pair: -pair[1]))
    return QueryTags(tags, tags)


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    model, reference_model = draw(st.lists(names, min_size=2, max_size=2, unique=True))
    return comparison(
        draw(names),
        model,
        reference_model,
        preference=draw(st.floats(min_value=0.0, max_value=1.0)),
        query_tags=draw(st.none() | tag_lists()),
        id=draw(st.none() | names),
        cost_usd=draw(costs),
        reference_cost_usd=draw(costs),
    )


@given(records=st.lists(comparisons(), min_size=1, max_size=5, unique_by=comparison_id))
@settings(deadline=None)  # a busy machine is no failure
def test_what_is_written_is_read_back_the_same(tmp_path_factory, records):
    path = tmp_path_factory.mktemp("written") / "comparisons.jsonl"
    assert write_comparisons(records, path) == len(records)
    assert ComparisonsImporter().read(path).comparisons == tuple(records)


def test_query_that_utf8_cannot_encode_survives(tmp_path):
    record = dataclasses.replace(SIMPLE, query="half a pair \ud83d and \u2028 a line")
    write_comparisons([record], tmp_path / "c.jsonl")
    assert ComparisonsImporter().read(tmp_path / "c.jsonl").comparisons == (record,)


def test_line_shows_what_is_known_and_nothing_else(tmp_path):
    write_comparisons([SIMPLE], tmp_path / "c.jsonl")
    assert (tmp_path / "c.jsonl").read_text() == (
        '{"query": "q", "model": "small", "reference_model": "large", "outcome": "win", '
        '"preference": 1.0}\n'
    )


def test_gz_suffix_packs_the_same_bytes_each_time(tmp_path):
    write_comparisons([SIMPLE], tmp_path / "a.jsonl.gz")
    write_comparisons([SIMPLE], tmp_path / "b.jsonl.gz")
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()
    assert b'"small"' in gzip.decompress((tmp_path / "a.jsonl.gz").read_bytes())


def test_existing_file_is_replaced_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "c.jsonl"
    path.write_text("old")
    path.chmod(0o640)
    write_comparisons([SIMPLE], path)
    assert [file.name for file in tmp_path.iterdir()] == ["c.jsonl"]
    assert "old" not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o640


def test_link_keeps_pointing_at_the_file_that_is_replaced(tmp_path):
    (tmp_path / "folder").mkdir()
    target = tmp_path / "folder" / "real.jsonl"
    target.write_text("old")
    (tmp_path / "link.jsonl").symlink_to(target)
    write_comparisons([SIMPLE], tmp_path / "link.jsonl")
    assert (tmp_path / "link.jsonl").is_symlink()
    assert '"small"' in target.read_text()


def test_failure_halfway_keeps_the_old_file_and_leaves_nothing_behind(tmp_path):
    path = tmp_path / "c.jsonl"
    path.write_text("old")

    def stop_halfway() -> None:
        with replaced_whole(path) as stream:
            stream.write(b"new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop_halfway()
    assert [file.name for file in tmp_path.iterdir()] == ["c.jsonl"]
    assert path.read_text() == "old"


def test_failure_of_the_source_touches_no_file(tmp_path):
    def source():
        yield SIMPLE
        raise RuntimeError("the judge went away")

    with pytest.raises(RuntimeError, match="went away"):
        write_comparisons(source(), tmp_path / "c.jsonl")
    assert list(tmp_path.iterdir()) == []


def test_outcome_of_another_tie_band_is_not_written_to_be_read_otherwise(tmp_path):
    record = comparison("q", "small", "large", preference=0.6, tie_band=0.05)
    assert record.outcome is Outcome.WIN
    with pytest.raises(InvalidInputError, match=r"is a win at preference 0\.6, which the usual"):
        write_comparisons([record], tmp_path / "c.jsonl")


def test_csv_name_is_refused_since_it_would_be_read_as_csv(tmp_path):
    with pytest.raises(InvalidInputError, match="written as JSON lines"):
        write_comparisons([SIMPLE], tmp_path / "c.csv")


def test_folder_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(DataFileError, match=r"absent/c\.jsonl cannot be written \(No such file"):
        write_comparisons([SIMPLE], tmp_path / "absent" / "c.jsonl")


def test_folder_or_device_in_place_of_a_file_is_refused(tmp_path):
    for path in (tmp_path, Path(os.devnull)):
        with pytest.raises(DataFileError, match="is not a regular file"):
            write_comparisons([SIMPLE], path)
