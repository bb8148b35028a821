"""What every importer keeps to: judgments are accounted for, errors are ours, inputs may be text.

The importers are found through the registry, so a new one is held to this too.
"""

import csv
import gzip
import io
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagrouter import registry
from tagrouter.comparisons import Importer
from tagrouter.comparisons.base import Imported
from tagrouter.errors import DataFileError, TagRouterError

LARGE = "large"
JUDGED = {
    "question_id": 81,
    "turn": 1,
    "judge": ["gpt-4", "single-v1"],
    "user_prompt": "[Question]\nq\n\n[The Start of Assistant's Answer]\na",
    "score": 7,
}


@dataclass(frozen=True)
class Sample:
    """A readable file of one comparison: the records of a JSON-lines file, or the rows of CSV."""

    format: str
    records: tuple[dict[str, object], ...]
    name: str = "judgments.jsonl"

    def bytes(self, *more: dict[str, object]) -> bytes:
        records = (*self.records, *more)
        if self.name.endswith(".jsonl"):
            return b"".join(json.dumps(record).encode() + b"\n" for record in records)
        written = io.StringIO()
        rows = csv.DictWriter(written, fieldnames=list(records[0]), lineterminator="\n")
        rows.writeheader()
        rows.writerows(records)
        return written.getvalue().encode()

    @property
    def next_place(self) -> str:
        return f"{self.name}:{len(self.records) + (1 if self.name.endswith('.jsonl') else 2)}: "


SAMPLES = {
    "comparisons": Sample(
        "comparisons",
        ({"query": "q", "model": "small", "reference_model": LARGE, "outcome": "win"},),
    ),
    "ratings": Sample("ratings", ({"query": "q", "ratings": {"small": 1, LARGE: 2}},)),
    "alpaca_eval": Sample(
        "alpaca_eval",
        (
            {
                "id": "a/1",
                "query": "q",
                "reference": LARGE,
                "preference": {"small": 0.1, "medium": None},
            },
        ),
    ),
    "arena": Sample(
        "arena",
        ({"id": 1, "prompt": "q", "model_a": "small", "model_b": LARGE, "winner": "tie"},),
    ),
    "arena, conversations": Sample(
        "arena",
        (
            {
                "question_id": "x",
                "turn": 1,
                "judge": "voter 1",
                "model_a": LARGE,
                "model_b": "small",
                "winner": "model_b",
                "conversation_a": [{"role": "user", "content": "q"}],
            },
        ),
    ),
    "arena, CSV": Sample(
        "arena",
        (
            {
                "id": "1",
                "model_a": "small",
                "model_b": LARGE,
                "prompt": '["q"]',
                "winner_model_a": "1",
                "winner_model_b": "0",
                "winner_tie": "0",
            },
        ),
        "judgments.csv",
    ),
    "mt_bench": Sample("mt_bench", ({**JUDGED, "model": LARGE}, {**JUDGED, "model": "small"})),
    "routellm, one form": Sample(
        "routellm", ({"id": "mmlu/1", "query": "q", "score": {"small": 1, LARGE: 0}},)
    ),
    "routellm, judgments": Sample(
        "routellm", ({**JUDGED, "model": LARGE}, {**JUDGED, "model": "small"})
    ),
    "routellm, CSV": Sample(
        "routellm", ({"prompt": "q", "small": "True", LARGE: "False"},), "judgments.csv"
    ),
    "routerbench": Sample(
        "routerbench",
        (
            {
                "": "7",
                "prompt": "['q']",
                "small": "1.0",
                LARGE: "0.0",
                "small|total_cost": "0.1",
                "large|total_cost": "0.2",
            },
        ),
        "judgments.csv",
    ),
    "routerdc": Sample(
        "routerdc", ({"id": "gsm8k/1", "query": "q", "score": {"small": 0.9, LARGE: 1}},)
    ),
}
"""One small readable file of every layout that has lines."""

samples = pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)


def build(sample: Sample) -> Importer:
    made = registry.part("importer", sample.format)
    own = sample.format in {"comparisons", "alpaca_eval"}
    importer = made() if own else made(LARGE)
    assert isinstance(importer, Importer)
    return importer


def read_bytes(sample: Sample, folder: Path, content: bytes) -> Imported:
    path = folder / sample.name
    path.write_bytes(content)
    return build(sample).read(str(path))


def test_every_registered_importer_has_a_sample():
    assert {sample.format for sample in SAMPLES.values()} == set(registry.IMPORTERS)


@samples
def test_judgments_read_are_judgments_used_plus_those_skipped(sample, tmp_path):
    imported = read_bytes(sample, tmp_path, sample.bytes(*sample.records))
    report = imported.report
    assert report.used == len(imported.comparisons) == 1
    assert report.read == report.used + sum(report.skipped.values())


@samples
def test_reading_twice_gives_the_same(sample, tmp_path):
    assert read_bytes(sample, tmp_path, sample.bytes()) == read_bytes(
        sample, tmp_path, sample.bytes()
    )


@samples
def test_gzipped_file_gives_the_same(sample, tmp_path):
    assert read_bytes(sample, tmp_path, gzip.compress(sample.bytes())) == read_bytes(
        sample, tmp_path, sample.bytes()
    )


@samples
def test_missing_file_is_named(sample):
    with pytest.raises(DataFileError, match=r"absent\.jsonl"):
        build(sample).read("absent.jsonl")


@samples
def test_pickle_is_refused_unopened_with_the_way_out(sample, tmp_path):
    for content in (b"\x80\x04N.", gzip.compress(b"\x80\x04N.")):
        with pytest.raises(DataFileError, match=r"is a pickle, .* turn it into CSV yourself"):
            read_bytes(sample, tmp_path, content)


@samples
@given(content=st.binary(max_size=200))
@settings(deadline=None)  # a busy machine is no failure
def test_random_bytes_never_give_a_foreign_error(sample, tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("random")
    for tried in (content, gzip.compress(content), b"\x1f\x8b" + content):
        with pytest.raises(TagRouterError):
            read_bytes(sample, folder, tried)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
cells = st.text(max_size=5) | st.floats().map(str) | json_values.map(json.dumps)


@samples
@given(data=st.data())
@settings(deadline=None)  # a busy machine is no failure
def test_any_value_in_any_field_is_read_or_refused_with_its_line(sample, tmp_path_factory, data):
    good = sample.records[-1]
    field = data.draw(st.sampled_from(sorted(good)))
    values = json_values if sample.name.endswith(".jsonl") else cells
    content = sample.bytes({**good, field: data.draw(values)})
    try:
        report = read_bytes(sample, tmp_path_factory.mktemp("broken"), content).report
    except TagRouterError as error:
        refusal = str(error)
    else:
        refusal = ""
        assert report.read == report.used + sum(report.skipped.values())
    assert not refusal or sample.next_place in refusal
