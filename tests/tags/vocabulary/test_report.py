"""The report that a person reads before vetoing."""

from tagrouter.tags.vocabulary.record import Alias, CanonicalTag, Vocabulary
from tagrouter.tags.vocabulary.report import merge_report
from tagrouter.tags.vocabulary.rules import MergeRule

VOCABULARY = Vocabulary(
    tags=(
        CanonicalTag(
            "poetry",
            1020,
            (
                Alias("verse", 10, MergeRule.MEANING, 0.95, 1),
                Alias("rhyme", 6, MergeRule.MEANING, 0.81, 1),
                Alias("poem|ode", 3, MergeRule.MEANING, 0.9, 2),
                Alias("poetries", 1, MergeRule.NUMBER, 0.5, 1),
            ),
        ),
    ),
    dropped={"lute": 2},
    encoder="fake",
    options={"eps": 0.2},
)


def rows(report):
    return [line.split(" | ") for line in report.splitlines() if line.startswith("| ")][1:]


def test_doubtful_merges_stand_first():
    report = merge_report(VOCABULARY, together={frozenset(("verse", "poetry")): 4})
    assert [row[0] for row in rows(report)] == ["| verse", "| rhyme", "| poem\\|ode", "| poetries"]


def test_line_gives_counts_rule_similarity_and_common_uses():
    report = merge_report(VOCABULARY, together={frozenset(("verse", "poetry")): 4})
    assert "| verse | 10 | poetry | 1,000 | meaning | 0.950 | 4 | 1 |" in report


def test_summary_counts_raw_canonical_merged_and_dropped():
    report = merge_report(VOCABULARY)
    assert "6 raw tags became 1 canonical ones: 4 were merged" in report
    assert "1 by singular/plural, 3 by meaning), 1 dropped as too rare" in report


def test_vetoes_and_dropped_tags_are_listed():
    report = merge_report(VOCABULARY, vetoes=[("html", "xml")])
    assert "- html is not xml" in report
    assert "lute (2)" in report


def test_vocabulary_without_merges_says_so():
    report = merge_report(Vocabulary((CanonicalTag("poetry", 5),)))
    assert "## Merges\n\nNone." in report
