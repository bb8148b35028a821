import json

import pytest

from tagrouter import TagRouter, load_profile
from tagrouter.cli.main import main


def write_comparisons(path, outcomes, model="mini", tag="poetry"):
    rows = [
        {
            "query": f"{tag} query {number} of {model}",
            "model": model,
            "reference_model": "maxi",
            "outcome": outcome,
            "query_tags": [tag],
        }
        for number, outcome in enumerate(outcomes)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def test_fit_writes_a_profile_that_routes(tmp_path):
    wins = write_comparisons(tmp_path / "wins.jsonl", ["win"] * 30, tag="poetry")
    losses = write_comparisons(tmp_path / "losses.jsonl", ["loss"] * 30, tag="law")
    assert main(["fit", wins, losses, "-o", str(tmp_path / "mine")]) == 0
    router = TagRouter.from_profile(tmp_path / "mine")
    assert router.route("x", query_tags=["poetry"]).model == "mini"
    assert router.route("x", query_tags=["law"]).model == "maxi"


def test_fitting_twice_gives_the_same_bytes(tmp_path):
    data = write_comparisons(tmp_path / "c.jsonl", ["win", "tie", "loss"])
    for name in ("a", "b"):
        assert main(["fit", data, "-o", str(tmp_path / name), "--name", "same"]) == 0
    for file in ("profile.json", "evidence.csv", "seen.csv"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_adding_a_model_leaves_the_others_rows_alone(tmp_path):
    first = write_comparisons(tmp_path / "a.jsonl", ["win", "tie"], "mini")
    second = write_comparisons(tmp_path / "b.jsonl", ["loss", "tie"], "midi")
    assert main(["fit", first, "-o", str(tmp_path / "one")]) == 0
    arguments = ["fit", second, "--add-to", str(tmp_path / "one"), "-o", str(tmp_path / "two")]
    assert main(arguments) == 0
    before = (tmp_path / "one" / "evidence.csv").read_text().splitlines()
    after = (tmp_path / "two" / "evidence.csv").read_text().splitlines()
    assert [line for line in after if ",midi," not in line] == before
    assert load_profile(tmp_path / "two").model_names == ("mini", "maxi", "midi")


def test_comparisons_that_were_counted_do_not_count_again(tmp_path, capsys):
    data = write_comparisons(tmp_path / "c.jsonl", ["win", "tie"])
    assert main(["fit", data, "-o", str(tmp_path / "one")]) == 0
    arguments = ["fit", data, "--add-to", str(tmp_path / "one"), "-o", str(tmp_path / "two")]
    assert main(arguments) == 1
    assert "All 2 comparisons are in" in capsys.readouterr().err
    assert not (tmp_path / "two").exists()


def test_a_broken_line_in_the_middle_is_named_and_nothing_is_written(tmp_path, capsys):
    data = tmp_path / "c.jsonl"
    write_comparisons(data, ["win", "tie", "loss"])
    lines = data.read_text().splitlines()
    lines[1] = lines[1][:30]
    data.write_text("\n".join(lines))
    assert main(["fit", str(data), "-o", str(tmp_path / "mine")]) == 1
    assert "c.jsonl:2" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.jsonl"]


def test_a_failed_fit_leaves_an_existing_profile_as_it_was(tmp_path, capsys):
    good = write_comparisons(tmp_path / "good.jsonl", ["win"])
    assert main(["fit", good, "-o", str(tmp_path / "mine")]) == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "mine").iterdir()}
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"query": "q", "model": "mini", "reference_model": "mini", "outcome": "win"}\n')
    assert main(["fit", str(bad), "-o", str(tmp_path / "mine")]) == 1
    assert {path.name: path.read_bytes() for path in (tmp_path / "mine").iterdir()} == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--estimator", "nope"], "Unknown estimator 'nope'; known: 'paper', 'shrunk'"),
        (["--add-to", "tiers"], "has 'large'"),
        (["--add-to", "absent"], "No profile at 'absent'"),
    ],
)
def test_wrong_arguments_are_named(arguments, message, tmp_path, capsys):
    data = write_comparisons(tmp_path / "c.jsonl", ["win"])
    assert main(["fit", data, "-o", str(tmp_path / "mine"), *arguments]) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "mine").exists()


def test_a_folder_that_is_no_profile_is_left_alone(tmp_path, capsys):
    data = write_comparisons(tmp_path / "c.jsonl", ["win"])
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"cat")
    assert main(["fit", data, "-o", str(tmp_path / "photos")]) == 1
    assert "is not a profile" in capsys.readouterr().err
    assert (tmp_path / "photos" / "cat.jpg").read_bytes() == b"cat"
