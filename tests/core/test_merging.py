"""Merged profiles know what both know; what contradicts is refused."""

from dataclasses import replace
from functools import reduce
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagrouter import Comparison, InvalidInputError, Profile, load_profile, save_profile
from tagrouter.decision.rules import Rule, RuleKind
from tagrouter.decision.threshold import ThetaPolicy
from tagrouter.evidence import UNIT, Evidence, ExactCounts, ModelEvidence
from tagrouter.fitting import fit_profile
from tagrouter.merging import merge_profiles
from tagrouter.models import Model
from tagrouter.profile import GeneratorReference
from tagrouter.records import comparison
from tagrouter.scores.paper import PaperEstimator
from tagrouter.scores.scorer import TagScorer
from tagrouter.scores.shrunk import ShrunkEstimator
from tagrouter.testing import FakeTagGenerator, tiny_profile
from tests.core.builders import bytes_below, soft_tags

TAGS = ("coding", "law", "poetry", "trivia")
MODELS = ("midi", "mini", "tiny")


def fit(records, *, name="p", estimator=None) -> Profile:
    return fit_profile(records, FakeTagGenerator({}), name=name, estimator=estimator).profile


def fit_one(id="a1", model="mini", tag="poetry", preference=0.9, **changes) -> Profile:
    """A profile on one comparison; `name` is its id unless set."""
    tags = soft_tags({tag: 1.0})
    record = comparison("q", model, "large", preference=preference, query_tags=tags, id=id)
    return replace(fit([record], name=id), **changes)


def files_of(profile: Profile, folder) -> dict[str, bytes]:
    save_profile(profile, folder)
    return bytes_below(folder)


def columns(profile: Profile) -> dict[str, tuple[bytes, dict[str, bytes]]]:
    """Scores of every model, to the last bit: before any tag, and by tag it has evidence on."""
    scorer = TagScorer(profile.estimator)
    scorer.fit(profile.evidence, profile.reference_model, profile.model_names)
    return {
        model: (
            scorer.intercepts_[column].tobytes(),
            {
                tag: scorer.tag_scores_[scorer.tags_.index(tag), column].tobytes()
                for tag in evidence.tags
            },
        )
        for column, model in enumerate(scorer.models_)
        if (evidence := profile.evidence.models.get(model)) is not None
    }


four_decimals = st.integers(0, UNIT).map(lambda n: n / UNIT)
weights = st.integers(1, UNIT).map(lambda n: n / UNIT)
judged = st.builds(
    lambda model, preference, tags: (model, preference, tags),
    st.sampled_from(MODELS),
    four_decimals,
    st.dictionaries(st.sampled_from(TAGS), weights),
)
estimators = st.sampled_from(
    [ShrunkEstimator(), ShrunkEstimator(centered=True), PaperEstimator(reference_score="mirror")]
)


@st.composite
def parted(draw) -> tuple[list[Comparison], list[list[Comparison]]]:
    """Comparisons, and the same ones shuffled and cut into two to four parts."""
    records = [
        comparison("q", model, "large", preference=p, query_tags=soft_tags(tags), id=str(number))
        for number, (model, p, tags) in enumerate(draw(st.lists(judged, min_size=2, max_size=12)))
    ]
    shuffled = draw(st.permutations(records))
    cuts = draw(st.sets(st.integers(1, len(records) - 1), min_size=1, max_size=3))
    edges = [0, *sorted(cuts), len(records)]
    return records, [list(shuffled[a:b]) for a, b in pairwise(edges)]


# What holds for any comparisons


@given(parted(), estimators)
def test_merging_fits_of_parts_is_fitting_all_at_once(both, estimator):
    records, parts = both
    fits = [fit(part, estimator=estimator) for part in parts]
    assert reduce(lambda a, b: merge_profiles(a, b, "p"), fits) == fit(records, estimator=estimator)


