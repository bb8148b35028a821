"""Random and oracle areas on AlpacaEval's eight pairs: what every router is measured against."""

import numpy as np
import pytest

from tagrouter.comparisons import AlpacaEvalImporter
from tagrouter.evaluation import auc, oracle_curve, outcome_signs, random_curve

PAIRS = (
    "FuseChat-Gemma-2-9B-Instruct",
    "FuseChat-Llama-3.2-3B-Instruct",
    "FuseChat-Llama-3.2-1B-Instruct",
    "claude-2.1",
    "claude-instant-1.2",
    "claude",
    "gpt-3.5-turbo-1106",
    "Mixtral-8x7B-Instruct-v0.1_concise",
)


def test_mean_areas_of_chance_and_oracle_over_eight_pairs(judgment_data):
    comparisons = (
        AlpacaEvalImporter(models=PAIRS).read(judgment_data / "alpaca_eval.jsonl.gz").comparisons
    )
    signs = [
        outcome_signs(record.outcome for record in comparisons if record.model == model)
        for model in PAIRS
    ]
    # Found before with other code: random 52.9, oracle 68.2, the latter as a plain mean of the
    # curve's points. Trapezoids, which areas are here, give 68.26.
    assert np.mean([auc(random_curve(outcomes)) for outcomes in signs]) == pytest.approx(
        0.5287, abs=5e-5
    )
    assert np.mean([auc(oracle_curve(outcomes)) for outcomes in signs]) == pytest.approx(
        0.6826, abs=5e-5
    )
    assert np.mean([oracle_curve(outcomes).rates.mean() for outcomes in signs]) == pytest.approx(
        0.682, abs=5e-4
    )
