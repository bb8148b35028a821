"""``tagrouter demo``: routes a dozen real-life queries, then explains one."""

import argparse
from typing import Final

from tagrouter.cli.output import console, write_lines
from tagrouter.cli.route import print_decisions, shorten

QUERIES: Final = (
    "what's the capital of Australia again?",
    "how do I get red wine out of a white linen tablecloth",
    "Write a SQL query that returns each customer's second most recent order, without window "
    "functions.",
    "Prove that the sum of the reciprocals of the primes diverges.",
    "My asyncio worker deadlocks when the queue is bounded and two producers await put() while "
    "the consumer is cancelled. Here is the traceback, what is the race and how do I fix it?",
    "Summarize in one sentence: The council voted 7 to 2 on Tuesday to extend the tram line to the "
    "hospital, with work due to start next spring.",
    "Write a short, warm birthday message for my colleague Petra who loves hiking.",
    "Compare the liability of a silent partner under German and English law and draft a clause "
    "that limits it.",
    "hi there, how are you today?",
    "把下面这句话翻译成英文：今天下午的会议改到四点。",
    "用Python写一个线程安全的LRU缓存，支持过期时间，并分析每个操作的复杂度。",
    "Is 1,013 a prime number? Answer yes or no.",
    "Plan five days in Lisbon with two toddlers on 120 euros a day, no car, one rest afternoon.",
    "¿Qué significa 'echar de menos'?",
)
_EXPLAINED: Final = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments: none."""


def run(args: argparse.Namespace) -> int:
    """Route the queries with the bundled profile `tiers` and print one receipt."""
    from tagrouter.router import TagRouter

    router = TagRouter.from_profile("tiers")
    decisions = router.route_many(QUERIES)
    console().print(
        f"Profile 'tiers', theta {router.theta:+.4f}: 'large' is the reference model with score 0; "
        "'small' takes a query whose\nscore minus theta is at least 0. Scores below are as "
        "compared; costs are estimates from list prices.\n"
    )
    print_decisions(QUERIES, decisions)
    to_small = sum(decision.model == "small" for decision in decisions)
    costs = [decision.cost_usd or 0.0 for decision in decisions]
    large = router.decider.models["large"]
    all_large = sum(large.cost_usd(len(query)) or 0.0 for query in QUERIES)
    write_lines(
        [
            f"{to_small} of {len(QUERIES)} to 'small'; estimated cost {sum(costs):.4f} USD, "
            f"all to 'large' {all_large:.4f} USD.",
            "",
            f"Receipt for: {shorten(QUERIES[_EXPLAINED], 100)}",
            decisions[_EXPLAINED].explain(),
            "",
            'Next: tagrouter route --explain "your query", or see README.md.',
        ],
        None,
    )
    return 0
