"""Receipts add up: the record to 1e-9, the text to the last digit printed."""

import json
import math
import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tagrouter import Decision, TagRouter
from tagrouter.models import Model
from tagrouter.registry import BUNDLED_PROFILES
from tests.core.builders import soft_tags, tiny_router

QUERIES = (
    "Prove that there are infinitely many primes congruent to 3 mod 4",
    "what's the capital of France",
    "证明存在无穷多个模4余3的素数",
    "Write a Python function that parses ISO dates and returns None for malformed ones.",
    "Draft a polite email to my landlord about the broken heating, and translate it to German",
    "hi",
)
NUMBER = re.compile(r"[+-]\d+\.\d{6}(?!\d)")


def assert_record_adds_up(decision: Decision) -> None:
    for model, score in decision.model_scores.items():
        summands = [entry.contributions[model] for entry in decision.contributions]
        assert math.fsum([decision.intercepts[model], *summands]) == pytest.approx(score, abs=1e-9)


def assert_json_adds_up(decision: Decision) -> None:
    row = json.loads(json.dumps(decision.to_dict(), allow_nan=False))
    for model, score in row["model_scores"].items():
        shown = [tag["contribution"].get(model, 0.0) for tag in row["query_tags"]]
        rest = row["other_tags"]["contribution"][model]
        assert math.fsum([row["intercepts"][model], *shown, rest]) == pytest.approx(score, abs=1e-9)


def printed(decision: Decision) -> dict[str, list[list[Decimal]]]:
    """The receipt's numbers read back: rows of summands, and the lines below them."""
    rows: dict[str, list[list[Decimal]]] = {"summands": []}
    for line in decision.explain().splitlines():
        cells = [Decimal(text) for text in NUMBER.findall(line)]
        if not line.startswith("  ") or not cells:
            continue
        name = re.split(r"\s{2,}", line.strip())[0]
        below = name if name in ("= model score", "- theta", "= compared") else None
        rows.setdefault(below or "summands", []).append(cells)
    return rows


def assert_print_adds_up(decision: Decision) -> None:
    rows = printed(decision)
    (scores,) = rows["= model score"]
    assert [sum(column) for column in zip(*rows["summands"], strict=True)] == scores
    shown = {Decimal(f"{score:.6f}") for score in decision.model_scores.values()}
    assert set(scores) <= shown
    if "= compared" in rows:
        (theta,), (compared,) = rows["- theta"], rows["= compared"]
        assert [s + t for s, t in zip(scores, theta, strict=True)] == compared


@pytest.fixture(scope="module", params=BUNDLED_PROFILES)
def shipped(request) -> TagRouter:
    return TagRouter.from_profile(request.param)


@pytest.mark.parametrize("query", QUERIES)
def test_receipts_of_shipped_profiles_add_up(shipped, query):
    decision = shipped.route(query)
    assert_record_adds_up(decision)
    assert_json_adds_up(decision)
    assert_print_adds_up(decision)


@given(
    st.dictionaries(st.sampled_from("abcdefghijkl"), st.integers(1, 9999), min_size=1),
    st.lists(st.integers(-979, 979), min_size=12, max_size=12),
    st.floats(-1, 1),
)
@settings(deadline=None)
def test_receipts_add_up_whatever_the_numbers(weights, thousandths, theta):
    scores = {
        tag: {"small": score / 1000} for tag, score in zip("abcdefghijkl", thousandths, strict=True)
    }
    tags = soft_tags({tag: w / 10_000 for tag, w in weights.items()}, reported=0.5)
    decision = tiny_router(scores).route("x", query_tags=tags, theta=theta)
    assert_record_adds_up(decision)
    assert_json_adds_up(decision)
    assert_print_adds_up(decision)


