"""Small things that many tests of the core are made of."""

from collections.abc import Mapping
from pathlib import Path

from tagrouter import Comparison, Profile, QueryTag, QueryTags, TagRouter
from tagrouter.evidence import Evidence
from tagrouter.records import comparison
from tagrouter.scores.counts import count_comparisons
from tagrouter.scores.shrunk import ShrunkEstimator
from tagrouter.testing import FakeEncoder, FakeTagGenerator, tiny_profile


def soft_tags(weights: Mapping[str, float], *, reported: float = 0.0) -> QueryTags:
    """Tags with weights; those of at least `reported` are reported."""
    tags = tuple(QueryTag(name, weight) for name, weight in weights.items())
    return QueryTags(tags, tuple(tag for tag in tags if tag.weight >= reported))


def judged(
    preference: float, weights: Mapping[str, float], *, model: str = "small", id: str | None = None
) -> tuple[Comparison, QueryTags]:
    """A comparison with the large model, and the tags of its query."""
    tags = soft_tags(weights)
    record = comparison("q", model, "large", preference=preference, query_tags=tags, id=id)
    return record, tags


def evidence_of(*pairs: tuple[Comparison, QueryTags]) -> Evidence:
    return count_comparisons(pairs, ShrunkEstimator().tag_weights)


def tiny_router(
    tag_scores: Mapping[str, Mapping[str, float]],
    tags: Mapping[str, Mapping[str, float]] | None = None,
    *,
    near: Mapping[str, str] | None = None,
    **profile: object,
) -> TagRouter:
    """A router over a tiny profile; without `tags`, tests pass `query_tags` themselves."""
    return router_of(tiny_profile(tag_scores, **profile), tags, near=near)


def router_of(
    profile: Profile,
    tags: Mapping[str, Mapping[str, float]] | None = None,
    *,
    near: Mapping[str, str] | None = None,
) -> TagRouter:
    generator = FakeTagGenerator(tags or {})
    return TagRouter.from_profile(profile, generator=generator, encoder=FakeEncoder(near))


def bytes_below(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones too, with what it holds."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
