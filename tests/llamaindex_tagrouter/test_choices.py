"""Which model stands behind a choice."""

import pytest

pytest.importorskip("llama_index.core")

from llama_index.core.tools import ToolMetadata

from llamaindex_tagrouter._choices import labels_of, position_of, resolve_choices, text_of
from tagrouter import InvalidInputError

MODELS = ("small", "openai/gpt-4o:free")


def choice(name=None, description="Some text"):
    return ToolMetadata(name=name, description=description)


@pytest.mark.parametrize(
    ("candidate", "model"),
    [
        (choice("small"), "small"),
        (choice("openai/gpt-4o:free"), "openai/gpt-4o:free"),
        (choice("openai_gpt-4o_free"), "openai/gpt-4o:free"),
        (choice(None, "small"), "small"),
        (choice("a tool", "small"), "small"),
        (choice("unheard of"), None),
        (choice("query_engine_tool", None), None),
    ],
)
def test_choice_is_resolved_by_name_sanitized_name_or_text(candidate, model):
    assert resolve_choices([candidate], MODELS, {}) == [model]


@pytest.mark.parametrize("key", ["docs", "All our documents"])
def test_explicit_map_comes_first_by_name_or_description(key):
    candidate = choice("docs", "All our documents")
    assert resolve_choices([candidate], (*MODELS, "docs"), {key: "small"}) == ["small"]


def test_name_that_several_choices_share_says_nothing():
    twins = [choice("small", "first"), choice("small", "second")]
    assert resolve_choices(twins, MODELS, {"second": "small"}) == [None, "small"]


def test_name_that_two_models_share_when_sanitized_says_nothing():
    assert resolve_choices([choice("a_b")], ("a/b", "a:b"), {}) == [None]


def test_choice_is_tagged_by_description_else_by_name():
    assert text_of(choice("code_search", "Finds code")) == "Finds code"
    assert text_of(choice("code_search", None)) == "code search"
    assert text_of(choice(None, None)) == ""


def test_labels_are_short_and_never_empty():
    labels = labels_of([choice("docs"), choice(None, "x" * 50), choice(None, None)])
    assert labels == ["docs", "x" * 37 + "...", "choice 2"]


def test_choice_is_found_by_name_before_description():
    choices = [choice("a", "b"), choice("b", "a")]
    assert (position_of("a", choices), position_of("b", choices)) == (0, 1)


def test_unknown_default_choice_is_named_with_what_there_is():
    with pytest.raises(InvalidInputError, match="'c', but the choices are: a, b"):
        position_of("c", [choice("a"), choice("b")])
