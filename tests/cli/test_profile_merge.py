"""`tagrouter profile merge` and `tagrouter profile diff`."""

import json

import pytest

from tagrouter import load_profile
from tagrouter.cli.main import EXIT_USAGE, main

OUTCOMES = {"poetry": "win", "law": "loss", "code": "tie"}


def fit(folder, name, *records):
    """Fit a profile on (id, model, tag); the outcome is the tag's."""
    rows = [
        {
            "id": id,
            "query": "q",
            "model": model,
            "reference_model": "maxi",
            "outcome": OUTCOMES[tag],
            "query_tags": [tag],
        }
        for id, model, tag in records
    ]
    file = folder / f"{name}.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert main(["fit", str(file), "-o", str(folder / name)]) == 0
    return str(folder / name)


def test_merging_three_profiles_is_fitting_on_all(tmp_path, capsys):
    records = [("1", "mini", "poetry"), ("2", "midi", "law"), ("3", "mini", "code")]
    parts = [fit(tmp_path, f"part{n}", record) for n, record in enumerate(records)]
    whole = load_profile(fit(tmp_path, "whole", *records))
    merged = str(tmp_path / "merged")
    assert main(["profile", "merge", *parts, "-o", merged, "--name", "whole"]) == 0
    assert load_profile(merged) == whole
    assert "3 profiles merged: 3 comparisons, 3 models, 3 tags" in capsys.readouterr().err


def test_a_merged_profile_has_the_name_of_its_folder(tmp_path):
    a, b = fit(tmp_path, "a", ("1", "mini", "law")), fit(tmp_path, "b", ("2", "mini", "law"))
    assert main(["profile", "merge", a, b, "-o", str(tmp_path / "ours")]) == 0
    assert load_profile(tmp_path / "ours").name == "ours"


def test_overlapping_profiles_are_refused_and_nothing_is_written(tmp_path, capsys):
    a = fit(tmp_path, "a", ("1", "mini", "poetry"), ("2", "mini", "law"))
    b = fit(tmp_path, "b", ("2", "mini", "law"), ("3", "mini", "code"))
    assert main(["profile", "merge", a, b, "-o", str(tmp_path / "merged")]) == 1
    assert "'a' and 'b' share 1 comparisons" in capsys.readouterr().err
    assert not (tmp_path / "merged").exists()


def test_the_remedy_that_the_refusal_names_works(tmp_path):
    a = fit(tmp_path, "a", ("1", "mini", "poetry"), ("2", "mini", "law"))
    fit(tmp_path, "b", ("2", "mini", "law"), ("3", "mini", "code"))
    added = ["fit", str(tmp_path / "b.jsonl"), "--add-to", a, "-o", str(tmp_path / "merged")]
    assert main(added) == 0
    assert len(load_profile(tmp_path / "merged").seen) == 3


@pytest.mark.parametrize("arguments", [["merge", "tiers", "-o", "x"], ["diff", "tiers"], []])
def test_one_profile_or_no_action_is_wrong_usage(arguments, capsys):
    assert main(["profile", *arguments]) == EXIT_USAGE
    assert "required" in capsys.readouterr().err


def test_diff_tells_the_tags_that_moved(tmp_path, capsys):
    a = fit(tmp_path, "a", ("1", "mini", "poetry"))
    b = fit(tmp_path, "b", ("1", "mini", "poetry"), ("2", "mini", "law"), ("3", "midi", "code"))
    capsys.readouterr()
    assert main(["profile", "diff", a, b]) == 0
    added, changed = capsys.readouterr().out.splitlines()
    assert added == "model added: midi"
    assert changed.startswith("mini: 1 -> 2 comparisons, before any tag +1.000 -> +0.000")
    assert "law none -> -0.048" in changed


def test_diff_as_json_is_one_object(tmp_path, capsys):
    a = fit(tmp_path, "a", ("1", "mini", "poetry"))
    b = fit(tmp_path, "b", ("1", "mini", "poetry"), ("2", "midi", "law"))
    capsys.readouterr()
    assert main(["profile", "diff", a, b, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "models_added": ["midi"],
        "models_dropped": [],
        "models_changed": [],
        "settings": {},
        "rules_added": [],
        "rules_dropped": [],
    }


def test_diff_of_a_profile_with_itself_says_so(capsys):
    assert main(["profile", "diff", "tiers", "tiers"]) == 0
    assert capsys.readouterr().out == "no difference\n"
