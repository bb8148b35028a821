"""Build the bundled profiles `tiers` and `alpaca_eval` from AlpacaEval's annotations.

Usage: ``make profiles`` or ``python shared/scripts/build_profiles.py DATA``, where DATA is a file
like ``alpaca_eval.jsonl.gz``: JSON lines with ``id``, ``query``, ``reference``, ``preference``
{model: probability that its answer is preferred}, ``answer_chars`` {model: int}. Only counts of
outcomes enter the profiles; no query and no answer does.

`alpaca_eval` counts every model's comparisons with gpt4_1106_preview as `tagrouter fit` would.

`tiers` has two slots. `large` is the reference. `small` is an average model: on each query it has
the mean, over AlpacaEval's models, of the advantage that a model has beyond its own mean
advantage, plus the mean advantage of the models of mean preference 0.10 to 0.60. The weighting of
the models is the one of `WEIGHTINGS` with the best leave-models-out AUC: a model is scored by a
table made from the models of other families, on queries that the table has not seen. Theta is the
median score over the calibration part of the corpus, on which no generator was trained.
"""

import argparse
import gzip
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tagrouter.comparisons.alpaca_eval import AlpacaEvalImporter
from tagrouter.comparisons.ids import comparison_id
from tagrouter.decision.threshold import ThetaPolicy
from tagrouter.evaluation.curves import ar_curve, auc, random_curve
from tagrouter.evaluation.folds import assign_folds
from tagrouter.evidence import UNIT, Evidence, ExactCounts, ModelEvidence
from tagrouter.fitting import fit_profile, hash_id
from tagrouter.models import Model
from tagrouter.profile import Profile
from tagrouter.records import TIE_BAND, Comparison, QueryTags
from tagrouter.registry import bundled_profile
from tagrouter.router import TagRouter, generator_reference
from tagrouter.scores.shrunk import ShrunkEstimator
from tagrouter.storage import save_profile
from tagrouter.tags.corpus import TaggedQuery, read_corpus, split_corpus
from tagrouter.tags.embedded import EmbeddedGenerator

Floats = NDArray[np.float64]

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
SOURCE = (
    "AlpacaEval 2, results/*/weighted_alpaca_eval_gpt4_turbo/annotations.json "
    "(github.com/tatsu-lab/alpaca_eval); judge GPT-4 Turbo; 805 queries, 45 models"
)
# List prices in USD per million tokens (input, output), where the project's notes name one.
PRICES = {
    "gpt4_1106_preview": (10.0, 30.0),
    "gpt-3.5-turbo-1106": (1.0, 2.0),
    "claude": (8.0, 24.0),
    "claude-2.1": (8.0, 24.0),
    "claude-2.1_concise": (8.0, 24.0),
    "claude-instant-1.2": (0.8, 2.4),
    "Mixtral-8x7B-Instruct-v0.1_concise": (0.6, 0.6),
    "FuseChat-Gemma-2-9B-Instruct": (0.2, 0.2),
    "FuseChat-Llama-3.2-3B-Instruct": (0.1, 0.1),
    "FuseChat-Llama-3.2-1B-Instruct": (0.1, 0.1),
}
SLOT_PRICES = {"small": "Mixtral-8x7B-Instruct-v0.1_concise", "large": "gpt4_1106_preview"}
MEDIUM = (0.10, 0.60)
# A pair in which the model hardly ever wins or ties says nothing about an order of queries.
MIN_JUDGED_PREFERENCE = 0.05
KAPPA = 20.0
FOLDS = 10
SEED = 0
CHARS_PER_TOKEN = 4

WEIGHTINGS: dict[str, Callable[[Floats], Floats]] = {
    "equal": lambda preferences: np.ones(preferences.shape[1]),
    "standard deviation of the preference": lambda p: np.nanstd(p, axis=0),
    "variance of the preference": lambda p: np.nanvar(p, axis=0),
    "mean preference times its complement": lambda p: _mean(p) * (1.0 - _mean(p)),
    "models of mean preference 0.10 to 0.60 only": lambda p: _medium(p).astype(np.float64),
}


@dataclass(frozen=True)
class Judgments:
    """AlpacaEval as arrays.

    Attributes:
        comparisons: All judged records.
        queries: The distinct queries.
        tags: Their tags.
        models: The models, in name order.
        preferences: Of shape (n_queries, n_models), NaN where not judged; four decimals.
        answer_tokens: Mean length of each model's answers, the reference's included.
    """

    comparisons: tuple[Comparison, ...]
    queries: list[str]
    tags: list[QueryTags]
    models: list[str]
    preferences: Floats
    answer_tokens: dict[str, float]


