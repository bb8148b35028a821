"""TagRouterSelector on its own: valid positions, good reasons, no blocked event loop."""

import itertools
import random

import pytest

pytest.importorskip("llama_index.core")

from llama_index.core.base.base_selector import BaseSelector, SelectorResult
from llama_index.core.schema import QueryBundle
from llama_index.core.tools import ToolMetadata

from llamaindex_tagrouter import TagRouterSelector, TagRouterSelectorResult
from tagrouter import InvalidInputError, TagGeneratorError, UnknownNameError
from tagrouter.decision.rules import Rule, RuleKind
from tagrouter.tags.base import TagGenerator
from tests.llamaindex_tagrouter.builders import (
    CODE,
    PLAIN,
    POEM,
    longest_wait_s,
    make_generator,
    make_router,
)

MODELS = ["small", "large"]
SUBJECTS = ["About Python code", "About every poem", "About something else"]


def make_selector(generator=None, *, rules=(), **options):
    return TagRouterSelector.from_defaults(make_router(generator, rules=rules), **options)


@pytest.mark.parametrize(("query", "index"), [(POEM, 0), (CODE, 1), (PLAIN, 1)])
async def test_string_choices_named_like_models_are_selected_by_learned_scores(query, index):
    selector = make_selector()
    result = selector.select(MODELS, query)
    assert result.ind == index
    assert result == await selector.aselect(MODELS, QueryBundle(query))


def test_result_tells_what_led_to_it():
    result = make_selector().select(MODELS, POEM)
    assert isinstance(result, TagRouterSelectorResult)
    assert isinstance(result, SelectorResult)
    assert result.scores == [pytest.approx(0.18), 0.0]
    assert (result.query_tags, result.model, result.source) == (["poetry"], "small", "learned")
    assert result.reason == "poetry -> small +0.18 vs large +0.00"


def test_theta_is_subtracted_from_all_but_the_reference_model():
    result = make_selector(theta=0.5).select(MODELS, POEM)
    assert result.ind == 1
    assert result.scores == [pytest.approx(-0.32), 0.0]


def test_explicit_map_joins_choices_with_models():
    selector = make_selector(choice_to_model={"poems": "small", "Everything else": "large"})
    choices = [ToolMetadata("Everything else"), ToolMetadata("Verses", name="poems")]
    assert selector.select(choices, POEM).ind == 1
    assert selector.select(choices, CODE).ind == 0


def test_query_without_known_tags_takes_the_default_models_choice():
    result = make_selector().select(["large", "small"], PLAIN)
    assert (result.ind, result.model, result.source) == (0, "large", "default")
    assert result.reason == "no known tags -> large by default"


def test_default_choice_takes_queries_without_known_tags():
    assert make_selector(default_choice="small").select(MODELS, PLAIN).ind == 0
    assert make_selector(default_choice="small").select(MODELS, "  ").ind == 0


def test_default_choice_that_is_no_choice_is_refused_on_any_query():
    with pytest.raises(InvalidInputError, match="default_choice is 'medium'"):
        make_selector(default_choice="medium").select(MODELS, POEM)


@pytest.mark.parametrize(("query", "index"), [(CODE, 0), (POEM, 1)])
def test_choices_without_models_are_selected_by_their_descriptions(query, index):
    result = make_selector().select(SUBJECTS, query)
    assert (result.ind, result.model, result.source) == (index, None, "similarity")
    assert result.scores[index] == pytest.approx(1.0)


def test_choices_without_models_and_without_tags_in_common_fall_to_the_first():
    result = make_selector().select(SUBJECTS, PLAIN)
    assert (result.ind, result.source) == (0, "default")
    assert result.reason == "no tag in common -> About Python code by default"


def test_description_that_fits_passes_models_that_do_not():
    choices = [*MODELS, "Draws a picture"]
    fits = make_selector().select(choices, "Make me a picture")
    assert (fits.ind, fits.source) == (2, "similarity")
    assert make_selector().select(choices, POEM).ind == 0


def test_excluded_choices_are_never_selected():
    selector = make_selector(cold_start="exclude", max_outputs=3, min_margin=10)
    result = selector.select(["Draws a picture", *MODELS], "Make me a picture of a poem")
    assert result.inds == [1, 2]
    assert result.scores[0] is None


def test_choices_without_models_can_be_refused():
    with pytest.raises(InvalidInputError, match="No model stands behind the choices Draws a pic"):
        make_selector(cold_start="error").select(["small", "Draws a picture"], POEM)