@given(parted(), st.data())
def test_order_and_grouping_of_profiles_do_not_matter(both, data):
    fits = [fit(part) for part in both[1]]
    forward = reduce(lambda a, b: merge_profiles(a, b, "p"), fits)
    left = list(data.draw(st.permutations(fits)))
    while len(left) > 1:
        other = left.pop(data.draw(st.integers(1, len(left) - 1)))
        left[0] = merge_profiles(other, left[0], "p")
    assert left[0] == forward
    assert columns(left[0]) == columns(forward)


@given(parted(), estimators)
def test_adding_a_model_leaves_the_bytes_of_all_other_columns_alone(both, estimator):
    records, _ = both
    newcomer = [r for r in records if r.model == "midi"]
    others = [r for r in records if r.model != "midi"]
    if not newcomer or not others:
        return
    old = fit(others, estimator=estimator)
    new = columns(merge_profiles(old, fit(newcomer, estimator=estimator), "p"))
    assert {model: new[model] for model in columns(old)} == columns(old)


def test_merged_files_are_those_of_a_fit_on_all(tmp_path):
    records = [
        comparison("q", model, "large", preference=p, query_tags=soft_tags({tag: w}), id=f"{n}")
        for n, (model, p, tag, w) in enumerate(
            [("mini", 0.9, "law", 0.3), ("tiny", 0.1234, "law", 1.0), ("mini", 0.5, "trivia", 0.1)]
        )
    ]
    merged = merge_profiles(fit(records[1:]), fit(records[:1]), "p")
    assert files_of(merged, tmp_path / "merged") == files_of(fit(records), tmp_path / "at_once")
    assert load_profile(tmp_path / "merged") == merged


def test_rows_of_other_models_stay_as_they_were_in_the_file(tmp_path):
    before = files_of(fit_one("a1", "mini"), tmp_path / "before")["evidence.csv"]
    merged = merge_profiles(fit_one("a1", "mini"), fit_one("b1", "midi", "law"), "p")
    after = files_of(merged, tmp_path / "after")["evidence.csv"]
    kept = [line for line in after.splitlines(keepends=True) if b",midi," not in line]
    assert b"".join(kept) == before


def test_one_models_evidence_is_added_up():
    merged = merge_profiles(fit_one("a1", preference=0.9), fit_one("b1", preference=0.25), "p")
    both = ExactCounts(wins=UNIT, losses=UNIT, preference=11500 * UNIT)
    assert merged.evidence == Evidence({"mini": ModelEvidence(both, {"poetry": both})})


# What stands in both


def test_shared_comparisons_are_counted_and_the_remedy_is_named():
    first = merge_profiles(fit_one("a1"), fit_one("b1"), "first")
    second = merge_profiles(merge_profiles(fit_one("a1"), fit_one("b1"), "x"), fit_one("c1"), "two")
    with pytest.raises(
        InvalidInputError,
        match=r"'first' and 'two' share 2 comparisons, which would count twice.*--add-to PROFILE",
    ):
        merge_profiles(first, second, "p")


def test_profile_that_does_not_know_what_it_counts_is_refused():
    blind = replace(fit_one("b1"), seen=frozenset())
    with pytest.raises(InvalidInputError, match="'b1' counts 1 comparisons and has the ids of 0"):
        merge_profiles(fit_one("a1"), blind, "p")
    with pytest.raises(InvalidInputError, match="Fit it again on its comparisons"):
        merge_profiles(tiny_profile({"poetry": {"small": 0.2}}), fit_one("a1"), "p")


