"""Tag alignment by cosine similarity."""

from collections.abc import Sequence

import numpy as np

from tagrouter.scores.alignment import TagAligner
from tagrouter.scores.encoders import Floats, PhraseEncoder
from tagrouter.testing import FakeEncoder


class OnACircle(PhraseEncoder):
    """Puts phrases at angles, and counts what it is asked for."""

    def __init__(self, **degrees: float) -> None:
        self.degrees = degrees
        self.asked: list[str] = []

    def encode(self, phrases: Sequence[str]) -> Floats:
        self.asked.extend(phrases)
        angles = np.radians([self.degrees.get(phrase, 180.0) for phrase in phrases])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def test_nearest_known_tag_is_found_with_its_similarity():
    encoder = OnACircle(poetry=0, coding=90, verse=30)
    assert TagAligner(["poetry", "coding"], encoder).align("verse") == ("poetry", 0.866)


def test_similarity_of_exactly_the_minimum_is_near_enough():
    encoder = OnACircle(poetry=0, verse=60)  # the cosine of 60 degrees is 0.5
    assert TagAligner(["poetry"], encoder, 0.5).align("verse") == ("poetry", 0.5)


def test_similarity_below_the_minimum_is_not_near_enough():
    encoder = OnACircle(poetry=0, verse=60.1)
    assert TagAligner(["poetry"], encoder, 0.5).align("verse") is None


def test_minimum_similarity_is_a_half_unless_said_otherwise():
    encoder = OnACircle(poetry=0, near=59, far=61)
    aligner = TagAligner(["poetry"], encoder)
    assert aligner.align("near") is not None
    assert aligner.align("far") is None


def test_nothing_is_near_when_nothing_is_known():
    assert TagAligner([], FakeEncoder()).align("verse") is None


def test_same_tag_is_encoded_once():
    encoder = OnACircle(poetry=0, verse=30)
    aligner = TagAligner(["poetry"], encoder)
    assert aligner.align("verse") == aligner.align("verse")
    assert encoder.asked == ["poetry", "verse"]


def test_memory_of_alignments_is_bounded():
    encoder = OnACircle(poetry=0, verse=30)
    aligner = TagAligner(["poetry"], encoder)
    aligner.align("verse")
    for number in range(5000):
        aligner.align(f"tag {number}")
    assert aligner.align("verse") == ("poetry", 0.866)
    assert encoder.asked.count("verse") == 2