def test_choices_of_one_model_are_told_apart_by_description_then_by_position():
    about = [*SUBJECTS, "Any poem", "Every poem"]
    selector = make_selector(choice_to_model=dict.fromkeys(about, "small"))
    assert selector.select(SUBJECTS, POEM).ind == 1
    assert selector.select(["Any poem", "Every poem"], POEM).ind == 0


def test_descriptions_are_tagged_once():
    generator = make_generator()
    selector = make_selector(generator)
    selector.select(SUBJECTS, POEM)
    selector.select(SUBJECTS, CODE)
    assert generator.calls == [[POEM, *SUBJECTS], [CODE]]


@pytest.mark.parametrize(("max_outputs", "inds"), [(1, [1]), (2, [1, 0]), (5, [1, 0])])
def test_second_choice_is_selected_only_within_the_margin(max_outputs, inds):
    selector = make_selector(max_outputs=max_outputs, min_margin=0.4)
    assert selector.select(MODELS, CODE).inds == inds
    assert make_selector(max_outputs=5, min_margin=0.3).select(MODELS, CODE).inds == [1]


def test_pinned_model_is_selected_alone_whatever_the_scores():
    pin = Rule("coding", "small", RuleKind.PIN)
    selector = make_selector(rules=[pin], max_outputs=2, min_margin=9)
    result = selector.select([*MODELS, "About Python code"], CODE)
    assert (result.inds, result.source, result.reason) == ([0], "rule", "coding -> small by rule")


def test_banned_model_is_not_selected_as_a_second_either():
    ban = Rule("poetry", "small", RuleKind.BAN)
    selector = make_selector(rules=[ban], max_outputs=2, min_margin=9)
    assert selector.select(MODELS, POEM).inds == [1]


async def test_slow_tagging_leaves_the_event_loop_free():
    selector = make_selector(make_generator(delay_s=0.2))
    assert await longest_wait_s(lambda: selector.aselect(MODELS, POEM)) < 0.1


def test_no_choices_are_refused():
    with pytest.raises(InvalidInputError, match="no choices"):
        make_selector().select([], POEM)


@pytest.mark.parametrize("option", ["cold_start", "on_error"])
def test_misspelled_options_are_refused_with_the_words_there_are(option):
    with pytest.raises(InvalidInputError, match=f"{option} is 'rais'; it must be one of "):
        make_selector(**{option: "rais"})


def test_numbers_out_of_range_and_unknown_models_are_refused():
    with pytest.raises(InvalidInputError, match="max_outputs is 0"):
        make_selector(max_outputs=0)
    with pytest.raises(UnknownNameError, match="'medium'; known: 'large', 'small'"):
        make_selector(choice_to_model={"docs": "medium"})


class BrokenGenerator(TagGenerator):
    name = "broken"

    def _generate(self, queries):
        raise RuntimeError("no tags today")


def test_default_choice_is_taken_where_tagging_fails(caplog):
    result = make_selector(BrokenGenerator()).select(MODELS, POEM)
    assert (result.ind, result.source) == (1, "default")
    assert result.reason == "tagging failed -> large by default"
    assert "no tags today" in caplog.text


def test_tagging_error_is_raised_on_demand():
    with pytest.raises(TagGeneratorError, match="no tags today"):
        make_selector(BrokenGenerator(), on_error="raise").select(MODELS, POEM)


def test_selector_has_no_prompts_to_show_or_change():
    selector = make_selector()
    assert isinstance(selector, BaseSelector)
    selector.update_prompts({})
    assert selector.get_prompts() == {}


def test_any_choices_and_queries_give_valid_positions_and_the_same_ones_again():
    names = [None, "small", "large", "query_engine_tool", "docs", "docs"]
    texts = [None, "", "small", "About Python code", "Draws a picture", "nothing known"]
    pool = [ToolMetadata(d, name=n) for n, d in itertools.product(names, texts)]  # type: ignore
    queries = ["", " ", POEM, CODE, PLAIN, "picture python poem", "poem " * 20_000]
    chance = random.Random(0)
    selector = make_selector(max_outputs=2, min_margin=0.2)
    again = make_selector(max_outputs=2, min_margin=0.2)
    for _ in range(300):
        choices = chance.choices(pool, k=chance.randint(1, 6))
        query = chance.choice(queries)
        result = selector.select(choices, query)
        assert 1 <= len(result.inds) == len(set(result.inds)) <= 2
        assert all(0 <= index < len(choices) for index in result.inds)
        assert result == again.select(choices, query)