def test_a_whole_number_as_parameter_is_the_same_estimator():
    whole = fit_one("a1", estimator=ShrunkEstimator(20))
    assert merge_profiles(whole, fit_one("b1"), "p").estimator == ShrunkEstimator(20.0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"estimator": ShrunkEstimator(5.0)}, "the estimator 'shrunk' .*'kappa': 20.0.*other .*5"),
        ({"estimator": PaperEstimator()}, "the estimator 'shrunk' .* the other 'paper'"),
        (
            {"generator": GeneratorReference("fake", "2")},
            "the generator 'fake' version 1, the other 'fake' version 2",
        ),
        ({"policy": ThetaPolicy(0.2)}, "'theta': 0.0}, the other .*0.2.*both profile.json"),
        (
            {"reference_model": "huge", "default_model": "mini", "models": (Model("mini"),)},
            "the reference_model 'large', the other 'huge'",
        ),
    ],
)
def test_profiles_that_measure_differently_are_refused(changes, message):
    with pytest.raises(InvalidInputError, match=message):
        merge_profiles(fit_one("a1"), fit_one("b1", **changes), "p")


# Prices, default model, rules, provenance


def priced(*prices) -> tuple[Model, Model]:
    return Model("mini", *prices), Model("large")


def test_prices_are_taken_from_where_they_are_known():
    first = fit_one("a1", models=priced(0.5, None))
    second = fit_one("b1", models=priced(0.5, 2.0))
    assert merge_profiles(first, second, "p").models == priced(0.5, 2.0)
    assert merge_profiles(second, first, "p").models == priced(0.5, 2.0)


def test_two_prices_of_one_model_are_refused():
    first, second = fit_one("a1", models=priced(0.5)), fit_one("b1", models=priced(0.4))
    message = "'mini' two values of input_usd_per_million_tokens: 0.4 and 0.5"
    with pytest.raises(InvalidInputError, match=message):
        merge_profiles(first, second, "p")


def test_default_model_that_was_set_stands():
    first, second = fit_one("a1", default_model="mini"), fit_one("b1")
    assert merge_profiles(first, second, "p").default_model == "mini"
    assert merge_profiles(second, first, "p").default_model == "mini"


def test_two_default_models_are_refused():
    first = fit_one("a1", "mini", default_model="mini")
    second = fit_one("b1", "midi", default_model="midi")
    with pytest.raises(InvalidInputError, match="default models are 'mini' and 'midi'"):
        merge_profiles(first, second, "p")


def pin(model, tag="law", why=""):
    return Rule(tag, model, RuleKind.PIN, why)


def ban(model, tag="law", why=""):
    return Rule(tag, model, RuleKind.BAN, why)


def merged_rules(first, second) -> tuple[Rule, ...]:
    return merge_profiles(fit_one("a1", rules=first), fit_one("b1", rules=second), "p").rules


def test_rules_are_joined_and_the_same_one_stands_once():
    joined = (ban("mini", "code"), pin("large", why="counsel"))
    assert (
        merged_rules([pin("large", why="counsel")], [ban("mini", "code"), pin("large")]) == joined
    )


def test_two_reasons_for_a_rule_are_both_kept():
    assert merged_rules([ban("mini", why="slow")], [ban("mini", why="contract")]) == (
        ban("mini", why="contract; slow"),
    )


@pytest.mark.parametrize("other", [pin("large"), ban("mini")])
def test_contradictory_rules_are_refused(other):
    with pytest.raises(InvalidInputError, match=r"'a1' and 'b1' cannot be merged.*contradict"):
        merged_rules([pin("mini")], [other])


def test_rules_that_together_ban_every_model_are_refused():
    with pytest.raises(InvalidInputError, match=r"together, their rules ban every model .*'law'"):
        merged_rules([ban("mini")], [ban("large")])


def test_provenance_of_both_is_kept_side_by_side():
    first, second, third = (
        fit_one(f"{name}1", provenance={"source": name}) for name in ("a", "b", "c")
    )
    once = merge_profiles(second, first, "p")
    assert once.provenance == {"merged_from": [{"source": "a"}, {"source": "b"}]}
    twice = merge_profiles(third, once, "p")
    assert [part["source"] for part in twice.provenance["merged_from"]] == ["a", "b", "c"]


def test_same_provenance_is_kept_as_it_is():
    same = {"source": "one project"}
    merged = merge_profiles(fit_one("a1", provenance=same), fit_one("b1", provenance=same), "p")
    assert merged.provenance == same
