import json

import pytest

from tagrouter.cli.main import EXIT_USAGE, main
from tagrouter.tags.embedded import EmbeddedGenerator


def test_json_lists_the_reported_tags(capsys):
    query = "fix this python traceback"
    assert main(["tag", "--json", query]) == 0
    row = json.loads(capsys.readouterr().out)
    (tags,) = EmbeddedGenerator().generate([query])
    assert row == {
        "query": query,
        "query_tags": [{"name": tag.name, "weight": tag.weight} for tag in tags.reported],
    }


def test_text_shows_tags_under_the_query(capsys):
    assert main(["tag", "fix this python traceback"]) == 0
    query, tags = capsys.readouterr().out.splitlines()
    assert query == "fix this python traceback"
    assert "python" in tags


def test_blank_query_has_no_tags(capsys):
    assert main(["tag", " "]) == 0
    assert "(no tags)" in capsys.readouterr().out


def test_output_keeps_the_order_of_a_file(tmp_path):
    file = tmp_path / "queries.txt"
    file.write_text("".join(f"query number {n}\n" for n in range(130)))
    assert main(["tag", "--file", str(file), "--json", "-o", str(tmp_path / "out")]) == 0
    rows = [json.loads(line) for line in (tmp_path / "out").read_text().splitlines()]
    assert [row["query"] for row in rows] == [f"query number {n}" for n in range(130)]


def test_asking_a_chat_model_without_naming_one_is_wrong_usage(capsys):
    assert main(["tag", "--generator", "prompted", "fix this python traceback"]) == EXIT_USAGE
    assert "Name one: --llm openai:gpt-4o-mini" in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--llm", "openai:x"], ["--base-url", "http://localhost/v1"]])
def test_naming_a_chat_model_that_is_not_asked_is_wrong_usage(option, capsys):
    assert main(["tag", *option, "fix this python traceback"]) == EXIT_USAGE
    assert "give --generator prompted" in capsys.readouterr().err


def test_help_says_that_the_output_is_a_corpus(capsys):
    assert main(["tag", "--help"]) == 0
    assert "id, query and tags a line" in " ".join(capsys.readouterr().out.split())