def test_receipt_of_a_small_case_reads_as_follows():
    models = [Model("small", 1, 1, 100), Model("large", 9, 9, 100)]
    router = tiny_router(
        {"poetry": {"small": 0.2}, "coding": {"small": -0.5}},
        near={"verse": "poetry"},
        theta=0.05,
        models=models,
    )
    tags = soft_tags({"verse": 0.9, "coding": 0.2}, reported=0.5)
    receipt = router.route("x", query_tags=tags).explain()
    assert [line.split() for line in receipt.splitlines()] == [
        line.split()
        for line in """\
small: it has the best score (reason scored, profile tiny)

  tag                           weight      small      large  small: wins / ties / losses
  (before any tag)                      +0.000000  +0.000000
  poetry (from 'verse', 1.00)   0.9000  +0.180000  +0.000000  0.0 / 980.0 / 0.0
not reported, but counted:
  coding                        0.2000  -0.100000  +0.000000  0.0 / 980.0 / 0.0
  = model score                         +0.080000  +0.000000
  - theta                               -0.050000  +0.000000
  = compared                            +0.030000  +0.000000

Runner-up: large, behind by 0.030000.
It flips to large at any theta above +0.080000 (now +0.050000).
Without the tag 'poetry' it would go to large.""".splitlines()
    ]


def test_fainter_tags_are_summed_in_one_line():
    scores = {f"tag {n:02d}": {"small": 0.01 * n} for n in range(12)}
    weights = {f"tag {n:02d}": 0.5 - n / 100 for n in range(12)}
    tags = soft_tags(weights, reported=0.5)
    receipt = tiny_router(scores).route("x", query_tags=tags).explain()
    assert "6 fainter tags" in receipt
    assert "tag 05" in receipt
    assert "tag 06" not in receipt


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ({}, "it has the best score"),
        ({"theta": 0.9}, "theta +0.9000 tips the balance"),
        ({"model": "small"}, "the caller left no choice"),
        ({"query_tags": []}, "no tag of the query is known"),
    ],
)
def test_receipt_says_why(call, says):
    router = tiny_router({"poetry": {"small": 0.2}})
    assert says in router.route("x", **{"query_tags": ["poetry"], **call}).explain()


def test_receipt_says_who_was_ahead_where_the_caller_chose():
    router = tiny_router({"coding": {"small": -0.5}})
    receipt = router.route("x", query_tags=["coding"], model="small").explain()
    assert "By score alone, large is ahead by 0.500000." in receipt


def test_receipt_of_a_single_candidate_has_no_runner_up():
    router = tiny_router({"poetry": {"small": 0.2}})
    receipt = router.route("x", query_tags=["poetry"], models=["small"]).explain()
    assert "There was no other candidate." in receipt


def test_candidates_that_are_not_shown_are_counted():
    scores = {"poetry": {f"model {n}": n / 10 for n in range(5)}}
    receipt = tiny_router(scores).route("x", query_tags=["poetry"]).explain()
    assert "(candidates not shown: 3)" in receipt


def test_contribution_comes_with_its_evidence():
    router = tiny_router({"poetry": {"small": 0.2}})
    (entry,) = router.route("x", query_tags=["poetry"]).contributions
    assert entry.contributions == {"small": 0.2, "large": 0.0}
    assert (entry.evidence["small"].ties, set(entry.evidence)) == (980.0, {"small"})


def test_json_has_the_fields_that_are_promised():
    router = tiny_router({"poetry": {"small": 0.2}}, near={"verse": "poetry"})
    row = router.route("x", query_tags=["verse"]).to_dict()
    assert row["query_tags"] == [
        {
            "name": "poetry",
            "weight": 1.0,
            "aligned_from": "verse",
            "similarity": 1.0,
            "contribution": {"small": 0.2, "large": 0.0},
        }
    ]
    assert {name: row[name] for name in ("model", "ranking", "reason", "theta", "cost_usd")} == {
        "model": "small",
        "ranking": ["small", "large"],
        "reason": "scored",
        "theta": 0.0,
        "cost_usd": None,
    }
