"""Profile: everything that is fitted and saved. A frozen record that checks itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tagrouter.decision.base import DecisionPolicy
from tagrouter.decision.rules import Rule, check_rules
from tagrouter.errors import InvalidInputError, UnknownNameError
from tagrouter.evidence import Evidence
from tagrouter.models import Model
from tagrouter.scores.base import TagEstimator


@dataclass(frozen=True, slots=True)
class GeneratorReference:
    """Which generator made the tags of the evidence.

    Attributes:
        name: Registry name, with an argument behind a colon where it needs one
            (``embedded:FOLDER``, ``transformers:MODEL``).
        version: Its version.
    """

    name: str
    version: str


@dataclass(frozen=True)
class Profile:
    """What a router needs to know.

    Attributes:
        name: For receipts and reports.
        reference_model: The model that all outcomes are counted against.
        default_model: Who takes a query without known tags.
        models: All models, the reference among them or not.
        estimator: How evidence becomes scores.
        policy: How scores are weighed against cost.
        generator: Which generator made the tags of the evidence.
        evidence: Exact counts by tag and model.
        seen: Hashes of the ids of all comparisons in the evidence.
        rules: Pins and bans.
        provenance: Where every number comes from; plain JSON data.
    """

    name: str
    reference_model: str
    default_model: str
    models: tuple[Model, ...]
    estimator: TagEstimator
    policy: DecisionPolicy
    generator: GeneratorReference
    evidence: Evidence = field(repr=False)
    seen: frozenset[str] = field(default=frozenset(), repr=False)
    rules: tuple[Rule, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Check that the parts fit together.

        Raises:
            InvalidInputError: If they do not.
        """
        names = self.model_names
        if not names:
            raise InvalidInputError(f"Profile {self.name!r} has no models. Give at least one.")
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise InvalidInputError(f"Profile {self.name!r} lists {', '.join(doubled)} twice.")
        if self.default_model not in names:
            raise UnknownNameError.of(
                "default model", self.default_model, names, "Name one of the profile's models."
            )
        stray = sorted(set(self.evidence.models) - set(names))
        if stray:
            raise InvalidInputError(
                f"Profile {self.name!r} has evidence for models it does not list: "
                f"{', '.join(stray)}. List them, or remove their rows."
            )
        if self.reference_model in self.evidence.models:
            raise InvalidInputError(
                f"Profile {self.name!r} has evidence for its reference model "
                f"{self.reference_model!r}, which is never compared with itself."
            )
        check_rules(self.rules, names)

    @property
    def model_names(self) -> tuple[str, ...]:
        """Names of all models, in order."""
        return tuple(model.name for model in self.models)

    def with_models(self, models: Mapping[str, str] | Sequence[str]) -> "Profile":
        """Keep some models, and rename them.

        Args:
            models: Profile model -> new name, or just the names to keep. A renamed model loses
                its prices: they are the old one's.

        Returns:
            A new profile. Where the reference is dropped it stays the yardstick of the evidence;
            where the default is dropped, the reference or the first model kept takes its place.

        Raises:
            UnknownNameError: If a model is not in the profile.
            InvalidInputError: If a new name is given twice.
        """
        names = self._new_names(models)
        kept = [model for model in self.models if model.name in names]
        reference = names.get(self.reference_model, self.reference_model)
        fallback = reference if reference in names.values() else names[kept[0].name]
        return replace(
            self,
            reference_model=reference,
            default_model=names.get(self.default_model, fallback),
            models=tuple(m if names[m.name] == m.name else Model(names[m.name]) for m in kept),
            evidence=Evidence(
                dict(
                    sorted(
                        (names[name], evidence)
                        for name, evidence in self.evidence.models.items()
                        if name in names
                    )
                )
            ),
            rules=tuple(replace(r, model=names[r.model]) for r in self.rules if r.model in names),
        )

    def _new_names(self, models: Mapping[str, str] | Sequence[str]) -> dict[str, str]:
        if isinstance(models, str):
            raise InvalidInputError(f"`models` is a mapping or a list of names, not {models!r}.")
        names = dict(models) if isinstance(models, Mapping) else {name: name for name in models}
        if not names:
            raise InvalidInputError(
                f"No model of profile {self.name!r} is left. Keep at least one of "
                f"{', '.join(self.model_names)}."
            )
        for name in names:
            if name not in self.model_names:
                raise UnknownNameError.of(
                    "model", name, self.model_names, f"Profile {self.name!r} has only these."
                )
        if len(set(names.values())) < len(names):
            raise InvalidInputError(
                f"Two models of profile {self.name!r} cannot take one name: {names}."
            )
        reference = self.reference_model
        if reference not in names and reference in names.values():
            raise InvalidInputError(
                f"{reference!r} is the reference model of profile {self.name!r} and cannot be the "
                "new name of another model."
            )
        return names
