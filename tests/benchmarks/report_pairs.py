"""Prints how a bundled profile orders tests/golden/hard_easy_pairs.jsonl.

Usage: ``python tests/benchmarks/report_pairs.py [PROFILE]``; `tiers` by default. The list was
written before anyone had looked at a decision on it, see tests/golden/README.md.
"""

import json
import sys
from pathlib import Path

from tagrouter import TagRouter

PAIRS = Path(__file__).parents[1] / "golden" / "hard_easy_pairs.jsonl"


def main() -> None:
    """Route both queries of every pair and count."""
    router = TagRouter.from_profile(sys.argv[1] if len(sys.argv) > 1 else "tiers")
    rows = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    hard = router.route_many([row["hard"] for row in rows])
    easy = router.route_many([row["easy"] for row in rows])
    cheap = next(model for model in router.models if model != router.reference_model)
    print(f"profile {router.profile.name!r}, theta {router.theta:+.4f}; scores of {cheap!r}\n")
    ordered = 0
    for row, one, other in zip(rows, hard, easy, strict=True):
        scores = one.model_scores[cheap], other.model_scores[cheap]
        order = "ordered" if scores[0] < scores[1] else "REVERSED"
        ordered += scores[0] < scores[1]
        print(
            f"{row['id']}  {row['language']:2}  {row['domain']:<15}"
            f"hard {scores[0]:+.3f} -> {one.model:<8}"
            f"easy {scores[1]:+.3f} -> {other.model:<8}{order}"
        )
    to_reference = [decision.model == router.reference_model for decision in hard]
    to_cheap = [decision.model == cheap for decision in easy]
    print(
        f"\nof {len(rows)} pairs: hard scored below easy {ordered}; "
        f"hard to {router.reference_model!r} {sum(to_reference)}; easy to {cheap!r} {sum(to_cheap)}"
    )


if __name__ == "__main__":
    main()
