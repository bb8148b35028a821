"""Judged records become counts."""

from tagrouter.evidence import ExactCounts
from tagrouter.records import comparison
from tagrouter.scores.counts import count_comparisons
from tagrouter.scores.paper import PaperEstimator
from tagrouter.scores.shrunk import ShrunkEstimator
from tests.core.builders import judged, soft_tags

TAGS = soft_tags({"poetry": 0.75, "humor": 0.25}, reported=0.5)


def counted(estimator, outcome: str) -> dict[str, ExactCounts]:
    record = comparison("q", "small", "large", outcome=outcome)
    return count_comparisons([(record, TAGS)], estimator.tag_weights).models["small"].tags


def test_soft_estimator_counts_every_tag_with_its_weight():
    assert counted(ShrunkEstimator(), "win") == {
        "humor": ExactCounts(wins=2500, preference=2500_0000),
        "poetry": ExactCounts(wins=7500, preference=7500_0000),
    }


def test_paper_counts_reported_tags_once():
    assert counted(PaperEstimator(), "win") == {
        "poetry": ExactCounts(wins=10000, preference=1_0000_0000)
    }


def test_losses_have_no_preference():
    assert counted(PaperEstimator(), "loss") == {"poetry": ExactCounts(losses=10000)}


def test_ties_have_half_a_preference():
    tie = ExactCounts(ties=10000, preference=5000_0000)
    assert counted(PaperEstimator(), "tie") == {"poetry": tie}


def test_weight_too_small_for_four_decimals_leaves_no_trace():
    evidence = count_comparisons([judged(1.0, {"poetry": 0.00001})], ShrunkEstimator().tag_weights)
    assert evidence.models["small"].tags == {}


def test_no_comparisons_give_no_evidence():
    assert count_comparisons([], ShrunkEstimator().tag_weights).models == {}
