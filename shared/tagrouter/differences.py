"""What differs between two profiles: a readable record. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from tagrouter.decision.rules import Rule
from tagrouter.models import Model
from tagrouter.profile import Profile
from tagrouter.scores.base import ScoreColumn

Change = tuple[Any, Any]


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """One tag score in two profiles.

    Attributes:
        tag: The tag.
        before: Its score in the first profile; None where the model has no evidence on it.
        after: The same in the second.
    """

    tag: str
    before: float | None
    after: float | None

    @property
    def size(self) -> float:
        """How far the score moved; a tag without evidence scores 0."""
        return abs((self.after or 0.0) - (self.before or 0.0))

    def __str__(self) -> str:
        """Read as "tag before -> after"."""
        return f"{self.tag} {_score(self.before)} -> {_score(self.after)}"


@dataclass(frozen=True, slots=True)
class ModelChange:
    """What differs for one model.

    Attributes:
        model: Its name.
        comparisons: How many stand behind its scores, before and after.
        intercept: What it scores before any tag, before and after.
        n_tags: How many of its tag scores differ, or stand in one profile alone.
        tags: Those whose score moved most, the largest move first.
    """

    model: str
    comparisons: tuple[float, float]
    intercept: tuple[float, float]
    n_tags: int
    tags: tuple[ScoreChange, ...]

    def __str__(self) -> str:
        """Read as one line."""
        counts, scores = self.comparisons, self.intercept
        head = (
            f"{self.model}: {counts[0]:,.0f} -> {counts[1]:,.0f} comparisons, before any tag "
            f"{scores[0]:+.3f} -> {scores[1]:+.3f}, {self.n_tags:,} tag scores differ"
        )
        return f"{head}; most: {', '.join(map(str, self.tags))}" if self.tags else head


@dataclass(frozen=True, slots=True)
class ProfileDifference:
    """What differs between two profiles; names and provenance do not count.

    Attributes:
        models_added: Models of the second profile alone.
        models_dropped: Models of the first profile alone.
        models_changed: Models of both whose evidence or scores differ.
        settings: What differs else, by name ("theta", "estimator", "default_model", ...): before
            and after, None where there is none.
        rules_added: Rules of the second profile alone.
        rules_dropped: Rules of the first profile alone.
    """

    models_added: tuple[str, ...] = ()
    models_dropped: tuple[str, ...] = ()
    models_changed: tuple[ModelChange, ...] = ()
    settings: Mapping[str, Change] = field(default_factory=dict)
    rules_added: tuple[Rule, ...] = ()
    rules_dropped: tuple[Rule, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether anything differs."""
        return any(getattr(self, name) for name in self.__dataclass_fields__)

    def to_dict(self) -> dict[str, Any]:
        """Give the record as plain JSON data."""
        return {
            "models_added": list(self.models_added),
            "models_dropped": list(self.models_dropped),
            "models_changed": [asdict(change) for change in self.models_changed],
            "settings": {name: list(change) for name, change in self.settings.items()},
            "rules_added": [asdict(rule) for rule in self.rules_added],
            "rules_dropped": [asdict(rule) for rule in self.rules_dropped],
        }

    def lines(self) -> Iterator[str]:
        """Write the record for reading, one difference a line."""
        yield from (f"model added: {name}" for name in self.models_added)
        yield from (f"model dropped: {name}" for name in self.models_dropped)
        for name, (before, after) in self.settings.items():
            yield f"{name}: {_written(before)} -> {_written(after)}"
        yield from (f"rule added: {rule}" for rule in self.rules_added)
        yield from (f"rule dropped: {rule}" for rule in self.rules_dropped)
        yield from map(str, self.models_changed)


def diff_profiles(first: Profile, second: Profile, *, max_tags: int = 8) -> ProfileDifference:
    """Compare two profiles.

    Args:
        first: What was before.
        second: What is after.
        max_tags: Most tags to list for a model.

    Returns:
        The differences, empty where there are none.
    """
    before, after = _settings(first), _settings(second)
    in_both = [name for name in first.model_names if name in second.model_names]
    changes = (_model_change(name, first, second, max_tags) for name in in_both)
    return ProfileDifference(
        models_added=tuple(n for n in second.model_names if n not in first.model_names),
        models_dropped=tuple(n for n in first.model_names if n not in second.model_names),
        models_changed=tuple(change for change in changes if change is not None),
        settings={
            name: (before.get(name), after.get(name))
            for name in dict.fromkeys((*before, *after))
            if before.get(name) != after.get(name)
        }
        | _price_changes(first.models, second.models),
        rules_added=tuple(rule for rule in second.rules if rule not in first.rules),
        rules_dropped=tuple(rule for rule in first.rules if rule not in second.rules),
    )


def _settings(profile: Profile) -> dict[str, Any]:
    return {
        "reference_model": profile.reference_model,
        "default_model": profile.default_model,
        "estimator": profile.estimator.name,
        **profile.estimator.parameters,
        "policy": profile.policy.name,
        **profile.policy.parameters,
        "generator": profile.generator.name,
        "generator version": profile.generator.version,
    }


def _price_changes(first: Sequence[Model], second: Sequence[Model]) -> dict[str, Change]:
    before, after = ({m.name: asdict(m) for m in models} for models in (first, second))
    return {
        f"{key} of {name}": (value, after[name][key])
        for name, numbers in before.items()
        if name in after
        for key, value in numbers.items()
        if value != after[name][key]
    }


def _model_change(model: str, first: Profile, second: Profile, max_tags: int) -> ModelChange | None:
    before, after = _column(first, model), _column(second, model)
    changes = [
        ScoreChange(tag, before.tag_scores.get(tag), after.tag_scores.get(tag))
        for tag in sorted({*before.tag_scores, *after.tag_scores})
    ]
    moved = [change for change in changes if change.before != change.after]
    comparisons = (_comparisons(first, model), _comparisons(second, model))
    if not moved and comparisons[0] == comparisons[1] and before.intercept == after.intercept:
        return None
    moved.sort(key=lambda change: (-change.size, change.tag))
    return ModelChange(
        model,
        comparisons,
        (before.intercept, after.intercept),
        len(moved),
        tuple(moved[:max_tags]),
    )


def _column(profile: Profile, model: str) -> ScoreColumn:
    models = profile.evidence.models
    if model == profile.reference_model:
        return profile.estimator.reference_column(list(models.values()))
    return profile.estimator.column(models[model]) if model in models else ScoreColumn(0.0, {})


def _comparisons(profile: Profile, model: str) -> float:
    evidence = profile.evidence.models.get(model)
    return evidence.overall.rounded.total if evidence else 0.0


def _score(value: float | None) -> str:
    return "none" if value is None else f"{value:+.3f}"


def _written(value: object) -> str:
    return "none" if value is None else str(value)
