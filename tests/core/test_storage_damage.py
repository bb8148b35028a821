"""A damaged profile is refused with file, line and remedy; it is never taken for another one."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tagrouter import (
    InvalidInputError,
    ProfileError,
    TagRouter,
    load_profile,
    save_profile,
)
from tests.core.test_storage import full_profile

FILES = ("profile.json", "evidence.csv", "seen.csv", "rules.csv")


@pytest.fixture
def saved(tmp_path) -> Path:
    save_profile(full_profile(), tmp_path / "p")
    return tmp_path / "p"


def is_refused_or_the_same(folder: Path) -> bool:
    try:
        return load_profile(folder) == full_profile()
    except ProfileError:
        return True


@pytest.mark.parametrize("name", FILES)
def test_file_cut_off_anywhere_is_never_a_wrong_profile(saved, name):
    whole = (saved / name).read_bytes()
    wrong = []
    for length in range(len(whole)):
        (saved / name).write_bytes(whole[:length])
        if not is_refused_or_the_same(saved):
            wrong.append(length)
    assert wrong == []


@pytest.mark.parametrize("name", FILES[1:])
def test_any_missing_line_of_a_table_is_found_out(saved, name):
    lines = (saved / name).read_bytes().splitlines(keepends=True)
    for number in range(len(lines)):
        (saved / name).write_bytes(b"".join(lines[:number] + lines[number + 1 :]))
        with pytest.raises(ProfileError):
            load_profile(saved)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"\0" * 64, b"<html></html>\n"])
def test_foreign_content_is_refused_with_file_and_remedy(saved, name, content):
    (saved / name).write_bytes(content)
    with pytest.raises(ProfileError, match=name.replace(".", r"\.")):
        load_profile(saved)


@pytest.mark.parametrize("name", FILES[1:])
def test_missing_table_is_named(saved, name):
    (saved / name).unlink()
    with pytest.raises(ProfileError, match=f"{name} is missing. Restore or rebuild"):
        load_profile(saved)


@pytest.mark.parametrize("name", FILES)
def test_folder_in_a_files_place_is_refused(saved, name):
    (saved / name).unlink()
    (saved / name).mkdir()
    with pytest.raises(ProfileError, match="Restore or rebuild"):
        load_profile(saved)


def test_router_refuses_it_too(saved):
    shutil.copy(saved / "seen.csv", saved / "evidence.csv")
    with pytest.raises(ProfileError, match=r"evidence\.csv:1: the columns must be tag,model"):
        TagRouter.from_profile(saved)


# Names and paths


@pytest.mark.parametrize("path", ["nowhere", "nul\0byte", "lone \ud800", "x" * 300, ""])
def test_path_without_a_profile_is_refused(path):
    with pytest.raises(ProfileError, match=r"profile\.json|No profile at"):
        load_profile(path)


def test_unknown_profile_is_refused_with_the_known_names_and_the_command():
    with pytest.raises(
        ProfileError, match=r"No profile at 'teirs'.*tiers, alpaca_eval.*tagrouter fit"
    ):
        TagRouter.from_profile("teirs")


def test_file_is_no_profile(saved):
    with pytest.raises(ProfileError, match=r"nor a folder with a profile\.json"):
        load_profile(saved / "profile.json")


@pytest.mark.parametrize("wrong", [None, 3, ["tiers"], b"tiers"])
def test_profile_that_is_neither_name_nor_folder_is_refused(wrong):
    with pytest.raises(InvalidInputError, match="a name, a folder or a Profile, not"):
        load_profile(wrong)


# profile.json


def edited(folder: Path, edit: Callable[[dict], object]) -> Path:
    path = folder / "profile.json"
    row = json.loads(path.read_text(encoding="utf-8"))
    edit(row)
    path.write_text(json.dumps(row), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        ({"format_version": 2}, r"format version 2; this release reads 1\. Upgrade tagrouter"),
        ({"format_version": None}, "format version None"),
        ({"wings": 2}, r"unknown keys \['wings'\]"),
        ({"name": 3}, "'name' must be str, is 3"),
        ({"models": {}}, "'models' must be list"),
        ({"models": []}, "has no models"),
        ({"models": ["small"]}, "a model is an object with 'name'"),
        ({"models": [{"name": "small", "wings": 2}]}, "a model is an object with 'name'"),
        ({"models": [{"name": "large"}]}, "evidence for models it does not list: small"),
        ({"default_model": "nobody"}, "default model 'nobody'; known"),
        ({"reference_model": "small"}, "evidence for its reference model 'small'"),
        ({"estimator": {"name": "psychic", "parameters": {}}}, "Unknown estimator 'psychic'"),
        ({"estimator": {"name": ["shrunk"], "parameters": {}}}, "'estimator' must be"),
        ({"estimator": {"name": "shrunk"}}, "'estimator' must be"),
        ({"estimator": {"name": "shrunk", "parameters": {"kappa": -1}}}, "kappa must be a finite"),
        ({"estimator": {"name": "shrunk", "parameters": {"kapa": 1}}}, "no parameter 'kapa'"),
        ({"policy": {"name": "dice", "parameters": {}}}, "Unknown policy 'dice'"),
        ({"policy": {"name": "theta", "parameters": {"theta": "0"}}}, "theta must be a finite"),
        ({"policy": {"name": "theta", "parameters": {"theta": 10**400}}}, "theta must be a finite"),
        ({"generator": {"name": "fake"}}, '"generator" must be'),
        ({"generator": {"name": "fake", "version": 1}}, '"generator" must be'),
        ({"rows": {"evidence.csv": 5}}, '"rows" must give the row counts'),
        ({"rows": {"evidence.csv": 5, "seen.csv": "2"}}, '"rows" must give the row counts'),
        (
            {"rows": {"evidence.csv": 6, "seen.csv": 2, "rules.csv": 2}},
            r"evidence\.csv has 5 rows, profile\.json announces 6.*restore it",
        ),
    ],
)
def test_value_that_cannot_stand_is_refused(saved, edit, says):
    with pytest.raises(ProfileError, match=says):
        load_profile(edited(saved, lambda row: row.update(edit)))


@pytest.mark.parametrize("key", ["name", "rows", "provenance", "format_version"])
def test_missing_key_is_refused(saved, key):
    with pytest.raises(ProfileError, match=r"missing keys|format version None"):
        load_profile(edited(saved, lambda row: row.pop(key)))


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_number_that_is_none_is_refused(saved, word):
    path = saved / "profile.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("-0.25", word), encoding="utf-8")
    with pytest.raises(ProfileError, match=r"is not a number|must be a finite number"):
        load_profile(saved)


def test_key_that_comes_twice_is_refused(saved):
    path = saved / "profile.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"theta": -0.25', '"theta": 0, "theta": -0.25'), encoding="utf-8")
    with pytest.raises(ProfileError, match="'theta' comes twice"):
        load_profile(saved)


@pytest.mark.parametrize("text", ["[]", "3", "null", "[" * 100_000])
def test_json_that_is_no_profile_is_refused(saved, text):
    (saved / "profile.json").write_text(text, encoding="utf-8")
    with pytest.raises(ProfileError, match=r"must hold an object|cannot be read"):
        load_profile(saved)


# Tables


def with_line(folder: Path, name: str, line: str) -> Path:
    """Replace the last line, so that the number of rows stays."""
    path = folder / name
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines[:-1], line]) + "\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("poetry,small,nan,0,0,0", "nan is not a count"),
        ("odd,small,NaN,0,0,0", "NaN is not a count"),
        ("odd,small,inf,0,0,0", "inf is not a count"),
        ("odd,small,-1,0,0,0", "-1 is not a count; counts are finite numbers of at least 0"),
        ("odd,small,0,0,-0.5,0", "-0.5 is not a count"),
        ("odd,small,1,0,0,-0.5", "-0.5 is not a count"),
        ("odd,small,1e99,0,0,0", "1e99 is not a count"),
        ("odd,small,many,0,0,0", "'many' is not a number"),
        ("odd,small,,0,0,0", "'' is not a number"),
        ("odd,small,0.12345,0,0,0", "0.12345 has more than 4 decimals"),
        ("odd,small,1,0,0,1.5", "preference sum 1.5 is larger than wins, ties and losses"),
        ("coding,small,1,0,0,0.5", "tag 'coding' of model 'small' comes twice"),
        ("*,small,1,0,0,0.5", r"tag '\*' of model 'small' comes twice"),
        ("odd,new,1,0,0,0.5", r"models without a row for tag '\*'.*: new"),
        ("odd,small,1,0,0", "5 cells instead of 6"),
        ("odd,small,1,0,0,0.5,7", "7 cells instead of 6"),
        (",small,1,0,0,0.5", "tag or model is empty"),
        ("odd,,1,0,0,0.5", "tag or model is empty"),
        ('"odd,small,1,0,0,0.5', "cannot be read: unexpected end of data"),
    ],
)
def test_line_of_evidence_that_cannot_stand_is_refused(saved, line, says):
    with pytest.raises(ProfileError, match=rf"evidence\.csv.*{says}"):
        load_profile(with_line(saved, "evidence.csv", line))


def test_broken_line_is_named_by_its_number(saved):
    with pytest.raises(ProfileError, match=r"evidence\.csv:6: 'many' is not a number"):
        load_profile(with_line(saved, "evidence.csv", "odd,small,many,0,0,0"))


@pytest.mark.parametrize("line", ["not a hash", "0123456789ABCDEF", "01", ""])
def test_hash_that_is_none_is_refused(saved, line):
    with pytest.raises(ProfileError, match=r"seen\.csv:3: .*a hash of 16 hexadecimal digits"):
        load_profile(with_line(saved, "seen.csv", line))


def test_hash_that_comes_twice_is_refused(saved):
    with pytest.raises(ProfileError, match=r"seen\.csv has 2 rows \(1 different\)"):
        load_profile(with_line(saved, "seen.csv", "0123456789abcdef"))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("law,small,maybe,", "'pin' or 'ban'; found 'law', 'small', 'maybe'"),
        (",small,ban,", "a rule has a tag"),
        ("law,,ban,", "a rule has a tag"),
        ("medicine,large,pin,again", "'medicine' goes to 'large' .again. comes twice"),
        ("medicine,small,pin,", "contradict each other on the tag 'medicine'"),
        ("medicine,large,ban,", "contradict each other on the tag 'medicine'"),
        ("law,nobody,ban,", "'law' never goes to 'nobody' names a model"),
    ],
)
def test_rule_that_cannot_stand_is_refused(saved, line, says):
    with pytest.raises(ProfileError, match=says):
        load_profile(with_line(saved, "rules.csv", line))
