"""Raw text becomes a tag name."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tagrouter.tags.embedded import EmbeddedGenerator
from tagrouter.tags.normalize import MAX_TAG_WORDS, normalize_tag


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Poetry", "poetry"),
        ("  Creative   Writing. ", "creative writing"),
        ("code_generation", "code generation"),
        ("CI/CD", "ci/cd"),
        ("C#", "c#"),
        ("# C++.", "c++"),
        (".NET", ".net"),
        ("heading #", "heading"),
        ("...poetry", "poetry"),
        ("a/b" * 400_000 + "-" * 400_000, "a/b" * 400_000),
        ("- **Summarization**", "summarization"),
        ('"multi-step reasoning",', "multi-step reasoning"),
        ("\uff21\uff22", "ab"),
        ("Straße", "strasse"),
        ("诗歌", "诗歌"),
        ("...", ""),
        ("", ""),
        ("one two three four five", "one two three four five"),
        ("one two three four five six", ""),
    ],
)
def test_text_becomes_a_name(text, name):
    assert normalize_tag(text) == name


@given(st.text())
@example("\u1f9f\u0301")
def test_name_is_its_own_normal_form(text):
    name = normalize_tag(text)
    assert normalize_tag(name) == name
    assert len(name.split(" ")) <= MAX_TAG_WORDS


def test_every_shipped_tag_is_its_own_normal_form():
    vocabulary = EmbeddedGenerator().vocabulary
    assert [tag for tag in vocabulary if normalize_tag(tag) != tag] == []
