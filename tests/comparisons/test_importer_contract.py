"""What every importer keeps to: judgments are accounted for, errors are ours, inputs may be text.

The importers are found through the registry, so a new one is held to this too.
"""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagrouter import registry
from tagrouter.comparisons import Importer
from tagrouter.comparisons.base import Imported
from tagrouter.errors import DataFileError, TagRouterError

LARGE = "large"
GOOD_LINES: dict[str, dict[str, object]] = {
    "comparisons": {"query": "q", "model": "small", "reference_model": LARGE, "outcome": "win"},
    "ratings": {"query": "q", "ratings": {"small": 1, LARGE: 2}},
    "alpaca_eval": {
        "id": "a/1",
        "query": "q",
        "reference": LARGE,
        "preference": {"small": 0.1, "medium": None},
    },
}
"""One readable line of each JSON-lines format."""

importers = pytest.mark.parametrize("name", sorted(GOOD_LINES))


def build(name: str) -> Importer:
    made = registry.part("importer", name)
    importer = made(LARGE) if name == "ratings" else made()
    assert isinstance(importer, Importer)
    return importer


def read_bytes(name: str, folder: Path, content: bytes) -> Imported:
    path = folder / "judgments.jsonl"
    path.write_bytes(content)
    return build(name).read(str(path))


def good_bytes(name: str) -> bytes:
    return json.dumps(GOOD_LINES[name]).encode() + b"\n"


@importers
def test_judgments_read_are_judgments_used_plus_those_skipped(name, tmp_path):
    imported = read_bytes(name, tmp_path, good_bytes(name) * 2)
    report = imported.report
    assert report.used == len(imported.comparisons) == 1
    assert report.read == report.used + sum(report.skipped.values())


@importers
def test_reading_twice_gives_the_same(name, tmp_path):
    assert read_bytes(name, tmp_path, good_bytes(name)) == read_bytes(
        name, tmp_path, good_bytes(name)
    )


@importers
def test_missing_file_is_named(name):
    with pytest.raises(DataFileError, match=r"absent\.jsonl"):
        build(name).read("absent.jsonl")


@importers
@given(content=st.binary(max_size=200))
@settings(deadline=None)  # a busy machine is no failure
def test_random_bytes_never_give_a_foreign_error(name, tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("random")
    for tried in (content, gzip.compress(content), b"\x1f\x8b" + content):
        with pytest.raises(TagRouterError):
            read_bytes(name, folder, tried)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@importers
@given(data=st.data())
@settings(deadline=None)  # a busy machine is no failure
def test_any_value_in_any_field_is_read_or_refused_with_its_line(name, tmp_path_factory, data):
    field = data.draw(st.sampled_from(sorted(GOOD_LINES[name])))
    broken = {**GOOD_LINES[name], field: data.draw(json_values)}
    content = good_bytes(name) + json.dumps(broken).encode() + b"\n"
    try:
        report = read_bytes(name, tmp_path_factory.mktemp("broken"), content).report
    except TagRouterError as error:
        refusal = str(error)
    else:
        refusal = ""
        assert report.read == report.used + sum(report.skipped.values())
    assert not refusal or "judgments.jsonl:2: " in refusal
