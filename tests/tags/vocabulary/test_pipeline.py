"""Hand-made counts through the pipeline: what is merged, into what, and what stays."""

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("sklearn")

from tagrouter import InvalidInputError, MissingExtraError
from tagrouter.tags.vocabulary.clusters import ClusterOptions, propose_merges
from tagrouter.tags.vocabulary.pipeline import VocabularyOptions, build_vocabulary
from tagrouter.tags.vocabulary.rules import MergeRule, fold
from tagrouter.testing import FakeEncoder

KEEP_ALL = VocabularyOptions(min_count=1)
NOTHING_NEAR = FakeEncoder()
PROTECTED = ("simple request", "complex request", "danish", "norwegian", "mixed languages")


class AngleEncoder:
    """Puts phrases on a circle: two of them are as similar as the cosine of their distance."""

    def __init__(self, degrees):
        self.degrees = degrees

    def encode(self, phrases):
        angles = np.radians([self.degrees[phrase] for phrase in phrases])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def merges(vocabulary):
    return {name: tag for name, tag in vocabulary.aliases.items() if name != tag}


def rules(vocabulary):
    return {alias.name: alias.rule for tag in vocabulary.tags for alias in tag.aliases}


def test_writings_of_a_tag_go_to_the_most_frequent_one():
    counts = {"theater": 9, "theatre": 2, "theaters": 1, "poetry": 5}
    vocabulary = build_vocabulary(counts, NOTHING_NEAR, KEEP_ALL)
    assert merges(vocabulary) == {"theatre": "theater", "theaters": "theater"}


def test_each_alias_says_which_rule_made_it_one():
    counts = {"skin care": 9, "Skin Care": 1, "skincare": 2, "joke": 3, "jokes": 2}
    counts |= {"humor": 4, "humour": 3, "comedy": 2}
    vocabulary = build_vocabulary(counts, FakeEncoder(near={"comedy": "humor"}), KEEP_ALL)
    assert rules(vocabulary) == {
        "Skin Care": MergeRule.CASE,
        "skincare": MergeRule.SEPARATORS,
        "humour": MergeRule.SPELLING,
        "jokes": MergeRule.NUMBER,
        "comedy": MergeRule.MEANING,
    }


def test_counts_of_all_names_add_up():
    counts = {"verse": 3, "poetry": 9, "Poetry": 2}
    (tag,) = build_vocabulary(counts, FakeEncoder(near={"verse": "poetry"}), KEEP_ALL).tags
    assert (tag.name, tag.count) == ("poetry", 14)


def test_canonical_name_is_folded_even_if_nobody_wrote_it_so():
    vocabulary = build_vocabulary({"JSON_Output": 3}, NOTHING_NEAR, KEEP_ALL)
    assert vocabulary.aliases == {"json output": "json output", "JSON_Output": "json output"}


def test_equally_frequent_names_are_taken_in_alphabetical_order():
    counts = {"verse": 3, "poetry": 3}
    vocabulary = build_vocabulary(counts, FakeEncoder(near={"verse": "poetry"}), KEEP_ALL)
    assert merges(vocabulary) == {"verse": "poetry"}


def test_rare_tags_are_dropped_with_their_counts_on_record():
    vocabulary = build_vocabulary({"poetry": 5, "zither": 4, "Zithers": 1, "lute": 2}, NOTHING_NEAR)
    assert [tag.name for tag in vocabulary.tags] == ["poetry", "zither"]
    assert vocabulary.dropped == {"lute": 2}


def test_rare_spelling_lends_its_count_before_the_filter():
    vocabulary = build_vocabulary({"theatre": 4, "theater": 1}, NOTHING_NEAR)
    assert [(tag.name, tag.count) for tag in vocabulary.tags] == [("theatre", 5)]


def test_chain_ends_where_likeness_to_the_canonical_tag_ends():
    # 30 degrees apart: neighbors are similar by 0.87, but the ends of a chain are not.
    encoder = AngleEncoder({"law": 0, "justice": 30, "courts": 60, "tennis": 90})
    counts = {"law": 9, "justice": 5, "courts": 4, "tennis": 2}
    vocabulary = build_vocabulary(counts, encoder, KEEP_ALL)
    assert merges(vocabulary) == {"justice": "law", "tennis": "courts"}


def test_tag_between_two_canonical_ones_goes_to_the_nearer():
    encoder = AngleEncoder({"law": 0, "courts": 25, "tennis": 45})
    vocabulary = build_vocabulary({"law": 9, "tennis": 8, "courts": 1}, encoder, KEEP_ALL)
    assert merges(vocabulary) == {"courts": "tennis"}


def test_tags_unlike_each_other_are_not_merged():
    vocabulary = build_vocabulary({"html": 5, "cooking": 5}, NOTHING_NEAR)
    assert merges(vocabulary) == {}


def test_phrases_the_encoder_does_not_know_are_near_nothing():
    class KnowsNothing:
        def encode(self, phrases):
            return np.zeros((len(phrases), 4))

    assert merges(build_vocabulary({"ab": 5, "cd": 5}, KnowsNothing())) == {}


def test_effort_and_language_tags_are_not_merged_by_meaning():
    everything = FakeEncoder(near=dict.fromkeys(PROTECTED, "one point"))
    vocabulary = build_vocabulary(dict.fromkeys(PROTECTED, 9), everything)
    assert merges(vocabulary) == {}


