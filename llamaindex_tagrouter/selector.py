"""Choices in, positions out: a selector for RouterQueryEngine, RouterRetriever, or on its own.

`query -> tags -> models or descriptions in order -> positions`. No LLM is asked, nothing is parsed.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Self, TypedDict, Unpack, get_args

from llama_index.core.base.base_selector import BaseSelector, SelectorResult, SingleSelection
from llama_index.core.bridge.pydantic import Field
from llama_index.core.prompts.mixin import PromptDictType
from llama_index.core.schema import QueryBundle
from llama_index.core.tools.types import ToolMetadata

from llamaindex_tagrouter._choices import labels_of, position_of, resolve_choices, text_of
from llamaindex_tagrouter._ranking import (
    Ranking,
    Source,
    rank_by_decision,
    rank_by_similarity,
    similarities_of,
)
from llamaindex_tagrouter._receipts import reason_of, tag_names
from llamaindex_tagrouter._routing import OnError, RouterSource, router_of
from tagrouter import QueryTags, TagGeneratorError
from tagrouter.errors import InvalidInputError, UnknownNameError

ColdStart = Literal["similarity", "exclude", "error"]

MAX_CACHED_DESCRIPTIONS: Final = 4096

_logger = logging.getLogger(__name__)


class TagRouterSelectorResult(SelectorResult):
    """Selections with what led to them.

    Attributes:
        query_tags: The query's reported tags, strongest first.
        scores: What each choice was ordered by, in the order of the choices; None where a choice
            was left out or no order was made. Model scores with theta subtracted where models
            stand behind the choices, else similarities between 0 and 1.
        model: The model behind the first selection; None for a choice without one.
        source: What decided: "learned" (scores of models), "similarity" (of descriptions), "rule"
            (of the profile), or "default" (no known tags, or tagging failed).
    """

    query_tags: list[str] = Field(default_factory=list)
    scores: list[float | None] = Field(default_factory=list)
    model: str | None = None
    source: Source = "default"


class SelectorOptions(TypedDict, total=False):
    """What `TagRouterSelector` takes beside the router; it says what each is."""

    choice_to_model: Mapping[str, str] | None
    max_outputs: int
    min_margin: float
    theta: float | None
    default_choice: str | None
    cold_start: ColdStart
    on_error: OnError


@dataclass(frozen=True)
class _Task:
    """One call.

    Attributes:
        choices: What there is to select from.
        models: The model behind each, or None.
        default: Position of the default choice.
        texts: What to tag: the query, then the descriptions that were not tagged before.
        described: Tags of those that were. Other calls may change the cache meanwhile.
    """

    choices: Sequence[ToolMetadata]
    models: Sequence[str | None]
    default: int
    texts: Sequence[str]
    described: Mapping[str, QueryTags]


@dataclass(frozen=True)
class _Verdict:
    """An order of choices and what made it."""

    ranking: Ranking
    source: Source
    tags: QueryTags
    why_default: str = "no known tags"


class TagRouterSelector(BaseSelector):
    """Selects among choices by the tags of the query.

    A choice stands for a model if `choice_to_model` says so, or if it is named like one. Models
    are compared by their learned scores, descriptions of other choices by their tags.

    Args:
        router: A router, a profile, its name or folder; the bundled profile "tiers" by default.
        choice_to_model: Models by name or description of a choice.
        max_outputs: How many choices may be selected; each one runs a query engine.
        min_margin: Further choices are selected only if they are at most this far behind the best.
        theta: Replaces the profile's; it acts on models, not on descriptions.
        default_choice: Name or description of the choice for queries without known tags; without
            it, that of the router's default model, or the first.
        cold_start: What to do with choices without a model beside others that have one:
            "similarity" lets them compete by description, "exclude" never selects them, "error"
            refuses them. If no choice has a model, descriptions decide, unless it is "error".
        on_error: "default" to take the default choice where tagging fails, or "raise".

    Raises:
        InvalidInputError: If an option has a value that is not allowed.
        UnknownNameError: If `choice_to_model` names a model that the router does not have.
    """

    def __init__(
        self,
        router: RouterSource = None,
        *,
        choice_to_model: Mapping[str, str] | None = None,
        max_outputs: int = 1,
        min_margin: float = 0.0,
        theta: float | None = None,
        default_choice: str | None = None,
        cold_start: ColdStart = "similarity",
        on_error: OnError = "default",
    ) -> None:
        """Check the options and load the router."""
        if max_outputs < 1 or min_margin < 0.0:
            raise InvalidInputError(
                f"max_outputs is {max_outputs!r} and min_margin {min_margin!r}; "
                "the first is at least 1, the second at least 0."
            )
        _check_word("cold_start", cold_start, get_args(ColdStart))
        _check_word("on_error", on_error, get_args(OnError))
        self.router = router_of(router)
        self.choice_to_model = dict(choice_to_model or {})
        self.max_outputs = max_outputs
        self.min_margin = min_margin
        self.theta = theta
        self.default_choice = default_choice
        self.cold_start = cold_start
        self.on_error = on_error
        self._description_tags: dict[str, QueryTags] = {}
        for model in self.choice_to_model.values():
            if model not in self.router.models:
                raise UnknownNameError.of(
                    "model", model, self.router.models, "Correct `choice_to_model`."
                )

    @classmethod
    def from_defaults(cls, router: RouterSource = None, **options: Unpack[SelectorOptions]) -> Self:
        """Build a selector, as LlamaIndex's own selectors are built.

        Args:
            router: A router, a profile, its name or folder; "tiers" by default.
            **options: As for the class.

        Returns:
            The selector.
        """
        return cls(router, **options)

    def _select(
        self, choices: Sequence[ToolMetadata], query: QueryBundle
    ) -> TagRouterSelectorResult:
        task = self._task(choices, query.query_str)
        try:
            tagged = self.router.generator.generate(task.texts)
        except TagGeneratorError as error:
            return self._after(error, task)
        return self._conclude(task, tagged)

    async def _aselect(
        self, choices: Sequence[ToolMetadata], query: QueryBundle
    ) -> TagRouterSelectorResult:
        task = self._task(choices, query.query_str)
        try:
            tagged = await self.router.generator.agenerate(task.texts)
        except TagGeneratorError as error:
            return self._after(error, task)
        # Tags that the profile does not know are embedded here: that may take a while, too.
        return await asyncio.to_thread(self._conclude, task, tagged)

    def _task(self, choices: Sequence[ToolMetadata], query: str) -> _Task:
        if not choices:
            raise InvalidInputError("There are no choices to select from. Pass at least one.")
        models = resolve_choices(choices, self.router.models, self.choice_to_model)
        self._check_cold(choices, models)
        descriptions = dict.fromkeys(text_of(choice) for choice in choices)
        described = self._description_tags
        texts = [query, *(text for text in descriptions if text not in described)]
        default = self._default_position(choices, models)
        return _Task(choices, models, default, texts, described)

    def _after(self, error: TagGeneratorError, task: _Task) -> TagRouterSelectorResult:
        if self.on_error == "raise":
            raise error
        _logger.warning("%s The default choice is taken.", error)
        return self._result(task, _by_default(task, QueryTags(), "tagging failed"))

    def _conclude(self, task: _Task, tagged: Sequence[QueryTags]) -> TagRouterSelectorResult:
        tags, *new = tagged
        known = {**task.described, **dict(zip(task.texts[1:], new, strict=True))}
        if new and len(known) <= MAX_CACHED_DESCRIPTIONS:
            self._description_tags = known
        described = [known[text_of(choice)] for choice in task.choices]
        return self._result(task, self._verdict(task, tags, similarities_of(tags, described)))

    def _check_cold(self, choices: Sequence[ToolMetadata], models: Sequence[str | None]) -> None:
        cold = [label for label, m in zip(labels_of(choices), models, strict=True) if m is None]
        if cold and self.cold_start == "error":
            raise InvalidInputError(
                f"No model stands behind the choices {', '.join(cold)}. Name them in "
                'choice_to_model, or pass cold_start="similarity".'
            )

    def _default_position(
        self, choices: Sequence[ToolMetadata], models: Sequence[str | None]
    ) -> int:
        if self.default_choice is not None:
            return position_of(self.default_choice, choices)
        if self.router.default_model in models:
            return models.index(self.router.default_model)
        return next((i for i, model in enumerate(models) if model is not None), 0)

    def _verdict(self, task: _Task, tags: QueryTags, similarities: Sequence[float]) -> _Verdict:
        models = task.models
        known = tuple(dict.fromkeys(model for model in models if model is not None))
        if not known:
            if not any(similarities):
                return _by_default(task, tags, "no tag in common")
            return _Verdict(rank_by_similarity(similarities), "similarity", tags)
        decision = self.router.route(task.texts[0], query_tags=tags, models=known, theta=self.theta)
        takes_part = self.cold_start == "similarity"
        cold = [i for i, model in enumerate(models) if model is None and takes_part]
        ranking = rank_by_decision(models, decision, similarities, cold)
        if models[ranking.order[0]] is None:
            return _Verdict(ranking, "similarity", tags)
        if decision.reason == "default":
            return _by_default(task, tags, "no known tags")
        return _Verdict(ranking, "rule" if decision.reason == "rule" else "learned", tags)

    def _result(self, task: _Task, verdict: _Verdict) -> TagRouterSelectorResult:
        labels = labels_of(task.choices)
        selected = self._within_margin(verdict.ranking)
        reasons = [
            reason_of(i, verdict.ranking, labels, verdict.tags, verdict.source, verdict.why_default)
            for i in selected
        ]
        return TagRouterSelectorResult(
            selections=[
                SingleSelection(index=i, reason=reason)
                for i, reason in zip(selected, reasons, strict=True)
            ],
            query_tags=tag_names(verdict.tags),
            scores=list(verdict.ranking.scores),
            model=task.models[selected[0]],
            source=verdict.source,
        )

    def _within_margin(self, ranking: Ranking) -> list[int]:
        best = ranking.scores[ranking.order[0]]
        if best is None:
            return [ranking.order[0]]
        near = [i for i in ranking.order if best - (ranking.scores[i] or 0.0) <= self.min_margin]
        return near[: self.max_outputs]

    def _get_prompts(self) -> PromptDictType:
        return {}

    def _update_prompts(self, prompts_dict: PromptDictType) -> None:
        """Do nothing: there is no prompt to update."""


def _check_word(option: str, word: str, allowed: Sequence[str]) -> None:
    if word not in allowed:
        raise InvalidInputError(f"{option} is {word!r}; it must be one of {', '.join(allowed)}.")


def _by_default(task: _Task, tags: QueryTags, why: str) -> _Verdict:
    ranking = Ranking((task.default,), (None,) * len(task.choices))
    return _Verdict(ranking, "default", tags, why)
