import json

import pytest

from tagrouter.cli.main import main


@pytest.fixture
def ratings(tmp_path):
    path = tmp_path / "ratings.jsonl"
    rows = [
        {"query": "a", "ratings": {"mini": 7, "maxi": 8}},
        {"query": "b", "ratings": {"mini": 9, "maxi": 8}},
        {"query": "c", "ratings": {"mini": 9}},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def test_ratings_become_comparisons_and_every_row_is_accounted_for(ratings, tmp_path, capsys):
    out = tmp_path / "c.jsonl"
    assert main(["import", "ratings", ratings, "--reference-model", "maxi", "-o", str(out)]) == 0
    outcomes = [json.loads(line)["outcome"] for line in out.read_text().splitlines()]
    assert outcomes == ["loss", "win"]
    assert "3 judgments read, 2 used; 1 skipped" in capsys.readouterr().err


def test_an_imported_file_can_be_fitted(ratings, tmp_path):
    out = str(tmp_path / "c.jsonl")
    assert main(["import", "ratings", ratings, "--reference-model", "maxi", "-o", out]) == 0
    assert main(["fit", out, "-o", str(tmp_path / "mine")]) == 0
    assert main(["profile", "check", str(tmp_path / "mine")]) == 0


def test_options_reach_the_importer_and_unused_battles_are_told(tmp_path, capsys):
    battles = tmp_path / "battles.csv"
    battles.write_text(
        "id,model_a,model_b,winner,prompt\n"
        "1,maxi,mini,model_a,q\n2,mini,nano,tie,q\n3,nano,maxi,tie,q\n"
    )
    out = tmp_path / "c.jsonl"
    arguments = ["--reference-model", "maxi", "--models", "mini", "-o", str(out)]
    assert main(["import", "arena", str(battles), *arguments]) == 0
    (line,) = out.read_text().splitlines()
    assert json.loads(line)["outcome"] == "loss"
    assert (
        "3 judgments read, 1 used; 1 skipped: a battle without the reference model, unused; "
        "1 skipped: a model that was not asked for"
    ) in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nope", "x", "-o", "o"], "Unknown importer 'nope'; known: 'alpaca_eval', 'arena'"),
        (["ratings", "x", "-o", "o"], "Name one with --reference-model"),
        (["comparisons", "x", "-o", "o", "--tie-band", "1"], "--tie-band does not apply"),
        (["arena", "x", "-o", "o"], "The format 'arena' names no reference model. Name one with"),
        (["arena", "x", "--reference-model", "a", "-o", "o", "--tie-band", "1"], "does not apply"),
        (["routellm", "x", "-o", "o", "--annotator", "a"], "--annotator does not apply"),
        (["routellm", "absent.csv", "-o", "o"], "absent.csv"),
        (["comparisons", "absent.jsonl", "-o", "o"], "absent.jsonl"),
    ],
)
def test_wrong_arguments_are_named(arguments, message, tmp_path, capsys):
    assert main(["import", *arguments]) == 1
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_failed_import_leaves_the_old_file_alone(tmp_path, capsys):
    out = tmp_path / "c.jsonl"
    out.write_text("precious\n")
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"query": "a", "ratings": {"mini": 7, "maxi": 8}}\n{"query": \n')
    arguments = ["import", "ratings", str(broken), "--reference-model", "maxi", "-o", str(out)]
    assert main(arguments) == 1
    assert "broken.jsonl:2" in capsys.readouterr().err
    assert out.read_text() == "precious\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.jsonl", "c.jsonl"]