@pytest.mark.parametrize("veto", [("verse", "poetry"), ("poetry", "Verse")])
def test_veto_keeps_two_tags_apart_whichever_is_named_first(veto):
    encoder = FakeEncoder(near={"verse": "poetry"})
    vocabulary = build_vocabulary({"verse": 3, "poetry": 9}, encoder, KEEP_ALL, [veto])
    assert merges(vocabulary) == {}


def test_veto_holds_for_merges_by_rule_too():
    vocabulary = build_vocabulary({"rate": 5, "rates": 6}, NOTHING_NEAR, None, [("rate", "rates")])
    assert merges(vocabulary) == {}


def test_veto_cannot_be_got_around_over_a_third_tag():
    encoder = FakeEncoder(near={"verse": "poetry", "rhyme": "poetry"})
    counts = {"rhyme": 9, "verse": 5, "poetry": 3}
    vocabulary = build_vocabulary(counts, encoder, KEEP_ALL, [("verse", "poetry")])
    assert merges(vocabulary) == {"verse": "rhyme"}


def test_vetoed_tag_still_merges_with_others():
    encoder = FakeEncoder(near={"verse": "poetry", "verses in rhyme": "poetry"})
    counts = {"poetry": 9, "verse": 5, "verses in rhyme": 2}
    vetoes = [("verse", "poetry"), ("verses in rhyme", "poetry")]
    vocabulary = build_vocabulary(counts, encoder, KEEP_ALL, vetoes)
    assert merges(vocabulary) == {"verses in rhyme": "verse"}


def test_cluster_needs_as_many_neighbors_as_asked_for():
    encoder = FakeEncoder(near={"verse": "poetry"})
    options = VocabularyOptions(clusters=ClusterOptions(min_samples=3))
    assert merges(build_vocabulary({"verse": 5, "poetry": 9}, encoder, options)) == {}


def test_no_tags_make_an_empty_vocabulary():
    assert build_vocabulary({}, NOTHING_NEAR).tags == ()


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ({"poetry": 0}, "whole number from 1"),
        ({"poetry": True}, "whole number from 1"),
        ({"poetry": 1.5}, "whole number from 1"),
        ({" _ ": 3}, "not blank"),
    ],
)
def test_unusable_counts_are_refused(counts, message):
    with pytest.raises(InvalidInputError, match=message):
        build_vocabulary(counts, NOTHING_NEAR)


@pytest.mark.parametrize(
    "options",
    [{"eps": 0.0}, {"eps": 1.0}, {"min_similarity": 0.0}, {"min_samples": 1}],
)
def test_options_out_of_range_are_refused(options):
    with pytest.raises(InvalidInputError, match=next(iter(options))):
        ClusterOptions(**options)


def test_minimal_count_out_of_range_is_refused():
    with pytest.raises(InvalidInputError, match="min_count is at least 1"):
        VocabularyOptions(min_count=0)


def test_missing_scikit_learn_is_named_before_anything_is_encoded(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.cluster", None)
    with pytest.raises(MissingExtraError, match=r'pip install "tagrouter\[eval\]"'):
        build_vocabulary({"poetry": 5}, encoder=None)


def test_proposals_name_no_tag_twice():
    angles = np.radians([0.0, 10.0, 20.0, 30.0, 40.0, 170.0])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    proposals = propose_merges(vectors, ClusterOptions(), lambda one, other: True)
    assert [(p.tag, p.canonical) for p in proposals] == [(1, 0), (2, 0), (3, 0)]


NAMES = st.text("abcs -_SX", min_size=1, max_size=6).filter(lambda name: name.strip(" _"))
COUNTS = st.dictionaries(NAMES, st.integers(1, 12), max_size=14)


class HashEncoder:
    """Arbitrary but repeatable places on a circle, many of them near each other."""

    def encode(self, phrases):
        angles = np.array([sum(map(ord, phrase)) % 36 * 10.0 for phrase in phrases])
        return np.stack([np.cos(np.radians(angles)), np.sin(np.radians(angles))], axis=1)


OPTIONS = st.builds(
    VocabularyOptions,
    min_count=st.integers(1, 6),
    clusters=st.builds(
        ClusterOptions,
        eps=st.sampled_from([0.01, 0.1, 0.3]),
        min_similarity=st.sampled_from([0.7, 0.9]),
        min_samples=st.integers(2, 4),
    ),
)


@given(COUNTS, OPTIONS, st.randoms(use_true_random=False))
def test_result_does_not_depend_on_the_order_of_the_counts(counts, options, random):
    shuffled = list(counts.items())
    random.shuffle(shuffled)
    expected = build_vocabulary(counts, HashEncoder(), options)
    assert build_vocabulary(dict(shuffled), HashEncoder(), options) == expected


@given(COUNTS, OPTIONS)
def test_vocabulary_of_a_vocabulary_is_itself(counts, options):
    first = build_vocabulary(counts, HashEncoder(), options)
    again = build_vocabulary({t.name: t.count for t in first.tags}, HashEncoder(), options)
    assert [(t.name, t.count, t.aliases) for t in again.tags] == [
        (t.name, t.count, ()) for t in first.tags
    ]


@given(COUNTS, OPTIONS, st.lists(st.tuples(NAMES, NAMES), max_size=4))
def test_no_use_of_a_tag_is_lost_and_no_veto_broken(counts, options, vetoes):
    vocabulary = build_vocabulary(counts, HashEncoder(), options, vetoes)
    kept = sum(tag.count for tag in vocabulary.tags)
    assert kept + sum(vocabulary.dropped.values()) == sum(counts.values())
    for one, other in vetoes:
        ends = {vocabulary.aliases.get(one, one), vocabulary.aliases.get(other, other)}
        assert len(ends) == 2 or fold(one) == fold(other)
