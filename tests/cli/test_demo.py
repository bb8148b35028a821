import re

from tagrouter import TagRouter
from tagrouter.cli.demo import QUERIES
from tagrouter.cli.main import main


def test_demo_routes_a_dozen_queries_and_explains_one(capsys):
    assert main(["demo"]) == 0
    out = capsys.readouterr().out
    decisions = TagRouter.from_profile("tiers").route_many(QUERIES)
    small = sum(decision.model == "small" for decision in decisions)
    assert len(QUERIES) >= 12
    assert f"{small} of {len(QUERIES)} to 'small'" in out
    assert any(decision.explain() in out for decision in decisions)


def test_demo_sends_queries_to_both_models():
    decisions = TagRouter.from_profile("tiers").route_many(QUERIES)
    assert {decision.model for decision in decisions} == {"small", "large"}


def test_the_receipt_of_the_demo_adds_up_in_its_printed_digits(capsys):
    main(["demo"])
    receipt = capsys.readouterr().out.split("Receipt for:")[1]
    total = next(i for i, line in enumerate(receipt.splitlines()) if "= model score" in line)
    above = [re.findall(r"[+-]\d+\.\d{6}", line) for line in receipt.splitlines()[:total]]
    parts = [row for row in above if len(row) == 2]
    score = re.findall(r"[+-]\d+\.\d{6}", receipt.splitlines()[total])
    assert len(parts) > 5
    for column in (0, 1):
        assert abs(sum(float(row[column]) for row in parts) - float(score[column])) < 1e-5
