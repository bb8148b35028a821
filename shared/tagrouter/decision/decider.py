"""TagDecider: sums the scores, lets the policy weigh them, heeds rules (paper, TagDecider)."""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

from tagrouter.decision.base import DecisionPolicy, Pool
from tagrouter.decision.record import Decision, Reason
from tagrouter.decision.rules import Rule, RuleKind, apply_rules, check_rules
from tagrouter.decision.threshold import ThetaPolicy
from tagrouter.errors import InvalidInputError, NoCandidateError, UnknownNameError
from tagrouter.models import Model
from tagrouter.records import QueryTag, QueryTags
from tagrouter.tag_scores import TagScores

_POOLS_KEPT = 256


class TagDecider:
    """Turns the tag scores of one query into a decision.

    Args:
        models: The candidates.
        reference_model: The yardstick; it may be missing from `models`.
        default_model: Who takes a query without known tags; must be one of `models`.
        policy: How scores are weighed against cost.
        rules: Pins and bans.
        profile: Name of the profile, for the record.
    """

    def __init__(
        self,
        models: Sequence[Model],
        reference_model: str,
        default_model: str,
        policy: DecisionPolicy,
        rules: Sequence[Rule] = (),
        profile: str = "",
    ) -> None:
        self.models: Mapping[str, Model] = {model.name: model for model in models}
        if not self.models:
            raise NoCandidateError("There is no model to choose from. Give at least one.")
        self.reference_model = reference_model
        self.default_model = self._known(default_model)
        self.policy = policy
        self.rules = tuple(rules)
        self.profile = profile
        check_rules(self.rules, self.models)
        self._pool = lru_cache(_POOLS_KEPT)(self._make_pool)

    def decide(
        self,
        scores: TagScores,
        tags: QueryTags,
        *,
        models: Collection[str] | None = None,
        theta: float | None = None,
        model: str | None = None,
        query_chars: int = 0,
    ) -> Decision:
        """Choose a model.

        Args:
            scores: Contributions of the query's tags.
            tags: The tags as the generator gave them.
            models: Candidates of this call; all by default.
            theta: Threshold of this call; the policy's by default.
            model: Forces this model.
            query_chars: Length of the query, for the cost.

        Returns:
            The decision.

        Raises:
            UnknownNameError: If a model is not known.
            NoCandidateError: If no candidate is left.
            InvalidInputError: If theta is not finite, or the policy has none.
        """
        policy = self.policy if theta is None else self._with_theta(theta)
        candidates = self._candidates(models)
        pool, columns = self._pool(candidates, scores.models)
        totals = (scores.intercepts + scores.contributions.sum(axis=0))[columns]
        utilities: list[float] = policy.utilities(totals, pool).tolist()
        values: list[float] = totals.tolist()
        ranking = pool.ranked(utilities)
        fired: tuple[Rule, ...] = ()
        if model is not None:
            chosen, reason = self._forced(model, candidates), Reason.EXPLICIT
        else:
            chosen, reason = self._by_score(scores, pool, ranking, values)
            if self.rules:
                chosen, reason, ranking, fired = self._ruled(tags, chosen, reason, ranking)
        ranking.remove(chosen)
        return Decision(
            model=chosen,
            ranking=(chosen, *ranking),
            model_scores=dict(zip(candidates, values, strict=True)),
            theta=_theta(policy, pool),
            margin=_margin(chosen, ranking, candidates, utilities),
            reason=reason,
            query_tags=_shown(tags, scores),
            reference_model=self.reference_model,
            profile=self.profile,
            cost_usd=self.models[chosen].cost_usd(query_chars),
            rules=fired,
            tag_scores=scores,
            default_model=self.default_model,
            pool=pool,
        )

    def _by_score(
        self, scores: TagScores, pool: Pool, ranking: Sequence[str], values: Sequence[float]
    ) -> tuple[str, Reason]:
        """Choose as if there were no rules."""
        best = ranking[0]
        if not scores.tags:
            return (self.default_model if self.default_model in ranking else best), Reason.DEFAULT
        if len(ranking) == 1:
            return best, Reason.EXPLICIT
        return best, Reason.SCORED if pool.ranked(values)[0] == best else Reason.THETA

    def _ruled(
        self, tags: QueryTags, chosen: str, reason: Reason, ranking: list[str]
    ) -> tuple[str, Reason, list[str], tuple[Rule, ...]]:
        """Let rules overrule the choice; banned models go to the end of the ranking."""
        left, fired = apply_rules(self.rules, tags, ranking)
        banned = {rule.model for rule in fired if rule.kind is RuleKind.BAN}
        allowed_first = sorted(ranking, key=banned.__contains__)
        pinned = any(rule.kind is RuleKind.PIN for rule in fired)
        if pinned or chosen in banned:
            return left[0], Reason.RULE, allowed_first, fired
        return chosen, reason, allowed_first, fired

    def _with_theta(self, theta: float) -> ThetaPolicy:
        if not isinstance(self.policy, ThetaPolicy):
            raise InvalidInputError(
                f"theta={theta!r} was given, but the profile's policy is {self.policy.name!r}, "
                "which has no theta. Leave it out, or calibrate the profile to the policy 'theta'."
            )
        return ThetaPolicy(theta)

    def _candidates(self, models: Collection[str] | None) -> tuple[str, ...]:
        if models is None:
            return tuple(self.models)
        if isinstance(models, str):
            raise InvalidInputError(
                f"`models` is a list of names, not the one name {models!r}. "
                f"Give [{models!r}, ...], or force it with model={models!r}."
            )
        wanted = {self._known(name) for name in models}
        if not wanted:
            raise NoCandidateError("`models` is empty. Give at least one name, or leave it out.")
        return tuple(name for name in self.models if name in wanted)

    def _forced(self, model: str, candidates: Sequence[str]) -> str:
        if self._known(model) not in candidates:
            raise InvalidInputError(
                f"Model {model!r} is forced, but `models` leaves only {', '.join(candidates)}. "
                "Name it there too, or leave `models` out."
            )
        return model

    def _known(self, name: str) -> str:
        if name not in self.models:
            raise UnknownNameError.of(
                "model", name, self.models, "Use one of these, or add it to the profile."
            )
        return name

    def _make_pool(
        self, candidates: tuple[str, ...], columns: tuple[str, ...]
    ) -> tuple[Pool, list[int]]:
        reference = self.reference_model
        return (
            Pool(
                candidates,
                candidates.index(reference) if reference in candidates else None,
                tuple(self.models[name].price for name in candidates),
            ),
            [columns.index(name) for name in candidates],
        )

    def __getstate__(self) -> dict[str, object]:
        """Leave the cache behind, so that deciders can be copied and pickled."""
        return {key: value for key, value in self.__dict__.items() if key != "_pool"}

    def __setstate__(self, state: dict[str, object]) -> None:
        """Start with an empty cache."""
        self.__dict__.update(state)
        self._pool = lru_cache(_POOLS_KEPT)(self._make_pool)


def _theta(policy: DecisionPolicy, pool: Pool) -> float:
    if isinstance(policy, ThetaPolicy) and pool.reference is not None:
        return policy.theta
    return 0.0


def _margin(
    chosen: str, others: Sequence[str], candidates: Sequence[str], utilities: Sequence[float]
) -> float | None:
    if not others:
        return None
    return utilities[candidates.index(chosen)] - utilities[candidates.index(others[0])]


def _shown(tags: QueryTags, scores: TagScores) -> tuple[QueryTag, ...]:
    """Report tags the way they were scored: an aligned one in place of the unseen one."""
    aligned = {tag.aligned_from: tag for tag in scores.tags if tag.aligned_from is not None}
    if not aligned:
        return tags.reported
    return tuple(aligned.get(tag.name, tag) for tag in tags.reported)
