"""`tagrouter vocabulary` on a small corpus, with the shipped encoder."""

import json

import pytest

pytest.importorskip("sklearn")

from tagrouter.cli.main import main
from tagrouter.tags.vocabulary.record import Vocabulary


@pytest.fixture
def corpus(tmp_path):
    tags = [["theatre", "poetry"]] * 6 + [["theater", "plumbing"]] * 5 + [["lute"]]
    path = tmp_path / "corpus.jsonl"
    rows = ({"id": str(i), "query": "x", "tags": row} for i, row in enumerate(tags))
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def test_command_writes_vocabulary_report_and_flat_aliases(corpus, tmp_path, capsys):
    arguments = ["--report", "merges.md", "--aliases", "aliases.json"]
    assert main(["vocabulary", str(corpus), "-o", "v.json", *arguments]) == 0
    vocabulary = Vocabulary.read(tmp_path / "v.json")
    assert [(tag.name, tag.count) for tag in vocabulary.tags] == [
        ("theatre", 11),
        ("poetry", 6),
        ("plumbing", 5),
    ]
    assert "| theater | 5 | theatre | 6 |" in (tmp_path / "merges.md").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "aliases.json").read_text(encoding="utf-8")) == {
        "plumbing": "plumbing",
        "poetry": "poetry",
        "theater": "theatre",
        "theatre": "theatre",
    }
    assert "3 canonical tags with 1 aliases written to v.json; 1 rare" in capsys.readouterr().err


def test_vetoed_pair_is_kept_apart(corpus, tmp_path):
    (tmp_path / "vetoes.csv").write_text("tag,canonical\ntheater,theatre\n", encoding="utf-8")
    assert main(["vocabulary", str(corpus), "-o", "v.json", "--vetoes", "vetoes.csv"]) == 0
    assert "theater" in {tag.name for tag in Vocabulary.read(tmp_path / "v.json").tags}


def test_two_runs_write_the_same_bytes(corpus, tmp_path):
    for name in ("a.json", "b.json"):
        main(["vocabulary", str(corpus), "-o", name, "--min-count", "1", "--eps", "0.3"])
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--encoder", "nonesuch"], "Unknown encoder 'nonesuch'"),
        (["--vetoes", "absent.csv"], "absent.csv cannot be read as CSV"),
        (["--eps", "2"], "eps is a distance between 0 and 1"),
        (["--min-count", "0"], "min_count is at least 1"),
    ],
)
def test_unusable_argument_is_one_line_and_nothing_is_written(
    corpus, tmp_path, capsys, arguments, message
):
    assert main(["vocabulary", str(corpus), "-o", "v.json", *arguments]) == 1
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
    assert not (tmp_path / "v.json").exists()
