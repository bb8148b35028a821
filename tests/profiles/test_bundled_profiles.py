"""The bundled profiles: what they promise, and that the committed script makes them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tagrouter import TagRouter, load_profile
from tagrouter.registry import BUNDLED_PROFILES, bundled_profile
from tagrouter.tags.corpus import read_corpus, split_corpus

REPOSITORY = Path(__file__).parents[2]
SCRIPT = REPOSITORY / "shared" / "scripts" / "build_profiles.py"


@pytest.fixture(scope="module")
def calibration_scores():
    records = split_corpus(read_corpus(REPOSITORY / "shared" / "corpus")).calibration
    router = TagRouter.from_profile("tiers")
    decisions = router.route_many(record.query for record in records)
    return np.array([decision.model_scores["small"] for decision in decisions])


def test_theta_of_tiers_sends_half_of_the_untrained_corpus_part_to_each_slot(calibration_scores):
    theta = load_profile("tiers").policy.parameters["theta"]
    assert abs((calibration_scores >= theta).mean() - 0.5) < 0.01


def test_tiers_says_where_its_numbers_come_from():
    provenance = load_profile("tiers").provenance
    figures = provenance["leave_models_out"]
    best = max(figures["mean_auc_percent"], key=figures["mean_auc_percent"].get)
    assert provenance["weighting"] == best
    assert figures["mean_auc_percent"][best] > figures["random_percent"]


@pytest.mark.parametrize("name", BUNDLED_PROFILES)
def test_no_text_of_the_data_is_in_the_profile(name, judgment_data):
    from tagrouter.comparisons.alpaca_eval import AlpacaEvalImporter

    imported = AlpacaEvalImporter(models=["claude"]).read(judgment_data / "alpaca_eval.jsonl.gz")
    queries = [c.query for c in imported.comparisons if len(c.query) > 30]
    files = [path.read_text(encoding="utf-8") for path in bundled_profile(name).iterdir()]
    assert len(queries) > 500
    assert not [query for query in queries if any(query[:30] in text for text in files)]


@pytest.mark.slow
def test_the_script_makes_the_same_bytes(judgment_data, tmp_path):
    data = judgment_data / "alpaca_eval.jsonl.gz"
    command = [sys.executable, str(SCRIPT), str(data), "--output", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "shared")}
    subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    for name in BUNDLED_PROFILES:
        for made in sorted((tmp_path / name).iterdir()):
            assert made.read_bytes() == (bundled_profile(name) / made.name).read_bytes(), made


def test_alpaca_eval_holds_every_model_with_its_own_evidence():
    profile = load_profile("alpaca_eval")
    assert set(profile.model_names) == {*profile.evidence.models, profile.reference_model}
    assert len(profile.evidence.models) == 45


def test_headers_are_plain_json():
    for name in BUNDLED_PROFILES:
        text = (bundled_profile(name) / "profile.json").read_text(encoding="utf-8")
        assert json.loads(text)["format_version"] == 1
