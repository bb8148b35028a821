"""The shipped phrase encoder."""

import numpy as np
import pytest

from tagrouter import TagRouter
from tagrouter.scores.encoders import EmbeddedEncoder
from tagrouter.testing import FakeTagGenerator, tiny_profile


@pytest.fixture(scope="module")
def encoder() -> EmbeddedEncoder:
    return EmbeddedEncoder()


def test_phrases_near_in_meaning_are_near_as_vectors(encoder):
    poem, poetry, plumbing = encoder.encode(["writing a poem", "poetry", "plumbing repair"])
    assert poem @ poetry > 0.5 > poem @ plumbing


def test_known_tags_have_the_vectors_that_the_network_gives(encoder):
    (stored,) = encoder.encode(["poetry"])
    computed = encoder.network.run("poetry")[1]
    assert stored @ computed > 0.99


def test_unseen_tag_takes_scores_of_a_known_one_by_meaning():
    profile = tiny_profile({"poetry": {"small": 0.2}, "plumbing": {"small": -0.9}})
    router = TagRouter.from_profile(profile, generator=FakeTagGenerator({}))
    (tag,) = router.route("x", query_tags=["writing a poem"]).query_tags
    assert (tag.name, tag.aligned_from) == ("poetry", "writing a poem")
    assert tag.similarity > 0.5


def test_phrase_of_unknown_characters_is_near_nothing(encoder):
    assert np.allclose(encoder.encode(["\U000e0041"]), 0.0)
