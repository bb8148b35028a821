"""Profiles are saved and loaded: the same profile, the same bytes, whole or not at all."""

import json
import math
import os
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagrouter import Profile, ProfileError, load_profile, save_profile
from tagrouter.decision.rules import Rule, RuleKind
from tagrouter.evidence import Evidence, ExactCounts, ModelEvidence
from tagrouter.models import Model
from tagrouter.scores.paper import PaperEstimator
from tagrouter.testing import tiny_profile
from tests.core.builders import bytes_below, evidence_of, judged

RULES = (
    Rule("medicine", "large", RuleKind.PIN, 'the board, and "legal", want it\n(until May)'),
    Rule("law", "small", RuleKind.BAN),
)


def full_profile(**changes: object) -> Profile:
    """A profile with something in every field and file."""
    evidence = evidence_of(
        judged(0.1234, {"poetry": 0.3333, 'tag, with "quotes"': 0.5}),
        # The last line of evidence.csv: less of its last number would be a number too.
        judged(0.8765, {"诗歌": 0.5, "poetry": 0.0001}),
        judged(0.5, {"coding": 0.7}),
    )
    profile = tiny_profile({"poetry": {"small": 0.0}}, theta=-0.25, rules=RULES)
    return replace(
        profile,
        name="everything 中文",
        models=(Model("small", 0.15, 0.6, 250), Model("large"), Model("new")),
        evidence=evidence,
        seen=frozenset({"0123456789abcdef", "fedcba9876543210"}),
        provenance={"source": "by hand", "counts": [1, 2.5, None]},
        **changes,
    )


def test_loaded_profile_equals_the_saved_one(tmp_path):
    save_profile(full_profile(), tmp_path / "p")
    assert load_profile(tmp_path / "p") == full_profile()


def test_path_may_be_text(tmp_path):
    save_profile(full_profile(), str(tmp_path / "p"))
    assert load_profile(str(tmp_path / "p")) == full_profile()


def test_loaded_profile_is_saved_with_the_same_bytes(tmp_path):
    save_profile(full_profile(), tmp_path / "one")
    save_profile(load_profile(tmp_path / "one"), tmp_path / "two")
    assert bytes_below(tmp_path / "one") == bytes_below(tmp_path / "two")


def test_estimators_parameters_are_kept(tmp_path):
    estimator = PaperEstimator(tie_weight=0.3, reference_score="mirror")
    save_profile(full_profile(estimator=estimator), tmp_path / "p")
    assert load_profile(tmp_path / "p").estimator == estimator


NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), min_size=1)
UNITS = st.integers(0, 10**12)


@given(st.dictionaries(NAMES.filter(lambda name: name != "*"), st.tuples(UNITS, UNITS, UNITS)))
@settings(deadline=None, max_examples=60)
def test_any_counts_come_back_to_the_last_digit(tags):
    counts = {tag: ExactCounts(*numbers, sum(numbers) * 3331) for tag, numbers in tags.items()}
    evidence = Evidence({"small": ModelEvidence(ExactCounts(1, 2, 3, 4), counts)})
    profile = replace(tiny_profile({}), models=(Model("small"), Model("large")), evidence=evidence)
    with tempfile.TemporaryDirectory() as folder:
        save_profile(profile, Path(folder) / "p")
        assert load_profile(Path(folder) / "p").evidence == evidence


def test_evidence_is_readable(tmp_path):
    save_profile(replace(full_profile(), evidence=evidence_of(judged(0.75, {"a": 0.5}))), "p")
    assert Path("p/evidence.csv").read_text(encoding="utf-8").splitlines() == [
        "tag,model,wins,ties,losses,preference",
        "*,small,1,0,0,0.75",
        "a,small,0.5,0,0,0.375",
    ]


def test_profile_without_rules_has_no_rules_file(tmp_path):
    save_profile(full_profile(rules=()), tmp_path / "p")
    assert sorted(bytes_below(tmp_path / "p")) == ["evidence.csv", "profile.json", "seen.csv"]


def test_rules_written_by_hand_are_read(tmp_path):
    save_profile(full_profile(rules=()), tmp_path / "p")
    lines = "tag,model,rule,why\nmedicine,large,pin,asked for"
    (tmp_path / "p" / "rules.csv").write_text(lines, encoding="utf-8")
    (rule,) = load_profile(tmp_path / "p").rules
    assert rule == Rule("medicine", "large", RuleKind.PIN, "asked for")


# Replacing a profile


def test_saving_again_replaces_the_old_profile(tmp_path):
    save_profile(full_profile(), tmp_path / "p")
    save_profile(tiny_profile({"a": {"small": 0.1}}), tmp_path / "p")
    assert load_profile(tmp_path / "p") == tiny_profile({"a": {"small": 0.1}})
    assert os.listdir(tmp_path) == ["p"]


