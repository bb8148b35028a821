import json

import pytest

from tagrouter.cli.main import main
from tests.cli.test_fit import write_comparisons


@pytest.fixture
def telling(tmp_path):
    """Comparisons in which the tag decides: 'mini' wins on poetry and loses on law."""
    wins = write_comparisons(tmp_path / "wins.jsonl", ["win"] * 20, tag="poetry")
    losses = write_comparisons(tmp_path / "losses.jsonl", ["loss"] * 20, tag="law")
    assert main(["fit", wins, losses, "-o", str(tmp_path / "profile")]) == 0
    return [str(tmp_path / "profile"), wins, losses]


def reports(capsys, *arguments):
    capsys.readouterr()
    assert main(["evaluate", *arguments, "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_telling_tag_gives_the_oracles_auc(telling, capsys):
    (report,) = reports(capsys, *telling, "--folds", "5")
    (pair,) = report["pairs"]
    # All losses go to the reference first: AR rises from 0.5 to 1 at half, then falls to 0.5.
    assert pair["auc"]["estimate"] == pytest.approx(0.75)
    assert pair["auc_oracle"] == pytest.approx(0.75)
    assert pair["auc_random"] == pytest.approx(0.5)
    assert pair["accept_rate"] == 1.0
    assert pair["uplift"] == pytest.approx(1.0)
    assert pair["share_reference"] == 0.5
    assert pair["queries"] == 40


def test_several_estimators_are_reported_side_by_side(telling, capsys):
    found = reports(capsys, *telling, "--folds", "5", "--estimator", "shrunk,paper")
    assert [report["router"] for report in found] == ["shrunk", "paper"]


def test_no_figure_is_given_on_the_profiles_own_evidence(telling, capsys):
    assert main(["evaluate", *telling]) == 1
    assert "All 40 comparisons are in the evidence" in capsys.readouterr().err


def test_seen_comparisons_are_left_out_and_counted(telling, tmp_path, capsys):
    fresh = write_comparisons(tmp_path / "fresh.jsonl", ["win"] * 23, tag="poetry")
    capsys.readouterr()
    assert main(["evaluate", telling[0], fresh, "--json"]) == 0
    captured = capsys.readouterr()
    assert "20 comparisons left out" in captured.err
    assert json.loads(captured.out)["pairs"][0]["queries"] == 3


def test_table_names_protocol_and_figures(telling, capsys):
    assert main(["evaluate", *telling, "--folds", "5", "--estimator", "shrunk,paper"]) == 0
    out = capsys.readouterr().out
    assert "5-fold" in out
    assert "75.00" in out
    assert "shrunk minus paper" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--estimator", "paper"], "--estimator needs --folds"),
        (["--folds", "5", "--estimator", "nope"], "Unknown estimator 'nope'"),
        (["--folds", "1"], "1 folds of 40 different queries"),
    ],
)
def test_wrong_arguments_are_named(arguments, message, telling, capsys):
    assert main(["evaluate", *telling, *arguments]) == 1
    assert message in capsys.readouterr().err


def test_shrunk_beats_paper_and_random_on_alpaca_eval(judgment_data, tmp_path, capsys):
    data = str(tmp_path / "pairs.jsonl")
    source = str(judgment_data / "alpaca_eval.jsonl.gz")
    models = "FuseChat-Llama-3.2-3B-Instruct,claude-2.1"
    assert main(["import", "alpaca_eval", source, "--models", models, "-o", data]) == 0
    arguments = ["alpaca_eval", data, "--folds", "10", "--estimator", "shrunk,paper"]
    shrunk, paper = reports(capsys, *arguments)
    assert shrunk["mean_auc"]["estimate"] > paper["mean_auc"]["estimate"]
    assert paper["mean_auc"]["estimate"] > shrunk["mean_auc_random"]
    assert shrunk["mean_auc"]["low"] > shrunk["mean_auc_random"]
