"""TagRouter: query -> tags -> scores -> decision. It composes the three steps and nothing else."""

import copy
import warnings
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tagrouter.decision.decider import TagDecider
from tagrouter.decision.record import Decision, Reason
from tagrouter.decision.threshold import ThetaPolicy
from tagrouter.errors import InvalidInputError, UnknownNameError
from tagrouter.profile import GeneratorReference, Profile
from tagrouter.records import QueryTags
from tagrouter.registry import TAG_GENERATORS, part
from tagrouter.scores.encoders import EmbeddedEncoder, PhraseEncoder
from tagrouter.scores.scorer import TagScorer
from tagrouter.storage import load_profile
from tagrouter.tag_scores import TagScores
from tagrouter.tags.base import TagGenerator, check_query
from tagrouter.tags.normalize import normalize_tag

GivenTags = Sequence[str] | QueryTags


class TagRouter:
    """Sends each query to the model that suits it best, before any model is called.

    Most users want `TagRouter.from_profile`.

    Args:
        generator: Step 1, query -> tags.
        scorer: Step 2, tags -> scores; fitted.
        decider: Step 3, scores -> one model.
        profile: What the parts were made from.
    """

    def __init__(
        self, generator: TagGenerator, scorer: TagScorer, decider: TagDecider, profile: Profile
    ) -> None:
        self.generator = generator
        self.scorer = scorer
        self.decider = decider
        self.profile = profile

    @classmethod
    def from_profile(
        cls,
        profile: str | Path | Profile = "tiers",
        *,
        generator: str | TagGenerator | None = None,
        encoder: PhraseEncoder | None = None,
        models: Mapping[str, str] | Sequence[str] | None = None,
        theta: float | None = None,
    ) -> "TagRouter":
        """Build a router from a profile.

        Args:
            profile: A bundled name ("tiers", "alpaca_eval"), a folder, or a `Profile`.
            generator: A registry name, the folder of an embedded generator, or an object; the one
                that tagged the profile's evidence by default.
            encoder: For aligning unseen tags; the shipped one by default.
            models: Profile model -> your name for it (``{"small": "gpt-4o-mini", "large":
                "gpt-4o"}``), or the names to keep.
            theta: Replaces the profile's threshold.

        Returns:
            The router.

        Raises:
            ProfileError: If the profile cannot be used.
            UnknownNameError: If a model or the generator is not known.
        """
        loaded = load_profile(profile)
        if models is not None:
            loaded = loaded.with_models(models)
        made = make_generator(loaded.generator.name if generator is None else generator)
        _warn_of_other_generator(loaded, made)
        policy = loaded.policy if theta is None else ThetaPolicy(theta)
        scorer = TagScorer(loaded.estimator, encoder=encoder or EmbeddedEncoder())
        decider = TagDecider(
            loaded.models,
            loaded.reference_model,
            loaded.default_model,
            policy,
            loaded.rules,
            loaded.name,
        )
        scorer.fit(loaded.evidence, loaded.reference_model, loaded.model_names)
        return cls(made, scorer, decider, loaded)

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the candidates."""
        return tuple(self.decider.models)

    @property
    def reference_model(self) -> str:
        """The model that all outcomes are counted against."""
        return self.decider.reference_model

    @property
    def default_model(self) -> str:
        """Who takes a query without known tags."""
        return self.decider.default_model

    @property
    def theta(self) -> float:
        """The threshold; 0 where the policy has none."""
        policy = self.decider.policy
        return policy.theta if isinstance(policy, ThetaPolicy) else 0.0

    def with_models(self, models: Mapping[str, str] | Sequence[str]) -> "TagRouter":
        """Keep some models, and rename them; generator and encoder are shared.

        Args:
            models: Model -> new name, or the names to keep.

        Returns:
            A new router.
        """
        profile = self.profile.with_models(models)
        router = copy.copy(self)
        router.profile = profile
        router.scorer = copy.copy(self.scorer)
        router.scorer.fit(profile.evidence, profile.reference_model, profile.model_names)
        router.decider = TagDecider(
            profile.models,
            profile.reference_model,
            profile.default_model,
            self.decider.policy,
            profile.rules,
            profile.name,
        )
        return router

    def route(
        self,
        query: str,
        *,
        query_tags: GivenTags | None = None,
        models: Collection[str] | None = None,
        theta: float | None = None,
        model: str | None = None,
    ) -> Decision:
        """Decide who answers a query.

        Args:
            query: Any text; a blank one goes to the default model.
            query_tags: Tags to use instead of the generator's.
            models: Candidates of this call; all by default.
            theta: Threshold of this call.
            model: Forces this model; the receipt is written all the same.

        Returns:
            The decision.

        Raises:
            InvalidInputError: If an argument cannot be used.
            TagGeneratorError: If the generator fails.
        """
        check_query(query)
        tags = self._given(query_tags)
        if tags is None:
            tags = self.generator.generate([query])[0]
        return self._decide(query, tags, models, theta, model)

    def route_many(
        self,
        queries: Iterable[str],
        *,
        models: Collection[str] | None = None,
        theta: float | None = None,
        model: str | None = None,
    ) -> list[Decision]:
        """Decide for many queries with one generator call; the same decisions as one by one.

        Args:
            queries: The texts.
            models: Candidates of this call; all by default.
            theta: Threshold of this call.
            model: Forces this model.

        Returns:
            One decision per query, in order.
        """
        if isinstance(queries, str):
            raise InvalidInputError("route_many() takes several queries. For one, use route().")
        texts = list(queries)
        tagged = self.generator.generate(texts)
        return [
            self._decide(query, tags, models, theta, model)
            for query, tags in zip(texts, tagged, strict=True)
        ]

    async def aroute(
        self,
        query: str,
        *,
        query_tags: GivenTags | None = None,
        models: Collection[str] | None = None,
        theta: float | None = None,
        model: str | None = None,
    ) -> Decision:
        """Do the same as `route` without blocking the event loop."""
        import asyncio  # an eighth of this package's import time; only this needs it

        return await asyncio.to_thread(
            self.route, query, query_tags=query_tags, models=models, theta=theta, model=model
        )

    def default_decision(self, reason: Reason | str = Reason.DEFAULT) -> Decision:
        """Give the decision for the default model without looking at a query.

        Args:
            reason: "default", "error" or "sticky".

        Returns:
            A decision whose scores are those of a query without tags.

        Raises:
            UnknownNameError: If there is no such reason.
        """
        decision = self._decide("", QueryTags(), None, None, self.default_model)
        return replace(decision, reason=_reason(reason))

    def _decide(
        self,
        query: str,
        tags: QueryTags,
        models: Collection[str] | None,
        theta: float | None,
        model: str | None,
    ) -> Decision:
        scores: TagScores = self.scorer.score(tags)
        return self.decider.decide(
            scores, tags, models=models, theta=theta, model=model, query_chars=len(query)
        )

    @staticmethod
    def _given(query_tags: GivenTags | None) -> QueryTags | None:
        if query_tags is None or isinstance(query_tags, QueryTags):
            return query_tags
        names = list(query_tags) if isinstance(query_tags, Iterable) else [None]
        if isinstance(query_tags, str) or not all(isinstance(name, str) for name in names):
            raise InvalidInputError(
                f"query_tags is a list of tag names or a QueryTags record, not {query_tags!r}."
            )
        return QueryTags.of_names(name for name in map(normalize_tag, names) if name)

    def __repr__(self) -> str:
        """Show what is configured, no evidence."""
        return (
            f"TagRouter(profile={self.profile.name!r}, models={list(self.models)}, "
            f"theta={self.theta:g}, generator={self.generator.name!r})"
        )


def make_generator(generator: str | TagGenerator) -> TagGenerator:
    """Build a tag generator.

    Args:
        generator: A registry name, one with its argument behind a colon
            (``transformers:MODEL``, ``embedded:FOLDER``), the folder of an embedded generator,
            or an object, which is passed through.

    Returns:
        The generator, not loaded yet.

    Raises:
        UnknownNameError: If it is neither a name nor a folder.
    """
    if isinstance(generator, TagGenerator):
        return generator
    if not isinstance(generator, str):
        raise InvalidInputError(
            f"A tag generator is a name or a TagGenerator, not {type(generator).__name__}."
        )
    name, _, argument = generator.partition(":")
    if name not in TAG_GENERATORS:
        folder = (Path(generator) / "generator.json").is_file()
        name, argument = ("embedded", generator) if folder else (generator, "")
    cls: type[TagGenerator] = part("tag generator", name)
    return cls.from_source(argument)


def generator_reference(generator: TagGenerator) -> GeneratorReference:
    """Say in a profile which generator made its tags."""
    return GeneratorReference(generator.source, generator.version)


def _warn_of_other_generator(profile: Profile, generator: TagGenerator) -> None:
    expected, found = profile.generator, generator_reference(generator)
    if expected.name == found.name and expected.version != found.version:
        warnings.warn(
            f"Profile {profile.name!r} was fitted on tags of {expected.name!r} version "
            f"{expected.version}; this is version {found.version}. Fit the profile again.",
            stacklevel=3,
        )


def _reason(name: str) -> Reason:
    if name not in tuple(Reason):
        raise UnknownNameError.of("reason", name, map(str, Reason), "Use one of these.")
    return Reason(name)
