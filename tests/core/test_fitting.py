"""Comparisons become a profile; in parts or at once, the same one."""

from collections.abc import Sequence

import pytest

from tagrouter import (
    Comparison,
    InvalidInputError,
    QueryTags,
    TagRouter,
    load_profile,
    save_profile,
)
from tagrouter.evidence import Evidence, ExactCounts
from tagrouter.fitting import fit_profile, hash_id, tag_queries
from tagrouter.records import comparison
from tagrouter.scores.paper import PaperEstimator
from tagrouter.scores.shrunk import ShrunkEstimator
from tagrouter.testing import FakeEncoder, FakeTagGenerator
from tests.core.builders import bytes_below

TAGS = {"poem": {"poetry": 0.9}, "code": {"coding": 0.3333}}


def generator() -> FakeTagGenerator:
    return FakeTagGenerator(TAGS)


def won(query: str, model: str = "small", preference: float = 0.9) -> Comparison:
    return comparison(query, model, "large", preference=preference)


RECORDS = (
    won("a poem"),
    won("some code", preference=0.1),
    won("a poem", "tiny", 0.3),
    won("a poem about code", preference=0.4567),
    won("nothing"),
)


def fitted(records: Sequence[Comparison] = RECORDS, **options):
    return fit_profile(records, generator(), name="mine", **options)


def test_fitted_profile_says_what_it_is_made_of():
    profile = fitted().profile
    assert profile.model_names == ("small", "tiny", "large")
    assert (profile.reference_model, profile.default_model) == ("large", "large")
    assert (profile.generator.name, profile.generator.version) == ("fake", "1")
    assert profile.estimator == ShrunkEstimator()
    assert profile.policy.theta == 0.0


def test_tags_given_with_a_comparison_go_before_the_generators():
    given = comparison(
        "a poem", "small", "large", outcome="win", query_tags=QueryTags.of_names(["humor"])
    )
    found = generator()
    profile = fit_profile([given], found, name="mine").profile
    assert list(profile.evidence.models["small"].tags) == ["humor"]
    assert found.calls == []


def test_same_query_is_tagged_once():
    found = generator()
    fit_profile(RECORDS, found, name="mine")
    assert found.calls == [["a poem", "some code", "a poem about code", "nothing"]]


def test_progress_counts_queries():
    seen = []
    queries = [f"query {n}" for n in range(100)]
    tag_queries(queries, generator(), lambda done, total: seen.append((done, total)))
    assert seen == [(64, 100), (100, 100)]


@pytest.mark.parametrize("cut", range(1, len(RECORDS)))
@pytest.mark.parametrize("estimator", [ShrunkEstimator(), PaperEstimator()])
def test_fitting_in_parts_gives_the_same_bytes_as_fitting_at_once(tmp_path, cut, estimator):
    whole = fitted(estimator=estimator).profile
    first = fitted(RECORDS[:cut], estimator=estimator).profile
    both = fitted(RECORDS[cut:], add_to=first).profile
    assert both.evidence == whole.evidence
    assert both.seen == whole.seen
    for name, profile in (("whole", whole), ("both", both)):
        save_profile(profile, tmp_path / name)
    whole_files, both_files = bytes_below(tmp_path / "whole"), bytes_below(tmp_path / "both")
    for name in ("evidence.csv", "seen.csv"):
        assert both_files[name] == whole_files[name]


def test_evidence_of_all_is_the_sum_of_the_parts():
    parts = [fitted([record]).profile.evidence for record in RECORDS]
    assert sum(parts[::-1], start=Evidence()) == fitted().profile.evidence


def test_order_of_comparisons_does_not_matter(tmp_path):
    save_profile(fitted().profile, tmp_path / "one")
    save_profile(fitted(RECORDS[::-1]).profile, tmp_path / "two")
    assert bytes_below(tmp_path / "one") == bytes_below(tmp_path / "two")


def test_duplicates_count_once():
    found = fitted([*RECORDS, RECORDS[0]])
    assert (found.used, found.duplicates) == (5, 1)
    assert found.profile == fitted().profile


def test_comparisons_of_an_earlier_fit_count_once():
    found = fitted(RECORDS, add_to=fitted(RECORDS[:2]).profile)
    assert (found.used, found.duplicates) == (3, 2)
    assert found.profile.evidence == fitted().profile.evidence


def test_new_model_joins_without_changing_the_others():
    old = fitted([RECORDS[0]]).profile
    new = fitted([RECORDS[2]], add_to=old).profile
    assert new.model_names == ("small", "large", "tiny")
    assert new.evidence.models["small"] == old.evidence.models["small"]


def test_fitted_profile_routes_after_a_round_trip(tmp_path):
    save_profile(fitted().profile, tmp_path / "p")
    loaded = load_profile(tmp_path / "p")
    assert loaded == fitted().profile
    router = TagRouter.from_profile(loaded, generator=generator(), encoder=FakeEncoder())
    assert router.route("a poem").model == "small"


def test_overall_counts_queries_without_tags_too():
    assert fitted([won("nothing")]).profile.evidence.models["small"].overall == ExactCounts(
        10000, 0, 0, 9000_0000
    )


def test_hash_hides_the_id_and_takes_any_text():
    assert hash_id("secret/1") == "b762800dd56f693a"
    assert len(hash_id("\ud800")) == 16


# Refusals


def test_no_comparisons_are_refused():
    with pytest.raises(InvalidInputError, match="no comparisons to fit on"):
        fitted([])


def test_several_reference_models_are_refused():
    other = comparison("q", "small", "huge", outcome="win")
    with pytest.raises(InvalidInputError, match=r"2 reference models \(huge, large\)"):
        fitted([RECORDS[0], other])


def test_reference_model_that_is_judged_too_is_refused():
    turned = comparison("q", "large", "small", outcome="win")
    with pytest.raises(InvalidInputError, match=r"'large', 'small'.*judged.*Turn those around"):
        fitted([RECORDS[0], turned])


def test_other_reference_than_the_profiles_is_refused():
    other = comparison("q", "small", "huge", outcome="win")
    with pytest.raises(InvalidInputError, match="reference model 'huge', profile 'mine' has 'larg"):
        fitted([other], add_to=fitted().profile)


def test_other_estimator_than_the_profiles_is_refused():
    with pytest.raises(InvalidInputError, match="would mix what cannot be added"):
        fitted([won("new")], add_to=fitted().profile, estimator=PaperEstimator())


def test_tags_of_another_generator_are_refused():
    newer = generator()
    newer.version = "2"
    with pytest.raises(InvalidInputError, match="tags of 'fake' version 2 would mix"):
        fit_profile([won("new")], newer, name="mine", add_to=fitted().profile)