def test_what_a_person_put_beside_the_profile_stays(tmp_path):
    save_profile(full_profile(), tmp_path / "p")
    (tmp_path / "p" / "notes").mkdir()
    (tmp_path / "p" / "notes" / "figures.md").write_text("ours", encoding="utf-8")
    (tmp_path / "p" / "README.md").write_text("mine", encoding="utf-8")
    save_profile(full_profile(rules=()), tmp_path / "p")
    files = bytes_below(tmp_path / "p")
    assert (files["notes/figures.md"], files["README.md"]) == (b"ours", b"mine")
    assert "rules.csv" not in files


def test_link_to_a_profile_is_followed(tmp_path):
    save_profile(full_profile(), tmp_path / "real")
    (tmp_path / "link").symlink_to("real", target_is_directory=True)
    save_profile(tiny_profile({}), tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert load_profile(tmp_path / "real") == tiny_profile({})


def test_empty_folder_may_be_the_target(tmp_path):
    (tmp_path / "p").mkdir()
    save_profile(full_profile(), tmp_path / "p")
    assert load_profile(tmp_path / "p") == full_profile()


def test_missing_folders_above_are_made(tmp_path):
    save_profile(full_profile(), tmp_path / "a" / "b" / "p")
    assert load_profile(tmp_path / "a" / "b" / "p") == full_profile()


# Saving that fails


@pytest.fixture
def filled(tmp_path) -> Path:
    save_profile(full_profile(), tmp_path / "p")
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "diary.txt").write_text("dear", encoding="utf-8")
    return tmp_path


def star_evidence() -> Evidence:
    return Evidence({"small": ModelEvidence(ExactCounts(), {"*": ExactCounts(1)})})


def return_evidence() -> Evidence:
    return Evidence({"small": ModelEvidence(ExactCounts(), {"a\rb": ExactCounts(1)})})


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": "lone \ud800 surrogate"}, "cannot be written .*surrogates not allowed.*Nothing"),
        ({"provenance": {"share": math.nan}}, "cannot be written .*Nothing was changed"),
        ({"provenance": {"made by": object()}}, "cannot be written .*names and provenance"),
        ({"evidence": star_evidence()}, r"counts for a tag '\*'.*Rename the tag"),
        ({"evidence": return_evidence()}, "carriage return. Remove it"),
    ],
)
def test_profile_that_files_cannot_hold_leaves_the_old_one_as_it_was(filled, changes, says):
    before = bytes_below(filled)
    with pytest.raises(ProfileError, match=says):
        save_profile(replace(full_profile(), **changes), filled / "p")
    assert bytes_below(filled) == before
    assert sorted(os.listdir(filled)) == ["file", "folder", "p"]


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("file", "file exists and is not a profile. Name another folder"),
        ("folder", "folder exists and is not a profile. Name another folder"),
        ("file/p", "cannot be written to .*file/p.*Check the path"),
        ("nul\0byte", "cannot be written to .*Check the path"),
        ("x" * 300, "cannot be written to .*Check the path"),
    ],
)
def test_target_that_cannot_be_written_is_named_and_nothing_is_left(filled, target, says):
    before = bytes_below(filled)
    with pytest.raises(ProfileError, match=says):
        save_profile(full_profile(), filled / target)
    assert bytes_below(filled) == before
    assert sorted(os.listdir(filled)) == ["file", "folder", "p"]


def test_file_beside_a_profile_that_cannot_be_kept_stops_saving(filled):
    # A socket cannot be copied.
    import socket

    with socket.socket(socket.AF_UNIX) as listener:
        os.chdir(filled / "p")
        listener.bind("socket")
        before = (filled / "p" / "profile.json").read_bytes()
        with pytest.raises(ProfileError, match="cannot be written"):
            save_profile(tiny_profile({}), filled / "p")
    assert (filled / "p" / "profile.json").read_bytes() == before
    assert sorted(os.listdir(filled)) == ["file", "folder", "p"]


def test_saved_json_is_in_the_promised_form(tmp_path):
    save_profile(full_profile(), tmp_path / "p")
    row = json.loads((tmp_path / "p" / "profile.json").read_text(encoding="utf-8"))
    assert row["format_version"] == 1
    assert row["models"] == [
        {
            "name": "small",
            "input_usd_per_million_tokens": 0.15,
            "output_usd_per_million_tokens": 0.6,
            "mean_output_tokens": 250,
        },
        {"name": "large"},
        {"name": "new"},
    ]
    assert row["estimator"] == {"name": "shrunk", "parameters": {"kappa": 20, "centered": False}}
    assert row["policy"] == {"name": "theta", "parameters": {"theta": -0.25}}
    assert row["rows"] == {"evidence.csv": 5, "seen.csv": 2, "rules.csv": 2}
