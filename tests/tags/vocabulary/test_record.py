"""The vocabulary as a record and as a file."""

import json

import pytest

from tagrouter import DataFileError, InvalidInputError
from tagrouter.tags.vocabulary.record import Alias, CanonicalTag, Vocabulary
from tagrouter.tags.vocabulary.rules import MergeRule


def poetry(**changes) -> Vocabulary:
    verse = Alias("verse", 3, MergeRule.MEANING, 0.875, 1)
    tags = (
        CanonicalTag("poetry", 12, (verse,)),
        CanonicalTag("logical fallacies", 7),
        CanonicalTag("c#", 5),
    )
    return Vocabulary(
        **{"tags": tags, "dropped": {"lute": 2}, "encoder": "fake", "options": {"eps": 0.2}}
        | changes
    )


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("poetry", "poetry"),
        ("verse", "poetry"),
        ("Verses", "poetry"),
        ("Logical-Fallacy", "logical fallacies"),
        ("C#", "c#"),
        ("c", None),
        ("lute", None),
        ("juggling", None),
    ],
)
def test_any_writing_of_a_known_name_finds_its_canonical_tag(name, canonical):
    assert poetry().canonical(name) == canonical


def test_writing_that_two_tags_share_is_not_guessed():
    rates = Vocabulary((CanonicalTag("rate", 5), CanonicalTag("rates", 5)))
    assert (rates.canonical("rates"), rates.canonical("ra-tes")) == ("rates", None)


def test_canonical_tags_are_aliases_of_themselves():
    assert poetry().aliases == {
        "poetry": "poetry",
        "verse": "poetry",
        "logical fallacies": "logical fallacies",
        "c#": "c#",
    }


def test_file_gives_back_what_was_written(tmp_path):
    poetry().write(tmp_path / "v.json")
    assert Vocabulary.read(tmp_path / "v.json") == poetry()


def test_name_cannot_stand_for_two_tags():
    with pytest.raises(InvalidInputError, match="come twice: verse"):
        poetry(dropped={"verse": 1})


def broken(tmp_path, change):
    path = tmp_path / "v.json"
    poetry().write(path)
    row = json.loads(path.read_text(encoding="utf-8"))
    change(row)
    path.write_text(json.dumps(row), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda row: row.update(format_version=2), "Upgrade tagrouter"),
        (lambda row: row.update(extra=1), "must have format_version, encoder"),
        (lambda row: row.pop("tags"), "must have format_version, encoder"),
        (lambda row: row.update(tags={}), "'tags' must be list"),
        (lambda row: row.update(dropped={"x": "many"}), "'x' must be a number"),
        (lambda row: row.update(dropped={"poetry": 1}), "come twice: poetry"),
        (lambda row: row["tags"].append("poetry"), r"tags\[3\] must have name, count"),
        (lambda row: row["tags"][0].update(count=-1), "'count' must be a count"),
        (lambda row: row["tags"][0].update(count=True), "'count' must be a count"),
        (lambda row: row["tags"][0]["aliases"][0].update(rule="mood"), "unknown rule 'mood'"),
        (lambda row: row["tags"][0]["aliases"][0].update(similarity=float("nan")), "NaN"),
    ],
)
def test_broken_file_is_refused_with_place_and_remedy(tmp_path, change, message):
    with pytest.raises(DataFileError, match=message):
        Vocabulary.read(broken(tmp_path, change))


def test_missing_file_is_named(tmp_path):
    with pytest.raises(DataFileError, match=r"absent\.json cannot be read"):
        Vocabulary.read(tmp_path / "absent.json")
