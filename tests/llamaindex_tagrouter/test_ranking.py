"""Similarity of descriptions, and the order of choices, on numbers done by hand."""

import math

import pytest

pytest.importorskip("llama_index.core")

from llamaindex_tagrouter._ranking import rank_by_decision, rank_by_similarity, similarities_of
from tagrouter import QueryTag, QueryTags
from tests.llamaindex_tagrouter.builders import CODE, POEM, make_router


def tags(**weights):
    found = tuple(QueryTag(name, weight) for name, weight in weights.items())
    return QueryTags(found, found)


def test_similarity_is_the_cosine_of_the_weights():
    # With two descriptions a tag of one of them counts log(3 / 1.5).
    query, there = tags(poetry=0.8, rain=0.6), tags(poetry=1.0, rain=1.0)
    expected = 1.4 / (1.0 * math.sqrt(2))
    assert similarities_of(query, [there, tags(coding=1.0)]) == [pytest.approx(expected), 0.0]


def test_tag_of_all_descriptions_counts_less_than_one_of_a_single_description():
    query = tags(question=1.0, poetry=0.5)
    verse, code = similarities_of(
        query, [tags(question=0.2, poetry=0.5), tags(question=1.0, coding=0.5)]
    )
    assert verse > code


def test_nothing_in_common_and_no_tags_at_all_are_no_similarity():
    assert similarities_of(tags(), [tags(poetry=1.0), tags()]) == [0.0, 0.0]


def test_equal_similarities_keep_the_order_of_the_choices():
    assert rank_by_similarity([0.1, 0.5, 0.5]).order == (1, 2, 0)


def test_choice_without_a_model_is_worth_the_mean_moved_by_its_similarity():
    # Scores 0.18 and 0: mean 0.09, deviation 0.09. Similarities 0, 0, 0.9: mean 0.3, deviation
    # 0.3 * sqrt(2). So the third is worth 0.09 + 0.09 * 0.6 / 0.424 = 0.217.
    decision = make_router().route(POEM)
    ranking = rank_by_decision(["small", "large", None], decision, [0.0, 0.0, 0.9], [2])
    assert ranking.order == (2, 0, 1)
    assert ranking.scores == (pytest.approx(0.18), 0.0, pytest.approx(0.09 + 0.09 * math.sqrt(2)))


def test_choice_without_a_model_and_without_similarity_passes_no_chosen_model():
    decision = make_router().route(CODE)
    ranking = rank_by_decision([None, "small", "large"], decision, [0.0, 0.0, 0.0], [0])
    assert ranking.order == (2, 0, 1)
