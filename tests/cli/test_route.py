import io
import json
import re
import sys
from types import SimpleNamespace

import pytest

from tagrouter import TagRouter
from tagrouter.cli.main import main


def run_json(capsys, *arguments):
    assert main([*arguments, "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_json_says_the_same_as_the_router(capsys):
    query = "write a haiku about autumn leaves"
    (row,) = run_json(capsys, "route", query)
    assert row == {"query": query, **TagRouter.from_profile("tiers").route(query).to_dict()}


def test_json_has_the_fields_of_the_contract(capsys):
    (row,) = run_json(capsys, "route", "write a haiku about autumn leaves")
    contract = {"query", "model", "ranking", "model_scores", "theta", "margin", "reason"}
    assert contract | {"query_tags", "profile", "cost_usd"} <= set(row)
    fields = {"name", "weight", "aligned_from", "similarity", "contribution"}
    assert all(set(tag) == fields for tag in row["query_tags"])


def test_contributions_of_the_json_add_up_to_the_scores(capsys):
    (row,) = run_json(capsys, "route", "prove that the square root of five is irrational")
    parts = [row["intercepts"], row["other_tags"]["contribution"]]
    parts += [tag["contribution"] for tag in row["query_tags"]]
    for model, score in row["model_scores"].items():
        assert sum(part.get(model, 0.0) for part in parts) == pytest.approx(score, abs=1e-9)


def test_ids_of_a_json_lines_file_are_echoed_in_order(tmp_path, capsys):
    file = tmp_path / "queries.jsonl"
    file.write_text('{"id": "b", "query": "hi"}\n\n{"id": 7, "query": "what is rust"}\n')
    rows = run_json(capsys, "route", "--file", str(file))
    assert [(row["id"], row["query"]) for row in rows] == [("b", "hi"), (7, "what is rust")]


def test_plain_text_is_one_query_a_line(tmp_path, capsys):
    file = tmp_path / "queries.txt"
    file.write_text("first query\n\nsecond query\n")
    rows = run_json(capsys, "route", "--file", str(file))
    assert [row["query"] for row in rows] == ["first query", "second query"]


def test_dash_reads_standard_input(monkeypatch, capsys):
    stdin = SimpleNamespace(buffer=io.BytesIO("日本の首都は？\n".encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    (row,) = run_json(capsys, "route", "--file", "-")
    assert row["query"] == "日本の首都は？"


def test_models_are_renamed(capsys):
    (row,) = run_json(capsys, "route", "hi", "--models", "small=mini,large=maxi")
    assert set(row["model_scores"]) == {"mini", "maxi"}


def test_theta_moves_the_decision(capsys):
    (low,) = run_json(capsys, "route", "hello", "--theta", "-2")
    (high,) = run_json(capsys, "route", "hello", "--theta", "2")
    assert (low["model"], high["model"]) == ("small", "large")


def test_a_forced_model_is_taken(capsys):
    (row,) = run_json(capsys, "route", "hello", "--model", "large")
    assert (row["model"], row["reason"]) == ("large", "explicit")


def test_table_shows_query_tags_and_model(capsys):
    assert main(["route", "translate good morning into French"]) == 0
    out = capsys.readouterr().out
    assert "good morning" in out
    assert "translation" in out
    assert "small" in out


def test_explain_prints_the_receipt(capsys):
    assert main(["route", "--explain", "translate good morning into French"]) == 0
    out = capsys.readouterr().out
    assert "= model score" in out
    assert "Runner-up:" in out


def test_output_file_holds_what_would_have_been_printed(tmp_path, capsys):
    (row,) = run_json(capsys, "route", "hi")
    assert main(["route", "hi", "--json", "-o", str(tmp_path / "out.jsonl")]) == 0
    assert json.loads((tmp_path / "out.jsonl").read_text()) == row


@pytest.mark.parametrize(
    "query",
    ["", "   ", "\0\0", "\ud800 lone", "🎉🎉🎉", "x" * 1_000_000],
    ids=["empty", "blank", "NUL bytes", "lone surrogate", "emoji", "a megabyte"],
)
def test_odd_queries_get_a_decision(query, capsys):
    (row,) = run_json(capsys, "route", query)
    assert row["model"] in ("small", "large")


@pytest.mark.parametrize("query", ["", "  \n ", "🎉🎉🎉"])
def test_queries_without_known_tags_go_to_the_default_model(query, capsys):
    (row,) = run_json(capsys, "route", query)
    assert (row["model"], row["reason"]) == ("large", "default")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["route", "x", "--profile", "nope"], "neither a bundled name .* nor a folder"),
        (["route", "x", "--model", "nope"], "Unknown model 'nope'; known: 'large', 'small'"),
        (["route", "x", "--generator", "nope"], "Unknown tag generator 'nope'; known: 'embedded'"),
        (["route", "x", "--models", "medium=m"], "Unknown model 'medium'"),
        (["route", "x", "--models", "small="], "lacks a name"),
        (["route", "x", "--theta", "nan"], "theta must be a finite number"),
        (["route", "--file", "absent.txt"], "absent.txt cannot be read"),
        (["route", "x", "-o", "no/folder/out"], "no/folder/out cannot be written"),
    ],
)
def test_errors_are_one_line_that_names_thing_and_remedy(arguments, message, capsys):
    assert main(arguments) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("tagrouter: ")
    assert captured.err.count("\n") == 1
    assert re.search(message, captured.err), captured.err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"query": "a"}\n{"query": \n', ":2: not JSON"),
        (b'{"query": "a"}\n{"question": "b"}\n', ":2: a line is"),
        (b"\xff\xfe binary", "is not UTF-8 text"),
        (b"\n\n", "No query was given"),
    ],
)
def test_broken_query_files_are_refused_with_their_line(content, message, tmp_path, capsys):
    file = tmp_path / "queries"
    file.write_bytes(content)
    assert main(["route", "--file", str(file)]) in (1, 2)
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["nope"], ["route"], ["route", "--nope", "x"]])
def test_wrong_usage_exits_with_2(arguments, capsys):
    assert main(arguments) == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["route", "--help"]])
def test_help_and_version_exit_with_0(arguments, capsys):
    assert main(arguments) == 0
    assert capsys.readouterr().out
