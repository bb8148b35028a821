"""Evidence: exact sums, whatever the order and the partition."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tagrouter.evidence import Evidence, ExactCounts, ModelEvidence
from tests.core.builders import evidence_of, judged

FOUR_DECIMALS = st.integers(0, 10_000).map(lambda units: units / 10_000)
WEIGHTS = st.integers(1, 10_000).map(lambda units: units / 10_000)
TAGS = st.dictionaries(st.sampled_from(["poetry", "coding", "诗", "*'\""]), WEIGHTS, max_size=3)
JUDGMENTS = st.lists(
    st.builds(judged, FOUR_DECIMALS, TAGS, model=st.sampled_from(["small", "tiny"])), max_size=12
)


@given(JUDGMENTS, JUDGMENTS)
@settings(deadline=None)
def test_evidence_of_both_is_the_sum_of_each(one, other):
    assert evidence_of(*one, *other) == evidence_of(*one) + evidence_of(*other)


@given(JUDGMENTS, JUDGMENTS, JUDGMENTS)
@settings(deadline=None)
def test_sums_do_not_depend_on_the_partition(one, two, three):
    a, b, c = evidence_of(*one), evidence_of(*two), evidence_of(*three)
    assert (a + b) + c == a + (b + c) == evidence_of(*three, *two, *one)


@given(JUDGMENTS.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
@settings(deadline=None)
def test_evidence_does_not_depend_on_the_order(orders):
    given_order, other_order = orders
    one, other = evidence_of(*given_order), evidence_of(*other_order)
    assert one == other
    assert list(one.models) == list(other.models)
    assert [list(m.tags) for m in one.models.values()] == [
        list(m.tags) for m in other.models.values()
    ]


def test_tenths_add_up_without_a_rounding_error():
    # As floats, 0.1 + 0.2 is 0.30000000000000004.
    evidence = evidence_of(judged(1.0, {"poetry": 0.1}), judged(1.0, {"poetry": 0.2}))
    assert evidence.models["small"].tags["poetry"].rounded.wins == 0.3


def test_overall_counts_each_comparison_once():
    evidence = evidence_of(judged(0.5, {"poetry": 0.3, "coding": 0.2}), judged(0.5, {}))
    assert evidence.models["small"].overall == ExactCounts(0, 20000, 0, 1_0000_0000)


def test_models_that_only_one_side_knows_are_kept():
    one = evidence_of(judged(1.0, {"poetry": 1.0}))
    other = evidence_of(judged(0.0, {"poetry": 1.0}, model="tiny"))
    assert list((one + other).models) == ["small", "tiny"]


def test_only_keeps_the_models_asked_for():
    both = evidence_of(judged(1.0, {"a": 1.0}), judged(0.0, {"b": 1.0}, model="tiny"))
    assert both.only(["tiny"]) == evidence_of(judged(0.0, {"b": 1.0}, model="tiny"))


def test_tags_of_all_models_are_listed_in_name_order():
    none = ExactCounts()
    evidence = Evidence(
        {
            "small": ModelEvidence(none, {"poetry": none}),
            "tiny": ModelEvidence(none, {"coding": none, "poetry": none}),
        }
    )
    assert evidence.tags == ("coding", "poetry")
