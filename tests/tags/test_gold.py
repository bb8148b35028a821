"""Tags that are given with the query."""

import pytest

from tagrouter import QueryTags, TagGeneratorError
from tagrouter.tags.gold import GoldGenerator


def test_given_tags_are_normalized():
    generator = GoldGenerator({"a poem": ["Poetry", "creative_writing", "..."]})
    assert generator.generate(["a poem"]) == [QueryTags.of_names(["poetry", "creative writing"])]


def test_query_without_tags_is_refused_with_the_ways_out():
    with pytest.raises(TagGeneratorError, match=r"1 of 2 queries .*query_tags=.*generator='emb"):
        GoldGenerator({"a poem": ["poetry"]}).generate(["a poem", "a function"])