def main() -> None:
    """Build both profiles and write them into the package."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--output", type=Path, help="parent folder; the package by default")
    args = parser.parse_args()
    generator = EmbeddedGenerator()
    data = read_judgments(args.data, generator)
    for build in (build_alpaca_eval, build_tiers):
        profile = build(data, generator)
        folder = args.output / profile.name if args.output else bundled_profile(profile.name)
        save_profile(profile, folder)
        sys.stdout.write(f"{folder}: {json.dumps(profile.provenance, indent=1)}\n")


def read_judgments(path: Path, generator: EmbeddedGenerator) -> Judgments:
    """Read the file and tag its queries."""
    comparisons = AlpacaEvalImporter().read(path).comparisons
    queries = list(dict.fromkeys(comparison.query for comparison in comparisons))
    models = sorted({comparison.model for comparison in comparisons})
    preferences = np.full((len(queries), len(models)), np.nan)
    row, column = {q: i for i, q in enumerate(queries)}, {m: j for j, m in enumerate(models)}
    for comparison in comparisons:
        preferences[row[comparison.query], column[comparison.model]] = comparison.preference
    return Judgments(
        comparisons, queries, generator.generate(queries), models, preferences, _lengths(path)
    )


def build_alpaca_eval(data: Judgments, generator: EmbeddedGenerator) -> Profile:
    """Fit the profile of named models."""
    profile = fit_profile(data.comparisons, generator, name="alpaca_eval").profile
    return replace(
        profile,
        models=tuple(_model(model.name, model.name, data) for model in profile.models),
        provenance={
            "source": SOURCE,
            "counts": "weighted counts per tag and model, as `tagrouter fit` makes them; tags of "
            f"the embedded generator version {generator.version}; tie band {TIE_BAND}",
            "prices": "list prices of the time in USD per million tokens, where known; mean "
            f"answer length in characters / {CHARS_PER_TOKEN}",
            "script": "shared/scripts/build_profiles.py",
        },
    )


def build_tiers(data: Judgments, generator: EmbeddedGenerator) -> Profile:
    """Average the models into the slot `small`, and set theta."""
    weights_of, figures = choose_weighting(data)
    advantages = 2.0 * data.preferences - 1.0
    medium = _medium(data.preferences)
    general = float(np.nanmean(advantages[:, medium], axis=0).mean())
    residual = mean_residual(data.preferences, WEIGHTINGS[weights_of](data.preferences))
    average = np.clip((1.0 + general + residual - residual.mean()) / 2.0, 0.0, 1.0)
    evidence = Evidence({"small": _average_evidence(data, average, medium)})
    profile = Profile(
        name="tiers",
        reference_model="large",
        default_model="large",
        models=tuple(_model(slot, model, data) for slot, model in SLOT_PRICES.items()),
        estimator=ShrunkEstimator(kappa=KAPPA),
        policy=ThetaPolicy(),
        generator=generator_reference(generator),
        evidence=evidence,
        seen=frozenset(hash_id(comparison_id(comparison)) for comparison in data.comparisons),
        provenance={},
    )
    theta, share = _median_theta(profile, generator)
    return replace(
        profile,
        policy=ThetaPolicy(theta),
        provenance={
            "source": SOURCE,
            "small": "on each query, the mean over the 45 models of the advantage beyond the "
            f"model's own mean, plus {general:.4f}, the mean advantage of the "
            f"{int(medium.sum())} models of mean preference {MEDIUM[0]} to {MEDIUM[1]}: "
            f"{', '.join(m for m, kept in zip(data.models, medium, strict=True) if kept)}; wins, "
            "ties and losses are the mean counts of these",
            "large": "gpt4_1106_preview, the reference model",
            "weighting": weights_of,
            "leave_models_out": figures,
            "theta": f"median score over {len(_calibration())} queries of the corpus on which no "
            f"generator was trained; share sent to large: {share:.4f}",
            "prices": "list prices of the time in USD per million tokens: "
            f"{', '.join(f'{slot} as {model}' for slot, model in SLOT_PRICES.items())}",
            "script": "shared/scripts/build_profiles.py",
        },
    )


def mean_residual(preferences: Floats, weights: Floats) -> Floats:
    """Average what models have beyond their own mean advantage.

    Args:
        preferences: Of shape (n_queries, n_models), NaN where not judged.
        weights: Of shape (n_models,).

    Returns:
        Advantage of shape (n_queries,).
    """
    residuals = 2.0 * (preferences - _mean(preferences))
    judged = ~np.isnan(residuals)
    total = (judged * weights).sum(axis=1)
    mean: Floats = np.where(judged, residuals, 0.0) @ weights / total
    return mean


def choose_weighting(data: Judgments) -> tuple[str, dict[str, object]]:
    """Compare the weightings by leave-models-out AUC.

    Returns:
        The best weighting and the figures of all, in percent.
    """
    features = _features(data)
    folds = assign_folds(data.queries, FOLDS, SEED)
    judged = [j for j, mean in enumerate(_mean(data.preferences)) if mean >= MIN_JUDGED_PREFERENCE]
    areas: dict[str, float] = {}
    for name, weighting in WEIGHTINGS.items():
        found = [_left_out_auc(data, features, folds, j, weighting) for j in judged]
        areas[name] = round(100 * float(np.mean(found)), 2)
    chance = [auc(random_curve(_signs(data.preferences[:, j])[1])) for j in judged]
    best = max(areas, key=lambda name: areas[name])
    return best, {
        "mean_auc_percent": areas,
        "random_percent": round(100 * float(np.mean(chance)), 2),
        "models": len(judged),
        "protocol": f"mean over the {len(judged)} models of mean preference >= "
        f"{MIN_JUDGED_PREFERENCE}; a model is scored by a table of the models of other families, "
        f"on queries outside the table ({FOLDS} folds, seed {SEED}), kappa {KAPPA:g}",
    }


def _left_out_auc(
    data: Judgments,
    features: Floats,
    folds: NDArray[np.intp],
    model: int,
    weighting: Callable[[Floats], Floats],
) -> float:
    families = [family(name) for name in data.models]
    others = [j for j, name in enumerate(families) if name != families[model]]
    preferences = data.preferences[:, others]
    residual = mean_residual(preferences, weighting(preferences))
    scores = np.zeros(len(features))
    for fold in range(FOLDS):
        train = folds != fold
        centered = residual[train] - residual[train].mean()
        known = features[train]
        table = known.T @ centered / (known.sum(axis=0) + KAPPA)
        scores[~train] = features[~train] @ table
    judged, signs = _signs(data.preferences[:, model])
    return auc(ar_curve(scores[judged], signs))


def family(model: str) -> str:
    """Name the family of a model: what stands before the first digit, hyphen or underscore."""
    plain = model.replace("gpt-3.5", "gpt35")
    end = next((i for i, c in enumerate(plain) if c in "-_" or c.isdigit()), len(plain))
    return plain[:end]


def _average_evidence(data: Judgments, average: Floats, medium: NDArray[np.bool_]) -> ModelEvidence:
    """Count the average model's comparisons; outcomes are the mean of the medium models'."""
    preferences = data.preferences[:, medium]
    wins = (preferences >= 0.5 + TIE_BAND).mean(axis=1)
    losses = (preferences <= 0.5 - TIE_BAND).mean(axis=1)
    sums: dict[str | None, NDArray[np.int64]] = {}
    for query, tags in enumerate(data.tags):
        preference = round(float(average[query]) * UNIT)
        for name, weight in ((None, 1.0), *((tag.name, tag.weight) for tag in tags.tags)):
            units = round(weight * UNIT)
            won, lost = round(units * float(wins[query])), round(units * float(losses[query]))
            counts = np.array([won, units - won - lost, lost, units * preference], dtype=np.int64)
            sums[name] = sums[name] + counts if name in sums else counts
    exact = {name: ExactCounts(*(int(n) for n in cell)) for name, cell in sums.items()}
    overall = exact.pop(None)
    return ModelEvidence(overall, {name: exact[name] for name in sorted(filter(None, exact))})


def _median_theta(profile: Profile, generator: EmbeddedGenerator) -> tuple[float, float]:
    router = TagRouter.from_profile(profile, generator=generator)
    decisions = router.route_many(record.query for record in _calibration())
    scores = sorted(decision.model_scores["small"] for decision in decisions)
    # `small` is taken at theta and above: the upper half of the scores, at four decimals.
    theta = round(float(np.median(scores)), 4)
    return theta, float(np.mean([score < theta for score in scores]))


def _calibration() -> Sequence[TaggedQuery]:
    return split_corpus(read_corpus(CORPUS)).calibration


def _features(data: Judgments) -> Floats:
    column: dict[str, int] = {}
    for tags in data.tags:
        for tag in tags.tags:
            column.setdefault(tag.name, len(column))
    features = np.zeros((len(data.tags), len(column)))
    for row, tags in enumerate(data.tags):
        for tag in tags.tags:
            features[row, column[tag.name]] = tag.weight
    return features


def _signs(preferences: Floats) -> tuple[NDArray[np.bool_], NDArray[np.int8]]:
    judged = ~np.isnan(preferences)
    known = preferences[judged]
    tie = np.abs(known - 0.5) < TIE_BAND
    return judged, np.where(tie, 0, np.sign(known - 0.5)).astype(np.int8)


def _mean(preferences: Floats) -> Floats:
    return np.asarray(np.nanmean(preferences, axis=0), dtype=np.float64)


def _medium(preferences: Floats) -> NDArray[np.bool_]:
    mean = _mean(preferences)
    return (mean >= MEDIUM[0]) & (mean <= MEDIUM[1])


def _model(name: str, priced_as: str, data: Judgments) -> Model:
    price_in, price_out = PRICES.get(priced_as, (None, None))
    return Model(name, price_in, price_out, round(data.answer_tokens[priced_as], 1))


def _lengths(path: Path) -> dict[str, float]:
    chars: dict[str, list[int]] = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            for model, count in json.loads(line)["answer_chars"].items():
                chars.setdefault(model, []).append(count)
    return {model: float(np.mean(counts)) / CHARS_PER_TOKEN for model, counts in chars.items()}


if __name__ == "__main__":
    main()
