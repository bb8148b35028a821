"""Profiles check that their parts fit together."""

from dataclasses import replace

import pytest

from tagrouter import InvalidInputError, UnknownNameError
from tagrouter.evidence import Evidence
from tagrouter.models import Model
from tagrouter.testing import tiny_profile

SCORES = {"poetry": {"small": 0.2, "tiny": 0.1}}


def test_profile_without_models_is_refused():
    with pytest.raises(InvalidInputError, match="'tiny' has no models"):
        replace(tiny_profile(SCORES), models=(), evidence=Evidence())


def test_model_listed_twice_is_refused():
    profile = tiny_profile(SCORES)
    with pytest.raises(InvalidInputError, match="lists small twice"):
        replace(profile, models=(*profile.models, Model("small")))


def test_default_model_that_is_not_listed_is_refused():
    with pytest.raises(UnknownNameError, match="default model 'nobody'; known: 'large'"):
        replace(tiny_profile(SCORES), default_model="nobody")


def test_evidence_for_a_model_that_is_not_listed_is_refused():
    profile = tiny_profile(SCORES)
    with pytest.raises(InvalidInputError, match="does not list: tiny"):
        replace(profile, models=(Model("small"), Model("large")))


def test_evidence_for_the_reference_model_is_refused():
    profile = tiny_profile(SCORES)
    with pytest.raises(InvalidInputError, match="'small', which is never compared with itself"):
        replace(profile, reference_model="small")


def test_repr_is_short_and_without_evidence():
    text = repr(tiny_profile({f"tag {n}": {"small": 0.1} for n in range(500)}))
    assert "tag 1" not in text
    assert len(text) < 600


# with_models


def test_models_are_renamed_with_their_evidence():
    profile = tiny_profile(SCORES).with_models({"small": "gpt-4o-mini", "large": "gpt-4o"})
    assert profile.model_names == ("gpt-4o-mini", "gpt-4o")
    assert (profile.reference_model, profile.default_model) == ("gpt-4o", "gpt-4o")
    assert profile.evidence.models == {"gpt-4o-mini": tiny_profile(SCORES).evidence.models["small"]}


def test_renamed_model_loses_its_prices_and_a_kept_one_keeps_them():
    models = [Model("small", 1.0, 2.0, 3), Model("large", 4.0, 5.0, 6)]
    profile = tiny_profile({"poetry": {"small": 0.2}}, models=models)
    renamed = profile.with_models({"small": "gpt-4o-mini", "large": "large"})
    assert renamed.models == (Model("gpt-4o-mini"), Model("large", 4.0, 5.0, 6))


def test_names_alone_keep_models_as_they_are():
    profile = tiny_profile(SCORES).with_models(["large", "tiny"])
    assert profile.model_names == ("tiny", "large")
    assert list(profile.evidence.models) == ["tiny"]


def test_two_models_may_swap_names():
    profile = tiny_profile({"poetry": {"small": 0.2}})
    swapped = profile.with_models({"small": "large", "large": "small"})
    assert swapped.reference_model == "small"
    assert list(swapped.evidence.models) == ["large"]


def test_dropped_reference_stays_the_yardstick():
    profile = tiny_profile(SCORES).with_models(["small", "tiny"])
    assert profile.reference_model == "large"
    assert profile.default_model == "small"


def test_dropped_default_leaves_its_place_to_the_reference():
    profile = replace(tiny_profile(SCORES), default_model="tiny")
    assert profile.with_models(["small", "large"]).default_model == "large"


@pytest.mark.parametrize("models", [{"nobody": "x"}, ["nobody"]])
def test_unknown_model_is_refused_with_the_known_ones(models):
    with pytest.raises(UnknownNameError, match="'nobody'; known: 'large', 'small', 'tiny'"):
        tiny_profile(SCORES).with_models(models)


@pytest.mark.parametrize("models", [{}, []])
def test_at_least_one_model_must_be_kept(models):
    with pytest.raises(InvalidInputError, match="Keep at least one of small, tiny, large"):
        tiny_profile(SCORES).with_models(models)


def test_one_new_name_for_two_models_is_refused():
    with pytest.raises(InvalidInputError, match="cannot take one name"):
        tiny_profile(SCORES).with_models({"small": "x", "large": "x"})


def test_name_of_the_dropped_reference_cannot_be_taken():
    with pytest.raises(InvalidInputError, match="'large' is the reference model"):
        tiny_profile(SCORES).with_models({"small": "large", "tiny": "tiny"})


def test_one_str_is_not_taken_for_names():
    with pytest.raises(InvalidInputError, match="a mapping or a list of names, not 'small'"):
        tiny_profile(SCORES).with_models("small")


@pytest.mark.parametrize("name", ["", None, 3])
def test_new_name_that_is_none_is_refused(name):
    with pytest.raises(InvalidInputError, match="needs a name"):
        tiny_profile(SCORES).with_models({"small": name})
